package web_test

import (
	"crypto/rand"
	"fmt"
	"html"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/translog"
)

// watched is a sample whose log partners witness: a coalition, an agency and the
// ministry.
type watched struct {
	*sample
	secrets, keys []string
}

// watchers are they: the organisation, its witness's name and its cadence.
var watchers = [][3]string{{"cso", "cso.example", act.CadenceAlways}, {"agency", "un.example", act.CadenceWeekly}, {"ministry", "ministry.example", act.CadenceMonthly}}

func unwatched(t testing.TB) *watched {
	w := &watched{sample: filled(t)}
	w.IDs["agency"] = w.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "un_agency"}, called("An agency", "ទីភ្នាក់ងារមួយ")).Act
	for _, one := range watchers {
		secret, key, err := translog.GenerateCosignerKey(rand.Reader, one[1])
		if err != nil {
			t.Fatal(err)
		}
		w.secrets, w.keys = append(w.secrets, secret), append(w.keys, key)
	}
	w.publish()
	return w
}

// declare says who witnesses; the first n are always on.
func (w *watched) declare(n int) {
	facts := &act.WitnessesDeclared{Quorum: 2}
	for i, one := range watchers {
		cadence := one[2]
		if i < n {
			cadence = act.CadenceAlways
		}
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: w.IDs[one[0]], Key: w.keys[i], Cadence: cadence})
	}
	w.do(civic.System, act.ID{}, facts, nil)
	w.Pass(time.Second) // in which a page that was just made is served on
}

func (w *watched) publish() {
	w.t.Helper()
	if err := w.Register.Publish(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// cosign has witnesses sign the newest checkpoint now.
func (w *watched) cosign(by ...int) (size int64) {
	w.t.Helper()
	signed, size, err := w.Register.Newest(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range by {
		signer, err := translog.NewCosigner(w.secrets[i], w.Now)
		if err != nil {
			w.t.Fatal(err)
		}
		if signed, err = translog.Cosign(signed, signer); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := w.Register.AddCosignatures(w.t.Context(), signed); err != nil {
		w.t.Fatal(err)
	}
	return size
}

// say fails unless a page has texts, in every language.
func (w *watched) say(path string, texts ...func(*locale.Locale) string) {
	w.t.Helper()
	for _, tag := range locale.Languages() {
		body := html.UnescapeString(w.get(path + "?lang=" + tag).Body.String())
		plain := strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
		if strings.Contains(body, "⟦") || path == "/witnesses" && unfilled.MatchString(plain) {
			w.t.Errorf("%s in %s has a hole in its words:\n%s", path, tag, plain)
		}
		for _, text := range texts {
			if want := text(locale.Get(tag)); !strings.Contains(plain, strings.Join(strings.Fields(want), " ")) {
				w.t.Errorf("%s in %s lacks %q\n%s", path, tag, want, plain)
			}
		}
	}
}

func message(key string, params ...any) func(*locale.Locale) string {
	return func(l *locale.Locale) string {
		filled := slices.Clone(params)
		for i, param := range filled {
			switch param := param.(type) {
			case time.Time:
				filled[i] = l.DateShort(param, phnomPenh)
			case func(*locale.Locale) string:
				filled[i] = param(l)
			}
		}
		return l.T(key, filled...)
	}
}

// of names an organisation, or two of them.
func (w *watched) of(keys ...string) func(*locale.Locale) string {
	return func(l *locale.Locale) (text string) {
		w.Register.View(func(s *civic.State) {
			text = s.Names(w.IDs[keys[0]]).Name[l.Tag()]
			if len(keys) > 1 {
				text = l.T("web.list.last", "before", text, "last", s.Names(w.IDs[keys[1]]).Name[l.Tag()])
			}
		})
		return text
	}
}

var phnomPenh = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Phnom_Penh")
	if err != nil {
		panic(err)
	}
	return zone
}()

// TestWhoWatches goes through every state of being witnessed. No act comes
// between declaration and lateness, so that pages must see signatures and time.
func TestWhoWatches(t *testing.T) {
	w := unwatched(t)
	everywhere := func(state string, more ...func(*locale.Locale) string) {
		t.Helper()
		for _, path := range []string{"/", "/verify", "/witnesses", "/about"} {
			w.say(path, append(more, message("code.watch."+state))...)
		}
	}
	everywhere("none")
	w.say("/witnesses", message("web.watch.none"), message("web.witnesses.become"))
	w.say("/verify", message("web.watch.none"), message("web.witnesses.title"))

	w.declare(1)
	w.publish()
	declared := w.Register.Position()
	everywhere("waiting")
	w.say("/witnesses", message("web.watch.nothing"), message("web.watch.due", "date", w.Now().Truncate(time.Hour).Add(2*time.Hour)),
		message("web.witnesses.never"), message("web.witnesses.rule_text", "n", 2, "all", 3), message("code.cadence.monthly"),
		message("web.witnesses.declared", "date", w.Now()), message("web.thread.entry", "position", declared-1),
		message("web.witnesses.unasked"), message("web.witnesses.none_so_far"))

	// One is not enough, two are.
	w.cosign(0)
	w.Pass(20 * time.Second)
	everywhere("waiting")
	w.say("/witnesses", message("web.witnesses.so_far", "names", w.of("cso")), message("web.witnesses.entries", "n", declared))
	w.cosign(1)
	signed := w.Now()
	everywhere("waiting") // as it was seen last, for at most
	w.Pass(20 * time.Second)
	everywhere("kept", message("web.watch.line", "n", declared, "names", w.of("cso", "agency"), "date", signed))
	w.say("/witnesses", message("web.watch.signed", "n", declared, "names", w.of("cso", "agency"), "date", signed), message("web.watch.bound"),
		message("web.witnesses.enough", "names", w.of("cso", "agency")), message("web.witnesses.in_time"),
		message("web.witnesses.due", "date", signed.Add(9*24*time.Hour)), message("web.witnesses.month", "month", message("month.3"), "year", "2026"))
	if body := w.get("/witnesses").Body.String(); !strings.Contains(body, `href="/log/cosigned/2026-03"`) || strings.Count(body, "/log/cosigned/") != 1 {
		t.Error("not the one month with signatures")
	}

	// Time alone makes it amber: the coalition is always on and signs no more.
	w.Pass(2 * time.Hour)
	everywhere("late")
	w.say("/witnesses", message("web.watch.late", "name", w.of("cso"), "date", signed), message("web.witnesses.late", "date", signed), message("web.watch.unwatched"),
		message("web.watch.signed", "n", declared, "names", w.of("cso", "agency"), "date", signed))
	if w.Register.Position() != declared {
		t.Error("an act came: this test cannot fail")
	}
	// The ministry never signed at all. Two that sign in time are enough.
	w.Pass(36 * 24 * time.Hour)
	w.say("/witnesses", message("web.watch.never", "name", w.of("ministry"), "date", signed.Truncate(time.Hour).Add(35*24*time.Hour)))
	w.cosign(0, 1)
	w.Pass(20 * time.Second)
	everywhere("kept")
	w.say("/witnesses", message("web.witnesses.late", "date", signed.Truncate(time.Hour).Add(35*24*time.Hour)))
}

// TestWitnessesAreCached: a page stays the same, tag and all, until what it says
// of witnesses does not hold any more.
func TestWitnessesAreCached(t *testing.T) {
	w := unwatched(t)
	w.declare(1)
	w.publish()
	tag := w.get("/witnesses").Header().Get("Etag")
	same := func(what string, want bool) {
		t.Helper()
		answer := w.get("/witnesses", "If-None-Match", tag)
		if (answer.Code == 304) != want || tag == "" {
			t.Errorf("%s: %d", what, answer.Code)
		}
		if answer.Code == 200 {
			tag = answer.Header().Get("Etag")
		}
	}
	same("asked again", true)
	w.Pass(time.Minute)
	same("a minute later", true)
	w.cosign(0, 1)
	w.Pass(20 * time.Second)
	same("signed", false)
	same("signed, asked again", true)
	w.Pass(time.Minute)
	w.cosign(0)
	w.Pass(20 * time.Second)
	same("signed once more", false)
}

// TestCheckpointWithoutQuorum: where the witnesses that are always on are enough,
// what they do not sign is published after ten minutes, and said to be.
func TestCheckpointWithoutQuorum(t *testing.T) {
	w := unwatched(t)
	w.declare(2)
	before := w.get("/witnesses?lang=en").Body.String()
	w.publish()
	w.Pass(time.Second)
	if after := w.get("/witnesses?lang=en").Body.String(); before != after {
		t.Error("a checkpoint is shown that waits for its witnesses")
	}
	w.Pass(10 * time.Minute)
	w.publish()
	w.Pass(time.Second)
	w.say("/witnesses", message("web.witnesses.checkpoint", "n", w.Register.Position(), "hour", func(l *locale.Locale) string { return l.Hour(w.Now().Add(-time.Hour/2), phnomPenh) }),
		message("web.witnesses.waited"), message("web.witnesses.none_so_far"))
	w.cosign(0, 1)
	w.Pass(20 * time.Second)
	w.say("/witnesses", message("web.witnesses.enough", "names", w.of("cso", "agency")))
}

// TestKeysFollowEachOther: a change of key stands on the page with its place in
// the log, and signatures of the former key count no more.
func TestKeysFollowEachOther(t *testing.T) {
	w := unwatched(t)
	w.declare(1)
	w.publish()
	w.cosign(0, 1)
	w.Pass(20 * time.Second)
	secret, key, err := translog.GenerateCosignerKey(rand.Reader, watchers[1][1])
	if err != nil {
		t.Fatal(err)
	}
	change, err := translog.ChangeKey(w.secrets[1], secret)
	if err != nil {
		t.Fatal(err)
	}
	w.do(civic.System, act.ID{}, &act.KeyChanged{Old: change.Old, New: change.New, OldSignature: change.OldSignature, NewSignature: change.NewSignature}, nil)
	at := w.Register.Position() - 1
	former := w.Register.VerifierKey()
	w.Pass(time.Second)
	if _, err := w.Register.ChangeLogKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.say("/witnesses", message("code.watch.waiting"), message("web.witnesses.witness_key", "name", w.of("agency"), "date", w.Now()), message("web.thread.entry", "position", at),
		message("web.witnesses.log_key", "date", w.Now()), message("web.thread.entry", "position", at+1))
	body := html.UnescapeString(w.get("/witnesses").Body.String())
	for _, text := range []string{w.keys[1], key, former, w.Register.VerifierKey(), fmt.Sprintf(`href="/entry/%d"`, at)} {
		if !strings.Contains(body, text) {
			t.Errorf("lacks %s", text)
		}
	}
}

// TestCopyShowsWitnesses: a copy's page says the same of them as the register's.
func TestCopyShowsWitnesses(t *testing.T) {
	w := unwatched(t)
	w.declare(1)
	w.publish()
	w.cosign(0, 1)
	w.Pass(20 * time.Second)
	pages := copyOf(t, w.sample)
	for _, tag := range locale.Languages() {
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, httptest.NewRequest("GET", "/witnesses?lang="+tag, nil))
		ours := strings.ReplaceAll(mainOf(w.get("/witnesses?lang="+tag).Body.String()), "https://samleng.example", "https://copy.example")
		if theirs := mainOf(answer.Body.String()); answer.Code != 200 || theirs != ours || !strings.Contains(theirs, locale.Get(tag).T("code.watch.kept")) {
			t.Errorf("%s: %d\n%s\nnot\n%s", tag, answer.Code, theirs, ours)
		}
	}
}
