package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
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
// It goes below database/sql, which would copy every value once more: replaying
// the log at start-up is what this is for.
func readChunk(ctx context.Context, h *handle, from, end int64) ([]Stored, error) {
	acts := make([]Stored, 0, end-from)
	err := eachRow(ctx, h, scanActs, from, end, 3, func(values []driver.Value) error {
		position, isNumber := values[0].(int64)
		id, _ := values[1].([]byte)
		header, _ := values[2].([]byte)
		if !isNumber {
			return fmt.Errorf("%w: a position is no number", ErrDamaged)
		}
		acts = append(acts, Stored{Position: position, Header: header})
		return into(acts[len(acts)-1].ID[:], id)
	})
	if err != nil || len(acts) == 0 {
		return nil, err
	}
	last := acts[len(acts)-1].Position
	sections := make([]Section, 0, len(acts))
	owners := make([]int, 0, len(acts)) // whose each section is: an index of acts
	err = eachRow(ctx, h, scanSections, from<<sectionBits, (last+1)<<sectionBits, 4, func(values []driver.Value) error {
		place, isNumber := values[0].(int64)
		name, isText := values[1].(string)
		salt, _ := values[2].([]byte)
		bytes, _ := values[3].([]byte)
		i := place>>sectionBits - from
		if !isNumber || !isText || i >= int64(len(acts)) {
			return fmt.Errorf("%w: a section of no act", ErrDamaged)
		}
		sections = append(sections, Section{Name: name, Salt: salt, Bytes: bytes})
		owners = append(owners, int(i))
		return nil
	})
	for start := 0; start < len(owners); {
		stop := start + 1
		for stop < len(owners) && owners[stop] == owners[start] {
			stop++
		}
		acts[owners[start]].Sections = sections[start:stop:stop]
		start = stop
	}
	return acts, err
}

// eachRow calls fn with each row of a query over a range. The slice is used
// again for the next row, the values in it are not.
func eachRow(ctx context.Context, h *handle, query string, from, end int64, columns int, fn func([]driver.Value) error) error {
	var failed error
	err := h.conn.Raw(func(raw any) error {
		if conn, ok := raw.(*stdlib.Conn); ok {
			failed = eachPostgres(ctx, conn.Conn(), query, from, end, columns, fn)
		} else {
			failed = eachSQLite(ctx, raw.(driver.ConnPrepareContext), query, from, end, columns, fn)
		}
		return nil
	})
	return errors.Join(failed, err)
}

func eachSQLite(ctx context.Context, conn driver.ConnPrepareContext, query string, from, end int64, columns int, fn func([]driver.Value) error) (err error) {
	stmt, err := conn.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, []driver.NamedValue{{Ordinal: 1, Value: from}, {Ordinal: 2, Value: end}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, columns)
	for {
		switch err := rows.Next(values); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := fn(values); err != nil {
			return err
		}
	}
}

func eachPostgres(ctx context.Context, conn *pgx.Conn, query string, from, end int64, columns int, fn func([]driver.Value) error) error {
	rows, err := conn.Query(ctx, query, from, end)
	if err != nil {
		return err
	}
	defer rows.Close()
	// The first column is a number, the second of four a text, the others bytes.
	var number int64
	var text string
	bytes := make([][]byte, columns)
	dest := []any{&number}
	for i := 1; i < columns; i++ {
		if i == 1 && columns == 4 {
			dest = append(dest, &text)
		} else {
			dest = append(dest, &bytes[i])
		}
	}
	values := make([]driver.Value, columns)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		values[0] = number
		for i := 1; i < columns; i++ {
			if i == 1 && columns == 4 {
				values[i] = text
			} else {
				values[i] = bytes[i]
			}
		}
		if err := fn(values); err != nil {
			return err
		}
	}
	return rows.Err()
}
