package web_test

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

// picture is a small photo that is one of its own.
func picture(n int) []byte {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	img.Set(n%8, n/8%8, color.White)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// sendFiles sends a form with files: name and bytes in turn.
func (d *deskSample) sendFiles(path string, form url.Values, files ...any) *httptest.ResponseRecorder {
	d.t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			if err := writer.WriteField(name, value); err != nil {
				d.t.Fatal(err)
			}
		}
	}
	for i := 0; i+1 < len(files); i += 2 {
		part, err := writer.CreateFormFile("file", files[i].(string))
		if err != nil {
			d.t.Fatal(err)
		}
		part.Write(files[i+1].([]byte))
	}
	writer.Close()
	r := httptest.NewRequest("POST", path+"?lang="+d.language(), &body)
	r.Header.Set("Content-Type", writer.FormDataContentType())
	w := httptest.NewRecorder()
	d.Pages.ServeHTTP(w, r)
	return w
}

// promiseForm is a commitment with everything right in it.
func (o *officeSample) promiseForm() url.Values {
	return url.Values{"token": {newToken()}, "what_en": {"Two wells near the school"}, "what_km": {"អណ្ដូងពីរនៅជិតសាលារៀន"}, "why_en": {"Children drink from the river."},
		"position": {"director"}, "start": {"2026-05-01"}, "end": {"30/9/2026"}, "milestone1_en": {"Both are drilled"}, "due1": {"2026-08-31"},
		"milestone3_km": {"ស្ទង់រួច"}, "due3": {"2026-06-30"}, "funding": {"provincial_fund"}, "budget": {"12,500.50"}, "currency": {"USD"}, "uptake": {"provincial_plan"},
		"uptake_text": {"Line 12"}, "indicator_en": {"Wells that give water"}, "measure": {"unit"}, "baseline": {"0"}, "baseline_on": {"2026-04-01"},
		"target": {"២"}, "target_on": {"2026-09-30"}, "verified_en": {"Somebody goes there."}, "verifier": {o.IDs["other"].String()}, "with": {o.IDs["elsewhere"].String()}}
}

func (o *officeSample) commitPath() string { return "/desk/n/" + o.chain.Need.String() + "/commit" }

// promised makes a commitment and gives its address at the desk.
func (o *officeSample) promised() string {
	o.t.Helper()
	w := o.as(o.chain.Signing).post(o.commitPath(), o.promiseForm())
	wants(o.t, "promised", w, 303)
	path, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	return path
}

func (o *officeSample) commitment(path string) (c civic.Commitment) {
	id, err := act.ParseID(strings.TrimPrefix(path, "/desk/c/"))
	if err != nil {
		o.t.Fatal(err)
	}
	o.Register.View(func(s *civic.State) { c = *s.Commitment(id) })
	return c
}

func TestPlanPagesInEveryLanguage(t *testing.T) {
	o := atTheOffice(t)
	path := o.promised()
	board, monitor := o.staff(o.IDs["cso"], act.RoleBoard), o.staff(o.IDs["other"], act.RoleMonitor)
	for name, who := range map[string]civic.Actor{"focal point": o.chain.Focal, "monitor": monitor, "own monitor": o.staff(o.IDs["department"], act.RoleMonitor), "board": board, "facilitator": o.chain.Facilitator} {
		o.as(who)
		for _, page := range []string{"/desk/commitments", o.commitPath(), path, path + "?did=made", "/desk/c/" + o.chain.Promise.String(), "/desk/monitor", "/desk/monitor?place=16", "/desk/board"} {
			o.looksRight(name, page)
		}
	}
	wants(t, "the board", o.as(board).get("/desk/board?lang=en"), 200, "USD 12,500.50", "Wells that give water", "not measured yet", "provincial fund")
	wants(t, "not the board", o.as(o.chain.Focal).get("/desk/board"), 403)
	wants(t, "not a monitor", o.get("/desk/monitor"), 403)
}

// TestFromPromiseToConfirmed walks a commitment's whole way at the desks.
func TestFromPromiseToConfirmed(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Focal)
	form := o.promiseForm()
	wants(t, "more rows keep what was typed", o.post(o.commitPath(), with(form, "step", "row", "rows", "3")), 200, "Two wells near the school", "Milestone 6", "2026-08-31")
	var path string
	for range 2 {
		w := o.post(o.commitPath(), form)
		wants(t, "promised", w, 303)
		path, _, _ = strings.Cut(w.Header().Get("Location"), "?")
	}
	c := o.commitment(path)
	if c.CommitmentMade.End != "2026-09-30" || len(c.Milestones) != 2 || c.Milestones[0].Code != "m3" || c.Budget.Minor != 1250050 || c.Indicator.Target != 2 || len(c.With) != 1 {
		t.Fatalf("%+v", c.CommitmentMade)
	}
	wants(t, "the desk", o.get(path+"?did=made&lang=en"), 200, "Your commitment is public now", "Both are drilled")
	wants(t, "its public page", o.get("/c/"+c.ID.String()+"?lang=en"), 200, "Two wells near the school", "position: director", "USD 12,500.50", "Line 12")
	revision := url.Values{"token": {newToken()}, "end": {"2026-11-30"}, "due_m3": {"2026-06-30"}, "due_m1": {"2026-10-31"}, "funding": {"unfunded"}, "why": {"funding"}, "reasons": {"The fund is late."}}
	wants(t, "a milestone after the end", o.post(path+"/revise", with(revision, "due_m1", "2026-12-31")), 422, "after the end of the commitment, 30 November 2026", "The fund is late.")
	wants(t, "revised", o.post(path+"/revise", revision), 303)
	wants(t, "the slip", o.get(path+"?lang=en"), 200, "Promised first for 30 September 2026; 61 days later now")
	done := url.Values{"token": {newToken()}, "status": {"complete"}, "milestone": {"m1"}, "place": {"1602"}, "text": {"Both wells give water."}}
	wants(t, "without evidence", o.sendFiles(path+"/claim", done), 422, "please add evidence", "Both wells give water.")
	wants(t, "reported", o.sendFiles(path+"/claim", done, "well.png", picture(1)), 303)
	c = o.commitment(path)
	if len(c.Claims) != 1 || c.Claims[0].Files != 1 {
		t.Fatalf("%+v", c.Claims)
	}
	own := o.staff(o.IDs["department"], act.RoleMonitor)
	found := url.Values{"token": {newToken()}, "report": {c.Claims[0].Act.String()}, "verdict": {"confirmed"}, "status": {"complete"}, "text": {"Seen on Monday, both give water."}}
	wants(t, "their own", o.as(own).sendFiles(path+"/assess", found), 403, "has a stake in this", "Seen on Monday")
	wants(t, "their own page says so", o.get(path+"?lang=en"), 200, "You cannot check this one.")
	o.as(o.chain.Monitor)
	wants(t, "what waits", o.get("/desk/monitor?place=16&lang=en"), 200, "Two wells near the school", "named to verify it", "One report has been looked at by nobody")
	for range 2 {
		wants(t, "confirmed", o.sendFiles(path+"/assess", found, "seen.png", picture(2)), 303)
	}
	wants(t, "what waits then", o.get("/desk/monitor?lang=en"), 200, "Nothing that was reported waits")
	wants(t, "measured", o.post(path+"/measure", url.Values{"token": {newToken()}, "value": {"2"}, "on": {"2026-04-10"}, "text": {"Counted."}}), 303)
	c = o.commitment(path)
	if c.State("2026-10-01") != civic.CommitmentConfirmed || len(c.Assessments) != 1 || len(c.Measurements) != 1 || c.Measurements[0].Value != 2 {
		t.Errorf("%s, %d found, %+v", c.State("2026-10-01"), len(c.Assessments), c.Measurements)
	}
	o.filesAreServed(c)
}

// filesAreServed looks at how a report's file is handed out.
func (o *officeSample) filesAreServed(c civic.Commitment) {
	t := o.t
	href := "/file/" + c.Claims[0].Act.String() + "/0"
	w := o.as(nobody).get(href)
	h := w.Header()
	if w.Code != 200 || h.Get("Content-Type") != "image/png" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(h.Get("Cache-Control"), "max-age") {
		t.Errorf("the file: %d %v", w.Code, h)
	}
	if w := o.get(href, "If-None-Match", h.Get("ETag")); w.Code != 304 {
		t.Errorf("the same again: %d", w.Code)
	}
	for _, path := range []string{"/file/" + c.Claims[0].Act.String() + "/1", "/file/" + c.Claims[0].Act.String() + "/-1", "/file/" + c.ID.String() + "/0",
		"/file/" + act.ID{1}.String() + "/0", "/file/x/0", "/file/" + o.chain.Answer.String() + "/0"} {
		if w := o.get(path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

var keptField = regexp.MustCompile(`name="kept" value="([^"]+)"`)

// TestFilesThatCannotBeTaken cost nothing else.
func TestFilesThatCannotBeTaken(t *testing.T) {
	o := atTheOffice(t)
	path := o.promised()
	form := url.Values{"token": {newToken()}, "status": {"complete"}, "text": {"Both wells give water now."}}
	pdf := []byte("%PDF-1.7\n1 0 obj\n%%EOF\n")
	w := o.sendFiles(path+"/claim", form, "well.png", picture(1), "page.png", []byte("<html><script>alert(1)</script>"), "plan.pdf", pdf)
	wants(t, "one is none", w, 422, "“page.png” is no photo", "Both wells give water now.", "File 1 is kept", "File 2 is kept")
	if n := len(o.commitment(path).Claims); n != 0 {
		t.Fatalf("%d reports", n)
	}
	for _, kept := range keptField.FindAllStringSubmatch(w.Body.String(), -1) {
		form.Add("kept", html.UnescapeString(kept[1]))
	}
	if len(form["kept"]) != 2 {
		t.Fatalf("kept: %v", form["kept"])
	}
	wants(t, "larger than is taken", o.sendFiles(path+"/claim", form, "huge.png", append(picture(3), make([]byte, 10<<20)...)), 422, "“huge.png” is too large; 10 MB", "File 2 is kept", "Both wells")
	wants(t, "more than is taken at once", o.sendFiles(path+"/claim", form, "a", make([]byte, 9<<20), "b", make([]byte, 9<<20), "c", make([]byte, 9<<20), "d", make([]byte, 9<<20)), 422, "File 2 is kept", "Both wells")
	many := slices.Clone([]any{})
	for i := range act.MostFiles {
		many = append(many, fmt.Sprint(i, ".png"), picture(8+i))
	}
	wants(t, "too many", o.sendFiles(path+"/claim", form, many...), 422, "20 files are the most")
	wants(t, "a digest of nothing", o.sendFiles(path+"/claim", with(form, "kept", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), 422, "not here any more")
	wants(t, "nonsense for a digest", o.sendFiles(path+"/claim", with(form, "kept", "../../etc/passwd")), 422, "not here any more")
	wants(t, "more to come", o.sendFiles(path+"/claim", with(form, "step", "files"), "more.png", picture(5)), 200, "File 3 is kept")
	form.Set("title_"+form["kept"][0], "The first well")
	form.Set("remove", form["kept"][1])
	wants(t, "reported", o.sendFiles(path+"/claim", form), 303)
	claim := o.commitment(path).Claims[0]
	if claim.Files != 1 {
		t.Errorf("%d files", claim.Files)
	}
	wants(t, "its page", o.get(path+"?lang=en"), 200, "The first well")
	form = url.Values{"token": {newToken()}, "status": {"limited"}, "text": {"The plan."}}
	wants(t, "a document", o.sendFiles(path+"/claim", form, "plan.pdf", pdf), 303)
	w = o.get("/file/" + o.commitment(path).Claims[1].Act.String() + "/0")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || w.Header().Get("Content-Type") != "application/pdf" {
		t.Errorf("a document: %d %v", w.Code, w.Header())
	}
}

// TestBadPromises is what a commitment must not be. What was typed stays.
func TestBadPromises(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Signing)
	before := o.Register.Position()
	for _, c := range []struct {
		name, field, value, want string
	}{
		{"nothing", "what_en", "", "fill this in"},
		{"no position", "position", "", "choose"},
		{"ends before it starts", "end", "2026-04-01", "before the first"},
		{"a milestone after the end", "due1", "2026-12-31", "after the end of the commitment, 30 September 2026"},
		{"a milestone before the start", "due3", "2026-01-31", "before the start of the commitment, 1 May 2026"},
		{"a milestone without words", "milestone1_en", "", "fill this in"},
		{"a milestone without a day", "due3", "", "write a date"},
		{"money in another currency", "currency", "EUR", "does not exist"},
		{"money below zero", "budget", "-5", "cannot be below zero"},
		{"money that is none", "budget", "1,5", "such as 1,250"},
		{"no funding", "funding", "", "choose"},
		{"an indicator without a baseline", "baseline", "", "write a number"},
		{"a baseline without a day", "baseline_on", "", "write a date"},
		{"a target before the baseline", "target_on", "2026-01-01", "before the first"},
		{"too many decimals", "target", "0.1234567", "write a number"},
		{"verified by themselves", "verifier", o.IDs["department"].String(), "does not exist"},
		{"verified by their ministry", "verifier", o.IDs["ministry"].String(), "does not exist"},
		{"verified by who is in it", "with", o.IDs["other"].String(), "must be independent of all who promise it"},
		{"together with nobody", "with", act.ID{1}.String(), "does not exist"},
		{"another's need", "need", o.chain.Answer.String(), "does not exist"},
		{"hidden signs", "what_en", "two\x00wells", "hidden signs"},
	} {
		form := with(o.promiseForm(), c.field, c.value)
		if c.field == "what_en" {
			form.Del("what_km")
			if c.value == "" {
				form.Del("what_en")
			}
		}
		w := o.post(o.commitPath(), form)
		wants(t, c.name, w, 422, c.want, "Wells that give water")
	}
	if o.Register.Position() != before {
		t.Error("something was promised")
	}
	for name, c := range map[string]struct {
		who    civic.Actor
		status int
	}{"a facilitator": {o.chain.Facilitator, 403}, "a monitor": {o.chain.Monitor, 403}, "somebody who is not signed in": {nobody, 401}} {
		wants(t, name, o.as(c.who).post(o.commitPath(), o.promiseForm()), c.status)
	}
	wants(t, "no such need", o.as(o.chain.Signing).post("/desk/n/"+o.chain.Answer.String()+"/commit", o.promiseForm()), 404)
	path := o.promised()
	for _, c := range []struct{ act, field, value, want string }{
		{"measure", "value", "many", "number with 0 decimals"}, {"measure", "value", "1.5", "number with 0 decimals"}, {"measure", "on", "2031-01-01", "has not come yet"},
		{"claim", "status", "no_evidence", "does not exist"}, {"claim", "milestone", "m9", "does not exist"}, {"claim", "place", "99", "do not know this place"}, {"claim", "text", "", "write something"},
		{"revise", "why", "", "choose"}, {"revise", "end", "2025-01-01", "before the first"}, {"revise", "reasons", "\u200b", "write something"},
	} {
		form := url.Values{"token": {newToken()}, "value": {"1"}, "on": {"2026-04-10"}, "status": {"limited"}, "text": {"Some words to keep."}, "end": {"2026-10-30"},
			"due_m1": {"2026-08-31"}, "due_m3": {"2026-06-30"}, "funding": {"unfunded"}, "why": {"other"}, "reasons": {"Some reasons to keep."}}
		w := o.post(path+"/"+c.act, with(form, c.field, c.value))
		keeps := map[string]string{"revise": "Some reasons to keep.", "claim": "Some words to keep.", "measure": "Some words to keep."}[c.act]
		if c.field == "text" || c.field == "reasons" {
			keeps = c.want
		}
		wants(t, c.act+" "+c.field+" "+c.value, w, 422, c.want, keeps)
	}
}

// TestMilestoneAdded: a revision adds a milestone once; it has no words but the
// reasons, so the pages say where it is named, and its first day is kept.
func TestMilestoneAdded(t *testing.T) {
	o := atTheOffice(t)
	path := o.promised()
	revision := url.Values{"token": {newToken()}, "end": {"2026-11-30"}, "due_m3": {"2026-06-30"}, "due_m1": {"2026-10-31"}, "due_new": {"2026-11-15"}, "funding": {"unfunded"},
		"why": {"scope"}, "reasons": {"A third well, by the middle of November."}}
	wants(t, "its field", o.get(path+"?lang=en"), 200, "Day of a new milestone", `name="due_new" value=""`, "say in the reasons")
	for field, bad := range map[string]string{"due_new": "2026-12-31", "reasons": ""} {
		wants(t, "bad "+field, o.post(path+"/revise", with(revision, field, bad)), 422, `name="due_new" value="`+with(revision, field, bad).Get("due_new")+`"`)
	}
	for range 2 {
		wants(t, "added", o.post(path+"/revise", revision), 303)
	}
	c := o.commitment(path)
	milestones, _, _, _ := c.Plan()
	if len(c.Revisions) != 1 || len(milestones) != 3 || milestones[2].Due != "2026-11-15" {
		t.Fatalf("a double click made %d revisions with %+v", len(c.Revisions), milestones)
	}
	code := milestones[2].Code
	stale := with(revision, "token", newToken(), "reasons", "Another one.")
	wants(t, "who did not see it", o.post(path+"/revise", stale), 422, `name="due_`+code+`" value="2026-11-15"`, "Another one.")
	again := with(revision, "token", newToken(), "due_"+code, "2026-11-25", "due_new", "", "reasons", "The rain.")
	wants(t, "moved", o.post(path+"/revise", again), 303)
	added := "Milestone added on 18 April 2026, named in the reasons of that revision"
	wants(t, "the form", o.get(path+"?lang=en"), 200, added, "promised first for 2026-11-15", `<option value="`+code+`">`+added)
	o.as(nobody)
	wants(t, "its public page", o.get("/c/"+c.ID.String()+"?lang=en"), 200, added+" — promised for 15 November 2026, now 25 November 2026", "A third well")
	wants(t, "the calendar", o.get("/calendar.ics?lang=en"), 200, "Milestone added on")
	if body := o.get("/c/" + c.ID.String() + "?lang=km").Body.String(); strings.Contains(body, code) {
		t.Error("a page names a milestone by its code")
	}
}

// TestMeasuredWithEvidence: a value of an indicator comes with what shows it,
// and everybody can look at that.
func TestMeasuredWithEvidence(t *testing.T) {
	o := atTheOffice(t)
	path := o.promised()
	o.as(o.chain.Monitor)
	form := url.Values{"token": {newToken()}, "value": {"many"}, "on": {"2026-04-10"}, "text": {"Counted at both pumps."}}
	for _, lang := range locale.Languages() {
		r := o.phone().reading(lang)
		r.sees(r.look(path), r.T("web.files.add"))
		if f := r.form(r.look(path), path+"/measure"); !f.files || !slices.Contains(f.buttons["step"], "files") {
			t.Errorf("the form in %s takes no files", lang)
		}
	}
	w := o.sendFiles(path+"/measure", form, "meter.png", picture(1), "page.png", []byte("<html>"))
	wants(t, "one is no photo", w, 422, "“page.png” is no photo", "File 1 is kept", "Counted at both pumps.")
	form.Add("kept", html.UnescapeString(keptField.FindStringSubmatch(w.Body.String())[1]))
	form.Set("title_"+form.Get("kept"), "The meter")
	wants(t, "more to come", o.sendFiles(path+"/measure", with(form, "step", "files"), "more.png", picture(2)), 200, "File 2 is kept", "The meter", `value="many"`)
	wants(t, "no number", o.sendFiles(path+"/measure", form), 422, "number with 0 decimals", "File 1 is kept", "Counted at both pumps.")
	if n := len(o.commitment(path).Measurements); n != 0 {
		t.Fatalf("%d values came of what was refused", n)
	}
	form.Set("value", "2")
	for range 2 {
		wants(t, "measured", o.sendFiles(path+"/measure", form), 303)
	}
	wants(t, "bare", o.post(path+"/measure", url.Values{"token": {newToken()}, "value": {"1"}, "on": {"2026-04-09"}}), 303)
	c := o.commitment(path)
	if len(c.Measurements) != 2 {
		t.Fatalf("a double click made %d values", len(c.Measurements)-1)
	}
	href := "/file/" + c.Measurements[0].Act.String() + "/0"
	for name, who := range map[string]civic.Actor{"/c/" + c.ID.String(): nobody, path: o.chain.Focal} {
		w := o.as(who).get(name + "?lang=en")
		wants(t, name, w, 200, "Measured on 10 April 2026: 2", "Counted at both pumps.", `<a href="`+href+`">The meter</a>`)
		if n := strings.Count(w.Body.String(), "Measured on"); n != 1+strings.Count(w.Body.String(), `id="act-measure"`) {
			t.Errorf("%s: %d values have something to show", name, n)
		}
	}
	if w := o.as(nobody).get(href); w.Code != 200 || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("the file: %d", w.Code)
	}
}
