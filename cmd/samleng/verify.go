package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"time"

	"samleng/audit"
	"samleng/internal/locale"
	"samleng/translog"
)

type verifyCommand struct {
	Receipt string `arg:"" help:"Receipt file." type:"existingfile" placeholder:"RECEIPT"`
	Key     string `help:"File with the log's verifier key, as it is published at /log/key; further lines may hold witnesses' keys, and checkpoints that you know, as for audit --pinned." type:"existingfile" required:"" placeholder:"KEYFILE"`
	Lang    string `help:"Language of what is said." enum:"en,km" default:"en"`
}

// Run checks a receipt with no server at all: exit status 0 where it is right, 1
// where it is not, 2 where that could not be found out.
func (c *verifyCommand) Run(context.Context) error {
	report, index, known, err := c.verify()
	if wrong, is := errors.AsType[*translog.ReceiptError](err); is {
		fmt.Fprintln(os.Stderr, "samleng:", wrong)
		return exitStatus(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "samleng:", err)
		return exitStatus(2)
	}
	l := locale.Get(c.Lang)
	if report.Pending || len(known) == 0 {
		return tellReceipt(os.Stdout, l, report, index)
	}
	same := 0
	for _, before := range known {
		if before.Size != report.Checkpoint.Size {
			continue
		}
		if before.Root != report.Checkpoint.Root {
			fmt.Println(l.T("audit.receipt.fork", "size", before.Size, "before", before.Root.String(), "now", report.Checkpoint.Root.String()))
			return exitStatus(1)
		}
		same++
	}
	if err := tellReceipt(os.Stdout, l, report, index); err != nil {
		return err
	}
	if same > 0 {
		fmt.Println(l.T("audit.receipt.known", "size", report.Checkpoint.Size))
	} else {
		fmt.Println(l.T("audit.receipt.not_compared", "command", "samleng audit --pinned FILE", "size", report.Checkpoint.Size))
	}
	return nil
}

func (c *verifyCommand) verify() (r translog.Report, index int64, seen []translog.Checkpoint, err error) {
	var known audit.Config
	if err := readPinned(c.Key, &known); err != nil {
		return r, 0, nil, err
	}
	origin, verifiers, err := audit.Verifiers(known.Keys)
	if err != nil {
		return r, 0, nil, err
	}
	if origin == "" {
		return r, 0, nil, fmt.Errorf("%s holds no key of a log", c.Key)
	}
	file, err := os.Open(c.Receipt)
	if err != nil {
		return r, 0, nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, translog.MaxReceipt+1))
	if err != nil {
		return r, 0, nil, err
	}
	receipt, err := translog.DecodeReceipt(content)
	if err != nil {
		return r, 0, nil, err
	}
	report, err := receipt.Verify(origin, verifiers...)
	return report, receipt.Index, known.Seen, err
}

func tellReceipt(out io.Writer, l *locale.Locale, r translog.Report, index int64) error {
	lines := []string{
		l.T("audit.receipt.right"),
		l.T("audit.receipt.act", "kind", string(r.Header.Kind), "at", l.DateTime(r.Header.At, time.UTC)+" UTC"),
	}
	if len(r.Opened) > 0 {
		lines = append(lines, l.T("audit.receipt.opened", "sections", strings.Join(r.Opened, ", ")))
	}
	if len(r.Closed) > 0 {
		lines = append(lines, l.T("audit.receipt.closed", "sections", strings.Join(r.Closed, ", ")))
	}
	if r.Pending {
		lines = append(lines, l.T("audit.receipt.pending"))
	} else {
		lines = append(lines, l.T("audit.receipt.in", "position", index, "size", r.Checkpoint.Size, "origin", r.Checkpoint.Origin))
		for _, c := range r.Checkpoint.Cosignatures {
			lines = append(lines, l.T("audit.cosigned", "name", c.Name, "at", l.DateTime(c.Time, time.UTC)))
		}
		lines = append(lines, l.T("audit.receipt.meaning"))
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}
