package audit_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
)

// each changes every match of a pattern.
func each(pattern, to string) func([]byte) []byte {
	p := regexp.MustCompile(pattern)
	return func(body []byte) []byte { return p.ReplaceAll(body, []byte(to)) }
}

// first changes the first match of a pattern.
func first(pattern, to string) func([]byte) []byte {
	p := regexp.MustCompile(pattern)
	return func(body []byte) []byte {
		at := p.FindSubmatchIndex(body)
		if at == nil {
			return body
		}
		return slices.Concat(body[:at[0]], p.Expand(nil, []byte(to), body, at), body[at[1]:])
	}
}

// punctual is a balance in which everything that was late is on time: what a
// calendar or a policy that was put in later makes of it.
func punctual(body []byte) []byte {
	var b civic.Balance
	if json.Unmarshal(body, &b) != nil {
		return body
	}
	for _, w := range []*civic.Waiting{&b.AwaitingModeration, &b.NotYetReferred, &b.Waiting, &b.NeedsInformation, &b.BeingConsidered} {
		w.OnTime, w.Overdue = w.OnTime+w.Overdue, 0
	}
	body, _ = json.Marshal(b)
	return body
}

// without leaves an entry out of a list that stands in a member, or alone.
func without(member string, i int) func([]byte) []byte {
	return func(body []byte) []byte {
		var list []json.RawMessage
		whole := map[string]json.RawMessage{}
		if member == "" {
			if json.Unmarshal(body, &list) != nil {
				return body
			}
			body, _ = json.Marshal(slices.Delete(list, i, i+1))
			return body
		}
		if json.Unmarshal(body, &whole) != nil || json.Unmarshal(whole[member], &list) != nil || len(list) <= i {
			return body
		}
		whole[member], _ = json.Marshal(slices.Delete(list, i, i+1))
		body, _ = json.Marshal(whole)
		return body
	}
}

// lyingFigures changes what the API says of one thing or of another.
func lyingFigures(t *testing.T, w *world) []lie {
	at := func(prefix string, change func([]byte) []byte) http.Handler {
		return altered(w.handler, prefix, change)
	}
	var view *civic.Statement
	var need *civic.Need
	w.View(func(s *civic.State) { view, need = s.Statements()[0], s.Needs()[0] })
	position, err := w.Locate(t.Context(), view.ID)
	if err != nil {
		t.Fatal(err)
	}
	past := func(query string, change func([]byte) []byte) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/v1/balance" && r.URL.Query().Has("at") && r.URL.Query().Has(query) {
				altered(w.handler, "/", change).ServeHTTP(out, r)
				return
			}
			w.handler.ServeHTTP(out, r)
		})
	}
	anywhere := int64(audit.NoPosition)
	figure := func(name string, server http.Handler, words ...string) lie {
		return lie{name: name, server: server, check: audit.CheckFigure, position: anywhere, words: words}
	}
	return []lie{
		figure("a calendar or a policy backdated", past("at", punctual), "balance?at="),
		figure("a past day changed for one place", past("place", first(`"registered":`, `"registered":9`)), "balance?at=", "place=", "registered"),
		figure("a past day changed for one dialogue", past("dialogue", first(`"registered":`, `"registered":9`)), "balance?at=", "dialogue=", "registered"),
		figure("a place's balance changed", at("/api/v1/balance?place=", first(`"answered":`, `"answered":9`)), "place=", "answered"),
		figure("an authority's balance changed", at("/api/v1/balance?authority=", first(`"overdue":`, `"overdue":9`)), "authority=", "overdue"),
		figure("a period's balance changed", at("/api/v1/balance?from=", first(`"registered":`, `"registered":9`)), "from=", "registered"),
		figure("an authority's late views lowered in the list", alteredAt(w.handler, "/api/v1/authorities", each(`"overdue":[1-9]\d*`, `"overdue":0`)), "authorities", "overdue"),
		figure("a commitment's first date changed on its own", at("/api/v1/commitments/", each(`"first_end":"\d+`, `"first_end":"2031`)), "commitments/", "first_end"),
		figure("a revision hidden", at("/api/v1/commitments/", each(`"revisions":\[\{.*?\}\]`, `"revisions":[]`)), "commitments/", "revisions"),
		figure("progress that was claimed shown as confirmed", at("/api/v1/commitments/", each(`"state":"claimed"`, `"state":"confirmed"`)), "commitments/", "state", "confirmed"),
		figure("what others found changed", at("/api/v1/commitments/", each(`"verdict":"[a-z_]+"`, `"verdict":"liked"`)), "commitments/", "found", "liked"),
		figure("a milestone moved", at("/api/v1/commitments/", each(`"first_due":"\d+`, `"first_due":"2031`)), "milestones[0].first_due"),
		figure("the words of a commitment changed", at("/api/v1/commitments/", first(`"what":\{"en":"`, `"what":{"en":"Not `)), "commitments/", "what.en", "Not "),
		{name: "a need dropped from the list", server: at("/api/v1/needs?", without("needs", 0)), check: audit.CheckList, position: anywhere, words: []string{"needs", need.ID.String()}},
		figure("a need shown as met", at("/api/v1/needs/", each(`"open":true`, `"open":false`)), "needs/", "open"),
		{name: "a dialogue dropped from the list", server: at("/api/v1/dialogues", without("", 1)), check: audit.CheckList, position: anywhere, words: []string{"dialogues"}},
		figure("a case's views changed", at("/api/v1/cases/", first(`"views":`, `"views":9`)), "cases/", "views"),
		figure("an answer's decision changed", at("/api/v1/answers/", first(`"decision":"[a-z_]+"`, `"decision":"adopted_in_all"`)), "answers/", "decision"),
		figure("an answer's reasons changed", at("/api/v1/answers/", first(`"reasons":"`, `"reasons":"Not so: `)), "answers/", "reasons", "Not so"),
		{name: "a view hidden", server: missing(w.handler, "/api/v1/statements/"+view.ID.String()), check: audit.CheckList, position: position, words: []string{"statements/" + view.ID.String()}},
		figure("a view's words changed", at("/api/v1/statements/", first(`"text":"`, `"text":"Not so: `)), "statements/", "text", "Not so"),
		figure("a step of a view's way hidden", at("/api/v1/statements/", without("events", 0)), "statements/", "events"),
		figure("where a view stands changed in the list", at("/api/v1/dialogues/", each(`"disposition":"[a-z_]+"`, `"disposition":"answered"`)), "/statements?", "disposition", "answered"),
		{name: "a view left out of the list", server: at("/api/v1/dialogues/", without("statements", 3)), check: audit.CheckList, position: anywhere, words: []string{"/statements?"}},
	}
}

// lyingRelease shows other figures of votes than were released, and releases what
// cannot be.
func lyingRelease(t *testing.T, w *world) []lie {
	var last civic.Release
	var d *civic.Dialogue
	w.View(func(s *civic.State) {
		for _, one := range s.Dialogues() {
			if all := s.Releases(one.ID); d == nil && len(all) > 0 {
				d, last = one, all[len(all)-1]
			}
		}
	})
	position, err := w.Locate(t.Context(), last.Act)
	if err != nil {
		t.Fatal(err)
	}
	tallies := "/api/v1/dialogues/" + d.Slug + "/tallies"
	noMap := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/dialogues/"+d.Slug+"/map" {
			out.Header().Set("Samleng-Position", fmt.Sprint(w.Position()))
			fmt.Fprint(out, `{"finding":"one"}`)
			return
		}
		w.handler.ServeHTTP(out, r)
	})
	honest := w.leaves(t)
	ballot := 0 // one with another behind it: neither has anything open
	for isBallot := func(i int) bool { return bytes.Contains(honest[i], []byte(`"ballot.cast"`)) }; !isBallot(ballot) || !isBallot(ballot+1); {
		ballot++
	}
	counted, leaf := w.recounted(t, d.ID, last, position)
	release := func(name string, server http.Handler, at int64, words ...string) lie {
		return lie{name: name, server: server, check: audit.CheckRelease, position: at, words: words}
	}
	return []lie{
		release("a release shown otherwise than in the log", alteredAt(w.handler, tallies, first(`"agree":\d`, `"agree":9`)), position, "tallies", "agree"),
		release("a release hidden", missing(w.handler, tallies), position, "tallies"),
		release("a map that nobody published", noMap, audit.NoPosition, "map"),
		release("ballots counted twice in a release", forge(t, counted, origin, slices.Concat(honest[:position], [][]byte{leaf}, honest[position+1:])), position, "more votes than ballots"),
		{name: "a ballot in the log twice", server: forge(t, w.handler, origin, slices.Insert(slices.Clone(honest), ballot+1, honest[ballot])), check: audit.CheckForbidden,
			position: int64(ballot + 1), words: []string{civic.RefusedExists}},
	}
}

// recounted makes a release anew in which every vote counts ten times, and serves
// its section.
func (w *world) recounted(t testing.TB, dialogue act.ID, last civic.Release, position int64) (http.Handler, []byte) {
	t.Helper()
	var tally act.Tally
	if err := w.Content(t.Context(), civic.Actor{}, civic.SectionRef{Act: last.Act, Name: "tally"}, &tally); err != nil {
		t.Fatal(err)
	}
	for _, row := range tally.Statements {
		for _, n := range []*int{row.Agree, row.Disagree, row.Pass} {
			if n != nil {
				*n *= 100
			}
		}
	}
	made, err := act.New(act.Draft{By: act.System, Of: dialogue, Facts: &act.ReleasePublished{At: last.At}, Content: map[string]any{"tally": &tally}}, last.Act, last.When, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	open := section{made.Sections[0].Name, base64.StdEncoding.EncodeToString(made.Sections[0].Salt[:]), string(made.Sections[0].Content)}
	path := fmt.Sprintf("/log/sections/%d", position/256)
	return altered(w.handler, path, w.sections(t, position, func([]section) []section { return []section{open} })), made.Leaf
}

// lyingPages says other things on the pages and in the files than in the API.
func lyingPages(t *testing.T, w *world) []lie {
	var slipped *civic.Commitment
	var code string
	w.View(func(s *civic.State) {
		code = string(s.Code(s.Statements()[0].ID))
		for _, c := range s.Commitments() {
			if c.Slip() != 0 {
				slipped = c
			}
		}
	})
	own, end := "/c/"+slipped.ID.String(), slipped.End()
	page := func(name string, server http.Handler, words ...string) lie {
		return lie{name: name, server: server, check: audit.CheckPage, position: audit.NoPosition, words: words}
	}
	file := func(name, path string, change func([]byte) []byte, words ...string) lie {
		return lie{name: name, server: altered(w.handler, path, change), check: audit.CheckFile, position: audit.NoPosition, words: append(words, path)}
	}
	return []lie{
		page("a figure changed on the first page in Khmer", altered(w.handler, "/?lang=km", first(`(data-of="balance.answered" data-value=")\d+">\d+`, `${1}99">99`)), "/?lang=km", "balance.answered", "99"),
		page("a figure changed for people alone", altered(w.handler, "/?lang=en", first(`(data-of="balance.answered" data-value="\d+">)\d+`, `${1}99`)), "/?lang=en", "balance.answered", "99"),
		page("a figure left out of a page", altered(w.handler, "/d/", each(`data-of="balance.answered"`, ``)), "/d/", "balance.answered"),
		page("a page of a past day changed", altered(w.handler, "/?lang=", func(body []byte) []byte {
			if !bytes.Contains(body, []byte("noindex")) {
				return body
			}
			return first(`(data-of="balance.registered" data-value=")\d+`, `${1}9999`)(body)
		}), "on=", "balance.registered"),
		page("the first date of a commitment hidden on its page", altered(w.handler, own+"?lang=en", first(`<strong class="late" data-of="commitment.[^>]*first_end".*?</strong>`, ``)), own, "first_end", slipped.CommitmentMade.End),
		page("the first date of a commitment changed for people alone", altered(w.handler, own+"?lang=km", first(`(first_end" data-value="[^"]*">)[^<]*`, `${1}`+end)), own, "first_end"),
		page("what was reported left out", altered(w.handler, "/c/", each(`data-of="[^"]*reported[^"]*"`, ``)), "reported"),
		page("an authority's late views lowered", altered(w.handler, "/authorities", each(`overdue" data-value="\d+">`, `overdue" data-value="0">`)), "/authorities", "overdue"),
		page("an authority's answers in time raised", altered(w.handler, "/a/", first(`(figures.in_time" data-value=")\d+`, `${1}999`)), "figures.in_time", "999"),
		page("how much is late lowered", altered(w.handler, "/overdue", first(`(overdue.views" data-value=")\d+`, `${1}1`)), "/overdue", "overdue.views"),
		page("where a view stands changed on its page", altered(w.handler, "/v/"+code, first(`(view[^"]*state" data-value=")[a-z_]+`, `${1}answered_well`)), "view."+code, "answered_well"),
		page("a tally changed on a page", altered(w.handler, "/d/", first(`(data-of="tally[^"]*" data-value=")\d+`, `${1}999`)), "/d/", "tally.", "999"),
		page("a commitment's state changed in a list", altered(w.handler, "/commitments?", each(`(commitment[^"]*state" data-value=")(late|under_way|claimed)`, `${1}confirmed`)), "/commitments", "state", "confirmed"),
		{name: "a view's page hidden", server: missing(w.handler, "/v/"+code), check: audit.CheckList, position: audit.NoPosition, words: []string{"/v/" + code}},
		{name: "a page that is none", server: altered(w.handler, "/overdue?lang=en", func([]byte) []byte { return []byte("<p \xff") }), check: audit.CheckAnswer, position: audit.NoPosition, words: []string{"/overdue", "UTF-8"}},
		file("the first date of a commitment changed in the file", "/data/commitments.csv", first(`,`+slipped.CommitmentMade.End+`,`, `,2031-01-01,`), "2031-01-01"),
		file("a view left out of the file", "/data/views.csv", first(`\r\n[^\r]*\r\n$`, "\r\n"), "rows"),
		file("one view's state changed in the file", "/data/views.csv?lang=en", changedState, "column 6"),
		file("an answer's day changed in the file", "/data/answers.csv", first(`\r\n\d{4}-`, "\r\n2031-"), "2031-"),
		file("something late left out of the file", "/data/overdue.csv", first(`\r\n[^\r]*`, ""), "row 2"),
		file("a commitment's day changed in the calendar", "/calendar.ics", calendarMoved, "commitment/"),
		file("an entry left out of a feed", "/feeds/commitments.atom", each(`(?s)<entry>.*?</entry>`, ""), "entry 1"),
	}
}

// changedState gives the second view the state of another.
func changedState(body []byte) []byte {
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		return body
	}
	for _, row := range rows[3:] {
		if row[5] != rows[2][5] {
			rows[2][5] = row[5]
			break
		}
	}
	var out bytes.Buffer
	if csv.NewWriter(&out).WriteAll(rows) != nil {
		return body
	}
	return out.Bytes()
}

// calendarMoved moves the day of the first commitment.
func calendarMoved(body []byte) []byte {
	return first(`(?s)(UID:commitment/[0-9a-z]+@.*?DTSTART;VALUE=DATE:)\d{4}`, `${1}2031`)(body)
}

// TestFigureLies has the site lie about each kind of figure.
func TestFigureLies(t *testing.T) {
	w := served(t)
	tell(t, slices.Concat(lyingFigures(t, w), lyingRelease(t, w), lyingPages(t, w), lyingLater(t, w)))
}

// lyingLater serves the log rightly while it is read, and other words after that.
func lyingLater(t *testing.T, w *world) []lie {
	var promise act.ID
	w.View(func(s *civic.State) { promise = s.Commitments()[0].ID })
	position, err := w.Locate(t.Context(), promise)
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/log/sections/%d", position/256)
	lying := altered(w.handler, path, w.sections(t, position, func(s []section) []section {
		for i := range s {
			s[i].Content = strings.Replace(s[i].Content, `"what":{`, `"what":{ `, 1)
		}
		return s
	}))
	var mu sync.Mutex
	asked := map[string]int{}
	return []lie{{name: "a section altered once it was read", server: http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Path]++
		again := asked[r.URL.Path] > 1
		mu.Unlock()
		if again {
			lying.ServeHTTP(out, r)
			return
		}
		w.handler.ServeHTTP(out, r)
	}), check: audit.CheckSection, position: position, words: []string{"plan"}}}
}

// TestPastOfWhatGoesOn: days that have passed are compared on a site that has gone
// on past its checkpoint.
func TestPastOfWhatGoesOn(t *testing.T) {
	w := served(t)
	lying := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("at") {
			altered(w.handler, "/", punctual).ServeHTTP(out, r)
			return
		}
		w.handler.ServeHTTP(out, r)
	})
	report := run(t, standing(lying, "999999"), nil)
	if report.Outcome != audit.Wrong || report.Findings[0].Check != audit.CheckFigure || !strings.Contains(report.Findings[0].Figure, "at=") {
		t.Errorf("%+v", report)
	}
}
