package web

import (
	"errors"
	"fmt"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// withheldView is every view that was not published, without its words.
type withheldView struct {
	Reasons   []withheldReason
	Dialogues []option
	Views     []withheldLine
	Found     int
	All       int
	Of        int // every view registered
	Filtered  bool
	Days      int // working days for an appeal
	Pager     pager
	Balance   balanceView
}

type withheldReason struct {
	Reason  string
	Count   int
	Current bool
}

type withheldLine struct {
	viewLine
	Decider     act.Names
	Explanation string
	// Appeal is "", "open", "upheld" or "overturned".
	Appeal string
	act    act.ID // the decision
}

func (s *Server) withheld(v *visit) (page, error) {
	var data withheldView
	reason, dialogue := v.known.Get("reason"), v.known.Get("dialogue")
	data.Filtered = reason+dialogue != ""
	s.read.View(func(state *civic.State) {
		data.Of, data.Days = len(state.Statements()), state.Policy()[act.StepAppeal]
		data.Balance = balanceView{At: v.now, Position: state.Position()}
		for _, d := range state.Dialogues() {
			data.Dialogues = append(data.Dialogues, option{d.Slug, state.Names(d.ID), d.Slug == dialogue})
		}
		counts := map[string]int{}
		var found []*civic.Statement
		for _, view := range state.Statements() {
			if view.Disposition(v.now) != civic.DispWithheld {
				continue
			}
			data.All++
			counts[view.Reason]++
			if (reason == "" || view.Reason == reason) && (dialogue == "" || state.Dialogue(view.Dialogue).Slug == dialogue) {
				found = append(found, view)
			}
		}
		for _, code := range act.WithholdingReasons {
			data.Reasons = append(data.Reasons, withheldReason{code, counts[code], code == reason})
		}
		slices.Reverse(found)
		data.Found = len(found)
		data.Pager = pagerOf("/withheld", v.known, len(found))
		for _, view := range found[data.Pager.First-1 : data.Pager.Last] {
			data.Views = append(data.Views, withheldLineOf(state, view, v))
		}
	})
	for i := range data.Views {
		var explanation act.Explanation
		ref := civic.SectionRef{Act: data.Views[i].act, Name: "explanation"}
		err := s.read.Content(v.r.Context(), civic.Actor{}, ref, &explanation)
		if err != nil && !errors.Is(err, register.ErrNotFound) && !errors.Is(err, register.ErrErased) {
			return page{}, fmt.Errorf("read an explanation: %w", err)
		}
		data.Views[i].Explanation = explanation.Text
	}
	return page{Name: "withheld", Title: v.T("web.withheld.title"), Nav: "withheld", Data: data}, nil
}

func withheldLineOf(state *civic.State, view *civic.Statement, v *visit) withheldLine {
	line := withheldLine{viewLine: lineOf(state, view, v.now), Decider: state.Names(view.Decider)}
	if view.Appeal != nil {
		line.Appeal = view.Appeal.Outcome
		if line.Appeal == "" {
			line.Appeal = "open"
		}
	}
	for _, e := range slices.Backward(view.Events) {
		if e.Kind == act.KindStatementWithheld {
			line.act, line.At = e.Act, e.At.In(v.now.Location())
			break
		}
	}
	return line
}
