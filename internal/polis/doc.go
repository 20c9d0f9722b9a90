// Package polis reads and writes conversations as Polis exports them: a folder
// with comments.csv, votes.csv, participants-votes.csv and summary.csv. It
// touches files only; what is read goes into a register through the same way
// in as everything else (see the import and export commands).
//
// # What the files say
//
//   - Signs: +1 agrees, -1 disagrees, 0 passes, an empty cell did not vote. The
//     database and the mathematics of Polis use the opposite; files of that sign
//     are refused, as far as their counts or their other files give them away.
//   - votes.csv has a row for every time somebody voted, sorted by comment and
//     voter and not by time. The last vote by time wins; of two at the same
//     millisecond, the later row.
//   - agrees and disagrees of comments.csv count every row of votes.csv, the
//     repeated ones included; n-votes, n-agree and n-disagree of
//     participants-votes.csv count what stands in the end.
//   - moderated is -1 (withheld), 0 (nobody decided) or 1 (accepted). A comment
//     that nobody decided on was shown all the same unless the conversation was
//     moderated strictly, which the files do not say: that it has votes does.
//     Votes on comments that were withheld later are part of the files.
//   - Some exports have no votes.csv: then the cells of participants-votes.csv
//     are the votes, and when they were cast is not known. Others have no
//     participants-votes.csv: then everybody in votes.csv is a participant.
//   - The counts of summary.csv are the source's own (its "comments" leaves out
//     those without votes): they are kept as they are, and not compared.
//
// # What is kept
//
// Everything, so that the same files can be written again: whatever a column
// says that does not follow from the rest stands in the Fields of a Comment, a
// Participant or the Conversation, which become the act.Origin of a statement,
// a person and the dialogue. Files written from them have the same bytes as the
// source's wherever those are in the source's regular form. These differences
// can occur:
//
//   - votes.csv comes out sorted by comment, voter and time; columns that it has
//     beyond the usual five are dropped (Notes says so).
//   - The columns of participants-votes.csv are the comments with a vote, by
//     number.
//   - datetime is written in the zone that the source wrote in, found from its
//     own rows; where they follow no zone, in UTC (Notes says so).
//   - Quotes stand only where they are needed, lines end in LF, there is no byte
//     order mark, and numbers such as "1.0" become "1".
//   - Words that a spreadsheet would take for a formula are written with an
//     apostrophe in front, and a row "text-escaping,apostrophe" in summary.csv
//     says so; reading takes it away again where that row stands. So nothing
//     changes in files without such words, and none is lost in those with.
//
// # Limits
//
// A file has at most 1 GiB, a field 64 KiB, a row 100,100 fields; a
// conversation has at most 100,000 comments, 5,000,000 participants and
// 20,000,000 votes. Text is UTF-8 without control characters other than tabs
// and line ends. What does not fit is refused with its file, row and column,
// before anything was imported.
package polis
