package civic_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

var update = flag.Bool("update", false, "write a golden log that is missing, or add to one what is new in the public state")

// aboutGolden tells what a golden log is.
const aboutGolden = "A log under one version of the rules, and what follows from it: the hash of its tree (RFC 6962), the balance at several moments and the public state. Every header is a leaf byte for byte as it stands; sections are those that are public at the end. Another implementation that folds the headers gets the same balance and public state."

// golden is the form of testdata/golden-N.json, N being the version of the rules.
type golden struct {
	About   string          `json:"about"`
	Rules   int             `json:"rules"`
	Acts    []goldenAct     `json:"acts"`
	Size    int             `json:"size"`
	Root    []byte          `json:"root"`
	Balance []goldenBalance `json:"balance"`
	Public  json.RawMessage `json:"public"`
}

type goldenAct struct {
	Header   json.RawMessage `json:"header"`
	Sections []goldenSection `json:"sections,omitempty"`
}

type goldenSection struct {
	Name    string          `json:"name"`
	Salt    []byte          `json:"salt"`
	Content json.RawMessage `json:"content"`
}

type goldenBalance struct {
	At       time.Time     `json:"at"`
	Dialogue string        `json:"dialogue,omitempty"`
	Place    string        `json:"place,omitempty"`
	Balance  civic.Balance `json:"balance"`
}

// goldenLogs are the golden logs of a version: what it is called beside the
// version, and what a log has to have to be taken for it.
var goldenLogs = []goldenLog{
	{"", viewGenerators, 140, 220, func(b civic.Balance) bool {
		return b.AwaitingModeration.OnTime*b.AwaitingModeration.Overdue*b.NotYetReferred.OnTime*b.NotYetReferred.Overdue*b.Withheld*b.Erased > 0
	}},
	{"-chain", slices.Concat(chainGenerators, planGenerators), 700, 1000, func(b civic.Balance) bool {
		return b.Waiting.OnTime+b.Waiting.Overdue > 0 && b.NeedsInformation.OnTime+b.NeedsInformation.Overdue > 0 &&
			b.BeingConsidered.OnTime+b.BeingConsidered.Overdue > 0 && b.Answered > 0
	}},
}

type goldenLog struct {
	name       string
	generators []generator
	// tries is how many acts are tried, most how many the log may have.
	tries, most int
	balance     func(civic.Balance) bool
}

func (l goldenLog) path(version int) string {
	return fmt.Sprintf("testdata/golden-%d%s.json", version, l.name)
}

// write makes a log of every kind of act of its generators, with a view in every
// part of the balance that they lead to, from the first seed that gives one.
func (l goldenLog) write(t *testing.T, version int) golden {
	for seed := range uint64(20_000) {
		m := newMachine(t, seededChooser{rand.New(rand.NewPCG(seed, 5))}, seed).begin()
		m.run(l.tries)
		seen := map[act.Kind]bool{}
		for _, a := range m.stored {
			seen[a.Kind] = true
		}
		if slices.ContainsFunc(l.generators, func(g generator) bool { return !seen[g.kind] }) || m.state.Rules() != version || len(m.stored) > l.most ||
			!l.balance(m.state.Balance(civic.Filter{}, m.now)) {
			continue
		}
		t.Logf("seed %d: %d acts", seed, len(m.stored))
		g := golden{About: aboutGolden, Rules: version}
		for _, a := range m.stored {
			line := goldenAct{Header: a.Leaf}
			for _, section := range a.Sections {
				if m.state.MayRead(civic.Actor{}, civic.SectionRef{Act: a.ID, Name: section.Name}) {
					line.Sections = append(line.Sections, goldenSection{section.Name, section.Salt[:], section.Content})
				}
			}
			g.Acts = append(g.Acts, line)
		}
		return g
	}
	t.Fatal("no seed gives a log of every kind of act")
	return golden{}
}

// fold reads the log into a state, with its sections or without. Every act has
// to be one that anybody who has the headers finds in order.
func (g golden) fold(t *testing.T, sections bool) (*civic.State, [][]byte) {
	t.Helper()
	s := civic.New()
	var leaves [][]byte
	for i, line := range g.Acts {
		var open []act.Section
		for _, section := range line.Sections {
			if sections {
				open = append(open, act.Section{Name: section.Name, Salt: act.Salt(section.Salt), Content: section.Content})
			}
		}
		a, err := act.Decode(line.Header, open)
		if err != nil {
			t.Fatalf("act %d of the golden log of rules version %d: %v", i, g.Rules, err)
		}
		if err := s.CheckPublic(a.Header); err != nil {
			t.Fatalf("act %d of the golden log, %s, is refused: %v.%s", i, line.Header, err, goldenAdvice(g.Rules))
		}
		if err := s.Apply(a); err != nil {
			t.Fatalf("apply act %d of the golden log, %s: %v.%s", i, line.Header, err, goldenAdvice(g.Rules))
		}
		leaves = append(leaves, a.Leaf)
	}
	return s, leaves
}

// results fills in what follows from the log.
func (g golden) results(t *testing.T) golden {
	t.Helper()
	s, leaves := g.fold(t, true)
	bare, _ := g.fold(t, false)
	g.Size, g.Root, g.Public, g.Balance = len(leaves), treeHash(leaves), public(t, s), nil
	if !bytes.Equal(g.Public, public(t, bare)) {
		t.Error("with its sections stripped the golden log has another public state")
	}
	for _, days := range []int{0, 3, 60} {
		at := s.At().AddDate(0, 0, days)
		g.Balance = append(g.Balance, goldenBalance{At: at, Balance: s.Balance(civic.Filter{}, at)},
			goldenBalance{At: at, Place: "16", Balance: s.Balance(civic.Filter{Place: "16"}, at)})
		for _, d := range s.Dialogues() {
			g.Balance = append(g.Balance, goldenBalance{At: at, Dialogue: d.Slug, Balance: s.Balance(civic.Filter{Dialogue: d.ID}, at)})
		}
	}
	return g
}

// treeHash is the Merkle tree hash of RFC 6962, 2.1, written out here so that
// the golden log rests on no code of ours.
func treeHash(leaves [][]byte) []byte {
	var sum [sha256.Size]byte
	switch len(leaves) {
	case 0:
		sum = sha256.Sum256(nil)
	case 1:
		sum = sha256.Sum256(append([]byte{0}, leaves[0]...))
	default:
		k := 1
		for 2*k < len(leaves) {
			k *= 2
		}
		sum = sha256.Sum256(slices.Concat([]byte{1}, treeHash(leaves[:k]), treeHash(leaves[k:])))
	}
	return sum[:]
}

// encode writes a golden log, an act and a balance a line.
func (g golden) encode(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	line := func(v any) []byte {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	}
	fmt.Fprintf(&out, "{\"about\":%s,\n\"rules\":%d,\n\"acts\":[", line(g.About), g.Rules)
	for i, a := range g.Acts {
		fmt.Fprintf(&out, "%s\n%s", []string{"", ","}[min(i, 1)], line(a))
	}
	fmt.Fprintf(&out, "\n],\n\"size\":%d,\n\"root\":%s,\n\"balance\":[", g.Size, line(g.Root))
	for i, b := range g.Balance {
		fmt.Fprintf(&out, "%s\n%s", []string{"", ","}[min(i, 1)], line(b))
	}
	fmt.Fprintf(&out, "\n],\n\"public\":%s}\n", g.Public)
	return out.Bytes()
}

func goldenAdvice(version int) string {
	return fmt.Sprintf(`
A log of rules version %d no longer means what it meant. Registers hold such logs, and receipts, figures
and audits rest on them: do not change what they mean. Give the new rule a new version (civic.RulesVersion),
let it bind only after a rules.adopted act that names it, and add a golden log of that version
(go test ./civic -run TestGoldenLog -update). A golden log of it is deleted and written anew only while no
version of the program with these rules was ever released, and only on purpose.`, version)
}

// TestGoldenLog folds the logs of every version of the rules and finds what they
// meant when they were written.
func TestGoldenLog(t *testing.T) {
	for version := 1; version <= civic.RulesVersion; version++ {
		for _, l := range goldenLogs {
			t.Run(fmt.Sprint(version, l.name), func(t *testing.T) { l.holds(t, version) })
		}
	}
}

func (l goldenLog) holds(t *testing.T, version int) {
	path := l.path(version)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && *update {
		data = l.write(t, version).results(t).encode(t)
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		t.Fatalf("rules version %d lacks a golden log: %v", version, err)
	}
	var want golden
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	got := want.results(t)
	again := got.encode(t)
	if bytes.Equal(again, data) {
		return
	}
	if where, differ := differs(json.RawMessage(data), json.RawMessage(again)); differ {
		t.Fatalf("%s%s", where, goldenAdvice(version))
	}
	if !*update {
		t.Fatalf("%s lacks what is new in the public state; nothing that it says has changed. Look at what is new, then run: go test ./civic -run TestGoldenLog -update", path)
	}
	if err := os.WriteFile(path, again, 0o644); err != nil {
		t.Fatal(err)
	}
}

// differs says where something that the old JSON says is said otherwise by the
// new, or no longer. What is added says nothing else about the old.
func differs(old, new json.RawMessage) (where string, differ bool) {
	var a, b any
	if json.Unmarshal(old, &a) != nil || json.Unmarshal(new, &b) != nil {
		return "it is no JSON", true
	}
	return differAt("", a, b)
}

func differAt(path string, old, new any) (string, bool) {
	switch a := old.(type) {
	case map[string]any:
		b, same := new.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if where, differ := differAt(path+"."+name, a[name], b[name]); differ && same {
				return where, true
			}
		}
		if same {
			return "", false
		}
	case []any:
		b, same := new.([]any)
		if same && len(a) == len(b) {
			for i := range a {
				if where, differ := differAt(fmt.Sprintf("%s[%d]", path, i), a[i], b[i]); differ {
					return where, true
				}
			}
			return "", false
		}
	default:
		if reflect.DeepEqual(old, new) {
			return "", false
		}
	}
	was, _ := json.Marshal(old)
	is, _ := json.Marshal(new)
	return fmt.Sprintf("the golden log's %s was %.300s and is %.300s", path, was, is), true
}
