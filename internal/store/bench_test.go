package store_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"samleng/internal/store"
)

// processorTime is what this process has used so far, in user and system mode.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkAppend appends acts of one ballot each, with section and tree hashes,
// durably, as pages cast them (without a token) and as imports do (with one).
// The figure to watch is cpu-ns/vote, and its ratio between batches of 256 and
// of 1 (at most 0.1): wall times depend on the disk.
func BenchmarkAppend(b *testing.B) {
	for _, tokens := range []bool{false, true} {
		benchmarkAppend(b, tokens)
	}
}

func benchmarkAppend(b *testing.B, tokens bool) {
	cost := map[int]float64{} // cpu-ns/vote on SQLite by size of batch
	kind := map[bool]string{false: "vote", true: "vote with token"}[tokens]
	votes := func(series string, from, to int) []store.Entry {
		entries := votes(series, from, to)
		for i := range entries {
			if !tokens {
				entries[i].Token = nil
			}
		}
		return entries
	}
	for _, size := range []int{1, 16, 256, 2048} {
		for _, e := range engines(b) {
			b.Run(fmt.Sprintf("%s/%s/batch=%d", e.name, kind, size), func(b *testing.B) {
				s := open(b, e.config)
				// Ids and keys are random, so the cost of a vote grows with the log
				// at first: every size of batch starts from the same log.
				for from := 0; from < 50_000; from += 2500 {
					appendAll(b, s, votes("before"+b.Name(), from, from+2500))
				}
				series, next := fmt.Sprint(b.Name(), b.N, time.Now().UnixNano()), 0
				var cpu, wall time.Duration
				for b.Loop() {
					b.StopTimer()
					entries := votes(series, next, next+size)
					next += size
					b.StartTimer()
					start, begun := processorTime(b), time.Now()
					appendAll(b, s, entries)
					cpu += processorTime(b) - start
					wall += time.Since(begun)
				}
				b.ReportMetric(float64(cpu)/float64(next), "cpu-ns/vote")
				if e.name == "sqlite" {
					cost[size] = float64(cpu) / float64(next)
					b.ReportMetric(cost[size]/cost[1], "of-batch-1")
				}
				b.ReportMetric(float64(next)/wall.Seconds(), "votes/s")
			})
		}
	}
}

// votes are acts of exactly one section each.
func votes(series string, from, to int) []store.Entry {
	entries := make([]store.Entry, 0, to-from)
	for n := from; n < to; n++ {
		e := entry(series, n)
		e.Sections = []store.Section{{Name: "ballot", Salt: e.Token.Fingerprint[:16], Bytes: e.Header[:64]}}
		entries = append(entries, e)
	}
	return entries
}

// BenchmarkScan reads a log of acts with one section each, as start-up does.
func BenchmarkScan(b *testing.B) {
	size := 1_000_000
	if testing.Short() {
		size = 100_000
	}
	for _, e := range engines(b) {
		b.Run(e.name, func(b *testing.B) {
			s := open(b, e.config)
			for from := 0; from < size; from += 4096 {
				appendAll(b, s, votes("scan", from, min(size, from+4096)))
			}
			var acts int64
			start := processorTime(b)
			for b.Loop() {
				acts = 0
				err := s.Scan(ctx, 0, int64(size), func(store.Stored) error { acts++; return nil })
				if err != nil || acts != int64(size) {
					b.Fatal(acts, err)
				}
			}
			b.ReportMetric(float64(processorTime(b)-start)/float64(b.N)/float64(size), "cpu-ns/act")
			b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "acts/s")
		})
	}
}
