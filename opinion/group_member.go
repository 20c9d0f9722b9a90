package opinion

import "math"

// normal is the distribution function of the standard normal distribution.
func normal(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// borderSlack is by how much a person's variance counts more than the model
// says, for the centres, and so the borders, are estimates too.
const borderSlack = 1.2

// A border is the plane half way between two centres.
type border struct {
	one, other int
	normal     point // from other to one, of any length
	half       float64
	square     [pairs]float64 // of normal, as a covariance is weighed with
	least      float64        // variance, below which it counts as that
}

// borders is the planes between all centres.
func borders(centres []point) (all []border) {
	for k := range centres {
		for l := range k {
			b := border{one: k, other: l}
			length := 0.0
			for i := range axes {
				u := centres[k][i] - centres[l][i]
				b.normal[i] = u
				b.half += float64(u * (centres[k][i] + centres[l][i]) / 2)
				length += float64(u * u)
			}
			for i := range axes {
				for j := range i {
					b.square[at(i, j)] = 2 * borderSlack * float64(b.normal[i]*b.normal[j])
				}
				b.square[at(i, i)] = borderSlack * float64(b.normal[i]*b.normal[i])
			}
			b.least = max(tiny*length, tiny*tiny)
			all = append(all, b)
		}
	}
	return all
}

// membership is the probability of each group: proportional to the product,
// over the other groups, of the probability that the position is on this
// group's side of the plane half way. It gives the most probable.
func membership(x *point, cov *[pairs]float64, borders []border, prob []float64) (best int) {
	for k := range prob {
		prob[k] = 1
	}
	for i := range borders {
		b := &borders[i]
		ahead, variance := -b.half, 0.0
		for i := range axes {
			ahead += float64(b.normal[i] * x[i])
		}
		for k := range pairs {
			variance += float64(b.square[k] * cov[k])
		}
		side := normal(ahead / math.Sqrt(max(variance, b.least)))
		prob[b.one] *= side
		prob[b.other] *= 1 - side
	}
	sum := 0.0
	for _, q := range prob {
		sum += q
	}
	for k := range prob {
		if sum > 0 {
			prob[k] /= sum
		} else {
			prob[k] = 1 / float64(len(prob))
		}
		if prob[k] > prob[best] {
			best = k
		}
	}
	return best
}

// Membership is the probability of each group at a position.
func (g *Grouping) Membership(p *Position) []float64 {
	prob := make([]float64, g.K)
	membership(&p.Point, &p.Covariance, borders(g.Centres), prob)
	return prob
}

// labels gives everybody who counts their most probable group, and how probable
// it is, and the share of the weight that the placed have.
func (c *cloud) labels(centres []point) (label []int8, probability []float64, placed float64) {
	label, probability = make([]int8, len(c.x)), make([]float64, len(c.x))
	planes := borders(centres)
	var prob [maxGroups]float64
	for p := range c.x {
		label[p] = -1
		if c.weight[p] < leastWeight {
			continue
		}
		best := membership(&c.x[p], &c.cov[p], planes, prob[:len(centres)])
		label[p], probability[p] = int8(best), prob[best]
		if prob[best] >= Placed {
			placed += c.weight[p]
		}
	}
	return label, probability, placed / max(c.total, tiny)
}
