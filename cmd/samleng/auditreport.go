package main

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/audit"
	"samleng/internal/locale"
	"samleng/translog"
)

// tellAudit writes a report in plain words.
func tellAudit(out io.Writer, l *locale.Locale, r audit.Report) error {
	var b bytes.Buffer
	say := func(key string, params ...any) { b.WriteString(l.T(key, params...) + "\n") }
	if r.Origin != "" {
		say("audit.log", "origin", r.Origin)
	}
	if r.Learned {
		say("audit.learned")
		for _, key := range r.Keys {
			b.WriteString("  " + key + "\n")
		}
	}
	if r.Size > 0 {
		say("audit.checkpoint", "size", r.Size, "root", r.Root.String())
	}
	for _, c := range r.Cosignatures {
		say("audit.cosigned", "name", c.Name, "at", l.DateTime(c.Time, time.UTC))
	}
	if r.UnknownSignatures > 0 {
		say("audit.unknown_signatures", "n", r.UnknownSignatures)
	}
	tellWitnesses(say, &b, l, r.Witnessing)
	if r.Seen > 0 {
		say("audit.seen", "n", r.Seen)
	}
	if r.Leaves > 0 {
		say("audit.read", "leaves", r.Leaves, "acts", r.Acts, "sections", r.Sections)
	}
	if r.Figures > 0 {
		say("audit.figures", "n", r.Figures, "at", l.DateTime(r.AsAt, time.UTC)+" UTC")
		for _, class := range audit.Classes {
			if n := r.Compared[class]; n.Answers > 0 {
				b.WriteString("- ")
				say("audit.compared", "what", l.T("audit.class."+string(class)), "answers", n.Answers, "n", n.Figures)
			}
		}
		if r.Thorough {
			say("audit.thorough")
		} else {
			say("audit.sample", "again", "--seed "+strconv.FormatUint(r.Seed, 10), "all", "--thorough")
		}
		say("audit.bounds")
	}
	if len(r.Unchecked) > 0 {
		b.WriteString("\n")
		say("audit.unchecked")
		for _, u := range r.Unchecked {
			b.WriteString("- ")
			say("audit.unchecked."+string(u.Reason), "n", u.Count, "position", u.Position, "detail", u.Detail)
		}
	}
	b.WriteString("\n")
	if r.Stopped != "" {
		say("audit.stopped", "why", r.Stopped)
		say("audit.stopped."+string(r.Stop), "command", copyWith, "scheme", scheme)
	}
	say("audit.outcome." + string(r.Outcome))
	for _, f := range r.Findings {
		b.WriteString("- " + findingWords(l, f) + "\n")
	}
	if r.More > 0 {
		say("audit.more", "n", r.More)
	}
	for _, advice := range adviceOn(r) {
		say("audit.advice."+advice, "path", "/log/checkpoint")
	}
	if r.Outcome == audit.Verified && r.Size > 0 {
		b.WriteString("\n")
		// Whoever writes it down may not be who asked for the report.
		for _, tag := range locale.Languages() {
			b.WriteString(locale.Get(tag).T("audit.paper", "command", "samleng audit --pinned FILE") + "\n")
		}
		b.WriteString("\n" + translog.Checkpoint{Origin: r.Origin, Size: r.Size, Root: r.Root}.Paper(time.Now().UTC().Format(time.DateOnly)))
	}
	_, err := out.Write(b.Bytes())
	return err
}

// tellWitnesses says how the log is witnessed by its own policy.
func tellWitnesses(say func(string, ...any), b *bytes.Buffer, l *locale.Locale, w *audit.Witnessing) {
	switch {
	case w == nil:
		return
	case w.Quorum == 0:
		say("audit.unwitnessed")
		return
	}
	say("audit.witnessed", "size", w.Size)
	for _, witness := range w.Witnesses {
		key := "audit.witness"
		switch {
		case witness.Size == 0:
			key = "audit.witness.never"
		case witness.Late:
			key = "audit.witness.late"
		}
		name, _, _ := strings.Cut(witness.Key, "+")
		b.WriteString("- ")
		say(key, "name", name, "size", witness.Size, "at", l.DateTime(witness.SignedAt, time.UTC)+" UTC")
	}
	for _, former := range w.Former {
		name, _, _ := strings.Cut(former.Key, "+")
		b.WriteString("- ")
		say("audit.witness.former", "name", name, "position", former.Until)
	}
}

// copyWith is the command that makes a copy, for texts in any language.
const copyWith = "samleng mirror"

// advised says which advice helps with a finding.
var advised = map[audit.Check]string{
	audit.CheckKey: "address", audit.CheckCheckpoint: "address", audit.CheckOrigin: "address",
	audit.CheckSignature: "key", audit.CheckTime: "clock",
	audit.CheckWitness: "log", audit.CheckOld: "log", audit.CheckFork: "log", audit.CheckLeaf: "log", audit.CheckTree: "log", audit.CheckAnswer: "log",
	audit.CheckHeader: "log", audit.CheckForbidden: "log",
	audit.CheckSection: "site", audit.CheckMissing: "site", audit.CheckErased: "site", audit.CheckClosed: "site", audit.CheckFigure: "site",
	audit.CheckCommitment: "site", audit.CheckAuthority: "site",
	audit.CheckList: "site", audit.CheckRelease: "site", audit.CheckPage: "site", audit.CheckFile: "site",
}

// adviceOn gives what to do about the findings, each once, in their order.
func adviceOn(r audit.Report) (advice []string) {
	for _, f := range r.Findings {
		if a := advised[f.Check]; !slices.Contains(advice, a) {
			advice = append(advice, a)
		}
	}
	return advice
}

// findingWords tells one finding.
func findingWords(l *locale.Locale, f audit.Finding) string {
	reason := f.Detail
	if l.Has(f.Refusal) {
		reason = l.T(f.Refusal)
	}
	words := l.T("audit.check."+string(f.Check), "position", f.Position, "kind", f.Kind, "section", f.Section, "figure", f.Figure,
		"log", f.Log, "site", f.Site, "detail", f.Detail, "reason", reason)
	switch {
	case f.Printed && f.PrintedOn != "":
		words += " " + l.T("audit.printed_on", "day", f.PrintedOn)
	case f.Printed:
		words += " " + l.T("audit.printed")
	}
	return words
}
