package audit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// history is what the site publishes of checkpoints that witnesses have signed.
// What it holds is compared with the log while that is read; whose signatures
// stand there can be told only afterwards, for the log says whose keys count.
type history struct {
	settled map[string]bool // months that cannot change any more
	notes   []*cosigned
	served  *cosigned           // the newest checkpoint, with what witnesses signed of it
	beside  map[int64]bool      // the positions before and behind cosigned checkpoints
	hours   map[int64]time.Time // of the acts there
	signed  []signing
	said    map[string]bool // keys that contradict themselves, told once
}

func newHistory() history {
	return history{settled: map[string]bool{}, beside: map[int64]bool{}, hours: map[int64]time.Time{}, said: map[string]bool{}}
}

// cosigned is a checkpoint that was published with cosignatures.
type cosigned struct {
	translog.Checkpoint
	month  string
	signed []byte
	// opened says that its signatures were verified; before and behind that they
	// were held to the hours of the acts there.
	opened, before, behind bool
	by                     []translog.Cosignature
}

// signing is one verified signature of a witness.
type signing struct {
	civic.Cosigned
	name string
}

// settledAfter is how long after a month signatures of it may still come in.
const settledAfter = 48 * time.Hour

// MonthsPath is where the months stand in which checkpoints were cosigned, below
// /log/: a JSON list such as ["2026-10","2026-11"].
const MonthsPath = "cosigned/index"

// readHistory reads the months that may have changed since they were read, and
// has what is new in them compared with the log: while it is read as far as it
// still is to come, else at once.
func (a *auditor) readHistory(ctx context.Context) error {
	content, err := a.fetch(ctx, MonthsPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the months of cosigned checkpoints: %w", err)
	}
	months, err := DecodeMonths(content)
	if err != nil {
		return fmt.Errorf("%s: %w", MonthsPath, err)
	}
	for _, month := range months {
		name := month.Format("2006-01")
		if a.history.settled[name] {
			continue
		}
		if err := a.readMonth(ctx, month, name); err != nil {
			return err
		}
		if a.config.Now().After(month.AddDate(0, 1, 0).Add(settledAfter)) {
			a.history.settled[name] = true
		}
	}
	return nil
}

// MostMonths is the most months of cosigned checkpoints that are read.
const MostMonths = 1200

// DecodeMonths reads what stands at MonthsPath.
func DecodeMonths(content []byte) (months []time.Time, err error) {
	var texts []string
	if err := decodeJSON(content, &texts); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	for i, text := range texts {
		month, err := time.Parse("2006-01", text)
		if err != nil || month.Format("2006-01") != text || i > 0 && !months[i-1].Before(month) || i >= MostMonths {
			return nil, fmt.Errorf("%w: months out of order, or none", errForm)
		}
		months = append(months, month)
	}
	return months, nil
}

func (a *auditor) readMonth(ctx context.Context, month time.Time, name string) error {
	path := CosignedPath(month)
	content, err := a.fetch(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is named and not there: %w", path, errForm)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	notes, err := DecodeCosigned(content)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, signed := range notes {
		if slices.ContainsFunc(a.history.notes, func(known *cosigned) bool { return known.month == name && string(known.signed) == string(signed) }) {
			continue
		}
		c, err := translog.ReadForeign(signed)
		if err != nil {
			return fmt.Errorf("%s: %w: %w", path, errForm, err)
		}
		// A note with more lines stands for one that was read before.
		a.history.notes = slices.DeleteFunc(a.history.notes, func(known *cosigned) bool {
			return known.month == name && known.Size == c.Size && known.Root == c.Root && holds(signed, known.signed)
		})
		a.history.notes = append(a.history.notes, &cosigned{Checkpoint: c, month: name, signed: signed})
		a.history.beside[c.Size-1], a.history.beside[c.Size] = true, true
		if c.Size > a.tree.Size() {
			a.expect(landmark{Checkpoint: c, cosigned: true})
		} else if err := a.compareBehind(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether a note has every line of another.
func holds(signed, other []byte) bool {
	for line := range bytes.Lines(other) {
		if !bytes.Contains(signed, line) {
			return false
		}
	}
	return true
}

// expect puts a checkpoint among those that the tree is held to when it gets
// there.
func (a *auditor) expect(k landmark) {
	at, _ := slices.BinarySearchFunc(a.seen[a.compared:], k, func(x, y landmark) int { return cmp.Compare(x.Size, y.Size) })
	a.seen = slices.Insert(a.seen, a.compared+at, k)
}

// compareBehind compares a cosigned checkpoint of a size that was read before.
func (a *auditor) compareBehind(ctx context.Context, c translog.Checkpoint) error {
	if c.Size == 0 {
		return nil
	}
	reader, err := translog.NewReader(ctx, a.newest, a.fetch)
	if err != nil {
		return err
	}
	root, err := translog.Root(c.Size, reader)
	if err != nil {
		return err
	}
	if root != c.Root {
		return a.end(Finding{Check: CheckFork, Position: c.Size, Log: c.Root.String(), Site: root.String(), Figure: "/log/cosigned"})
	}
	return nil
}

// note remembers the hour of an act beside a cosigned checkpoint.
func (h *history) note(position int64, at time.Time) {
	if h.beside[position] {
		h.hours[position] = at
	}
}

// hour gives the hour of an act, read again where it was not noted.
func (a *auditor) hour(ctx context.Context, position int64) (time.Time, error) {
	if at, noted := a.history.hours[position]; noted {
		return at, nil
	}
	leaf, err := a.leaf(ctx, position)
	if err != nil {
		return time.Time{}, err
	}
	h, err := act.DecodeHeader(leaf)
	if err != nil {
		return time.Time{}, nil // found before, and no hour to compare with
	}
	a.history.hours[position] = h.At
	return h.At, nil
}
