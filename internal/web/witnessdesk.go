package web

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/translog"
)

// spareRows is how many empty rows the form of witnesses has below those that
// are filled in.
const spareRows = 3

// witnessSettings is where the witnesses are declared and their keys changed.
type witnessSettings struct {
	Declared []declaredWitness
	Declares bool // whoever looks may declare the witnesses
	Changes  bool // whoever looks may change a witness's key
	Quorum   string
	Rows     []witnessInput
	Lines    string // of a change of key, as typed
}

type declaredWitness struct {
	Names   act.Names
	Cadence string
}

// witnessInput is one row of the form; its fields end with N.
type witnessInput struct {
	N             int
	Organisations []option
	Key           string
	Cadences      []option
}

// fill shows what is declared, or what was typed where a form was sent.
func (data *witnessSettings) fill(state *civic.State, m *member, typed url.Values, programme bool) {
	policy := state.Witnesses()
	data.Declares, data.Lines = programme, typed.Get("lines")
	if policy != nil {
		for _, w := range policy.Witnesses {
			data.Declared = append(data.Declared, declaredWitness{state.Names(w.Organisation), w.Cadence})
			data.Changes = data.Changes || programme || w.Organisation == m.Organisation
		}
	}
	if !typed.Has("quorum") {
		typed = typedOf(policy)
	}
	data.Quorum = typed.Get("quorum")
	rows := min(lastRow(typed)+spareRows, act.MostWitnesses)
	for n := 1; n <= rows; n++ {
		row := witnessInput{N: n, Key: typed.Get(field("key", n)), Cadences: codeOptions(act.Cadences, typed.Get(field("cadence", n)))}
		for _, org := range state.Organisations() {
			id := org.ID.String()
			row.Organisations = append(row.Organisations, option{id, state.Names(org.ID), id == typed.Get(field("organisation", n))})
		}
		data.Rows = append(data.Rows, row)
	}
}

// typedOf gives the policy in force as the form would send it.
func typedOf(policy *civic.WitnessPolicy) url.Values {
	typed := url.Values{"quorum": {"2"}}
	if policy == nil {
		return typed
	}
	typed.Set("quorum", strconv.Itoa(policy.Quorum))
	for i, w := range policy.Witnesses {
		typed.Set(field("organisation", i+1), w.Organisation.String())
		typed.Set(field("key", i+1), w.Key)
		typed.Set(field("cadence", i+1), w.Cadence)
	}
	return typed
}

func field(name string, n int) string { return name + strconv.Itoa(n) }

// lastRow is the last row in which something stands; 0 if there is none.
func lastRow(form url.Values) int {
	for n := act.MostWitnesses; n > 0; n-- {
		if !emptyRow(form, n) {
			return n
		}
	}
	return 0
}

// emptyRow reports whether a row is to be left out.
func emptyRow(form url.Values, n int) bool {
	return form.Get(field("organisation", n)) == "" && act.Blank(form.Get(field("key", n))) && form.Get(field("cadence", n)) == ""
}

// witnessesOf reads the form of witnesses. rows are the rows that the witnesses
// stand in.
func witnessesOf(form url.Values) (facts *act.WitnessesDeclared, rows []int, err error) {
	facts = &act.WitnessesDeclared{}
	var wrong []*problem.Error
	for n := 1; n <= lastRow(form); n++ {
		if emptyRow(form, n) {
			continue
		}
		organisation, key := field("organisation", n), field("key", n)
		w := act.Witness{Key: strings.TrimSpace(form.Get(key))}
		var trouble *problem.Error
		if w.Organisation, err = act.ParseID(form.Get(organisation)); err != nil {
			wrong = append(wrong, problem.New(problem.Invalid, "problem.choose").In(organisation))
		}
		if !isWitnessKey(w.Key) {
			wrong = append(wrong, problem.New(problem.Invalid, "problem.witness_key", "command", "samleng witness").In(key))
		}
		w.Cadence, trouble = chosen(form, field("cadence", n), act.Cadences)
		wrong = append(wrong, trouble)
		for _, before := range facts.Witnesses {
			if before.Organisation == w.Organisation && !w.Organisation.IsZero() {
				wrong = append(wrong, problem.New(problem.Invalid, "problem.witness_twice").In(organisation))
			}
			if before.Key == w.Key && w.Key != "" {
				wrong = append(wrong, problem.New(problem.Invalid, "problem.witness_twice").In(key))
			}
		}
		facts.Witnesses, rows = append(facts.Witnesses, w), append(rows, n)
	}
	if len(rows) < 2 {
		return nil, nil, problem.Join(append(wrong, problem.New(problem.Invalid, "problem.witnesses_few").In("organisation1"))...)
	}
	var trouble *problem.Error
	facts.Quorum, trouble = between(form, "quorum", 2, len(rows))
	return facts, rows, problem.Join(append(wrong, trouble)...)
}

func isWitnessKey(key string) bool {
	verifier, err := translog.NewVerifier(key)
	return err == nil && translog.IsCosigner(verifier)
}

// beside says beside which field of the form a refusal of the rules belongs, in
// words for whoever filled it in. What it gives does not wrap the refusal, which
// would be told in its place.
func (s *Server) beside(v *visit, facts *act.WitnessesDeclared, rows []int, err error) error {
	refusal, is := errors.AsType[*civic.Refusal](err)
	if !is {
		return err
	}
	var wrong *problem.Error
	s.read.View(func(state *civic.State) {
		for i, w := range facts.Witnesses {
			for _, other := range facts.Witnesses[:i] {
				if refusal.Key == civic.RefusedNotIndependent && state.Related(w.Organisation, other.Organisation) {
					wrong = problem.New(problem.Conflict, "problem.witness_related", "name", v.name(state.Names(w.Organisation)),
						"other", v.name(state.Names(other.Organisation))).In(field("organisation", rows[i]))
				}
			}
			if refusal.Key == civic.RefusedOrganisation && state.Organisation(w.Organisation) == nil {
				wrong = problem.New(problem.Invalid, "problem.choose").In(field("organisation", rows[i]))
			}
			if refusal.Key == civic.RefusedKey && slices.ContainsFunc(state.WitnessKeys(), func(k civic.WitnessKey) bool {
				return k.Key == w.Key && (k.Organisation != w.Organisation || k.Followed != "")
			}) {
				wrong = problem.New(problem.Conflict, "problem.witness_used").In(field("key", rows[i]))
			}
		}
	})
	if refusal.Key == civic.RefusedWitnesses {
		wrong = problem.New(problem.Invalid, refusal.Key).In("organisation1")
	}
	if wrong == nil {
		return err
	}
	return wrong
}

// keyChangeOf reads the four lines that both keys of a witness have made.
func keyChangeOf(form url.Values) (*act.KeyChanged, error) {
	var lines []string
	for line := range strings.Lines(form.Get("lines")) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) != 4 {
		return nil, problem.New(problem.Invalid, "problem.key_change_lines").In("lines")
	}
	change := translog.KeyChange{Old: lines[0], New: lines[1], OldSignature: lines[2], NewSignature: lines[3]}
	if err := change.Verify(); err != nil {
		return nil, problem.Wrap(err, problem.Invalid, "problem.key_change_signed", "command", "samleng change-key --witness").In("lines")
	}
	if !isWitnessKey(change.Old) {
		return nil, problem.New(problem.Invalid, "problem.key_change_log", "command", "samleng change-key").In("lines")
	}
	return &act.KeyChanged{Old: change.Old, New: change.New, OldSignature: change.OldSignature, NewSignature: change.NewSignature}, nil
}

// besideLines says what is wrong with a change of key that the rules refused.
func besideLines(err error) error {
	if refusal, is := errors.AsType[*civic.Refusal](err); is && refusal.Key == civic.RefusedKey {
		return problem.New(problem.Conflict, "problem.key_change_unknown").In("lines")
	}
	return err
}
