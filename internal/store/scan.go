package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// scanChunk is how many acts are read at a time: a query for their headers,
// and one for their sections, merged in memory.
const scanChunk = 512

var errStop = errors.New("stopped by the reader")

const (
	scanActs     = "SELECT position, id, header FROM act WHERE position >= $1 AND position < $2 ORDER BY position"
	scanSections = "SELECT place, name, salt, bytes FROM section WHERE place >= $1 AND place < $2 ORDER BY place"
)

// Scan calls fn with each act at positions from, from+1 … below to (or the
// log's end), in order, with its sections. It ends with fn's error, if any, as
// it is. A gap is ErrDamaged. Between acts it holds no lock and no snapshot:
// acts never change, and a section erased meanwhile is missing from then on.
// Scans of disjoint ranges run in parallel. What fn gets, it may keep.
func (s *Store) Scan(ctx context.Context, from, to int64, fn func(Stored) error) error {
	conn, err := s.r.Conn(ctx)
	if err != nil {
		return fail("scan", err)
	}
	h := newConnHandle(conn, !s.postgres)
	defer h.close()
	return scan(ctx, h, from, to, fn)
}

func scan(ctx context.Context, h *handle, from, to int64, fn func(Stored) error) error {
	for from = max(from, 0); from < to; {
		end := min(from+scanChunk, to)
		acts, err := readChunk(ctx, h, from, end)
		if err != nil {
			return fail("scan", err)
		}
		for i := range acts {
			if acts[i].Position != from+int64(i) {
				return fmt.Errorf("scan: %w: no act at position %d", ErrDamaged, from+int64(i))
			}
			if err := fn(acts[i]); err != nil {
				return err
			}
		}
		if int64(len(acts)) < end-from {
			return nil
		}
		from = end
	}
	return nil
}

// readChunk reads the acts at positions [from, end). Their sections are read
// after them, so that an act is never without sections it had from the start.
func readChunk(ctx context.Context, h *handle, from, end int64) ([]Stored, error) {
	acts := make([]Stored, 0, end-from)
	err := each(ctx, h, scanActs, from, end, func(rows *sql.Rows) error {
		acts = append(acts, Stored{})
		act := &acts[len(acts)-1]
		var id []byte
		if err := rows.Scan(&act.Position, &id, &act.Header); err != nil {
			return err
		}
		return into(act.ID[:], id)
	})
	if err != nil || len(acts) == 0 {
		return nil, err
	}
	last := acts[len(acts)-1].Position
	err = each(ctx, h, scanSections, from<<sectionBits, (last+1)<<sectionBits, func(rows *sql.Rows) error {
		var place int64
		var section Section
		if err := rows.Scan(&place, &section.Name, &section.Salt, &section.Bytes); err != nil {
			return err
		}
		i := place>>sectionBits - from
		if i >= int64(len(acts)) {
			return fmt.Errorf("%w: a section of no act", ErrDamaged)
		}
		acts[i].Sections = append(acts[i].Sections, section)
		return nil
	})
	return acts, err
}

func each(ctx context.Context, h *handle, query string, from, end int64, fn func(*sql.Rows) error) error {
	rows, err := h.query(ctx, query, from, end)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
