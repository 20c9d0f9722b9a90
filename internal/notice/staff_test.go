package notice_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// listed gives the lines of a message to staff that say what there is.
func listed(m received) string {
	var lines []string
	for line := range strings.Lines(m.Body) {
		if strings.HasPrefix(line, "- ") {
			lines = append(lines, strings.TrimSpace(line[2:]))
		}
	}
	return strings.Join(lines, "; ")
}

// TestOfficeIsTold: an office gets one message for what came to it at once, and
// none goes to who left, was suspended, never signed in, has no address or does
// not want any.
func TestOfficeIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		ctx := t.Context()
		officer := s.member("officer@office.example", s.Office, act.RoleFocalPoint, act.RoleSigningOfficer)
		quiet := s.member("quiet@office.example", s.Office, act.RoleFocalPoint)
		suspended := s.member("suspended@office.example", s.Office, act.RoleSigningOfficer)
		left := s.member("left@office.example", s.Office, act.RoleFocalPoint)
		s.member("administrator@office.example", s.Office, act.RoleAdministrator)
		s.member("other@other.example", s.Other, act.RoleFocalPoint)
		s.member("", s.Office, act.RoleFocalPoint)
		for _, err := range []error{s.Accounts.SetNotices(ctx, officer.By.Staff, false, "en"), s.Accounts.SetNotices(ctx, quiet.By.Staff, true, "en"),
			s.Accounts.Suspend(ctx, suspended.By.Staff, true)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 12 {
			v := s.view(act.VisibilityOpen)
			s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
			s.do(s.Facilitator, v.Act, &act.ReferralMade{Authority: s.Office}, nil)
		}
		s.once()
		if got := len(s.Mail.Got()); got != 0 {
			t.Fatalf("%d messages before what comes at once has come", got)
		}
		s.do(civic.System, s.Office, &act.RoleEnded{Staff: left.By.Staff, Role: act.RoleFocalPoint}, nil)
		s.Pass(3 * time.Minute)
		s.once()
		s.once()
		got := s.Mail.Got()
		if len(got) != 1 || got[0].To != "officer@office.example" || listed(got[0]) != "12 new cases" || got[0].Subject() != "New on your desk" {
			t.Errorf("%d messages: %v", len(got), got)
		}
		if states := s.states(); states[store.NoticeSent] != 12 || states[store.NoticeWaiting] != 0 {
			t.Errorf("the outbox: %v", states)
		}
	})
}

// TestUpAndAgain: what is handed on, goes up, and is looked at again.
func TestUpAndAgain(t *testing.T) {
	s := begun(t, store.Config{Dir: t.TempDir()})
	s.begin()
	for address, org := range map[string]act.ID{"office@mail.example": s.Office, "other@mail.example": s.Other} {
		who := s.member(address, org, act.RoleSigningOfficer)
		if err := s.Accounts.SetNotices(t.Context(), who.By.Staff, false, "en"); err != nil {
			t.Fatal(err)
		}
	}
	s.do(civic.System, s.Office, &act.LadderDeclared{To: []act.ID{s.Other}}, nil)
	silent, answered, moved := s.view(act.VisibilityOpen), s.view(act.VisibilityOpen), s.view(act.VisibilityOpen)
	for _, v := range []act.ID{silent.Act, answered.Act, moved.Act} {
		s.do(s.Moderator, v, &act.StatementPublished{}, nil)
	}
	cases := map[act.ID]act.ID{}
	for _, v := range []act.ID{silent.Act, answered.Act} {
		cases[v] = s.do(s.Facilitator, v, &act.ReferralMade{Authority: s.Office}, nil).Act
	}
	cases[moved.Act] = s.do(s.Facilitator, moved.Act, &act.ReferralMade{Authority: s.Other}, nil).Act
	s.do(s.staff(s.Other, act.RoleFocalPoint), cases[moved.Act], &act.ReferralTransferred{To: s.Office}, explained("reasons", "It is theirs."))
	signer := s.staff(s.Office, act.RoleSigningOfficer)
	answer := s.do(signer, s.Office, &act.AnswerIssued{Position: "director", ConsideredOn: "2026-03-09", ConsideredIn: "file",
		Covers: []act.Covered{{Case: cases[answered.Act], Decision: act.NotAccepted}}},
		map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: cases[answered.Act], Text: "We will dig no more wells here, for the pipe reaches the village in June."}}}})
	s.do(holderOf(answered), answered.Act, &act.AnswerJudged{Answer: answer.Act, Deals: "no", Understandable: "yes"}, explained("reason", "It does not."))
	s.once()
	s.Pass(3 * time.Minute)
	s.once()
	s.Pass(20*24*time.Hour + 12*time.Hour) // Sunday night
	if err := s.Register.Rule(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.once()
	s.Pass(3 * time.Minute)
	s.once()
	told := func(address string) (all []string) {
		for _, m := range s.Mail.To(address) {
			all = append(all, listed(m))
		}
		return all
	}
	if got, want := fmt.Sprint(told("office@mail.example")), "[2 new cases; one case that another office handed on; one answer of yours at which another office takes a second look "+
		"2 cases of yours that went up to the office above, because they were not dealt with in time]"; got != want {
		t.Errorf("the office was told %s", got)
	}
	if got, want := fmt.Sprint(told("other@mail.example")), "[one new case 2 cases that went up to you, because they were not dealt with in time]"; got != want {
		t.Errorf("the office above was told %s", got)
	}
}

// TestDigest: on the morning of a working day, once, to who has something.
func TestDigest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		facilitator := s.member("facilitator@cso.example", s.CSO, act.RoleFacilitator)
		s.member("monitor@cso.example", s.CSO, act.RoleMonitor)
		if err := s.Accounts.SetNotices(t.Context(), facilitator.By.Staff, false, "en"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s.view(act.VisibilityOpen)
		}
		s.Pass(4 * 24 * time.Hour) // Friday: those two are late
		s.view(act.VisibilityOpen)
		if s.Pass(-4 * time.Hour); s.Now().Hour() != 23 {
			t.Fatal(s.Now()) // 6:20 in Phnom Penh
		}
		s.once()
		if got := len(s.Mail.Got()); got != 0 {
			t.Fatalf("%d digests before the hour", got)
		}
		second, _, other := s.server()
		s.Pass(time.Hour)
		for range 3 {
			s.once()
			if err := other.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		second.Close()
		got := s.Mail.Got()
		if len(got) != 1 || got[0].To != "facilitator@cso.example" || listed(got[0]) != "3 views wait to be checked (2 of them late)" || got[0].Subject() != "Today on your desk" {
			t.Fatalf("%d digests: %v", len(got), got)
		}
		for range 2 { // Saturday, Sunday
			s.Pass(24 * time.Hour)
			s.once()
		}
		if got := len(s.Mail.Got()); got != 1 {
			t.Errorf("%d digests after a weekend", got)
		}
		s.Mail.Shut()
		s.Pass(24 * time.Hour)
		s.once() // Monday: queued
		s.Pass(24 * time.Hour)
		s.Mail.Listen(s.Mail.Addr)
		s.once() // Tuesday: Monday's is not sent any more
		if got := s.Mail.Got(); len(got) != 2 || got[0].Header.Get("Message-Id") == got[1].Header.Get("Message-Id") {
			t.Errorf("%d digests by Tuesday", len(got))
		}
	})
}
