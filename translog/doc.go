// Package translog is the transparency log over act headers: one RFC 6962
// Merkle tree whose leaves are the headers byte for byte, proofs about it,
// signed checkpoints, the tiles in which it is published, witnesses'
// cosignatures, and receipts that can be checked with no server at all.
//
// Hashing and proofs are those of golang.org/x/mod/sumdb/tlog, signatures
// those of golang.org/x/mod/sumdb/note; the published form follows the C2SP
// specifications tlog-checkpoint, tlog-tiles and tlog-cosignature, so that
// verifiers and witnesses written by others work with it. What this package
// adds is limits on everything that comes from outside, typed errors, and
// appending many leaves in one pass.
//
// Nothing here reads a clock, a random source or the network by itself: they
// are passed in.
package translog
