package api

import (
	"context"
	"errors"
	"maps"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// read gives a text that who may read, nil where there is none for them.
func (a *API) read(ctx context.Context, who civic.Actor, id act.ID, section string) (*string, error) {
	text, err := a.reader.Text(ctx, who, id, section)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &text, nil
}

// fill adds the words of a view that who may read. A holder reads what they
// said, whatever is public of it.
func (a *API) fill(ctx context.Context, who civic.Actor, shown *Statement) error {
	var err error
	if shown.Moderation == string(civic.Redacted) && !shown.words.IsZero() {
		var redaction act.Redaction
		err = a.reader.Content(ctx, who, civic.SectionRef{Act: shown.words, Name: "text"}, &redaction)
		if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
			err = nil
		}
		for _, part := range redaction.Parts {
			shown.Parts = append(shown.Parts, Part{part.Text, part.Gap})
		}
	} else if !shown.words.IsZero() {
		shown.Text, err = a.read(ctx, who, shown.words, "text")
	}
	if err == nil && shown.Text == nil && !who.Holds.IsZero() {
		shown.Text, err = a.read(ctx, who, who.Holds, "text")
	}
	return err
}

// complete adds to a thread its words, its tally and the places of its acts in
// the log.
func (a *API) complete(ctx context.Context, who civic.Actor, v, dialogue act.ID, t *Thread) error {
	if err := a.fill(ctx, who, &t.Statement); err != nil {
		return err
	}
	var err error
	if t.Detail, err = a.read(ctx, who, v, "detail"); err != nil {
		return err
	}
	for _, s := range t.speech {
		text, err := a.read(ctx, who, s.act, "text")
		if err != nil {
			return err
		}
		if text != nil {
			t.Translations = append(t.Translations, Translation{s.language, *text})
		}
	}
	for i := range t.Events {
		e := &t.Events[i]
		id, err := act.ParseID(e.Act)
		if err != nil {
			return err
		}
		if e.Position, err = a.reader.Locate(ctx, id); err != nil {
			return err
		}
		switch act.Kind(e.Kind) {
		case act.KindStatementWithheld, act.KindAppealDecided:
			e.Explanation, err = a.read(ctx, who, id, "explanation")
		case act.KindAppealLodged:
			e.Explanation, err = a.read(ctx, who, id, "grounds")
		}
		if err != nil {
			return err
		}
	}
	released, err := a.released(ctx, dialogue)
	if err != nil || released == nil {
		return err
	}
	if row, has := released.rows[v]; has {
		t.Tally = &Tally{released.release.At, row.Agree, row.Disagree, row.Pass}
	}
	return nil
}
