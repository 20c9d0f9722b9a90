package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
	"samleng/internal/polis"
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

// made writes a small conversation with everything that real ones have: changed
// and repeated votes, votes on withheld comments, comments with no vote, an
// author who did not vote, words that look like formulas.
func made(t *testing.T) string {
	t.Helper()
	c := polis.Native()
	c.Summary = []polis.SummaryRow{{Key: "topic", Value: "=a question"}, {Key: "url", Value: "https://example.org/q"}, {Key: "conversation-description", Value: ""}}
	const start = 1435654192085
	for n := range 12 {
		comment := polis.Comment{ID: int64(20 - n), Author: int64(n % 4), Time: start + int64(n*977%12), Moderated: n%3 - 1, Text: fmt.Sprintf("-comment \"%d\",\nwith lines", n)}
		if n == 11 {
			comment.Author, comment.Fields = 99, map[string]string{"agrees": "7"}
		}
		c.Comments = append(c.Comments, comment)
	}
	for voter := range 40 {
		for n, comment := range c.Comments[:10] {
			for change := range 1 + (voter+n)%4 {
				c.Votes = append(c.Votes, polis.Vote{Voter: int64(voter), Comment: comment.ID, Time: start + int64((voter*31+n*7+change*13)%50), Value: act.Vote((voter+n+change/2)%3 - 1)})
			}
		}
		c.Participants = append(c.Participants, polis.Participant{ID: int64(voter), Fields: map[string]string{"group-id": fmt.Sprint(voter % 2)}})
	}
	slices.Reverse(c.Participants)
	dir := t.TempDir()
	if err := c.Write(dir, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestInterruptedImport ends an import at every stage and runs it again: in the
// end nothing is missing and nothing is there twice.
func TestInterruptedImport(t *testing.T) {
	dir, whole := made(t), t.TempDir()
	mustImport(t, dir, whole, "there")
	r := mustOpen(t, whole)
	want, acts := snapshot(t, r, "there"), r.Position()
	conversation, err := polis.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if want.Ballots != int64(len(conversation.Votes)) || len(want.Statements) != 12 || want.Stage != civic.Closed {
		t.Errorf("%d ballots, not %d; %d views; %s", want.Ballots, len(conversation.Votes), len(want.Statements), want.Stage)
	}
	if got := want.Statements["10"]; got.Moderation != civic.Awaiting { // no vote, and nobody decided
		t.Errorf("comment 10 is %s", got.Moderation)
	}
	data := t.TempDir()
	errStop := errors.New("stopped")
	for _, after := range []int64{1, 3, 4, 7, 15, 40, 60, 200, 500} {
		r, err := place{Data: data}.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := &importer{register: r, c: conversation, slug: "there", language: "und", progress: newProgress(os.Stderr)}
		ctx, stop := withStop(t, r, after, errStop)
		_, err = i.run(ctx)
		stop()
		i.progress.end()
		position := r.Position()
		r.Close()
		if err == nil && position != acts {
			t.Fatalf("it ended with %d acts of %d", position, acts)
		}
	}
	mustImport(t, dir, data, "there")
	r = mustOpen(t, data)
	if got := snapshot(t, r, "there"); !reflect.DeepEqual(got, want) || r.Position() != acts {
		t.Errorf("after interruptions %d acts, not %d; the same: %v", r.Position(), acts, reflect.DeepEqual(got, want))
	}
	mustImport(t, dir, data, "there")
	if r := mustOpen(t, data); r.Position() != acts {
		t.Errorf("a second import adds %d acts", r.Position()-acts)
	}
}

// TestRefusedImports: a name that is taken, by another conversation or by a
// dialogue that began here, and broken files; nothing is imported.
func TestRefusedImports(t *testing.T) {
	dir, data := made(t), t.TempDir()
	refused := func(dir, slug, why string) {
		t.Helper()
		err := (&importPolisCommand{place: place{Data: data}, Dir: dir, Dialogue: slug, Language: "und"}).Run(t.Context())
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte(why)) {
			t.Errorf("%v, where %q was to be said", err, why)
		}
	}
	votes, err := os.ReadFile(filepath.Join(dir, "votes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	broken := t.TempDir()
	if err := os.CopyFS(broken, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "votes.csv"), append(votes, "1435654192085,,7,0,2\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	refused(broken, "there", "votes.csv, row ")
	refused(dir, "No Slug", "nothing was imported")
	if _, err := os.Stat(filepath.Join(data, "keys")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused import made a register: %v", err)
	}
	mustImport(t, dir, data, "there")
	if err := os.WriteFile(filepath.Join(broken, "votes.csv"), votes, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(broken, "summary.csv")); err != nil {
		t.Fatal(err)
	}
	refused(broken, "there", "another conversation")
	r := mustOpen(t, data)
	before := r.Position()
	nativeDialogue(t, r, "here", false)
	added := r.Position() - before
	refused(dir, "here", "was not imported from Polis")
	if err := r.Wait(t.Context(), before+added); err != nil || r.Position() != before+added {
		t.Errorf("refused imports left %d acts: %v", r.Position()-before-added, err)
	}
}

// TestImportedReceiptsAreClosed: from what the source publishes nobody works
// out a secret, a token or a pseudonym.
func TestImportedReceiptsAreClosed(t *testing.T) {
	dir := made(t)
	var states [2]imported
	var people [2]act.Pseudonym
	var tokens [2]register.Token
	for n := range states {
		data := t.TempDir()
		mustImport(t, dir, data, "there")
		r := mustOpen(t, data)
		states[n] = snapshot(t, r, "there")
		tokens[n] = r.TokenFor(act.ID{}, "polis programme")
		r.View(func(s *civic.State) {
			d := s.DialogueBySlug("there")
			for vote := range s.Votes(d.ID) {
				if self, _ := s.Self(d.ID, vote.Pseudonym); self.Origin.ID == "7" {
					people[n] = vote.Pseudonym
				}
			}
			for _, token := range []string{"7", "polis person 7"} {
				if r.Participant(token, d.ID) == people[n] {
					t.Errorf("whoever calls themselves %q is the participant 7", token)
				}
			}
		})
	}
	if !reflect.DeepEqual(states[0], states[1]) || people[0] == people[1] || tokens[0] == tokens[1] {
		t.Error("two servers make different states, or the same people or tokens")
	}
	a, err := json.Marshal(states[0].Origin)
	if err != nil || bytes.Contains(a, []byte("comment \\\"")) {
		t.Errorf("the dialogue's open section holds words: %s %v", a, err)
	}
}
