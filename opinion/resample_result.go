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
	// Kept is for each group of the K the share of the people placed in it who
	// are in it in the parts of the people and votes too; nil where no part has
	// K groups.
	Kept []float64
	// KeptBy says how many keep their group by the probability of membership: of
	// people with up to .6, .6 to .7, … .9 to 1, placed or not.
	KeptBy [5]Kept

	fit *Fit
}

// Kept counts people over all parts: each as often as there are parts that they
// are in.
type Kept struct{ Kept, People int }

func (k *Kept) add(same bool) {
	k.People++
	if same {
		k.Kept++
	}
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
	s := &Stability{fit: r.fit, K: 1, Reason: r.reason, Null: r.null, Leading: r.fit.scale[0]}
	if len(r.fit.order.people) == 0 {
		s.K, s.Reason = 0, NoVotes
		return s
	}
	for k := 2; k <= len(r.path); k++ {
		s.ByK = append(s.ByK, r.byK(k))
	}
	s.choose()
	own := make([]Kept, s.K)
	for _, t := range r.parts {
		if len(t.kept) < s.K {
			continue
		}
		for j, x := range t.kept[s.K-1] {
			own[j].Kept += x.Kept
			own[j].People += x.People
		}
		for j, x := range t.by[s.K-1] {
			s.KeptBy[j].Kept += x.Kept
			s.KeptBy[j].People += x.People
		}
	}
	for j, k := range own {
		if k.People > 0 {
			if s.Kept == nil {
				s.Kept = make([]float64, s.K)
			}
			s.Kept[j] = float64(k.Kept) / float64(k.People)
		}
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
