package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// Content decodes a section that who may read into its body. The error is
// ErrNotFound for one that there is not or that is not for them, ErrErased for
// one that was deleted.
func (r *Register) Content(ctx context.Context, who civic.Actor, ref civic.SectionRef, into any) error {
	content, err := r.content(ctx, who, ref)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("read section %s of act %s: %w", ref.Name, ref.Act, err)
	}
	return nil
}

func (r *Register) content(ctx context.Context, who civic.Actor, ref civic.SectionRef) ([]byte, error) {
	var may, erased bool
	r.View(func(s *civic.State) {
		may = s.MayRead(who, ref)
		_, erased = s.ErasedSection(ref.Act, ref.Name)
	})
	switch {
	case erased:
		return nil, ErrErased
	case !may:
		return nil, ErrNotFound
	}
	if content, has := r.texts.get(ref); has {
		return content, nil
	}
	section, err := r.section(ctx, ref)
	if err != nil {
		return nil, err
	}
	r.texts.put(ref, section.Content)
	// An erasure may have come between: what it deleted must not stay here.
	r.View(func(s *civic.State) { _, erased = s.ErasedSection(ref.Act, ref.Name) })
	if erased {
		r.texts.forget(ref)
		return nil, ErrErased
	}
	return section.Content, nil
}

// section reads and opens a section, with no question who asks.
func (r *Register) section(ctx context.Context, ref civic.SectionRef) (act.Section, error) {
	stored, err := r.store.ActByID(ctx, store.ID(ref.Act))
	if errors.Is(err, store.ErrNotFound) {
		return act.Section{}, ErrNotFound
	} else if err != nil {
		return act.Section{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	h, err := act.DecodeHeader(stored.Header)
	if err != nil {
		return act.Section{}, fmt.Errorf("read act %s: %w", ref.Act, err)
	}
	for _, kept := range stored.Sections {
		if kept.Name != ref.Name {
			continue
		}
		digest, _ := h.Section(kept.Name)
		section, err := r.sealer.Open(kept.Name, digest, kept.Salt, kept.Bytes)
		if errors.Is(err, act.ErrSealed) {
			return section, ErrNotFound
		}
		if err != nil {
			return section, err
		}
		if section.Digest() != digest {
			return section, fmt.Errorf("%w: section %s of act %s does not fit its digest", civic.ErrDamaged, ref.Name, ref.Act)
		}
		return section, nil
	}
	return act.Section{}, ErrNotFound
}

// Text gives the words of a section of words that who may read.
func (r *Register) Text(ctx context.Context, who civic.Actor, id act.ID, name string) (string, error) {
	var text act.Text
	err := r.Content(ctx, who, civic.SectionRef{Act: id, Name: name}, &text)
	return text.Text, err
}

// Holder gives the actor who has shown a view's code and its secret. Comparing
// takes the same time whether or not the code exists. Wrong secrets are limited,
// by code and in all: ErrGuesses. What could not be compared, because the
// database was away or the client went, was no guess.
func (r *Register) Holder(ctx context.Context, code act.CodeKey, secret string) (civic.Actor, error) {
	now := r.Now()
	guess, allowed := r.guesses.begin(code, now)
	if !allowed {
		return civic.Actor{}, ErrGuesses
	}
	who, err := r.holder(ctx, code, secret)
	if !errors.Is(err, ErrSecret) {
		guess.right(now)
	}
	return who, err
}

func (r *Register) holder(ctx context.Context, code act.CodeKey, secret string) (civic.Actor, error) {
	var id act.ID
	r.View(func(s *civic.State) {
		if v := s.StatementByCode(code); v != nil {
			id = v.ID
		}
	})
	stored, err := r.store.HolderSecret(ctx, store.ID(id))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return civic.Actor{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !r.secretFits(secret, stored) || id.IsZero() {
		return civic.Actor{}, ErrSecret
	}
	return civic.Actor{By: act.Participant, Holds: id}, nil
}

// Locate gives the place in the log of an act.
func (r *Register) Locate(ctx context.Context, id act.ID) (int64, error) {
	position, err := r.store.Position(ctx, store.ID(id))
	if errors.Is(err, store.ErrNotFound) {
		return 0, ErrNotFound
	}
	return position, unavailable(err)
}

// Erase deletes everything that was said with a view: an act for each section,
// then the bytes from the database's files. Sections erased before are left. If
// something is in the way of the bytes for more than a few seconds (a backup
// that is being made), they go as soon as it is gone.
func (r *Register) Erase(ctx context.Context, who civic.Actor, statement act.ID, reason string) (Receipt, error) {
	var refs []civic.SectionRef
	r.View(func(s *civic.State) {
		if v := s.Statement(statement); v != nil {
			refs = s.Words(v)
		}
	})
	var last Receipt
	for _, ref := range refs {
		receipt, err := r.Submit(ctx, who, act.Draft{By: who.By, Of: ref.Act, Facts: &act.SectionErased{Section: ref.Name, Reason: reason}}, nil)
		var refusal *civic.Refusal
		if errors.As(err, &refusal) && refusal.Key == civic.RefusedErased {
			continue
		}
		if err != nil {
			return last, err
		}
		last = receipt
	}
	if len(refs) == 0 {
		return last, &civic.Refusal{Key: civic.RefusedErased}
	}
	if err := r.scrubNow(ctx); err != nil {
		return last, fmt.Errorf("scrub after an erasure: %w", err)
	}
	return last, nil
}

// cache keeps the sections read last, up to a number of bytes.
type cache struct {
	mu      sync.Mutex
	entries map[civic.SectionRef][]byte
	size    int
	limit   int
}

func (c *cache) get(ref civic.SectionRef) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	content, has := c.entries[ref]
	return content, has
}

func (c *cache) put(ref civic.SectionRef, content []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[civic.SectionRef][]byte{}
	}
	if _, has := c.entries[ref]; has {
		return
	}
	// Go's maps are walked in random order, which is as good as any here.
	for old, bytes := range c.entries {
		if c.size+len(content) <= c.limit {
			break
		}
		c.size -= len(bytes)
		delete(c.entries, old)
	}
	c.entries[ref] = content
	c.size += len(content)
}

func (c *cache) forget(ref civic.SectionRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size -= len(c.entries[ref])
	delete(c.entries, ref)
}
