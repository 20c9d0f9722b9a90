package notice_test

import (
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// TestNeedIsTold: what happens to a need, and to what was promised about it, is
// told to all whose views are in it; and the morning's digest says it to the
// office and to who is to check.
func TestNeedIsTold(t *testing.T) {
	s := begun(t, store.Config{Dir: t.TempDir()})
	s.begin()
	verifier := s.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "cso"}, called("Network")).Act
	signer := s.member("signer@office.example", s.Office, act.RoleSigningOfficer)
	monitor := s.member("monitor@network.example", verifier, act.RoleMonitor)
	for _, who := range []civic.Actor{signer, monitor} {
		if err := s.Accounts.SetNotices(t.Context(), who.By.Staff, false, "en"); err != nil {
			t.Fatal(err)
		}
	}
	views := []act.ID{s.followed("one@mail.example", "en").Act, s.followed("two@mail.example", "en").Act}
	s.followed("apart@mail.example", "en")
	for _, v := range views {
		s.do(s.Moderator, v, &act.StatementPublished{}, nil)
	}
	content := called("Water")
	s.Register.View(func(state *civic.State) { content["raised"] = state.Raised(views) })
	need := s.do(s.Facilitator, s.Dialogue, &act.NeedIdentified{Theme: "water", Place: "16", Statements: views}, content).Act
	s.do(s.Facilitator, need, &act.ReferralMade{Authority: s.Office}, nil)
	words := map[string]string{"en": "Two wells", "km": "អណ្ដូងពីរ"}
	promise := s.do(signer, need, &act.CommitmentMade{Needs: []act.ID{need}, Responsible: s.Office, Position: "director", Start: "2026-03-09", End: "2026-03-11",
		Funding: "no_cost", Verifier: verifier, Indicator: act.Indicator{Measure: "unit", BaselineOn: "2026-03-01", Target: 2, TargetOn: "2026-03-11"}},
		map[string]any{"plan": &act.Plan{What: words, Indicator: words, Verified: words}}).Act
	s.once()
	s.Pass(24 * time.Hour) // Tuesday
	s.once()
	claim := s.do(signer, promise, &act.ProgressClaimed{Status: act.Complete, Files: 1}, map[string]any{"evidence": &act.Evidence{Text: "Both are drilled.", Files: []act.File{{Type: "image/jpeg", Size: 2000, Title: "A well"}}}}).Act
	s.once()
	s.Pass(24 * time.Hour)
	s.once()
	s.do(monitor, promise, &act.ProgressAssessed{Claim: &claim, Verdict: act.Confirmed, Status: act.Complete}, map[string]any{"evidence": &act.Evidence{Text: "Seen."}})
	s.once()
	s.Pass(24 * time.Hour)
	s.once()
	for _, address := range []string{"one@mail.example", "two@mail.example"} {
		var told []string
		for _, m := range s.Mail.To(address) {
			told = append(told, strings.Split(m.Body, "\n")[2])
		}
		want := "What you said is published now.|What you said was handed to the public authority that has to answer it.|" +
			"What was promised about what you said is reported as done. Nobody else has checked it yet.|Somebody has checked what was promised about what you said."
		if got := strings.Join(told, "|"); got != want {
			t.Errorf("%s was told %s", address, got)
		}
	}
	if got := s.Mail.To("apart@mail.example"); len(got) != 0 {
		t.Errorf("%d messages to who has nothing to do with it", len(got))
	}
	for address, want := range map[string]string{
		"signer@office.example":   "one commitment of your office falls due soon|one new case|one commitment of your office falls due soon|one case of your office falls due soon",
		"monitor@network.example": "one commitment is reported as done and waits for your check",
	} {
		var told []string
		for _, m := range s.Mail.To(address) {
			told = append(told, listed(m))
		}
		if got := strings.Join(told, "|"); got != want {
			t.Errorf("%s was told %s", address, got)
		}
	}
}
