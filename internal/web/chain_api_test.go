package web_test

import (
	"encoding/json"
	"net/url"

	"samleng/civic"
	"samleng/internal/api"
)

// says holds the API to what stands after a step of the walk: the one view of
// the register counts in this part of the balance, late or not, and its thread,
// its case, the dialogue's balance and the authority's say the same.
func (w *walk) says(want civic.Disposition, late bool) {
	w.t.Helper()
	var thread api.Thread
	w.ask("GET", "/api/v1/statements/"+string(w.slip.Code), "", &thread)
	if thread.Disposition != string(want) {
		w.t.Errorf("the API's thread says %s, not %s", thread.Disposition, want)
	}
	if public := want != civic.DispAwaiting; public != (thread.Text != nil) || public && *thread.Text != saidOnPaper {
		w.t.Errorf("a view that is %s has these words in the API: %v", want, thread.Text)
	}
	for i, e := range thread.Events {
		if i > 0 && e.Position <= thread.Events[i-1].Position {
			w.t.Errorf("%s stands at %d, after %d", e.Kind, e.Position, thread.Events[i-1].Position)
		}
	}
	w.counts("dialogue", "ratanakkiri", want, late)
	if w.referral == "" {
		return
	}
	var one api.Case
	w.ask("GET", "/api/v1/cases/"+w.referral, "", &one)
	if one.Disposition != string(want) || one.Need != w.need || one.Authority != w.IDs["department"].String() {
		w.t.Errorf("the API's case is %s of %s about %s", one.Disposition, one.Authority, one.Need)
	}
	if is := one.Clock != nil && one.Clock.Overdue; is != late {
		w.t.Errorf("the clock of the API's case: %+v; late is %t", one.Clock, late)
	}
	if len(thread.Cases) != 1 || thread.Cases[0].ID != w.referral || len(thread.Needs) != 1 || thread.Needs[0].ID != w.need {
		w.t.Errorf("the API's thread leads to %d cases and %d needs", len(thread.Cases), len(thread.Needs))
	}
	w.counts("authority", w.IDs["department"].String(), want, late)
}

// counts holds a balance of the API to the one view.
func (w *walk) counts(filter, of string, want civic.Disposition, late bool) {
	w.t.Helper()
	parts := map[string]json.RawMessage{}
	w.ask("GET", "/api/v1/balance?"+url.Values{filter: {of}}.Encode(), "", &parts)
	for _, name := range []civic.Disposition{civic.DispErased, civic.DispWithheld, civic.DispAwaiting, civic.DispNotYetReferred, civic.DispWaiting,
		civic.DispNeedsInformation, civic.DispConsidering, civic.DispAnswered} {
		var waiting civic.Waiting
		if err := json.Unmarshal(parts[string(name)], &waiting.OnTime); err != nil {
			if err = json.Unmarshal(parts[string(name)], &waiting); err != nil {
				w.t.Fatalf("%s of the balance: %s", name, parts[string(name)])
			}
		}
		var counted civic.Waiting
		switch {
		case name == want && late:
			counted.Overdue = 1
		case name == want:
			counted.OnTime = 1
		}
		if waiting != counted {
			w.t.Errorf("%s %s of %s: %+v in the API, not %+v", name, filter, of, waiting, counted)
		}
	}
}

// promises holds the API to the commitment's state.
func (w *walk) promises(want civic.CommitmentState) {
	w.t.Helper()
	var whole api.WholeCommitment
	w.ask("GET", "/api/v1/commitments/"+w.commitment, "", &whole)
	if whole.State != string(want) || whole.What[w.lang] != w.plan() || len(whole.Needs) != 1 || whole.Needs[0] != w.need || whole.FirstEnd != "2026-06-30" {
		w.t.Errorf("the API's commitment is %s: %+v", whole.State, whole.Commitment)
	}
	var list api.Commitments
	w.ask("GET", "/api/v1/commitments?"+url.Values{"state": {string(want)}}.Encode(), "", &list)
	if len(list.Commitments) != 1 || list.Commitments[0].ID != w.commitment {
		w.t.Errorf("the API lists %d commitments as %s", len(list.Commitments), want)
	}
}

// answers holds the API to the answer that stands.
func (w *walk) answers() {
	w.t.Helper()
	var one api.Case
	w.ask("GET", "/api/v1/cases/"+w.referral, "", &one)
	if len(one.Answers) == 0 || one.Decision != "accepted" {
		w.t.Fatalf("the API's case has %d answers and is decided %q", len(one.Answers), one.Decision)
	}
	var answer api.Answer
	w.ask("GET", "/api/v1/answers/"+one.Answers[len(one.Answers)-1], "", &answer)
	if len(answer.Covers) != 1 || answer.Covers[0].Case != w.referral || answer.Covers[0].Reasons != answered || answer.Letter != "31/26" {
		w.t.Errorf("the API's answer: %+v", answer)
	}
	var office api.WholeAuthority
	w.ask("GET", "/api/v1/authorities/"+w.IDs["department"].String(), "", &office)
	if office.Balance.Answered != 1 {
		w.t.Errorf("the API's authority: %+v", office)
	}
}

// opens has a program open the receipt, with the code and the secret.
func (w *walk) opens() {
	w.t.Helper()
	body, err := json.Marshal(api.Holding{Code: string(w.slip.Code), Secret: w.slip.Secret})
	if err != nil {
		w.t.Fatal(err)
	}
	w.ask("POST", "/api/v1/receipts", string(body), &struct{}{})
}
