package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/internal/locale"
)

// bad is a request that is refused.
type bad struct {
	name    string
	path    string
	body    any
	headers []string
	status  int
	key     string
	field   string
}

func (b bad) check(t *testing.T, w *world) {
	t.Run(b.name, func(t *testing.T) {
		before := w.Position()
		p := w.send(t, "POST", "/api/v1/"+b.path, b.body, b.headers...).problem(b.status, b.key)
		if p.Field != b.field {
			t.Errorf("field %q, not %q", p.Field, b.field)
		}
		if w.Position() != before {
			t.Error("something was registered all the same")
		}
	})
}

func TestBadViews(t *testing.T) {
	w := newWorld(t)
	key := []string{"Idempotency-Key", newToken(t)}
	view := func(v api.View) api.View {
		if v.Text == "" {
			v.Text = text
		}
		return v
	}
	const path = "dialogues/one/statements"
	for _, b := range []bad{
		{"no JSON", path, "words", key, 422, "problem.json_malformed", ""},
		{"nothing", path, "", key, 422, "problem.json_malformed", ""},
		{"null", path, "null", key, 422, "problem.json_malformed", ""},
		{"two objects", path, `{"text":"a"}{"text":"b"}`, key, 422, "problem.json_malformed", ""},
		{"unknown member", path, `{"text":"a","colour":"red"}`, key, 422, "problem.json_malformed", "colour"},
		{"wrong type", path, `{"text":7}`, key, 422, "problem.json_malformed", "text"},
		{"not UTF-8", path, "{\"text\":\"a\xff\"}", key, 422, "problem.encoding", ""},
		{"half a letter", path, `{"text":"a\ud800b"}`, key, 422, "problem.encoding", "text"},
		{"too many bytes", path, `{"text":"` + strings.Repeat("a", 600<<10) + `"}`, key, 413, "problem.too_large", ""},
		{"other content", path, view(api.View{}), append(slices.Clone(key), "Content-Type", "text/plain"), 422, "problem.media_type", "Content-Type"},
		{"no key", path, view(api.View{}), nil, 422, "problem.required", "Idempotency-Key"},
		{"bad key", path, view(api.View{}), []string{"Idempotency-Key", "short"}, 422, "problem.token", "Idempotency-Key"},
		{"key of nothing", path, view(api.View{}), []string{"Idempotency-Key", strings.Repeat("0", 26)}, 422, "problem.token", "Idempotency-Key"},
		{"two keys", path, view(api.View{Token: newToken(t)}), key, 422, "problem.token", "Idempotency-Key"},
		{"bad participant", path, view(api.View{Participant: "me"}), key, 422, "problem.token", "participant"},
		{"other scheme", path, view(api.View{}), append(slices.Clone(key), "Authorization", "Bearer x"), 422, "problem.token", "Authorization"},
		{"blank", path, view(api.View{Text: " \u200b\n"}), key, 422, "problem.text_empty", "text"},
		{"too long", path, view(api.View{Text: strings.Repeat("ស្ត្រី", 61)}), key, 422, civic.RefusedLong, "text"},
		{"too many bytes of text", path, view(api.View{Text: strings.Repeat("a\u0300", 30_000)}), key, 422, "problem.bytes_long", "text"},
		{"control characters", path, view(api.View{Text: "a\u202eb"}), key, 422, "problem.control_characters", "text"},
		{"bad detail", path, view(api.View{Detail: "a\x00b"}), key, 422, "problem.control_characters", "detail"},
		{"legacy font", path, view(api.View{Text: "eKcg;)anTwkssaat sMrab;salaeron"}), key, 422, "problem.legacy_khmer", "text"},
		{"unknown place", path, view(api.View{Place: "99"}), key, 422, civic.RefusedPlace, "place"},
		{"place too fine", path, view(api.View{Place: "0701"}), key, 422, civic.RefusedPlaceFine, "place"},
		{"unknown theme", path, view(api.View{Themes: []string{"space"}}), key, 422, civic.RefusedTheme, "themes"},
		{"too many themes", path, view(api.View{Themes: []string{"a", "b", "c", "d"}}), key, 422, "problem.choose_most", "themes"},
		{"no trustees", path, view(api.View{Visibility: "sealed"}), key, 422, civic.RefusedNoTrustees, "visibility"},
		{"unknown visibility", path, view(api.View{Visibility: "secret"}), key, 422, "problem.value", ""},
		{"bad language", path, view(api.View{Written: "Khmer!"}), key, 422, "problem.value", ""},
		{"unknown dialogue", "dialogues/none/statements", view(api.View{}), key, 404, "problem.dialogue_unknown", ""},
		{"closed dialogue", "dialogues/over/statements", view(api.View{}), key, 409, civic.RefusedClosed, ""},
		{"a card is needed", "dialogues/cards/statements", view(api.View{}), key, 403, civic.RefusedDoor, ""},
	} {
		b.check(t, w)
	}
}

func TestBadBallots(t *testing.T) {
	w := newWorld(t)
	receipt := w.putForward(t, "one", api.View{Text: text})
	w.publish(t, receipt.Act)
	waiting := w.putForward(t, "one", api.View{Text: text})
	elsewhere := w.putForward(t, "public", api.View{Text: text})
	who := []string{"Authorization", "Participant " + newToken(t)}
	ballot := func(votes ...string) api.Ballot {
		var b api.Ballot
		for i := 0; i < len(votes); i += 2 {
			b.Votes = append(b.Votes, api.Vote{Statement: votes[i], Vote: votes[i+1]})
		}
		return b
	}
	const path = "dialogues/one/ballots"
	for _, b := range []bad{
		{"nobody", path, ballot(receipt.Act, "agree"), nil, 422, "problem.required", "participant"},
		{"no votes", path, `{}`, who, 422, "problem.required", "votes"},
		{"unknown vote", path, ballot(receipt.Act, "maybe"), who, 422, "problem.choice_unknown", "votes.vote"},
		{"no id", path, ballot("x", "agree"), who, 422, civic.RefusedStatement, "votes.statement"},
		{"unknown view", path, ballot(act.ID{1}.String(), "agree"), who, 422, civic.RefusedStatement, "votes"},
		{"view of another dialogue", path, ballot(elsewhere.Act, "agree"), who, 422, civic.RefusedStatement, "votes"},
		{"not published", path, ballot(waiting.Act, "agree"), who, 409, civic.RefusedNotVotable, ""},
		{"one twice", path, ballot(receipt.Act, "agree", receipt.Act, "pass"), who, 422, "problem.value", ""},
		{"too many", path, ballot(slices.Repeat([]string{receipt.Act, "agree"}, 1001)...), who, 422, "problem.choose_most", "votes"},
		{"too many bytes", path, ballot(slices.Repeat([]string{receipt.Act, "disagree"}, 2500)...), who, 413, "problem.too_large", ""},
		{"unknown member", path, `{"votes":[{"statement":"a","vote":"agree","weight":2}]}`, who, 422, "problem.json_malformed", "weight"},
		{"a card is needed", "dialogues/cards/ballots", ballot(receipt.Act, "agree"), who, 403, civic.RefusedDoor, ""},
		{"nobody for next", "dialogues/one/next", `{}`, nil, 422, "problem.required", "participant"},
		{"bad skip", "dialogues/one/next", `{"skip":["x"]}`, who, 422, civic.RefusedStatement, "skip"},
		{"no code", "receipts", `{"secret":"x"}`, nil, 422, "problem.required", "code"},
		{"no secret", "receipts", `{"code":"x"}`, nil, 422, "problem.secret_missing", "secret"},
		{"mistyped code", "receipts/file", `{"code":"KH-0000-0000-1","secret":"x"}`, nil, 422, "problem.code", "code"},
	} {
		b.check(t, w)
	}
	for i := range 5 {
		body := ballot(receipt.Act, []string{"agree", "disagree"}[i%2])
		answer := w.send(t, "POST", "/api/v1/"+path, body, who...)
		if i > 2 {
			answer.problem(409, civic.RefusedChanges)
			break
		}
		answer.ok(200)
	}
}

func TestBadAddresses(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]struct {
		status int
		key    string
	}{
		"/api/v1/nothing":                                 {404, "problem.not_found"},
		"/api/v1/dialogues/one/ballots":                   {405, "problem.method"},
		"/api/v1/dialogues/none":                          {404, "problem.dialogue_unknown"},
		"/api/v1/dialogues/none/statements":               {404, "problem.dialogue_unknown"},
		"/api/v1/dialogues/one/statements?limit=0":        {422, "problem.value"},
		"/api/v1/dialogues/one/statements?limit=x":        {422, "problem.value"},
		"/api/v1/dialogues/one/statements?cursor=-1":      {422, "problem.value"},
		"/api/v1/dialogues/one/statements?disposition=no": {422, "problem.choice_unknown"},
		"/api/v1/statements/KH-0000-0000-1":               {422, "problem.code"},
		"/api/v1/statements/" + act.ID{1}.String():        {404, "problem.statement_unknown"},
		"/api/v1/receipts/" + act.ID{1}.String():          {404, "problem.not_found"},
		"/api/v1/receipts/x":                              {404, "problem.act_unknown"},
		"/log/checkpoint":                                 {404, "problem.not_found"},
		"/log/tile/0/000":                                 {404, "problem.not_found"},
		"/log/nothing":                                    {404, "problem.not_found"},
	} {
		answer := w.get(t, path)
		answer.problem(want.status, want.key)
		if want.status == 405 && answer.Header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow %q", path, answer.Header.Get("Allow"))
		}
	}
	w.get(t, "/api/v1/dialogues/one/statements?cursor=999999999999").ok(200)
}

// TestEveryRefusalCanBeTold renders each refusal in each language.
func TestEveryRefusalCanBeTold(t *testing.T) {
	for _, key := range civic.Refusals {
		for _, language := range locale.Languages() {
			p := api.Tell(&civic.Refusal{Key: key, Params: []any{"n", 1, "limit", 2, "currency", "EUR", "code", "m1", "day", "2026-11-24"}}, language)
			encoded, err := json.Marshal(p)
			if err != nil || p.Status < 400 || p.Status > 503 || strings.ContainsAny(p.Title+p.Detail, "⟦{") {
				t.Errorf("%s in %s: %s %v", key, language, encoded, err)
			}
		}
	}
	if en, km := api.Tell(fmt.Errorf("x"), "en"), api.Tell(fmt.Errorf("x"), "km"); en.Detail == km.Detail || en.Status != 500 || strings.Contains(en.Detail, "x:") {
		t.Errorf("%+v, %+v", en, km)
	}
}
