package audit

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"

	"samleng/act"
	"samleng/civic"
)

// errTwice says that an act is in the log a second time.
var errTwice = errors.New("the act is in the log already")

// ballotBook is what headers show of ballots: the ids of all, for the state
// keeps those of other acts alone, and how many there were at the last release of
// each dialogue.
type ballotBook struct {
	ids      map[act.ID]struct{}
	released map[act.ID]int64
}

func newBallotBook() ballotBook {
	return ballotBook{map[act.ID]struct{}{}, map[act.ID]int64{}}
}

// twice reports whether a ballot is in the log a second time: a vote that counts
// again.
func (b *ballotBook) twice(h *act.Header) bool {
	if h.Kind != act.KindBallotCast {
		return false
	}
	_, has := b.ids[h.ID]
	b.ids[h.ID] = struct{}{}
	return has
}

// recount holds the last release of every dialogue to what headers allow: nobody
// votes twice on a view, and whoever votes cast a ballot, so that no view has more
// votes than the dialogue had ballots.
func (c *comparison) recount(ctx context.Context) error {
	for _, d := range c.state.Dialogues() {
		if err := c.lastMap(ctx, d.ID); err != nil {
			return err
		}
		all := c.state.Releases(d.ID)
		if len(all) == 0 {
			continue
		}
		last := all[len(all)-1]
		var tally act.Tally
		has, err := c.content(ctx, civic.SectionRef{Act: last.Act, Name: "tally"}, &tally)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		c.tallies[d.ID] = &tally
		rule, exact := c.state.Disclosure(d.ID)
		most := c.ballots.released[d.ID]
		if !exact {
			most += 3 * int64(rule.Rounding/2) // each of three parts is rounded
		}
		for _, row := range tally.Statements {
			if votes := votesOf(row); votes > most {
				c.always = append(c.always, Finding{Check: CheckRelease, Position: c.acts[last.Act].position, Figure: row.Statement.String(),
					Log: strconv.FormatInt(c.ballots.released[d.ID], 10), Site: strconv.FormatInt(votes, 10), Detail: "more votes than ballots"})
				break
			}
		}
	}
	return nil
}

func votesOf(row act.StatementTally) (n int64) {
	for _, part := range []*int{row.Agree, row.Disagree, row.Pass} {
		if part != nil {
			n += int64(*part)
		}
	}
	return n
}

// releases compares the tallies and maps that the site shows with the sections of
// the acts that released them, and public votes with the tally of them.
func (c *comparison) releases(ctx context.Context) error {
	for _, d := range pick(c.sampler, "release", c.state.Dialogues(), sampledReleases, func(d *civic.Dialogue) string { return d.Slug }) {
		for _, part := range []func(context.Context, *civic.Dialogue) error{c.tally, c.opinionMap, c.publicVotes} {
			if err := part(ctx, d); err != nil || c.moved() {
				return err
			}
		}
	}
	return nil
}

// released compares an answer with a section, whether there is one or not.
func (c *comparison) released(ctx context.Context, path string, position int64, ours object) error {
	var site any
	_, has, err := c.find(ctx, ClassReleases, path, &site)
	if err != nil {
		return err
	}
	if has != (ours != nil) {
		f := Finding{Check: CheckRelease, Position: position, Figure: path}
		if has {
			f.Site = shown(site)
		} else {
			f.Log = shown(ours)
		}
		c.settled = append(c.settled, f)
		return nil
	}
	if has {
		before := len(c.settled)
		c.differ(ClassReleases, CheckRelease, path, ours, site, exactly, &c.settled)
		if len(c.settled) > before {
			c.settled[before].Position = position
		}
	}
	return nil
}

func (c *comparison) tally(ctx context.Context, d *civic.Dialogue) error {
	var ours object
	position := int64(NoPosition)
	if tally := c.tallies[d.ID]; tally != nil {
		all := c.state.Releases(d.ID)
		last := all[len(all)-1]
		position = c.acts[last.Act].position
		rows := []object{}
		for _, row := range tally.Statements {
			rows = append(rows, object{"statement": row.Statement.String(), "agree": row.Agree, "disagree": row.Disagree, "pass": row.Pass})
		}
		ours = object{"act": last.Act.String(), "as_at": last.At, "at": last.When.UTC(), "participants": tally.Participants, "statements": rows}
	}
	return c.released(ctx, "dialogues/"+url.PathEscape(d.Slug)+"/tallies", position, ours)
}

func (c *comparison) opinionMap(ctx context.Context, d *civic.Dialogue) error {
	var ours object
	position := int64(NoPosition)
	if m := c.maps[d.ID]; m != nil {
		all := c.state.Maps(d.ID)
		last := all[len(all)-1]
		position, ours = c.acts[last.Act].position, mapAnswer(last, m)
	}
	return c.released(ctx, "dialogues/"+url.PathEscape(d.Slug)+"/map", position, ours)
}

// lastMap reads the map that a dialogue published last.
func (c *comparison) lastMap(ctx context.Context, dialogue act.ID) error {
	all := c.state.Maps(dialogue)
	if len(all) == 0 {
		return nil
	}
	var m act.OpinionMap
	has, err := c.content(ctx, civic.SectionRef{Act: all[len(all)-1].Act, Name: "map"}, &m)
	if has {
		c.maps[dialogue] = &m
	}
	return err
}

func mapAnswer(last civic.Release, m *act.OpinionMap) object {
	groups, rows := []object{}, []object{}
	for _, g := range m.Groups {
		holds := []object{}
		for _, held := range g.Holds {
			holds = append(holds, object{"statement": held.Statement.String(), "vote": held.Vote.String()})
		}
		groups = append(groups, object{"size": g.Size, "centre": g.Centre, "spread": g.Spread, "holds": holds})
	}
	for _, row := range m.Statements {
		rows = append(rows, object{"statement": row.Statement.String(), "all": row.All, "groups": row.Groups})
	}
	return object{"act": last.Act.String(), "as_at": last.At, "at": last.When.UTC(), "participants": m.Participants, "unplaced": m.Unplaced, "finding": m.Finding,
		"groups": groups, "statements": rows, "agree": idsOf(m.Agree), "disagree": idsOf(m.Disagree), "divide": idsOf(m.Divide), "stability": m.Stable}
}

// publicVotes counts the votes that the site serves of a dialogue whose source had
// published them, and compares them with the tally. Ballots themselves are always
// sealed: who cast which act nobody can see, but with these anybody can count
// again.
func (c *comparison) publicVotes(ctx context.Context, d *civic.Dialogue) error {
	tally := c.tallies[d.ID]
	if !d.Public || tally == nil {
		return nil
	}
	path := "dialogues/" + url.PathEscape(d.Slug) + "/votes.csv"
	answer, err := c.ask(ctx, c.config.API, path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrTooLong) {
		c.report.skip(ReasonReleases, 1, NoPosition, "")
		return nil
	}
	if err != nil {
		return err
	}
	c.answered("api/v1/"+path, answer.Position)
	c.count(ClassReleases, 1, 0)
	rows, err := csv.NewReader(bytes.NewReader(answer.Body)).ReadAll()
	if err != nil || len(rows) == 0 || len(rows[0]) < 4 {
		return fmt.Errorf("api/v1/%s: %w", path, errForm)
	}
	all := c.state.Releases(d.ID)
	votes, wrong := readVotes(rows[1:], all[len(all)-1].At, c.state.Position(), c.state.Ballots(d.ID))
	if wrong != nil {
		c.found(CheckRelease, fmt.Sprintf("%s row %d", path, wrong.row), "", shown(rows[wrong.row-1])+" "+wrong.why)
		return nil
	}
	for _, row := range tally.Statements {
		id := row.Statement.String()
		c.count(ClassReleases, 0, 3)
		if ours, site, ok := votes.fit(row); !ok {
			c.found(CheckRelease, path+" "+id, ours, site)
		}
	}
	return nil
}
