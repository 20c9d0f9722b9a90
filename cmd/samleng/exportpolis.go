package main

import (
	"context"
	"fmt"
	"os"
)

type exportCommand struct {
	Polis exportPolisCommand `cmd:"" help:"Write a dialogue as Polis exports its conversations."`
}

type exportPolisCommand struct {
	place
	Dialogue string `arg:"" name:"slug" help:"The dialogue's name in addresses."`
	Dir      string `arg:"" help:"Folder to write into; it is made if it is not there." type:"path"`
	Private  bool   `help:"Write who voted what also of a dialogue where that is not public. It is for roles that may see it: the files can be read by their owner alone."`
}

// Run writes the files of a dialogue.
func (c *exportPolisCommand) Run(ctx context.Context) error {
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	e := &exporter{register: r, progress: newProgress(os.Stderr)}
	conversation, err := e.conversation(ctx, c.Dialogue, c.Private)
	e.progress.end()
	if err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if e.private {
		mode = 0o600
	}
	if err := conversation.Write(c.Dir, mode); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s holds %d comments, %d people and %d votes as at position %d", c.Dir,
		len(conversation.Comments), len(conversation.Participants), len(conversation.Votes), e.end)
	if e.left > 0 {
		fmt.Fprintf(os.Stderr, "; %d views are left out with the votes on them: erased, sealed to trustees, or moved to people who protect", e.left)
	}
	fmt.Fprintln(os.Stderr)
	return nil
}
