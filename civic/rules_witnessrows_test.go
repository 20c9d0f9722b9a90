package civic_test

import (
	"bytes"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// witnessKey makes a witness's key from a number: the secret one and the other.
func witnessKey(t failer, n byte) (secret, public string) {
	t.Helper()
	secret, public, err := translog.GenerateCosignerKey(bytes.NewReader(bytes.Repeat([]byte{n}, 32)), "witness.example")
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	return secret, public
}

func logKey(t failer, n byte) (secret, public string) {
	t.Helper()
	secret, public, err := translog.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{n}, 32)), "log.example")
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	return secret, public
}

// followed makes the facts of a key that another follows.
func followed(t failer, before, after string) *act.KeyChanged {
	t.Helper()
	c, err := translog.ChangeKey(before, after)
	if err != nil {
		t.Fatalf("change a key: %v", err)
	}
	return &act.KeyChanged{Old: c.Old, New: c.New, OldSignature: c.OldSignature, NewSignature: c.NewSignature}
}

// witnessed makes a policy of two of the given organisations, with keys from a
// number on.
func witnessed(t failer, from byte, organisations ...act.ID) *act.WitnessesDeclared {
	t.Helper()
	facts := &act.WitnessesDeclared{Quorum: 2}
	for i, id := range organisations {
		_, key := witnessKey(t, from+byte(i))
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: id, Key: key, Cadence: act.Cadences[i%len(act.Cadences)]})
	}
	return facts
}

func (r *rulesWorld) witnessRows() []attempt {
	cso, other, ministry := r.org[apart], r.org[filer], r.org[elsewhere]
	_, ofLog := logKey(r.t, 9)
	notAWitness := witnessed(r.t, 40, ministry, cso, other)
	notAWitness.Witnesses[0].Key = ofLog
	return []attempt{
		row("an office, a CSO and another partner", witnessed(r.t, 40, ministry, cso, other), nil),
		row("an office and a CSO", witnessed(r.t, 40, ministry, cso), nil),
		row("an organisation that there is not", witnessed(r.t, 40, unknown, cso, other), nil),
		row("two with one parent", witnessed(r.t, 40, cso, r.org[filer], r.org[filerKin]), nil),
		row("a key that signs for a log", notAWitness, nil),
	}
}

func (r *rulesWorld) keyRows() []attempt {
	cso, other, ministry := r.org[apart], r.org[filer], r.org[elsewhere]
	r.must(r.as(host, act.RoleBoard), act.ID{}, witnessed(r.t, 1, ministry, cso, other), nil)
	secret := func(n byte) string { s, _ := witnessKey(r.t, n); return s }
	ofLog := func(n byte) string { s, _ := logKey(r.t, n); return s }
	change := followed(r.t, secret(2), secret(20))
	unsigned := *change
	unsigned.OldSignature = unsigned.NewSignature
	r.must(r.as(host, act.RoleBoard), act.ID{}, followed(r.t, secret(3), secret(30)), nil)
	return []attempt{
		row("of a witness, an independent CSO", change, nil),
		row("of a witness; not signed by the old key", &unsigned, nil),
		row("of a witness; from a key that was changed", followed(r.t, secret(3), secret(31)), nil),
		row("of a witness; to another's key", followed(r.t, secret(2), secret(1)), nil),
		row("of nobody who witnesses", followed(r.t, secret(8), secret(9)), nil),
		row("of the log", followed(r.t, ofLog(1), ofLog(2)), nil),
	}
}

func TestWitnessedNeedsPartners(t *testing.T) {
	w := newRulesWorld(t)
	cso, other, more, ministry, office := w.org[apart], w.org[filer], w.org[named], w.org[elsewhere], w.org[bound]
	facts := witnessed(t, 1, ministry, office, cso, other, more)
	if w.state.Witnessed([]string{facts.Witnesses[2].Key, facts.Witnesses[3].Key}) {
		t.Error("witnessed without a policy")
	}
	w.must(w.as(host, act.RoleBoard), act.ID{}, facts, nil)
	for name, c := range map[string]struct {
		signed []int
		want   bool
	}{
		"nobody":              {nil, false},
		"one CSO":             {[]int{2}, false},
		"two offices":         {[]int{0, 1}, false},
		"an office and a CSO": {[]int{0, 2}, false},
		"a CSO and a partner": {[]int{2, 3}, true},
		"two partners":        {[]int{3, 4}, false},
		"all":                 {[]int{0, 1, 2, 3, 4}, true},
	} {
		var keys []string
		for _, i := range c.signed {
			keys = append(keys, facts.Witnesses[i].Key)
		}
		if got := w.state.Witnessed(keys); got != c.want {
			t.Errorf("signed by %s: %v", name, got)
		}
	}
	// A key that was followed by another counts no more, and never again.
	before, _ := witnessKey(t, 3)
	after, fresh := witnessKey(t, 30)
	old := facts.Witnesses[2].Key
	w.must(w.as(host, act.RoleBoard), act.ID{}, followed(t, before, after), nil)
	if w.state.Witnessed([]string{old, facts.Witnesses[3].Key}) || !w.state.Witnessed([]string{fresh, facts.Witnesses[3].Key}) {
		t.Error("the old key counts, or the new one does not")
	}
	w.refuses(civic.RefusedKey, w.as(host, act.RoleBoard), act.ID{}, facts, nil)
	keys := w.state.WitnessKeys()
	if len(keys) != 6 || keys[2].Followed != fresh || keys[2].Until == 0 || keys[5].Key != fresh || keys[5].Organisation != cso {
		t.Errorf("keys: %+v", keys)
	}
}

func TestLogKeysFollowEachOther(t *testing.T) {
	w := newRulesWorld(t)
	var secrets []string
	for n := range byte(4) {
		s, _ := logKey(t, n+1)
		secrets = append(secrets, s)
	}
	w.must(civic.System, act.ID{}, followed(t, secrets[0], secrets[1]), nil)
	w.must(civic.System, act.ID{}, followed(t, secrets[1], secrets[2]), nil)
	w.refuses(civic.RefusedKey, civic.System, act.ID{}, followed(t, secrets[1], secrets[3]), nil)
	w.refuses(civic.RefusedKey, civic.System, act.ID{}, followed(t, secrets[2], secrets[0]), nil)
	if changes := w.state.LogKeyChanges(); len(changes) != 2 || changes[1].Old != changes[0].New {
		t.Errorf("changes: %+v", changes)
	}
}
