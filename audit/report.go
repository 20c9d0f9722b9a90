package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"samleng/translog"
)

// Outcome is what an audit comes to.
type Outcome string

// The outcomes, and the exit status of a program that has one of them.
const (
	Verified   Outcome = "verified"   // 0: everything that can be checked is right
	Wrong      Outcome = "wrong"      // 1: at least one finding
	Unfinished Outcome = "unfinished" // 2: no finding, and something that ought to be checked was not
)

// Status is the exit status of an outcome.
func (o Outcome) Status() int {
	switch o {
	case Verified:
		return 0
	case Wrong:
		return 1
	default:
		return 2
	}
}

// Check names what a finding is about.
type Check string

// The checks.
const (
	CheckKey        Check = "key"         // the published key is no key, or not the one that is known
	CheckCheckpoint Check = "checkpoint"  // not a checkpoint
	CheckOrigin     Check = "origin"      // of another log
	CheckSignature  Check = "signature"   // not signed as it must be
	CheckOld        Check = "old"         // older than one seen before
	CheckFork       Check = "fork"        // not the continuation of one seen before
	CheckLeaf       Check = "leaf"        // not the leaf that the checkpoint commits to
	CheckTree       Check = "tree"        // a tile or bundle that is not of the tree, or the root
	CheckAnswer     Check = "answer"      // longer than anything of the log can be, or not of its form
	CheckHeader     Check = "header"      // a leaf that is no header
	CheckSection    Check = "section"     // a section that does not fit its digest
	CheckMissing    Check = "missing"     // a section that the rules leave open and that is not served
	CheckErased     Check = "erased"      // a section that is served although an act erased it
	CheckClosed     Check = "closed"      // a section that is served although the rules keep it from the public
	CheckForbidden  Check = "forbidden"   // an act that the rules forbid at its place
	CheckTime       Check = "time"        // an hour that has not come yet
	CheckFigure     Check = "figure"      // a figure of the site that is not the log's
	CheckCommitment Check = "commitment"  // a commitment of the site that is not the log's
	CheckAuthority  Check = "authorities" // an authority that the site lists and the log does not, or the reverse
	CheckList       Check = "list"        // something that the site lists or shows and the log does not have, or the reverse
	CheckRelease    Check = "release"     // released figures that are not those of the log, or that cannot be
	CheckPage       Check = "page"        // a figure on a page that is not the log's
	CheckWitness    Check = "witness"     // what a witness signed contradicts itself, does not verify, or is not there
	CheckFile       Check = "file"        // a figure in a file for spreadsheets, feed readers or calendars that is not
)

// Checks lists every check, for catalogues.
var Checks = []Check{
	CheckKey, CheckCheckpoint, CheckOrigin, CheckSignature, CheckOld, CheckFork, CheckLeaf, CheckTree, CheckAnswer, CheckHeader,
	CheckSection, CheckMissing, CheckErased, CheckForbidden, CheckTime, CheckFigure, CheckCommitment, CheckAuthority,
	CheckList, CheckRelease, CheckPage, CheckFile, CheckWitness, CheckClosed,
}

// NoPosition is the position of a finding about no act.
const NoPosition = -1

// Finding is one thing that is wrong.
type Finding struct {
	Check Check `json:"check"`
	// Position is the place in the log, counted from 0; NoPosition if there is none.
	Position int64  `json:"position"`
	Kind     string `json:"kind,omitempty"`    // of the act
	Section  string `json:"section,omitempty"` // its name
	Refusal  string `json:"refusal,omitempty"` // the key of the rule that forbids the act
	Figure   string `json:"figure,omitempty"`  // its address in the API and its path in the answer
	Log      string `json:"log,omitempty"`     // what follows from the log, or what was seen before
	Site     string `json:"site,omitempty"`    // what the site says
	Detail   string `json:"detail,omitempty"`  // for whoever repairs it
	// Printed says that what was seen before stands on paper, and PrintedOn of
	// which day, "" if the paper does not say.
	Printed   bool   `json:"printed,omitempty"`
	PrintedOn string `json:"printed_on,omitempty"`
}

// String tells the finding in one line, for programs' logs.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(string(f.Check))
	if f.Position >= 0 {
		fmt.Fprintf(&b, " at %d", f.Position)
	}
	for _, part := range []string{f.Kind, f.Section, f.Refusal, f.Figure} {
		if part != "" {
			b.WriteString(" " + part)
		}
	}
	if f.Log != "" || f.Site != "" {
		fmt.Fprintf(&b, ": the log gives %q, the site says %q", f.Log, f.Site)
	}
	if f.Printed {
		b.WriteString(" (on paper " + f.PrintedOn + ")")
	}
	if f.Detail != "" {
		b.WriteString(": " + f.Detail)
	}
	return b.String()
}

// Reason says why something was not checked.
type Reason string

// The reasons. Those of Stops keep an audit from being whole.
const (
	ReasonSealed   Reason = "sealed"   // sections that only their holders or trustees can open
	ReasonClosed   Reason = "closed"   // sections that the rules keep from the public
	ReasonErased   Reason = "erased"   // sections that an act erased
	ReasonReleases Reason = "releases" // figures released of ballots
	ReasonMaps     Reason = "maps"     // opinion maps released of ballots
	ReasonNoSite   Reason = "no_site"  // a copy in a folder has no site whose figures could be compared
	ReasonUnknown  Reason = "unknown"  // acts from the first of a kind, version or rules that this program does not know
	ReasonAfter    Reason = "after"    // acts after a finding that stops the replay
	ReasonMoved    Reason = "moved"    // figures, because the site has gone on past its newest checkpoint
	ReasonTaken    Reason = "taken"    // sections that are not served, while acts are not published yet that may have withheld them
	ReasonMarks    Reason = "marks"    // figures on pages that this program does not know
	ReasonBehind   Reason = "behind"   // figures, because the site answers from before its own checkpoint
)

// Reasons lists every reason, for catalogues.
var Reasons = []Reason{
	ReasonSealed, ReasonClosed, ReasonErased, ReasonReleases, ReasonMaps, ReasonNoSite, ReasonUnknown, ReasonAfter, ReasonMoved,
	ReasonTaken, ReasonBehind, ReasonMarks,
}

// Stops reports whether an audit with something unchecked for this reason is
// not whole.
func (r Reason) Stops() bool {
	switch r {
	case ReasonUnknown, ReasonAfter, ReasonMoved, ReasonTaken, ReasonBehind:
		return true
	}
	return false
}

// Stop is what sort of thing ended an audit early, for advice.
type Stop string

// The sorts.
const (
	StopNothing    Stop = "nothing"    // there is no log at the address or in the folder
	StopUnreadable Stop = "unreadable" // a folder or file that may not be read
	StopElsewhere  Stop = "elsewhere"  // the site sends on to another address
	StopServer     Stop = "server"     // the site answers with errors, or does not answer
)

// Stops lists every sort, for catalogues.
var Stops = []Stop{StopNothing, StopUnreadable, StopElsewhere, StopServer}

// stopOf sorts an error.
func stopOf(err error) Stop {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return StopNothing
	case errors.Is(err, fs.ErrPermission):
		return StopUnreadable
	case errors.Is(err, ErrElsewhere):
		return StopElsewhere
	default:
		return StopServer
	}
}

// Unchecked counts what was not checked for one reason.
type Unchecked struct {
	Reason Reason `json:"reason"`
	Count  int64  `json:"count"`
	// Position is the first act concerned where that matters, else NoPosition.
	Position int64  `json:"position"`
	Detail   string `json:"detail,omitempty"`
}

// Report is what an audit found.
type Report struct {
	Outcome Outcome  `json:"outcome"`
	Origin  string   `json:"origin"`
	Keys    []string `json:"keys"`
	// Learned says that the key was taken from the site itself: then whoever
	// runs the site could have put another one there.
	Learned bool          `json:"key_learned"`
	Size    int64         `json:"size"` // acts of the newest checkpoint
	Root    translog.Hash `json:"root"`
	// Witnessing is how the log is witnessed by its own policy.
	Witnessing *Witnessing `json:"witnessing,omitempty"`
	// Cosignatures are the verified ones of witnesses, whose keys were given or stand
	// in the log, on the newest checkpoint, and
	// UnknownSignatures counts the others.
	Cosignatures      []translog.Cosignature `json:"cosignatures"`
	UnknownSignatures int                    `json:"unknown_signatures"`
	Seen              int                    `json:"checkpoints_seen_before"` // compared with
	Leaves            int64                  `json:"leaves"`                  // verified
	Acts              int64                  `json:"acts"`                    // replayed
	LastAt            time.Time              `json:"last_act_at"`
	Sections          int64                  `json:"sections"` // opened and right
	Figures           int                    `json:"figures"`  // answers of the site that were compared
	// Compared says of what they are. Seed repeats the choice of them; Thorough
	// says that there was none.
	Compared map[Class]Compared `json:"compared"`
	Seed     uint64             `json:"seed"`
	Thorough bool               `json:"thorough"`
	AsAt     time.Time          `json:"figures_as_at"`
	Findings []Finding          `json:"findings"`
	// More counts the findings beyond the first MostFindings.
	More      int         `json:"more_findings"`
	Unchecked []Unchecked `json:"unchecked"`
	// Stopped says why the audit ended early, and Stop of what sort that is.
	Stopped string `json:"stopped,omitempty"`
	Stop    Stop   `json:"stop,omitempty"`
	// Signed is the newest checkpoint as it was served.
	Signed []byte `json:"-"`
}

// MostFindings is how many findings a report holds.
const MostFindings = 100

func (r *Report) found(f Finding) {
	if slices.Contains(r.Findings, f) {
		return // found again in a later run
	}
	if len(r.Findings) == MostFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// clone gives a report that shares nothing with r.
func (r *Report) clone() Report {
	c := *r
	c.Keys, c.Signed = slices.Clone(r.Keys), bytes.Clone(r.Signed)
	c.Findings, c.Unchecked, c.Cosignatures = slices.Clone(r.Findings), slices.Clone(r.Unchecked), slices.Clone(r.Cosignatures)
	return c
}

// skip counts n more that were not checked.
func (r *Report) skip(reason Reason, n, position int64, detail string) {
	if n == 0 {
		return
	}
	for i := range r.Unchecked {
		if r.Unchecked[i].Reason == reason {
			r.Unchecked[i].Count += n
			return
		}
	}
	r.Unchecked = append(r.Unchecked, Unchecked{reason, n, position, detail})
}

// conclude decides the outcome.
func (r *Report) conclude() {
	r.Outcome = Verified
	if r.Stopped != "" {
		r.Outcome = Unfinished
	}
	for _, u := range r.Unchecked {
		if u.Reason.Stops() {
			r.Outcome = Unfinished
		}
	}
	if len(r.Findings) > 0 {
		r.Outcome = Wrong
	}
}

// Class is a kind of what the site says.
type Class string

// The classes.
const (
	ClassBalance     Class = "balance"     // today's balances: of all, of dialogues, places, authorities and periods
	ClassPast        Class = "past"        // balances of days that have passed
	ClassAuthorities Class = "authorities" // their figures
	ClassDialogues   Class = "dialogues"
	ClassCommitments Class = "commitments" // the list of all, and the own answers of some
	ClassNeeds       Class = "needs"
	ClassCases       Class = "cases"
	ClassAnswers     Class = "answers"
	ClassViews       Class = "views"
	ClassReleases    Class = "releases"  // tallies and maps, as released
	ClassPages       Class = "pages"     // what people read
	ClassWitnesses   Class = "witnesses" // who witnesses the log, and what they signed
	ClassFiles       Class = "files"     // for spreadsheets, feed readers and calendars
)

// Classes lists every class, in the order of reports.
var Classes = []Class{
	ClassBalance, ClassPast, ClassAuthorities, ClassDialogues, ClassCommitments, ClassNeeds, ClassCases, ClassAnswers, ClassViews,
	ClassReleases, ClassPages, ClassFiles, ClassWitnesses,
}

// Compared counts what was compared of a class: answers of the site, and the
// single values in them.
type Compared struct {
	Answers int `json:"answers"`
	Figures int `json:"figures"`
}

// compare puts what was compared into the report. Where the site goes on, only
// the last time counts.
func (r *Report) compare(compared map[Class]Compared) {
	r.Compared, r.Figures = compared, 0
	for _, n := range compared {
		r.Figures += n.Answers
	}
}
