package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// languages are those in which pages are compared.
var languages = []string{"km", "en"}

// public asks for a page or a file, in a language. It is false where there is
// none, or where it is of another position than the log's.
func (c *comparison) public(ctx context.Context, class Class, path string) (answer Answer, has bool, err error) {
	answer, err = c.ask(ctx, c.config.Page, path)
	if errors.Is(err, fs.ErrNotExist) {
		c.found(CheckList, "/"+path, path, "")
		return answer, false, nil
	}
	if err != nil {
		return answer, false, err
	}
	c.answered("/"+path, answer.Position)
	c.count(class, 1, 0)
	return answer, !c.moved(), nil
}

// shownPage is a public page, and what has to stand on it.
type shownPage struct {
	path   string // with a query or without
	must   map[string]string
	counts map[string]string // of this page alone, where they are shown
	list   *pageList         // nil for none
	first  bool              // one that others lead to
	judged []map[string]int  // what holders said of answers, a table for each question
	seen   map[string]bool   // what stood on other pages of the list; nil for a list of one page
}

// pages compares what people read: balances, states, dates, tallies.
func (c *comparison) pages(ctx context.Context) error {
	if c.config.Page == nil {
		return nil
	}
	for _, page := range c.samplePages() {
		for _, asked := range c.asked(page) {
			answer, has, err := c.public(ctx, ClassPages, asked.path)
			if err != nil || c.moved() {
				return err
			}
			if !has {
				continue
			}
			c.moment("/"+asked.path, answer.AsAt)
			if err := c.page(asked, page, answer); err != nil {
				return err
			}
		}
	}
	return c.paper(ctx)
}

// askedPage is the address of a page and the language in which it comes.
type askedPage struct {
	path     string
	language string
	named    bool // the address names the language
}

// asked gives the addresses of a page: each language, and the one that people
// follow a link to, which names none and comes in the first.
func (c *comparison) asked(page shownPage) (all []askedPage) {
	separator := "?"
	if strings.Contains(page.path, "?") {
		separator = "&"
	}
	for _, language := range languages {
		all = append(all, askedPage{page.path + separator + "lang=" + language, language, true})
	}
	if c.thorough || page.first {
		all = append(all, askedPage{page.path, languages[0], false})
	}
	return all
}

func (c *comparison) samplePages() []shownPage {
	now := c.asAt
	all := []shownPage{{path: "", first: true, must: balanceMarks(c.state.Balance(civic.Filter{}, now)), counts: balanceCounts(c.state.Balance(civic.Filter{}, now))}}
	for _, d := range pick(c.sampler, "page", c.state.Dialogues(), sampledPages, func(d *civic.Dialogue) string { return d.Slug }) {
		all = append(all, c.dialoguePages(d, "d/"+url.PathEscape(d.Slug), c.state.Balance(civic.Filter{Dialogue: d.ID}, now))...)
	}
	for _, o := range pick(c.sampler, "page", authoritiesOf(c.state), sampledPages, func(o *civic.Organisation) string { return o.ID.String() }) {
		all = append(all, c.authorityPage(o.ID, now))
	}
	// Those that were moved have something to hide.
	moved, kept := []*civic.Commitment{}, []*civic.Commitment{}
	for _, p := range c.state.Commitments() {
		if p.Slip() != 0 {
			moved = append(moved, p)
		} else {
			kept = append(kept, p)
		}
	}
	key := func(p *civic.Commitment) string { return p.ID.String() }
	for _, p := range slices.Concat(pick(c.sampler, "page", moved, sampledPages, key), pick(c.sampler, "page", kept, sampledPages/2, key)) {
		all = append(all, commitmentPage(p, c.acts, c.today()))
	}
	for _, v := range c.sampleViews(sampledPages) {
		all = append(all, shownPage{path: "v/" + string(c.state.Code(v.ID)), must: map[string]string{viewMark(c.state, v, "state"): string(v.Disposition(now))}})
	}
	return slices.Concat(all, c.needPages(), c.listPages())
}

// balanceMarks are the figures of a balance as pages show them. What is nought
// need not be there.
func balanceMarks(b civic.Balance) map[string]string {
	must := map[string]string{"balance.registered": strconv.Itoa(b.Registered)}
	for _, d := range civic.Dispositions {
		n, late := b.Part(d)
		must["balance."+string(d)], must["balance."+string(d)+".overdue"] = strconv.Itoa(n), strconv.Itoa(late)
	}
	return must
}

// balanceCounts are what pages say of a balance in a sentence.
func balanceCounts(b civic.Balance) map[string]string {
	waits := 0
	for _, w := range []civic.Waiting{b.AwaitingModeration, b.NotYetReferred, b.Waiting, b.NeedsInformation, b.BeingConsidered} {
		waits += w.Total()
	}
	return map[string]string{"balance.waits": strconv.Itoa(waits), "balance.overdue": strconv.Itoa(b.Overdue())}
}

func countMarks[K ~string](prefix string, counts map[K]int) map[string]string {
	marks := map[string]string{}
	for code, n := range counts {
		marks[prefix+string(code)] = strconv.Itoa(n)
	}
	return marks
}

func (c *comparison) authorityPage(id act.ID, now time.Time) shownPage {
	f, b := c.state.Figures(id, now), c.state.Balance(civic.Filter{Authority: id}, now)
	page := shownPage{path: "a/" + id.String(), must: balanceMarks(b), counts: countMarks("count.decision.", f.Decisions)}
	maps.Copy(page.counts, balanceCounts(b))
	page.judged = []map[string]int{f.Deals, f.Understandable}
	for code, n := range countMarks("count.commitment.", f.Commitments) {
		page.counts[code] = n
	}
	page.must["figures.fell_due"], page.must["figures.slipped"] = strconv.Itoa(f.FellDue), strconv.Itoa(f.Slipped)
	page.counts["figures.in_time"] = strconv.Itoa(f.InTime)
	page.counts["figures.median_acknowledge"], page.counts["figures.median_answer"] = strconv.Itoa(f.MedianAcknowledge), strconv.Itoa(f.MedianAnswer)
	return page
}

// commitmentPage needs what was promised first, however often it was moved, and
// both sides of every report.
func commitmentPage(p *civic.Commitment, acts map[act.ID]placed, today string) shownPage {
	name := "commitment." + p.ID.String() + "."
	must := map[string]string{name + "state": string(p.State(today)), name + "start": p.Start, name + "end": p.End()}
	if p.Slip() != 0 {
		must[name+"first_end"] = p.CommitmentMade.End
	}
	for _, r := range p.Revisions {
		must[fmt.Sprint(name, "revised.", acts[r.Act].position)] = r.End
	}
	for _, r := range p.Claims {
		must[fmt.Sprint(name, "reported.", acts[r.Act].position)] = r.Status
	}
	for _, f := range p.Assessments {
		must[fmt.Sprint(name, "found.", acts[f.Act].position)] = f.Verdict
	}
	return shownPage{path: "c/" + p.ID.String(), must: must}
}

func viewMark(s *civic.State, v *civic.Statement, what string) string {
	return "view." + string(s.Code(v.ID)) + "." + what
}

// page holds every figure of a page to the log, and its text to the figure.
func (c *comparison) page(asked askedPage, page shownPage, answer Answer) error {
	path, language := asked.path, asked.language
	marks, err := marksOf(answer.Body)
	if err != nil {
		return fmt.Errorf("/%s: %w", path, err)
	}
	c.punctuality = []string{page.must["figures.fell_due"], page.counts["figures.in_time"]}
	there, tables := map[string]bool{}, map[string]int{}
	for _, m := range marks {
		there[m.name] = true
		want, known := page.must[m.name]
		if answer, is := strings.CutPrefix(m.name, "count.judgement."); is && tables[answer] < len(page.judged) {
			want, known = strconv.Itoa(page.judged[tables[answer]][answer]), true
			tables[answer]++
		}
		if !known {
			want, known = page.counts[m.name]
		}
		if !known {
			want, known = c.expected(m.name, answer.AsAt)
		}
		if !known {
			c.strange++ // of a newer version
			continue
		}
		c.count(ClassPages, 0, 1)
		switch {
		case m.value != want:
			c.found(CheckPage, "/"+path+" "+m.name, want, m.value)
		case !c.shows(m, language, answer.AsAt):
			c.found(CheckPage, "/"+path+" "+m.name, want, strings.TrimSpace(m.text))
		}
	}
	for name, want := range page.must {
		if !there[name] && want != "0" {
			c.found(CheckPage, "/"+path+" "+name, want, "")
		}
	}
	if page.list != nil {
		seen := page.seen
		if seen == nil {
			seen = map[string]bool{}
		}
		c.hold(path, fmt.Sprint(language, asked.named), page.list, there, seen)
	}
	return nil
}

// expected is what a figure should be that may stand on any page.
func (c *comparison) expected(name string, at time.Time) (want string, known bool) {
	kind, rest, _ := strings.Cut(name, ".")
	subject, what, _ := strings.Cut(rest, ".")
	switch kind {
	case "commitment":
		id, err := act.ParseID(subject)
		if err != nil {
			return "", true
		}
		return commitmentMark(c.state.Commitment(id), what, at.In(c.state.Zone()).Format(time.DateOnly))
	case "need":
		if id, err := act.ParseID(subject); err == nil && what == "views" && c.state.Need(id) != nil {
			return strconv.Itoa(len(c.state.Need(id).Statements())), true
		}
		return "", what == "views"
	case "authority":
		id, err := act.ParseID(subject)
		b := c.state.Balance(civic.Filter{Authority: id}, at)
		switch {
		case err != nil:
			return "", true
		case what == "views":
			return strconv.Itoa(b.Registered), true
		case what == "overdue":
			return strconv.Itoa(b.Overdue()), true
		}
	case "view", "tally", "mapped":
		key, err := act.ParseCode(c.prefix(), subject)
		v := c.state.StatementByCode(key)
		if err != nil || v == nil {
			return "", true
		}
		return c.viewMark(v, kind+"."+what, at)
	}
	return "", false
}

func (c *comparison) prefix() string {
	if p := c.state.Programme(); p != nil {
		return p.Prefix
	}
	return ""
}

func commitmentMark(p *civic.Commitment, what, today string) (want string, known bool) {
	if p == nil {
		return "", true
	}
	switch what {
	case "state":
		return string(p.State(today)), true
	case "start":
		return p.Start, true
	case "end":
		return p.End(), true
	case "first_end":
		return p.CommitmentMade.End, true
	}
	return "", false
}

func (c *comparison) viewMark(v *civic.Statement, what string, at time.Time) (want string, known bool) {
	standing, clock := v.Standing(at)
	switch what {
	case "view.state":
		return string(standing), true
	case "view.overdue":
		return strconv.FormatBool(clock.Overdue(at)), true
	case "mapped.":
		return c.mapMark(v.Dialogue, v.ID), true
	case "tally.":
		tally := c.tallies[v.Dialogue]
		if tally == nil {
			return "", true
		}
		for _, row := range tally.Statements {
			if row.Statement == v.ID && row.Agree != nil && row.Disagree != nil && row.Pass != nil {
				return fmt.Sprintf("%d/%d/%d", *row.Agree, *row.Disagree, *row.Pass), true
			}
		}
		return "", true
	}
	return "", false
}

// pastPage compares the balance on the first page as it stood on a day that has
// passed.
func (c *comparison) pastPage(ctx context.Context, day pastDay) error {
	path := "?lang=" + languages[int(day.rank%2)] + "&on=" + day.day
	answer, err := c.ask(ctx, c.config.Page, path)
	if err != nil {
		return fmt.Errorf("/%s: %w", path, err)
	}
	c.count(ClassPast, 1, 0)
	marks, err := marksOf(answer.Body)
	if err != nil {
		return fmt.Errorf("/%s: %w", path, err)
	}
	must, counts, there := balanceMarks(day.figure[0].balance), balanceCounts(day.figure[0].balance), map[string]bool{}
	for _, m := range marks {
		there[m.name] = true
		want, known := must[m.name]
		if !known {
			want, known = counts[m.name]
		}
		if !known {
			continue
		}
		c.count(ClassPast, 0, 1)
		if m.value != want || !m.says() {
			c.always = append(c.always, Finding{Check: CheckPage, Position: NoPosition, Figure: "/" + path + " " + m.name, Log: want, Site: strings.TrimSpace(m.text)})
		}
	}
	for name, want := range must {
		if !there[name] && want != "0" {
			c.always = append(c.always, Finding{Check: CheckPage, Position: NoPosition, Figure: "/" + path + " " + name, Log: want})
		}
	}
	return nil
}
