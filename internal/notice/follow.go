package notice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

const (
	// step is how many acts are looked at in one transaction.
	step = 1024
	// settle is how long what staff are told waits for more: who refers fifty
	// views at once sends an office one message.
	settle = 2 * time.Minute
)

// recipient is who is told: the holder who left a contact, or a member of staff.
// It says nothing of where they are reached.
type recipient struct {
	kind byte
	id   act.ID
}

const (
	holder = 'h'
	staff  = 's'
)

func (r recipient) bytes() []byte { return append([]byte{r.kind}, r.id[:]...) }

func recipientOf(stored []byte) (recipient, error) {
	var r recipient
	if len(stored) != 1+len(r.id) || stored[0] != holder && stored[0] != staff {
		return r, fmt.Errorf("%w: a recipient", store.ErrDamaged)
	}
	return recipient{stored[0], act.ID(stored[1:])}, nil
}

// queued is a row for the outbox.
type queued struct {
	cause []byte
	to    recipient
	place int64
	due   time.Time
}

// errMoved says that somebody else followed the log further meanwhile.
var errMoved = errors.New("notice: another follower was faster")

// follow queues who is to be told of the acts that came since the last time.
func (n *Notices) follow(ctx context.Context) error {
	for {
		stored, found, err := n.register.Store().Records(ctx).Setting(positionSetting)
		if err != nil || !found {
			return err
		}
		from, err := decode(stored)
		if err != nil {
			return err
		}
		to := min(from+step, n.register.Position())
		if from >= to {
			return nil
		}
		rows, err := n.read(ctx, from, to)
		if err != nil {
			return err
		}
		err = n.register.Store().Update(ctx, func(records *store.Records) error {
			moved, err := records.MoveSetting(positionSetting, stored, encode(to))
			if err != nil {
				return err
			}
			if !moved {
				return errMoved
			}
			return queueAll(records, rows)
		})
		if err != nil && !errors.Is(err, errMoved) {
			return err
		}
	}
}

func queueAll(records *store.Records, rows []queued) error {
	for _, row := range rows {
		if _, err := records.QueueNotice(row.cause, row.to.bytes(), row.place, row.due.Unix()); err != nil {
			return err
		}
	}
	return nil
}

// read gives the rows of the acts at positions from up to to.
func (n *Notices) read(ctx context.Context, from, to int64) ([]queued, error) {
	var rows []queued
	now := n.register.Now()
	records := n.register.Store().Records(ctx)
	err := n.register.Store().Scan(ctx, from, to, func(stored store.Stored) error {
		h, err := act.DecodeHeader(stored.Header)
		if err != nil {
			return fmt.Errorf("act at %d: %w", stored.Position, err)
		}
		if now.Sub(h.At) > oldest {
			return nil
		}
		var told audience
		n.register.View(func(s *civic.State) { told = audienceOf(s, h, now) })
		for _, view := range told.views {
			contacts, err := records.Contacts(store.ID(view))
			if err != nil {
				return err
			}
			for _, contact := range contacts {
				rows = append(rows, queued{h.ID[:], recipient{holder, act.ID(contact.ID)}, stored.Position, now})
			}
		}
		if n.config.Accounts == nil {
			return nil
		}
		for _, id := range told.staff {
			rows = append(rows, queued{h.ID[:], recipient{staff, id}, stored.Position, now.Add(settle)})
		}
		return nil
	})
	return rows, err
}
