package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// derived makes the token of one of several acts that one form does, so that
// sending the form again does each of them once.
func derived(form register.Token, of string) *register.Token {
	mac := hmac.New(sha256.New, form[:])
	mac.Write([]byte("samleng form part v1\n" + of))
	var token register.Token
	copy(token[:], mac.Sum(nil))
	return &token
}

// publishMany publishes the views that were ticked: an act for each.
func (s *Server) publishMany(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 1024)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	who, err := m.actor(moderatorRoles...)
	if err != nil {
		return err
	}
	picks := form["pick"]
	if len(picks) > pageSize {
		return problem.New(problem.Invalid, "problem.choose_most", "n", pageSize)
	}
	var failed []failedPick
	var last int64
	done := 0
	for _, pick := range picks {
		receipt, code, err := s.publishPick(v, who, *token, pick)
		if err != nil {
			s.note(v.r, err, problemOf(err))
			failed = append(failed, failedPick{code, viewOf(v.L, problemOf(err)).Text})
			continue
		}
		done, last = done+1, max(last, receipt.Position)
	}
	if len(failed) == 0 && done > 0 {
		return s.seeOther(w, v.r, "/desk?done="+strconv.Itoa(done), last)
	}
	data, err := s.queueOf(v, m)
	if err != nil {
		return err
	}
	data.Done, data.Failed = done, failed
	trouble := problem.New(problem.Conflict, "problem.picks", "n", len(failed), "done", done)
	if len(picks) == 0 {
		trouble = problem.New(problem.Invalid, "problem.no_picks")
	}
	return s.again(w, v, trouble, deskPage("desk", v.T("web.desk.title"), data))
}

func (s *Server) publishPick(v *visit, who civic.Actor, form register.Token, pick string) (register.Receipt, act.Code, error) {
	text, _, _ := strings.Cut(pick, ".")
	id, code, err := s.find(text)
	if err != nil {
		return register.Receipt{}, act.Code(locale.Truncate(text, 20)), err
	}
	var stands, ours bool
	s.read.View(func(state *civic.State) {
		view := state.Statement(id)
		stands = pickOf(state, view) == pick
		// The same form sent twice finds what it did the first time.
		last := view.Events[len(view.Events)-1]
		ours = last.Kind == act.KindStatementPublished && last.By == who.By && pick == fmt.Sprintf("%s.%d", code, len(view.Events)-1)
	})
	switch {
	case ours:
		return register.Receipt{}, code, nil
	case !stands:
		return register.Receipt{}, code, problem.New(problem.Conflict, "problem.changed_meanwhile")
	}
	receipt, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: &act.StatementPublished{}}, derived(form, pick))
	return receipt, code, err
}
