package web_test

import (
	"context"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/internal/locale"
	"samleng/internal/mapping"
	"samleng/internal/register"
)

// divided is a register in which sixty people have reacted: all agree on the
// first of twelve views; on the others those with even numbers say the contrary
// of those with odd ones, nearly always. Its map is published.
type divided struct {
	*sample
	views []register.Receipt
}

func newDivided(t testing.TB) *divided {
	t.Helper()
	s := &divided{sample: filled(t)}
	moderator := s.staff(s.IDs["cso"], act.RoleModerator)
	for i := range 12 {
		view := s.view(s.person(fmt.Sprint("author ", i)), "en", fmt.Sprintf("The well number %d has to be deeper.", i+1), "water")
		s.do(moderator, view.Act, &act.StatementPublished{}, nil)
		s.views = append(s.views, view)
	}
	for p := range 60 {
		s.react(fmt.Sprint("neighbour ", p), p)
	}
	if err := mapping.PublishNow(t.Context(), s.Register, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return s
}

// react has somebody react to all twelve views as the p-th person does.
func (s *divided) react(token string, p int) {
	who := s.person(token)
	votes := []act.StatementVote{{Statement: s.views[0].Act, Vote: act.Agree}}
	for i := 1; i < len(s.views); i++ {
		vote := act.Agree
		if (p+i)%2 == 1 {
			vote = act.Disagree
		}
		if (p*7+i*3)%11 == 0 {
			vote = -vote
		}
		votes = append(votes, act.StatementVote{Statement: s.views[i].Act, Vote: vote})
	}
	slices.SortFunc(votes, func(a, b act.StatementVote) int { return slices.Compare(a.Statement[:], b.Statement[:]) })
	s.do(who, s.Dialogue, &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: who.Participant, Votes: votes}})
}

const mapPath = "/d/ratanakkiri/map"

// TestMapPages: the map says what unites and what divides, which groups there
// are and what it leaves out; every view is a link away.
func TestMapPages(t *testing.T) {
	s := newDivided(t)
	for _, lang := range []string{"km", "en"} {
		r := s.phone().reading(lang)
		dialogue := r.look("/d/ratanakkiri")
		r.sees(dialogue, r.T("web.map.groups", "n", 2))
		page := r.follow(dialogue, mapPath)
		letter := func(n string) string { return locale.Get(lang).T("code.group." + n) }
		r.sees(page, r.T("web.map.groups", "n", 2), r.T("web.map.group", "letter", letter("1")), r.T("web.map.group", "letter", letter("2")),
			"The well number 1 has to be deeper.", r.T("web.map.together"), r.T("web.map.differ"), r.T("web.map.who_came"), r.T("web.map.in_none"))
		if strings.Count(page, "<ellipse") != 2 || strings.Contains(page, "dot g") {
			t.Errorf("the picture draws %d groups, or people", strings.Count(page, "<ellipse"))
		}
		if !strings.Contains(page, `role="img"`) || !strings.Contains(page, "<title") {
			t.Error("the picture has no words")
		}
		all := r.follow(page, mapPath+"/views")
		for i := range s.views {
			r.sees(all, fmt.Sprintf("The well number %d has to be deeper.", i+1))
		}
		r.sees(r.look(mapPath+"/views?sort=common"), "The well number 1 has to be deeper.", r.T("web.map.listed", "n", 1))
		r.lacks(r.look(mapPath+"/views?sort=divide"), "The well number 1 has to be deeper.")
		for _, sort := range []string{"agreed", "apart", "opposed", "unsure", "nonsense", ""} {
			r.look(mapPath + "/views?sort=" + sort)
		}
		thread := r.look("/v/" + string(s.views[3].Code))
		r.sees(thread, r.T("web.map.by_group"), r.T("web.map.group", "letter", letter("2")))
	}
}

// TestMapLeavesOut: the views on none of the page's lists are counted.
func TestMapLeavesOut(t *testing.T) {
	s := newDivided(t)
	r := s.phone().reading("en")
	page := r.look(mapPath)
	shown := map[string]bool{}
	for _, v := range append(s.views, s.Views...) {
		if strings.Contains(page, `href="/v/`+string(v.Code)+`"`) {
			shown[string(v.Code)] = true
		}
	}
	// Fifteen views are shown in the dialogue: twelve, and three of the sample.
	r.sees(page, r.T("web.map.left_out", "n", 15-len(shown), "all", 15))
	if len(shown) < 6 || len(shown) > 14 {
		t.Errorf("%d views are on the page", len(shown))
	}
}

// TestNoMap: before the first map its page says when there will be one.
func TestNoMap(t *testing.T) {
	s := filled(t)
	r := s.phone().reading("en")
	r.sees(r.look(mapPath), r.T("web.map.none_yet", "n", 10))
	if w := r.open(mapPath + "/views"); w.Code != http.StatusNotFound {
		t.Errorf("the views of no map: %d", w.Code)
	}
	if w := r.open("/d/nowhere/map"); w.Code != http.StatusNotFound {
		t.Errorf("the map of no dialogue: %d", w.Code)
	}
	r.sees(r.look(mapPath+"/me"), r.T("web.map.me_nothing"))
}

// TestWhereAmI: who reacted on this device is told whose reactions theirs come
// closest to; who did not is told so; and the page is nobody else's.
func TestWhereAmI(t *testing.T) {
	s := newDivided(t)
	stranger := s.phone().reading("en")
	stranger.sees(stranger.look(mapPath+"/me"), stranger.T("web.map.me_nothing"))
	near := map[string]bool{}
	for p := range 2 {
		r := s.phone().reading("en")
		token := newToken()
		r.cookies.SetCookies(home, []*http.Cookie{{Name: "person", Value: token, Path: "/"}})
		s.react(token, p)
		page := r.look(mapPath + "/me")
		for _, letter := range []string{"A", "B"} {
			if strings.Contains(page, r.T("web.map.me_near", "letter", letter)) {
				near[letter] = true
			}
		}
		if got := r.open(mapPath + "/me").Header().Get("Cache-Control"); !strings.Contains(got, "private") && !strings.Contains(got, "no-store") {
			t.Errorf("the page may be kept by others: %q", got)
		}
	}
	if len(near) != 2 {
		t.Errorf("two people of two minds are near %v", near)
	}
}

// TestLiveMapDesk: who runs the dialogue sees the map as it is now, with people
// as dots; a public authority, and an organisation that does not, see none.
func TestLiveMapDesk(t *testing.T) {
	s := newDivided(t)
	maps := mapping.New(s.Register, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- maps.Run(ctx, 0) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	d := sitBefore(s.sample, maps)
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if m := maps.Map(s.Dialogue); m != nil && m.Groups != nil && m.Groups.K == 2 {
			break
		}
		if time.Since(start) > 10*time.Second {
			t.Fatal("no map")
		}
	}
	l := locale.Get("en")
	body := html.UnescapeString(d.as(d.Facilitator).get("/desk/d/ratanakkiri/map?lang=en").Body.String())
	for _, text := range []string{l.T("web.map.groups", "n", 2), l.T("web.live.not_public"), "The well number 1 has to be deeper."} {
		if !strings.Contains(body, text) {
			t.Errorf("the live map lacks %q\n%s", text, mainOf(body))
		}
	}
	if n := strings.Count(body, `class="dot`); n < 60 || n > 100 {
		t.Errorf("%d people are drawn", n)
	}
	if !strings.Contains(d.get("/desk/d/ratanakkiri?lang=en").Body.String(), `href="/desk/d/ratanakkiri/map"`) {
		t.Error("the dialogue's desk does not lead to the map")
	}
	for _, who := range []*deskSample{d.as(d.Ministry), d.as(d.Other)} {
		if w := who.get("/desk/d/ratanakkiri/map?lang=en"); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), `class="dot`) {
			t.Errorf("somebody else sees the live map: %d", w.Code)
		}
	}
}

// TestLiveMapOfFew: of nine people even those who run the dialogue see no dots.
func TestLiveMapOfFew(t *testing.T) {
	s := &divided{sample: empty(t)}
	s.programme()
	moderator := s.staff(s.IDs["cso"], act.RoleModerator)
	for i := range 12 {
		view := s.view(s.person(fmt.Sprint("author ", i)), "en", fmt.Sprintf("The well number %d has to be deeper.", i+1), "water")
		s.do(moderator, view.Act, &act.StatementPublished{}, nil)
		s.views = append(s.views, view)
	}
	for p := range 9 {
		s.react(fmt.Sprint("neighbour ", p), p)
	}
	maps := mapping.New(s.Register, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- maps.Run(ctx, 0) }()
	d := sitBefore(s.sample, maps)
	look := func() string { return d.as(d.Facilitator).get("/desk/d/ratanakkiri/map?lang=en").Body.String() }
	for start := time.Now(); !strings.Contains(look(), "9 people have reacted"); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("no map:\n%s", mainOf(look()))
		}
	}
	if strings.Contains(look(), `class="dot`) {
		t.Error("nine people are drawn")
	}
	s.react("neighbour 9", 9)
	for start := time.Now(); strings.Count(look(), `class="dot`) != 10; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("ten people are not drawn:\n%s", mainOf(look()))
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
