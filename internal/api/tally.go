package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// tallies keeps the last release of each dialogue, decoded: releases never
// change.
type tallies struct {
	mu         sync.Mutex
	byDialogue map[act.ID]*released
}

type released struct {
	release civic.Release
	tally   act.Tally
	rows    map[act.ID]act.StatementTally
}

// released gives the last release of a dialogue's figures, nil if there was
// none yet.
func (a *API) released(ctx context.Context, dialogue act.ID) (*released, error) {
	var last civic.Release
	a.reader.View(func(s *civic.State) {
		if all := s.Releases(dialogue); len(all) > 0 {
			last = all[len(all)-1]
		}
	})
	if last.Act.IsZero() {
		return nil, nil
	}
	a.tallies.mu.Lock()
	known := a.tallies.byDialogue[dialogue]
	a.tallies.mu.Unlock()
	if known != nil && known.release.Act == last.Act {
		return known, nil
	}
	fresh := &released{release: last, rows: map[act.ID]act.StatementTally{}}
	if err := a.reader.Content(ctx, civic.Actor{}, civic.SectionRef{Act: last.Act, Name: "tally"}, &fresh.tally); err != nil {
		return nil, err
	}
	for _, row := range fresh.tally.Statements {
		fresh.rows[row.Statement] = row
	}
	a.tallies.mu.Lock()
	defer a.tallies.mu.Unlock()
	if a.tallies.byDialogue == nil {
		a.tallies.byDialogue = map[act.ID]*released{}
	}
	a.tallies.byDialogue[dialogue] = fresh
	return fresh, nil
}

// Release is the figures of a dialogue, frozen at a position. They move in
// steps, so that the difference of two reveals no single vote.
type Release struct {
	Act          string         `json:"act"`
	AsAt         int64          `json:"as_at" doc:"The position whose figures these are"`
	At           time.Time      `json:"at"`
	Participants *int           `json:"participants" doc:"Null is too few to show"`
	Statements   []ReleaseTally `json:"statements"`
}

// ReleaseTally is the votes on one view. Null is too few to show.
type ReleaseTally struct {
	Statement string `json:"statement"`
	Agree     *int   `json:"agree"`
	Disagree  *int   `json:"disagree"`
	Pass      *int   `json:"pass"`
}

type releaseOut struct{ Body Release }

func (a *API) lastTallies(ctx context.Context, in *dialogueIn) (*releaseOut, error) {
	var dialogue act.ID
	if err := a.inDialogue(in.Slug, func(_ *civic.State, d *civic.Dialogue) { dialogue = d.ID }); err != nil {
		return nil, err
	}
	last, err := a.released(ctx, dialogue)
	if err != nil {
		return nil, err
	}
	if last == nil {
		return nil, problem.New(problem.NotFound, civic.RefusedRelease)
	}
	out := &releaseOut{Body: Release{
		Act: last.release.Act.String(), AsAt: last.release.At, At: last.release.When.UTC(),
		Participants: last.tally.Participants, Statements: []ReleaseTally{},
	}}
	for _, row := range last.tally.Statements {
		out.Body.Statements = append(out.Body.Statements, ReleaseTally{row.Statement.String(), row.Agree, row.Disagree, row.Pass})
	}
	return out, nil
}

// votes writes who voted what in a dialogue whose source had published that.
// People are numbers, by their first act; the numbers that the source gave
// people and statements stand beside, so that anybody can compare.
func (a *API) votes(_ context.Context, in *dialogueIn) (*huma.StreamResponse, error) {
	type row struct {
		person    int
		statement act.ID
		vote      act.Vote
		position  int64
		time      int64

		sourcePerson, sourceStatement string
	}
	var rows []row
	public := false
	err := a.inDialogue(in.Slug, func(s *civic.State, d *civic.Dialogue) {
		if public = d.Public; !public {
			return
		}
		for vote := range s.Votes(d.ID) {
			r := row{person: vote.Person, statement: vote.Statement.ID, vote: vote.Vote, position: vote.Position, time: vote.Time}
			if self, has := s.Self(d.ID, vote.Pseudonym); has && self.Origin != nil {
				r.sourcePerson = self.Origin.ID
			}
			if origin := s.Origin(vote.Statement.ID); origin != nil {
				r.sourceStatement = origin.ID
			}
			rows = append(rows, r)
		}
	})
	if err != nil {
		return nil, err
	}
	if !public {
		return nil, problem.New(problem.Forbidden, "problem.votes_private")
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		ctx.SetStatus(http.StatusOK)
		var chunk bytes.Buffer
		w := csv.NewWriter(&chunk)
		// A buffer's writer never fails; whoever hung up ends the loop below.
		_ = w.Write([]string{"person", "statement", "vote", "position", "time_ms", "source_person", "source_statement"})
		for i, r := range rows {
			_ = w.Write([]string{strconv.Itoa(r.person), r.statement.String(), r.vote.String(), strconv.FormatInt(r.position, 10), strconv.FormatInt(r.time, 10),
				r.sourcePerson, r.sourceStatement})
			if i%1000 != 999 {
				continue
			}
			w.Flush()
			if _, err := ctx.BodyWriter().Write(chunk.Bytes()); err != nil {
				return
			}
			chunk.Reset()
		}
		w.Flush()
		_, _ = ctx.BodyWriter().Write(chunk.Bytes())
	}}, nil
}
