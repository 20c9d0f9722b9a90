package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	asAt     time.Time // the first moment that was stated
	compared int
	settled  []Finding
	always   []Finding
}

func (c *comparison) compare(ctx context.Context) error {
	if err := c.balances(ctx); err != nil {
		return err
	}
	if c.position != c.state.Position() {
		// What follows is many requests whose answers could not be compared.
		return c.commitments(ctx)
	}
	if err := c.authorities(ctx); err != nil {
		return err
	}
	return c.commitments(ctx)
}

// get asks the API and decodes the answer.
func (c *comparison) get(ctx context.Context, path string, into any) (Answer, error) {
	answer, err := c.api(ctx, path)
	if err != nil {
		return answer, err
	}
	if !utf8.Valid(answer.Body) {
		return answer, fmt.Errorf("api/v1/%s: %w: invalid UTF-8", path, errForm)
	}
	if err := decodeJSON(answer.Body, into); err != nil {
		return answer, fmt.Errorf("api/v1/%s: %w: %w", path, errForm, err)
	}
	c.position = answer.Position
	c.compared++
	return answer, nil
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
	return nil
}

// balances compares the balance of everything and of every dialogue.
func (c *comparison) balances(ctx context.Context) error {
	if err := c.balance(ctx, "balance", civic.Filter{}); err != nil {
		return err
	}
	for _, d := range c.state.Dialogues() {
		if c.position != c.state.Position() {
			return nil
		}
		if err := c.balance(ctx, "balance?dialogue="+url.QueryEscape(d.Slug), civic.Filter{Dialogue: d.ID}); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) balance(ctx context.Context, path string, filter civic.Filter) error {
	var site any
	answer, err := c.get(ctx, path, &site)
	if err != nil {
		return err
	}
	c.moment(path, answer.AsAt)
	c.differ(path, c.state.Balance(filter, answer.AsAt), site)
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

// differ finds the first difference between what follows from the log and what
// the site says.
func (c *comparison) differ(path string, ours, site any) {
	encoded, err := json.Marshal(ours)
	var log any
	if err == nil {
		err = decodeJSON(encoded, &log)
	}
	if err != nil {
		c.settled = append(c.settled, Finding{Check: CheckFigure, Position: NoPosition, Figure: path, Detail: err.Error()})
		return
	}
	if where, a, b, same := difference("", log, site); !same {
		c.settled = append(c.settled, Finding{Check: CheckFigure, Position: NoPosition, Figure: path + " " + where, Log: a, Site: b})
	}
}

// difference compares two decoded values and gives the path of the first
// difference, names in order.
func difference(path string, ours, theirs any) (where, a, b string, same bool) {
	x, isObject := ours.(map[string]any)
	y, other := theirs.(map[string]any)
	if !isObject || !other {
		a, b = shown(ours), shown(theirs)
		return path, a, b, a == b
	}
	var names []string
	for name := range x {
		names = append(names, name)
	}
	for name := range y {
		if _, has := x[name]; !has {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		below := name
		if path != "" {
			below = path + "." + name
		}
		if where, a, b, same := difference(below, x[name], y[name]); !same {
			return where, a, b, false
		}
	}
	return "", "", "", true
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
		ID string `json:"id"`
	}
	if _, err := c.get(ctx, "authorities", &listed); err != nil {
		return err
	}
	site := map[string]bool{}
	for _, o := range listed {
		site[o.ID] = true
	}
	for _, o := range c.state.Organisations() {
		if !o.Authority {
			continue
		}
		if !site[o.ID.String()] {
			c.settled = append(c.settled, Finding{Check: CheckAuthority, Position: c.acts[o.ID].position, Figure: "authorities", Log: o.ID.String()})
			continue
		}
		delete(site, o.ID.String())
		if err := c.authority(ctx, o.ID); err != nil {
			return err
		}
		if c.position != c.state.Position() {
			return nil
		}
	}
	for id := range site {
		c.settled = append(c.settled, Finding{Check: CheckAuthority, Position: NoPosition, Figure: "authorities", Site: id})
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
	answer, err := c.get(ctx, path, &site)
	if err != nil {
		return err
	}
	c.moment(path, answer.AsAt)
	due, inTime := c.state.Punctuality(answer.AsAt)
	c.differ(path, map[string]any{
		"balance": c.state.Balance(civic.Filter{Authority: id}, answer.AsAt), "figures": c.state.Figures(id, answer.AsAt),
		"commitments": len(c.state.CommitmentsOf(id)), "all_authorities": map[string]int{"fell_due": due, "in_time": inTime},
	}, map[string]any{"balance": site.Balance, "figures": site.Figures, "commitments": site.Commitments, "all_authorities": site.All})
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
		answer, err := c.get(ctx, path, &list)
		if err != nil {
			return err
		}
		if answer.Position < c.state.Position() {
			return nil // from before some of them may have been made
		}
		before := len(said)
		for _, one := range list.Commitments {
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
	today := c.asAt.In(c.state.Zone()).Format(time.DateOnly)
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
