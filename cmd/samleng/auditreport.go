package main

import (
	"bytes"
	"io"
	"strconv"
	"time"

	"samleng/audit"
	"samleng/internal/locale"
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
	if r.Seen > 0 {
		say("audit.seen", "n", r.Seen)
	}
	say("audit.read", "leaves", r.Leaves, "acts", r.Acts, "sections", r.Sections)
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
		say("audit.stopped.hint")
	}
	say("audit.outcome." + string(r.Outcome))
	for _, f := range r.Findings {
		b.WriteString("- " + findingWords(l, f) + "\n")
	}
	if r.More > 0 {
		say("audit.more", "n", r.More)
	}
	_, err := out.Write(b.Bytes())
	return err
}

// findingWords tells one finding.
func findingWords(l *locale.Locale, f audit.Finding) string {
	reason := f.Detail
	if l.Has(f.Refusal) {
		reason = l.T(f.Refusal)
	}
	return l.T("audit.check."+string(f.Check), "position", f.Position, "kind", f.Kind, "section", f.Section, "figure", f.Figure,
		"log", f.Log, "site", f.Site, "detail", f.Detail, "reason", reason)
}
