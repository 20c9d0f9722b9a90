package register

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"samleng/act"
	"samleng/internal/store"
	"samleng/translog"
)

// A backup is the same for both engines: gzip over one JSON object a line. The
// first is the head; then come acts in the order of the log, each some time
// after its token, private rows, an end without which a backup that was cut off
// would pass for a whole one, and keys where they were asked for. Sealed
// sections stay sealed.
type backupLine struct {
	Head    *backupHead    `json:"head,omitempty"`
	Token   *store.Token   `json:"token,omitempty"`
	Act     *backupAct     `json:"act,omitempty"`
	Private *backupPrivate `json:"private,omitempty"`
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

type backupKey struct {
	Name  string `json:"name"`
	Bytes []byte `json:"bytes"`
}

type backupEnd struct {
	Acts    int64  `json:"acts"`
	Private int64  `json:"private"`
	Root    string `json:"root"`
}

const backupVersion = 1

// keyFiles are the files that hold the server's secrets.
var keyFiles = []string{"log.key", "seal.key", "people.key", "accounts.key"}

// Backup writes a consistent copy of everything stored, while the register is
// in use. The keys are left out unless they are asked for: without them nobody
// opens the copy's sealed sections, and with them everybody who has it can.
func (r *Register) Backup(ctx context.Context, to io.Writer, withKeys bool) error {
	zipped := gzip.NewWriter(to)
	buffered := bufio.NewWriterSize(zipped, 1<<16)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	err := r.store.Snapshot(ctx, func(snap *store.Snap) error {
		head := &backupHead{Version: backupVersion, Origin: r.Origin(), Size: snap.Size()}
		if latest, has, err := snap.LatestCheckpoint(); err != nil {
			return err
		} else if has {
			head.Checkpoint = string(latest.Note)
		}
		if err := lines.Encode(backupLine{Head: head}); err != nil {
			return err
		}
		return writeBackup(snap, lines)
	})
	if err == nil && withKeys {
		for _, name := range append([]string{pinName}, keyFiles...) {
			secret, readErr := os.ReadFile(filepath.Join(r.keys.Dir, name))
			if readErr != nil && name != pinName {
				return fmt.Errorf("back up the keys: %w", readErr)
			} else if readErr == nil {
				err = errors.Join(err, lines.Encode(backupLine{Key: &backupKey{name, secret}}))
			}
		}
	}
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return errors.Join(buffered.Flush(), zipped.Close())
}

func writeBackup(snap *store.Snap, lines *json.Encoder) error {
	var tree translog.Frontier
	// The tokens of a few thousand acts at a time, so that whoever restores has
	// to remember no more.
	for from := int64(0); from < snap.Size(); from += restoreBatch {
		err := snap.Tokens(from, from+restoreBatch, func(_ int64, token store.Token) error { return lines.Encode(backupLine{Token: &token}) })
		if err != nil {
			return err
		}
		err = snap.Scan(from, from+restoreBatch, func(stored store.Stored) error {
			if err := tree.Append(translog.LeafHash(stored.Header)); err != nil {
				return err
			}
			return lines.Encode(backupLine{Act: &backupAct{string(stored.Header), stored.Sections}})
		})
		if err != nil {
			return err
		}
	}
	end := backupEnd{Acts: snap.Size(), Root: act.Digest(tree.Root()).String()}
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
			return err
		}
	}
	return lines.Encode(backupLine{End: &end})
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
