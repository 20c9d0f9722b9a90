package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// realConversations are the folders of the Polis exports at hand.
func realConversations(t *testing.T) []string {
	t.Helper()
	root := os.Getenv("SAMLENG_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	found, err := filepath.Glob(filepath.Join(root, "data", "polis", "*", "comments.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skipf("no conversations under %s: set SAMLENG_SHARED to the folder that holds data/ to run this test", root)
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

// cells reads every cell of a participants-votes.csv that has a vote, with the
// standard library and none of our own readers: by participant and comment.
func cells(t *testing.T, dir string) map[[2]string]act.Vote {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "participants-votes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[[2]string]act.Vote{}
	for _, row := range rows[1:] {
		for i, field := range row {
			if _, err := strconv.Atoi(rows[0][i]); err != nil || field == "" {
				continue
			}
			vote, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			all[[2]string{row[slices.Index(rows[0], "participant")], rows[0][i]}] = act.Vote(vote)
		}
	}
	return all
}

// standing gives the votes of a dialogue as the fold has them, under the
// source's numbers.
func standing(s *civic.State, slug string) map[[2]string]act.Vote {
	d := s.DialogueBySlug(slug)
	all := map[[2]string]act.Vote{}
	for vote := range s.Votes(d.ID) {
		self, _ := s.Self(d.ID, vote.Pseudonym)
		origin := s.Origin(vote.Statement.ID)
		if self.Origin == nil || origin == nil {
			continue // missing in the comparison
		}
		all[[2]string{self.Origin.ID, origin.ID}] = vote.Vote
	}
	return all
}

func sameCells(t *testing.T, where string, got, want map[[2]string]act.Vote) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d cells, not %d", where, len(got), len(want))
	}
	wrong := 0
	for cell, vote := range want {
		if have, has := got[cell]; !has || have != vote {
			if wrong++; wrong < 4 {
				t.Errorf("%s: participant %s on comment %s is %v (%v), not %v", where, cell[0], cell[1], have, has, vote)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d cells are wrong", where, wrong)
	}
}

// imported is a state without its random ids.
type imported struct {
	Dialogue     act.DialogueAnnounced
	Stage        civic.Stage
	Names        act.Names
	Origin       act.Origin
	Statements   map[string]importedView
	People       map[string]act.Origin
	Votes        map[[2]string]importedVote
	Ballots      int64
	Participants int
}

type importedView struct {
	Facts      act.StatementRegistered
	Text       string
	Moderation civic.Moderation
	Reason     string
	Author     string // who the author votes as
	Origin     act.Origin
}

type importedVote struct {
	Vote act.Vote
	Time int64
}

func snapshot(t *testing.T, r *register.Register, slug string) imported {
	t.Helper()
	out := imported{Statements: map[string]importedView{}, People: map[string]act.Origin{}, Votes: map[[2]string]importedVote{}}
	var id act.ID
	texts := map[string]act.ID{}
	r.View(func(s *civic.State) {
		d := s.DialogueBySlug(slug)
		id, out.Dialogue, out.Stage, out.Names = d.ID, d.DialogueAnnounced, d.Stage(), s.Names(d.ID)
		out.Dialogue.Host, out.Dialogue.Slug = act.ID{}, ""
		out.Ballots, out.Participants = s.Ballots(d.ID), s.Participants(d.ID)
		for vote := range s.Votes(d.ID) {
			self, _ := s.Self(d.ID, vote.Pseudonym)
			out.People[self.Origin.ID] = *self.Origin
			out.Votes[[2]string{self.Origin.ID, s.Origin(vote.Statement.ID).ID}] = importedVote{vote.Vote, vote.Time}
			for _, own := range s.Own(d.ID, vote.Pseudonym) {
				view := out.Statements[s.Origin(own.ID).ID]
				view.Author = self.Origin.ID
				out.Statements[s.Origin(own.ID).ID] = view
			}
		}
		for _, v := range d.Statements() {
			origin := s.Origin(v.ID)
			texts[origin.ID] = v.ID
			out.Statements[origin.ID] = importedView{Facts: v.StatementRegistered, Moderation: v.Moderation, Reason: v.Reason, Origin: *origin,
				Author: out.Statements[origin.ID].Author}
		}
	})
	for origin, statement := range texts {
		text, err := r.Text(t.Context(), civic.System, statement, "text")
		if err != nil {
			t.Fatal(err)
		}
		view := out.Statements[origin]
		view.Text = text
		out.Statements[origin] = view
	}
	if err := r.Content(t.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "origin"}, &out.Origin); err != nil {
		t.Fatal(err)
	}
	return out
}

func mustImport(t *testing.T, from, data, slug string) {
	t.Helper()
	if err := (&importPolisCommand{place: place{Data: data}, Dir: from, Dialogue: slug, Language: "und"}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func mustOpen(t *testing.T, data string) *register.Register {
	t.Helper()
	r, err := place{Data: data}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// TestRealConversations imports every real conversation: each cell is the
// fold's after a replay, the export has the source's bytes, and importing the
// export gives the same state.
func TestRealConversations(t *testing.T) {
	found := realConversations(t)
	if testing.Short() {
		found = slices.DeleteFunc(found, func(dir string) bool {
			return filepath.Base(dir) != "vtaiwan.uberx" && filepath.Base(dir) != "london.youth.policing"
		})
	}
	for _, dir := range found {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			data, out, again := t.TempDir(), filepath.Join(t.TempDir(), "out"), t.TempDir()
			mustImport(t, dir, data, "there")
			r := mustOpen(t, data)
			r.View(func(s *civic.State) { sameCells(t, "the fold", standing(s, "there"), cells(t, dir)) })
			checkModeration(t, r, dir)
			if filepath.Base(dir) == "vtaiwan.uberx" {
				sameCells(t, "as served", served(t, r, "there"), cells(t, dir))
			}
			before := snapshot(t, r, "there")
			r.Close()
			if err := (&exportPolisCommand{place: place{Data: data}, Dialogue: "there", Dir: out}).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			sameFiles(t, out, dir)
			mustImport(t, out, again, "back")
			if after := snapshot(t, mustOpen(t, again), "back"); !reflect.DeepEqual(before, after) {
				t.Error("the export, imported, gives another state")
			}
		})
	}
}

// checkModeration holds what became of each view to comments.csv.
func checkModeration(t *testing.T, r *register.Register, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "comments.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	views := snapshot(t, r, "there").Statements
	if len(views) != len(rows)-1 {
		t.Errorf("%d views, not %d", len(views), len(rows)-1)
	}
	for _, row := range rows[1:] {
		view := views[column(row, "comment-id")]
		want, reason := civic.Published, ""
		if column(row, "moderated") == "-1" {
			want, reason = civic.Withheld, act.ReasonSource
		}
		if view.Moderation != want || view.Reason != reason || view.Text != column(row, "comment-body") || view.Origin.Author != column(row, "author-id") ||
			fmt.Sprint(view.Origin.Time) != column(row, "timestamp") {
			t.Errorf("comment %s is %s", column(row, "comment-id"), view.Moderation)
		}
	}
}

// served reads the votes through the handler of the whole site.
func served(t *testing.T, r *register.Register, slug string) map[[2]string]act.Vote {
	t.Helper()
	site, err := newSite(siteConfig{register: r, baseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	defer server.Close()
	response, err := http.Get(server.URL + "/api/v1/dialogues/" + slug + "/votes.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	rows, err := csv.NewReader(response.Body).ReadAll()
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	all := map[[2]string]act.Vote{}
	for _, row := range rows[1:] {
		vote, err := act.ParseVote(row[slices.Index(rows[0], "vote")])
		if err != nil {
			t.Fatal(err)
		}
		all[[2]string{row[slices.Index(rows[0], "source_person")], row[slices.Index(rows[0], "source_statement")]}] = vote
	}
	return all
}

func sameFiles(t *testing.T, got, want string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(want, "*"))
	if err != nil {
		t.Fatal(err)
	}
	have, _ := filepath.Glob(filepath.Join(got, "*"))
	if len(files) != len(have) {
		t.Errorf("%d files, not %d", len(have), len(files))
	}
	for _, path := range files {
		a, errA := os.ReadFile(filepath.Join(got, filepath.Base(path)))
		b, errB := os.ReadFile(path)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is not the source's: %v %v", filepath.Base(path), errA, errB)
		}
	}
}
