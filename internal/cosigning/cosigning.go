// Package cosigning asks the witnesses that are always on to cosign the
// register's checkpoints. Those that sign with a laptop bring their signatures
// themselves.
package cosigning

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
	"samleng/witness"
)

const (
	// look is how often a newer checkpoint is looked for.
	look = time.Second
	// again is how old a witness's signature on the newest checkpoint may get
	// before it is asked to sign it once more: so that it shows, also of a log to
	// which nothing comes, that it still stood there.
	again = time.Hour
	// answerWithin bounds one witness's answer.
	answerWithin = 20 * time.Second
	// mostPause is the longest pause after a witness did not answer, or refused.
	mostPause = time.Minute
)

// Endpoint is where a witness that is always on takes checkpoints.
type Endpoint struct {
	Name string // of its key, as declared in the register
	URL  string // its submission prefix; add-checkpoint stands below it
}

// Config says whom to ask, for which register.
type Config struct {
	Register  *register.Register
	Endpoints []Endpoint
	HTTP      *http.Client // one with a limit if nil
	Log       *slog.Logger // slog.Default if nil
}

// Collector asks the witnesses.
type Collector struct {
	config    Config
	witnesses []*asked
}

// asked is one witness and how asking it has gone.
type asked struct {
	Endpoint
	client witness.Client
	pause  time.Duration // before it is asked again; 0 after it has signed
	next   time.Time
}

// New gives a collector.
func New(config Config) *Collector {
	if config.HTTP == nil {
		config.HTTP = &http.Client{Timeout: answerWithin}
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	c := &Collector{config: config}
	for _, e := range config.Endpoints {
		c.witnesses = append(c.witnesses, &asked{Endpoint: e, client: witness.Client{URL: e.URL, HTTP: config.HTTP}})
	}
	return c
}

// Run asks for as long as ctx lasts.
func (c *Collector) Run(ctx context.Context) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		if err := c.Round(ctx); err != nil && ctx.Err() == nil {
			c.config.Log.Warn("witnesses could not be asked; they will be again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Round asks, at once, every witness that has not signed the newest checkpoint
// yet, or not lately, and puts what they sign into the register. A witness that
// fails is left alone for a while; the error is the register's.
func (c *Collector) Round(ctx context.Context) error {
	signed, size, err := c.config.Register.Newest(ctx)
	if errors.Is(err, register.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	newest, err := c.config.Register.Cosigned(ctx)
	if err != nil {
		return err
	}
	var policy *civic.WitnessPolicy
	c.config.Register.View(func(s *civic.State) { policy = s.Witnesses() })
	if policy == nil {
		return nil
	}
	now := c.config.Register.Now()
	var asking sync.WaitGroup
	for _, w := range c.witnesses {
		key, last := keyOf(policy.Witnesses, newest, w.Name)
		if key == "" || now.Before(w.next) || last.Size == size && now.Sub(last.At) < again {
			continue
		}
		asking.Go(func() { c.ask(ctx, w, key, min(last.Size, size), signed, size) })
	}
	asking.Wait()
	return nil
}

// keyOf finds the declared key of a name, and what it signed last.
func keyOf(witnesses []act.Witness, newest []civic.Cosigned, name string) (key string, last civic.Cosigned) {
	for _, w := range witnesses {
		v, err := translog.NewVerifier(w.Key)
		if err != nil || v.Name() != name {
			continue
		}
		key = w.Key
		short, _ := translog.KeyName(w.Key)
		if i := slices.IndexFunc(newest, func(c civic.Cosigned) bool { return c.Key == short }); i >= 0 {
			last = newest[i]
		}
	}
	return key, last
}

// ask has one witness sign, and notes how that went.
func (c *Collector) ask(ctx context.Context, w *asked, key string, old int64, signed []byte, size int64) {
	err := c.sign(ctx, w, key, old, signed, size)
	if err == nil || ctx.Err() != nil {
		w.pause, w.next = 0, time.Time{}
		return
	}
	if w.pause == 0 {
		// Told once; then only whoever looks at the page sees that it stays away.
		c.config.Log.Warn("a witness did not sign; it will be asked again", "witness", w.Name, "error", err)
	}
	w.pause = min(max(2*w.pause, look), mostPause)
	w.next = c.config.Register.Now().Add(w.pause)
}

func (c *Collector) sign(ctx context.Context, w *asked, key string, old int64, signed []byte, size int64) error {
	lines, err := c.addCheckpoint(ctx, w, old, signed, size)
	if conflict, is := errors.AsType[*witness.ConflictError](err); is {
		if conflict.Size > size {
			return fmt.Errorf("it has signed %d acts, and this log has %d: was an old copy restored?", conflict.Size, size)
		}
		lines, err = c.addCheckpoint(ctx, w, conflict.Size, signed, size)
	}
	if err != nil {
		return err
	}
	verifier, err := translog.NewVerifier(key)
	if err != nil {
		return err
	}
	cosigned, added, err := witness.Merge(signed, lines, verifier)
	if err != nil {
		return err
	}
	if added == 0 {
		return errors.New("it answered with another key's signature than the one declared")
	}
	_, err = c.config.Register.AddCosignatures(ctx, cosigned)
	return err
}

func (c *Collector) addCheckpoint(ctx context.Context, w *asked, old int64, signed []byte, size int64) ([]byte, error) {
	proof, err := c.config.Register.ProveConsistency(ctx, old, size)
	if err != nil {
		return nil, err
	}
	return w.client.AddCheckpoint(ctx, old, proof, signed)
}
