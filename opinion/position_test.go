package opinion

import (
	"math"
	"runtime"
	"testing"
)

// drawn is votes of people in two loose camps, for tests inside the package.
func drawn(t testing.TB, people, statements, share int) *Votes {
	t.Helper()
	b, err := NewBuilder(statements)
	if err != nil {
		t.Fatal(err)
	}
	for p := range people {
		var row []Word
		for s := range statements {
			h := mix(uint64(p)<<20 | uint64(s))
			if int(h%100) >= share {
				continue
			}
			agree := uint64(75)
			if (uint64(p)^mix(uint64(s)))&1 == 0 {
				agree = 25
			}
			switch x := h >> 32 % 100; {
			case x < 10:
				row = append(row, MakeWord(s, Pass))
			case x < 10+agree*9/10:
				row = append(row, MakeWord(s, Agree))
			default:
				row = append(row, MakeWord(s, Disagree))
			}
		}
		if err := b.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	return b.Votes()
}

func sameBits(a, b *Grouping) bool {
	if a.K != b.K || len(a.Group) != len(b.Group) {
		return false
	}
	for p := range a.Group {
		if a.Group[p] != b.Group[p] || math.Float32bits(a.Probability[p]) != math.Float32bits(b.Probability[p]) || a.Points[p] != b.Points[p] {
			return false
		}
	}
	for k := range a.Centres {
		if a.Centres[k] != b.Centres[k] {
			return false
		}
	}
	return true
}

// TestMirrored: a start of the other sign, on every axis, gives the same map
// bit for bit.
func TestMirrored(t *testing.T) {
	v := drawn(t, 700, 90, 30)
	f, mirrored := fitPositions(v, nil, sampleMost, false), fitPositions(v, nil, sampleMost, true)
	if f.order.colour[0] != mirrored.order.colour[0] || newModel(f.order, false).loads[0].weight[0] != -newModel(f.order, true).loads[0].weight[0] {
		t.Fatal("nothing was mirrored")
	}
	for s := range v.statements {
		if f.Weight(s) != mirrored.Weight(s) {
			t.Fatalf("statement %d: weights %v and %v", s, f.Weight(s), mirrored.Weight(s))
		}
	}
	if a, b := f.Groups(v, 0), mirrored.Groups(v, 0); a.K != 2 || !sameBits(a, b) {
		t.Errorf("%d groups %v and mirrored %d %v", a.K, a.Sizes, b.K, b.Sizes)
	}
}

// TestSumsAreExact: people in another order and in parts give the same sums bit
// for bit, which is why neither their order nor the number of workers matters.
func TestSumsAreExact(t *testing.T) {
	v := drawn(t, 900, 60, 40)
	o := order(v, nil, sampleMost)
	m := newModel(o, false)
	m.stepPeople(o, len(o.people))
	m.stepStatements(o.count)
	m.stepPeople(o, len(o.people))
	whole, first, second := m.sums[0], m.first, m.second
	parts := make([]sums, len(whole))
	var partFirst point
	var partSecond [pairs]float64
	for _, r := range [][2]int{{500, 900}, {100, 500}, {0, 100}} {
		own := make([]sums, len(whole))
		m.stepRange(o, r[0], r[1], own, &partFirst, &partSecond)
		for s := range own {
			parts[s].add(&own[s])
		}
	}
	if partFirst != first || partSecond != second {
		t.Errorf("sums of positions: %v and in parts %v", first, partFirst)
	}
	for s := range whole {
		if whole[s] != parts[s] {
			t.Fatalf("statement %d: sums differ in parts", s)
		}
	}
	// A row from behind.
	row := o.row(5)
	turned := make([]Word, len(row))
	for i, w := range row {
		turned[len(row)-1-i] = w
	}
	var z, zt point
	var c, ct [pairs]float64
	place(row, m.looks, &z, &c)
	place(turned, m.looks, &zt, &ct)
	if z != zt || c != ct {
		t.Error("the order of a row's votes moves its person")
	}
}

// TestWorkers: the map is the same bit for bit on any number of processors.
func TestWorkers(t *testing.T) {
	v := drawn(t, 24000, 60, 50)
	if v.Len() < 2*votesAWorker {
		t.Fatalf("%d votes are work for one", v.Len())
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := FitPositions(v, nil)
	f.everybody = false
	alone := f.Groups(v, 0)
	for _, n := range []int{2, 7} {
		runtime.GOMAXPROCS(n)
		f := FitPositions(v, nil)
		f.everybody = false
		if g := f.Groups(v, 0); !sameBits(alone, g) {
			t.Errorf("%d processors: %d groups %v, alone %d %v", n, g.K, g.Sizes, alone.K, alone.Sizes)
		}
	}
}

// TestSampleStandsForAll: a model of a sample of the people places everybody
// nearly as a model of all does, is the same whatever the numbers, and streaming
// gives what placing from memory gives.
func TestSampleStandsForAll(t *testing.T) {
	v := drawn(t, 6000, 80, 35)
	full, part := fitPositions(v, nil, sampleMost, false), fitPositions(v, nil, 1500, false)
	if n := len(part.order.people); n < 1300 || n > 1700 || part.everybody {
		t.Fatalf("a sample of %d", n)
	}
	a, b := full.Groups(v, 0), part.Groups(v, 0)
	placed := make([]int8, len(a.Group))
	for p := range placed {
		placed[p] = -1
		if a.Probability[p] >= Placed {
			placed[p] = a.Group[p]
		}
	}
	if all, sure := AgreementOf(a.Group, b.Group), AgreementOf(placed, b.Group); a.K != 2 || b.K != 2 || all < .9 || sure < .99 {
		t.Errorf("%d and %d groups, agreement %.3f, of the placed %.3f", a.K, b.K, all, sure)
	}
	streamed := full.Groups(v, 0)
	full.everybody = false
	if !sameBits(streamed, full.Groups(v, 0)) {
		t.Error("streaming and placing from memory differ")
	}
}

// TestSampleOfCopies: of many who voted the same the sample takes its share.
func TestSampleOfCopies(t *testing.T) {
	b, err := NewBuilder(3)
	if err != nil {
		t.Fatal(err)
	}
	for p := range 40000 {
		if err := b.Add([]Word{MakeWord(p%3, Vote(p/3%3-1))}); err != nil {
			t.Fatal(err)
		}
	}
	o := order(b.Votes(), nil, 4000)
	if n := len(o.people); n < 3700 || n > 4300 {
		t.Errorf("%d people in a sample of 4000", n)
	}
	for s, c := range o.count {
		for code, n := range c[:3] {
			if n < 360 || n > 530 {
				t.Errorf("statement %d: %d of code %d where about 444 are due", s, n, code)
			}
		}
	}
}

// TestCoverage: on votes drawn from the model, people are where their
// covariance says: 90 % intervals of a coordinate hold about 90 %.
func TestCoverage(t *testing.T) {
	const people, statements = 3000, 100
	normal := func(h uint64) float64 {
		sum := 0.0
		for i := range uint64(12) {
			sum += float64(mix(h+i)>>11) / (1 << 53)
		}
		return sum - 6
	}
	b, err := NewBuilder(statements)
	if err != nil {
		t.Fatal(err)
	}
	for p := range people {
		z := normal(uint64(p) * 1000)
		var row []Word
		for s := range statements {
			h := mix(uint64(p)<<20 | uint64(s) | 1<<50)
			if h%10 < 2 {
				y := .4*normal(uint64(s)<<40)*z + .4*normal(h)
				row = append(row, MakeWord(s, Vote(math.Round(max(-1, min(1, y))))))
			}
		}
		if err := b.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	v := b.Votes()
	f := FitPositions(v, nil)
	// The true coordinate in units of the fit, by least squares on the points,
	// which are shrunk by 1 - variance/prior on average.
	inside, n := 0, 0
	var product, square, shrunk float64
	for p := range people {
		pos, z := f.Place(v.Row(p)), normal(uint64(p)*1000)
		product += pos.Point[0] * z
		square += z * z
		shrunk += 1 - pos.Covariance[0]/(f.scale[0]*f.scale[0])
	}
	slope := product / square / (shrunk / people)
	for p := range people {
		pos := f.Place(v.Row(p))
		if pos.Votes == 0 {
			continue
		}
		n++
		if d := slope*normal(uint64(p)*1000) - pos.Point[0]; math.Abs(d) < 1.645*math.Sqrt(pos.Covariance[0]) {
			inside++
		}
	}
	t.Logf("%d of %d people are in their 90 %% interval", inside, n)
	if share := float64(inside) / float64(n); share < .86 || share > .95 {
		t.Errorf("%.3f of the people are in their 90 %% interval (slope %.3f, scale %.3f)", share, slope, f.scale[0])
	}
}
