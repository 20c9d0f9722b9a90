package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/translog"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// TestDescriptionIsCurrent compares the description that is served with the one
// in the repository, where a change of the API shows in a review.
func TestDescriptionIsCurrent(t *testing.T) {
	w := newWorld(t)
	served := w.get(t, "/api/v1/openapi.json").ok(200).Body
	if *update {
		if err := os.WriteFile("openapi.json", served, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, served) {
		t.Error("openapi.json is not what is served: go test ./internal/api -run Description -update")
	}
	var spec struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(served, &spec); err != nil || !strings.HasPrefix(spec.OpenAPI, "3.1") || len(spec.Paths) < 12 {
		t.Errorf("OpenAPI %s with %d paths: %v", spec.OpenAPI, len(spec.Paths), err)
	}
}

// TestViewFromReceiptToThread follows a view: put forward, sent again, opened by
// its holder, published, found, voted on, verified.
func TestViewFromReceiptToThread(t *testing.T) {
	w := newWorld(t)
	token, person := newToken(t), "Participant "+newToken(t)
	view := api.View{Text: text, Written: "khm", Place: "07", Themes: []string{"water"}}
	post := func(view api.View) answer {
		return w.send(t, "POST", "/api/v1/dialogues/one/statements", view, "Idempotency-Key", `"`+token+`"`, "Authorization", person)
	}
	var first, again api.ViewReceipt
	answer := post(view).ok(201)
	answer.into(&first)
	if answer.Header.Get("Samleng-Position") != fmt.Sprint(first.Position+1) || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", answer.Header)
	}
	post(view).ok(201).into(&again)
	if again.Act != first.Act || again.Secret != first.Secret || !again.Replayed || first.Secret == "" {
		t.Errorf("sent twice: %+v, then %+v", first, again)
	}
	view.Text = "other words"
	post(view).problem(409, "problem.token_conflict")

	// Nobody but the holder reads it before it is published.
	var shown api.Thread
	w.get(t, "/api/v1/statements/"+first.Code).ok(200).into(&shown)
	if shown.Text != nil || shown.Disposition != "awaiting_moderation" || shown.Clock == nil || shown.Clock.Overdue {
		t.Errorf("before it is published: %+v", shown)
	}
	holding := api.Holding{Code: strings.ToLower(first.Code), Secret: first.Secret}
	w.send(t, "POST", "/api/v1/receipts", holding).ok(200).into(&shown)
	if shown.Text == nil || *shown.Text != text {
		t.Errorf("the holder sees %+v", shown)
	}
	w.publish(t, first.Act)
	shown = api.Thread{}
	w.get(t, "/api/v1/statements/"+first.Act).ok(200).into(&shown)
	if shown.Text == nil || *shown.Text != text || len(shown.Events) != 2 || shown.Events[0].Position != first.Position || shown.Events[1].Due == nil {
		t.Errorf("published: %+v", shown)
	}
	w.castAndRelease(t, first.Act)
	w.get(t, "/api/v1/statements/"+first.Act).ok(200).into(&shown)
	if shown.Tally == nil || shown.Tally.Agree == nil || *shown.Tally.Agree != 20 {
		t.Errorf("after a release: %+v", shown.Tally)
	}
	w.checkReceipts(t, first, holding)
}

// castAndRelease has twenty people agree, twice each, and releases the figures.
func (w *world) castAndRelease(t *testing.T, statement string) {
	t.Helper()
	for range 20 {
		voter := "Participant " + newToken(t)
		ballot := api.Ballot{Votes: []api.Vote{{Statement: statement, Vote: "agree"}}}
		var next api.Next
		w.send(t, "POST", "/api/v1/dialogues/one/next", "{}", "Authorization", voter).ok(200).into(&next)
		if next.Statement == nil || next.Statement.ID != statement || next.All != 1 || next.Done != 0 {
			t.Fatalf("next: %+v", next)
		}
		var first, again api.BallotReceipt
		w.send(t, "POST", "/api/v1/dialogues/one/ballots", ballot, "Authorization", voter).ok(200).into(&first)
		w.send(t, "POST", "/api/v1/dialogues/one/ballots", ballot, "Authorization", voter).ok(200).into(&again)
		if first.Unchanged || !again.Unchanged || again.Act != first.Act || again.Position != first.Position {
			t.Fatalf("voted twice the same: %+v, then %+v", first, again)
		}
		next = api.Next{}
		w.send(t, "POST", "/api/v1/dialogues/one/next", "{}", "Authorization", voter).ok(200).into(&next)
		if next.Statement != nil || next.Done != 1 {
			t.Fatalf("next after the vote: %+v", next)
		}
	}
	w.get(t, "/api/v1/dialogues/one/tallies").problem(404, civic.RefusedRelease)
	if err := w.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	var release api.Release
	w.get(t, "/api/v1/dialogues/one/tallies").ok(200).into(&release)
	if len(release.Statements) != 1 || release.Participants == nil || *release.Participants != 20 {
		t.Errorf("released %+v", release)
	}
}

// checkReceipts verifies the receipts of a published view.
func (w *world) checkReceipts(t *testing.T, view api.ViewReceipt, holding api.Holding) {
	t.Helper()
	if err := w.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	verifier, err := translog.NewVerifier(strings.TrimSpace(string(w.get(t, "/log/key").ok(200).Body)))
	if err != nil {
		t.Fatal(err)
	}
	for openings, file := range map[int]answer{
		1: w.get(t, view.Receipt).ok(200), 2: w.send(t, "POST", "/api/v1/receipts/file", holding).ok(200),
	} {
		receipt, err := translog.DecodeReceipt(file.Body)
		if err != nil {
			t.Fatal(err)
		}
		if report, err := receipt.Verify("test.example/register", verifier); err != nil || report.Pending || len(receipt.Openings) != openings {
			t.Errorf("%d openings, not %d; %+v: %v", len(receipt.Openings), openings, report, err)
		}
		var form api.ReceiptFile
		file.into(&form)
	}
}

func TestListSearchAndPaging(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 7 {
		theme := []string{"water", "roads"}[i%2]
		receipt := w.putForward(t, "one", api.View{Text: fmt.Sprintf("view %d about a Bridge", i), Themes: []string{theme}})
		ids = append(ids, receipt.Act)
		if i != 3 {
			w.publish(t, receipt.Act)
		}
	}
	list := func(query string) []string {
		t.Helper()
		var got []string
		cursor := ""
		for {
			var page api.Statements
			w.get(t, "/api/v1/dialogues/one/statements?limit=2"+query+cursor).ok(200).into(&page)
			for _, s := range page.Statements {
				got = append(got, s.ID)
			}
			if page.Next == "" {
				return got
			}
			cursor = "&cursor=" + page.Next
		}
	}
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"", ids},
		{"&theme=roads", []string{ids[1], ids[3], ids[5]}},
		{"&disposition=awaiting_moderation", []string{ids[3]}},
		{"&place=07", ids},
		{"&place=0701", nil},
		{"&q=BRIDGE", []string{ids[0], ids[1], ids[2], ids[4], ids[5], ids[6]}},
		{"&q=bridge+5", []string{ids[5]}},
		{"&q=nothing", nil},
	} {
		if got := list(test.query); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, not %v", test.query, got, test.want)
		}
	}
}

func TestBalanceIsPure(t *testing.T) {
	w := newWorld(t)
	w.putForward(t, "one", api.View{Text: text})
	read := func(query string) civic.Balance {
		t.Helper()
		answer := w.get(t, "/api/v1/balance"+query).ok(200)
		if answer.Header.Get("Samleng-Position") == "" || answer.Header.Get("Samleng-As-At") == "" {
			t.Errorf("headers %v", answer.Header)
		}
		var b civic.Balance
		answer.into(&b)
		return b
	}
	want := civic.Balance{Registered: 1, AwaitingModeration: civic.Waiting{OnTime: 1}}
	for _, query := range []string{"", "?dialogue=one", "?place=07", "?from=2026-11-24&until=2026-11-24"} {
		if got := read(query); got != want {
			t.Errorf("%s: %+v", query, got)
		}
	}
	for _, query := range []string{"?dialogue=over", "?place=0701", "?from=2026-11-25", "?until=2026-11-23"} {
		if got := read(query); got != (civic.Balance{}) {
			t.Errorf("%s: %+v", query, got)
		}
	}
	before := w.get(t, "/api/v1/balance").Header.Get("ETag")
	w.get(t, "/api/v1/balance", "If-None-Match", before).ok(304)
	w.now = w.now.Add(10 * 24 * time.Hour)
	w.get(t, "/api/v1/balance", "If-None-Match", before).ok(200)
	if got := read(""); got.AwaitingModeration.Overdue != 1 {
		t.Errorf("ten days later: %+v", got)
	}
	w.get(t, "/api/v1/balance?from=yesterday").problem(422, "problem.date")
	w.get(t, "/api/v1/balance?from=2026-11-24&until=2026-11-23").problem(422, "problem.date_order")
	w.get(t, "/api/v1/balance?dialogue=none").problem(404, "problem.dialogue_unknown")
	w.get(t, "/api/v1/balance?place=99").problem(422, "problem.place_unknown")
	if p := w.get(t, "/api/v1/balance?plaice=07").problem(422, "problem.value"); p.Field != "plaice" {
		t.Errorf("an unknown parameter: %+v", p)
	}
}

func TestProgrammeAndDialogues(t *testing.T) {
	w := newWorld(t)
	var programme api.Programme
	w.get(t, "/api/v1/programme").ok(200).into(&programme)
	if programme.Prefix != "KH" || programme.Policy["moderate"] != 2 || len(programme.Organisations) != 1 || programme.Origin != "test.example/register" {
		t.Errorf("%+v", programme)
	}
	var dialogues []api.Dialogue
	w.get(t, "/api/v1/dialogues").ok(200).into(&dialogues)
	if len(dialogues) != 4 || dialogues[3].Stage != "closed" {
		t.Errorf("%+v", dialogues)
	}
	var one api.Dialogue
	w.get(t, "/api/v1/dialogues/one").ok(200).into(&one)
	if one.ID != w.dialogue.String() || one.Names.Name["km"] != "one" {
		t.Errorf("%+v", one)
	}
}

// TestRedactedAndWithheld looks at what is shown of a view with gaps, and of one
// that is withheld.
func TestRedactedAndWithheld(t *testing.T) {
	w := newWorld(t)
	receipt := w.putForward(t, "one", api.View{Text: "Mr X of house 5 takes the water"})
	id, _ := act.ParseID(receipt.Act)
	w.submit(t, civic.System, id, &act.StatementRedacted{Gaps: []string{"personal_data"}}, map[string]any{
		"text": &act.Redaction{Parts: []act.RedactionPart{{Gap: "personal_data"}, {Text: " takes the water"}}}})
	answer := w.get(t, "/api/v1/statements/"+receipt.Code).ok(200)
	var shown api.Thread
	answer.into(&shown)
	if bytes.Contains(answer.Body, []byte("house 5")) || len(shown.Parts) != 2 || shown.Text != nil {
		t.Errorf("redacted: %s", answer.Body)
	}
	w.submit(t, civic.System, id, &act.StatementWithheld{Reason: "danger"}, map[string]any{"explanation": &act.Explanation{Text: "because"}})
	answer = w.get(t, "/api/v1/statements/"+receipt.Code).ok(200)
	shown = api.Thread{}
	answer.into(&shown)
	if bytes.Contains(answer.Body, []byte("takes the water")) || shown.Reason != "danger" || shown.Events[2].Explanation == nil || *shown.Events[2].Explanation != "because" {
		t.Errorf("withheld: %s", answer.Body)
	}
	shown = api.Thread{}
	w.send(t, "POST", "/api/v1/receipts", api.Holding{Code: receipt.Code, Secret: receipt.Secret}).ok(200).into(&shown)
	if shown.Text == nil {
		t.Error("the holder cannot read what they said")
	}
}

func TestVotesOfAPublicSource(t *testing.T) {
	w := newWorld(t)
	receipt := w.putForward(t, "public", api.View{Text: "a view"})
	w.publish(t, receipt.Act)
	for _, vote := range []string{"agree", "pass"} {
		ballot := api.Ballot{Votes: []api.Vote{{Statement: receipt.Act, Vote: vote}}, Participant: newToken(t)}
		w.send(t, "POST", "/api/v1/dialogues/public/ballots", ballot).ok(200)
	}
	answer := w.get(t, "/api/v1/dialogues/public/votes.csv").ok(200)
	lines := strings.Split(strings.TrimSpace(string(answer.Body)), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "0,"+receipt.Act+",agree,") || !strings.HasPrefix(lines[2], "1,"+receipt.Act+",pass,") ||
		answer.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%v %s", answer.Header, answer.Body)
	}
	w.get(t, "/api/v1/dialogues/one/votes.csv").problem(403, "problem.votes_private")
}

func TestOtherSitesMayCall(t *testing.T) {
	w := newWorld(t)
	answer := w.send(t, http.MethodOptions, "/api/v1/dialogues/one/ballots", nil, "Origin", "https://elsewhere.example").ok(204)
	if answer.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(answer.Header.Get("Access-Control-Allow-Headers"), "Authorization") ||
		answer.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%v", answer.Header)
	}
}

func TestGuessesAreLimited(t *testing.T) {
	w := newWorld(t)
	receipt := w.putForward(t, "one", api.View{Text: text})
	right := api.Holding{Code: receipt.Code, Secret: receipt.Secret}
	wrong := api.Holding{Code: receipt.Code, Secret: "0000-0000-0000-0000"}
	for range 50 { // what is right is never counted
		w.send(t, "POST", "/api/v1/receipts", right).ok(200)
	}
	for range 10 {
		w.send(t, "POST", "/api/v1/receipts", wrong).problem(403, "problem.secret")
	}
	if w.send(t, "POST", "/api/v1/receipts", wrong).Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	w.send(t, "POST", "/api/v1/receipts", right).problem(429, "problem.too_many")
	other := w.putForward(t, "one", api.View{Text: text})
	w.send(t, "POST", "/api/v1/receipts", api.Holding{Code: other.Code, Secret: other.Secret}).ok(200)
	w.now = w.now.Add(time.Minute)
	w.send(t, "POST", "/api/v1/receipts", right).ok(200)
	mistyped := receipt.Code[:len(receipt.Code)-1] + "?"
	w.send(t, "POST", "/api/v1/receipts", api.Holding{Code: mistyped, Secret: receipt.Secret}).problem(422, "problem.code")
	w.send(t, "POST", "/api/v1/receipts", api.Holding{Code: string(act.ID{9}.Code("KH")), Secret: receipt.Secret}).problem(404, "problem.receipt_unknown")
}

func TestHealthAndMetrics(t *testing.T) {
	w := newWorld(t)
	metrics := api.NewMetrics(w.Register)
	mux := http.NewServeMux()
	w.api.Mount(mux)
	mux.Handle("GET /healthz", api.Healthz(w.Register))
	mux.Handle("GET /metrics", metrics)
	w.handler = metrics.Count(mux)
	var health api.Health
	w.get(t, "/healthz").ok(200).into(&health)
	if health.Status != "ok" || health.Position != w.Position() {
		t.Errorf("%+v", health)
	}
	receipt := w.putForward(t, "one", api.View{Text: text})
	w.get(t, "/api/v1/statements/"+receipt.Code).ok(200)
	w.get(t, "/api/v1/statements/KH-XXXX-XXXX-X").ok(422)
	w.get(t, "/no/such/"+receipt.Code).ok(404)
	body := string(w.get(t, "/metrics").ok(200).Body)
	for _, line := range []string{
		`samleng_http_requests_total{route="GET /api/v1/statements/{code}",status="2xx"} 1`,
		`samleng_http_requests_total{route="GET /api/v1/statements/{code}",status="4xx"} 1`,
		`samleng_http_requests_total{route="POST /api/v1/dialogues/{slug}/statements",status="2xx"} 1`,
		`samleng_http_requests_total{route="other",status="4xx"} 1`,
		fmt.Sprint("samleng_position ", w.Position()), "samleng_fold_lag_acts 0", "samleng_read_only 0", "samleng_batch_acts_mean 1\n",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no %s in\n%s", line, body)
		}
	}
	if strings.Contains(body, receipt.Code) {
		t.Error("the metrics hold a code")
	}
	w.Close()
	w.get(t, "/healthz").ok(503).into(&health)
	if health.Status != "unavailable" || health.Fault == "" {
		t.Errorf("closed: %+v", health)
	}
}

// TestErasedIsGone looks for erased words wherever they were shown.
func TestErasedIsGone(t *testing.T) {
	w := newWorld(t)
	receipt := w.putForward(t, "one", api.View{Text: text})
	w.publish(t, receipt.Act)
	id, _ := act.ParseID(receipt.Act)
	if _, err := w.Erase(t.Context(), civic.Actor{By: act.Participant, Holds: id}, id, act.ErasedByHolder); err != nil {
		t.Fatal(err)
	}
	for _, answer := range []answer{
		w.get(t, "/api/v1/statements/"+receipt.Code).ok(200), w.get(t, "/api/v1/dialogues/one/statements").ok(200),
		w.send(t, "POST", "/api/v1/receipts", api.Holding{Code: receipt.Code, Secret: receipt.Secret}).ok(200),
		w.get(t, receipt.Receipt).ok(200),
	} {
		if bytes.Contains(answer.Body, []byte(text)) {
			t.Errorf("erased, and still shown: %s", answer.Body)
		}
	}
	vote := api.Ballot{Votes: []api.Vote{{Statement: receipt.Act, Vote: "agree"}}, Participant: newToken(t)}
	w.send(t, "POST", "/api/v1/dialogues/one/ballots", vote).problem(409, civic.RefusedNotVotable)
}
