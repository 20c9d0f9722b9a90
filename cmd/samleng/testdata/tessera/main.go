// Command main is what interop_test.go builds in a module of its own, so that
// Tessera does not become a dependency of Samleng:
//
//	main write DIR SECRETKEYFILE N WITNESSKEY WITNESSURL
//	main read LOGURL VERIFIERKEY
//
// write appends N entries to a log in Tessera's POSIX storage, whose policy is
// that the witness must have cosigned before a checkpoint is published, and
// waits until one is that holds them all. read reads a published log with
// Tessera's client.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var err error
	switch os.Args[1] {
	case "write":
		err = write(ctx, os.Args[2:])
	case "read":
		err = read(ctx, os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(ctx context.Context, args []string) error {
	dir, keyFile, witnessKey := args[0], args[1], args[3]
	skey, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(skey)))
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	address, err := url.Parse(args[4])
	if err != nil {
		return err
	}
	witness, err := tessera.NewWitness(witnessKey, address)
	if err != nil {
		return err
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return err
	}
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(time.Second).
		WithBatching(64, 100*time.Millisecond).
		WithWitnesses(tessera.NewWitnessGroup(1, witness), &tessera.WitnessOptions{Timeout: 3 * time.Second}))
	if err != nil {
		return err
	}
	var last tessera.IndexFuture
	for i := range count {
		last = appender.Add(ctx, tessera.NewEntry(fmt.Appendf(nil, "entry %d of %s", i, time.Now())))
	}
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 100*time.Millisecond)
	_, checkpoint, err := awaiter.Await(ctx, last)
	if err != nil {
		return fmt.Errorf("not published: %w", err)
	}
	fmt.Print(string(checkpoint))
	return shutdown(ctx)
}

func read(ctx context.Context, base, vkey string) error {
	address, err := url.Parse(base)
	if err != nil {
		return err
	}
	fetcher, err := client.NewHTTPFetcher(address, nil)
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	checkpoint, _, _, err := client.FetchCheckpoint(ctx, fetcher.ReadCheckpoint, verifier, verifier.Name())
	if err != nil {
		return err
	}
	builder, err := client.NewProofBuilder(ctx, checkpoint.Size, fetcher.ReadTile)
	if err != nil {
		return err
	}
	index := uint64(0)
	for bundle, err := range client.EntryBundles(ctx, 2, func(context.Context) (uint64, error) { return checkpoint.Size, nil }, fetcher.ReadEntryBundle, 0, checkpoint.Size) {
		if err != nil {
			return err
		}
		var entries api.EntryBundle
		if err := entries.UnmarshalText(bundle.Data); err != nil {
			return err
		}
		for _, entry := range entries.Entries {
			path, err := builder.InclusionProof(ctx, index)
			if err != nil {
				return err
			}
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, checkpoint.Size, rfc6962.DefaultHasher.HashLeaf(entry), path, checkpoint.Hash); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			if !bytes.HasPrefix(entry, []byte("{")) {
				return fmt.Errorf("entry %d is no act: %q", index, entry)
			}
			index++
		}
	}
	fmt.Printf("size %d, entries %d\n", checkpoint.Size, index)
	return nil
}
