package civic

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	"samleng/act"
)

// Dump writes out a whole state, what is private of it included: two states
// with the same dump answer every question alike.
//
// With commuting set it leaves out what the order of acts that do not conflict
// may change: the positions at which votes were cast, the order in which views,
// people and roles came, and the places that follow from that order.
func Dump(s *State, commuting bool) string {
	d := &dumper{state: s, commuting: commuting}
	d.value(reflect.ValueOf(s).Elem(), true)
	return d.out.String()
}

type dumper struct {
	state     *State
	commuting bool
	out       strings.Builder
}

// text is the dump of one value by itself.
func (d *dumper) text(v reflect.Value, whole bool) string {
	inner := &dumper{state: d.state, commuting: d.commuting}
	inner.value(v, whole)
	return inner.out.String()
}

// value writes a value. What has an id is written whole where it is kept, in a
// map or a field of the state, and elsewhere by its id.
func (d *dumper) value(v reflect.Value, whole bool) {
	switch known := v.Interface().(type) {
	case act.ID:
		d.out.WriteString(known.String())
		return
	case time.Time:
		d.out.WriteString(known.Format(time.RFC3339Nano))
		return
	case *time.Location:
		d.out.WriteString(known.String())
		return
	case act.Facts:
		encoded, _ := json.Marshal(known)
		d.out.Write(encoded)
		return
	case map[act.ID]*roll:
		if d.commuting {
			for _, dialogue := range d.state.dialogues.order {
				fmt.Fprintf(&d.out, "\n%s %v", dialogue.ID, votesOf(dialogue, known[dialogue.ID]))
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			d.out.WriteString("nil")
			return
		}
		if id, has := idOf(v.Elem()); has && !whole {
			fmt.Fprintf(&d.out, "→%s", id)
			return
		}
		d.value(v.Elem(), whole)
	case reflect.Struct:
		d.fields(v, whole)
	case reflect.Map:
		var entries []string
		for _, key := range v.MapKeys() {
			entry := reflect.New(v.Type().Elem()).Elem()
			entry.Set(v.MapIndex(key))
			k := reflect.New(key.Type()).Elem()
			k.Set(key)
			entries = append(entries, d.text(k, false)+": "+d.text(entry, true))
		}
		slices.Sort(entries)
		fmt.Fprintf(&d.out, "{\n%s\n}", strings.Join(entries, "\n"))
	case reflect.Slice, reflect.Array:
		var entries []string
		for i := range v.Len() {
			entries = append(entries, d.text(v.Index(i), false))
		}
		if _, events := v.Interface().([]Event); d.commuting && v.Kind() == reflect.Slice && !events {
			slices.Sort(entries)
		}
		fmt.Fprintf(&d.out, "[%s]", strings.Join(entries, " "))
	default:
		fmt.Fprintf(&d.out, "%v", v)
	}
}

func idOf(v reflect.Value) (act.ID, bool) {
	if v.Kind() != reflect.Struct {
		return act.ID{}, false
	}
	field := v.FieldByName("ID")
	if !field.IsValid() {
		return act.ID{}, false
	}
	id, is := field.Interface().(act.ID)
	return id, is
}

func (d *dumper) fields(v reflect.Value, whole bool) {
	d.out.WriteString("(")
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if d.commuting && (name == "index" || f.Kind() == reflect.Int && name == "order") {
			continue // places in an order of registration
		}
		if d.commuting && (name == "lines" || name == "placeNumbers" || name == "recent" || name == "rows") {
			continue // made of such places; TestBalanceBalances recounts what they are for
		}
		// Fields that are not exported are read here all the same.
		f = reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
		fmt.Fprintf(&d.out, "%s=", name)
		d.value(f, whole && v.Type() == reflect.TypeFor[State]())
		d.out.WriteString(" ")
	}
	d.out.WriteString(")")
}

// votesOf gives a roll with no places and positions: who voted what, how often
// they changed it, what they said of themselves, and the sums.
func votesOf(dialogue *Dialogue, r *roll) string {
	var lines []string
	for who, person := range r.people {
		for _, c := range r.votes[person] {
			lines = append(lines, fmt.Sprintf("%s %s %s %d %d", who, dialogue.statements[c.index()].ID, c.vote(), c.changes(), c.time))
		}
	}
	for index, tally := range r.tallies {
		if tally != (Tally{}) || r.shown[index].moved > 0 {
			d := &dumper{}
			shown := r.shown[index]
			d.value(reflect.ValueOf(&shown).Elem(), true)
			lines = append(lines, fmt.Sprintf("%s %+v %s", dialogue.statements[index].ID, tally, d.out.String()))
		}
	}
	for who, said := range r.selves {
		lines = append(lines, fmt.Sprintf("%s says %+v", who, said))
	}
	slices.Sort(lines)
	d := &dumper{}
	crowd := r.crowd
	d.value(reflect.ValueOf(&crowd).Elem(), true)
	return fmt.Sprintf("%d people, %d apart, %d ballots, %d released, %s\n%s", len(r.people), r.apart, r.ballots, r.released, d.out.String(), strings.Join(lines, "\n"))
}

// RolesFor gives the roles that may do a kind of act.
func RolesFor(kind act.Kind) []act.Role { return rules[kind].roles }

// StandingFor tells in which part of an authority's balance a view counts.
func StandingFor(v *Statement, at time.Time, authority act.ID) (Disposition, Clock) {
	return v.standingWith(authority, at)
}
