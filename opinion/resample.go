package opinion

const (
	nulls     = 2   // deals of the votes
	parts     = 4   // of the people, and as many of the votes
	nullRatio = 1.5 // that the leading scale must be above the nulls'
	mostNoise = 2   // standard errors that a gain must exceed
	leastSame = 0.9 // median agreement of the placed, for three groups or more
)

// Resampling finds out how stable groups are, step by step. Steps are
// independent of the clock and of chance: what is drawn follows from the votes.
type Resampling struct {
	fit   *Fit
	cloud *cloud
	path  []clustering
	// reason is why the map has no more groups than it has: the answer where
	// there is nothing to resample.
	reason Reason
	label  [][]int8    // by K - 1 and person
	prob   [][]float64 // of that label
	share  []float64   // placed, by K - 1
	model  []float64   // error of group means by the model, by K - 1
	step   int
	null   []float64
	parts  []part
}

// part is what one part of the people or votes showed.
type part struct {
	votes  bool
	share  []float64 // placed, by K - 1
	model  []float64 // error of group means by the model, by K - 1
	error  []float64 // of group means at votes left out, by K - 1
	all    []float64 // agreement of everybody, by K - 1
	placed []float64 // of those placed in both
	kept   [][]Kept  // by K - 1 and group
	by     [][5]Kept // by K - 1 and band of probability
}

// Resample begins.
func (f *Fit) Resample() *Resampling {
	r := &Resampling{fit: f}
	if len(f.order.people) == 0 {
		r.step = r.Steps()
		return r
	}
	r.cloud = f.cloud(f.model, f.order, f.scale)
	path, _, reason := r.cloud.choose()
	r.path, r.reason = path, reason // one group more than the votes chose, where there is one
	for _, c := range r.path {
		label, prob, share := r.cloud.labels(c.centres)
		r.label, r.prob, r.share = append(r.label, label), append(r.prob, prob), append(r.share, share)
		r.model = append(r.model, r.cloud.error(&c))
	}
	if len(r.path) < 2 {
		r.step = r.Steps()
	}
	return r
}

// Steps is how many there are.
func (r *Resampling) Steps() int { return nulls + 2*parts }

// Step does one, and says whether there are more. One step takes about as long
// as the map itself.
func (r *Resampling) Step() (more bool) {
	if r.step >= r.Steps() {
		return false
	}
	seed := mix(r.fit.order.seed + uint64(r.step))
	switch {
	case r.step < nulls:
		o := r.fit.order.permuted(seed)
		m := newModel(o, false)
		m.run(o)
		scale := m.align()
		r.null = append(r.null, scale[0])
	case r.step < nulls+parts:
		o, out, who := r.fit.order.votesPart(seed)
		r.parts = append(r.parts, r.compare(o, out, who))
	default:
		o, who := r.fit.order.peoplePart(seed)
		r.parts = append(r.parts, r.compare(o, nil, who))
	}
	r.step++
	return r.step < r.Steps()
}

// compare fits a part, with nothing of the whole's fit, and compares.
func (r *Resampling) compare(o, out *ordered, who []int32) (t part) {
	t.votes = out != nil
	if len(o.people) == 0 {
		return t
	}
	m := newModel(o, false)
	m.run(o)
	scale := m.align()
	for s := range m.loads {
		m.looks[s].set(&m.loads[s])
	}
	c := r.fit.cloud(m, o, scale)
	for k, clustering := range c.path(len(r.path)) {
		label, prob, share := c.labels(clustering.centres)
		t.share = append(t.share, share)
		t.model = append(t.model, c.error(&clustering))
		if out != nil {
			t.error = append(t.error, groupMeans(o, out, label, k+1))
		}
		t.count(k+1, r.label[k], r.prob[k], label, prob, who)
	}
	return t
}

// count compares the groups of a part with those of the whole.
func (t *part) count(k int, whole []int8, wholeProb []float64, label []int8, prob []float64, who []int32) {
	before, both, now := make([]int8, len(who)), make([]int8, len(who)), label
	for i, p := range who {
		before[i], both[i] = whole[p], -1
		if prob[i] >= Placed && wholeProb[p] >= Placed {
			both[i] = whole[p]
		}
	}
	t.all = append(t.all, AgreementOf(before, now))
	t.placed = append(t.placed, AgreementOf(both, now))
	name := matched(k, before, now)
	own := make([]Kept, k)
	var by [5]Kept
	for i, p := range who {
		if before[i] < 0 || now[i] < 0 {
			continue
		}
		same := name[now[i]] == before[i]
		if q := wholeProb[p]; q >= Placed {
			own[before[i]].add(same)
		}
		by[max(0, min(4, int(wholeProb[p]*10)-5))].add(same)
	}
	t.kept, t.by = append(t.kept, own), append(t.by, by)
}
