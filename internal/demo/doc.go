// Package demo fills an empty register with an illustrative programme: the one
// that Samleng was made for, with its partners, its five dialogues and invented
// views, votes and decisions, generated from a seed.
//
// Nothing in it is about a real person, and nothing that anybody is shown to
// have said or decided was said or decided. The programme is marked
// illustrative, and every page of such a register says so.
//
// The words are data: content/programme.json has the programme, its partners
// and dialogues; content/views-*.json the views, those in views-general.json
// used in several dialogues; content/cases.json the views with a fate of their
// own (withheld, appealed, erased …); content/chain.json what becomes of views
// after that: needs, referrals, answers, commitments, progress. A text may have a choice "[a|b]", a number
// "{n:3-8}", and the words "{place}" and "{commune}" (see phrase.go). To find
// where a view comes from, search the folder for a few of its words.
//
// It happens in two steps. A script is written (script.go): what is said, by
// whom, when, and what becomes of it, a pure function of the seed and of the
// present day. Then it is performed (fill.go): every act goes through
// register.Submit, as whoever would do it, under a clock that is set forward
// from some weeks ago to now, so that acts carry plausible hours and the
// deadlines of some have passed. Ids, keys and secrets are random all the same:
// the seed decides what is said, never who could sign for it.
package demo
