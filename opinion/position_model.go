package opinion

import (
	"runtime"
	"sync"
)

// axes is how many directions of opinion the model has. By held-out votes six
// are as good as eight and better than four (doc/spec-map.md); those that the
// votes do not support shrink to nothing by themselves.
const (
	axes  = 6
	pairs = axes * (axes + 1) / 2       // of a symmetric matrix of the axes
	joint = (axes + 1) * (axes + 2) / 2 // of one of a mean and the axes
)

// point is a place on the axes.
type point = [axes]float64

// The quanta of what is summed over votes and over people. Adding and taking
// away 1.5 × 2^52 of them rounds to a multiple, halves to even: the same for x
// and -x. With at most MaxStatements votes of at most mostLook a row, and
// sampleMost people of at most mostSquare, every sum stays below 2^53 quanta
// and is exact.
const (
	lookQuantum = 1.0 / (1 << 32)
	sumQuantum  = 1.0 / (1 << 26)
	lookMagic   = 1.5 * (1 << 52) * lookQuantum
	sumMagic    = 1.5 * (1 << 52) * sumQuantum
	mostLook    = 64
	mostSquare  = 512
)

func quantize(x, most, magic float64) float64 {
	return (max(-most, min(most, x)) + magic) - magic
}

// look is what a vote on one statement tells of its person: the sum of these
// over a row is the precision of the person's position, above that of the
// prior, and precision times position.
type look struct {
	pair [pairs]float64
	pull [4]point // by code
}

// sums is what the voters of one statement tell of it: the sum of the squares
// of their positions, and of their positions by what they voted.
type sums struct {
	pair [pairs]float64
	code [4]point
}

// loading is what is known of one statement: a posterior normal distribution of
// its mean and of its loadings on the axes.
type loading struct {
	mean   float64
	weight point
	cov    [joint]float64 // of (mean, weights)
	noise  float64        // variance of a vote around mean + weight·z
}

// model is the state of the iteration. y = mean + weight·z + noise for every
// vote that was cast, the noise of each statement its own; z is normal with variance 1; means are normal around
// centre with variance spread; weights on axis j are normal around 0 with
// precision relevance[j].
type model struct {
	loads          []loading
	looks          []look
	sums           [][]sums // one a worker; the first is the total
	relevance      point
	centre, spread float64
	noise          float64 // variance of all votes, to which the statements' is shrunk

	// Of the last step over people: sums of positions and of their squares.
	first  point
	second [pairs]float64
	people int
}

const (
	startSpread    = 0.3 // of means
	startRelevance = 1.0 / 0.03
	leastStart     = 0.05 // root mean square of the weights on an axis
	mostStart      = 0.5
	leastNoise     = 0.02 // variance
	noiseShrink    = 50   // votes with the noise of all that a statement's counts with
	leastSpread    = 1e-4
	mostRelevance  = 1e6
	startShrink    = 2 // votes at the mean of all that a start mean counts with
)

// set makes the look of one statement.
func (t *look) set(l *loading) {
	for i := range axes {
		for j := 0; j <= i; j++ {
			square := float64(l.weight[i]*l.weight[j]) + l.cov[at(i+1, j+1)]
			t.pair[at(i, j)] = quantize(square/l.noise, mostLook, lookMagic)
		}
	}
	for code := range 3 {
		for i := range axes {
			y := float64(code-1) - l.mean
			t.pull[code][i] = quantize((float64(y*l.weight[i])-l.cov[at(i+1, 0)])/l.noise, mostLook, lookMagic)
		}
	}
}

// place gives position and covariance of a row.
func place(row []Word, looks []look, z *point, cov *[pairs]float64) {
	var pull point
	gather(row, looks, cov, &pull)
	for i := range axes {
		cov[at(i, i)]++
	}
	invertAxes(cov)
	for i := range axes {
		sum := 0.0
		for k := range axes {
			sum += float64(cov[at(i, k)] * pull[k])
		}
		z[i] = sum
	}
}

// votesAWorker is how many votes are worth a goroutine more.
const votesAWorker = 1 << 18

// stepPeople places the first n people and sums what they tell of the
// statements. The sums are exact: how the work is shared changes nothing.
func (m *model) stepPeople(o *ordered, n int) {
	for s := range m.loads {
		m.looks[s].set(&m.loads[s])
	}
	workers := max(1, min(runtime.GOMAXPROCS(0), int(o.start[n])/votesAWorker, n))
	for len(m.sums) < workers {
		m.sums = append(m.sums, make([]sums, len(m.loads)))
	}
	part := make([]struct {
		first  point
		second [pairs]float64
	}, workers)
	var wait sync.WaitGroup
	for w := range workers {
		run := func() { m.stepRange(o, n*w/workers, n*(w+1)/workers, m.sums[w], &part[w].first, &part[w].second) }
		if w == workers-1 {
			run()
		} else {
			wait.Go(run)
		}
	}
	wait.Wait()
	m.first, m.second, m.people = part[0].first, part[0].second, n
	for w := 1; w < workers; w++ {
		for i := range axes {
			m.first[i] += part[w].first[i]
		}
		for k := range pairs {
			m.second[k] += part[w].second[k]
		}
		for s := range m.sums[0] {
			m.sums[0][s].add(&m.sums[w][s])
		}
	}
}

func (t *sums) add(u *sums) {
	for k := range pairs {
		t.pair[k] += u.pair[k]
	}
	for code := range t.code {
		for i := range axes {
			t.code[code][i] += u.code[code][i]
		}
	}
}

// stepRange does people from up to to.
func (m *model) stepRange(o *ordered, from, to int, sums []sums, first *point, second *[pairs]float64) {
	clear(sums)
	var z point
	var square [pairs]float64
	for p := from; p < to; p++ {
		row := o.row(p)
		place(row, m.looks, &z, &square)
		k := 0
		for i := range axes {
			for j := 0; j <= i; j++ {
				square[k] = quantize(square[k]+float64(z[i]*z[j]), mostSquare, sumMagic)
				second[k] += square[k]
				k++
			}
		}
		for i := range axes {
			z[i] = quantize(z[i], mostSquare, sumMagic)
			first[i] += z[i]
		}
		scatter(row, sums, &square, &z)
	}
}
