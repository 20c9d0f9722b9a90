// Package witness cosigns checkpoints of transparency logs by C2SP tlog-witness,
// with a key and a memory of its own, and has the protocol's client.
//
// A witness states one thing of a log: at this time, the largest tree of it that
// I have seen had this root, and it continues all that I had seen before. For
// that it remembers one checkpoint a log, in a file of its own (see [Witness]),
// and signs only what it has proof of that it continues it. The file is durably
// written before a signature leaves, so that no crash and no race makes it state
// two things that contradict each other.
//
// What it cannot see by itself is that its folder was put back to an older copy.
// The log publishes what the witness signed, so [Witness.CatchUp] compares.
//
// Two checkpoints of one log that contradict each other, both signed by the log,
// prove that it misbehaved. They are kept beside the memory.
package witness
