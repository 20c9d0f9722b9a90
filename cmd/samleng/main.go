// Command samleng serves, carries and checks the register of views put forward
// at dialogues. Each subcommand has its own small file; they only wire packages
// together.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones where the system has none

	"github.com/alecthomas/kong"

	"samleng/act"
)

type commands struct {
	Demo      demoCommand      `cmd:"" help:"Serve an illustrative programme, made from nothing."`
	Serve     serveCommand     `cmd:"" help:"Serve a register: pages, API, log."`
	Begin     beginCommand     `cmd:"" help:"Begin a register: declare its programme, clocks, working days and places."`
	Import    importCommand    `cmd:"" help:"Carry over what was gathered elsewhere."`
	Export    exportCommand    `cmd:"" help:"Write a dialogue in the form of another platform."`
	Map       mapCommand       `cmd:"" help:"Compute the opinion map of a dialogue, or of a Polis export."`
	Audit     auditCommand     `cmd:"" help:"Check a published register without believing whoever runs it."`
	Verify    verifyCommand    `cmd:"" help:"Check a receipt file with no server at all."`
	Witness   witnessCommand   `cmd:"" help:"Serve a witness: cosign checkpoints of logs that grow and never change."`
	Cosign    cosignCommand    `cmd:"" help:"Audit a register and cosign its newest checkpoint, as a witness that is not always on."`
	Mirror    mirrorCommand    `cmd:"" help:"Keep a full, verified copy of a published log."`
	Site      siteCommand      `cmd:"" help:"Serve the public pages of a copy that mirror made, for reading only."`
	Invite    inviteCommand    `cmd:"" help:"Make an invitation: the first way in for an organisation's administrator."`
	Backup    backupCommand    `cmd:"" help:"Write a consistent copy of a register, also while it is served."`
	Restore   restoreCommand   `cmd:"" help:"Make a register of a backup."`
	Slips     slipsCommand     `cmd:"" help:"Print numbered receipt slips ahead of a forum."`
	ChangeKey changeKeyCommand `cmd:"" name:"change-key" help:"Put the next key of a log in force, or sign over a witness's; both keys sign."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var all commands
	parser := kong.Must(&all,
		kong.Name("samleng"),
		kong.Description("Views put forward at dialogues, registered, considered, answered and followed, so that anybody can check."),
		kong.UsageOnError(),
		kong.DefaultEnvars("SAMLENG"),
		kong.Vars{"organisation_types": strings.Join(act.OrganisationTypes, ", ")},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	command, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	err = command.Run()
	if status, told := errors.AsType[exitStatus](err); told {
		os.Exit(int(status))
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "samleng:", err)
		os.Exit(1)
	}
}
