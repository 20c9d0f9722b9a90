package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// Witnessing is how the log is witnessed by its own policy, as far as the site
// publishes what was signed.
type Witnessing struct {
	// Quorum is how many organisations must have signed; 0 where no witnesses are
	// declared.
	Quorum int `json:"quorum"`
	// Kept says that the witnesses who keep their cadence are enough, and Size how
	// many acts enough of them have signed.
	Kept      bool      `json:"kept"`
	Size      int64     `json:"size"`
	Witnesses []Witness `json:"witnesses"`
	// Former are those whom a later declaration left out, as they were: whoever runs
	// the log can choose other witnesses, and everybody shall see that they did.
	Former []FormerWitness `json:"former"`
}

// FormerWitness is a witness until the log declared others.
type FormerWitness struct {
	Organisation string `json:"organisation"`
	Key          string `json:"key"`   // name and key hash
	Until        int64  `json:"until"` // the position of the act that ended it
}

// Witness is a declared witness and what it signed last.
type Witness struct {
	Organisation string    `json:"organisation"`
	Key          string    `json:"key"` // name and key hash
	Cadence      string    `json:"cadence"`
	SignedAt     time.Time `json:"signed_at"` // zero if it signed nothing that is published
	Size         int64     `json:"size"`
	Late         bool      `json:"late"`
}

// checkWitnesses verifies what witnesses have signed, and holds it to itself and
// to the hours of the acts around it.
func (a *auditor) checkWitnesses(ctx context.Context) error {
	verifiers, err := a.allVerifiers()
	if err != nil {
		return err
	}
	for _, n := range a.history.notes {
		if !n.opened {
			a.openCosigned(n, verifiers)
		}
		if err := a.checkMoments(ctx, n); err != nil {
			return err
		}
	}
	newest, err := translog.Open(a.report.Signed, a.report.Origin, verifiers...)
	if err != nil {
		a.report.found(Finding{Check: CheckSignature, Position: NoPosition, Detail: err.Error()})
		return nil
	}
	a.report.Cosignatures, a.report.UnknownSignatures = newest.Cosignatures, len(newest.Unknown)
	if newest.Cosignatures == nil {
		a.report.Cosignatures = []translog.Cosignature{}
	}
	a.keyInForce(newest)
	if a.history.served == nil || !bytes.Equal(a.history.served.signed, a.report.Signed) {
		a.history.served = &cosigned{Checkpoint: newest.Checkpoint, signed: a.report.Signed, opened: true, by: newest.Cosignatures}
	}
	if err := a.checkMoments(ctx, a.history.served); err != nil {
		return err
	}
	for _, c := range newest.Cosignatures {
		a.history.add(signing{civic.Cosigned{Key: c.Key(), At: c.Time, Size: newest.Size}, c.Name})
	}
	a.checkOrder()
	a.report.Witnessing = a.witnessing()
	return nil
}

// keyInForce looks whether the log's key in force has signed the checkpoint. One
// that another has followed may have been given away since, or taken: it signs
// beside the new one for those who know no other, and never alone.
func (a *auditor) keyInForce(newest translog.Signed) {
	changes, at := a.state.LogKeyChanges(), a.state.LogKeyPositions()
	for len(at) > 0 && at[len(at)-1] >= newest.Size {
		changes, at = changes[:len(changes)-1], at[:len(at)-1]
	}
	if len(changes) == 0 || a.halted != "" {
		return
	}
	key := changes[len(changes)-1].New
	v, err := translog.NewVerifier(key)
	if err == nil && slices.ContainsFunc(newest.Log, func(s note.Signature) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() }) {
		return
	}
	a.report.found(Finding{Check: CheckSignature, Position: NoPosition, Log: key, Detail: "the newest checkpoint is not signed by the key in force, but by one that this key has followed"})
}

// allVerifiers are those of every key that the log has had, of every witness
// that was declared, and those that were given.
func (a *auditor) allVerifiers() ([]note.Verifier, error) {
	all := slices.Clone(a.verifiers)
	for _, change := range a.state.LogKeyChanges() {
		for _, key := range []string{change.Old, change.New} {
			v, err := translog.NewVerifier(key)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
	}
	for _, witness := range a.state.WitnessKeys() {
		v, err := translog.NewVerifier(witness.Key)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	// A key may be known two ways; the note format wants each once.
	slices.SortStableFunc(all, func(x, y note.Verifier) int {
		return cmp.Or(cmp.Compare(x.Name(), y.Name()), cmp.Compare(x.KeyHash(), y.KeyHash()))
	})
	return slices.CompactFunc(all, func(x, y note.Verifier) bool { return x.Name() == y.Name() && x.KeyHash() == y.KeyHash() }), nil
}

// openCosigned verifies a published checkpoint's signatures.
func (a *auditor) openCosigned(n *cosigned, verifiers []note.Verifier) {
	n.opened = true
	opened, err := translog.Open(n.signed, a.report.Origin, verifiers...)
	if err != nil {
		a.report.found(Finding{Check: CheckWitness, Position: n.Size, Figure: "/log/cosigned/" + n.month, Detail: err.Error()})
		return
	}
	n.by = opened.Cosignatures
	for _, c := range n.by {
		a.history.add(signing{civic.Cosigned{Key: c.Key(), At: c.Time, Size: n.Size}, c.Name})
	}
}

func (h *history) add(s signing) {
	if !slices.Contains(h.signed, s) {
		h.signed = append(h.signed, s)
	}
}

// checkMoments holds the moments of a checkpoint's cosignatures to the hours of
// the acts around it. Acts are of the hour in which they came: the last one that
// was signed is of no later hour, and the next one had not come long before.
func (a *auditor) checkMoments(ctx context.Context, n *cosigned) error {
	if len(n.by) == 0 || n.behind {
		return nil
	}
	limit := a.config.Now().Add(skew)
	wrong := func(position int64, hour time.Time, c translog.Cosignature) {
		a.report.found(Finding{Check: CheckTime, Position: position, Figure: c.Name, Site: hour.UTC().Format(time.RFC3339), Log: c.Time.Format(time.RFC3339)})
	}
	if n.Size > a.newest.Size {
		// Somebody has signed more than the site shows. What waits for its witnesses
		// waits minutes; what was signed longer ago was taken back.
		for _, c := range n.by {
			if c.Time.Before(a.config.Now().Add(-skew)) {
				n.behind = true
				a.report.found(Finding{Check: CheckOld, Position: a.newest.Size, Log: fmt.Sprint(n.Size), Site: fmt.Sprint(a.newest.Size), Figure: c.Name})
				break
			}
		}
		return nil
	}
	if !n.before && n.Size > 0 {
		n.before = true
		last, err := a.hour(ctx, n.Size-1)
		if err != nil {
			return err
		}
		for _, c := range n.by {
			switch {
			case c.Time.After(limit):
				wrong(NoPosition, c.Time, translog.Cosignature{Name: c.Name, Time: limit})
			case last.After(c.Time.Add(skew)):
				wrong(n.Size-1, last, c)
			}
		}
	}
	if n.Size == a.newest.Size {
		return nil // the next act is still to come
	}
	n.behind = true
	next, err := a.hour(ctx, n.Size)
	if err != nil {
		return err
	}
	for _, c := range n.by {
		if next.Add(time.Hour + skew).Before(c.Time) {
			wrong(n.Size, next, c)
		}
	}
	return nil
}

// checkOrder finds witnesses that have signed fewer acts after they had signed
// more: their memory was put back, or somebody else has their key.
func (a *auditor) checkOrder() {
	signed := slices.Clone(a.history.signed)
	slices.SortFunc(signed, func(x, y signing) int {
		return cmp.Or(cmp.Compare(x.Key, y.Key), x.At.Compare(y.At), cmp.Compare(x.Size, y.Size))
	})
	for i := 1; i < len(signed); i++ {
		before, after := signed[i-1], signed[i]
		if before.Key != after.Key || after.Size >= before.Size || a.history.said[after.Key] {
			continue
		}
		a.history.said[after.Key] = true
		a.report.found(Finding{Check: CheckWitness, Position: after.Size, Figure: after.name, Log: fmt.Sprint(before.Size), Site: fmt.Sprint(after.Size),
			Detail: fmt.Sprintf("it signed %d acts on %s, and %d on %s", before.Size, before.At.Format(time.RFC3339), after.Size, after.At.Format(time.RFC3339))})
	}
}

// witnessing says how the log is witnessed by what was verified.
func (a *auditor) witnessing() *Witnessing {
	out := &Witnessing{Witnesses: []Witness{}, Former: a.former()}
	w := a.state.Witnessing(a.history.newest(), a.config.Now())
	if w == nil {
		return out
	}
	out.Quorum, out.Kept, out.Size = w.Quorum, w.Kept, w.Size
	for _, state := range w.Witnesses {
		short, _ := translog.KeyName(state.Key)
		out.Witnesses = append(out.Witnesses, Witness{state.Organisation.String(), short, state.Cadence, state.Last.At, state.Last.Size, state.Late})
	}
	return out
}

// former gives the witnesses that a declaration left out and none took in again.
func (a *auditor) former() []FormerWitness {
	former := []FormerWitness{}
	keys := a.state.WitnessKeys()
	for i, k := range keys {
		again := slices.ContainsFunc(keys[i+1:], func(later civic.WitnessKey) bool { return later.Organisation == k.Organisation })
		if k.Until == 0 || k.Followed != "" || again {
			continue
		}
		short, _ := translog.KeyName(k.Key)
		former = append(former, FormerWitness{k.Organisation.String(), short, k.Until})
	}
	return former
}

// newest gives each key's newest signature.
func (h *history) newest() (newest []civic.Cosigned) {
	for _, s := range h.signed {
		i := slices.IndexFunc(newest, func(c civic.Cosigned) bool { return c.Key == s.Key })
		switch {
		case i < 0:
			newest = append(newest, s.Cosigned)
		case newest[i].At.Before(s.At) || newest[i].At.Equal(s.At) && newest[i].Size < s.Size:
			newest[i] = s.Cosigned
		}
	}
	return newest
}

// witnesses compares what the site says of its witnesses: who they are follows
// from the log, and what they signed has to be published with their signatures.
func (c *comparison) witnesses(ctx context.Context) error {
	var site struct {
		Quorum    int   `json:"quorum"`
		Kept      bool  `json:"kept"`
		Size      int64 `json:"size"`
		Witnesses []struct {
			Organisation string     `json:"organisation"`
			Key          string     `json:"key"`
			Cadence      string     `json:"cadence"`
			SignedAt     *time.Time `json:"signed_at"`
			Size         int64      `json:"size"`
			LateFrom     time.Time  `json:"late_from"`
			Late         bool       `json:"late"`
		} `json:"witnesses"`
	}
	if _, err := c.get(ctx, ClassWitnesses, "witnesses", &site); err != nil || c.moved() {
		return err
	}
	ours := &act.WitnessesDeclared{}
	if policy := c.state.Witnesses(); policy != nil {
		ours = &policy.WitnessesDeclared
	}
	if ours.Quorum != site.Quorum || len(ours.Witnesses) != len(site.Witnesses) {
		c.found(CheckFigure, "witnesses", fmt.Sprint(ours.Quorum, " of ", len(ours.Witnesses)), fmt.Sprint(site.Quorum, " of ", len(site.Witnesses)))
		return nil
	}
	// What was signed meanwhile stands in the history by now.
	if err := c.readHistory(ctx); err != nil {
		return err
	}
	if err := c.checkWitnesses(ctx); err != nil {
		return err
	}
	claims := make([]civic.Cosigned, len(site.Witnesses))
	for i, said := range site.Witnesses {
		want := ours.Witnesses[i]
		if said.Organisation != want.Organisation.String() || said.Key != want.Key || said.Cadence != want.Cadence {
			c.found(CheckFigure, fmt.Sprint("witnesses ", i), want.Key, said.Key)
			continue
		}
		short, _ := translog.KeyName(said.Key)
		claimed := civic.Cosigned{Key: short, Size: said.Size}
		if said.SignedAt != nil {
			claimed.At = said.SignedAt.UTC()
			claims[i] = claimed
		}
		signed := slices.ContainsFunc(c.history.signed, func(s signing) bool { return s.Cosigned == claimed })
		if has := said.SignedAt != nil; has && !signed || !has && said.Size != 0 {
			c.always = append(c.always, Finding{Check: CheckWitness, Position: NoPosition, Figure: short, Site: fmt.Sprint(said.Size),
				Detail: "the site says that it signed, and has no such signature"})
		}
	}
	// What follows from what they signed: who is late, and whether it is enough.
	follows := c.state.Witnessing(claims, c.config.Now())
	if follows == nil {
		follows = &civic.Witnessing{}
	}
	log, said := object{"kept": follows.Kept, "size": follows.Size}, object{"kept": site.Kept, "size": site.Size}
	for i, w := range follows.Witnesses {
		log[fmt.Sprint(i)] = object{"late_from": w.Until.UTC(), "late": w.Late}
		said[fmt.Sprint(i)] = object{"late_from": site.Witnesses[i].LateFrom.UTC(), "late": site.Witnesses[i].Late}
	}
	c.differ(ClassWitnesses, CheckFigure, "witnesses", log, decoded(said), exactly, &c.settled)
	c.count(ClassWitnesses, 0, 1+5*len(site.Witnesses))
	return nil
}

// decoded is a value as it is read out of JSON.
func decoded(value any) (read any) {
	encoded, err := json.Marshal(value)
	if err == nil {
		err = decodeJSON(encoded, &read)
	}
	if err != nil {
		return err.Error()
	}
	return read
}

// linkKey looks for the changes of key that lead from a key that is known to the
// one that the checkpoint turned out to be signed with. Without them anybody
// could have made it.
func (a *auditor) linkKey() error {
	if a.strange == "" {
		return nil
	}
	if a.halted == ReasonUnknown {
		a.report.Stopped, a.report.Stop = "whether the log's key is the one that is known cannot be told without the acts that this program does not know", StopServer
		return errStop
	}
	known := slices.Clone(a.config.Keys)
	for _, change := range a.state.LogKeyChanges() {
		if slices.Contains(known, change.Old) {
			known = append(known, change.New)
		}
	}
	if !slices.Contains(known, a.strange) {
		return a.end(Finding{Check: CheckSignature, Position: NoPosition, Site: a.strange,
			Detail: "the newest checkpoint is signed by a key that no change in the log leads to from the key that is known"})
	}
	a.report.Keys, a.strange = append(a.report.Keys, a.strange), ""
	return nil
}

// tryNewKey is asked when a checkpoint is not signed by the key that is known: it
// takes the key that the site publishes, to be held to the log's changes of key
// once they are read ([auditor.linkKey]).
func (a *auditor) tryNewKey(ctx context.Context, signed []byte) (opened translog.Signed, ok bool) {
	content, err := a.fetch(ctx, "key")
	if err != nil {
		return opened, false
	}
	key := strings.TrimSuffix(string(content), "\n")
	v, err := translog.NewVerifier(key)
	if err != nil || translog.IsCosigner(v) || v.Name() != a.report.Origin {
		return opened, false
	}
	opened, err = translog.Open(signed, a.report.Origin, append(slices.Clone(a.verifiers), v)...)
	if err != nil {
		return opened, false
	}
	a.verifiers, a.strange = append(a.verifiers, v), key
	return opened, true
}
