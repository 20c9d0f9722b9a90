package opinion

import (
	"math"
	"testing"
)

// TestRule: each condition of the rule for K decides, one at a time.
func TestRule(t *testing.T) {
	two := KStability{K: 2, Found: 8, Parts: 8, PlacedShare: .8, Loss: .2, ModelGain: .05, More: 1, Gain: .03, GainError: .002, Agreement: 1}
	three := KStability{K: 3, Found: 8, Parts: 8, PlacedShare: .78, Loss: .02, ModelGain: .03, More: .6, Gain: .02, GainError: .002, Agreement: 1}
	for _, c := range []struct {
		name   string
		change func(s *Stability, two, three *KStability)
		k      int
		reason Reason
	}{
		{"all is well", func(s *Stability, two, three *KStability) {}, 3, TooFew},
		{"votes dealt anew look as divided", func(s *Stability, two, three *KStability) { s.Null[1] = .21 }, 1, NoStructure},
		{"two groups rarely found", func(s *Stability, two, three *KStability) { two.Found = 3 }, 1, TooFew},
		{"few placed in two", func(s *Stability, two, three *KStability) { two.PlacedShare = .49 }, 1, NoStructure},
		{"two tell nothing", func(s *Stability, two, three *KStability) { two.ModelGain = .009 }, 1, NoStructure},
		{"three rarely found", func(s *Stability, two, three *KStability) { three.Found = 3 }, 2, TooFew},
		{"three tell little more", func(s *Stability, two, three *KStability) { three.More = .44 }, 2, NotPredictive},
		{"three gain within the error", func(s *Stability, two, three *KStability) { three.GainError = .011 }, 2, NotPredictive},
		{"three cost places", func(s *Stability, two, three *KStability) { three.Loss = .07 }, 2, NotPlaced},
		{"three differ by part", func(s *Stability, two, three *KStability) { three.Agreement = .89 }, 2, NotStable},
	} {
		a, b := two, three
		s := &Stability{K: 1, Reason: TooFew, Leading: .3, Null: []float64{.1, .1, .1}}
		c.change(s, &a, &b)
		s.ByK = []KStability{a, b}
		if s.choose(); s.K != c.k || s.Reason != c.reason {
			t.Errorf("%s: %d groups, %v; expected %d, %v", c.name, s.K, s.Reason, c.k, c.reason)
		}
	}
}

func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		a, b []int8
		want float64
	}{
		{nil, nil, 1},
		{[]int8{0, 0, 1, 1}, []int8{1, 1, 0, 0}, 1},
		{[]int8{0, 0, 0}, []int8{4, 4, 4}, 1},
		{[]int8{0, 0, 1, 1}, []int8{0, 0, 0, 0}, 0},
		{[]int8{0, 0, 1, 1}, []int8{0, 1, 0, 1}, -.5},
		{[]int8{0, 0, 1, 2}, []int8{0, 0, 1, 1}, 4. / 7}, // as scikit-learn documents it
		{[]int8{0, 0, 1, 1, -1, 0}, []int8{0, 0, 1, 1, 1, -1}, 1},
	} {
		if got := AgreementOf(c.a, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v and %v: %g, not %g", c.a, c.b, got, c.want)
		}
	}
}

func TestMatched(t *testing.T) {
	whole := []int8{0, 0, 0, 1, 1, 2, 2, 2, -1}
	part := []int8{2, 2, 0, 0, 0, 1, 1, 2, 1}
	if name := matched(3, whole, part); [3]int8(name[:3]) != [3]int8{1, 2, 0} {
		t.Errorf("%v", name)
	}
}

// TestDraws: a part has its share, what is left out is the rest, and dealing
// anew keeps how many voted what on each statement and how much each person
// voted.
func TestDraws(t *testing.T) {
	o := order(drawn(t, 500, 40, 50), nil, sampleMost)
	n, out, who := o.votesPart(7)
	if share := float64(len(n.words)) / float64(len(o.words)); len(n.words)+len(out.words) != len(o.words) || math.Abs(share-.8) > .02 {
		t.Errorf("%d votes in, %d out of %d", len(n.words), len(out.words), len(o.words))
	}
	for i, p := range who {
		seen := map[Word]bool{}
		for _, w := range o.row(int(p)) {
			seen[w] = true
		}
		for _, w := range append(append([]Word(nil), n.row(i)...), out.row(i)...) {
			if !seen[w] {
				t.Fatalf("person %d has a vote that was not theirs", p)
			}
		}
	}
	people, who := o.peoplePart(7)
	if share := float64(len(who)) / 500; len(people.people) != len(who) || math.Abs(share-.8) > .06 {
		t.Errorf("%d people of 500", len(who))
	}
	d := o.permuted(3)
	count := make([][4]int32, len(o.count))
	moved := 0
	for i, w := range d.words {
		count[w>>2][w&3]++
		if w>>2 != o.words[i]>>2 {
			t.Fatal("a vote has gone to another statement")
		}
		if w != o.words[i] {
			moved++
		}
	}
	for s := range count {
		if count[s] != o.count[s] {
			t.Errorf("statement %d: %v votes, dealt anew %v", s, o.count[s], count[s])
		}
	}
	if moved < len(o.words)/4 {
		t.Errorf("only %d of %d votes moved", moved, len(o.words))
	}
}
