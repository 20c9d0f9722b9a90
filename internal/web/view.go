package web

import (
	"errors"
	"fmt"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// viewLine is one view as it stands in a list.
type viewLine struct {
	ID    act.ID
	Code  act.Code
	Words words
	// Shown says that its words are public; Moderation and Reason why not.
	Shown      bool
	Moderation civic.Moderation
	Reason     string
	State      civic.Disposition
	Place      act.Names
	Themes     []act.Names
	At         time.Time
	Clock      deadline
	Tally      *tallyView
	Dialogue   act.Names
	// LeftOut says that the summary beside it does not cover it.
	LeftOut bool

	text act.ID
	kind civic.Moderation
}

// words are what somebody said, byte for byte, or the open copy with gaps.
type words struct {
	Language string
	Parts    []act.RedactionPart
}

// tallyView is how people reacted to a view, as released.
type tallyView struct {
	Agree, Disagree, Pass, Total int
	// The bar's parts, in thousandths.
	AgreeWd, DisagreeX, DisagreeWd, PassX, PassWd float64
}

func newTally(agree, disagree, pass int) *tallyView {
	t := &tallyView{Agree: agree, Disagree: disagree, Pass: pass, Total: agree + disagree + pass}
	if t.Total == 0 {
		return nil
	}
	unit := barWidth / float64(t.Total)
	t.AgreeWd, t.DisagreeWd, t.PassWd = float64(agree)*unit, float64(disagree)*unit, float64(pass)*unit
	t.DisagreeX, t.PassX = t.AgreeWd, t.AgreeWd+t.DisagreeWd
	return t
}

// lineOf copies what a list shows of a view. Its words are read later, with
// readWords, outside the state's lock.
func lineOf(state *civic.State, v *civic.Statement, now time.Time) viewLine {
	standing, clock := v.Standing(now)
	line := viewLine{
		ID: v.ID, Code: state.Code(v.ID), Shown: v.Shown(), Moderation: v.Moderation, Reason: v.Reason, State: standing,
		At: v.At.In(now.Location()), Clock: deadlineOf(state, clock, now), text: v.Text, kind: v.Moderation,
		Words: words{Language: v.Written},
	}
	if place := state.Place(v.Place); place != nil {
		line.Place = state.Names(place.ID)
	}
	if d := state.Dialogue(v.Dialogue); d != nil {
		line.Dialogue = state.Names(d.ID)
	}
	for _, theme := range v.Themes {
		line.Themes = append(line.Themes, themeNames(state, theme))
	}
	return line
}

// themeNames gives the words of a theme's code, the code itself if it has none.
func themeNames(state *civic.State, theme string) act.Names {
	if programme := state.Programme(); programme != nil {
		if terms := state.Names(programme.ID).Terms[theme]; len(terms) > 0 {
			return act.Names{Name: terms}
		}
	}
	return act.Names{Name: map[string]string{"": theme}}
}

// readWords fills in the words of the views whose words are public.
func (s *Server) readWords(v *visit, lines []viewLine) error {
	for i := range lines {
		line := &lines[i]
		if !line.Shown {
			continue
		}
		parts, err := s.words(v, line.text, line.kind == civic.Redacted)
		switch {
		case errors.Is(err, register.ErrErased), errors.Is(err, register.ErrNotFound):
			line.Shown = false // they were taken away between the two readings
		case err != nil:
			return err
		}
		line.Words.Parts = parts
	}
	return nil
}

// words reads the public words of the act that holds them: the pieces and gaps
// of a redaction, one piece otherwise.
func (s *Server) words(v *visit, id act.ID, redacted bool) ([]act.RedactionPart, error) {
	if redacted {
		var open act.Redaction
		if err := s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "text"}, &open); err != nil {
			return nil, fmt.Errorf("read a redaction: %w", err)
		}
		return open.Parts, nil
	}
	text, err := s.read.Text(v.r.Context(), civic.Actor{}, id, "text")
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	return []act.RedactionPart{{Text: text}}, nil
}
