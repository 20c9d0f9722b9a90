package api_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"samleng/act"
	"samleng/internal/api"
)

// A vote over HTTP is measured as the processor time of the server's process
// alone: the server runs in a process of its own, and the load comes from this
// one. What it is compared with is the same handler, the same middleware and
// decoding, that stores nothing (api.Discard).

const serverMode = "SAMLENG_BENCH_SERVER"

// votesOn is how many statements the load votes on.
const votesOn = 50

// TestMain serves instead of testing in a process that the benchmark started.
func TestMain(m *testing.M) {
	if mode := os.Getenv(serverMode); mode != "" {
		serveBench(mode)
		return
	}
	os.Exit(m.Run())
}

// benched is a testing.TB for a process that runs no test.
type benched struct {
	testing.TB
	dir string
}

func (b benched) TempDir() string        { return b.dir }
func (benched) Context() context.Context { return context.Background() }
func (benched) Helper()                  {}
func (benched) Cleanup(func())           {}
func (benched) Fatal(args ...any)        { fmt.Fprintln(os.Stderr, args...); os.Exit(1) }
func (benched) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format, args...)
	os.Exit(1)
}

func serveBench(mode string) {
	dir, err := os.MkdirTemp("", "samleng-bench-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	t := benched{dir: dir}
	w := newWorld(t)
	ids := make([]string, votesOn)
	for i := range ids {
		ids[i] = w.putForward(t, "one", api.View{Text: fmt.Sprint("view ", i)}).Act
		w.publish(t, ids[i])
	}
	if mode == "discard" {
		api.Discard(w.api, w.now)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr(), strings.Join(ids, ","))
	go func() {
		// It ends when whoever started it is gone.
		bufio.NewReader(os.Stdin).ReadByte()
		stats := w.Stats()
		fmt.Println(stats.Acts, stats.Batches)
		os.RemoveAll(dir)
		os.Exit(0)
	}()
	http.Serve(listener, w.handler)
}

// server is a process that serves.
type server struct {
	process *exec.Cmd
	stdin   interface{ Close() error }
	out     *bufio.Reader
	addr    string
	ids     []string
}

func startServer(b *testing.B, mode string) *server {
	s := &server{process: exec.Command(os.Args[0], "-test.run=^$")}
	s.process.Env = append(os.Environ(), serverMode+"="+mode)
	s.process.Stderr = os.Stderr
	in, err := s.process.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		b.Fatal(err)
	}
	s.stdin, s.out = in, bufio.NewReader(out)
	line, err := s.out.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	addr, ids, _ := strings.Cut(strings.TrimSpace(line), " ")
	s.addr, s.ids = addr, strings.Split(ids, ",")
	return s
}

// stop ends the process and gives the acts and transactions that it counted.
func (s *server) stop() (acts, batches float64) {
	s.stdin.Close()
	line, _ := s.out.ReadString('\n')
	fmt.Sscan(line, &acts, &batches)
	s.process.Wait()
	return acts, batches
}

// cpu is the processor time that the process has used.
func (s *server) cpu(b *testing.B) time.Duration {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(s.process.Process.Pid) + "/stat")
	if err != nil {
		b.Skip("needs /proc to tell another process's time")
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts hundredths
}

// load sends n votes on so many connections at once, each of a person and a
// statement that have none yet.
func (s *server) load(b *testing.B, from, n, connections int) {
	var wg sync.WaitGroup
	next := make(chan int, connections)
	for range connections {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			b.Fatal(err)
		}
		wg.Go(func() {
			defer conn.Close()
			answers := bufio.NewReader(conn)
			for i := range next {
				body := fmt.Sprintf(`{"votes":[{"statement":%q,"vote":"agree"}]}`, s.ids[i%votesOn])
				person := act.ID{1, byte(i / votesOn >> 16), byte(i / votesOn >> 8), byte(i / votesOn)}
				fmt.Fprintf(conn, "POST /api/v1/dialogues/one/ballots HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Participant %s\r\nContent-Length: %d\r\n\r\n%s", person, len(body), body)
				answer, err := http.ReadResponse(answers, nil)
				if err != nil || answer.StatusCode != 200 {
					b.Error("a vote was not taken", err, answer)
					return
				}
				discard := make([]byte, 4096)
				for {
					if _, err := answer.Body.Read(discard); err != nil {
						break
					}
				}
			}
		})
	}
	for i := range n {
		next <- from + i
	}
	close(next)
	wg.Wait()
}

// BenchmarkVoteOverHTTP takes votes over HTTP, stored durably on SQLite and not
// stored at all, in turns. The figure to watch is of-no-store, at most 2.5.
func BenchmarkVoteOverHTTP(b *testing.B) {
	const turn = 4000
	for _, connections := range []int{64, 256} {
		b.Run(fmt.Sprint(connections, " connections"), func(b *testing.B) {
			servers := map[string]*server{"sqlite": startServer(b, "sqlite"), "discard": startServer(b, "discard")}
			cost, votes := map[string]time.Duration{}, 0
			for b.Loop() {
				for name, s := range servers {
					before := s.cpu(b)
					s.load(b, votes, turn, connections)
					cost[name] += s.cpu(b) - before
				}
				votes += turn
			}
			acts, batches := servers["sqlite"].stop()
			servers["discard"].stop()
			b.ReportMetric(float64(cost["sqlite"].Microseconds())/float64(votes), "cpu-us/vote")
			b.ReportMetric(float64(cost["discard"].Microseconds())/float64(votes), "cpu-us/no-store")
			b.ReportMetric(float64(cost["sqlite"])/float64(cost["discard"]), "of-no-store")
			b.ReportMetric(acts/batches, "acts/batch")
		})
	}
}
