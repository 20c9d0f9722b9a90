// Package audit checks a published register without believing whoever publishes
// it. It reads the log over HTTP or from a folder, and nothing else of ours: no
// database, no key but the public one.
//
// Four things are checked, in the order in which they are read. The newest
// checkpoint is signed by the log's key, for the log's name, and is no fork of a
// checkpoint seen before and not older than it. Every leaf is the one that the
// checkpoint commits to; the root of the tree is computed anew from the leaves,
// and so are the roots at every checkpoint seen before. Every section that is
// served fits its digest, and every one that the rules leave open is served.
// Every act was allowed by the rules at its place; the state is folded again,
// and the balance, the authorities' figures and the commitments are compared
// with what the site's API says.
//
// An [Auditor] can be run again, at the cost of what is new, and goes on where a
// run was interrupted.
//
// What cannot be checked is counted and said: sealed sections, and the figures
// that were released of ballots, which only somebody with the ballots can count.
package audit
