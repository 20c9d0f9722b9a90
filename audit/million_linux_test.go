package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"samleng/audit"
)

var (
	millionActs = flag.Int64("audit.acts", 1_000_000, "acts of the register that BenchmarkMillion audits")
	keepIn      = flag.String("audit.keep", "", "folder to leave the copies of BenchmarkMillion in, for other programs to read")
	profileTo   = flag.String("audit.profile", "", "file for a processor profile of BenchmarkMillion's large audit")
)

// newActs are those that come on top of a register that was audited.
const newActs = 1_000

// auditedFolder names the folder to the process that audits it, whose memory is
// measured.
const auditedFolder = "SAMLENG_AUDITED_FOLDER"

// BenchmarkMillion audits copies of a register in a folder, each in a process of
// its own: a large one and a small one, both again after 1,000 new acts.
func BenchmarkMillion(b *testing.B) {
	base := *keepIn
	if base == "" {
		base = b.TempDir()
	}
	large, small := filepath.Join(base, "large"), filepath.Join(base, "small")
	began := time.Now()
	writeCopy(b, large, *millionActs, newActs)
	b.Logf("%d acts written in %s", *millionActs+newActs, time.Since(began).Round(time.Second))
	writeCopy(b, small, 5_000, newActs)
	for _, kind := range []string{"tile/entries", "tile", "sections"} {
		b.Logf("%s: %.1f MB", kind, float64(bytesBelow(b, filepath.Join(large, kind)))/1e6)
	}
	for b.Loop() {
		l, s := auditApart(b, large, *profileTo), auditApart(b, small, "")
		b.ReportMetric(l.First.Seconds(), "s")
		b.ReportMetric(float64(*millionActs)/l.First.Seconds(), "acts/s")
		b.ReportMetric(float64(l.Peak)/(1<<20), "peak-MB")
		b.ReportMetric(float64(l.Again.Microseconds())/1000, "again-ms")
		b.ReportMetric(float64(s.Again.Microseconds())/1000, "again-small-ms")
		b.ReportMetric(float64(l.Again)/float64(s.Again), "again-ratio")
		b.ReportMetric(float64(l.CPU.Seconds()), "cpu-s")
		b.Logf("%+v", l)
	}
	b.ReportMetric(0, "ns/op")
}

func bytesBelow(b *testing.B, dir string) (n int64) {
	err := filepath.Walk(dir, func(_ string, info fs.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// apart is what an audit in a process of its own took.
type apart struct {
	First, Again time.Duration
	CPU          time.Duration
	Acts         int64
	Sections     int64
	Heap         uint64 // bytes live after the first audit
	Peak         int64  // bytes resident at most
}

func auditApart(t testing.TB, dir, profile string) (took apart) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAuditApart$", "-test.cpuprofile="+profile)
	child.Env = append(os.Environ(), auditedFolder+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&took); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return took
}

// TestAuditApart is that process; for nobody else it does nothing.
func TestAuditApart(t *testing.T) {
	dir := os.Getenv(auditedFolder)
	if dir == "" {
		return
	}
	folder, checkpoint := audit.Folder(dir), "checkpoint.before"
	fetch := func(ctx context.Context, path string) ([]byte, error) {
		if path == "checkpoint" {
			path = checkpoint
		}
		return folder(ctx, path)
	}
	auditor, err := audit.New(audit.Config{Fetch: fetch, Now: func() time.Time { return today }})
	if err != nil {
		t.Fatal(err)
	}
	run := func() (report audit.Report, took time.Duration) {
		began := time.Now()
		report, err := auditor.Run(t.Context())
		took = time.Since(began)
		if err != nil || report.Outcome != audit.Verified || report.Acts != report.Size {
			t.Fatalf("%v: %+v", err, report)
		}
		return report, took
	}
	report, first := run()
	took := apart{First: first, Acts: report.Acts, Sections: report.Sections}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	took.Heap = memory.HeapAlloc
	checkpoint = "checkpoint"
	again, second := run()
	if again.Acts != report.Acts+newActs {
		t.Fatalf("%d acts after %d", again.Acts, report.Acts)
	}
	took.Again = second
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	took.CPU = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	took.Peak = peakHere(t)
	if err := json.NewEncoder(os.Stdout).Encode(took); err != nil {
		t.Fatal(err)
	}
}

// peakHere is the most memory that this process had. What wait tells of a child
// counts its parent's memory too, from before the program was loaded.
func peakHere(t *testing.T) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kB int64
	if _, err := fmt.Sscanf(after, "%d kB", &kB); err != nil {
		t.Fatal(err)
	}
	return kB << 10
}
