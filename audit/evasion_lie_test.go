package audit_test

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
)

// Lies that keep to the letter of a comparison: what the auditor reads is right
// or is not read, and people or their programs read something else.

// doubled puts an entry of a list in JSON there a second time, changed, before
// the first.
func doubled(member string, change func([]byte) []byte) func([]byte) []byte {
	return func(body []byte) []byte {
		var list []json.RawMessage
		whole := map[string]json.RawMessage{}
		if member == "" {
			_ = json.Unmarshal(body, &list)
		} else if json.Unmarshal(body, &whole) == nil {
			_ = json.Unmarshal(whole[member], &list)
		}
		if len(list) == 0 {
			return body
		}
		list = slices.Insert(list, 0, json.RawMessage(change(bytes.Clone(list[0]))))
		if member == "" {
			body, _ = json.Marshal(list)
			return body
		}
		whole[member], _ = json.Marshal(list)
		body, _ = json.Marshal(whole)
		return body
	}
}

func thorough(c *audit.Config) { c.Thorough = true }

// thoroughly has a lie told to an auditor who compares everything.
func thoroughly(l lie) lie {
	l.config = thorough
	return l
}

// lyingPrograms answers programs otherwise than the auditor reads.
func lyingPrograms(t *testing.T, w *world) []lie {
	anywhere := int64(audit.NoPosition)
	figure := func(name, path string, change func([]byte) []byte, words ...string) lie {
		return lie{name: name, server: altered(w.handler, path, change), check: audit.CheckFigure, position: anywhere, words: words}
	}
	var busiest *civic.Dialogue
	w.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			if busiest == nil || len(d.Statements()) > len(busiest.Statements()) {
				busiest = d
			}
		}
	})
	at, name := w.openSection(t)
	elsewhere := 0 // the bundle in which an erased section does not belong
	if w.gone/256 == 0 {
		elsewhere = 1
	}
	var gone []actSections
	if err := json.Unmarshal(w.before, &gone); err != nil {
		t.Fatal(err)
	}
	gone = slices.DeleteFunc(gone, func(a actSections) bool { return a.Position != w.gone })
	smuggled := w.inserted(t, gone...)
	return []lie{
		{name: "an answer of another position, so that what follows is not compared",
			server: header(altered(w.handler, "/v/", each(`data-value="[a-z_]+"`, `data-value="answered_well"`)), "/api/v1/authorities", "Samleng-Position", "999999"),
			check:  audit.CheckFigure, position: anywhere, words: []string{"authorities", "999999"}},
		{name: "an answer that does not say its position", server: header(w.handler, "/api/v1/dialogues", "Samleng-Position", ""),
			check: audit.CheckFigure, position: anywhere, words: []string{"dialogues", "Position"}},
		{name: "a commitment twice, once with another first date", server: altered(w.handler, "/api/v1/commitments?", doubled("commitments", each(`"first_end":"\d+`, `"first_end":"2031`))),
			check: audit.CheckCommitment, position: anywhere, words: []string{"2031"}},
		{name: "an authority twice, once with other figures", server: alteredAt(w.handler, "/api/v1/authorities", doubled("", first(`"registered":`, `"registered":9`))),
			check: audit.CheckAuthority, position: anywhere, words: []string{"authorities"}},
		{name: "a name twice, the second in capitals", server: altered(w.handler, "/api/v1/commitments?", each(`"first_end":("[^"]*")`, `"first_end":"2031-01-01","FIRST_END":$1`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{"commitments", "FIRST_END"}},
		{name: "a name in capitals alone", server: altered(w.handler, "/api/v1/commitments?", each(`"first_end":`, `"First_end":`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{"First_end"}},
		{name: "a name twice", server: altered(w.handler, "/api/v1/balance", first(`"registered":(\d+)`, `"registered":99999,"registered":$1`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{"balance", "registered"}},
		{name: "a section's words twice", server: altered(w.handler, fmt.Sprintf("/log/sections/%d", at/256), first(`"content":`, `"content":"{\"text\":\"Not so\"}","Content":`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{fmt.Sprintf("sections/%d", at/256), "Content"}},
		{name: "a section twice", server: altered(w.handler, fmt.Sprintf("/log/sections/%d", at/256), w.sections(t, at, func(s []section) []section { return append(s, s[0]) })),
			check: audit.CheckAnswer, position: anywhere, words: []string{name, "twice"}},
		{name: "an erased section served in another bundle", server: altered(w.handler, fmt.Sprintf("/log/sections/%d", elsewhere), smuggled),
			check: audit.CheckAnswer, position: anywhere, words: []string{fmt.Sprintf("sections/%d", elsewhere), fmt.Sprint(w.gone)}},
		{name: "a witness that is late said to be in time", server: altered(w.handler, "/api/v1/witnesses", first(`"late_from":"2026`, `"late_from":"2027`)),
			check: audit.CheckFigure, position: anywhere, words: []string{"witnesses", "late_from"}},
		{name: "witnesses said not to be enough", server: altered(w.handler, "/api/v1/witnesses", first(`"kept":true`, `"kept":false`)),
			check: audit.CheckFigure, position: anywhere, words: []string{"witnesses", "kept"}},
		figure("a view's votes changed on its own", "/api/v1/statements/", each(`("tally":\{[^}]*"agree":)\d+`, "${1}9"), "tally.agree"),
		figure("who raised a need changed", "/api/v1/needs/", each(`("raised":\{"views":)\d+`, "${1}99"), "raised.views"),
		figure("what an act said changed", "/api/v1/statements/", each(`("kind":"statement.registered"[^{]*\{[^{]*\{[^}]*"channel":")web`, "${1}phone"), "facts.channel"),
		figure("how a commitment is verified changed", "/api/v1/commitments/", each(`("verified":\{"en":")`, "${1}Not "), "indicator.verified.en"),
		thoroughly(figure("a view's words changed in the list", "/api/v1/dialogues/", first(`"text":"`, `"text":"Not so: `), "/statements?", "text")),
		{name: "a list of views that goes on where it ends", server: altered(w.handler, "/api/v1/dialogues/"+busiest.Slug+"/statements", first(`"statements":`, `"next":"0","statements":`)),
			check: audit.CheckList, position: anywhere, words: []string{"next"}},
	}
}

// lyingReaders shows people something else than the figure that the auditor reads.
func lyingReaders(t *testing.T, w *world) []lie {
	var d *civic.Dialogue
	var gathered *civic.Need
	w.View(func(s *civic.State) {
		for _, one := range s.Dialogues() {
			if len(s.Releases(one.ID)) > 0 {
				d = one
			}
		}
		for _, n := range s.Needs() {
			if len(n.Commitments()) > 0 {
				gathered = n
			}
		}
	})
	page := func(name, path string, change func([]byte) []byte, words ...string) lie {
		return lie{name: name, server: altered(w.handler, path, change), check: audit.CheckPage, position: audit.NoPosition, words: words}
	}
	list := func(name, path string, change func([]byte) []byte, words ...string) lie {
		l := page(name, path, change, words...)
		l.check = audit.CheckList
		return l
	}
	file := func(name, path string, change func([]byte) []byte, words ...string) lie {
		return lie{name: name, server: altered(w.handler, path, change), check: audit.CheckFile, position: audit.NoPosition, words: append(words, path)}
	}
	answered := func(to string) func([]byte) []byte {
		return first(`(<td class="n" data-of="balance.answered" data-value="\d+">)(\d+)(</td>)`, to)
	}
	return []lie{
		page("nought in the attribute, a number for people", "/d/", first(`(<td class="n" data-of="balance.erased" data-value="0">)0`, "${1}99"), "balance.erased", "99"),
		page("another number beside the right one", "/?lang=en", answered("${1}99 <small>$2</small>$3"), "balance.answered", "99"),
		page("the right number where nobody sees it", "/?lang=km", answered("${1}99<i hidden>$2</i>$3"), "balance.answered", "99"),
		page("the whole figure where nobody sees it", "/?lang=en", answered(`<td class="n">99</td><td hidden data-of="balance.answered" data-value="$2">$2$3`), "balance.answered"),
		page("the whole figure in a style that hides it", "/?lang=en", answered(`<td class="n">99</td><td style="display:none" data-of="balance.answered" data-value="$2">$2$3`), "balance.answered"),
		page("the whole figure in what browsers do not show", "/?lang=en", answered(`<td class="n">99<template><b data-of="balance.answered" data-value="$2">$2</b></template>$3`), "balance.answered"),
		{name: "the right figure in a comment that browsers end sooner", server: altered(w.handler, "/?lang=en", answered(`<!-->99<!-- -->$1$2$3`)),
			check: audit.CheckAnswer, position: audit.NoPosition, words: []string{"/?lang=en", "comment"}},
		page("a digit right before a figure", "/?lang=en", first(`(<span data-of="balance.registered")`, "9$1"), "balance.registered"),
		page("a digit right behind a figure", "/a/", first(`(<span data-of="commitment.[^>]*>[^<]*</span>)`, "${1}9"), "commitment."),
		page("a number in the digits of another script", "/?lang=en", answered("${1}९${2}$3"), "balance.answered"),
		page("digits that seem to be apart", "/?lang=en", answered("${1}9\u200b${2}$3"), "balance.answered"),
		page("how many wait", "/?lang=en", first(`(data-of="balance.waits" data-value=")\d+(">)\d+`, "${1}1${2}1"), "balance.waits"),
		page("how many are late in a sentence", "/?lang=km", first(`(data-of="balance.overdue" data-value=")\d+`, "${1}1"), "balance.overdue"),
		thoroughly(page("agreement and disagreement exchanged for people", "/d/"+d.Slug, each(`(?s)(<div data-of="tally[^>]*>.*?<p><span>.*?)(\d+)([^<\d]*</span> <span>.*?)(\d+)([^<\d]*</span>)`, "$1$4$3$2$5"), "tally")),
		page("a step shown as late by fewer days", "/overdue?lang=en", first(`(overdue" data-value="true">.*?)\d+( working)`, "${1}1$2"), "/overdue", "overdue"),
		page("one late commitment shown as confirmed", "/commitments?lang=en", first(`(data-value="claimed">.*?</svg>)[^<]*`, "${1}Done and confirmed"), "state"),
		page("another root on the sheet to print", "/checkpoint", first(`(class="root".*?<span>)\d{5}`, "${1}00000"), "/checkpoint root", "00000"),
		page("another size on the sheet to print", "/checkpoint", first(`(<span class="digits">)\d+(</span> <span class="check">)`, "${1}99999$2"), "/checkpoint"),
		{name: "browsers shown another figure than programs", server: toBrowsers(w.handler, answered("${1}99$3")), check: audit.CheckPage, position: audit.NoPosition, words: []string{"balance.answered", "99"}},
		{name: "another figure where the address names no language", server: toOthers(w.handler, answered("${1}99$3")), check: audit.CheckPage, position: audit.NoPosition, words: []string{"/ balance.answered", "99"}},
		file("money changed in the file", "/data/commitments.csv", each(`,3000\.00,USD`, ",9000.00,USD"), "column 10"),
		file("money with its point moved", "/data/commitments.csv", each(`,3000\.00,USD`, ",30000.0,USD"), "column 10"),
		file("the page of another view in the file", "/data/views.csv?lang=en", first(`/v/[A-Z0-9-]+`, "/v/"), "column 12"),
		file("something late left out of the feed", "/feeds/overdue.atom", first(`(?s)<entry>.*?</entry>`, ""), "entry 1"),
		file("an answer left out of the feed", "/feeds/answers.atom", first(`(?s)<entry>.*?</entry>`, ""), "entry 1"),
		file("the end of a dialogue moved in the calendar", "/calendar.ics", first(`(?s)(UID:dialogue/.*?DTEND;VALUE=DATE:)\d{4}`, "${1}2031"), "dialogue/", "2031"),
		file("an office's day moved in the calendar", "/calendar.ics", first(`(?s)(UID:case/.*?DTSTART;VALUE=DATE:)\d{4}`, "${1}2031"), "case/", "2031"),
		file("a dialogue left out of the calendar", "/calendar.ics", first(`(?s)BEGIN:VEVENT\r\nUID:dialogue/.*?END:VEVENT\r\n`, ""), "dialogue/"),
		file("something in the calendar that nobody announced", "/calendar.ics", first(`(?s)(BEGIN:VEVENT\r\nUID:dialogue/.*?END:VEVENT\r\n)`, "$1$1"), "dialogue/"),
		thoroughly(file("the words of a commitment changed in the file", "/data/commitments.csv?lang=en", each(`Warn ten`, "Warn two"), "column 1")),
		thoroughly(file("the reasons of an answer changed in the file", "/data/answers.csv?lang=en", shiftedReasons, "column 7")),
		thoroughly(page("what holders said of answers turned round", "/a/", first(`(data-of="count.judgement.no" data-value=")1(">)1`, "${1}0${2}0"), "count.judgement.no")),
		page("figures left out of a past day", "/?lang=", func(body []byte) []byte {
			if !bytes.Contains(body, []byte("noindex")) {
				return body
			}
			return each(`data-of="balance.registered"`, ``)(body)
		}, "on=", "balance.registered"),
		list("authorities left out of the page", "/authorities", each(`(?s)<article class="view">.*?</article>`, ""), "/authorities", "authority."),
		list("a commitment left out of the page", "/commitments?", first(`(?s)<article.*?</article>`, ""), "/commitments", "commitment."),
		thoroughly(list("a late view left out of the page", "/overdue?page=2", first(`(?s)<article.*?</article>`, ""), "/overdue?page=2", "entries")),
		thoroughly(list("a view left out of a dialogue's page", "/d/"+d.Slug+"/statements", first(`(?s)<article.*?</article>`, ""), "/d/"+d.Slug, "entries")),
		list("a need left out of a dialogue's page", "/d/", func(body []byte) []byte { return first(`(?s)<article class="view need">.*?</article>`, "")(body) }, "/needs", "need."),
		thoroughly(list("a view left out of a need's page", "/n/"+gathered.ID.String(), func(body []byte) []byte {
			at := bytes.Index(body, []byte(`id="views"`))
			return append(bytes.Clone(body[:at]), first(`(?s)<article.*?</article>`, "")(body[at:])...)
		}, "/n/"+gathered.ID.String(), "view.")),
		thoroughly(page("a commitment left out of a need's page", "/n/"+gathered.ID.String(), each(`(?s)data-of="commitment[^"]*state"`, ""), "/n/"+gathered.ID.String(), "commitment.")),
	}
}

// shiftedReasons gives the first answer the reasons of the second.
func shiftedReasons(body []byte) []byte {
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil || len(rows) < 3 {
		return body
	}
	rows[1][6] = rows[2][6] + " "
	var out bytes.Buffer
	if csv.NewWriter(&out).WriteAll(rows) != nil {
		return body
	}
	return out.Bytes()
}

// toBrowsers changes the first page for those who send what browsers send.
func toBrowsers(next http.Handler, change func([]byte) []byte) http.Handler {
	lying := altered(next, "/", change)
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.UserAgent(), "Mozilla") && strings.Contains(r.Header.Get("Accept"), "text/html") && r.Header.Get("Accept-Language") != "" {
			lying.ServeHTTP(out, r)
		} else {
			next.ServeHTTP(out, r)
		}
	})
}

// toOthers changes the first page for those who name no language.
func toOthers(next http.Handler, change func([]byte) []byte) http.Handler {
	lying := altered(next, "/", change)
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() == "/" {
			lying.ServeHTTP(out, r)
		} else {
			next.ServeHTTP(out, r)
		}
	})
}

// inserted publishes more sections in a bundle.
func (w *world) inserted(t testing.TB, more ...actSections) func([]byte) []byte {
	return func(body []byte) []byte {
		var acts []actSections
		if err := json.Unmarshal(body, &acts); err != nil {
			t.Error(err)
		}
		for _, one := range more {
			acts = slices.DeleteFunc(acts, func(a actSections) bool { return a.Position == one.Position })
		}
		acts = append(acts, more...)
		slices.SortFunc(acts, func(a, b actSections) int { return int(a.Position - b.Position) })
		body, _ = json.Marshal(acts)
		return body
	}
}

// with adds an act of somebody who takes part to the log. Of its sections those
// named are served.
func (w *world) with(t testing.TB, facts act.Facts, content map[string]any, served string) http.Handler {
	t.Helper()
	draft := act.Draft{By: act.Participant, Facts: facts, Content: content}
	w.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			if d.Stage() == civic.Open {
				draft.Of = d.ID
			}
		}
	})
	id, err := act.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made, err := act.New(draft, id, w.lastAt(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	open := actSections{Position: w.Position()}
	for _, s := range made.Sections {
		if s.Name == served {
			open.Sections = append(open.Sections, section{s.Name, encoded(s.Salt[:]), string(s.Content)})
		}
	}
	longer := http.Handler(forge(t, w.handler, origin, append(slices.Clone(w.leaves(t)), made.Leaf)))
	if open.Sections != nil {
		longer = altered(longer, fmt.Sprintf("/log/sections/%d", w.Position()/256), w.inserted(t, open))
	}
	return header(longer, "/", "Samleng-Position", fmt.Sprint(w.Position()+1))
}

// TestClosed: what the rules keep from the public may not be served, though it fits
// its digest.
func TestClosed(t *testing.T) {
	w := served(t)
	who := act.Pseudonym{9}
	view := &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open"}
	words := map[string]any{"text": &act.Text{Text: "ទឹក"}, "source": &act.Source{Participant: &who}}
	votes := map[string]any{"ballot": &act.Ballot{Participant: who, Votes: []act.StatementVote{{Statement: act.ID{1}, Vote: act.Agree}}}}
	for name, test := range map[string]struct {
		server http.Handler
		found  bool
	}{
		"words before anybody published them":     {w.with(t, view, words, "text"), true},
		"nothing of a view that nobody published": {w.with(t, view, words, ""), false},
		"whose view it is":                        {w.with(t, view, words, "source"), true},
		"how somebody voted":                      {w.with(t, &act.BallotCast{}, votes, "ballot"), true},
		"nothing of how somebody voted":           {w.with(t, &act.BallotCast{}, votes, ""), false},
	} {
		report := run(t, test.server, nil)
		if report.Acts != w.Position()+1 {
			t.Fatalf("%s: %+v", name, report.Findings)
		}
		found := slices.ContainsFunc(report.Findings, func(f audit.Finding) bool { return f.Check == audit.CheckClosed && f.Position == w.Position() })
		if found != test.found {
			t.Errorf("%s: %v", name, report.Findings)
		}
	}
}

// TestPublicVotes: votes that were changed since a release hide no others.
func TestPublicVotes(t *testing.T) {
	one, view := 1, act.ID{7}
	three := 3
	tally := act.Tally{Statements: []act.StatementTally{{Statement: view, Agree: &three, Disagree: &one, Pass: new(int)}}}
	row := func(person int, vote string, position int) []string {
		return []string{fmt.Sprint(person), view.String(), vote, fmt.Sprint(position)}
	}
	const at, size, ballots = 100, 200, 6
	honest := [][]string{row(1, "agree", 10), row(2, "agree", 11), row(3, "agree", 12), row(4, "disagree", 13)}
	changed := func(i int, to []string) [][]string {
		rows := slices.Clone(honest)
		rows[i] = to
		return rows
	}
	for name, test := range map[string]struct {
		rows [][]string
		why  string
	}{
		"as released":                          {honest, ""},
		"one changed since":                    {changed(0, row(1, "disagree", 150)), ""},
		"one more since":                       {append(slices.Clone(honest), row(5, "pass", 150)), ""},
		"one turned round":                     {changed(0, row(1, "disagree", 10)), "is not 2 2 0"},
		"one turned round behind one since":    {append(changed(0, row(1, "disagree", 10)), row(5, "pass", 150)), "is not 2 2 0, and 1 since"},
		"two taken away behind one since":      {append(slices.Clone(honest[2:]), row(5, "pass", 150)), "is not 1 1 0, and 1 since"},
		"one added before":                     {append(slices.Clone(honest), row(5, "pass", 14)), "is not 3 1 1"},
		"a vote twice":                         {append(slices.Clone(honest), row(1, "agree", 15)), "a vote twice"},
		"a ballot of two people":               {append(slices.Clone(honest), row(5, "agree", 10)), "two people"},
		"people who cast no ballot":            {append(slices.Clone(honest), row(5, "pass", 150), row(6, "pass", 151), row(7, "pass", 152)), "more ballots"},
		"a vote of an act that is still to be": {append(slices.Clone(honest), row(5, "pass", 200)), "no act"},
		"no vote":                              {append(slices.Clone(honest), row(5, "perhaps", 150)), "no vote"},
	} {
		if why := audit.VotesFit(test.rows, at, size, ballots, tally); (why == "") != (test.why == "") || !strings.Contains(why, test.why) {
			t.Errorf("%s: %q; want %q", name, why, test.why)
		}
	}
}

// TestEvasions: each is caught, and named.
func TestEvasions(t *testing.T) {
	w := served(t)
	tell(t, slices.Concat(lyingPrograms(t, w), lyingReaders(t, w)))
}

// TestEarlierAnswers: a site that answers as it was before its checkpoint is not
// verified. Where it was a page that it had just made, that comes right by itself.
func TestEarlierAnswers(t *testing.T) {
	w := served(t)
	report := run(t, header(w.handler, "/api/v1/authorities", "Samleng-Position", "5"), nil)
	if report.Outcome != audit.Unfinished || len(report.Findings) != 0 || !unchecked(report, audit.ReasonBehind) {
		t.Errorf("%v %v %+v", report.Outcome, report.Findings, report.Unchecked)
	}
	var asked atomic.Int64
	once := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/authorities" && asked.Add(1) == 1 {
			header(w.handler, "/api/v1/authorities", "Samleng-Position", "5").ServeHTTP(rw, r)
			return
		}
		w.handler.ServeHTTP(rw, r)
	})
	if report := run(t, once, nil); report.Outcome != audit.Verified || asked.Load() < 2 {
		t.Errorf("%v %v %+v, asked %d times", report.Outcome, report.Findings, report.Unchecked, asked.Load())
	}
}
