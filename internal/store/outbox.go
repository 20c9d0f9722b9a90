package store

import "database/sql"

// Notice is somebody who is to be told of something, or was.
type Notice struct {
	// Cause is what they are told of, Recipient who they are: the caller's keys.
	// There is one notice for each pair.
	Cause, Recipient []byte
	// Place orders what is due at one moment.
	Place int64
	State NoticeState
	// Tries counts how often somebody took it up.
	Tries int64
	// Due is when it may be taken up next or, once it is done with, when that
	// was; seconds since 1970.
	Due int64
}

// NoticeState says what became of a notice.
type NoticeState int64

// The states of notices.
const (
	NoticeWaiting NoticeState = iota
	NoticeSent
	NoticeFailed  // given up
	NoticeDropped // there was nobody to tell any more, or nothing
)

const noticeColumns = "cause, recipient, place, state, tries, due"

// QueueNotice adds a notice that may be taken up at a moment. One that is there
// already stays as it is; added is false then.
func (r *Records) QueueNotice(cause, recipient []byte, place, due int64) (added bool, err error) {
	n, err := r.exec("queue notice", "INSERT INTO outbox ("+noticeColumns+") VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (cause, recipient) DO NOTHING",
		some(cause), some(recipient), place, int64(NoticeWaiting), due)
	return n == 1, err
}

// DueNotices lists the notices that may be taken up at a moment, at most so
// many, those that wait longest first.
func (r *Records) DueNotices(at, most int64) ([]Notice, error) {
	return r.notices("list due notices", "state = $1 AND due <= $2 ORDER BY due, place, recipient LIMIT $3", int64(NoticeWaiting), at, most)
}

// Notices lists every notice, by what it is about and then by who is told.
func (r *Records) Notices() ([]Notice, error) {
	return r.notices("list notices", "state >= $1 ORDER BY cause, recipient", int64(NoticeWaiting))
}

func (r *Records) notices(doing, condition string, args ...any) ([]Notice, error) {
	var all []Notice
	err := r.rows(doing, "SELECT "+noticeColumns+" FROM outbox WHERE "+condition, args, func(rows *sql.Rows) error {
		var n Notice
		err := rows.Scan(&n.Cause, &n.Recipient, &n.Place, &n.State, &n.Tries, &n.Due)
		all = append(all, n)
		return err
	})
	return all, err
}

// ClaimNotice takes up a notice as it was read: nobody else may until a moment.
// It reports false where somebody else was faster. The notice's Tries counts it.
func (r *Records) ClaimNotice(n *Notice, until int64) (bool, error) {
	changed, err := r.exec("claim notice", `UPDATE outbox SET tries = tries + 1, due = $1
		WHERE cause = $2 AND recipient = $3 AND state = $4 AND tries = $5 AND due = $6`,
		until, some(n.Cause), some(n.Recipient), int64(NoticeWaiting), n.Tries, n.Due)
	if err != nil || changed == 0 {
		return false, err
	}
	n.Tries, n.Due = n.Tries+1, until
	return true, nil
}

// SettleNotice says what became of a notice that was claimed, and when; or, with
// NoticeWaiting, when it may be taken up again. It reports false where the claim
// has lapsed and somebody else took it up.
func (r *Records) SettleNotice(n Notice, state NoticeState, due int64) (bool, error) {
	changed, err := r.exec("settle notice", "UPDATE outbox SET state = $1, due = $2 WHERE cause = $3 AND recipient = $4 AND state = $5 AND tries = $6",
		int64(state), due, some(n.Cause), some(n.Recipient), int64(NoticeWaiting), n.Tries)
	return changed == 1, err
}

// ForgetNotices removes the notices that were done with before a moment.
func (r *Records) ForgetNotices(before int64) error {
	_, err := r.exec("forget notices", "DELETE FROM outbox WHERE state <> $1 AND due < $2", int64(NoticeWaiting), before)
	return err
}

// WaitingNotices counts the notices that wait.
func (r *Records) WaitingNotices() (n int64, err error) {
	_, err = r.row("count notices", "SELECT count(*) FROM outbox WHERE state = $1", []any{int64(NoticeWaiting)}, &n)
	return n, err
}
