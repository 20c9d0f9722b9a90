package opinion_test

import (
	"context"
	"slices"
	"syscall"
	"testing"
	"time"

	"samleng/opinion"
)

// cpu is the processor time of the process so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkGroups takes the processor time of a map of a real conversation:
// order, positions and groups (Map), and the resampling behind it (Resample).
// The figures are medians over the iterations; "counts" is the ratio to
// counting all votes by statement and answer once, in the same run.
func BenchmarkGroups(b *testing.B) {
	for _, name := range evaluated {
		v, use := read(b, name)
		f := opinion.FitPositions(v, use)
		count := make([]int32, 4*v.Statements())
		for what, do := range map[string]func(){
			"Map": func() { opinion.FindGroups(v, use) },
			"Resample": func() {
				if _, err := f.Stability(context.Background()); err != nil {
					b.Fatal(err)
				}
			},
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				const again = 20
				var own, counted []time.Duration
				for b.Loop() {
					start := cpu(b)
					do()
					between := cpu(b)
					for range again {
						for p := range v.Participants() {
							for _, w := range v.Row(p) {
								count[w]++
							}
						}
					}
					own, counted = append(own, between-start), append(counted, cpu(b)-between)
				}
				slices.Sort(own)
				slices.Sort(counted)
				mid, calibrator := own[len(own)/2], counted[len(counted)/2]/again
				b.ReportMetric(float64(mid)/1e6, "cpu-ms")
				b.ReportMetric(float64(own[0])/1e6, "least-cpu-ms")
				b.ReportMetric(float64(mid)/float64(v.Len()), "cpu-ns/vote")
				b.ReportMetric(float64(mid)/float64(max(1, calibrator)), "counts")
			})
		}
	}
}
