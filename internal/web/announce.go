package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// hostRoles run the dialogues that their organisation hosts.
var hostRoles = []act.Role{act.RoleFacilitator, act.RoleAdministrator}

// dialogueLevels are what a dialogue may be about, codes of "level".
var dialogueLevels = []string{"provincial", "national"}

// deskDialoguesView lists the dialogues, and has the form that announces one.
type deskDialoguesView struct {
	Bar      deskBar
	Own      []dialogueLine // hosted by whoever looks
	Others   []dialogueLine
	MayHost  bool
	Host     act.Names
	Token    string
	Typed    url.Values
	Problem  *problemView
	Open     bool // the form stands open
	Levels   []option
	Places   []option
	Doors    []option
	Finest   []option // "1" provinces, "2" districts
	Tomorrow string
}

func (s *Server) deskDialogues(w http.ResponseWriter, v *visit, m *member) error {
	data, err := s.deskDialoguesOf(v, m, url.Values{"limit": {"300"}, "changes": {"5"}})
	if err != nil {
		return err
	}
	return s.show(w, v, deskPage("desk-dialogues", v.T("web.dialogues.title"), data))
}

func (s *Server) deskDialoguesOf(v *visit, m *member, typed url.Values) (*deskDialoguesView, error) {
	data := &deskDialoguesView{Bar: m.bar("dialogues"), Host: m.Names, MayHost: m.Is(hostRoles...), Typed: typed, Tomorrow: v.now.AddDate(0, 0, 1).Format(time.DateOnly)}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	data.Levels = codeOptions(dialogueLevels, typed.Get("level"))
	data.Doors = codeOptions(act.Doors, typed.Get("door"))
	data.Finest = codeOptions([]string{"1", "2"}, typed.Get("place_level"))
	s.read.View(func(state *civic.State) {
		for _, d := range slices.Backward(state.Dialogues()) {
			if d.Host == m.Organisation {
				data.Own = append(data.Own, dialogueLineOf(state, d))
			} else {
				data.Others = append(data.Others, dialogueLineOf(state, d))
			}
		}
		for _, place := range state.Places(1) {
			data.Places = append(data.Places, option{place.Code, state.Names(place.ID), place.Code == typed.Get("place")})
		}
	})
	return data, nil
}

func (s *Server) announceDialogue(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 8<<10)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	who, err := m.actor(hostRoles...)
	if err != nil {
		return err
	}
	facts, names, err := announced(form, m)
	if err == nil {
		draft := act.Draft{By: who.By, Facts: facts, Content: map[string]any{"names": names}}
		receipt, refused := s.register.Submit(v.r.Context(), who, draft, token)
		if refused == nil {
			return s.seeOther(w, v.r, "/desk/d/"+facts.Slug, receipt.Position)
		}
		if err = refused; problemOf(err).Key == civic.RefusedSlug {
			err = problem.New(problem.Conflict, civic.RefusedSlug).In("slug")
		}
	}
	data, failed := s.deskDialoguesOf(v, m, form)
	if failed != nil {
		return failed
	}
	data.Open, data.Problem = true, viewOf(v.L, problemOf(err))
	if data.Token = form.Get("token"); problemOf(err).Key == "problem.token_conflict" {
		if data.Token, failed = s.formToken(); failed != nil {
			return failed
		}
	}
	return s.again(w, v, err, deskPage("desk-dialogues", v.T("web.dialogues.title"), data))
}

// announced reads the form that announces a dialogue.
func announced(form url.Values, m *member) (*act.DialogueAnnounced, *act.Names, error) {
	var wrong []*problem.Error
	add := func(p *problem.Error) { wrong = append(wrong, p) }
	names := &act.Names{Name: map[string]string{}, About: map[string]string{}}
	for _, language := range locale.Languages() {
		name, about := strings.TrimSpace(form.Get("name_"+language)), strings.TrimSpace(form.Get("about_"+language))
		names.Name[language], names.About[language] = name, about
		add(wordsProblem("name_"+language, name, 0, 400))
		add(wordsProblem("about_"+language, about, 0, 4000))
	}
	facts := &act.DialogueAnnounced{Slug: strings.TrimSpace(form.Get("slug")), Place: form.Get("place"), Host: m.Organisation}
	if !isSlug(facts.Slug) {
		add(problem.New(problem.Invalid, "problem.slug").In("slug"))
	}
	var p *problem.Error
	facts.Level, p = chosen(form, "level", dialogueLevels)
	add(p)
	if facts.Level == "provincial" && facts.Place == "" {
		add(problem.New(problem.Invalid, "problem.choose").In("place"))
	}
	facts.Door, p = chosen(form, "door", act.Doors)
	add(p)
	finest, p := chosen(form, "place_level", []string{"1", "2"})
	add(p)
	facts.PlaceLevel, _ = strconv.Atoi(finest)
	facts.Limit, p = between(form, "limit", 20, 5000)
	add(p)
	facts.Changes, p = between(form, "changes", 1, 60)
	add(p)
	facts.Opens, p = dayOf(form, "opens")
	add(p)
	facts.Closes, p = dayOf(form, "closes")
	add(p)
	if facts.Opens != "" && facts.Closes != "" && facts.Closes < facts.Opens {
		add(problem.New(problem.Invalid, "problem.date_order").In("closes"))
	}
	return facts, names, problem.Join(wrong...)
}

// isSlug reports whether text can stand in an address: what act takes for a
// code, without the signs that read badly there.
func isSlug(text string) bool {
	if text == "" || len(text) > 64 || text[0] == '-' || text[len(text)-1] == '-' {
		return false
	}
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

func between(form url.Values, field string, low, high int) (int, *problem.Error) {
	n, err := strconv.Atoi(strings.TrimSpace(locale.FoldDigits(form.Get(field))))
	if err != nil || n < low || n > high {
		return 0, problem.New(problem.Invalid, "problem.number_range", "low", low, "high", high).In(field)
	}
	return n, nil
}

// dayOf reads a day as browsers send it (2026-03-12), or typed with slashes as
// people here write it (12/3/2026).
func dayOf(form url.Values, field string) (string, *problem.Error) {
	text := strings.TrimSpace(locale.FoldDigits(form.Get(field)))
	for _, layout := range []string{time.DateOnly, "2/1/2006"} {
		if day, err := time.Parse(layout, text); err == nil && day.Year() >= 2000 && day.Year() <= 2200 {
			return day.Format(time.DateOnly), nil
		}
	}
	return "", problem.New(problem.Invalid, "problem.date").In(field)
}
