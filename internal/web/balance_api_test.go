package web_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/internal/locale"
)

// counted is the balance as a test counts it, from every view one by one.
type counted map[civic.Disposition][2]int // all, late

func (c counted) equals(b civic.Balance) bool {
	sum := 0
	for _, d := range civic.Dispositions {
		n, late := b.Part(d)
		if c[d] != [2]int{n, late} {
			return false
		}
		sum += n
	}
	return sum == b.Registered
}

// recount puts each view into its part by the rules of the design, from the
// acts' own dates and clocks: none of the code that the balance is made with.
func recount(s *civic.State, f civic.Filter, now time.Time) counted {
	parts := counted{}
	for _, v := range s.Statements() {
		place, dialogue := v.Place, s.Dialogue(v.Dialogue)
		if place == "" {
			place = dialogue.Place
		}
		within := f.Place == ""
		for code := place; code != "" && !within; {
			within = code == f.Place
			code = s.Place(code).Parent
		}
		day := v.At.In(s.Zone()).Format(time.DateOnly)
		if !within || !f.Dialogue.IsZero() && v.Dialogue != f.Dialogue || f.From != "" && day < f.From || f.Until != "" && day > f.Until {
			continue
		}
		held := f.Authority.IsZero()
		for _, r := range v.Referrals() {
			for _, holder := range append(r.Held, r.Authority) {
				held = held || holder == f.Authority
			}
		}
		if !held {
			continue
		}
		part, due := partOf(v, f.Authority, now)
		late := 0
		if !due.IsZero() && !now.Before(due) {
			late = 1
		}
		parts[part] = [2]int{parts[part][0] + 1, parts[part][1] + late}
	}
	return parts
}

// partOf: erased; withheld; awaiting moderation; else the least advanced of the
// cases, the one that is due first among those.
func partOf(v *civic.Statement, authority act.ID, now time.Time) (part civic.Disposition, due time.Time) {
	switch {
	case v.Erased:
		return civic.DispErased, due
	case v.Moderation == civic.Withheld:
		return civic.DispWithheld, due
	case v.Moderation == civic.Awaiting:
		return civic.DispAwaiting, v.Clock.Due
	}
	order := []civic.Disposition{civic.DispWaiting, civic.DispNeedsInformation, civic.DispConsidering, civic.DispAnswered}
	least := len(order)
	for _, r := range v.Referrals() {
		if !authority.IsZero() && r.Authority != authority {
			continue
		}
		// The clock of whoever has to do something: to confirm that it arrived
		// first, then to answer.
		at, ends := 2, r.Answer.Due
		switch asks := r.Info != nil && r.Info.Supplied.IsZero() && now.Before(r.Info.Clock.Due); {
		case !r.Answered.IsZero() && (r.Review == nil || r.Review.Outcome != ""):
			at, ends = 3, time.Time{}
		case !r.Answered.IsZero():
			ends = r.Review.Clock.Due
		case r.Acknowledged.IsZero():
			at, ends = 0, r.Acknowledge.Due
		case asks:
			at, ends = 1, r.Info.Clock.Due
		}
		if at < least || at == least && ends.Before(due) {
			least, due = at, ends
		}
	}
	switch {
	case least < len(order):
		return order[least], due
	case authority.IsZero():
		return civic.DispNotYetReferred, v.Clock.Due
	}
	return civic.DispTransferred, due
}

// asked gets a balance from the API.
func asked(t *testing.T, a *api.API, query url.Values) (b civic.Balance) {
	t.Helper()
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/balance?"+query.Encode(), nil))
	if w.Code != 200 {
		t.Fatalf("%v: %d %s", query, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

var partRows = regexp.MustCompile(`(?s)<tr class="([a-z_]+)">.*?<td class="n"[^>]*>([^<]*)</td><td class="of">(.*?)</td></tr>`)

// shows checks that the balance on a page is the one of the API.
func shows(t *testing.T, c *chained, path string, b civic.Balance) {
	t.Helper()
	en := locale.Get("en")
	w := c.get(path)
	body := html.UnescapeString(w.Body.String())
	found := map[string][]string{}
	for _, row := range partRows.FindAllStringSubmatch(body, -1) {
		found[row[1]] = row[2:]
	}
	if len(found) < 8 || found["sum"][0] != en.Number(int64(b.Registered)) {
		t.Fatalf("%s: %d: %v, and %d are registered", path, w.Code, found, b.Registered)
	}
	for _, d := range civic.Dispositions {
		n, late := b.Part(d)
		row, has := found[string(d)]
		if !has {
			if n != 0 {
				t.Errorf("%s: no %s", path, d)
			}
			continue
		}
		if row[0] != en.Number(int64(n)) || strings.Contains(row[1], en.T("web.balance.of_these_late", "n", late)) != (late > 0) {
			t.Errorf("%s: %s is %q, and the API says %d, %d late", path, d, row, n, late)
		}
	}
}

// more adds to the sample what it lacks: a transfer, a view that the host has
// not referred in time, and days between.
func (c *chained) more() {
	ministry := c.IDs["ministry"]
	focal := c.staff(c.IDs["department"], act.RoleFocalPoint)
	view := c.view(c.person("moved"), "en", "The bridge is narrow.", "roads")
	c.do(c.Judge, view.Act, &act.StatementPublished{}, nil)
	c.Pass(24 * time.Hour)
	moved := c.do(c.Facilitator, view.Act, &act.ReferralMade{Authority: c.IDs["department"]}, nil).Act
	c.Pass(24 * time.Hour)
	c.do(focal, moved, &act.ReferralTransferred{To: ministry}, map[string]any{"reasons": &act.Explanation{Text: "Roads are theirs."}})
	loose := c.view(c.person("loose"), "en", "Nobody has passed this on.", "water")
	c.do(c.Judge, loose.Act, &act.StatementPublished{}, nil)
	c.Pass(12 * 24 * time.Hour)
}

// TestBalanceThreeWays: the API, the pages and a slow count say the same, today
// and on every day that has passed.
func TestBalanceThreeWays(t *testing.T) {
	c := throughTheChain(t)
	c.more()
	a, err := api.New(api.Config{Register: c.Register})
	if err != nil {
		t.Fatal(err)
	}
	department, ministry := c.IDs["department"], c.IDs["ministry"]
	filters := []civic.Filter{{}, {Dialogue: c.Dialogue}, {Dialogue: c.Other}, {Place: "16"}, {Place: "1602"}, {Place: "07"}, {Authority: department}, {Authority: ministry},
		{From: "2026-03-10"}, {Until: "2026-03-09"}, {From: "2026-03-19", Until: "2026-03-19"}, {Dialogue: c.Dialogue, Authority: department, Place: "16", From: "2026-03-01"}}
	slugs := map[act.ID]string{c.Dialogue: "ratanakkiri", c.Other: "national"}
	ask := func(f civic.Filter, at string) civic.Balance {
		query := url.Values{}
		for name, value := range map[string]string{"dialogue": slugs[f.Dialogue], "place": f.Place, "from": f.From, "until": f.Until, "at": at} {
			if value != "" {
				query.Set(name, value)
			}
		}
		if !f.Authority.IsZero() {
			query.Set("authority", f.Authority.String())
		}
		return asked(t, a, query)
	}
	zone := time.FixedZone("", 7*3600)
	seen, split := map[civic.Disposition]bool{}, false
	look := func(b civic.Balance) {
		for _, d := range civic.Dispositions {
			n, late := b.Part(d)
			seen[d] = seen[d] || n > 0
			split = split || late > 0 && late < n
		}
	}
	var days []string
	for day := time.Date(2026, 3, 9, 0, 0, 0, 0, zone); day.AddDate(0, 0, 1).Before(c.Now()); day = day.AddDate(0, 0, 1) {
		days = append(days, day.Format(time.DateOnly))
	}
	for _, f := range filters {
		b := ask(f, "")
		c.Register.View(func(s *civic.State) {
			if slow := recount(s, f, c.Now()); !slow.equals(b) {
				t.Errorf("%+v: the API says %+v, the count %v", f, b, slow)
			}
		})
		look(b)
		shared := 0
		for _, day := range days {
			b := ask(f, day)
			var slow counted
			end, err := time.ParseInLocation(time.DateTime, day+" 23:59:59", zone)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Register.PastView(t.Context(), day, func(s *civic.State) { slow = recount(s, f, end) }); err != nil {
				t.Fatal(err)
			}
			if !slow.equals(b) {
				t.Errorf("%+v on %s: the API says %+v, the count %v", f, day, b, slow)
			}
			look(b)
			shared += b.Registered
		}
		if shared == 0 && f.Place != "07" && f.Dialogue != c.Other {
			t.Errorf("%+v picks nothing on any day", f)
		}
	}
	for _, d := range civic.Dispositions {
		if !seen[d] || !split {
			t.Errorf("no view is ever %s, or none is on time beside a late one: %v", d, split)
		}
	}
	shows(t, c, "/?lang=en", ask(civic.Filter{}, ""))
	shows(t, c, "/d/ratanakkiri?lang=en", ask(civic.Filter{Dialogue: c.Dialogue}, ""))
	shows(t, c, fmt.Sprintf("/a/%s?lang=en", department), ask(civic.Filter{Authority: department}, ""))
	shows(t, c, fmt.Sprintf("/a/%s?lang=en", ministry), ask(civic.Filter{Authority: ministry}, ""))
}
