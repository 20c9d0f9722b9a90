// Package register is the only way in: it takes drafts of acts, checks them
// against the fold, appends them to the log many at a time, and moves the fold
// on. It also reads back what somebody may see.
package register

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// Config says where a register is kept and how it runs.
type Config struct {
	Store store.Config
	Keys  Keys
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Random is the source of ids, salts and tokens; crypto/rand if nil.
	Random io.Reader
	// CheckpointEvery, ReleaseEvery and RuleEvery say how often the log's head is
	// signed, releases are looked for, and what the rules ask for is done (silent
	// cases go up, unfinished things are tabled again); never where they are zero.
	CheckpointEvery, ReleaseEvery, RuleEvery time.Duration
	// WitnessWait is how long a checkpoint waits for enough witnesses before it is
	// published all the same; 10 minutes if 0.
	WitnessWait time.Duration
	// Log is told what whoever runs the register should know. It is given no
	// personal data. slog.Default if nil.
	Log *slog.Logger

	// unfinished says that a restore is under way, which opens what it has made.
	unfinished bool
}

// Register is an open register. It is safe for concurrent use.
type Register struct {
	config Config
	keys   Keys
	sealer *act.Sealer
	signer note.Signer
	salt   []byte // of the holders' secrets

	store *store.Store

	mu       sync.RWMutex // guards state; only the writer changes it
	state    *civic.State
	position atomic.Int64
	moved    atomic.Pointer[chan struct{}] // closed when the fold moves

	submissions chan *submission
	catchUp     chan struct{}
	erased      chan struct{} // wakes the scrubber
	closed      chan struct{} // closed when the writer has ended
	stop        context.CancelFunc
	done        sync.WaitGroup

	fault     atomic.Pointer[error]
	trouble   atomic.Pointer[error]
	probeNow  chan struct{}                    // wakes who looks whether trouble has passed
	published atomic.Pointer[store.Checkpoint] // with its cosignatures
	waiting   waiting
	texts     cache
	past      Past
	guesses   guesses
	stats     stats
}

// Errors of the register. ErrUnavailable and ErrReadOnly mean that nothing was
// recorded; ErrUnknown, which is an ErrUnavailable too, that it may or may not
// have been. After each the same token may be sent again.
var (
	ErrUnavailable   = errors.New("register: not available now")
	ErrUnknown       = fmt.Errorf("%w: whether it was recorded is not known", ErrUnavailable)
	ErrReadOnly      = errors.New("register: served read-only, for it does not verify")
	ErrTokenConflict = errors.New("register: the token was used for something else")
	ErrSecret        = errors.New("register: the code and the secret do not belong together")
	ErrNotFound      = errors.New("register: there is no such thing")
	ErrErased        = errors.New("register: the words were erased")
	ErrGuesses       = errors.New("register: too many wrong secrets; later again")
)

// Open opens a register and replays its log. A log that is damaged, or shorter
// than a checkpoint that was published of it, opens read-only: see Fault. A log
// with acts that this program does not know is refused.
func Open(ctx context.Context, config Config) (*Register, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Random == nil {
		config.Random = rand.Reader
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	r := &Register{
		config: config, keys: config.Keys, state: civic.New(),
		submissions: make(chan *submission, 1024), catchUp: make(chan struct{}, 1), erased: make(chan struct{}, 1), probeNow: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	r.newMoved()
	r.texts.limit = 64 << 20
	r.past.Fold = r.foldUntil
	var err error
	if r.sealer, err = act.NewSealer(r.keys.Seal, config.Random); err != nil {
		return nil, fmt.Errorf("open the register: %w", err)
	}
	if r.signer, err = r.keys.signer(); err != nil {
		return nil, fmt.Errorf("open the register: %w", err)
	}
	s, err := store.Open(ctx, config.Store)
	if err != nil {
		return nil, fmt.Errorf("open the register: %w", err)
	}
	r.store = s
	if err := r.load(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("open the register: %w", err)
	}
	running, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.done.Go(func() { r.write(running) })
	if r.Fault() == nil && !config.Store.ReadOnly {
		r.done.Go(func() { r.probe(running) })
		r.done.Go(func() { r.scrub(running) })
		r.done.Go(func() { r.every(running, config.CheckpointEvery, r.Publish) })
		r.done.Go(func() { r.every(running, config.ReleaseEvery, r.release) })
		r.done.Go(func() { r.every(running, config.RuleEvery, r.Rule) })
	}
	return r, nil
}

// every calls do at an interval, until the register closes. What goes wrong is
// told to the log and tried again the next time.
func (r *Register) every(ctx context.Context, interval time.Duration, do func(context.Context) error) {
	if interval <= 0 {
		return
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if r.Fault() != nil {
			return // for good, and told already
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			r.config.Log.Warn("periodic work failed; it will be tried again", "error", err)
		}
	}
}

// load prepares what does not change and replays the log.
func (r *Register) load(ctx context.Context) error {
	s := r.store
	if r.config.Store.ReadOnly {
		salt, _, err := s.Records(ctx).Setting(saltSetting)
		if err != nil {
			return err
		}
		r.salt = salt
	} else {
		fresh := make([]byte, 32)
		if _, err := io.ReadFull(r.config.Random, fresh); err != nil {
			return err
		}
		err := s.Update(ctx, func(records *store.Records) error {
			salt, err := records.InitSetting(saltSetting, fresh)
			r.salt = salt
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := r.replay(ctx); err != nil {
		// A database that does not answer says nothing about the log.
		if errors.Is(err, act.ErrUnknown) || errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			return err
		}
		r.setFault(err)
	}
	if _, unfinished, err := s.Records(ctx).Setting(unfinishedSetting); err != nil {
		return err
	} else if unfinished && !r.config.unfinished {
		r.setFault(errUnfinished)
	}
	return r.loadCheckpoint(ctx)
}

const saltSetting = "holder-salt"

// Close ends the work under way and closes the database. Whoever still waits
// for an answer gets ErrUnavailable, and so does whoever submits afterwards.
func (r *Register) Close() error {
	r.stop()
	r.done.Wait()
	return r.store.Close()
}

// Fault tells why the register is served read-only; nil if it is not.
func (r *Register) Fault() error {
	if fault := r.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

func (r *Register) setFault(err error) {
	r.fault.CompareAndSwap(nil, &err)
	r.config.Log.Error("the register is served read-only", "fault", err)
}

// Now is the register's clock.
func (r *Register) Now() time.Time { return r.config.Now() }

// View calls fn with the state as it stands. fn copies what it needs, does no
// I/O, and keeps nothing.
func (r *Register) View(fn func(*civic.State)) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	fn(r.state)
}

// Position is the number of acts in the fold.
func (r *Register) Position() int64 { return r.position.Load() }

// Wait returns when the fold has reached a position, or with ErrUnavailable
// after a second.
func (r *Register) Wait(ctx context.Context, position int64) error {
	if r.Position() >= position {
		return nil
	}
	limit := time.NewTimer(time.Second)
	defer limit.Stop()
	for {
		moved := *r.moved.Load()
		if r.Position() >= position {
			return nil
		}
		select {
		case r.catchUp <- struct{}{}:
		default:
		}
		select {
		case <-moved:
		case <-limit.C:
			return ErrUnavailable
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *Register) newMoved() {
	moved := make(chan struct{})
	if old := r.moved.Swap(&moved); old != nil {
		close(*old)
	}
}

// Moved gives a channel that is closed when the fold moves on.
func (r *Register) Moved() <-chan struct{} { return *r.moved.Load() }

// Store is the database, for what is kept beside the log (accounts, drafts).
// Acts go in through Submit alone.
func (r *Register) Store() *store.Store { return r.store }

// Stats says how submissions were gathered into transactions.
type Stats struct{ Batches, Acts, Rejected int64 }

type stats struct{ batches, acts, rejected atomic.Int64 }

// Stats gives the counts since the register was opened.
func (r *Register) Stats() Stats {
	return Stats{r.stats.batches.Load(), r.stats.acts.Load(), r.stats.rejected.Load()}
}
