package register_test

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

var replayActs = flag.Int("replay.acts", 20_000, "acts that BenchmarkReplay replays")

// cpu is the processor time this process has used.
func cpu(t testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// castMany casts n votes of people on statements, with many in flight.
func castMany(t testing.TB, r *register.Register, dialogue act.ID, statements []act.ID, from, n, flight int) {
	t.Helper()
	jobs := make(chan int, flight)
	var wg sync.WaitGroup
	for range flight {
		wg.Go(func() {
			for i := range jobs {
				who := person(r, fmt.Sprint("voter ", i/len(statements)), dialogue)
				d := ballotDraft(who, dialogue, statements[i%len(statements)], act.Vote(i%3-1))
				if _, err := r.Submit(context.Background(), who, d, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		jobs <- from + i
	}
	close(jobs)
	wg.Wait()
}

func manyStatements(t testing.TB, r *register.Register, dialogue act.ID, n int) []act.ID {
	t.Helper()
	ids := make([]act.ID, n)
	for i := range ids {
		who := person(r, "author", dialogue)
		receipt, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, fmt.Sprint("view ", i)), nil)
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = receipt.Act
		submit(t, r, civic.System, ids[i], &act.StatementPublished{}, nil)
	}
	return ids
}

// BenchmarkReplay opens a register of many one-vote acts: start-up.
func BenchmarkReplay(b *testing.B) {
	e := sqlite(b)
	r := e.open(b)
	dialogue := begin(b, r)
	castMany(b, r, dialogue, manyStatements(b, r, dialogue, 50), 0, *replayActs, 1024)
	want := r.Position()
	stats := r.Stats()
	r.Close()
	for b.Loop() {
		before := cpu(b)
		r := e.open(b)
		if r.Position() != want || r.Fault() != nil {
			b.Fatal(r.Position(), r.Fault())
		}
		b.ReportMetric(float64(cpu(b)-before)/float64(want), "cpu-ns/act")
		r.Close()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(want), "ns/act")
	b.ReportMetric(float64(want), "acts")
	b.ReportMetric(float64(stats.Acts)/float64(stats.Batches), "acts/batch")
}

// BenchmarkSubmit casts votes with few and many in flight.
func BenchmarkSubmit(b *testing.B) {
	for _, flight := range []int{1, 16, 64, 256, 1024} {
		b.Run(fmt.Sprint(flight, " in flight"), func(b *testing.B) {
			r := sqlite(b).open(b)
			defer r.Close()
			dialogue := begin(b, r)
			ids := manyStatements(b, r, dialogue, 50)
			before, stats := cpu(b), r.Stats()
			b.ResetTimer()
			castMany(b, r, dialogue, ids, 0, b.N, flight)
			b.StopTimer()
			after := r.Stats()
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/vote")
			b.ReportMetric(float64(after.Acts-stats.Acts)/float64(after.Batches-stats.Batches), "acts/batch")
		})
	}
}
