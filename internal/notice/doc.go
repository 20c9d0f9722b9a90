// Package notice is notices by e-mail: to the holders of views who left an
// address, and to staff. It is off unless a server for mail is configured.
//
// # From an act to a message
//
// A follower reads the log from its stored position on, works out who is to be
// told of each act, and puts them into the outbox; its position moves in the
// same transaction. Acts are durable, so nothing is lost; and where two servers
// follow at once the second finds the position moved, so nobody is queued
// twice. A sender takes up what is due: it claims a row until a moment (so that
// of two servers one sends), hands the message over, and marks the row. Nothing
// in the outbox says where somebody is reached or what they are told: both are
// looked up when the message is written, so that an address that was taken away
// meanwhile gets nothing.
//
// # At least once
//
// Between the moment at which the mail server accepts a message and the one at
// which this is marked there is a window that nothing can close: a process that
// is killed in it does not know what became of the message. It is sent again
// when the claim lapses: to hear twice that an answer is there does less harm
// than to hear it never. Both copies have the same Message-ID, a keyed hash of
// act and recipient, by which many mail programs show one. Everywhere else each
// (act, recipient) is sent once. A register that is restored from a backup may
// repeat, within a week, what was sent after the backup was made; these too have
// the Message-ID that they had.
//
// # What is told
//
// A holder is told, in the language in which they left the address, of what
// happened to their view. The message carries its code and where to look: no
// word of the view, no secret, no name. Its subject is the same whatever
// happened, for others look at phones; so is its text where the view is sealed
// or unattributed or was moved out to protect somebody.
//
// Staff get a message when a case comes to their office, goes up, or is to be
// looked at again; several at once become one. Everything else waits for the
// digest of the working day, which is sent only where something is late or falls
// due soon.
package notice
