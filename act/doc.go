// Package act is the vocabulary of acts: one act is one thing that somebody
// did, as a public header and salted sections.
//
// The header is one line of JSON in one canonical form. It is the leaf of the
// log's Merkle tree, so it is stored and served byte for byte, carries facts
// only (ids, codes, dates, numbers) and never free text. Words and people stand
// in sections, of which the header holds digests: a section can be withheld or
// erased and the header still verifies.
//
// A newcomer finds a kind of act in the file of its noun: programme.go,
// organisation.go, place.go, dialogue.go, participant.go, statement.go,
// ballot.go, section.go, release.go; need.go, competence.go, referral.go,
// answer.go, commitment.go.
package act
