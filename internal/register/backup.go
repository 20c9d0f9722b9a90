package register

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"samleng/act"
	"samleng/internal/store"
	"samleng/translog"
)

// A backup is the same for both engines: gzip over one JSON object a line. The
// first is the head; then come acts in the order of the log, each some time
// after its token, private rows, an end without which a backup that was cut off
// would pass for a whole one, and keys where they were asked for. Sealed
// sections stay sealed. The files that evidence names come before the end, one a
// line; a backup without them is a whole one too.
type backupLine struct {
	Head    *backupHead    `json:"head,omitempty"`
	Token   *store.Token   `json:"token,omitempty"`
	Act     *backupAct     `json:"act,omitempty"`
	Private *backupPrivate `json:"private,omitempty"`
	File    *backupFile    `json:"file,omitempty"`
	Key     *backupKey     `json:"key,omitempty"`
	End     *backupEnd     `json:"end,omitempty"`
}

type backupHead struct {
	Version int    `json:"samleng_backup"`
	Origin  string `json:"origin"`
	Size    int64  `json:"size"`
	// Checkpoint is the newest one stored, as a signed note; empty if none was.
	Checkpoint string `json:"checkpoint,omitempty"`
}

type backupAct struct {
	Header   string          `json:"header"`
	Sections []store.Section `json:"sections,omitempty"`
}

type backupPrivate struct {
	Table  string        `json:"table"`
	Values []backupValue `json:"values"`
}

// backupValue is a column's value with its type, so that both engines get back
// what they gave; all three nil is NULL.
type backupValue struct {
	Number *int64  `json:"n,omitempty"`
	Text   *string `json:"t,omitempty"`
	Bytes  *[]byte `json:"b,omitempty"`
}

// backupFile is a file by the SHA-256 of its bytes, in hexadecimal digits as the
// blob store names it.
type backupFile struct {
	SHA256 string `json:"sha256"`
	Bytes  []byte `json:"bytes"`
}

type backupKey struct {
	Name  string `json:"name"`
	Bytes []byte `json:"bytes"`
}

type backupEnd struct {
	Acts    int64  `json:"acts"`
	Private int64  `json:"private"`
	Files   int64  `json:"files,omitempty"`
	Root    string `json:"root"`
}

const backupVersion = 1

// keyFiles are the files that hold the server's secrets, besides the log's keys.
var keyFiles = []string{"seal.key", "people.key", "accounts.key"}

// mostFileBytes is the most bytes of a file in a backup: in base64 it fits a
// line of one.
const mostFileBytes = 10 << 20

// BackupOptions say what a backup holds besides the acts and private rows.
type BackupOptions struct {
	// Keys puts the server's keys in: without them nobody opens the copy's
	// sealed sections, and with them everybody who has it can.
	Keys bool
	// Files gives the bytes of every file of evidence, each at most 10 MiB; nil
	// leaves them out. It is read once the acts are written: a file is stored
	// before its act, so what these acts name is among them.
	Files iter.Seq2[[]byte, error]
}

// BackedUp says what a backup holds.
type BackedUp struct{ Acts, Files int64 }

// Backup writes a consistent copy of everything stored, while the register is
// in use.
func (r *Register) Backup(ctx context.Context, to io.Writer, options BackupOptions) (BackedUp, error) {
	zipped := gzip.NewWriter(to)
	buffered := bufio.NewWriterSize(zipped, 1<<16)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	var end backupEnd
	err := r.store.Snapshot(ctx, func(snap *store.Snap) (err error) {
		head := &backupHead{Version: backupVersion, Origin: r.Origin(), Size: snap.Size()}
		if latest, has, err := snap.LatestCheckpoint(); err != nil {
			return err
		} else if has {
			head.Checkpoint = string(latest.Note)
		}
		if err := lines.Encode(backupLine{Head: head}); err != nil {
			return err
		}
		end, err = writeBackup(snap, lines)
		return err
	})
	if err == nil && options.Files != nil {
		// Files do not change, so they need no snapshot; holding one for as long
		// as they take would keep the database from tidying up.
		end.Files, err = writeFiles(ctx, options.Files, lines)
	}
	if err == nil {
		err = lines.Encode(backupLine{End: &end})
	}
	if err == nil && options.Keys {
		err = r.writeKeys(lines)
	}
	if err != nil {
		return BackedUp{}, fmt.Errorf("back up: %w", err)
	}
	return BackedUp{end.Acts, end.Files}, errors.Join(buffered.Flush(), zipped.Close())
}

func (r *Register) writeKeys(lines *json.Encoder) error {
	last, err := (&Keys{Dir: r.keys.Dir}).loadLogKeys()
	if err != nil {
		return err
	}
	names := append([]string{pinName}, keyFiles...)
	for n := 1; n <= last; n++ {
		names = append(names, logKeyFile(n))
	}
	for _, name := range names {
		secret, err := os.ReadFile(filepath.Join(r.keys.Dir, name))
		if errors.Is(err, os.ErrNotExist) && !slices.Contains(keyFiles, name) {
			continue // nothing was published yet; a key that another followed was removed
		}
		if err != nil {
			return fmt.Errorf("the keys: %w", err)
		}
		if err := lines.Encode(backupLine{Key: &backupKey{name, secret}}); err != nil {
			return err
		}
	}
	return nil
}

func writeFiles(ctx context.Context, files iter.Seq2[[]byte, error], lines *json.Encoder) (n int64, err error) {
	for content, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && len(content) > mostFileBytes {
			err = fmt.Errorf("a file of %d bytes: at most %d", len(content), mostFileBytes)
		}
		if err == nil {
			sum := sha256.Sum256(content)
			err = lines.Encode(backupLine{File: &backupFile{hex.EncodeToString(sum[:]), content}})
		}
		if err != nil {
			return n, fmt.Errorf("the files: %w", err)
		}
		n++
	}
	return n, nil
}

// writeBackup writes acts and private rows, and gives the end that states them.
func writeBackup(snap *store.Snap, lines *json.Encoder) (end backupEnd, err error) {
	var tree translog.Frontier
	// The tokens of a few thousand acts at a time, so that whoever restores has
	// to remember no more.
	for from := int64(0); from < snap.Size(); from += restoreBatch {
		err := snap.Tokens(from, from+restoreBatch, func(_ int64, token store.Token) error { return lines.Encode(backupLine{Token: &token}) })
		if err != nil {
			return end, err
		}
		err = snap.Scan(from, from+restoreBatch, func(stored store.Stored) error {
			if err := tree.Append(translog.LeafHash(stored.Header)); err != nil {
				return err
			}
			return lines.Encode(backupLine{Act: &backupAct{string(stored.Header), stored.Sections}})
		})
		if err != nil {
			return end, err
		}
	}
	end = backupEnd{Acts: snap.Size(), Root: act.Digest(tree.Root()).String()}
	for _, table := range store.PrivateTables() {
		err := snap.Private(table.Name, func(values []any) error {
			row := &backupPrivate{Table: table.Name}
			for _, value := range values {
				kept, err := keepValue(value)
				if err != nil {
					return fmt.Errorf("table %s: %w", table.Name, err)
				}
				row.Values = append(row.Values, kept)
			}
			end.Private++
			return lines.Encode(backupLine{Private: row})
		})
		if err != nil {
			return end, err
		}
	}
	return end, nil
}

func keepValue(value any) (backupValue, error) {
	switch v := value.(type) {
	case nil:
		return backupValue{}, nil
	case int64:
		return backupValue{Number: &v}, nil
	case string:
		return backupValue{Text: &v}, nil
	case []byte:
		kept := append([]byte{}, v...)
		return backupValue{Bytes: &kept}, nil
	}
	return backupValue{}, fmt.Errorf("a value of type %T", value)
}

func (v backupValue) value() any {
	switch {
	case v.Number != nil:
		return *v.Number
	case v.Text != nil:
		return *v.Text
	case v.Bytes != nil:
		return *v.Bytes
	}
	return nil
}
