package notice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/wneessen/go-mail"

	"samleng/internal/store"
)

const (
	// round is how many rows are looked at at a time.
	round = 200
	// lease is how long a claim lasts at least. One message takes a minute at
	// most, so that whoever still holds a claim after it is dead.
	lease = 15 * time.Minute
	// mostTries is after how many refusals a message is given up.
	mostTries = 10
	// pause is how long somebody who got too many messages gets none.
	pause = 6 * time.Hour
)

var errBroken = errors.New("the line to the mail server broke")

// deliver sends what is due.
func (n *Notices) deliver(ctx context.Context) error {
	for {
		now := n.register.Now()
		due, err := n.register.Store().Records(ctx).DueNotices(now.Unix(), round)
		if err != nil || len(due) == 0 {
			return err
		}
		if reached, err := n.deliverDue(ctx, due); err != nil || !reached || len(due) < round {
			return err
		}
	}
}

// deliverDue sends rows, unless the mail server cannot be reached.
func (n *Notices) deliverDue(ctx context.Context, due []store.Notice) (reached bool, err error) {
	// Nobody's turn is used up by a server that is away.
	line, err := n.post.dial(ctx)
	if err != nil {
		n.unreachable.Add(1)
		if !n.down.Swap(true) {
			n.log.Warn("the mail server cannot be reached; notices wait", "error", err)
		}
		return false, nil
	}
	if n.down.Swap(false) {
		n.log.Info("the mail server can be reached again")
	}
	defer func() { _ = line.Close() }() // what it was for is known by now
	for _, group := range groupsOf(due) {
		if ctx.Err() != nil {
			return false, nil
		}
		if err := n.deliverGroup(ctx, line, group); err != nil {
			return true, err
		}
	}
	at := n.register.Now().Add(-keep).Unix()
	return true, n.register.Store().Update(ctx, func(records *store.Records) error { return records.ForgetNotices(at) })
}

// groupsOf puts together what one member of staff is told in one message: all
// that nobody took up yet, and again what was taken up together, so that a
// message that is sent again is the same.
func groupsOf(due []store.Notice) [][]store.Notice {
	type key struct {
		to         string
		tries, due int64
	}
	var groups [][]store.Notice
	at := map[key]int{}
	for _, row := range due {
		to, err := recipientOf(row.Recipient)
		if err != nil || to.kind != staff || isDay(row.Cause) {
			groups = append(groups, []store.Notice{row})
			continue
		}
		k := key{string(row.Recipient), row.Tries, row.Due}
		if row.Tries == 0 {
			k.due = 0
		}
		if i, has := at[k]; has {
			groups[i] = append(groups[i], row)
			continue
		}
		at[k] = len(groups)
		groups = append(groups, []store.Notice{row})
	}
	return groups
}

// isDay tells a digest's cause from an act's.
func isDay(cause []byte) bool { return len(cause) == len(time.DateOnly) }

// deliverGroup claims the rows of one message, sends it, and says what became
// of it. What is said is said even if ctx ends meanwhile.
func (n *Notices) deliverGroup(ctx context.Context, line *mail.Client, group []store.Notice) error {
	group, err := n.claim(ctx, group)
	if err != nil || len(group) == 0 {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	now := n.register.Now()
	l, err := n.write(ctx, group, now)
	switch {
	case errors.Is(err, errNobody):
		n.dropped.Add(int64(len(group)))
		return n.settle(ctx, group, store.NoticeDropped, now)
	case err != nil:
		return err // the claim lapses, and it is tried again
	case !n.perRecipient.allow(n.hash("recipient", l.To), now):
		return n.settle(ctx, group, store.NoticeWaiting, now.Add(pause))
	}
	l.ID, l.At = n.messageID(group), now
	m, err := n.post.message(l)
	if err != nil {
		n.dropped.Add(int64(len(group)))
		return n.settle(ctx, group, store.NoticeDropped, now)
	}
	switch tries := group[0].Tries; send(line, m) {
	case accepted:
		n.sent.Add(int64(len(group)))
		return n.settle(ctx, group, store.NoticeSent, now)
	case never:
		n.failed.Add(int64(len(group)))
		return n.settle(ctx, group, store.NoticeFailed, now)
	case later:
		if tries >= mostTries {
			n.failed.Add(int64(len(group)))
			return n.settle(ctx, group, store.NoticeFailed, now)
		}
		return n.settle(ctx, group, store.NoticeWaiting, now.Add(backoff(tries)))
	}
	// The claim stays: if the server took the message after all, the copy that
	// follows has its Message-ID.
	n.unreachable.Add(1)
	return errBroken
}

// backoff is the wait after so many refusals: from ten minutes to twelve hours.
func backoff(tries int64) time.Duration {
	return min(10*time.Minute<<min(tries-1, 20), 12*time.Hour)
}

// claim takes up the rows that nobody else took up meanwhile.
func (n *Notices) claim(ctx context.Context, group []store.Notice) ([]store.Notice, error) {
	until := n.register.Now().Add(lease).Unix()
	var claimed []store.Notice
	err := n.register.Store().Update(ctx, func(records *store.Records) error {
		claimed = claimed[:0]
		for _, row := range group {
			ours, err := records.ClaimNotice(&row, until)
			if err != nil {
				return err
			}
			if ours {
				claimed = append(claimed, row)
			}
		}
		return nil
	})
	return claimed, err
}

func (n *Notices) settle(ctx context.Context, group []store.Notice, state store.NoticeState, due time.Time) error {
	return n.register.Store().Update(ctx, func(records *store.Records) error {
		for _, row := range group {
			if _, err := records.SettleNotice(row, state, due.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
}

// messageID names a message after the first act of its group and its recipient.
// It is keyed, so that nobody can tell from it which act that was.
func (n *Notices) messageID(group []store.Notice) string {
	first := group[0]
	for _, row := range group[1:] {
		if bytes.Compare(row.Cause, first.Cause) < 0 {
			first = row
		}
	}
	return hex.EncodeToString([]byte(n.hash("message", string(first.Cause)+"\n"+string(first.Recipient)))[:16])
}

// hash keys a value.
func (n *Notices) hash(what, value string) string {
	mac := hmac.New(sha256.New, n.key)
	mac.Write([]byte(what + "\n" + value))
	return string(mac.Sum(nil))
}
