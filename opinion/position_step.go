package opinion

import "math"

// motion is how the axes are moved after people were placed: so that positions
// have mean 0 and mean square 1, and the weights' W'W is diagonal and falling.
// That fixes the rotation, which the model leaves free; z becomes turn·z + shift.
type motion struct {
	turn  square
	shift point
}

func (m *model) motion() motion {
	n := float64(m.people)
	var mean point
	for i := range axes {
		mean[i] = m.first[i] / n
	}
	var spread square
	for i := range axes {
		for j := range axes {
			spread[i][j] = m.second[at(i, j)]/n - float64(mean[i]*mean[j])
		}
	}
	lower := cholesky(spread)
	_, v := jacobi(m.weights(&lower))
	mv := motion{turn: multiply(transpose(v), lowerInverse(lower))}
	for i := range axes {
		for k := range axes {
			mv.shift[i] -= float64(mv.turn[i][k] * mean[k])
		}
	}
	return mv
}

// weights is (W lower)'(W lower); lower nil is 1.
func (m *model) weights(lower *square) (g square) {
	for s := range m.loads {
		w := m.loads[s].weight
		if lower != nil {
			w = point{}
			for i := range axes {
				for k := i; k < axes; k++ {
					w[i] += float64(m.loads[s].weight[k] * lower[k][i])
				}
			}
		}
		for i := range axes {
			for j := 0; j <= i; j++ {
				g[i][j] += float64(w[i] * w[j])
			}
		}
	}
	for i := range axes {
		for j := range i {
			g[j][i] = g[i][j]
		}
	}
	return g
}

// evidence is what the votes on one statement say once the axes are moved:
// Σ u u' and Σ y u over its voters, u = (1, z), and Σ y².
type evidence struct {
	square  [joint]float64
	product [axes + 1]float64
	votes   float64
	loss    float64 // Σ y²
}

func (mv *motion) evidence(t *sums, count *[4]int32) (e evidence) {
	e.votes = float64(count[0] + count[1] + count[2])
	e.loss = float64(count[0] + count[2])
	sum := float64(count[2] - count[0])
	var raw, product, turned point
	for i := range axes {
		raw[i] = t.code[0][i] + t.code[1][i] + t.code[2][i]
		product[i] = t.code[2][i] - t.code[0][i]
	}
	e.square[0], e.product[0] = e.votes, sum
	var half square // turn × Σ zz'
	for i := range axes {
		p := 0.0
		for k := range axes {
			turn := mv.turn[i][k]
			turned[i] += float64(turn * raw[k])
			p += float64(turn * product[k])
			for j := range axes {
				half[i][j] += float64(turn * t.pair[at(k, j)])
			}
		}
		e.square[at(i+1, 0)] = turned[i] + float64(mv.shift[i]*e.votes)
		e.product[i+1] = p + float64(mv.shift[i]*sum)
	}
	for i := range axes {
		for j := 0; j <= i; j++ {
			x := 0.0
			for k := range axes {
				x += float64(half[i][k] * mv.turn[j][k])
			}
			x += float64(mv.shift[i]*turned[j]) + float64(turned[i]*mv.shift[j])
			e.square[at(i+1, j+1)] = x + float64(float64(mv.shift[i]*mv.shift[j])*e.votes)
		}
	}
	return e
}

// update gives the statement's posterior, and the expected squared error.
func (l *loading) update(e *evidence, m *model) (loss float64) {
	cov := e.square
	cov[0] += l.noise / m.spread
	for i := range axes {
		cov[at(i+1, i+1)] += float64(l.noise * m.relevance[i])
	}
	invert(cov[:], axes+1)
	right := e.product
	right[0] += float64(l.noise / m.spread * m.centre)
	var beta [axes + 1]float64
	for i := range beta {
		for k := range beta {
			beta[i] += float64(cov[at(i, k)] * right[k])
		}
	}
	loss = e.loss
	k := 0
	for i := range beta {
		loss -= 2 * float64(beta[i]*e.product[i])
		for j := 0; j <= i; j++ {
			cov[k] *= l.noise
			both := float64(e.square[k] * (float64(beta[i]*beta[j]) + cov[k]))
			if loss += both; j < i {
				loss += both
			}
			k++
		}
	}
	l.noise = max(leastNoise, (loss+noiseShrink*m.noise)/(e.votes+noiseShrink))
	l.mean, l.weight, l.cov = beta[0], point(beta[1:]), cov
	return loss
}

// stepStatements moves the axes and updates all statements, then the
// parameters of the priors and of the noise. count is the votes by code of the
// people that were placed.
func (m *model) stepStatements(count [][4]int32) {
	mv := m.motion()
	loss, votes, mean := 0.0, 0.0, 0.0
	var size point
	for s := range m.loads {
		l := &m.loads[s]
		e := mv.evidence(&m.sums[0][s], &count[s])
		loss += l.update(&e, m)
		votes += e.votes
		mean += l.mean
		for i := range axes {
			size[i] += float64(l.weight[i]*l.weight[i]) + l.cov[at(i+1, i+1)]
		}
	}
	n := float64(len(m.loads))
	m.centre = mean / n
	spread := 0.0
	for s := range m.loads {
		d := m.loads[s].mean - m.centre
		spread += float64(d*d) + m.loads[s].cov[0]
	}
	m.spread = max(leastSpread, spread/n)
	for i := range axes {
		m.relevance[i] = min(mostRelevance, n/size[i])
	}
	m.noise = max(leastNoise, loss/votes)
}

// align turns the axes for the last time, so that W'W is diagonal and falling,
// and points each so that its largest weight is positive (of equal ones the
// first in order). It returns √(eigenvalue of W'W / statements): how far, in
// votes, a step of one standard deviation moves the answers.
func (m *model) align() (scale point) {
	values, v := jacobi(m.weights(nil))
	for i := range axes {
		scale[i] = math.Sqrt(max(0, values[i]) / float64(max(1, len(m.loads))))
		largest := 0.0
		for s := range m.loads {
			x := 0.0
			for k := range axes {
				x += float64(v[k][i] * m.loads[s].weight[k])
			}
			if math.Abs(x) > math.Abs(largest) {
				largest = x
			}
		}
		if largest < 0 {
			for k := range axes {
				v[k][i] = -v[k][i]
			}
		}
	}
	for s := range m.loads {
		m.loads[s].rotate(&v)
	}
	return scale
}

// rotate turns weights and their covariance to the axes in the columns of v.
func (l *loading) rotate(v *square) {
	var weight, mean point
	var half square
	for i := range axes {
		for k := range axes {
			weight[i] += float64(v[k][i] * l.weight[k])
			mean[i] += float64(v[k][i] * l.cov[at(k+1, 0)])
			for j := range axes {
				half[i][j] += float64(v[k][i] * l.cov[at(k+1, j+1)])
			}
		}
	}
	l.weight = weight
	for i := range axes {
		l.cov[at(i+1, 0)] = mean[i]
		for j := 0; j <= i; j++ {
			x := 0.0
			for k := range axes {
				x += float64(half[i][k] * v[k][j])
			}
			l.cov[at(i+1, j+1)] = x
		}
	}
}
