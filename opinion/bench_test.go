package opinion

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// processorTime is what this process has used so far, in user and system mode.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// spent is what something took, of the clock and of the processors.
type spent struct{ wall, cpu time.Duration }

func measure(b *testing.B, do func()) spent {
	cpu, start := processorTime(b), time.Now()
	do()
	return spent{time.Since(start), processorTime(b) - cpu}
}

// medianOf gives the middle of what was measured, by the clock and by the
// processors.
func medianOf(all []spent) (s spent) {
	middle := func(of func(spent) time.Duration) time.Duration {
		d := make([]time.Duration, len(all))
		for i := range all {
			d[i] = of(all[i])
		}
		slices.Sort(d)
		return d[len(d)/2]
	}
	return spent{middle(func(s spent) time.Duration { return s.wall }), middle(func(s spent) time.Duration { return s.cpu })}
}

// inUse is how many bytes are in use.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func synthetic(b testing.TB, participants, statements, each int) *Votes {
	b.Helper()
	v, err := Synthetic(participants, statements, each, 1)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// TestBytesAVote counts what a vote takes in memory: at most 2.1 bytes where
// people vote on 50 statements.
func TestBytesAVote(t *testing.T) {
	made := synthetic(t, 100_000, 1000, 50)
	b, err := NewBuilder(1000)
	if err != nil {
		t.Fatal(err)
	}
	for p := range made.Participants() {
		if err := b.Add(made.Row(p)); err != nil {
			t.Fatal(err)
		}
	}
	live, err := LiveOf(made)
	if err != nil {
		t.Fatal(err)
	}
	for p := range 5 {
		if err := live.Vote(p*20_000, 0, Agree); err != nil {
			t.Fatal(err)
		}
	}
	refreshed := live.Refresh().Votes
	for i, changed := range live.changed {
		if changed != nil {
			t.Errorf("chunk %d keeps what was folded into it", i)
		}
	}
	for name, v := range map[string]*Votes{"generated": made, "built": b.Votes(), "live": refreshed} {
		bytes := 0
		for _, c := range v.chunks {
			bytes += 2*cap(c.words) + 4*cap(c.start)
		}
		if each := float64(bytes) / float64(v.Len()); each > 2.1 {
			t.Errorf("%s: %.3f bytes a vote", name, each)
		} else {
			t.Logf("%s: %.3f bytes a vote", name, each)
		}
	}
}

// TestPasses counts how often the votes are read: at most 12 times from
// nothing, where the next eigenvalue is at most .55 of the last; at most 3 times
// after one vote of 100,000 people. Of 2,000 it moves the map further, and after
// some it is no longer certain that the components are the first, so that they
// are computed from nothing.
func TestPasses(t *testing.T) {
	for size, warm := range map[[3]int]int{{2_000, 200, 60}: 12, {100_000, 1000, 50}: 3} {
		if testing.Short() && size[0] > 10_000 {
			continue
		}
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			v := synthetic(t, size[0], size[1], size[2])
			cold := NewPCA(v, Settings{})
			t.Logf("%d passes to %.1e, next eigenvalue over last %.2f", cold.Passes, cold.Bound, cold.Next/cold.Eigenvalues[1])
			if ratio := cold.Next / cold.Eigenvalues[1]; ratio > .55 {
				t.Errorf("next eigenvalue over last: %v; the test says nothing", ratio)
			}
			if cold.Passes > 12 || cold.Bound > 1e-9 {
				t.Errorf("%d passes to %v", cold.Passes, cold.Bound)
			}
			live, err := LiveOf(v)
			if err != nil {
				t.Fatal(err)
			}
			live.Refresh()
			r := rand.New(rand.NewPCG(1, 2))
			most := 0
			for range 50 {
				if err := live.Vote(r.IntN(size[0]), r.IntN(size[1]), Vote(r.IntN(3)-1)); err != nil {
					t.Fatal(err)
				}
				most = max(most, live.Refresh().PCA.Passes)
			}
			if t.Logf("at most %d passes after one vote", most); most > warm {
				t.Errorf("%d passes after one vote", most)
			}
			state := live.Current()
			exact := NewPCA(state.Votes, Settings{})
			for i := range exact.Components {
				for s, x := range exact.Components[i] {
					if d := x - state.PCA.Components[i][s]; d > 1e-6 || d < -1e-6 {
						t.Fatalf("component %d of statement %d is off by %v, bound %v", i, s, d, state.PCA.Bound)
					}
				}
			}
		})
	}
}

// BenchmarkPass compares one pass (two vectors through YᵀY) with the histogram
// that the means come from, on the same votes, in turn.
func BenchmarkPass(b *testing.B) {
	for _, people := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			v := synthetic(b, people, 1000, 50)
			pca := NewPCA(v, Settings{MostPasses: 1})
			stream := newStream(v, pca.Center)
			src, dst := make([]float64, 2000), make([]float64, 2000)
			for i := range src {
				src[i] = float64(i%7) - 3
			}
			points := make([][2]float64, people)
			var passes, means, projections []spent
			for b.Loop() {
				means = append(means, measure(b, func() { countAll(v) }))
				passes = append(passes, measure(b, func() { stream.multiply(dst, src) }))
				j := newProjector(v, pca, Scaled, countAll(v))
				projections = append(projections, measure(b, func() { j.project(points) }))
			}
			votes := float64(v.Len())
			pass, mean, projection := medianOf(passes), medianOf(means), medianOf(projections)
			b.ReportMetric(float64(pass.cpu)/votes, "cpu-ns/vote")
			b.ReportMetric(float64(pass.wall)/votes, "wall-ns/vote")
			b.ReportMetric(float64(mean.cpu)/votes, "means-cpu-ns/vote")
			b.ReportMetric(float64(pass.cpu)/float64(mean.cpu), "pass/means")
			b.ReportMetric(float64(projection.cpu)/float64(mean.cpu), "projection/means")
		})
	}
}

// BenchmarkCold computes the whole PCA of a million people's votes from
// nothing, beside single passes.
func BenchmarkCold(b *testing.B) {
	v := synthetic(b, 1_000_000, 1000, 50)
	src, dst := make([]float64, 2000), make([]float64, 2000)
	var whole, passes []spent
	var pca *PCA
	for b.Loop() {
		whole = append(whole, measure(b, func() { pca = NewPCA(v, Settings{}) }))
		stream := newStream(v, pca.Center)
		stream.multiply(dst, src)
		passes = append(passes, measure(b, func() { stream.multiply(dst, src) }))
	}
	all, pass := medianOf(whole), medianOf(passes)
	b.ReportMetric(float64(all.cpu.Milliseconds()), "cpu-ms")
	b.ReportMetric(float64(all.wall.Milliseconds()), "wall-ms")
	b.ReportMetric(float64(all.cpu)/float64(pass.cpu), "whole/pass")
	b.ReportMetric(float64(pca.Passes), "passes")
}

// BenchmarkRefresh takes in one vote, or many, on a live map of 100,000 people
// and 1,000 statements, and refreshes it: components and all positions.
func BenchmarkRefresh(b *testing.B) {
	v := synthetic(b, 100_000, 1000, 50)
	for _, votes := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("votes=%d", votes), func(b *testing.B) {
			var live *Live
			before := inUse()
			build := measure(b, func() {
				var err error
				if live, err = LiveOf(v); err != nil {
					b.Fatal(err)
				}
			})
			live.Refresh()
			held := inUse() - before
			r := rand.New(rand.NewPCG(1, 2))
			var took, cold []spent
			passes := 0
			for b.Loop() {
				took = append(took, measure(b, func() {
					for range votes {
						if err := live.Vote(r.IntN(100_000), r.IntN(1000), Vote(r.IntN(3)-1)); err != nil {
							b.Fatal(err)
						}
					}
					passes += live.Refresh().PCA.Passes
				}))
				if len(cold) < 5 {
					cold = append(cold, measure(b, func() { Project(v, NewPCA(v, Settings{}), Scaled) }))
				}
			}
			m := medianOf(took)
			slices.SortFunc(took, func(x, y spent) int { return int(x.wall - y.wall) })
			b.ReportMetric(float64(m.wall.Microseconds())/1000, "wall-ms")
			b.ReportMetric(float64(took[len(took)*9/10].wall.Microseconds())/1000, "p90-ms")
			b.ReportMetric(float64(m.cpu.Microseconds())/1000, "cpu-ms")
			b.ReportMetric(float64(passes)/float64(len(took)), "passes")
			b.ReportMetric(float64(m.cpu)/float64(medianOf(cold).cpu), "refresh/cold")
			b.ReportMetric(float64(build.cpu.Milliseconds()), "first-cpu-ms")
			b.ReportMetric(float64(held)/1e6, "MB-beside-votes")
		})
	}
}

var nation = flag.Int("opinion.people", 500_000, "how many people BenchmarkNation maps")

// BenchmarkNation generates the votes of many people, 50 each on 1,000
// statements, and computes components and positions, once (-benchtime 1x).
func BenchmarkNation(b *testing.B) {
	var made, components, positions spent
	var pca *PCA
	for b.Loop() {
		var v *Votes
		made = measure(b, func() { v = synthetic(b, *nation, 1000, 50) })
		components = measure(b, func() { pca = NewPCA(v, Settings{}) })
		positions = measure(b, func() { Project(v, pca, Scaled) })
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(*nation), "people")
	b.ReportMetric(made.cpu.Seconds(), "generate-cpu-s")
	b.ReportMetric(components.cpu.Seconds(), "pca-cpu-s")
	b.ReportMetric(components.wall.Seconds(), "pca-wall-s")
	b.ReportMetric(positions.cpu.Seconds(), "positions-cpu-s")
	b.ReportMetric(float64(pca.Passes), "passes")
	b.ReportMetric(float64(usage.Maxrss)*1024/1e9, "peak-GB")
}

// BenchmarkSynthetic makes votes to measure with.
func BenchmarkSynthetic(b *testing.B) {
	var took []spent
	for b.Loop() {
		took = append(took, measure(b, func() { synthetic(b, 100_000, 1000, 50) }))
	}
	b.ReportMetric(float64(medianOf(took).cpu)/5e6, "cpu-ns/vote")
	b.ReportMetric(float64(medianOf(took).wall)/5e6, "wall-ns/vote")
}
