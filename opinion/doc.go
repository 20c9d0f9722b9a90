// Package opinion computes what the votes of a dialogue say: where people
// stand, which groups of opinion there are and how sure that is, what unites
// them and what divides them. It knows numbers only: no names, files, clocks
// or logs; where chance is needed, the caller passes a seed.
//
// Everything here is a function of the votes: the order in which they came,
// how they were batched, the numbers that people and statements happen to have,
// and the sign of an axis change nothing. doc/spec-map.md is the definition, so
// that somebody else can compute the same map.
package opinion
