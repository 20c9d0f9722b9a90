package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/polis"
	"samleng/opinion"
)

type mapCommand struct {
	place
	Source    string `arg:"" optional:"" help:"Folder of a Polis export, or the name of a dialogue of the register (with --data or --database)." placeholder:"DIR|DIALOGUE"`
	Groups    string `help:"Take the groups from the column group-id of this participants-votes.csv instead of finding them." type:"existingfile" placeholder:"FILE"`
	JSON      bool   `name:"json" help:"Write everything as JSON."`
	Synthetic string `help:"Map generated votes instead: people, statements and votes of each, such as 17000000x1000x50." placeholder:"PxSxV"`
	Seed      uint64 `help:"Number from which votes are generated." default:"1"`
}

// Run computes an opinion map and writes it to standard output.
func (c *mapCommand) Run(ctx context.Context) error {
	if c.Synthetic != "" {
		return c.synthetic(os.Stdout, os.Stderr)
	}
	source, err := c.read(ctx)
	if err != nil {
		return err
	}
	report, err := source.report(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", " ")
		return encoder.Encode(report)
	}
	return report.tell(os.Stdout, source)
}

// mapSource is the votes that are mapped, and what their rows and columns are
// called where they come from.
type mapSource struct {
	votes      *opinion.Votes
	statements []string
	texts      []string // of the statements, where they are at hand
	numbers    bool     // the names of statements are numbers
	people     []string
	hidden     []bool // moderated out
	group      []int  // given groups by participant; nil to find them
	groups     []string
}

func (c *mapCommand) read(ctx context.Context) (*mapSource, error) {
	if c.Source == "" {
		return nil, errors.New("say what to map: the folder of a Polis export, or a dialogue with --data or --database")
	}
	info, err := os.Stat(c.Source)
	switch {
	case err == nil && info.IsDir():
		conversation, err := polis.Read(os.DirFS(c.Source))
		if err != nil {
			return nil, err
		}
		source, err := sourceOfExport(conversation)
		if err != nil || c.Groups == "" {
			return source, err
		}
		return source, source.take(c.Groups)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case c.Data == "" && c.Database == "":
		return nil, fmt.Errorf("%s is no folder; for a dialogue of a register say where that is: --data DIR or --database URL", c.Source)
	case c.Groups != "":
		return nil, errors.New("--groups goes with the folder of an export")
	}
	return c.readDialogue(ctx)
}

// sourceOfExport is the last vote of everybody on every comment.
func sourceOfExport(c *polis.Conversation) (*mapSource, error) {
	source := &mapSource{numbers: true}
	column, row := map[int64]int{}, map[int64]int{}
	voted := map[int64]bool{}
	for _, v := range c.Votes {
		voted[v.Comment] = true
	}
	// Ties fall to the earlier statement, which is the lower number.
	comments := slices.SortedFunc(slices.Values(c.Comments), func(a, b polis.Comment) int { return cmp.Compare(a.ID, b.ID) })
	for _, comment := range comments {
		if !voted[comment.ID] {
			continue
		}
		column[comment.ID] = len(source.statements)
		source.statements = append(source.statements, strconv.FormatInt(comment.ID, 10))
		source.texts = append(source.texts, comment.Text)
		source.hidden = append(source.hidden, comment.Moderated == polis.Rejected || isTrue(comment.Fields["is-meta"]))
	}
	for _, person := range c.Participants {
		row[person.ID] = len(source.people)
		source.people = append(source.people, strconv.FormatInt(person.ID, 10))
	}
	var cells []opinion.Cell
	for _, votes := range c.Cells() {
		last := votes[len(votes)-1]
		cells = append(cells, opinion.Cell{Participant: row[last.Voter], Statement: column[last.Comment], Vote: opinion.Vote(last.Value)})
	}
	var err error
	source.votes, err = opinion.FromCells(len(source.people), len(source.statements), cells)
	return source, err
}

func isTrue(text string) bool { is, err := strconv.ParseBool(text); return err == nil && is }

// take takes the groups of a participants-votes.csv, whose people are the
// source's.
func (s *mapSource) take(path string) error {
	given, err := polis.Read(os.DirFS(filepath.Dir(path)))
	if err != nil {
		return err
	}
	named := map[string]string{}
	ids := map[int]bool{}
	for _, person := range given.Participants {
		id := person.Fields["group-id"]
		if id == "" {
			continue
		}
		// Some exports write whole numbers with a decimal point.
		number, err := strconv.ParseFloat(id, 64)
		if err != nil || number != float64(int(number)) {
			return fmt.Errorf("%s: the group-id %q of participant %d is no whole number", path, id, person.ID)
		}
		named[strconv.FormatInt(person.ID, 10)] = strconv.Itoa(int(number))
		ids[int(number)] = true
	}
	if len(ids) == 0 {
		return fmt.Errorf("%s: nobody has a group-id", path)
	}
	index := map[string]int{}
	for _, id := range sortedInts(ids) {
		index[strconv.Itoa(id)] = len(s.groups)
		s.groups = append(s.groups, strconv.Itoa(id))
	}
	s.group = make([]int, len(s.people))
	for p, person := range s.people {
		s.group[p] = opinion.NoGroup
		if id, has := named[person]; has {
			s.group[p] = index[id]
		}
	}
	return nil
}

// readDialogue reads the votes of a dialogue of a register. People are numbers,
// by their first act.
func (c *mapCommand) readDialogue(ctx context.Context) (*mapSource, error) {
	r, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	source := &mapSource{}
	column := map[act.ID]int{}
	var cells []opinion.Cell
	found := false
	r.View(func(s *civic.State) {
		d := s.DialogueBySlug(c.Source)
		if d == nil {
			return
		}
		found = true
		for _, v := range d.Statements() {
			column[v.ID] = len(source.statements)
			source.statements = append(source.statements, string(s.Code(v.ID)))
			source.hidden = append(source.hidden, !v.Votable())
		}
		for v := range s.Votes(d.ID) {
			for len(source.people) <= v.Person {
				source.people = append(source.people, strconv.Itoa(len(source.people)))
			}
			cells = append(cells, opinion.Cell{Participant: v.Person, Statement: column[v.Statement.ID], Vote: opinion.Vote(v.Vote)})
		}
	})
	if !found {
		return nil, fmt.Errorf("the register has no dialogue %q", c.Source)
	}
	source.votes, err = opinion.FromCells(len(source.people), len(source.statements), cells)
	return source, err
}

// tell writes what a map says in a few lines.
func (m *mapReport) tell(w io.Writer, source *mapSource) error {
	p := &printer{w: w}
	p.f("%d people, %d statements, %d votes\n", m.Participants, m.Statements, m.Votes)
	p.f("%s\n", m.reading())
	if m.Stability != nil && len(m.Groups) > 1 {
		for _, k := range m.Stability.ByK {
			p.f("  %d groups: %.0f%% placed; agreement with parts of the people %.2f, of the votes %.2f; of those placed %.3f\n",
				k.Groups, 100*k.Placed, k.People, k.Votes, k.PlacedAgreement)
		}
	}
	for _, g := range m.Groups {
		if len(m.Groups) < 2 {
			break
		}
		p.f("\nGroup %s: %d people\n", g.ID, g.Size)
		for _, r := range g.Representative {
			p.f("  %-8s %.0f%%  %s\n", r.Direction, 100*r.PSuccess, source.say(r.column))
		}
	}
	for _, list := range []struct {
		what string
		rows []mapGround
	}{{"What every group surely agrees with", m.Common.Agree}, {"What every group surely disagrees with", m.Common.Disagree}, {"Where groups surely differ", m.Common.Divide}} {
		p.f("\n%s: %d of %d\n", list.what, len(list.rows), m.Statements)
		for i, row := range list.rows {
			if i == 10 {
				p.f("  and %d more\n", len(list.rows)-i)
				break
			}
			p.f("  %s\n", source.say(row.column))
		}
	}
	return p.err
}

// say is a statement's words, or its name where they are not at hand.
func (s *mapSource) say(column int) string {
	if column < len(s.texts) && s.texts[column] != "" {
		return s.texts[column]
	}
	return s.statements[column]
}

// printer writes until something fails.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) f(format string, values ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, values...)
	}
}
