package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"samleng/act"
	"samleng/civic"
)

// comparison is one look at what the site says. Its findings count only where
// the site answered from the very position of the state, but for those that no
// later act can make right.
type comparison struct {
	*auditor
	state    *civic.State
	position int64     // of the last answer
	strayed  *stray    // the first answer that was of another position
	asAt     time.Time // the first moment that was stated
	compared map[Class]Compared
	settled  []Finding
	always   []Finding
	tallies  map[act.ID]*act.Tally // the last release of each dialogue that was looked at
	words    map[string]string     // what pages and files call a code, and the reverse
	// punctuality is how many cases of the authority whose page is looked at fell due,
	// and how many of them were answered in time.
	punctuality []string
	maps        map[act.ID]*act.OpinionMap // the last one of each dialogue
	strange     int64                      // figures on pages that this program does not know
}

// compare goes through all that the site says. Once the site has gone on, what
// follows would be many requests whose answers cannot be compared.
func (c *comparison) compare(ctx context.Context) error {
	for _, part := range []struct {
		always bool
		do     func(context.Context) error
	}{
		{true, c.balances}, {true, c.commitments}, {true, c.past}, {false, c.yesterday}, {false, c.filtered}, {false, c.authorities},
		{false, c.dialogues}, {false, c.plans}, {false, c.needs}, {false, c.cases}, {false, c.answers}, {false, c.lists}, {false, c.threads},
		{false, c.releases}, {false, c.pages}, {false, c.files}, {false, c.witnesses},
	} {
		if !part.always && c.moved() {
			return nil
		}
		if err := part.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stray is an answer of another position than the state's.
type stray struct {
	path     string
	position int64
}

// moved reports whether the last answer was not from the state's position.
func (c *comparison) moved() bool { return c.position != c.state.Position() }

// answered notes from which position an answer is.
func (c *comparison) answered(path string, position int64) {
	c.position = position
	if c.strayed == nil && c.moved() {
		c.strayed = &stray{path, position}
	}
}

// straying finds a site that said of one answer that it had gone on, when it had
// not: nothing behind that answer was compared. after is its position since. A
// register never goes back.
func (c *comparison) straying(after int64) *Finding {
	if c.strayed == nil || c.strayed.position != NoPosition && c.strayed.position <= after {
		return nil
	}
	said := "none"
	if c.strayed.position != NoPosition {
		said = fmt.Sprint(c.strayed.position)
	}
	return &Finding{Check: CheckFigure, Position: NoPosition, Figure: c.strayed.path + " Samleng-Position", Log: fmt.Sprint(c.state.Position()), Site: said}
}

// get asks the API and decodes the answer.
func (c *comparison) get(ctx context.Context, class Class, path string, into any) (Answer, error) {
	answer, has, err := c.find(ctx, class, path, into)
	if err == nil && !has {
		err = fmt.Errorf("the site has no api/v1/%s: %w", path, errForm)
	}
	return answer, err
}

// find is get for what need not be there.
func (c *comparison) find(ctx context.Context, class Class, path string, into any) (answer Answer, has bool, err error) {
	answer, err = c.ask(ctx, c.config.API, path)
	if errors.Is(err, fs.ErrNotExist) {
		return answer, false, nil
	}
	if err != nil {
		return answer, false, err
	}
	if !utf8.Valid(answer.Body) {
		return answer, false, fmt.Errorf("api/v1/%s: %w: invalid UTF-8", path, errForm)
	}
	if err := decodeJSON(answer.Body, into); err != nil {
		return answer, false, fmt.Errorf("api/v1/%s: %w: %w", path, errForm, err)
	}
	c.answered("api/v1/"+path, answer.Position)
	c.count(class, 1, 0)
	return answer, true, nil
}

// count notes what was compared.
func (c *comparison) count(class Class, answers, figures int) {
	n := c.compared[class]
	n.Answers, n.Figures = n.Answers+answers, n.Figures+figures
	c.compared[class] = n
}

// found records a finding that counts only if the site stands still.
func (c *comparison) found(check Check, figure, log, site string) {
	c.settled = append(c.settled, Finding{Check: check, Position: NoPosition, Figure: figure, Log: log, Site: site})
}

// decodeJSON decodes one value and nothing after it, numbers as they stand.
func decodeJSON(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something after its end")
	}
	return checkNames(content)
}

// balances compares the balance of everything and of dialogues.
func (c *comparison) balances(ctx context.Context) error {
	if err := c.balance(ctx, "balance", civic.Filter{}); err != nil {
		return err
	}
	for _, d := range c.sampleDialogues() {
		if c.moved() {
			return nil
		}
		if err := c.balance(ctx, "balance?dialogue="+url.QueryEscape(d.Slug), civic.Filter{Dialogue: d.ID}); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) sampleDialogues() []*civic.Dialogue {
	return pick(c.sampler, "dialogue", c.state.Dialogues(), sampledDialogues, func(d *civic.Dialogue) string { return d.Slug })
}

func (c *comparison) sampleAuthorities() []*civic.Organisation {
	return pick(c.sampler, "authority", authoritiesOf(c.state), sampledAuthorities, func(o *civic.Organisation) string { return o.ID.String() })
}

// filtered compares balances of places, of authorities, and of periods.
func (c *comparison) filtered(ctx context.Context) error {
	type asked struct {
		query  string
		filter civic.Filter
	}
	var all []asked
	for _, p := range pick(c.sampler, "place", c.state.Places(0), sampledPlaces, func(p *civic.Place) string { return p.Code }) {
		all = append(all, asked{"place=" + url.QueryEscape(p.Code), civic.Filter{Place: p.Code}})
	}
	for _, o := range c.sampleAuthorities() {
		all = append(all, asked{"authority=" + o.ID.String(), civic.Filter{Authority: o.ID}})
	}
	views := c.state.Statements()
	for i := range sampledPeriods {
		if len(views) == 0 {
			break
		}
		day := func(kind string) string {
			v := views[c.rank(kind, strconv.Itoa(i))%uint64(len(views))]
			return v.At.In(c.state.Zone()).Format(time.DateOnly)
		}
		from, until := day("from"), day("until")
		from, until = min(from, until), max(from, until)
		all = append(all, asked{"from=" + from + "&until=" + until, civic.Filter{From: from, Until: until}})
	}
	for _, a := range all {
		if err := c.balance(ctx, "balance?"+a.query, a.filter); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

func (c *comparison) balance(ctx context.Context, path string, filter civic.Filter) error {
	var site any
	answer, err := c.get(ctx, ClassBalance, path, &site)
	if err != nil {
		return err
	}
	c.moment(path, answer.AsAt)
	c.differ(ClassBalance, CheckFigure, path, c.state.Balance(filter, answer.AsAt), site, exactly, &c.settled)
	return nil
}

// moment remembers the first moment that the site states.
func (c *comparison) moment(path string, at time.Time) {
	if c.asAt.IsZero() {
		c.asAt = at
	}
	if f := c.checkMoment(path, at); f != nil {
		c.always = append(c.always, *f)
	}
}

// extent says which members of an object are compared.
type extent bool

const (
	exactly extent = true  // all of both
	known   extent = false // those that the log gives
)

// differ finds the first difference between what follows from the log and what
// the site says.
func (c *comparison) differ(class Class, check Check, path string, ours, site any, of extent, findings *[]Finding) {
	encoded, err := json.Marshal(ours)
	var log any
	if err == nil {
		err = decodeJSON(encoded, &log)
	}
	if err != nil {
		*findings = append(*findings, Finding{Check: check, Position: NoPosition, Figure: path, Detail: err.Error()})
		return
	}
	d := difference{of: of}
	if !d.same("", log, site) {
		*findings = append(*findings, Finding{Check: check, Position: NoPosition, Figure: path + " " + d.where, Log: shown(d.log), Site: shown(d.site)})
	}
	c.count(class, 0, d.compared)
}

// difference is the first difference of two decoded values, names in order.
type difference struct {
	of        extent
	compared  int // single values
	where     string
	log, site any
}

func (d *difference) same(path string, ours, theirs any) bool {
	if x, is := ours.(map[string]any); is {
		if y, is := theirs.(map[string]any); is {
			return d.sameMembers(path, x, y)
		}
	}
	if x, is := ours.([]any); is {
		if y, is := theirs.([]any); is && len(x) == len(y) {
			for i := range x {
				if !d.same(fmt.Sprintf("%s[%d]", path, i), x[i], y[i]) {
					return false
				}
			}
			return true
		}
	}
	d.compared++
	if shown(ours) == shown(theirs) && sameText(ours, theirs) {
		return true
	}
	d.where, d.log, d.site = path, ours, theirs
	return false
}

// sameText compares texts that are too long to be shown.
func sameText(ours, theirs any) bool {
	x, is := ours.(string)
	y, other := theirs.(string)
	return !is || !other || x == y
}

func (d *difference) sameMembers(path string, ours, theirs map[string]any) bool {
	var names []string
	for name := range ours {
		names = append(names, name)
	}
	for name := range theirs {
		if _, has := ours[name]; !has && d.of == exactly {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		below := name
		if path != "" {
			below = path + "." + name
		}
		if !d.same(below, ours[name], theirs[name]) {
			return false
		}
	}
	return true
}

// mostShown is how much of a value a finding quotes.
const mostShown = 200

func shown(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	if len(encoded) > mostShown {
		return string(encoded[:mostShown]) + "…"
	}
	return string(encoded)
}

// authorities compares the list of authorities, and the figures of each.
func (c *comparison) authorities(ctx context.Context) error {
	var listed []struct {
		ID          string `json:"id"`
		Balance     any    `json:"balance"`
		Commitments int    `json:"commitments"`
	}
	if _, err := c.get(ctx, ClassAuthorities, "authorities", &listed); err != nil {
		return err
	}
	site := map[string]int{}
	for i, o := range listed {
		if _, twice := site[o.ID]; twice {
			c.settled = append(c.settled, Finding{Check: CheckAuthority, Position: NoPosition, Figure: "authorities", Site: o.ID, Detail: "twice"})
		}
		site[o.ID] = i
	}
	for _, o := range authoritiesOf(c.state) {
		at, has := site[o.ID.String()]
		if !has {
			c.settled = append(c.settled, Finding{Check: CheckAuthority, Position: c.acts[o.ID].position, Figure: "authorities", Log: o.ID.String()})
			continue
		}
		delete(site, o.ID.String())
		c.differ(ClassAuthorities, CheckFigure, "authorities "+o.ID.String(),
			map[string]any{"balance": c.state.Balance(civic.Filter{Authority: o.ID}, c.asAt), "commitments": len(c.state.CommitmentsOf(o.ID))},
			map[string]any{"balance": listed[at].Balance, "commitments": listed[at].Commitments}, exactly, &c.settled)
	}
	for id := range site {
		c.found(CheckAuthority, "authorities", "", id)
	}
	for _, o := range c.sampleAuthorities() {
		if err := c.authority(ctx, o.ID); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

func (c *comparison) authority(ctx context.Context, id act.ID) error {
	path := "authorities/" + id.String()
	var site struct {
		Balance     any `json:"balance"`
		Figures     any `json:"figures"`
		Commitments any `json:"commitments"`
		All         any `json:"all_authorities"`
	}
	answer, err := c.get(ctx, ClassAuthorities, path, &site)
	if err != nil {
		return err
	}
	c.moment(path, answer.AsAt)
	due, inTime := c.state.Punctuality(answer.AsAt)
	c.differ(ClassAuthorities, CheckFigure, path, map[string]any{
		"balance": c.state.Balance(civic.Filter{Authority: id}, answer.AsAt), "figures": c.state.Figures(id, answer.AsAt),
		"commitments": len(c.state.CommitmentsOf(id)), "all_authorities": map[string]int{"fell_due": due, "in_time": inTime},
	}, map[string]any{"balance": site.Balance, "figures": site.Figures, "commitments": site.Commitments, "all_authorities": site.All}, exactly, &c.settled)
	return nil
}

// commitmentSaid is what the API says of a commitment, as far as it follows from
// headers.
type commitmentSaid struct {
	ID          string `json:"id"`
	Responsible string `json:"responsible"`
	Verifier    string `json:"verifier"`
	State       string `json:"state"`
	Start       string `json:"start"`
	FirstEnd    string `json:"first_end"`
	End         string `json:"end"`
	Slip        int    `json:"slip"`
}

// mostMore bounds how many commitments are read beyond those that the log has: a
// site could give next ones for ever.
const mostMore = 10_000

// commitments compares every commitment. That it is there, and its first dates,
// no later act can change.
func (c *comparison) commitments(ctx context.Context) error {
	said, cursor := map[string]commitmentSaid{}, ""
	most := len(c.state.Commitments()) + mostMore
	for {
		path := "commitments?limit=200"
		if cursor != "" {
			path += "&cursor=" + url.QueryEscape(cursor)
		}
		var list struct {
			Commitments []commitmentSaid `json:"commitments"`
			Next        string           `json:"next"`
		}
		answer, err := c.get(ctx, ClassCommitments, path, &list)
		if err != nil {
			return err
		}
		if answer.Position < c.state.Position() {
			return nil // from before some of them may have been made
		}
		before := len(said)
		for _, one := range list.Commitments {
			if first, twice := said[one.ID]; twice {
				c.settled = append(c.settled, Finding{Check: CheckCommitment, Position: NoPosition, Figure: "commitments " + one.ID, Log: shown(first), Site: shown(one), Detail: "twice"})
			}
			said[one.ID] = one
		}
		if list.Next == "" {
			break
		}
		if _, err := strconv.ParseInt(list.Next, 10, 64); err != nil || len(said) == before || len(said) > most {
			return fmt.Errorf("api/v1/commitments: %w: a list without end", errForm)
		}
		cursor = list.Next
	}
	for _, ours := range c.state.Commitments() {
		site, has := said[ours.ID.String()]
		delete(said, ours.ID.String())
		c.commitment(ours, site, has)
	}
	for id := range said {
		c.settled = append(c.settled, Finding{Check: CheckCommitment, Position: NoPosition, Figure: "commitments", Site: id})
	}
	return nil
}

func (c *comparison) commitment(ours *civic.Commitment, site commitmentSaid, has bool) {
	f := Finding{Check: CheckCommitment, Position: c.acts[ours.ID].position, Kind: string(act.KindCommitmentMade), Figure: "commitments/" + ours.ID.String()}
	if !has {
		f.Log = ours.ID.String()
		c.always = append(c.always, f)
		return
	}
	for _, field := range []struct{ name, log, site string }{
		{"responsible", ours.Responsible.String(), site.Responsible}, {"verifier", ours.Verifier.String(), site.Verifier},
		{"start", ours.Start, site.Start}, {"first_end", ours.CommitmentMade.End, site.FirstEnd},
	} {
		if field.log != field.site {
			wrong := f
			wrong.Figure, wrong.Log, wrong.Site = f.Figure+" "+field.name, field.log, field.site
			c.always = append(c.always, wrong)
		}
	}
	c.count(ClassCommitments, 0, 7)
	today := c.today()
	for _, field := range []struct{ name, log, site string }{
		{"end", ours.End(), site.End}, {"slip", strconv.Itoa(ours.Slip()), strconv.Itoa(site.Slip)},
		{"state", string(ours.State(today)), site.State},
	} {
		if field.log != field.site {
			wrong := f
			wrong.Figure, wrong.Log, wrong.Site = f.Figure+" "+field.name, field.log, field.site
			c.settled = append(c.settled, wrong)
		}
	}
}

// today is the day of the site's moment, in the programme's zone.
func (c *comparison) today() string { return c.asAt.In(c.state.Zone()).Format(time.DateOnly) }
