package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"samleng/civic"
	"samleng/internal/demo"
	"samleng/internal/mapping"
	"samleng/internal/register"
	"samleng/internal/store"
)

type demoCommand struct {
	Addr string `help:"Address to listen on. Without it, the next free one after 127.0.0.1:8080." placeholder:"HOST:PORT"`
	Data string `help:"Folder to keep the demonstration in. One that is there already is served as it is. By default a temporary folder, which is removed at the end." type:"path" placeholder:"DIR"`
	Seed uint64 `help:"Number from which the demonstration is generated: the same one gives the same words, votes and decisions." default:"1"`
}

const demoOrigin = "demo.samleng.invalid/register"

// Run makes an illustrative register, serves it, and says where to go.
func (c *demoCommand) Run(ctx context.Context) error {
	listener, err := c.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	where := place{Data: c.Data}
	if c.Data == "" {
		work, err := os.MkdirTemp("", "samleng-demo-")
		if err != nil {
			return fmt.Errorf("make a temporary folder (choose one with --data DIR): %w", err)
		}
		defer os.RemoveAll(work)
		where.Data = filepath.Join(work, "data")
	}
	fresh, err := isFresh(where.Data)
	if err != nil {
		return err
	}
	var filled *demo.Filled
	if fresh {
		fmt.Println("Making an illustrative programme …")
		if filled, err = c.make(ctx, where.Data); err != nil {
			return err
		}
	}
	const releaseEvery = 15 * time.Second
	serving := listening{GracePeriod: 3 * time.Second}
	r, err := where.openWith(ctx, register.Config{CheckpointEvery: time.Minute, ReleaseEvery: releaseEvery, RuleEvery: ruleEvery})
	if err != nil {
		return err
	}
	defer r.Close()
	if !isIllustrative(r) {
		return fmt.Errorf("%s holds a register that is no demonstration: use samleng serve --data", where.Data)
	}
	base := serving.baseURL(listener.Addr())
	accounts, err := openAccounts(r, base)
	if err != nil {
		return err
	}
	files, err := where.openFiles("")
	if err != nil {
		return err
	}
	maps, stopMaps := keepMaps(ctx, r, releaseEvery)
	defer stopMaps()
	site, err := newSite(siteConfig{register: r, accounts: accounts, baseURL: base, files: files, maps: maps})
	if err != nil {
		return err
	}
	seats, err := takeSeats(ctx, r, accounts)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", site)
	mux.Handle("GET "+signInPath+"{key}", signIn(seats, accounts))
	c.tell(r, base, seats, filled)
	return serving.serve(ctx, listener, mux)
}

// mostPorts is how many ports are tried where nobody asked for one.
const mostPorts = 20

func (c *demoCommand) listen() (net.Listener, error) {
	if c.Addr != "" {
		listener, err := net.Listen("tcp", c.Addr)
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("%s is in use by another program: choose another address with --addr HOST:PORT", c.Addr)
		}
		return listener, err
	}
	const first = 8080
	var err error
	for port := first; port < first+mostPorts; port++ {
		var listener net.Listener
		if listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			if port != first {
				fmt.Printf("Port %d is in use by another program; this is port %d.\n", first, port)
			}
			return listener, nil
		}
	}
	return nil, fmt.Errorf("ports %d to %d are in use: choose an address with --addr HOST:PORT: %w", first, first+mostPorts-1, err)
}

// isFresh reports whether a folder is still to be filled. One that holds
// something else than a register is refused.
func isFresh(dir string) (bool, error) {
	if _, err := os.Stat(filepath.Join(dir, store.FileName)); err == nil {
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty and holds no register: choose a new folder", dir)
	}
	return err == nil, err
}

// make fills a register in a folder of its own and puts it in its place when it
// is whole: one that was interrupted leaves nothing behind.
func (c *demoCommand) make(ctx context.Context, dir string) (*demo.Filled, error) {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	part, err := os.MkdirTemp(parent, ".samleng-demo-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(part)
	today := time.Now()
	clock := demo.NewClock(today)
	r, err := place{Data: part, Origin: demoOrigin}.openWith(ctx, register.Config{Now: clock.Now})
	if err != nil {
		return nil, err
	}
	files, err := place{Data: part}.openFiles("")
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	filled, err := demo.Fill(ctx, r, demo.Config{Seed: c.Seed, Today: today, Clock: clock, Files: files})
	if err == nil {
		err = mapping.PublishNow(ctx, r, slog.Default())
	}
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return filled, os.Rename(part, dir)
}

// isIllustrative reports whether a register's programme is a demonstration:
// sign-in links are never given out for another.
func isIllustrative(r *register.Register) bool {
	illustrative := false
	r.View(func(s *civic.State) { illustrative = s.Programme() != nil && s.Programme().Illustrative })
	return illustrative
}

// tell says where to go.
func (c *demoCommand) tell(r *register.Register, base string, seats []seat, filled *demo.Filled) {
	fmt.Printf("\nSamleng demonstration: everything in it is illustrative.\n\n  %s/\n\n", base)
	r.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			late := s.Balance(civic.Filter{Dialogue: d.ID}, r.Now()).AwaitingModeration.Overdue
			fmt.Printf("  %s/d/%-14s %s, %d views", base, d.Slug, d.Stage(), len(d.Statements()))
			if late > 0 {
				fmt.Printf(", %d of them awaiting moderation too long", late)
			}
			fmt.Println()
		}
	})
	for _, path := range []string{"/withheld", "/verify", "/api/v1/openapi.json", "/log/checkpoint"} {
		fmt.Println("  " + base + path)
	}
	fmt.Println("\nSign in with one of these links (they are good until it ends):")
	for _, s := range seats {
		fmt.Printf("  %s%s%s  %s\n", base, signInPath, s.Key, s.Title())
	}
	if filled != nil {
		fmt.Printf("\nReceipts to follow, at %s/receipt (they are shown only now):\n", base)
		fmt.Printf("  code %s   secret %s   a view that was published\n", filled.Followed.Code, filled.Followed.Secret)
		fmt.Printf("  code %s   secret %s   a view that was withheld: its holder may appeal\n", filled.Withheld.Code, filled.Withheld.Secret)
		fmt.Printf("\nKey that opens the views sealed to the trustees (age):\n  %s\n", filled.Trustee)
	}
	if c.Data == "" {
		fmt.Println("\nEnd it with Ctrl+C; nothing is kept.")
	} else {
		fmt.Printf("\nEnd it with Ctrl+C; it is kept in %s.\n", c.Data)
	}
}
