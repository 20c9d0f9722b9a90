package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/internal/api"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// Every fault here comes in a pair: it happens, and clients are told, get no
// receipt, and nothing is half done; its cause goes, and the same process serves
// again. Through all of it people go on sending.

// health asks /healthz.
func health(t testing.TB, base string) (int, api.Health) {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(base + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var h api.Health
	if err := json.NewDecoder(response.Body).Decode(&h); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, h
}

// becomes waits until /healthz says something.
func becomes(t testing.TB, base, status string) {
	t.Helper()
	for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		code, h := health(t, base)
		if h.Status == status && (code == http.StatusOK) == (status == "ok") && (h.Fault == "") == (status == "ok") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("/healthz says %d %+v, not %s", code, h, status)
		}
	}
}

// sending is one view that somebody sends until it is registered.
type sending struct{ key, words string }

func newSending(t testing.TB) sending {
	t.Helper()
	key, err := register.NewToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sending{key.String(), "sent again " + key.String()[:6]}
}

// try sends it once, in a language, and gives the answer.
func (s sending) try(t testing.TB, base, language string) (int, http.Header, []byte) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, base+"/api/v1/dialogues/"+slug+"/statements", strings.NewReader(`{"text":"`+s.words+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Language", language)
	request.Header["Idempotency-Key"] = []string{`"` + s.key + `"`}
	// A transport of its own: Go's sends a request with this header again by
	// itself if a kept connection turns out to be closed.
	client := http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, content
}

// told sends it and wants the problem, in both languages, and no receipt. It
// gives the problem's key.
func (s sending) told(t testing.TB, base string) (key string) {
	t.Helper()
	for _, language := range []string{"en", "km"} {
		code, header, content := s.try(t, base, language)
		var p api.Problem
		if err := json.Unmarshal(content, &p); err != nil || code != http.StatusServiceUnavailable {
			t.Fatalf("status %d: %s", code, content)
		}
		khmer := strings.ContainsFunc(p.Detail, func(r rune) bool { return r >= 0x1780 && r <= 0x17ff })
		if header.Get("Content-Type") != "application/problem+json" || header.Get("Retry-After") == "" || khmer != (language == "km") {
			t.Errorf("told in %s: %v %s", language, header, content)
		}
		if strings.Contains(string(content), "secret") || strings.Contains(string(content), `"code"`) {
			t.Errorf("a problem with a receipt: %s", content)
		}
		if language == "en" {
			key = p.Key
		}
	}
	return key
}

// registered sends it, wants a receipt, and adds it to the crowd's.
func (f *faulty) registered(t testing.TB, s sending) api.ViewReceipt {
	t.Helper()
	code, _, content := s.try(t, f.server.base, "en")
	var receipt api.ViewReceipt
	if err := json.Unmarshal(content, &receipt); err != nil || code != http.StatusCreated {
		t.Fatalf("status %d: %s", code, content)
	}
	id, err := act.ParseID(receipt.Act)
	if err != nil {
		t.Fatal(err)
	}
	f.crowd.keep(held{view: true, words: s.words, act: id, code: receipt.Code, secret: receipt.Secret, position: receipt.Position})
	return receipt
}

// faulty is a served register with a crowd at it.
type faulty struct {
	prepared
	server   *process
	outsider *outsider
	crowd    *crowd
	stop     func()
}

func newFaulty(t *testing.T, p prepared) *faulty {
	t.Helper()
	f := &faulty{prepared: p, outsider: newOutsider(t, p.verifier), crowd: newCrowd(p.statements, verifierOf(t, p.verifier))}
	f.server = p.serve(t, "--checkpoint", "50ms", "--release", "0s")
	f.crowd.at(f.server.listens())
	work, stop := context.WithCancel(context.Background())
	patience, giveUp := context.WithCancel(context.Background())
	clients := f.crowd.run(work, patience, 6)
	f.stop = func() {
		stop()
		timer := time.AfterFunc(60*time.Second, giveUp)
		defer timer.Stop()
		clients.Wait()
	}
	t.Cleanup(func() { giveUp(); stop(); clients.Wait() })
	time.Sleep(100 * time.Millisecond)
	return f
}

// whole ends the crowd's work and checks that everybody holds the receipt of
// exactly one act.
func (f *faulty) whole(t *testing.T) {
	t.Helper()
	f.stop()
	f.crowd.check(t)
	all := f.crowd.holds(0)
	var last int64
	for _, h := range all {
		last = max(last, h.position+1)
	}
	f.outsider.covering(t, f.server.base, last)
	allResolve(t, f.crowd, f.outsider, f.server.base, all)
	once(t, f.outsider, all, len(f.statements))
	// A server that stops gives connections on which nothing came yet five
	// seconds.
	f.crowd.client.CloseIdleConnections()
	f.outsider.client.CloseIdleConnections()
	f.server.terminate()
	replays(t, f.prepared, f.outsider)
	if len(all) == 0 || f.crowd.told.Load() == 0 {
		t.Errorf("this was no test: %d receipts, %d were told", len(all), f.crowd.told.Load())
	}
	t.Logf("%d receipts, %d of them sent more than once, %d times somebody was told to come again", len(all), f.crowd.resent.Load(), f.crowd.told.Load())
}

// overLine serves a register on PostgreSQL over a line that can fail.
func overLine(t *testing.T) (*faulty, *line) {
	t.Helper()
	plain := storetest.Schema(t)
	p := prepare(t, store.Config{Database: plain})
	l, through := newLine(t, plain)
	p.config.Database = through
	return newFaulty(t, p), l
}

// TestLineToTheDatabaseFails cuts the line to PostgreSQL, lets it swallow
// everything, and cuts it where the answer to a COMMIT would come.
func TestLineToTheDatabaseFails(t *testing.T) {
	t.Run("down", func(t *testing.T) {
		f, l := overLine(t)
		s := newSending(t)
		l.set(isDown)
		if key := s.told(t, f.server.base); key != "problem.unavailable" {
			t.Errorf("told %s", key)
		}
		becomes(t, f.server.base, "unavailable")
		readsAreTold(t, f.server.base, f.statements[0])
		l.set(passes)
		becomes(t, f.server.base, "ok")
		f.registered(t, s)
		f.whole(t)
	})
	t.Run("swallows", func(t *testing.T) {
		f, l := overLine(t)
		s := newSending(t)
		l.set(swallows)
		began := time.Now()
		s.told(t, f.server.base)
		becomes(t, f.server.base, "unavailable")
		t.Logf("told twice within %s", time.Since(began).Round(time.Millisecond))
		l.set(passes)
		becomes(t, f.server.base, "ok")
		f.registered(t, s)
		f.whole(t)
	})
	for name, mode := range map[string]lineMode{"commit is not heard": cutsAsked, "commit is not answered": cutsTold} {
		t.Run(name, func(t *testing.T) {
			f, l := overLine(t)
			f.stop()
			f.crowd.told.Add(1) // nobody of the crowd will be; this one is
			s := newSending(t)
			l.set(mode)
			if code, _, content := s.try(t, f.server.base, "en"); code != http.StatusServiceUnavailable || !strings.Contains(string(content), "problem.unknown_outcome") {
				t.Errorf("status %d: %s", code, content)
			}
			l.set(passes)
			becomes(t, f.server.base, "ok")
			first := f.registered(t, s)
			code, _, content := s.try(t, f.server.base, "en")
			var again api.ViewReceipt
			if err := json.Unmarshal(content, &again); err != nil || code != http.StatusCreated {
				t.Fatalf("status %d: %s", code, content)
			}
			if first.Replayed != (mode == cutsTold) || !again.Replayed || first.Act != again.Act || first.Secret != again.Secret || l.counted() == 0 {
				t.Errorf("%d cuts; %+v, then %+v", l.counted(), first, again)
			}
			f.whole(t)
		})
	}
	t.Run("at any commit", func(t *testing.T) {
		f, l := overLine(t)
		l.set(cutsAny)
		time.Sleep(4 * time.Second)
		l.set(passes)
		f.whole(t)
		t.Logf("%d cuts", l.counted())
		if l.counted() < 10 {
			t.Errorf("%d cuts are few", l.counted())
		}
	})
}

// readsAreTold checks that what needs the database is answered with a problem,
// and soon, while it cannot be had.
func readsAreTold(t testing.TB, base string, statement act.ID) {
	t.Helper()
	client := http.Client{Timeout: 30 * time.Second}
	for _, path := range []string{
		"/log/tile/entries/000.p/3", "/log/tile/0/000.p/3", "/log/sections/0", "/api/v1/receipts/" + statement.String(),
	} {
		response, err := client.Get(base + path)
		if err != nil {
			t.Error(err)
			continue
		}
		content, _ := io.ReadAll(response.Body)
		response.Body.Close()
		var p api.Problem
		if err := json.Unmarshal(content, &p); err != nil || response.StatusCode != http.StatusServiceUnavailable || p.Detail == "" {
			t.Errorf("%s: status %d: %s", path, response.StatusCode, content)
		}
	}
}

// TestWorkOnARequestIsBounded: a reading that hangs ends.
func TestWorkOnARequestIsBounded(t *testing.T) {
	hangs := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		http.Error(w, r.Context().Err().Error(), http.StatusServiceUnavailable)
	})
	server := httptest.NewServer(bounded(hangs, 20*time.Millisecond))
	defer server.Close()
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", response.StatusCode)
	}
}
