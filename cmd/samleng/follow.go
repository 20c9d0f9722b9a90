package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"samleng/audit"
	"samleng/internal/locale"
	"samleng/translog"
)

// follow audits again and again until something is wrong or the context ends: a
// line for each new checkpoint, and the report where the outcome is another. It
// ends with the status of the last report.
func (c *auditCommand) follow(ctx context.Context, auditor *audit.Auditor, out io.Writer) error {
	var before audit.Report
	for {
		report, err := c.once(ctx, auditor)
		if ctx.Err() != nil && before.Outcome != "" {
			return statusOf(before)
		}
		if err != nil {
			return c.ended(ctx, report, err)
		}
		if err := c.tellChange(out, before, report); err != nil {
			return err
		}
		if report.Outcome == audit.Wrong {
			return statusOf(report)
		}
		before = report
		select {
		case <-ctx.Done():
			return statusOf(report)
		case <-time.After(c.Follow):
		}
	}
}

// tellChange tells what is new since the report before.
func (c *auditCommand) tellChange(out io.Writer, before, now audit.Report) error {
	if now.Root != before.Root && now.Root != (translog.Hash{}) && !c.JSON {
		l := locale.Get(c.Lang)
		line := l.T("audit.follow", "at", l.DateTime(time.Now(), time.UTC)+" UTC", "size", now.Size, "new", now.Size-before.Size,
			"outcome", l.T("audit.outcome."+string(now.Outcome)))
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	if now.Outcome != before.Outcome || c.JSON && now.Root != before.Root {
		return c.tell(out, now)
	}
	return nil
}
