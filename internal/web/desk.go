package web

import (
	"crypto/rand"
	"net/http"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// deskBar stands on top of every desk: who is signed in, for whom, and where
// they can go.
type deskBar struct {
	Organisation act.Names
	Authority    bool
	Roles        []act.Role
	Links        []deskLink
}

// deskLink is one entry of a desk's navigation; Key is of the codes "desk".
type deskLink struct {
	Key, Href string
	Current   bool
}

// bar gives the navigation of somebody's desk; current is the key of the page
// that it stands on.
func (m *member) bar(current string) deskBar {
	bar := deskBar{Organisation: m.Names, Authority: m.Authority, Roles: m.Roles}
	add := func(key, href string, shown bool) {
		if shown {
			bar.Links = append(bar.Links, deskLink{key, href, key == current})
		}
	}
	add("queue", "/desk", !m.Authority)
	add("cases", "/desk/cases", m.Authority)
	add("answers", "/desk/answers", m.Authority && m.Is(officerRoles...))
	add("promised", "/desk/commitments", m.Is(officerRoles...))
	add("monitor", "/desk/monitor", m.Is(act.RoleMonitor))
	add("board", "/desk/board", m.Is(act.RoleBoard))
	add("office", "/desk/office", m.Authority)
	add("register", "/desk/register", m.Is(recorderRoles...))
	add("file", "/desk/file", m.Is(filingRoles...))
	add("refer", "/desk/refer", m.Is(gathererRoles...) && !m.Authority)
	add("reviews", "/desk/cases", !m.Authority && m.Is(reviewerRoles...))
	add("dialogues", "/desk/dialogues", true)
	add("staff", "/desk/staff", m.Is(act.RoleAdministrator))
	add("settings", "/desk/settings", m.Is(act.RoleAdministrator, act.RoleBoard))
	add("account", "/account", true)
	add("public", "/", true)
	return bar
}

// may says whether somebody could do something to what an act is about now, in
// one of the roles: nil, or the refusal that they would meet. It asks the rules
// themselves, so that a page offers what the register will accept.
func (m *member) may(state *civic.State, v *visit, of act.ID, facts act.Facts, roles ...act.Role) error {
	who, err := m.actor(roles...)
	if err != nil {
		return err
	}
	return mayAs(state, v, who, of, facts)
}

func mayAs(state *civic.State, v *visit, who civic.Actor, of act.ID, facts act.Facts) error {
	h := &act.Header{Kind: facts.Kind(), ID: act.ID{0xff, 0xff}, At: later(v.now, state.At()), By: who.By, Of: of, Facts: facts}
	return state.Check(who, &act.Act{Header: h})
}

// mayDraft says whether somebody may register a draft now, its sections
// included. Nothing of the act that is made for the question is kept.
func mayDraft(state *civic.State, v *visit, who civic.Actor, draft act.Draft) error {
	a, err := act.New(draft, act.ID{0xff, 0xff}, later(v.now, state.At()), rand.Reader)
	if err != nil {
		return err
	}
	return state.Check(who, a)
}

// later gives the time of the next act: the log's never goes back.
func later(now, last time.Time) time.Time {
	if now.Before(last) {
		now = last
	}
	return now.UTC()
}

// needs refuses whoever has none of the roles.
func (m *member) needs(roles ...act.Role) error {
	if !m.Is(roles...) {
		return problem.New(problem.Forbidden, "problem.forbidden")
	}
	return nil
}

// deskRoutes are the pages of the facilitator's and moderator's desk.
func (s *Server) deskRoutes() []route {
	return []route{
		{"GET /desk", s.desk(s.queue)},
		{"POST /desk/publish", s.desk(s.publishMany)},
		{"GET /desk/v/{code}", s.desk(s.openCase)},
		{"POST /desk/v/{code}/{act}", s.desk(s.caseAct)},
		{"GET /desk/register", s.desk(s.registerForm)},
		{"POST /desk/register", s.desk(s.registerView)},
		{"GET /desk/file", s.desk(s.fileForm)},
		{"GET /desk/file/template.csv", s.desk(s.fileTemplate)},
		{"POST /desk/file", s.desk(s.fileViews)},
		{"GET /desk/dialogues", s.desk(s.deskDialogues)},
		{"POST /desk/dialogues", s.desk(s.announceDialogue)},
		{"GET /desk/d/{slug}", s.desk(s.deskDialogue)},
		{"POST /desk/d/{slug}/{act}", s.desk(s.dialogueAct)},
	}
}

// deskPage is a page of the desk.
func deskPage(name, title string, data any) page {
	return page{Name: name, Title: title, Nav: "desk", Data: data, Private: true}
}

// deskKnown reads the query parameters that a desk's page declares, and keeps
// them in the addresses of its other languages.
func deskKnown(v *visit, names ...string) {
	v.known = knownQuery(v.r.URL.Query(), names)
}

// errNoAct answers a form whose address names no act.
var errNoAct = problem.New(problem.NotFound, "problem.not_found")

// showDesk shows a page of the desk, with the problem above it if there is one.
func (s *Server) showDesk(w http.ResponseWriter, v *visit, err error, p page) error {
	if err != nil {
		return s.again(w, v, err, p)
	}
	return s.show(w, v, p)
}
