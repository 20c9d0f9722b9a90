package register

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// Receipt is what whoever submitted an act gets.
type Receipt struct {
	Act      act.ID
	Kind     act.Kind
	Position int64
	At       time.Time
	// Code is read aloud, Secret (of views, for who brought the token) is kept.
	Code   act.Code
	Secret string
	// Unchanged says that a ballot's votes stood already: the receipt is the
	// one of the act that cast them. Replayed says that the token was sent
	// before, with the same payload.
	Unchanged, Replayed bool
}

// submission is a draft on its way in.
type submission struct {
	ctx   context.Context
	who   civic.Actor
	draft act.Draft
	token *store.Token
	id    act.ID
	act   *act.Act // made for the hour of at; made again if the hour turns
	entry store.Entry
	keys  civic.KeySet
	reply chan outcome
	// claimed says whose it is: nobody's while it waits, the writer's once it
	// may be recorded, or its submitter's again, who gave up before that.
	claimed atomic.Int32
}

const (
	taken   = 1 // by the writer
	givenUp = 2 // by the submitter
)

// claim takes a submission that nobody else has taken.
func (s *submission) claim(by int32) bool {
	return s.claimed.CompareAndSwap(0, by) || s.claimed.Load() == by
}

type outcome struct {
	position int64
	id       act.ID
	at       time.Time
	replayed bool
	err      error
}

// Submit is the one way in. It returns when the act is on disk, in the log and
// in the fold. The error is a *civic.Refusal (it may not happen now), one of
// act.ErrHeader and act.ErrContent (it is not well formed), or one of the
// register's: after ErrUnavailable the same token may be sent again, and leads
// to the same receipt if the act was recorded after all (which ErrUnknown alone
// leaves open). A submission whose ctx has ended before its turn came is not
// recorded.
func (r *Register) Submit(ctx context.Context, who civic.Actor, d act.Draft, token *Token) (Receipt, error) {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return Receipt{}, ErrReadOnly
	}
	if d.Facts == nil {
		return Receipt{}, fmt.Errorf("submit: %w: no facts", act.ErrHeader)
	}
	s := &submission{ctx: ctx, who: who, draft: d, reply: make(chan outcome, 1)}
	if token != nil {
		kept, err := r.stored(*token, d)
		if err != nil {
			return Receipt{}, fmt.Errorf("submit: %w", err)
		}
		s.token = kept
	}
	// A statement's code shows 40 bits of its id: with a million views the
	// first id drawn is taken once in a million times.
	for attempt := 0; ; attempt++ {
		id, err := act.NewID(r.config.Random)
		if err != nil {
			return Receipt{}, fmt.Errorf("submit: %w", err)
		}
		s.id = id
		receipt, err := r.submit(s, token)
		var refusal *civic.Refusal
		if errors.As(err, &refusal) && refusal.Key == civic.RefusedExists && d.Facts.Kind() == act.KindStatementRegistered && attempt < 5 {
			continue
		}
		return receipt, err
	}
}

func (r *Register) submit(s *submission, token *Token) (Receipt, error) {
	s.claimed.Store(0)
	// The work that needs no order is done here, on the submitter's own time.
	if err := r.prepare(s, r.config.Now()); err != nil {
		return Receipt{}, err
	}
	out := r.outcome(s)
	var unchanged *civic.Unchanged
	if errors.As(out.err, &unchanged) {
		return r.standing(s.ctx, unchanged.Position)
	}
	if out.err != nil {
		return Receipt{}, out.err
	}
	receipt := Receipt{Act: out.id, Kind: s.draft.Facts.Kind(), Position: out.position, At: out.at, Replayed: out.replayed}
	if receipt.Kind == act.KindStatementRegistered {
		r.View(func(state *civic.State) { receipt.Code = state.Code(out.id) })
		if token != nil {
			receipt.Secret = token.Secret()
		}
	}
	return receipt, nil
}

// submitWait bounds the wait for an answer, however slow the disk is.
const submitWait = 40 * time.Second

// outcome hands a submission to the writer and waits for what becomes of it.
func (r *Register) outcome(s *submission) outcome {
	limit := time.NewTimer(submitWait)
	defer limit.Stop()
	select {
	case r.submissions <- s:
	case <-r.closed:
		return outcome{err: ErrUnavailable}
	case <-limit.C:
		return outcome{err: ErrUnavailable}
	case <-s.ctx.Done():
		return outcome{err: fmt.Errorf("%w: %w", ErrUnavailable, s.ctx.Err())}
	}
	var err error
	select {
	case out := <-s.reply:
		return out
	case <-r.closed:
		select {
		case out := <-s.reply: // its last word
			return out
		default:
			err = errClosed
		}
	case <-limit.C:
		err = errSlow
	case <-s.ctx.Done():
		err = s.ctx.Err()
	}
	if s.claim(givenUp) {
		return outcome{err: fmt.Errorf("%w: %w", ErrUnavailable, err)}
	}
	// It is being recorded at this moment; whoever comes back with the token
	// will see.
	return outcome{err: fmt.Errorf("%w: %w", ErrUnknown, err)}
}

var (
	errClosed = errors.New("the register was closed")
	errSlow   = errors.New("the disk takes too long")
)

// standing is the receipt of an act of before.
func (r *Register) standing(ctx context.Context, position int64) (Receipt, error) {
	stored, err := r.store.Act(ctx, position)
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	h, err := act.DecodeHeader(stored.Header)
	if err != nil {
		return Receipt{}, fmt.Errorf("read the act at %d: %w", position, err)
	}
	return Receipt{Act: h.ID, Kind: h.Kind, Position: position, At: h.At, Unchanged: true}, nil
}

// prepare makes a submission's act for an hour, with its sections sealed as
// they will be stored.
func (r *Register) prepare(s *submission, at time.Time) error {
	a, err := act.New(s.draft, s.id, at, r.config.Random)
	if err != nil {
		return fmt.Errorf("submit: %w", err)
	}
	s.act = a
	s.entry = store.Entry{ID: store.ID(a.ID), Header: a.Leaf, Token: s.token}
	for _, section := range a.Sections {
		stored, err := r.seal(a, section)
		if err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		s.entry.Sections = append(s.entry.Sections, stored)
	}
	civic.Keys(s.who, a, &s.keys)
	return nil
}

// seal gives a section as it is stored.
func (r *Register) seal(a *act.Act, section act.Section) (store.Section, error) {
	if facts, is := a.Facts.(*act.StatementRegistered); is && facts.Visibility == act.VisibilitySealed && section.Name != "source" {
		var trustees []string
		r.View(func(s *civic.State) {
			if p := s.Programme(); p != nil {
				trustees = p.Trustees
			}
		})
		if len(trustees) == 0 {
			return store.Section{}, &civic.Refusal{Key: civic.RefusedNoTrustees}
		}
		sealed, err := act.SealToTrustees(section, trustees)
		return store.Section{Name: section.Name, Bytes: sealed}, err
	}
	audience, err := act.AudienceOf(a.Kind, section.Name)
	if err != nil {
		return store.Section{}, err
	}
	if audience == act.Sealed {
		sealed, err := r.sealer.Seal(section)
		return store.Section{Name: section.Name, Bytes: sealed}, err
	}
	return store.Section{Name: section.Name, Salt: section.Salt[:], Bytes: section.Content}, nil
}
