package opinion_test

import (
	"context"
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
func BenchmarkGroups(b *testing.B) {
	for _, name := range conversations {
		v, use := read(b, name)
		b.Run(name+"/Map", func(b *testing.B) {
			start := cpu(b)
			for b.Loop() {
				opinion.FindGroups(v, use)
			}
			b.ReportMetric(float64(cpu(b)-start)/float64(b.N)/1e6, "cpu-ms/op")
			b.ReportMetric(float64(cpu(b)-start)/float64(b.N)/float64(v.Len()), "cpu-ns/vote")
		})
		f := opinion.FitPositions(v, use)
		b.Run(name+"/Resample", func(b *testing.B) {
			start := cpu(b)
			for b.Loop() {
				if _, err := f.Stability(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpu(b)-start)/float64(b.N)/1e6, "cpu-ms/op")
		})
	}
}
