package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"samleng/audit"
	"samleng/translog"
)

type changeKeyCommand struct {
	place
	Witness string `help:"File of a witness's secret key: change this one instead of a register's. What both keys sign is printed, for the programme's board to enter." type:"existingfile" placeholder:"FILE"`
	Next    string `help:"File of the witness's next secret key. It is made if it is not there." type:"path" placeholder:"FILE"`
}

// Run puts a register's next log key in force, or signs over a witness's key.
func (c *changeKeyCommand) Run(ctx context.Context) error {
	if c.Witness != "" {
		return c.witness()
	}
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	before := r.VerifierKey()
	after, err := r.ChangeLogKey(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("The log's key was\n%s\nand is\n%s\nSay so wherever the old one was made known. Checkpoints are signed with both as long as the old one's file stays in the folder of keys.\n", before, after)
	return nil
}

// witness prints the change of a witness's key, signed by both.
func (c *changeKeyCommand) witness() error {
	if c.Next == "" {
		return errors.New("say where the witness's next key is, or is to be made: --next FILE")
	}
	content, err := readAtMost(c.Witness, audit.MaxKey)
	if err != nil {
		return err
	}
	before := strings.TrimSpace(string(content))
	vkey, err := translog.VerifierOf(before)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Witness, err)
	}
	name, _, _ := strings.Cut(vkey, "+")
	next := witnessing{Key: c.Next, Name: name}
	after, err := next.loadKey()
	if err != nil {
		return err
	}
	change, err := translog.ChangeKey(before, after)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n%s\n%s\n%s\n", change.Old, change.New, change.OldSignature, change.NewSignature)
	return nil
}
