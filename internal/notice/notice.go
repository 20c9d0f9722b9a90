package notice

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/problem"
	"samleng/internal/register"
	"samleng/internal/store"
)

// Config says whom notices are sent about, and how.
type Config struct {
	Register *register.Register
	// Accounts are the staff; they are told of nothing where it is nil.
	Accounts *account.Accounts
	Server   Server
	// BaseURL is the site's address, "https://example.org", for links.
	BaseURL string
	// Log is told of faults. It is given no address. slog.Default if nil.
	Log *slog.Logger
}

// How things are timed.
const (
	// every is how often a server looks whether there is something to do.
	every = 10 * time.Second
	// oldest is how old an act may be that somebody is told of: after a pause
	// nobody is flooded with what is long past.
	oldest = 7 * 24 * time.Hour
	// keep is how long it is known what became of a notice.
	keep = 30 * 24 * time.Hour
)

// Notices follows a register and sends. It is safe for concurrent use, and
// several may run on one register, in one process or in many.
type Notices struct {
	config   Config
	register *register.Register
	post     *post
	key      []byte
	log      *slog.Logger

	perDialogue, perAddress, perRecipient limits
	sent, failed, dropped, unreachable    atomic.Int64
	down                                  atomic.Bool // the mail server could not be had the last time
}

// New makes the notices of a register. It fails where the mail server's settings
// are not usable; it talks to nobody.
func New(config Config) (*Notices, error) {
	post, err := newPost(config.Server)
	if err != nil {
		return nil, fmt.Errorf("notice: %w", err)
	}
	key, err := config.Register.NoticeKey()
	if err != nil {
		return nil, fmt.Errorf("notice: %w", err)
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Notices{
		config: config, register: config.Register, post: post, key: key, log: config.Log,
		// A forum of a thousand people may leave their addresses within the hour.
		// One address serves a few views; and whoever is behind an address gets
		// no more messages in a day than somebody can bear, whoever left it.
		perDialogue:  limits{every: 2 * time.Second, burst: 500, most: 1000},
		perAddress:   limits{every: 6 * time.Hour, burst: 5, most: 100_000},
		perRecipient: limits{every: time.Hour, burst: 20, most: 100_000},
	}, nil
}

// Run follows and sends until ctx ends; the message that is on its way then is
// still handed over. What goes wrong is told to the log and tried again.
func (n *Notices) Run(ctx context.Context) {
	for begun := false; ; {
		var err error
		if !begun {
			err = n.Begin(ctx)
			begun = err == nil
		}
		if begun {
			err = n.Once(ctx)
		}
		if err != nil && ctx.Err() == nil {
			n.log.Warn("notices could not be sent; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// Once does what there is to do now: queues who is to be told, and sends.
func (n *Notices) Once(ctx context.Context) error {
	if n.register.Fault() != nil {
		return nil
	}
	if err := n.follow(ctx); err != nil {
		return fmt.Errorf("follow the log: %w", err)
	}
	if err := n.queueDigests(ctx); err != nil {
		return fmt.Errorf("queue the day's digests: %w", err)
	}
	return n.deliver(ctx)
}

// Begin sets where the follower starts, if that was never set: at the log's
// end, so that nobody is told of the past of an old register. A log that is
// shorter than where the follower was (one restored) is followed from its end.
func (n *Notices) Begin(ctx context.Context) error {
	head := n.register.Position()
	return n.register.Store().Update(ctx, func(records *store.Records) error {
		stored, err := records.InitSetting(positionSetting, encode(head))
		if err != nil {
			return err
		}
		if position, err := decode(stored); err != nil || position > head {
			return errors.Join(err, records.PutSetting(positionSetting, encode(head)))
		}
		return nil
	})
}

const positionSetting = "notice-position"

func encode(position int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(position)) }

func decode(stored []byte) (int64, error) {
	if len(stored) != 8 {
		return 0, fmt.Errorf("%w: a position of %d bytes", store.ErrDamaged, len(stored))
	}
	return int64(binary.BigEndian.Uint64(stored)), nil
}

// Leave keeps an address at which the holder of a view wants to be told, in
// place of what they left before. Nothing is sent for it: the first message
// comes when something happens, and says how to stop.
func (n *Notices) Leave(ctx context.Context, who civic.Actor, typed, language string) error {
	address, err := ParseAddress(typed)
	if err != nil {
		return err
	}
	var dialogue act.ID
	n.register.View(func(s *civic.State) {
		if v := s.Statement(who.Holds); v != nil {
			dialogue = v.Dialogue
		}
	})
	now := n.register.Now()
	if !n.perAddress.allow(n.hash("address", address), now) || !n.perDialogue.allow(string(dialogue[:]), now) {
		return problem.New(problem.TooMany, "problem.addresses").In("address")
	}
	return n.register.LeaveContact(ctx, who, address, language)
}

// Stop forgets the address that the holder of a view left.
func (n *Notices) Stop(ctx context.Context, who civic.Actor) error {
	return n.register.DropContact(ctx, who)
}

// Left gives, masked, the address that the holder of a view left; "" for none.
func (n *Notices) Left(ctx context.Context, view act.ID) (string, error) {
	contact, err := n.register.ContactOf(ctx, view)
	if errors.Is(err, register.ErrNotFound) {
		return "", nil
	}
	return Masked(contact.Address), err
}
