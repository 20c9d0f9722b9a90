package notice_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
	"samleng/internal/store"
)

// TestEachOnce has two servers follow and send at once, one of which ends in the
// middle: everybody is told of each act once.
func TestEachOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.Mail.Slow = 2 * time.Millisecond
		s.begin()
		const people = 30
		var views []register.Receipt
		for i := range people {
			views = append(views, s.followed(fmt.Sprintf("holder%d@mail.example", i), []string{"en", "km"}[i%2]))
		}
		for _, v := range views {
			s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
			s.do(s.Facilitator, v.Act, &act.ReferralMade{Authority: s.Office}, nil)
		}
		second, _, other := s.server()
		if err := second.Wait(t.Context(), s.Register.Position()); err != nil {
			t.Fatal(err)
		}
		killed, kill := context.WithCancel(t.Context())
		defer kill()
		var both sync.WaitGroup
		both.Go(func() {
			for killed.Err() == nil {
				if err := other.Once(killed); err != nil && killed.Err() == nil {
					t.Error(err)
				}
			}
		})
		both.Go(func() {
			for range 20 {
				if err := s.Notices.Once(t.Context()); err != nil {
					t.Error(err)
				}
				if len(s.Mail.Got()) > people/2 {
					kill()
				}
			}
		})
		both.Wait()
		s.Pass(time.Hour) // whatever a claim held up
		s.once()
		ids := map[string]int{}
		for _, m := range s.Mail.Got() {
			ids[m.Header.Get("Message-Id")]++
		}
		for id, n := range ids {
			if n != 1 {
				t.Errorf("%s came %d times", id, n)
			}
		}
		if got := len(s.Mail.Got()); got != 2*people || len(ids) != 2*people {
			t.Errorf("%d messages of %d ids, want %d", got, len(ids), 2*people)
		}
		for i := range people {
			if got := s.Mail.To(fmt.Sprintf("holder%d@mail.example", i)); len(got) != 2 || got[0].Body == got[1].Body {
				t.Errorf("holder %d got %d messages", i, len(got))
			}
		}
		if states := s.states(); states[store.NoticeWaiting] != 0 {
			t.Errorf("the outbox: %v", states)
		}
	})
}

// TestClaimOfTheDead: a server that died with a claim holds a message up until
// the claim lapses, and no longer.
func TestClaimOfTheDead(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		v := s.followed("holder@mail.example", "en")
		s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
		s.Mail.Shut()
		s.once() // queued, and not sent
		err := s.Register.Store().Update(t.Context(), func(r *store.Records) error {
			due, err := r.DueNotices(s.Now().Unix(), 10)
			if err != nil || len(due) != 1 {
				return fmt.Errorf("%d due: %w", len(due), err)
			}
			ours, err := r.ClaimNotice(&due[0], s.Now().Add(15*time.Minute).Unix())
			if !ours {
				t.Error("not claimed")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Mail.Listen(s.Mail.Addr)
		s.once()
		if got := len(s.Mail.Got()); got != 0 {
			t.Fatalf("%d messages although another server holds the claim", got)
		}
		s.Pass(16 * time.Minute)
		s.once()
		s.once()
		if got := len(s.Mail.Got()); got != 1 {
			t.Errorf("%d messages after the claim lapsed", got)
		}
	})
}

// TestReplyLost: the mail server took a message and its reply was lost. The copy
// is known by its Message-ID.
func TestReplyLost(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		v := s.followed("holder@mail.example", "en")
		s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
		swallow := true
		s.Mail.Swallow = func(string) bool { return swallow }
		if err := s.Notices.Once(t.Context()); err == nil {
			t.Error("a line that broke is no failure")
		}
		s.once()
		if got := len(s.Mail.Got()); got != 1 {
			t.Fatalf("%d messages at first", got)
		}
		swallow = false
		s.Pass(16 * time.Minute)
		s.once()
		s.Pass(24 * time.Hour)
		s.once()
		got := s.Mail.Got()
		if len(got) != 2 || got[0].Header.Get("Message-Id") != got[1].Header.Get("Message-Id") || got[0].Header.Get("Message-Id") == "" {
			t.Errorf("%d messages: %v", len(got), got)
		}
	})
}

// TestMailServerAway: what waits goes out when the server is back, and nobody's
// tries are used up.
func TestMailServerAway(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		v := s.followed("holder@mail.example", "en")
		s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
		s.Mail.Shut()
		for range 30 {
			s.once()
			s.Pass(time.Hour)
		}
		if states := s.states(); states[store.NoticeWaiting] != 1 {
			t.Fatalf("the outbox: %v", states)
		}
		s.Mail.Listen(s.Mail.Addr)
		s.once()
		if got := s.Mail.To("holder@mail.example"); len(got) != 1 {
			t.Errorf("%d messages", len(got))
		}
	})
}

// TestRefused: what is refused for good is given up, what is refused for now is
// tried again, with a wait that grows, and in the end given up.
func TestRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		for _, name := range []string{"gone", "slow", "full"} {
			v := s.followed(name+"@mail.example", "en")
			s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
		}
		tries, closed := map[string]int{}, true
		s.Mail.Answer = func(to string) string {
			switch {
			case strings.HasPrefix(to, "gone"):
				tries["gone"]++
				return "550 nobody here"
			case strings.HasPrefix(to, "slow") && closed:
				return "450 come back"
			case strings.HasPrefix(to, "full"):
				tries["full"]++
				return "452 full"
			}
			return ""
		}
		s.once()
		if states := s.states(); states[store.NoticeFailed] != 1 || states[store.NoticeWaiting] != 2 {
			t.Fatalf("the outbox: %v", states)
		}
		s.once()
		if tries["full"] != 2 { // Answer is asked twice for one reply
			t.Errorf("tried again at once: %v", tries)
		}
		closed = false
		for range 6 * 24 {
			s.Pass(time.Hour)
			s.once()
		}
		if got := s.Mail.Got(); len(got) != 1 || got[0].To != "slow@mail.example" {
			t.Errorf("%d messages", len(got))
		}
		if states := s.states(); states[store.NoticeFailed] != 2 || states[store.NoticeSent] != 1 || states[store.NoticeWaiting] != 0 {
			t.Errorf("the outbox: %v", states)
		}
		if tries["gone"] != 2 || tries["full"] != 20 {
			t.Errorf("tried %v times (twice each)", tries)
		}
	})
}

// TestNothingOfThePast: who begins with an old register tells nobody of what was;
// after a pause of more than a week that is left out too.
func TestNothingOfThePast(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.member("officer@office.example", s.Office, act.RoleFocalPoint)
		v := s.followed("holder@mail.example", "en")
		s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
		s.begin()
		s.once()
		s.do(s.Facilitator, v.Act, &act.ReferralMade{Authority: s.Office}, nil)
		s.Pass(8*24*time.Hour + 10*time.Hour) // in the evening there is no digest
		s.begin()                             // again: it does not move
		s.once()
		if got := s.Mail.Got(); len(got) != 0 {
			t.Errorf("%d messages of what is past: %s", len(got), got[0].Body)
		}
		if states := s.states(); len(states) != 0 {
			t.Errorf("the outbox: %v", states)
		}
		id := s.Register
		s.do(s.officer(), referralOf(id, v.Act), &act.InformationRequested{What: "place", From: "holder"}, explained("question", "Where?"))
		s.once()
		if got := s.Mail.Got(); len(got) != 1 || !strings.Contains(got[0].Body, "answer by Tuesday 24 March 2026") {
			t.Errorf("%d messages of what is new: %v", len(got), got)
		}
	})
}

func (s *sample) officer() civic.Actor { return s.staff(s.Office, act.RoleFocalPoint) }

func referralOf(r *register.Register, view act.ID) (id act.ID) {
	r.View(func(state *civic.State) {
		for _, r := range state.Statement(view).Referrals() {
			id = r.ID
		}
	})
	return id
}

// TestQueuedAndOld: what could not be sent within a week is not sent.
func TestQueuedAndOld(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		v := s.followed("holder@mail.example", "en")
		s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
		s.Mail.Shut()
		s.once()
		s.Pass(8 * 24 * time.Hour)
		s.Mail.Listen(s.Mail.Addr)
		s.once()
		if states := s.states(); len(s.Mail.Got()) != 0 || states[store.NoticeDropped] != 1 {
			t.Errorf("%d messages, the outbox: %v", len(s.Mail.Got()), states)
		}
		s.Pass(40 * 24 * time.Hour)
		w := s.followed("other@mail.example", "en")
		s.do(s.Moderator, w.Act, &act.StatementPublished{}, nil)
		s.once()
		if states := s.states(); states[store.NoticeDropped] != 0 || states[store.NoticeSent] != 1 {
			t.Errorf("what was done with long ago is still known: %v", states)
		}
	})
}

// TestErasedIsForgotten: with the words goes the address, and what was to be
// sent. So it is when the holder takes it away.
func TestErasedIsForgotten(t *testing.T) {
	for name, forget := range map[string]func(*sample, register.Receipt) error{
		"erased": func(s *sample, v register.Receipt) error {
			_, err := s.Register.Erase(s.t.Context(), holderOf(v), v.Act, act.ErasedByHolder)
			return err
		},
		"taken away": func(s *sample, v register.Receipt) error { return s.Notices.Stop(s.t.Context(), holderOf(v)) },
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *sample) {
				s.begin()
				v := s.followed("holder@mail.example", "en")
				s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
				s.Mail.Shut()
				s.once() // queued
				sealed := s.sealed(v.Act)
				if !s.holds(sealed) {
					t.Fatal("the sealed bytes are nowhere: this test cannot fail")
				}
				if err := forget(s, v); err != nil {
					t.Fatal(err)
				}
				if left, err := s.Notices.Left(t.Context(), v.Act); err != nil || left != "" {
					t.Errorf("still there: %q, %v", left, err)
				}
				if s.holds(sealed) {
					t.Error("the sealed bytes are still kept")
				}
				s.Mail.Listen(s.Mail.Addr)
				s.once()
				if states := s.states(); len(s.Mail.Got()) != 0 || states[store.NoticeDropped] != 1 {
					t.Errorf("%d messages, the outbox: %v", len(s.Mail.Got()), states)
				}
				if name == "erased" {
					if err := s.Notices.Leave(t.Context(), holderOf(v), "again@mail.example", "en"); !errors.Is(err, register.ErrErased) {
						t.Errorf("an address for what was erased: %v", err)
					}
				}
			})
		})
	}
}

// sealed gives the bytes that are kept of the contact of a view.
func (s *sample) sealed(view act.ID) []byte {
	s.t.Helper()
	kept, err := s.Register.Store().Records(s.t.Context()).Contacts(store.ID(view))
	if err != nil || len(kept) != 1 {
		s.t.Fatalf("%d contacts: %v", len(kept), err)
	}
	return kept[0].Bytes
}

// holds looks for bytes in every file of the folder, or in every private table.
func (s *sample) holds(piece []byte) (found bool) {
	s.t.Helper()
	if dir := s.Config.Store.Dir; dir != "" {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			found = found || bytes.Contains(content, piece)
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
		return found
	}
	err := s.Register.Store().Snapshot(s.t.Context(), func(snap *store.Snap) error {
		for _, table := range store.PrivateTables() {
			err := snap.Private(table.Name, func(values []any) error {
				for _, value := range values {
					switch v := value.(type) {
					case []byte:
						found = found || bytes.Contains(v, piece)
					case string:
						found = found || strings.Contains(v, string(piece))
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// TestNothingIsGivenAway goes through everything that a holder is told, and
// looks for what must not be in a message: words, secrets, names, offices; and
// for addresses in what is stored.
func TestNothingIsGivenAway(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		const address = "holder-of-it@mail.example"
		v := s.followed(address, "en")
		private := s.view(act.VisibilityOpen)
		s.leave(private, "protected@mail.example", "en")
		s.life(v, private)
		if s.holds([]byte("holder-of-it")) {
			t.Error("the address stands in clear in the database")
		}
		s.once()
		got := s.Mail.To(address)
		var told []string
		for _, m := range got {
			told = append(told, strings.Split(m.Body, "\n")[2])
		}
		want := []string{
			"What you said is published now.",
			"What you said was handed to the public authority that has to answer it.",
			"What you said was handed on to another public authority.",
			"An office needs to know something more from you. Please open your receipt and answer by Monday 16 March 2026.",
			"There is an answer to what you said.",
			"Another office has taken a second look at the answer.",
		}
		if strings.Join(told, "\n") != strings.Join(want, "\n") {
			t.Errorf("told\n%s", strings.Join(told, "\n"))
		}
		for _, m := range s.Mail.Got() {
			for _, secret := range []string{said, "well", "pagoda", v.Secret, strings.ReplaceAll(v.Secret, "-", ""), private.Secret, "Ratanakkiri", "ratanakkiri",
				"Provincial", "Water", "Health", v.Act.String(), "Where is it?", "We will dig", "abuse"} {
				if strings.Contains(m.Raw, secret) || strings.Contains(m.Body, secret) {
					t.Errorf("a message holds %q:\n%s", secret, m.Raw)
				}
			}
			if m.Subject() != "News about your receipt" || m.Header.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("the header:\n%v", m.Header)
			}
		}
		for _, m := range s.Mail.To("protected@mail.example") {
			if !strings.Contains(m.Body, "To see it, open your receipt with your secret.") || strings.Contains(m.Body, "publish") {
				t.Errorf("of what was moved out to protect somebody:\n%s", m.Body)
			}
		}
		if len(s.Mail.To("protected@mail.example")) != 2 {
			t.Error("nobody was told of what was moved out")
		}
	})
}

// life lets one view go all the way, and has another moved out.
func (s *sample) life(v, private register.Receipt) {
	s.t.Helper()
	s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
	officer, next := s.staff(s.Office, act.RoleFocalPoint), s.staff(s.Other, act.RoleFocalPoint)
	r := s.do(s.Facilitator, v.Act, &act.ReferralMade{Authority: s.Office}, nil)
	s.do(officer, r.Act, &act.ReferralTransferred{To: s.Other}, explained("reasons", "It is theirs."))
	s.do(next, r.Act, &act.InformationRequested{What: "place", From: "holder"}, explained("question", "Where is it?"))
	s.once() // before it is supplied: what is asked for is still open
	s.do(holderOf(v), v.Act, &act.InformationSupplied{Case: r.Act}, explained("text", said))
	signer := s.staff(s.Other, act.RoleSigningOfficer)
	answer := s.do(signer, s.Other, &act.AnswerIssued{Position: "director", ConsideredOn: "2026-03-09", ConsideredIn: "file", Covers: []act.Covered{{Case: r.Act, Decision: act.NotAccepted}}},
		map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: r.Act, Text: "We will dig no more wells here, for the pipe reaches the village in June."}}}})
	s.do(holderOf(v), v.Act, &act.AnswerJudged{Answer: answer.Act, Deals: "no", Understandable: "yes"}, explained("reason", said))
	s.do(s.staff(s.CSO, act.RoleMonitor), r.Act, &act.ReviewDecided{Outcome: act.ReviewUpheld}, explained("reasons", "It stands."))
	s.do(s.Moderator, private.Act, &act.StatementPublished{}, nil)
	s.do(s.Moderator, private.Act, &act.StatementWithheld{Reason: act.ReasonSafeguarding}, explained("explanation", "It tells of abuse."))
}

// TestNewAddress: one view has one address, the last one.
func TestNewAddress(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		v := s.followed("first@mail.example", "en")
		s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
		s.leave(v, " Second@Mail.Example ", "km")
		s.once()
		if got := s.Mail.Got(); len(got) != 1 || got[0].To != "Second@mail.example" || got[0].Header.Get("Content-Language") != "km" {
			t.Errorf("%d messages: %v", len(got), got)
		}
		if left, err := s.Notices.Left(t.Context(), v.Act); err != nil || left != "S…@mail.example" {
			t.Errorf("%q: %v", left, err)
		}
	})
}

// TestLimits: one address serves a few views, and gets no more messages than
// somebody can bear.
func TestLimits(t *testing.T) {
	s := begun(t, store.Config{Dir: t.TempDir()})
	s.begin()
	for i := range 6 {
		v := s.view(act.VisibilityOpen)
		err := s.Notices.Leave(t.Context(), holderOf(v), "stranger@mail.example", "en")
		if i < 5 && err != nil {
			t.Fatal(err)
		}
		if i == 5 && problem.Of(err).Kind != problem.TooMany {
			t.Errorf("the sixth time: %v", err)
		}
		for range 6 {
			s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
			s.do(s.Moderator, v.Act, &act.StatementWithheld{Reason: "advertising"}, explained("explanation", "It sells."))
			if i == 5 {
				break
			}
		}
	}
	s.once()
	if got := len(s.Mail.Got()); got != 20 {
		t.Errorf("%d messages at once", got)
	}
	s.Pass(7 * time.Hour)
	s.once()
	if got := len(s.Mail.Got()); got != 27 {
		t.Errorf("%d messages after seven hours", got)
	}
}
