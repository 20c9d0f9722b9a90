package audit

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// rowsOfFile is how many rows a file of rows holds; those that follow are in the
// next.
const rowsOfFile = 1000

// files compares the files that pages offer: for spreadsheets, feed readers and
// calendars.
func (c *comparison) files(ctx context.Context) error {
	if c.config.Page == nil {
		return nil
	}
	for _, part := range []func(context.Context, string) error{c.viewRows, c.commitmentRows, c.answerRows, c.overdueRows, c.calendar, c.feeds} {
		for _, language := range languages {
			if err := part(ctx, language); err != nil || c.moved() {
				return err
			}
		}
	}
	return nil
}

// cells is what a row should hold, by column: only those columns are compared.
// A cell of which only the code is known begins with "code:" and its set.
type cells map[int]string

// code stands for the words of a code, which the auditor does not know: it learns
// them from the first row and holds the others to them.
func code(set, of string) string {
	if of == "" {
		return ""
	}
	return "code:" + set + ":" + of
}

// rows compares one file of rows. name finds what a row is about in it, for the
// finding.
func (c *comparison) rows(ctx context.Context, file, language string, page, columns int, ours []cells) error {
	path := fmt.Sprintf("data/%s?lang=%s", file, language)
	if page > 0 {
		path += fmt.Sprintf("&page=%d", page+1)
	}
	answer, has, err := c.public(ctx, ClassFiles, path)
	if err != nil || !has {
		return err
	}
	c.moment("/"+path, answer.AsAt)
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(answer.Body, []byte("\ufeff"))))
	reader.FieldsPerRecord = columns
	rows, err := reader.ReadAll()
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("/%s: %w: not a file of rows: %w", path, errForm, err)
	}
	rows = rows[1:]
	for i := range min(len(rows), len(ours)) {
		for _, column := range sortedColumns(ours[i]) {
			c.count(ClassFiles, 0, 1)
			if want := ours[i][column]; !c.cell(language, want, rows[i][column]) {
				c.found(CheckFile, fmt.Sprintf("/%s row %d, column %d", path, i+2, column+1), want, rows[i][column])
				return nil
			}
		}
	}
	if len(rows) != len(ours) {
		c.found(CheckFile, "/"+path+" rows", strconv.Itoa(len(ours)), strconv.Itoa(len(rows)))
	}
	return nil
}

func sortedColumns(row cells) []int {
	columns := make([]int, 0, len(row))
	for column := range row {
		columns = append(columns, column)
	}
	slices.Sort(columns)
	return columns
}

// cell reports whether a cell is what it should be. One code has one word in a
// language, and one word stands for one code.
func (c *comparison) cell(language, want, is string) bool {
	if path, isLink := strings.CutPrefix(want, "link:"); isLink {
		return strings.HasSuffix(is, path)
	}
	if amount, isMoney := strings.CutPrefix(want, "money:"); isMoney {
		return c.money(amount, is)
	}
	of, isCode := strings.CutPrefix(want, "code:")
	if !isCode {
		return want == is
	}
	set, _, _ := strings.Cut(of, ":")
	word, back := language+":"+of, language+"="+set+":"+is
	if known, has := c.words[word]; has {
		return known == is
	}
	if _, has := c.words[back]; has || is == "" {
		return false
	}
	c.words[word], c.words[back] = is, of
	return true
}

// link stands for the address of a page on the site.
func link(path string) string { return "link:" + path }

// money reports whether a cell is an amount of CURRENCY:MINOR. How many decimals a
// currency has the auditor does not know: none or two, and always the same.
func (c *comparison) money(amount, is string) bool {
	currency, minor, _ := strings.Cut(amount, ":")
	whole, decimals, _ := strings.Cut(is, ".")
	if n := len(decimals); n != 0 && n != 2 || strings.Contains(is, ".") && n == 0 {
		return false
	}
	key, places := "money:"+currency, strconv.Itoa(len(decimals))
	if known, has := c.words[key]; has && known != places {
		return false
	}
	c.words[key] = places
	digits := strings.TrimLeft(whole+decimals, "0")
	return digits == strings.TrimLeft(minor, "0")
}

// matter is the page of what a case is about.
func (c *comparison) matter(r *civic.Referral) string {
	if n := r.Need(); n != nil {
		return "/n/" + n.ID.String()
	}
	return "/v/" + string(c.state.Code(r.Of))
}

// written is a text as files hold it: what begins as a formula has an apostrophe in
// front.
func written(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}

// named adds what was promised, where everything is compared.
func (c *comparison) named(ctx context.Context, p *civic.Commitment, language string, row cells) error {
	if !c.thorough {
		return nil
	}
	var plan act.Plan
	_, err := c.content(ctx, civic.SectionRef{Act: p.ID, Name: "plan"}, &plan)
	if what := plan.What[language]; what != "" {
		row[0] = written(what)
	}
	return err
}

// reasoned adds an answer's words, and to how many views the same ones were given,
// where everything is compared.
func (c *comparison) reasoned(ctx context.Context, g civic.GivenAnswer, row cells) error {
	if !c.thorough {
		return nil
	}
	var reasons act.Reasons
	has, err := c.content(ctx, civic.SectionRef{Act: g.Answer.ID, Name: "reasons"}, &reasons)
	if err != nil || !has {
		return err
	}
	for _, one := range reasons.Cases {
		if one.Case != g.Of.ID {
			continue
		}
		row[6] = written(one.Text)
		if one.Text != "" && !c.erasedReasons() {
			row[7] = strconv.Itoa(c.state.SameReasons(one.Text))
		}
	}
	return nil
}

// of gives the rows of one page of a file.
func pageOf[T any](all []T, page int) []T {
	return all[min(len(all), page*rowsOfFile):min(len(all), (page+1)*rowsOfFile)]
}

func pagesOf(rows int) int { return max(1, (rows+rowsOfFile-1)/rowsOfFile) }

func dayOf(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}

func lastDay(clock civic.Clock) string {
	if !clock.Running() {
		return ""
	}
	return clock.LastDay().Format(time.DateOnly)
}

// viewRows compares files of views: where each stands, and by when.
func (c *comparison) viewRows(ctx context.Context, language string) error {
	views := c.state.Statements()
	pages := make([]int, pagesOf(len(views)))
	for i := range pages {
		pages[i] = i
	}
	for _, page := range pick(c.sampler, "rows", pages, sampledFiles, strconv.Itoa) {
		var ours []cells
		for _, v := range pageOf(views, page) {
			standing, clock := v.Standing(c.asAt)
			ours = append(ours, cells{0: string(c.state.Code(v.ID)), 1: dayOf(v.At, c.state.Zone()), 5: code("state", string(standing)), 6: code("reason", v.Reason),
				7: lastDay(clock), 8: code("late", strconv.FormatBool(clock.Overdue(c.asAt))), 11: link("/v/" + string(c.state.Code(v.ID)))})
		}
		if err := c.rows(ctx, "views.csv", language, page, 12, ours); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

func (c *comparison) commitmentRows(ctx context.Context, language string) error {
	all := c.state.Commitments()
	for page := range pagesOf(len(all)) {
		var ours []cells
		for _, p := range pageOf(all, page) {
			stands, late := p.State(c.today()), 0
			if stands == civic.CommitmentLate {
				late = c.state.WorkingDays(c.midnight(p.End()), c.asAt)
			}
			_, budget, funding, _ := p.Plan()
			row := cells{3: code("commitment", string(stands)), 4: p.CommitmentMade.End, 5: p.End(), 6: signed(p.Slip()), 7: strconv.Itoa(late),
				8: code("funding", funding), 9: "", 10: "", 11: "", 12: "", 13: link("/c/" + p.ID.String())}
			if budget != nil {
				row[9], row[10] = "money:"+budget.Currency+":"+strconv.FormatInt(budget.Minor, 10), budget.Currency
			}
			if err := c.named(ctx, p, language, row); err != nil {
				return err
			}
			if n := len(p.Claims); n > 0 {
				row[11] = code("status", p.Claims[n-1].Status)
			}
			if n := len(p.Assessments); n > 0 {
				row[12] = code("verdict", p.Assessments[n-1].Verdict)
			}
			ours = append(ours, row)
		}
		if err := c.rows(ctx, "commitments.csv", language, page, 14, ours); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

// signed writes a number as files do: what begins as a formula has an apostrophe
// in front.
func signed(n int) string {
	if n < 0 {
		return "'" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// midnight is the beginning of a day of a plan.
func (c *comparison) midnight(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, c.state.Zone())
	if err != nil {
		return time.Time{}
	}
	return t
}

func (c *comparison) answerRows(ctx context.Context, language string) error {
	all := c.state.GivenAnswers()
	for page := range pagesOf(len(all)) {
		var ours []cells
		for _, g := range pageOf(all, page) {
			row := cells{0: dayOf(g.Answer.At, c.state.Zone()), 2: code("position", g.Answer.Position), 4: strconv.Itoa(len(g.Of.Views())),
				5: code("decision", g.Answer.Decision(g.Of.ID)), 10: g.Answer.ConsideredOn, 11: code("late", strconv.FormatBool(!g.Answer.Superseded.IsZero())),
				13: link(c.matter(g.Of))}
			if err := c.reasoned(ctx, g, row); err != nil {
				return err
			}
			ours = append(ours, row)
		}
		if err := c.rows(ctx, "answers.csv", language, page, 14, ours); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

// overdueRows compares what is late: every view and every commitment, and for how
// long.
func (c *comparison) overdueRows(ctx context.Context, language string) error {
	var ours []cells
	late := c.state.Overdue(c.asAt)
	for _, v := range late.Slice(0, late.Len()) {
		_, clock := v.Standing(c.asAt)
		ours = append(ours, cells{0: string(c.state.Code(v.ID)), 1: code("step", string(clock.Step)), 3: lastDay(clock),
			4: strconv.Itoa(-c.state.WorkingDays(c.asAt, clock.LastDay())), 7: link("/v/" + string(c.state.Code(v.ID)))})
	}
	var plans []*civic.Commitment
	for _, p := range c.state.Commitments() {
		if p.State(c.today()) == civic.CommitmentLate {
			plans = append(plans, p)
		}
	}
	slices.SortStableFunc(plans, func(a, b *civic.Commitment) int { return strings.Compare(a.End(), b.End()) })
	for _, p := range plans {
		ours = append(ours, cells{0: code("kind", "commitment"), 1: code("commitment", string(civic.CommitmentLate)), 3: p.End(),
			4: strconv.Itoa(c.state.WorkingDays(c.midnight(p.End()), c.asAt)), 7: link("/c/" + p.ID.String())})
	}
	for page := range pagesOf(len(ours)) {
		if err := c.rows(ctx, "overdue.csv", language, page, 8, pageOf(ours, page)); err != nil || c.moved() {
			return err
		}
	}
	return nil
}
