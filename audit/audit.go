package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// Config says what is audited, and what is known of it already.
type Config struct {
	// Fetch gets a file of the published log: checkpoint, key, tile/…, sections/N.
	// [Site] and [Folder] have it; whatever else is given should limit what it
	// reads as they do, and wrap [fs.ErrNotExist] for what there is not.
	Fetch translog.Fetch
	// API gets what the site says; nil for a copy that no site stands beside.
	API API
	// Page gets the site's public pages and files, by path and query below "/";
	// nil to leave them out. Without API it is not used.
	Page API
	// Thorough compares everything, not a sample: every view, case and day.
	Thorough bool
	// Seed decides the sample; 0 to draw one.
	Seed uint64
	// Origin is the log's name; "" to learn it from the key.
	Origin string
	// Keys are the verifier keys of the log and of witnesses. Without one of the
	// log it is learned from the site, and the report says so.
	Keys []string
	// Seen are checkpoints of the log that were seen before: in an audit, in a
	// newspaper, in signed minutes.
	Seen []translog.Checkpoint
	// Printed are those of Seen that are known from paper, with the day that it
	// names, "" if it names none: a finding about one says so.
	Printed map[translog.Checkpoint]string
	// Now is the auditor's clock.
	Now func() time.Time
	// Progress is told now and then how many acts of how many are done; nil for nobody.
	Progress func(done, total int64)
	// Patience is how long the audit waits in all for newer checkpoints where the
	// site goes on meanwhile: its figures can be compared only at one.
	Patience time.Duration
	// Tries is how often a request is made that fails, and Pause the first wait
	// between two, doubled each time; 5 and a second if 0.
	Tries int
	Pause time.Duration
}

// skew is how far the clocks of auditor and site may be apart.
const skew = time.Hour

// rounds is how often the audit follows a site that goes on meanwhile.
const rounds = 4

// errStop ends an audit after a finding that nothing further can be built on.
var errStop = errors.New("audit: stopped at a finding")

// auditor is one audit under way.
type auditor struct {
	config    Config
	report    Report
	kept      Report // what the report says of the log so far, in every later run too
	patience  time.Duration
	verifiers []note.Verifier
	seen      []landmark // by size
	compared  int        // of seen
	newest    translog.Checkpoint
	tree      translog.Frontier
	state     *civic.State
	halted    Reason // why acts are not replayed any more; "" while they are
	future    bool   // an act of an hour to come was found
	over      bool   // after a finding that no later run can go on from
	sections  *sections
	acts      map[act.ID]placed // without ballots
	lacking   []lacking
	erased    []erasure
	leaves    leafCache
	stale     bool      // the site answered as it was before the newest checkpoint
	early     []lacking // sections that were served before the rules left them open
	old       int64     // bundles of sections that were read in an earlier run
	again     int64     // the next of them to read again
	sampler
	days    pastDays
	ballots ballotBook
	history history
	// strange is a key of the log that is not one of those known, until it is shown
	// to follow one of them.
	strange string
	largest translog.Checkpoint // of those given as seen
}

// landmark is a checkpoint that the tree is held to when it gets there: seen before,
// or published as cosigned.
type landmark struct {
	translog.Checkpoint
	cosigned bool
}

// placed is where an act stands, and which of its sections were served: bit i
// stands for the header's section i.
type placed struct {
	position int64
	served   uint32
}

// lacking is a section that was not served.
type lacking struct {
	ref      civic.SectionRef
	position int64
}

// erasure is the section that the act at a position erased.
type erasure struct {
	ref      civic.SectionRef
	position int64
	gone     bool // the section was looked for, and is not served
}

// Run audits a published register once: [New] and [Auditor.Run].
func Run(ctx context.Context, config Config) (Report, error) {
	a, err := New(config)
	if err != nil {
		return Report{}, err
	}
	return a.Run(ctx)
}

// Auditor audits one register as often as it is asked to. It keeps the folded
// state and the edge of the tree in memory, so that another run costs what came
// since. One goroutine at a time may use it.
type Auditor struct{ auditor auditor }

// New gives an auditor that has read nothing yet. The error is that of the
// configuration.
func New(config Config) (*Auditor, error) {
	if config.Now == nil || config.Fetch == nil {
		return nil, errors.New("audit: no clock, or nothing to read")
	}
	if _, _, err := Verifiers(config.Keys); err != nil {
		return nil, fmt.Errorf("audit: configuration: %w", err)
	}
	config.Tries, config.Pause = cmp.Or(config.Tries, 5), cmp.Or(config.Pause, time.Second)
	if config.Progress == nil {
		config.Progress = func(int64, int64) {}
	}
	n := &Auditor{auditor{config: config, state: civic.New(), acts: map[act.ID]placed{}, history: newHistory()}}
	a := &n.auditor
	a.kept.Findings, a.kept.Unchecked, a.kept.Cosignatures = []Finding{}, []Unchecked{}, []translog.Cosignature{}
	if err := a.draw(); err != nil {
		return nil, err
	}
	a.sections = newSections(a.fetch)
	for _, c := range config.Seen {
		a.expect(landmark{Checkpoint: c})
		if c.Size > a.largest.Size {
			a.largest = c
		}
	}
	return n, nil
}

// Run audits the register as it is now: the acts since the last run, the
// sections that they opened or erased, some of the older sections again, and the
// figures. What is wrong stands in the report, and so does why the audit ended
// early if it did; then the next run goes on from there. What was found of the
// log and its sections is in every later report as well; what was found of
// figures is in this one. The error is the context's.
func (n *Auditor) Run(ctx context.Context) (Report, error) {
	a := &n.auditor
	a.report, a.patience = a.kept.clone(), a.config.Patience
	a.report.Compared = map[Class]Compared{}
	if !a.over {
		a.old = a.tree.Size() / translog.TileWidth
		if err := a.run(ctx); err != nil && !errors.Is(err, errStop) {
			a.stopped(err)
		}
	}
	if ctx.Err() != nil {
		return a.report, ctx.Err()
	}
	a.report.conclude()
	return a.report.clone(), nil
}

// run reads the log and compares the site with it, again where the site has
// gone on meanwhile.
func (a *auditor) run(ctx context.Context) error {
	next := a.checkpoint
	for round := 1; ; round++ {
		if err := a.follow(ctx, next); err != nil {
			return err
		}
		if a.halted != "" {
			return nil
		}
		moved, err := a.reconcile(ctx, round == rounds)
		if err != nil || !moved {
			return err
		}
		if next = a.advanced; a.stale {
			next = a.fresher
		}
	}
}

// follow reads up to the next checkpoint. What it finds is kept for later runs.
func (a *auditor) follow(ctx context.Context, next func(context.Context) (translog.Checkpoint, error)) error {
	err := a.learn(ctx)
	if err == nil {
		var newest translog.Checkpoint
		if newest, err = next(ctx); err == nil {
			a.newest = newest
			err = a.readOn(ctx)
		}
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errStop) {
		a.stopped(err)
		err = errStop
	}
	a.kept = a.report.clone()
	a.kept.Stopped, a.kept.Stop = "", ""
	return err
}

// readOn reads up to the newest checkpoint, with what witnesses have signed.
func (a *auditor) readOn(ctx context.Context) error {
	if err := a.readHistory(ctx); err != nil {
		return err
	}
	if err := a.read(ctx); err != nil {
		return err
	}
	if err := a.linkKey(); err != nil {
		return err
	}
	return a.checkWitnesses(ctx)
}

// cachedFor is how long a site may go on to serve a page that it has just made.
const cachedFor = 1500 * time.Millisecond

// fresher lets the pages of before the checkpoint lapse.
func (a *auditor) fresher(ctx context.Context) (translog.Checkpoint, error) {
	select {
	case <-ctx.Done():
		return a.newest, ctx.Err()
	case <-time.After(cachedFor):
		return a.checkpoint(ctx)
	}
}

// advanced waits for a newer checkpoint, and gives the one at hand where none
// comes in time.
func (a *auditor) advanced(ctx context.Context) (translog.Checkpoint, error) {
	for {
		newest, err := a.checkpoint(ctx)
		if err != nil || newest.Size > a.newest.Size || a.patience <= 0 {
			return newest, err
		}
		wait := min(a.patience, 2*time.Second)
		a.patience -= wait
		select {
		case <-ctx.Done():
			return newest, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// stopped tells what ended the audit: a finding where it is the register's
// fault for certain, else only that it ended.
func (a *auditor) stopped(err error) {
	f := Finding{Position: NoPosition, Detail: err.Error()}
	wrong, isEntry := errors.AsType[*translog.EntryError](err)
	switch {
	case isEntry:
		f.Check, f.Position = CheckLeaf, wrong.Index
	case errors.Is(err, ErrTooLong), errors.Is(err, errForm):
		f.Check, f.Position = CheckAnswer, a.tree.Size()
	case errors.Is(err, translog.ErrInconsistent):
		f.Check, f.Position = CheckTree, a.tree.Size()
	case errors.Is(err, fs.ErrNotExist) && a.newest.Size > 0:
		f.Check, f.Position = CheckTree, a.tree.Size()
	default:
		a.report.Stopped, a.report.Stop = strings.ToValidUTF8(err.Error(), "?"), stopOf(err)
		return
	}
	a.report.found(f)
	if f.Check != CheckAnswer {
		a.kept.found(f)
	}
}

// fetch is the configuration's, tried again where that may help.
func (a *auditor) fetch(ctx context.Context, path string) ([]byte, error) {
	return patient(ctx, a.config.Tries, a.config.Pause, func() ([]byte, error) { return a.config.Fetch(ctx, path) })
}

// learn gets the keys, once: those that are given, and the log's from the site
// if none of them is.
func (a *auditor) learn(ctx context.Context) error {
	if len(a.report.Keys) > 0 {
		return nil
	}
	log, verifiers, err := Verifiers(a.config.Keys)
	if err != nil {
		return err
	}
	a.verifiers = verifiers
	origin := cmp.Or(a.config.Origin, log)
	a.report.Origin = origin
	if log != "" {
		a.report.Keys = slices.Clone(a.config.Keys)
		return nil
	}
	content, err := a.fetch(ctx, "key")
	if err != nil {
		return fmt.Errorf("the log's key: %w", err)
	}
	key := strings.TrimSuffix(string(content), "\n")
	v, err := translog.NewVerifier(key)
	if err != nil {
		return a.stop(Finding{Check: CheckKey, Position: NoPosition, Detail: err.Error()})
	}
	if translog.IsCosigner(v) {
		return a.stop(Finding{Check: CheckKey, Position: NoPosition, Detail: "a witness's key"})
	}
	origin = cmp.Or(origin, v.Name())
	a.verifiers = append(a.verifiers, v)
	a.report.Origin, a.report.Keys, a.report.Learned = origin, append(slices.Clone(a.config.Keys), key), true
	if v.Name() != origin {
		return a.stop(Finding{Check: CheckOrigin, Position: NoPosition, Log: origin, Site: v.Name()})
	}
	return nil
}

// Verifiers gives the verifiers of keys of a log and of witnesses, and the name
// of the log whose key comes first, "" if none is a log's.
func Verifiers(keys []string) (log string, verifiers []note.Verifier, err error) {
	for _, key := range keys {
		v, err := translog.NewVerifier(key)
		if err != nil {
			return "", nil, err
		}
		if !translog.IsCosigner(v) {
			log = cmp.Or(log, v.Name())
		}
		verifiers = append(verifiers, v)
	}
	return log, verifiers, nil
}

func (a *auditor) stop(f Finding) error {
	a.report.found(f)
	return errStop
}

// end is stop for good: the tree that was read is not one to go on from.
func (a *auditor) end(f Finding) error {
	a.over = true
	return a.stop(f)
}

// checkpoint reads the newest checkpoint and compares it with those seen before.
func (a *auditor) checkpoint(ctx context.Context) (translog.Checkpoint, error) {
	signed, err := a.fetch(ctx, "checkpoint")
	if err != nil {
		return translog.Checkpoint{}, fmt.Errorf("the newest checkpoint: %w", err)
	}
	opened, err := translog.Open(signed, a.report.Origin, a.verifiers...)
	if errors.Is(err, translog.ErrSignature) && !a.report.Learned {
		if with, ok := a.tryNewKey(ctx, signed); ok {
			opened, err = with, nil
		}
	}
	if err != nil {
		f := Finding{Check: CheckCheckpoint, Position: NoPosition, Detail: err.Error()}
		switch {
		case errors.Is(err, translog.ErrOrigin):
			f.Check, f.Log, f.Site = CheckOrigin, a.report.Origin, firstLine(signed)
		case errors.Is(err, translog.ErrSignature):
			f.Check = CheckSignature
		}
		return translog.Checkpoint{}, a.stop(f)
	}
	if a.largest.Size > opened.Size {
		a.report.found(a.printed(a.largest, Finding{Check: CheckOld, Position: opened.Size, Log: fmt.Sprint(a.largest.Size), Site: fmt.Sprint(opened.Size)}))
	}
	if opened.Size < a.newest.Size {
		return translog.Checkpoint{}, a.stop(Finding{Check: CheckOld, Position: opened.Size, Log: fmt.Sprint(a.newest.Size), Site: fmt.Sprint(opened.Size)})
	}
	if opened.Size == a.newest.Size && a.newest.Size > 0 && opened.Root != a.newest.Root {
		return translog.Checkpoint{}, a.stop(Finding{Check: CheckFork, Position: opened.Size, Log: a.newest.Root.String(), Site: opened.Root.String()})
	}
	r := &a.report
	r.Size, r.Root, r.Signed = opened.Size, opened.Root, signed
	return opened.Checkpoint, nil
}

// firstLine is the start of a text, for messages.
func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.ToValidUTF8(line[:min(len(line), translog.MaxOrigin)], "?")
}
