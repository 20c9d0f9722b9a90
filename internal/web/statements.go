package web

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
)

// statementFilters are the query parameters of a dialogue's list of views.
var statementFilters = []string{"q", "theme", "place", "state", "sort", "page"}

// pageSize is how many views stand on one page of a list.
const pageSize = 20

// sorts are the orders of the list: newest first, oldest first, late for
// longest first, and by the released tallies.
var sorts = []string{"new", "old", "late", "agreed", "divided"}

// statementsView is the list of a dialogue's views.
type statementsView struct {
	Slug     string
	Names    act.Names
	Stage    civic.Stage
	Query    string
	Themes   []option
	Places   []option
	States   []option
	Sorts    []option
	Agreed   bool // the order is most agreed on first, and says so
	Found    int
	Of       int
	Filtered bool
	Views    []viewLine
	Pager    pager
	Released releaseLine
	At       time.Time
	Position int64
}

// option is one choice of a filter.
type option struct {
	Value   string
	Names   act.Names
	Current bool
}

// pager leads through a long list. Its addresses are stable: they name the page
// and every filter.
type pager struct {
	Page, Pages        int
	Previous, Next     string
	First, Last, Found int
}

func pagerOf(path string, known url.Values, found int) pager {
	p := pager{Pages: max(1, (found+pageSize-1)/pageSize), Found: found}
	page, err := strconv.Atoi(known.Get("page"))
	if err != nil {
		page = 1
	}
	p.Page = min(max(page, 1), p.Pages)
	p.First, p.Last = (p.Page-1)*pageSize+1, min(p.Page*pageSize, found)
	at := func(n int) string {
		query := url.Values{}
		for name, values := range known {
			query[name] = values
		}
		query.Set("page", strconv.Itoa(n))
		return path + "?" + query.Encode()
	}
	if p.Page > 1 {
		p.Previous = at(p.Page - 1)
	}
	if p.Page < p.Pages {
		p.Next = at(p.Page + 1)
	}
	return p
}

// candidate is a view before it is known whether it is on the page.
type candidate struct {
	id, text act.ID
	redacted bool
	shown    bool
	index    int
	due      time.Time
	late     bool
}

func (s *Server) statements(v *visit) (page, error) {
	id, err := s.dialogueID(v)
	if err != nil {
		return page{}, err
	}
	tallies, released, err := s.release(v, id)
	if err != nil {
		return page{}, err
	}
	data := statementsView{Query: v.known.Get("q"), At: v.now, Released: released, Agreed: v.known.Get("sort") == "agreed"}
	var found []candidate
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(id)
		data.Slug, data.Names, data.Stage, data.Position = d.Slug, state.Names(d.ID), d.Stage(), state.Position()
		data.Of = len(d.Statements())
		data.options(state, d, v)
		found = candidates(state, d, v)
	})
	if data.Query != "" {
		if found, err = s.search(v, found, data.Query); err != nil {
			return page{}, err
		}
	}
	data.Found, data.Filtered = len(found), data.Query != "" || v.known.Get("theme")+v.known.Get("place")+v.known.Get("state") != ""
	arrange(found, v.known.Get("sort"), tallies)
	data.Pager = pagerOf("/d/"+data.Slug+"/statements", v.known, len(found))
	found = found[data.Pager.First-1 : data.Pager.Last]
	s.read.View(func(state *civic.State) {
		for _, c := range found {
			line := lineOf(state, state.Statement(c.id), v.now)
			line.Tally = tallies[c.id]
			data.Views = append(data.Views, line)
		}
	})
	if err := s.readWords(v, data.Views); err != nil {
		return page{}, err
	}
	return page{Name: "statements", Title: v.T("web.statements.title", "dialogue", inLanguage(data.Names.Name, v.L.Tag())), Nav: "dialogues", Data: data}, nil
}

// options fills in the choices of the filters.
func (data *statementsView) options(state *civic.State, d *civic.Dialogue, v *visit) {
	places := map[string]bool{}
	for _, view := range d.Statements() {
		if view.Place != "" {
			places[view.Place] = true
		}
	}
	for _, theme := range state.Themes() {
		data.Themes = append(data.Themes, option{theme, themeNames(state, theme), v.known.Get("theme") == theme})
	}
	for _, place := range state.Places(0) {
		if places[place.Code] {
			data.Places = append(data.Places, option{place.Code, state.Names(place.ID), v.known.Get("place") == place.Code})
		}
	}
	for _, disposition := range civic.Dispositions {
		data.States = append(data.States, option{Value: string(disposition), Current: v.known.Get("state") == string(disposition)})
	}
	for _, sort := range sorts {
		data.Sorts = append(data.Sorts, option{Value: sort, Current: v.known.Get("sort") == sort})
	}
}

// candidates picks the views of a dialogue by theme, place and state.
func candidates(state *civic.State, d *civic.Dialogue, v *visit) []candidate {
	theme, place, wanted := v.known.Get("theme"), v.known.Get("place"), v.known.Get("state")
	asked := wanted != "" || v.known.Get("sort") == "late" // it costs a look at every case
	found := make([]candidate, 0, len(d.Statements()))
	for i, view := range d.Statements() {
		var standing civic.Disposition
		var clock civic.Clock
		if asked {
			standing, clock = view.Standing(v.now)
		}
		if theme != "" && !slices.Contains(view.Themes, theme) ||
			place != "" && (view.Place == "" || !state.Within(view.Place, place)) ||
			wanted != "" && string(standing) != wanted {
			continue
		}
		found = append(found, candidate{id: view.ID, text: view.Text, redacted: view.Moderation == civic.Redacted,
			shown: view.Shown(), index: i, due: clock.Due, late: clock.Overdue(v.now)})
	}
	return found
}

// arrange puts the views, which come as they were registered, in the order that
// was asked for, newest first unless it is one of sorts.
func arrange(found []candidate, order string, tallies map[act.ID]*tallyView) {
	switch order {
	case "late", "agreed", "divided":
	case "old":
		return
	default:
		slices.Reverse(found)
		return
	}
	score := func(c candidate) float64 {
		t := tallies[c.id]
		switch {
		case t == nil:
			return -1
		case order == "agreed":
			return t.surelyAgree()
		default:
			return t.division()
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		newer := cmp.Compare(b.index, a.index)
		switch order {
		case "late":
			if a.late != b.late {
				return map[bool]int{true: -1, false: 1}[a.late]
			}
			if a.late {
				return cmp.Or(a.due.Compare(b.due), newer)
			}
		case "agreed", "divided":
			if order == "agreed" && tallies[a.id] != nil && tallies[b.id] != nil {
				newer = cmp.Compare(a.id.String(), b.id.String())
			}
			return cmp.Or(cmp.Compare(score(b), score(a)), newer)
		}
		return newer
	})
}

// wordIndex keeps the search keys of public words, by the act that holds them.
// It never says which words are public: the state does.
type wordIndex struct {
	mu     sync.Mutex
	folded map[act.ID]string
}

// indexMost bounds the index; beyond it, it is built anew.
const indexMost = 200_000

// search keeps the views whose public words hold every word of the query, in
// either language's writing.
func (s *Server) search(v *visit, views []candidate, query string) ([]candidate, error) {
	terms := strings.Fields(locale.Fold(query))
	var found []candidate
	for _, view := range views {
		if !view.shown {
			continue
		}
		folded, err := s.folded(v, view)
		if errors.Is(err, register.ErrErased) || errors.Is(err, register.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(terms, func(term string) bool { return !strings.Contains(folded, term) }) {
			found = append(found, view)
		}
	}
	return found, nil
}

func (s *Server) folded(v *visit, view candidate) (string, error) {
	s.index.mu.Lock()
	folded, has := s.index.folded[view.text]
	s.index.mu.Unlock()
	if has {
		return folded, nil
	}
	parts, err := s.words(v, view.text, view.redacted)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, part := range parts {
		text.WriteString(part.Text)
		if part.Gap != "" {
			text.WriteByte('\n') // words on both sides of a gap are not one
		}
	}
	folded = locale.Fold(text.String())
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	if s.index.folded == nil || len(s.index.folded) >= indexMost {
		s.index.folded = map[act.ID]string{}
	}
	s.index.folded[view.text] = folded
	return folded, nil
}
