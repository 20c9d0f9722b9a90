package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// Every failure here comes in a pair: it happens, nothing is half done; its
// cause goes away, and the same store works again.

func put(s *store.Store, entries []store.Entry) error {
	return s.Append(ctx, func(tx *store.Tx) error { return tx.Append(entries) })
}

// nothingWritten checks an error's class and that the log is as it was.
func nothingWritten(t *testing.T, s *store.Store, err, class error, size int64) {
	t.Helper()
	if !errors.Is(err, class) {
		t.Fatalf("got %v, want %v", err, class)
	}
	for _, other := range []error{store.ErrOutcomeUnknown, store.ErrUnavailable, store.ErrConflict} {
		if other != class && errors.Is(err, other) {
			t.Errorf("%v is also %v", err, other)
		}
	}
	if now, err := s.Size(ctx); err != nil || now != size {
		t.Fatalf("Size() = %d, %v, want %d", now, err, size)
	}
}

// works appends one more act and checks the whole.
func works(t *testing.T, s *store.Store, size int64) {
	t.Helper()
	if err := put(s, batch("works "+t.Name(), int(size), int(size)+1)); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Check(ctx); err != nil || found.Acts != size+1 {
		t.Fatalf("Check() = %+v, %v, want %d acts", found, err, size+1)
	}
}

func TestConflict(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		entries := batch("x", 0, 100)
		appendAll(t, s, entries)
		sameToken := entry("y", 1)
		sameToken.Token.Key = entries[3].Token.Key
		nothingWritten(t, s, put(s, append(batch("z", 0, 70), entries[5])), store.ErrConflict, 100)
		nothingWritten(t, s, put(s, append(batch("z", 0, 70), sameToken)), store.ErrConflict, 100)
		// A function that shrugs at the error writes nothing either.
		err := s.Append(ctx, func(tx *store.Tx) error {
			_ = tx.Append(entries[:1])
			_ = tx.PutSetting("leak", []byte("x"))
			_ = tx.Append(batch("z", 0, 3))
			return nil
		})
		nothingWritten(t, s, err, store.ErrConflict, 100)
		if _, found, err := s.Records(ctx).Setting("leak"); found || err != nil {
			t.Errorf("a write after the conflict was kept (%v)", err)
		}
		works(t, s, 100)
	})
}

func TestFunctionGivesUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		refused := errors.New("refused")
		err := s.Append(ctx, func(tx *store.Tx) error { return errors.Join(tx.Append(batch("f", 0, 3)), refused) })
		nothingWritten(t, s, err, refused, 0)
		func() {
			defer func() { _ = recover() }()
			_ = s.Append(ctx, func(tx *store.Tx) error { _ = tx.Append(batch("f", 0, 3)); panic("in the caller") })
		}()
		works(t, s, 0)
		for what, entries := range map[string][]store.Entry{
			"two sections of one name":  {{ID: store.ID{1}, Sections: []store.Section{{Name: "a"}, {Name: "a"}}}},
			"the token of another act":  {{ID: store.ID{1}, Token: &store.Token{Act: store.ID{2}}}},
			"more sections than may be": {{ID: store.ID{1}, Sections: make([]store.Section, store.MaxSections+1)}},
		} {
			if err := put(s, entries); err == nil {
				t.Errorf("%s was accepted", what)
			}
		}
		works(t, s, 1)
	})
}

func TestContextEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		canceled, cancel := context.WithCancel(ctx)
		err := s.Append(canceled, func(tx *store.Tx) error {
			err := tx.Append(batch("c", 0, 3))
			cancel()
			return err
		})
		nothingWritten(t, s, err, context.Canceled, 0)
		works(t, s, 0)

		// While another holds the head, the wait ends with the context.
		other := open(t, e.config)
		err = other.Append(ctx, func(tx *store.Tx) error {
			short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			err := s.Append(short, func(tx *store.Tx) error { return tx.Append(batch("c", 0, 3)) })
			nothingWritten(t, s, err, context.DeadlineExceeded, 1)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		works(t, s, 1)
	})
}

func TestFullDisk(t *testing.T) {
	s := open(t, store.Config{Dir: t.TempDir()})
	appendAll(t, s, batch("d", 0, 10))
	if err := s.LimitPages(1); err != nil { // SQLite takes the present number instead
		t.Fatal(err)
	}
	nothingWritten(t, s, put(s, batch("d", 10, 2000)), store.ErrUnavailable, 10)
	if err := s.LimitPages(1 << 30); err != nil {
		t.Fatal(err)
	}
	if err := put(s, batch("d", 10, 2000)); err != nil {
		t.Fatal(err)
	}
	works(t, s, 2000)
}

func TestLockNotGranted(t *testing.T) {
	onBoth(t, func(t *testing.T, holder *store.Store, e engine) {
		config := e.config
		if e.name == "postgres" {
			config.Database = storetest.With(t, config.Database, "lock_timeout", "100")
		}
		s := open(t, config)
		if e.name == "sqlite" {
			if err := s.LimitLockWait(100); err != nil {
				t.Fatal(err)
			}
		}
		err := holder.Append(ctx, func(*store.Tx) error {
			nothingWritten(t, s, put(s, batch("l", 0, 1)), store.ErrUnavailable, 0)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		works(t, s, 0)
	})
}

// TestReadOnlyFolder runs as somebody who may not write in the folder: root
// may always, so under root a copy of this test runs as another user.
func TestReadOnlyFolder(t *testing.T) {
	const key = "SAMLENG_TEST_FOLDER"
	if dir := os.Getenv(key); dir != "" {
		readOnlyFolder(t, dir)
		return
	}
	base, err := os.MkdirTemp("", "samleng-readonly-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(base)
	dir := filepath.Join(base, "data")
	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, batch("ro", 0, 5))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(base, "test")
	if err := os.WriteFile(binary, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-test.run=^TestReadOnlyFolder$", "-test.v")
	cmd.Env = append(os.Environ(), key+"="+dir, "HOME="+base)
	cmd.Dir = base
	if os.Getuid() == 0 {
		const nobody = 65534
		if err := errors.Join(os.Chmod(base, 0o755), os.Chown(dir, nobody, nobody), os.Chown(filepath.Join(dir, "samleng.db"), nobody, nobody)); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestReadOnlyFolder")) {
		t.Fatalf("%v\n%s", err, out)
	}
}

func readOnlyFolder(t *testing.T, dir string) {
	file := filepath.Join(dir, "samleng.db")
	if err := errors.Join(os.Chmod(file, 0o400), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(ctx, store.Config{Dir: dir}); !errors.Is(err, store.ErrUnavailable) {
		if err == nil {
			s.Close()
		}
		t.Errorf("Open for writing: %v, want ErrUnavailable", err)
	}
	s, err := store.Open(ctx, store.Config{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	same(t, scanned(t, s, 0, 10), want(batch("ro", 0, 5)))
	nothingWritten(t, s, put(s, batch("ro", 5, 6)), store.ErrUnavailable, 5)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(dir, 0o700), os.Chmod(file, 0o600)); err != nil {
		t.Fatal(err)
	}
	works(t, open(t, store.Config{Dir: dir}), 5)
}

// TestOpenForReading reads beside a writer, and makes nothing where nothing is.
func TestOpenForReading(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		appendAll(t, s, batch("q", 0, 3))
		config := e.config
		config.ReadOnly = true
		reader := open(t, config)
		nothingWritten(t, reader, put(reader, batch("q", 3, 4)), store.ErrUnavailable, 3)
		works(t, s, 3)
		if size, err := reader.Size(ctx); err != nil || size != 4 {
			t.Errorf("Size() = %d, %v, want 4", size, err)
		}
	})
	empty := t.TempDir()
	if _, err := store.Open(ctx, store.Config{Dir: empty, ReadOnly: true}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("an empty folder: %v", err)
	}
	if files, _ := os.ReadDir(empty); len(files) != 0 {
		t.Errorf("opening for reading made %v", files)
	}
}

func TestBrokenFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "samleng.db"), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(ctx, store.Config{Dir: dir}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
}

func TestNewerTablesAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		newer, older := "INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, ", "DELETE FROM goose_db_version WHERE version_id = 900"
		newer += map[string]string{"sqlite": "1)", "postgres": "true)"}[e.name]
		if err := s.Spoil(newer); err != nil {
			t.Fatal(err)
		}
		for _, readOnly := range []bool{false, true} {
			config := e.config
			config.ReadOnly = readOnly
			if other, err := store.Open(ctx, config); err == nil {
				other.Close()
				t.Errorf("tables from the future were opened (read-only %v)", readOnly)
			}
		}
		if err := s.Spoil(older); err != nil {
			t.Fatal(err)
		}
		works(t, open(t, e.config), 0)
	})
}

// TestOpenAtOnce lets several processes find an empty database together.
func TestOpenAtOnce(t *testing.T) {
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			done := make(chan error)
			for range 4 {
				go func() {
					s, err := store.Open(ctx, e.config)
					if err == nil {
						err = s.Close()
					}
					done <- err
				}()
			}
			for range 4 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			works(t, open(t, e.config), 0)
		})
	}
}

func TestWeakDurabilityIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		if e.name == "sqlite" {
			return // its settings are read back at every Open
		}
		// A weak default is overruled.
		config := e.config
		config.Database = storetest.With(t, config.Database, "synchronous_commit", "off")
		works(t, open(t, config), 0)
		// Weakened behind the store's back, it is noticed.
		pool := s.WritePool()
		pool.SetMaxOpenConns(1)
		for _, weak := range []string{"off", "local", "remote_write"} {
			if _, err := pool.Exec("SET synchronous_commit = " + weak); err != nil {
				t.Fatal(err)
			}
			err := put(s, batch("w", 0, 1))
			if !errors.Is(err, store.ErrWeakDurability) {
				t.Errorf("%s: %v, want ErrWeakDurability", weak, err)
			}
			nothingWritten(t, s, err, store.ErrUnavailable, 1)
		}
		works(t, s, 1) // the spoilt connections were dropped
	})
}

func TestEncodingIsRefused(t *testing.T) {
	address := storetest.Address(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprintf("test_ascii_%d", time.Now().UnixNano())
	if _, err := db.Exec("CREATE DATABASE " + name + " ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"); err != nil {
		t.Skip("the server lets nobody make a database: ", err)
	}
	defer db.Exec("DROP DATABASE " + name + " WITH (FORCE)")
	other := regexp.MustCompile(`^(postgres(?:ql)?://[^/]*)/[^?]*`).ReplaceAllString(address, "${1}/"+name)
	if s, err := store.Open(ctx, store.Config{Database: other}); err == nil || !strings.Contains(err.Error(), "UTF8") {
		t.Errorf("got %v, want a refusal of the encoding", err)
		if err == nil {
			s.Close()
		}
	}
}

// TestReset begins anew while others read and write through the same store, and
// after what they hold was taken away from them.
func TestReset(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for n := range 20 {
					if err := put(s, batch(fmt.Sprint("reset ", w), n, n+1)); err != nil {
						t.Error(err)
					}
					if _, err := s.Size(ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 10 {
			if err := s.Reset(ctx); err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
		works(t, s, 80)
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		err := open(t, e.config).Append(ctx, func(*store.Tx) error {
			if err := s.Reset(short); err == nil {
				t.Error("the head was reset while somebody else held its lock")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		works(t, s, 81)
	})
}
