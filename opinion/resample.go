package opinion

import (
	"context"
	"math"
	"slices"
)

// Stability is what resampling says of the groups.
type Stability struct {
	// K is the number of groups that the votes bear, Reason why not more.
	K      int
	Reason Reason
	// Leading is the model's largest scale; Null are those of the same votes
	// with those on each statement dealt anew among its voters.
	Leading float64
	Null    []float64
	// ByK says for 2, 3, … groups, as far as was looked, how they held.
	ByK []KStability
	// Kept is, for each group of the K, the share of the people placed in it
	// who are in it in a part of the people or votes too (mean over the parts).
	Kept []float64
	// KeptBy is the same share by probability of membership: of people at .5
	// to .6, .6 to .7, … .9 to 1; NaN where there is nobody.
	KeptBy [5]float64

	fit *Fit
}

// KStability is how K groups held.
type KStability struct {
	K int
	// Found is in how many of the Parts of people and votes there were K groups
	// that all weighed enough.
	Found, Parts int
	// PlacedShare and Loss are medians over the whole and the parts: of the
	// weight of the people who are placed, and of how much less it is than with
	// one group fewer.
	PlacedShare, Loss float64
	// ModelGain is by what share the error of group means falls from one group
	// fewer, by the model, and More what share that is of the gain of two
	// groups; medians over the whole and the parts. Gain is by how much the
	// error falls at votes left out, in votes, the mean over the parts of the
	// votes, and GainError the standard error of that.
	ModelGain, More, Gain, GainError float64
	// People and Votes are the mean adjusted Rand index of the groups in a part
	// of the people (of the votes) with those of all: of everybody who counts.
	// PeoplePlaced and VotesPlaced are of those who are placed in both; Least
	// the least of these, the median of them Agreement.
	People, Votes, PeoplePlaced, VotesPlaced, Agreement float64
}

const (
	nulls     = 3   // deals of the votes
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
	label [][]int8    // by K - 1 and person
	prob  [][]float64 // of that label
	share []float64   // placed, by K - 1
	model []float64   // error of group means by the model, by K - 1
	step  int
	null  []float64
	parts []part
}

// part is what one part of the people or votes showed.
type part struct {
	votes  bool
	share  []float64 // placed, by K - 1
	model  []float64 // error of group means by the model, by K - 1
	error  []float64 // of group means at votes left out, by K - 1
	all    []float64 // agreement of everybody, by K - 1
	placed []float64 // of those placed in both
	kept   [][]kept  // by K - 1 and group
	by     [][5]kept // by K - 1 and band of probability
}

// kept counts people who kept their group.
type kept struct{ kept, people float64 }

func (k kept) share() float64 { return k.kept / k.people }

// Resample begins.
func (f *Fit) Resample() *Resampling {
	r := &Resampling{fit: f}
	if len(f.order.people) == 0 {
		r.step = r.Steps()
		return r
	}
	r.cloud = f.cloud(f.model, f.order, f.scale)
	path, _, _ := r.cloud.choose()
	r.path = path // one group more than the votes chose, where there is one
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
		m.run(o, 2)
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

// compare fits a part, from where the whole's fit ended, and compares.
func (r *Resampling) compare(o, out *ordered, who []int32) (t part) {
	t.votes = out != nil
	if len(o.people) == 0 {
		return t
	}
	m := *r.fit.model
	m.loads = slices.Clone(r.fit.model.loads)
	m.looks = make([]look, len(m.loads))
	m.sums = [][]sums{make([]sums, len(m.loads))}
	m.run(o, 2)
	scale := m.align()
	for s := range m.loads {
		m.looks[s].set(&m.loads[s])
	}
	c := r.fit.cloud(&m, o, scale)
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
	own := make([]kept, k)
	var by [5]kept
	for i, p := range who {
		if before[i] < 0 || now[i] < 0 {
			continue
		}
		same := 0.0
		if name[now[i]] == before[i] {
			same = 1
		}
		if q := wholeProb[p]; q >= Placed {
			own[before[i]].people++
			own[before[i]].kept += same
		}
		if band := min(4, int(wholeProb[p]*10)-5); band >= 0 {
			by[band].people++
			by[band].kept += same
		}
	}
	t.kept, t.by = append(t.kept, own), append(t.by, by)
}

// Stability does the steps that are left, unless ctx ends before, and gives the
// result.
func (f *Fit) Stability(ctx context.Context) (*Stability, error) {
	r := f.Resample()
	for r.Step() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return r.Stability(), nil
}

// Stability is the result of the steps done so far.
func (r *Resampling) Stability() *Stability {
	s := &Stability{fit: r.fit, K: 1, Reason: TooFew, Null: r.null, Leading: r.fit.scale[0]}
	if len(r.fit.order.people) == 0 {
		s.K, s.Reason = 0, NoVotes
		return s
	}
	for k := 2; k <= len(r.path); k++ {
		s.ByK = append(s.ByK, r.byK(k))
	}
	s.choose()
	s.Kept = make([]float64, s.K)
	var own [maxGroups]kept
	var by [5]kept
	for _, t := range r.parts {
		if len(t.kept) < s.K {
			continue
		}
		for j, x := range t.kept[s.K-1] {
			own[j].kept += x.kept
			own[j].people += x.people
		}
		for j, x := range t.by[s.K-1] {
			by[j].kept += x.kept
			by[j].people += x.people
		}
	}
	for j := range s.Kept {
		s.Kept[j] = own[j].share()
	}
	for j := range by {
		s.KeptBy[j] = by[j].share()
	}
	return s
}

// byK sums up what the parts say of k groups.
func (r *Resampling) byK(k int) KStability {
	s := KStability{K: k, Parts: len(r.parts)}
	share, loss := []float64{r.share[k-1]}, []float64{r.share[k-2] - r.share[k-1]}
	gained, more := gains(r.model[:k])
	models, mores := []float64{gained}, []float64{more}
	var gain, placed []float64
	var people, votes, peoplePlaced, votesPlaced []float64
	for _, t := range r.parts {
		if len(t.share) < k {
			continue
		}
		s.Found++
		share = append(share, t.share[k-1])
		loss = append(loss, t.share[k-2]-t.share[k-1])
		placed = append(placed, t.placed[k-1])
		gained, more := gains(t.model[:k])
		models, mores = append(models, gained), append(mores, more)
		if t.votes {
			gain = append(gain, t.error[k-2]-t.error[k-1])
			votes, votesPlaced = append(votes, t.all[k-1]), append(votesPlaced, t.placed[k-1])
		} else {
			people, peoplePlaced = append(people, t.all[k-1]), append(peoplePlaced, t.placed[k-1])
		}
	}
	s.PlacedShare, s.Loss, s.Agreement = median(share), median(loss), median(placed)
	s.ModelGain, s.More = median(models), median(mores)
	s.People, _ = meanError(people)
	s.Votes, _ = meanError(votes)
	s.PeoplePlaced, _ = meanError(peoplePlaced)
	s.VotesPlaced, _ = meanError(votesPlaced)
	s.Gain, s.GainError = meanError(gain)
	return s
}

// choose takes as many groups as the rule allows (doc/spec-map.md).
func (s *Stability) choose() {
	for _, null := range s.Null {
		if s.Leading <= nullRatio*null {
			s.Reason = NoStructure
			return
		}
	}
	for _, k := range s.ByK {
		switch {
		case 2*k.Found < k.Parts:
			s.Reason = TooFew
		case k.K == 2 && (k.PlacedShare < leastPlaced || k.ModelGain < leastTwo):
			s.Reason = NoStructure
		case k.K > 2 && (k.More < leastMore || k.Gain <= mostNoise*k.GainError):
			s.Reason = NotPredictive
		case k.K > 2 && k.Loss > mostLoss:
			s.Reason = NotPlaced
		case k.K > 2 && k.Agreement < leastSame:
			s.Reason = NotStable
		default:
			s.K = k.K
			if s.Reason = TooFew; s.K == maxGroups {
				s.Reason = Most
			}
			continue
		}
		return
	}
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Clone(x)
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// meanError is the mean and its standard error.
func meanError(x []float64) (mean, err float64) {
	if len(x) == 0 {
		return 0, 0
	}
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	sum := 0.0
	for _, v := range x {
		sum += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(sum / max(1, n-1) / n)
}
