package demo

import (
	"context"
	"fmt"

	"samleng/act"
	"samleng/translog"
)

// watcher is a partner that witnesses the log: how often it promises to sign,
// and how long before today it did, in days. Nobody keeps its key, so that what
// it signs ends with the demonstration's making.
type watcher struct {
	organisation, name, cadence string
	days                        []int
}

// watchers show what witnessing looks like: none is always on, so that
// checkpoints do not wait for anybody, and one has not signed for too long.
var watchers = []watcher{
	{"ccc", "ccc.example/witness", act.CadenceDaily, []int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
	{"undp", "undp.example/witness", act.CadenceWeekly, []int{16, 9, 2}},
	{"japan", "japan.example/witness", act.CadenceMonthly, []int{12}},
	{"interior", "interior.example/witness", act.CadenceWeekly, []int{17, 10, 4}},
	{"net-kampong-cham", "kampong-cham.example/witness", act.CadenceWeekly, []int{19, 12}},
}

// changes is which watcher takes a new key, and how many days before today.
const (
	changesKey  = "undp"
	changesDays = 5
)

// declareWitnesses makes the keys of the witnesses and says who they are.
func (f *filler) declareWitnesses(ctx context.Context) error {
	facts := &act.WitnessesDeclared{Quorum: 3}
	for _, w := range watchers {
		secret, key, err := translog.GenerateCosignerKey(f.random, w.name)
		if err != nil {
			return err
		}
		f.witnesses[w.organisation] = secret
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: f.organisations[w.organisation], Key: key, Cadence: w.cadence})
	}
	_, err := f.bySystem(ctx, act.Draft{Facts: facts})
	return err
}

// watch lists what the witnesses do before today.
func (f *filler) watch() []deed {
	var all []deed
	for _, w := range watchers {
		for _, day := range w.days {
			if day > 0 {
				all = append(all, deed{at: f.script.days.on(-day, 20), alone: true, what: "cosign", do: func(ctx context.Context) error { return f.cosign(ctx, w) }})
			}
		}
		if w.organisation == changesKey {
			all = append(all, deed{at: f.script.days.on(-changesDays, 10), alone: true, what: "change a witness's key", do: func(ctx context.Context) error { return f.changeWitness(ctx, w) }})
		}
	}
	return all
}

// cosign publishes what there is and has a witness sign it.
func (f *filler) cosign(ctx context.Context, w watcher) error {
	if err := f.register.Publish(ctx); err != nil {
		return err
	}
	signed, _, err := f.register.Newest(ctx)
	if err != nil {
		return err
	}
	signer, err := translog.NewCosigner(f.witnesses[w.organisation], f.clock.Now)
	if err != nil {
		return err
	}
	if signed, err = translog.Cosign(signed, signer); err != nil {
		return err
	}
	if _, err := f.register.AddCosignatures(ctx, signed); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return nil
}

// changeWitness puts another key of a witness in force, signed over by both.
func (f *filler) changeWitness(ctx context.Context, w watcher) error {
	next, _, err := translog.GenerateCosignerKey(f.random, w.name)
	if err != nil {
		return err
	}
	change, err := translog.ChangeKey(f.witnesses[w.organisation], next)
	if err != nil {
		return err
	}
	f.witnesses[w.organisation] = next
	return f.byStaff(ctx, staff{w.organisation, act.RoleBoard}, act.Draft{Facts: &act.KeyChanged{Old: change.Old, New: change.New,
		OldSignature: change.OldSignature, NewSignature: change.NewSignature}})
}
