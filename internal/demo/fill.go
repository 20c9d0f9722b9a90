package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"filippo.io/age"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/blob"
	"samleng/internal/register"
)

// Config says how a register is filled.
type Config struct {
	// Seed decides what is said and what becomes of it.
	Seed uint64
	// Today is the moment up to which things have happened.
	Today time.Time
	// Clock is the clock with which the register was opened.
	Clock *Clock
	// Files takes the pictures that show what was done.
	Files *blob.Store
}

// Filled is what whoever shows the demonstration needs besides the register.
type Filled struct {
	// Followed is the receipt of a view that was published, Withheld that of
	// one whose holder may still appeal.
	Followed, Withheld register.Receipt
	// Trustee opens the views that are sealed to the trustees (an age identity).
	// It is nowhere else.
	Trustee string
}

// Fill fills an empty register. One that is not empty is refused. On an error
// the register is half filled and not to be used.
func Fill(ctx context.Context, r *register.Register, config Config) (*Filled, error) {
	if r.Position() != 0 {
		return nil, errors.New("demo: the register is not empty")
	}
	c, err := load()
	if err != nil {
		return nil, err
	}
	s, err := write(c, config.Seed, config.Today)
	if err != nil {
		return nil, err
	}
	trustee, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	f := &filler{
		register: r, clock: config.Clock, content: c, script: s, random: rand.Reader, files: config.Files, trustees: []string{trustee.Recipient().String()},
		organisations: map[string]act.ID{}, staff: map[staff]civic.Actor{}, dialogues: map[string]act.ID{},
		views: map[*view]register.Receipt{}, corrections: map[*view]act.ID{}, tokens: map[*person]string{}, witnesses: map[string]string{},
	}
	f.clock.set(s.founded)
	if err := f.found(ctx); err != nil {
		return nil, fmt.Errorf("demo: found the programme: %w", err)
	}
	if err := f.perform(ctx); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	f.clock.set(config.Today)
	if err := r.Rule(ctx); err != nil {
		return nil, fmt.Errorf("demo: let silent cases go up: %w", err)
	}
	if err := r.Release(ctx); err != nil {
		return nil, fmt.Errorf("demo: release figures: %w", err)
	}
	if err := r.Publish(ctx); err != nil {
		return nil, fmt.Errorf("demo: sign the log: %w", err)
	}
	for _, w := range watchers {
		if w.days[len(w.days)-1] == 0 {
			if err := f.cosign(ctx, w); err != nil {
				return nil, fmt.Errorf("demo: cosign: %w", err)
			}
		}
	}
	filled := &Filled{Trustee: trustee.String()}
	for _, v := range s.views {
		switch {
		case v.detail != "" && filled.Followed.Secret == "":
			filled.Followed = f.views[v]
		case len(v.steps) == 1 && v.steps[0].kind == act.KindStatementWithheld && v.steps[0].reason == "personal_data":
			filled.Withheld = f.views[v]
		}
	}
	return filled, nil
}

// filler performs a script.
type filler struct {
	register *register.Register
	clock    *Clock
	content  *content
	script   *script
	random   io.Reader
	trustees []string
	files    *blob.Store

	organisations map[string]act.ID
	staff         map[staff]civic.Actor
	dialogues     map[string]act.ID
	tokens        map[*person]string
	slips         []register.Slip
	witnesses     map[string]string // their secret keys by organisation

	mu          sync.Mutex // guards what acts of one hour add to
	views       map[*view]register.Receipt
	corrections map[*view]act.ID
}

// deed is something that is done at an hour. What is done at one hour is done
// at once, so that it shares transactions: none of it depends on another.
type deed struct {
	at time.Time
	// alone says that it comes after everything else of its hour, with nothing
	// beside it: all others may read what it changes.
	alone bool
	what  string
	do    func(context.Context) error
}

// mostInFlight is how many acts are submitted at once.
const mostInFlight = 512

// perform does everything of the script in order.
func (f *filler) perform(ctx context.Context) error {
	if err := f.prepare(); err != nil {
		return err
	}
	deeds := f.deeds()
	slices.SortStableFunc(deeds, func(a, b deed) int {
		if c := a.at.Compare(b.at); c != 0 || a.alone == b.alone {
			return c
		} else if a.alone {
			return 1
		}
		return -1
	})
	for len(deeds) > 0 {
		n := 1
		for n < len(deeds) && deeds[n].at.Equal(deeds[0].at) && !deeds[n].alone && !deeds[0].alone {
			n++
		}
		f.clock.set(deeds[0].at.Add(20 * time.Minute))
		if err := together(ctx, deeds[:n]); err != nil {
			return err
		}
		deeds = deeds[n:]
	}
	return nil
}

// together does the deeds at once and gives the first error.
func together(ctx context.Context, deeds []deed) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running sync.WaitGroup
	places := make(chan struct{}, mostInFlight)
	for _, d := range deeds {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			if err := d.do(ctx); err != nil {
				stop(fmt.Errorf("%s on %s: %w", d.what, d.at.Format(time.DateOnly), err))
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// prepare draws what people bring along: their tokens, and the slips of paper.
func (f *filler) prepare() error {
	for _, p := range f.script.people {
		token, err := register.NewToken(f.random)
		if err != nil {
			return err
		}
		f.tokens[p] = token.String()
	}
	slips := 0
	for _, v := range f.script.views {
		if v.slip {
			slips++
		}
	}
	var err error
	f.slips, err = f.register.NewSlips(max(1, slips), f.random)
	return err
}

// deeds lists everything that is to be done.
func (f *filler) deeds() []deed {
	days := f.script.days
	var all []deed
	for _, d := range f.content.programme.Dialogues {
		all = append(all, deed{at: days.on(d.Announced, 9), alone: true, what: "announce", do: func(ctx context.Context) error { return f.announce(ctx, d) }})
		for _, turn := range []struct {
			at    time.Time
			facts act.Facts
		}{{days.on(d.Opens, 8), &act.DialogueOpened{}}, {days.on(d.Closes, 17), &act.DialogueClosed{}}} {
			if days.past(turn.at) {
				all = append(all, deed{at: turn.at, what: string(turn.facts.Kind()), do: func(ctx context.Context) error {
					return f.byStaff(ctx, staff{d.Host, act.RoleFacilitator}, act.Draft{Of: f.dialogues[d.Slug], Facts: turn.facts})
				}})
			}
		}
	}
	for _, v := range f.script.views {
		all = append(all, f.life(v)...)
	}
	all = append(append(all, f.follow()...), f.watch()...)
	voted := map[[2]int]time.Time{} // the last vote of each week: figures are released weekly
	for _, p := range f.script.people {
		if p.self != nil && !p.since.IsZero() {
			all = append(all, deed{at: p.since, what: "describe", do: func(ctx context.Context) error { return f.describe(ctx, p) }})
		}
		for _, b := range p.ballots {
			all = append(all, deed{at: b.at, what: "vote", do: func(ctx context.Context) error { return f.cast(ctx, p, b) }})
			year, week := b.at.In(days.zone).ISOWeek()
			if key := [2]int{year, week}; voted[key].Before(b.at) {
				voted[key] = b.at
			}
		}
	}
	for _, at := range voted {
		all = append(all, deed{at: at, alone: true, what: "release", do: f.register.Release})
	}
	return all
}

// newToken draws the token that a form brings along.
func (f *filler) newToken() (register.Token, error) { return register.NewToken(f.random) }

// submit does what somebody does, with a token of its own.
func (f *filler) submit(ctx context.Context, who civic.Actor, d act.Draft) (register.Receipt, error) {
	token, err := f.newToken()
	if err != nil {
		return register.Receipt{}, err
	}
	d.By = who.By
	receipt, err := f.register.Submit(ctx, who, d, &token)
	if err != nil {
		return receipt, fmt.Errorf("%s: %w", d.Facts.Kind(), err)
	}
	return receipt, nil
}

func (f *filler) bySystem(ctx context.Context, d act.Draft) (register.Receipt, error) {
	return f.submit(ctx, civic.System, d)
}

func (f *filler) byStaff(ctx context.Context, by staff, d act.Draft) error {
	who, has := f.staff[by]
	if !has {
		return fmt.Errorf("nobody is %s of %s", by.role, by.organisation)
	}
	_, err := f.submit(ctx, who, d)
	return err
}

// byPerson is somebody who takes part in a dialogue.
func (f *filler) byPerson(p *person) civic.Actor {
	return civic.Actor{By: act.Participant, Participant: f.register.Participant(f.tokens[p], f.dialogues[p.dialogue.Slug])}
}

// announce announces a dialogue, as the organisation that runs it.
func (f *filler) announce(ctx context.Context, d *dialogue) error {
	who := f.staff[staff{d.Host, act.RoleFacilitator}]
	facts := &act.DialogueAnnounced{Slug: d.Slug, Level: d.Level, Place: d.Place, PlaceLevel: 2, Door: "open", Limit: 400, Changes: 5,
		Opens: f.script.days.date(d.Opens), Closes: f.script.days.date(d.Closes), Host: f.organisations[d.Host]}
	receipt, err := f.submit(ctx, who, act.Draft{Facts: facts, Content: named(d.Name, d.About)})
	if err != nil {
		return err
	}
	f.dialogues[d.Slug] = receipt.Act
	return nil
}

func (f *filler) describe(ctx context.Context, p *person) error {
	who, self := f.byPerson(p), *p.self
	self.Participant = who.Participant
	_, err := f.submit(ctx, who, act.Draft{Of: f.dialogues[p.dialogue.Slug], Facts: &act.ParticipantDescribed{}, Content: map[string]any{"self": &self}})
	return err
}

func (f *filler) cast(ctx context.Context, p *person, b ballot) error {
	who := f.byPerson(p)
	content := &act.Ballot{Participant: who.Participant}
	f.mu.Lock()
	for _, v := range b.votes {
		content.Votes = append(content.Votes, act.StatementVote{Statement: f.views[v.view].Act, Vote: v.vote})
	}
	f.mu.Unlock()
	slices.SortFunc(content.Votes, func(a, b act.StatementVote) int { return cmp.Compare(a.Statement.String(), b.Statement.String()) })
	_, err := f.submit(ctx, who, act.Draft{Of: f.dialogues[p.dialogue.Slug], Facts: &act.BallotCast{}, Content: map[string]any{"ballot": content}})
	return err
}
