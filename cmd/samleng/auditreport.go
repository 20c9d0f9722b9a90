package main

import (
	"bytes"
	"io"
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
	if r.Seen > 0 {
		say("audit.seen", "n", r.Seen)
	}
	say("audit.read", "leaves", r.Leaves, "acts", r.Acts, "sections", r.Sections)
	if r.Figures > 0 {
		say("audit.figures", "n", r.Figures, "at", l.DateTime(r.AsAt, time.UTC)+" UTC")
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
