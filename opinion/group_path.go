package opinion

import "math"

// cloud is the people to whom the groups are fitted, in the order of the votes.
type cloud struct {
	x      []point          // in votes
	cov    [][pairs]float64 // in votes
	weight []float64        // how much each counts, 0 to 1
	total  float64          // of the weights
	rest   float64          // mean squared error of the statements' means, by the model
}

// clustering is centres of groups and what each weighs.
type clustering struct {
	centres []point
	weight  []float64
}

const (
	maxGroups   = 5    // that the path goes to
	leastPeople = 10   // that a group weighs: fewer would not be shown
	leastShare  = 0.04 // of all weight that a group has
	splitSpread = 0.8  // standard deviations from the mean, at the start of a split
	secondAxis  = 0.5  // of the leading axis' spread, for a split along the second
	mostMoves   = 40   // rounds of k-means
	splitMoves  = 20   // and of those that try a split
	fewMove     = 1000 // one in so many may still move at the end
	fewSplit    = 200  // and at the end of trying a split
	leastWeight = 0.01 // below it somebody does not count in k-means
)

// cloud places the people of the fit. Somebody counts as the square of the
// share of the spread of opinion that their votes settle: people of whom little
// is known pull little.
func (f *Fit) cloud(m *model, o *ordered, scale point) *cloud {
	n := len(o.people)
	c := &cloud{x: make([]point, n), cov: make([][pairs]float64, n), weight: make([]float64, n)}
	spread := 0.0
	for _, s := range scale {
		spread += float64(s * s)
	}
	c.rest = m.noise + spread
	turned := &Fit{scale: scale}
	for p := range n {
		place(o.row(p), m.looks, &c.x[p], &c.cov[p])
		turned.toVotes(&c.x[p], &c.cov[p])
		trace := 0.0
		for i := range axes {
			trace += c.cov[p][at(i, i)]
		}
		if spread > 0 {
			settled := max(0, 1-trace/spread)
			c.weight[p] = float64(settled * settled)
		}
		c.total += c.weight[p]
	}
	return c
}

// body is the people of a cloud who count, gathered for k-means.
type body struct {
	x      []point
	weight []float64
	group  []int8
}

func (c *cloud) body() *body {
	b := &body{x: make([]point, 0, len(c.x)), weight: make([]float64, 0, len(c.x))}
	for p, w := range c.weight {
		if w >= leastWeight {
			b.x = append(b.x, c.x[p])
			b.weight = append(b.weight, w)
		}
	}
	b.group = make([]int8, len(b.x))
	return b
}

// lloyd moves the centres, each to the mean of those to whom it is nearest,
// until hardly anybody changes. Of centres equally near the first has the person.
func (b *body) lloyd(centres []point, rounds, few int) clustering {
	k := len(centres)
	var half, weight [maxGroups + 1]float64
	var sum [maxGroups + 1]point
	for p := range b.group {
		b.group[p] = -1
	}
	for range rounds {
		for j := range k {
			c := &centres[j]
			half[j] = (float64(c[0]*c[0]) + float64(c[1]*c[1]) + float64(c[2]*c[2]) + float64(c[3]*c[3]) + float64(c[4]*c[4]) + float64(c[5]*c[5])) / 2
			weight[j], sum[j] = 0, point{}
		}
		moved := 0
		for p := range b.x {
			x := &b.x[p]
			best, most := 0, math.Inf(-1)
			for j := range k {
				c := &centres[j]
				near := float64(c[0]*x[0]) + float64(c[1]*x[1]) + float64(c[2]*x[2])
				near += float64(c[3]*x[3]) + float64(c[4]*x[4]) + float64(c[5]*x[5]) - half[j]
				if near > most {
					best, most = j, near
				}
			}
			if int8(best) != b.group[p] {
				b.group[p] = int8(best)
				moved++
			}
			w, s := b.weight[p], &sum[best]
			weight[best] += w
			s[0] += float64(w * x[0])
			s[1] += float64(w * x[1])
			s[2] += float64(w * x[2])
			s[3] += float64(w * x[3])
			s[4] += float64(w * x[4])
			s[5] += float64(w * x[5])
		}
		for j := range k {
			if weight[j] > 0 {
				for i := range axes {
					centres[j][i] = sum[j][i] / weight[j]
				}
			}
		}
		if moved*few <= len(b.x) {
			break
		}
	}
	return clustering{centres, append([]float64(nil), weight[:k]...)}
}

// gain is Σ weight × |centre|²: what centres explain, the more the better.
func (c *clustering) gain() (gain float64) {
	for j, w := range c.weight {
		for _, x := range c.centres[j] {
			gain += float64(w * float64(x*x))
		}
	}
	return gain
}

// error is the root mean square error of votes predicted by the centres of the
// groups, by the model.
func (c *cloud) error(k *clustering) float64 {
	return math.Sqrt(max(0, c.rest-k.gain()/max(c.total, tiny)))
}

// least is what every group must weigh.
func (c *cloud) least() float64 { return max(leastPeople, leastShare*c.total) }

func (c *clustering) allWeigh(least float64) bool {
	for _, w := range c.weight {
		if w < least {
			return false
		}
	}
	return true
}

// path is the clusterings for 1, 2, … groups as far as every group weighs
// enough, at most most of them. From each to the next every cluster is split
// along its two leading axes, by k-means of its own people; the split that
// explains the most is where k-means of everybody starts.
func (c *cloud) path(most int) []clustering {
	b := c.body()
	if len(b.x) == 0 {
		return nil
	}
	path := []clustering{b.lloyd([]point{{}}, 1, fewMove)}
	for len(path) < most {
		next, ok := b.next(&path[len(path)-1], c.least())
		if !ok {
			break
		}
		path = append(path, next)
	}
	return path
}

// next finds one group more; the body's groups are those of last, before and
// after.
func (b *body) next(last *clustering, least float64) (clustering, bool) {
	type split struct {
		group int
		two   clustering
		gain  float64
	}
	var best split
	for j := range last.centres {
		if last.weight[j] < 2*least {
			continue
		}
		part := b.part(int8(j))
		mean, values, v := part.spread()
		own := clustering{[]point{mean}, []float64{last.weight[j]}}
		for axis := range 2 {
			if values[axis] <= 0 || values[axis] < secondAxis*values[0] {
				continue
			}
			step := splitSpread * math.Sqrt(values[axis])
			low, high := mean, mean
			for i := range axes {
				low[i] -= float64(step * v[i][axis])
				high[i] += float64(step * v[i][axis])
			}
			two := part.lloyd([]point{high, low}, splitMoves, fewSplit)
			if gain := two.gain() - own.gain(); two.allWeigh(least) && gain > best.gain {
				best = split{j, two, gain}
			}
		}
	}
	if best.gain <= 0 {
		return clustering{}, false
	}
	centres := append([]point(nil), last.centres...)
	centres[best.group] = best.two.centres[0]
	centres = append(centres, best.two.centres[1])
	next := b.lloyd(centres, mostMoves, fewMove)
	return next, next.allWeigh(least)
}

// part is the people of one group.
func (b *body) part(j int8) *body {
	n := 0
	for _, g := range b.group {
		if g == j {
			n++
		}
	}
	part := &body{x: make([]point, 0, n), weight: make([]float64, 0, n), group: make([]int8, n)}
	for p, g := range b.group {
		if g == j {
			part.x = append(part.x, b.x[p])
			part.weight = append(part.weight, b.weight[p])
		}
	}
	return part
}

// spread is the weighted mean and the principal axes, each with its largest
// element positive.
func (b *body) spread() (mean point, values point, v square) {
	total := 0.0
	for p, w := range b.weight {
		total += w
		for i := range axes {
			mean[i] += float64(w * b.x[p][i])
		}
	}
	for i := range axes {
		mean[i] /= max(total, tiny)
	}
	var cov square
	for p, w := range b.weight {
		for i := range axes {
			d := w * (b.x[p][i] - mean[i])
			for k := 0; k <= i; k++ {
				cov[i][k] += float64(d * (b.x[p][k] - mean[k]))
			}
		}
	}
	for i := range axes {
		for k := 0; k <= i; k++ {
			cov[i][k] /= max(total, tiny)
			cov[k][i] = cov[i][k]
		}
	}
	values, v = jacobi(cov)
	for axis := range axes {
		largest := 0.0
		for i := range axes {
			if math.Abs(v[i][axis]) > math.Abs(largest) {
				largest = v[i][axis]
			}
		}
		if largest < 0 {
			for i := range axes {
				v[i][axis] = -v[i][axis]
			}
		}
	}
	return mean, values, v
}
