package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

const (
	saidOnPaper = "ចាស់ៗក្នុងភូមិត្រូវដើរពីរម៉ោងដើម្បីទៅយកទឹក។"
	minuted     = "Two officials went to the spring with the commune chief."
	answered    = "The money of this year's plan pays for two wells; the second stands where the old people asked for it."
	reported    = "Both wells give water since the week before last."
	lookedAt    = "I drank from both; the second is a little salty."
)

// settle is what is set before: the office says for what it is responsible and
// who stands above it, the board how long each step may take.
func (w *walk) settle() {
	w.t.Helper()
	a := w.administrator
	page := a.follow(a.look("/desk"), "/desk/settings")
	page = a.form(page, "/desk/settings/competence").fill("theme", "water", "place", "16", "as", "decides").send()
	a.sees(page, a.T("code.competence.decides"))
	a.form(page, "/desk/settings/ladder").fill("to", w.IDs["ministry"].String()).send()
	b := w.board
	b.form(b.look("/desk/settings"), "/desk/settings/policy").fill("days_refer", "3", "days_acknowledge", "5", "days_answer", "20",
		"days_inform", "15", "days_review", "15", "days_escalate", "10").send()
}

// putForward: a facilitator writes down at the desk what somebody said, and the
// slip that was printed ahead is the receipt.
func (w *walk) putForward() {
	w.t.Helper()
	f := w.facilitator
	page := f.follow(f.look("/desk"), "/desk/register")
	page = f.form(page, "/desk/register").fill("text", saidOnPaper, "channel", "paper", "spoken", "tpu", "written", "km", "read_back", "yes",
		"visibility", "open", "place", "1602", "theme", "water", "slip", w.slip.Number).send()
	f.sees(page, string(w.slip.Code), w.slip.Secret)
	w.hears(w.opened(), saidOnPaper, w.holder.T("web.thread.is_awaiting"))
	w.public.lacks(w.everybody(w.thread()), saidOnPaper)
	w.says(civic.DispAwaiting, false)
	w.opens()
}

func (w *walk) thread() string { return "/v/" + string(w.slip.Code) }

// opened is what the holder sees who gives the code and the secret of the slip.
func (w *walk) opened() string {
	w.t.Helper()
	h := w.holder
	return h.form(h.look("/receipt"), "/receipt").fill("code", string(w.slip.Code), "secret", w.slip.Secret).send()
}

func (w *walk) hears(page string, texts ...string) {
	w.t.Helper()
	w.holder.sees(page, texts...)
}

// publish: somebody else of the host looks at it and makes it public.
func (w *walk) publish() {
	w.t.Helper()
	m := w.moderator
	page := m.follow(m.look("/desk"), "/desk"+w.thread())
	m.form(page, "/desk"+w.thread()+"/publish").send()
	w.public.sees(w.everybody(w.thread()), saidOnPaper, w.public.T("web.thread.is_unreferred"))
	w.says(civic.DispNotYetReferred, false)
}

// gather: the facilitator makes a need of it and passes that to the office which
// the page suggests.
func (w *walk) gather() {
	w.t.Helper()
	f := w.facilitator
	page := f.follow(f.follow(f.look("/desk"), "/desk/refer"), "/desk/d/ratanakkiri/needs")
	f.sees(page, saidOnPaper)
	page = f.form(page, "/desk/d/ratanakkiri/needs").fill("view", w.viewID(), "name_km", "ទឹកស្អាតជិតភូមិ", "name_en", "Clean water near the village",
		"need_theme", "water", "place", "1602").send()
	w.need = strings.TrimPrefix(f.at, "/desk/n/")
	refer := f.form(page, f.at+"/refer")
	if refer.values.Get("authority") != w.IDs["department"].String() {
		w.t.Errorf("the office that decides on water is not the one suggested: %s", refer.values)
	}
	page = refer.send()
	f.sees(page, f.T("code.state.waiting"))
	w.Register.View(func(s *civic.State) {
		id, _ := act.ParseID(w.need)
		for _, r := range s.Need(id).Referrals() {
			w.referral = r.ID.String()
		}
	})
	w.public.sees(w.everybody(w.thread()), w.public.T("web.thread.is_waiting"), w.named())
	w.says(civic.DispWaiting, false)
}

func (w *walk) viewID() (id string) {
	w.Register.View(func(s *civic.State) { id = s.StatementByCode(keyOf(w.t, w.slip.Code)).ID.String() })
	return id
}

func keyOf(t testing.TB, code act.Code) act.CodeKey {
	key, err := act.ParseCode("KH", string(code))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// named is the need's name in the language of the walk.
func (w *walk) named() string {
	return map[string]string{"km": "ទឹកស្អាតជិតភូមិ", "en": "Clean water near the village"}[w.lang]
}

func (w *walk) casePath() string { return "/desk/case/" + w.referral }

// consider: the focal point of the office takes it up.
func (w *walk) consider() {
	w.t.Helper()
	p := w.focal
	page := p.follow(p.follow(p.look("/desk"), "/desk/cases"), w.casePath())
	p.sees(page, w.named(), saidOnPaper)
	page = p.form(page, w.casePath()+"/acknowledge").send()
	w.public.sees(w.everybody(w.thread()), w.public.T("web.thread.is_considered"))
	p.form(page, w.casePath()+"/consider").fill("on", w.today(), "in", "site_visit", "minutes", minuted).send()
	w.public.sees(w.everybody(w.thread()), minuted)
	w.says(civic.DispConsidering, false)
}

func (w *walk) today() string { return w.Now().Add(7 * time.Hour).Format(time.DateOnly) }

// reply: the focal point writes the answer and passes it on, the officer signs.
func (w *walk) reply() {
	w.t.Helper()
	p, o := w.focal, w.signing
	page := p.form(p.look(w.casePath()), w.casePath()+"/answer").send()
	draft := p.at
	form := p.form(page, draft).fill("decision_"+w.referral, "accepted", "text_"+w.referral, answered, "position", "director", "on", w.today(), "in", "meeting", "letter", "31/26")
	p.press(form, "save")
	page = p.look(draft)
	p.sees(page, answered)
	p.press(p.form(page, draft), "send")
	if strings.Contains(p.look(draft), `value="issue"`) {
		w.t.Error("a focal point is offered to issue")
	}
	w.public.lacks(w.everybody(w.thread()), answered)
	page = o.follow(o.follow(o.look("/desk"), "/desk/answers"), draft)
	o.sees(page, answered, o.T("code.draft.for_signing"))
	o.press(o.form(page, draft), "issue")
	page = w.everybody(w.thread())
	w.public.sees(page, w.public.T("web.thread.is_answered"), answered, w.public.T("code.decision.accepted"), "31/26")
	w.says(civic.DispAnswered, false)
	w.answers()
}

func (r *reader) press(f *pageForm, step string) string {
	r.t.Helper()
	return f.press("step", step)
}

// judge: the holder reads the answer and says what it is worth; the facilitator
// sees to it that those without a phone hear of it.
func (w *walk) judge() {
	w.t.Helper()
	f := w.facilitator
	page := f.look("/desk/refer")
	f.sees(page, f.T("web.refer.was_told"), answered)
	f.form(page, "/desk/told").fill("means", "in_person").send()
	f.sees(f.look("/desk/refer"), f.T("web.refer.nobody_to_tell"))
	page = w.opened()
	w.hears(page, answered, w.holder.T("web.thread.is_answered"))
	page = w.holder.form(page, "/receipt/judge").fill("deals", "yes", "understandable", "partly").send()
	w.hears(page, w.holder.T("web.holder.done_judge"))
	page = w.everybody(w.thread())
	w.public.sees(page, w.public.T("code.question.deals")+" "+w.public.T("code.judgement.yes"))
}

// promise: the officer says who does what until when.
func (w *walk) promise() {
	w.t.Helper()
	o := w.signing
	page := o.follow(o.look(w.casePath()), "/desk/n/"+w.need+"/commit")
	page = o.form(page, "/desk/n/"+w.need+"/commit").fill("what_en", "Two wells in the village", "what_km", "អណ្ដូងពីរក្នុងភូមិ", "why_en", "Old people walk two hours.",
		"why_km", "មនុស្សចាស់ដើរពីរម៉ោង", "position", "director", "start", "2026-04-01", "end", "2026-06-30", "milestone1_en", "Both wells are drilled", "milestone1_km", "ខួងអណ្ដូងពីររួច",
		"due1", "2026-06-15", "funding", "provincial_fund", "budget", "12500", "currency", "USD", "uptake", "provincial_plan", "indicator_en", "Wells that give water",
		"indicator_km", "អណ្ដូងដែលមានទឹក", "measure", "unit", "baseline", "0", "baseline_on", "2026-03-09", "target", "2", "target_on", "2026-06-30",
		"verified_en", "Somebody drinks from both.", "verified_km", "មានគេផឹកទឹកពីអណ្ដូងទាំងពីរ", "verifier", w.IDs["other"].String()).press("", "")
	w.commitment = strings.TrimPrefix(o.at, "/desk/c/")
	o.sees(page, o.T("code.promise_did.made"), w.milestone())
	page = w.public.follow(w.everybody(w.thread()), "/c/"+w.commitment)
	w.public.sees(page, w.plan(), w.public.T("code.commitment.under_way"))
	w.promises(civic.CommitmentUnderWay)
}

func (w *walk) plan() string {
	return map[string]string{"km": "អណ្ដូងពីរក្នុងភូមិ", "en": "Two wells in the village"}[w.lang]
}

func (w *walk) milestone() string {
	return map[string]string{"km": "ខួងអណ្ដូងពីររួច", "en": "Both wells are drilled"}[w.lang]
}

func (w *walk) indicator() string {
	return map[string]string{"km": "អណ្ដូងដែលមានទឹក", "en": "Wells that give water"}[w.lang]
}

// done: the office reports with a photo, and somebody of another organisation
// goes there, counts, and confirms.
func (w *walk) done() {
	w.t.Helper()
	w.pass(90)
	p, m, path := w.focal, w.monitor, "/desk/c/"+w.commitment
	page := p.follow(p.look("/desk/commitments"), path)
	milestone := p.form(page, path+"/claim")
	p.sees(milestone.fill("status", "complete", "milestone", "m1", "place", "1602", "text", reported).send("well.png", picture(1)), reported)
	page = w.everybody("/c/" + w.commitment)
	w.public.sees(page, w.public.T("code.commitment.claimed"), reported)
	w.promises(civic.CommitmentClaimed)
	page = m.follow(m.follow(m.look("/desk"), "/desk/monitor"), path)
	m.sees(page, reported)
	page = m.form(page, path+"/measure").fill("value", "2", "on", w.today(), "text", lookedAt).send()
	form := m.form(page, path+"/assess").fill("verdict", "confirmed", "status", "complete", "text", lookedAt)
	form.fill("report", form.offers["report"][0]).send("both.png", picture(2))
	w.promises(civic.CommitmentConfirmed)
	w.says(civic.DispAnswered, false)
	w.opens()
}

// TestFromPaperToConfirmed walks a view from a printed slip to a confirmed
// commitment, and back from there.
func TestFromPaperToConfirmed(t *testing.T) {
	for _, lang := range []string{"km", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := walking(t, lang)
			w.settle()
			w.putForward()
			w.publish()
			w.gather()
			w.consider()
			w.reply()
			w.judge()
			w.promise()
			w.done()
			w.seesTheWay()
			w.audited()
		})
	}
}

// seesTheWay is the whole way as anybody sees it, forwards and back.
func (w *walk) seesTheWay() {
	w.t.Helper()
	p := w.public
	thread := w.everybody(w.thread())
	p.sees(thread, saidOnPaper, w.named(), answered, w.plan(), p.T("code.commitment.confirmed"), p.T("code.event.referral.made"), minuted)
	need := p.follow(thread, "/n/"+w.need)
	p.sees(need, saidOnPaper, answered, w.plan(), p.T("code.commitment.confirmed"))
	if !strings.Contains(need, `href="`+w.thread()+`"`) {
		w.t.Error("the need does not lead back to the view")
	}
	commitment := p.follow(need, "/c/"+w.commitment)
	p.sees(commitment, w.plan(), w.milestone(), p.T("web.commitment.reached"), reported, lookedAt, w.indicator(), p.T("code.verdict.confirmed"), p.T("code.commitment.confirmed"))
	if !strings.Contains(commitment, `href="/n/`+w.need+`"`) {
		w.t.Error("the commitment does not lead back to the need")
	}
	files := fileLink.FindAllString(commitment, -1)
	if len(files) != 2 {
		w.t.Fatalf("the report and the finding have %d files on the page", len(files))
	}
	for _, link := range files {
		got := p.open(strings.TrimSuffix(strings.TrimPrefix(link, `href="`), `"`))
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/png" {
			w.t.Errorf("%s: %d %s", link, got.Code, got.Header().Get("Content-Type"))
		}
	}
	p.sees(p.look("/a/"+w.IDs["department"].String()), p.T("code.commitment.confirmed"), p.T("code.decision.accepted"))
	for _, reader := range []*reader{w.administrator, w.board, w.facilitator, w.moderator, w.focal, w.signing, w.monitor, w.holder} {
		for _, address := range reader.Addresses {
			if strings.Contains(address, w.slip.Secret) {
				w.t.Errorf("the secret stands in the address %s", address)
			}
		}
	}
}
