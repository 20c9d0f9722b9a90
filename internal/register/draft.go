package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"samleng/act"
	"samleng/internal/store"
)

// Draft is what staff of an organisation have begun together and not yet done.
// It is private, is no act, and belongs to the organisation: whoever takes over
// a post finds it. It is stored sealed.
type Draft struct {
	ID, Owner act.ID
	// Author is who of the staff changed it last.
	Author act.ID
	// Version counts its changes from 1; SaveDraft takes it as it was read.
	Version int64
	Changed time.Time
	Content json.RawMessage
}

// MostDraft is the most bytes that a draft's content may have.
const MostDraft = 1 << 20

// ErrDraftChanged is what SaveDraft says of a draft that somebody else changed,
// or removed, since it was read.
var ErrDraftChanged = errors.New("register: the draft was changed meanwhile")

// keptDraft is a draft's bytes.
type keptDraft struct {
	Version int64           `json:"version"`
	Author  act.ID          `json:"author"`
	Content json.RawMessage `json:"content"`
}

// Drafts lists an organisation's drafts, the latest changed first.
func (r *Register) Drafts(ctx context.Context, owner act.ID) ([]Draft, error) {
	stored, err := r.Store().Records(ctx).Drafts(store.ID(owner))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	drafts := make([]Draft, len(stored))
	for i, s := range stored {
		if drafts[i], err = r.openDraft(s); err != nil {
			return nil, err
		}
	}
	return drafts, nil
}

// boundDraft ties a draft's bytes to whose they are.
func boundDraft(s store.Draft) []byte { return append(s.ID[:], s.Owner[:]...) }

func (r *Register) openDraft(s store.Draft) (Draft, error) {
	plain := s.Bytes
	// Drafts of an earlier version were not sealed; saved again, they are.
	if !json.Valid(plain) {
		var err error
		if plain, err = r.openPrivate("draft", boundDraft(s), plain); err != nil {
			return Draft{}, err
		}
	}
	var kept keptDraft
	if err := json.Unmarshal(plain, &kept); err != nil {
		return Draft{}, fmt.Errorf("read a draft: %w", err)
	}
	return Draft{ID: act.ID(s.ID), Owner: act.ID(s.Owner), Author: kept.Author, Version: kept.Version,
		Changed: time.Unix(s.Changed, 0), Content: kept.Content}, nil
}

// Draft finds one of an organisation's drafts. The error is ErrNotFound where it
// has none of that id.
func (r *Register) Draft(ctx context.Context, owner, id act.ID) (Draft, error) {
	drafts, err := r.Drafts(ctx, owner)
	if err != nil {
		return Draft{}, err
	}
	for _, d := range drafts {
		if d.ID == id {
			return d, nil
		}
	}
	return Draft{}, ErrNotFound
}

// SaveDraft stores a draft that was read at its version, 0 for a new one, and
// gives it with its new version. The error is ErrDraftChanged where somebody
// else was faster: nothing is lost then, for nothing was stored.
func (r *Register) SaveDraft(ctx context.Context, d Draft) (Draft, error) {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return Draft{}, ErrReadOnly
	}
	if len(d.Content) > MostDraft {
		return Draft{}, fmt.Errorf("save a draft: %w: %d bytes, at most %d", act.ErrContent, len(d.Content), MostDraft)
	}
	read := d.Version
	d.Version, d.Changed = read+1, r.Now()
	content, err := json.Marshal(keptDraft{Version: d.Version, Author: d.Author, Content: d.Content})
	if err != nil {
		return Draft{}, fmt.Errorf("save a draft: %w", err)
	}
	stored := store.Draft{ID: store.ID(d.ID), Owner: store.ID(d.Owner), Changed: d.Changed.Unix()}
	if stored.Bytes, err = r.sealPrivate("draft", boundDraft(stored), content); err != nil {
		return Draft{}, fmt.Errorf("save a draft: %w", err)
	}
	err = r.Store().Update(ctx, func(records *store.Records) error {
		before, found, err := findDraft(records, stored)
		switch {
		case err != nil:
			return err
		case read == 0 && !found:
			return records.PutDraft(stored)
		case !found:
			return ErrDraftChanged
		}
		if kept, err := r.openDraft(before); err != nil || kept.Version != read {
			return errors.Join(ErrDraftChanged, err)
		}
		return records.ChangeDraft(stored, before.Bytes)
	})
	switch {
	case errors.Is(err, store.ErrConflict):
		return Draft{}, fmt.Errorf("%w: %w", ErrDraftChanged, err)
	case err != nil && !errors.Is(err, ErrDraftChanged):
		return Draft{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return d, err
}

func findDraft(records *store.Records, of store.Draft) (store.Draft, bool, error) {
	all, err := records.Drafts(of.Owner)
	for _, d := range all {
		if d.ID == of.ID {
			return d, true, err
		}
	}
	return store.Draft{}, false, err
}

// DropDraft removes one of an organisation's drafts, if there is one.
func (r *Register) DropDraft(ctx context.Context, owner, id act.ID) error {
	err := r.Store().Update(ctx, func(records *store.Records) error { return records.DeleteDraft(store.ID(owner), store.ID(id)) })
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}
