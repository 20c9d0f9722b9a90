package web_test

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/translog"
)

// cosignerKeys makes the keys of a witness.
func cosignerKeys(t testing.TB, name string) (secret, key string) {
	t.Helper()
	secret, key, err := translog.GenerateCosignerKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	return secret, key
}

// twoWitnesses fills in the first rows of the form of witnesses.
func (g *gathering) twoWitnesses(keys ...string) []string {
	return []string{"organisation1", g.IDs["cso"].String(), "key1", keys[0], "cadence1", act.CadenceDaily,
		"organisation2", g.IDs["other"].String(), "key2", keys[1], "cadence2", act.CadenceMonthly}
}

// TestDeclareWitnesses: the board of who leads declares witnesses, once however
// often the form is sent; the page then offers what is declared, and more rows.
func TestDeclareWitnesses(t *testing.T) {
	g := atTheGathering(t)
	g.as(g.staff(g.IDs["ministry"], act.RoleBoard))
	_, one := cosignerKeys(t, "one.example")
	_, two := cosignerKeys(t, "two.example")
	rows := g.twoWitnesses(" "+one+" ", two)
	// The second row stays empty, and the third is filled in.
	for i := range rows {
		rows[i] = strings.Replace(rows[i], "tion2", "tion3", 1)
		rows[i] = strings.Replace(strings.Replace(rows[i], "key2", "key3", 1), "cadence2", "cadence3", 1)
	}
	form := g.r.form(g.r.look(settingsPath), settingsPath+"/witnesses").fill(append(rows, "quorum", "២")...)
	before := g.Register.Position()
	for range 2 {
		if w := form.answer("", ""); w.Code != 303 {
			t.Fatalf("%d %s", w.Code, mainOf(w.Body.String()))
		}
	}
	want := []act.Witness{{Organisation: g.IDs["cso"], Key: one, Cadence: act.CadenceDaily}, {Organisation: g.IDs["other"], Key: two, Cadence: act.CadenceMonthly}}
	g.Register.View(func(s *civic.State) {
		if p := s.Witnesses(); p == nil || p.Quorum != 2 || !slices.Equal(p.Witnesses, want) {
			t.Errorf("%+v", p)
		}
	})
	if after := g.Register.Position(); after != before+1 {
		t.Errorf("%d acts", after-before)
	}
	body := g.r.look(settingsPath)
	g.r.sees(body, g.r.T("code.cadence.daily"))
	again := g.r.form(body, settingsPath+"/witnesses")
	if again.values.Get("key1") != one || again.values.Get("cadence2") != act.CadenceMonthly || again.values.Get("organisation2") != g.IDs["other"].String() ||
		!slices.Contains(again.typed, "key5") || slices.Contains(again.typed, "key6") || again.values.Get("key3") != "" {
		t.Errorf("%v", again.values)
	}
}

// TestBadWitnesses: what cannot be is refused beside its field, in every
// language, and nothing that was typed is lost.
func TestBadWitnesses(t *testing.T) {
	g := atTheGathering(t)
	board := g.staff(g.IDs["ministry"], act.RoleBoard)
	secret, given := cosignerKeys(t, "given.example")
	next, nextKey := cosignerKeys(t, "given.example")
	change, err := translog.ChangeKey(secret, next)
	if err != nil {
		t.Fatal(err)
	}
	_, one := cosignerKeys(t, "one.example")
	_, two := cosignerKeys(t, "two.example")
	_, fresh := cosignerKeys(t, "fresh.example")
	g.do(civic.System, act.ID{}, &act.WitnessesDeclared{Quorum: 2, Witnesses: []act.Witness{{Organisation: g.IDs["cso"], Key: given, Cadence: act.CadenceDaily},
		{Organisation: g.IDs["other"], Key: one, Cadence: act.CadenceDaily}}}, nil)
	g.do(civic.System, act.ID{}, &act.KeyChanged{Old: change.Old, New: change.New, OldSignature: change.OldSignature, NewSignature: change.NewSignature}, nil)
	before := g.Register.Position()
	empty := []string{"organisation1", "", "key1", "", "cadence1", "", "organisation2", "", "key2", "", "cadence2", ""}
	id := func(key string) string { return g.IDs[key].String() }
	for _, lang := range locale.Languages() {
		r := g.phone().reading(lang)
		names := func(key string) (name string) {
			g.Register.View(func(s *civic.State) { name = s.Names(g.IDs[key]).Name[lang] })
			return name
		}
		for _, c := range []struct {
			what  string
			fill  []string
			field string // beside which it is told
			want  string
		}{
			{"nobody", empty, "organisation1", r.T("problem.witnesses_few")},
			{"one alone", empty[6:], "organisation1", r.T("problem.witnesses_few")},
			{"no key", []string{"key2", ""}, "key2", r.T("problem.witness_key", "command", "samleng witness")},
			{"something else for a key", []string{"key2", "my key"}, "key2", r.T("problem.witness_key", "command", "samleng witness")},
			{"the log's key", []string{"key2", g.Register.VerifierKey()}, "key2", r.T("problem.witness_key", "command", "samleng witness")},
			{"no organisation", []string{"organisation2", ""}, "organisation2", r.T("problem.choose")},
			{"no cadence", []string{"cadence2", ""}, "cadence2", r.T("problem.choose")},
			{"an organisation twice", []string{"organisation2", id("cso")}, "organisation2", r.T("problem.witness_twice")},
			{"a key twice", []string{"key2", nextKey}, "key2", r.T("problem.witness_twice")},
			{"a quorum of one", []string{"quorum", "1"}, "quorum", r.T("problem.number_range", "low", 2, "high", 2)},
			{"more than there are", []string{"quorum", "3"}, "quorum", r.T("problem.number_range", "low", 2, "high", 2)},
			{"no quorum", []string{"quorum", "many"}, "quorum", r.T("problem.number_range", "low", 2, "high", 2)},
			{"governments alone", []string{"organisation1", id("ministry"), "key1", two, "organisation2", id("elsewhere"), "key2", fresh}, "organisation1", r.T(civic.RefusedWitnesses)},
			{"related", []string{"organisation2", id("ministry"), "key2", two, "organisation3", id("department"), "key3", fresh, "cadence3", act.CadenceDaily}, "organisation3",
				r.T("problem.witness_related", "name", names("department"), "other", names("ministry"))},
			{"another's key", []string{"organisation3", id("ministry"), "key3", one, "cadence3", act.CadenceDaily, "organisation2", "", "key2", "", "cadence2", ""}, "key3", r.T("problem.witness_used")},
			{"a key that was given up", []string{"key1", given}, "key1", r.T("problem.witness_used")},
		} {
			g.as(board)
			f := r.form(r.look(settingsPath), settingsPath+"/witnesses").fill(c.fill...)
			w := f.answer("", "")
			if w.Code != 422 && w.Code != 409 {
				t.Errorf("%s in %s: %d\n%.400s", c.what, lang, w.Code, mainOf(w.Body.String()))
				continue
			}
			body := r.whole(c.what, ok(w, w.Code))
			r.sees(body, c.want)
			if !strings.Contains(body, `<a href="#`+c.field+`">`) {
				t.Errorf("%s in %s: it is not told of %s", c.what, lang, c.field)
			}
			again := r.form(body, f.action)
			for name, values := range f.values {
				// A row less where a row less was filled in.
				if got := again.values.Get(name); got != values[0] {
					t.Errorf("%s in %s: %s is %q again, not %q", c.what, lang, name, got, values[0])
				}
			}
		}
		// A change of key.
		other, otherKey := cosignerKeys(t, "given.example")
		stale, err := translog.ChangeKey(secret, other)
		if err != nil {
			t.Fatal(err)
		}
		logKey, _, err := translog.GenerateKey(rand.Reader, "log.example")
		if err != nil {
			t.Fatal(err)
		}
		logNext, _, err := translog.GenerateKey(rand.Reader, "log.example")
		if err != nil {
			t.Fatal(err)
		}
		ofLog, err := translog.ChangeKey(logKey, logNext)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ what, lines, want string }{
			{"nothing", "", r.T("problem.key_change_lines")},
			{"three lines", "a\nb\nc", r.T("problem.key_change_lines")},
			{"five lines", fourLines(stale) + "more\n", r.T("problem.key_change_lines")},
			{"words", "a\nb\nc\nd", r.T("problem.key_change_signed", "command", "samleng change-key --witness")},
			{"another new key", strings.Replace(fourLines(change), nextKey, otherKey, 1), r.T("problem.key_change_signed", "command", "samleng change-key --witness")},
			{"a key that is not in force", fourLines(stale), r.T("problem.key_change_unknown")},
			{"done already", fourLines(change), r.T("problem.key_change_unknown")},
			{"the log's", fourLines(ofLog), r.T("problem.key_change_log", "command", "samleng change-key")},
		} {
			g.as(board)
			f := r.form(r.look(settingsPath), settingsPath+"/key").fill("lines", c.lines)
			w := f.answer("", "")
			if w.Code != 422 && w.Code != 409 {
				t.Errorf("%s in %s: %d\n%.400s", c.what, lang, w.Code, mainOf(w.Body.String()))
				continue
			}
			body := r.whole(c.what, ok(w, w.Code))
			r.sees(body, c.want)
			if again := r.form(body, f.action); strings.TrimSpace(again.values.Get("lines")) != strings.TrimSpace(c.lines) || !strings.Contains(body, `<a href="#lines">`) {
				t.Errorf("%s in %s: %q again", c.what, lang, again.values.Get("lines"))
			}
		}
	}
	if g.Register.Position() != before {
		t.Error("an act came of bad input")
	}
}

func fourLines(c translog.KeyChange) string {
	return c.Old + "\n" + c.New + "\n" + c.OldSignature + "\n" + c.NewSignature + "\n"
}

// TestWhoDeclaresWitnesses: administrators and the board of who leads declare
// witnesses; a witness's own change its key too, and nobody else does.
func TestWhoDeclaresWitnesses(t *testing.T) {
	g := atTheGathering(t)
	secret, key := cosignerKeys(t, "one.example")
	_, two := cosignerKeys(t, "two.example")
	declared := url.Values{"quorum": {"2"}}
	for rows := g.twoWitnesses(key, two); len(rows) > 0; rows = rows[2:] {
		declared.Set(rows[0], rows[1])
	}
	g.do(civic.System, act.ID{}, &act.WitnessesDeclared{Quorum: 2, Witnesses: []act.Witness{{Organisation: g.IDs["cso"], Key: key, Cadence: act.CadenceDaily},
		{Organisation: g.IDs["other"], Key: two, Cadence: act.CadenceMonthly}}}, nil)
	for _, org := range []string{"ministry", "cso", "other", "department"} {
		for _, role := range act.Roles {
			g.as(g.staff(g.IDs[org], role))
			settles := role == act.RoleAdministrator || role == act.RoleBoard
			declares, changes := settles && org == "ministry", settles && (org == "ministry" || org == "cso")
			body := g.get(settingsPath).Body.String()
			offers := map[string]bool{"witnesses": declares, "key": changes || settles && org == "other"} // the other changes its own
			for name, want := range offers {
				if strings.Contains(body, `action="`+settingsPath+"/"+name+`"`) != want {
					t.Errorf("%s is offered to a %s of %s: not %t", name, role, org, want)
				}
			}
			next, _ := cosignerKeys(t, "one.example")
			change, err := translog.ChangeKey(secret, next)
			if err != nil {
				t.Fatal(err)
			}
			w := g.post(settingsPath+"/key", url.Values{"token": {newToken()}, "lines": {fourLines(change)}})
			if (w.Code == 303) != changes || !changes && w.Code != 403 {
				t.Errorf("the coalition's key by a %s of %s: %d %.300s", role, org, w.Code, mainOf(w.Body.String()))
			}
			if w.Code == 303 {
				secret = next
				if key, err = translog.VerifierOf(next); err != nil {
					t.Fatal(err)
				}
				declared.Set("key1", key)
			}
			w = g.post(settingsPath+"/witnesses", with(declared, "token", newToken()))
			if (w.Code == 303) != declares || !declares && w.Code != 403 {
				t.Errorf("witnesses by a %s of %s: %d %.300s", role, org, w.Code, mainOf(w.Body.String()))
			}
		}
	}
	g.as(nobody)
	for _, name := range []string{"witnesses", "key"} {
		wants(t, "nobody's "+name, g.post(settingsPath+"/"+name, url.Values{"token": {newToken()}}), 401)
	}
}
