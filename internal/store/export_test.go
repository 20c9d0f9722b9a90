package store

import (
	"context"
	"database/sql"
	"fmt"
)

// LimitPages makes the SQLite file as good as full at some number of pages.
func (s *Store) LimitPages(pages int64) error { return s.pragma("max_page_count", pages) }

// LimitLockWait sets how many milliseconds SQLite's writer waits for a lock.
func (s *Store) LimitLockWait(ms int64) error { return s.pragma("busy_timeout", ms) }

func (s *Store) pragma(name string, value int64) error {
	release, err := s.acquireWriter(context.Background())
	if err != nil {
		return err
	}
	_, err = s.writer.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA %s = %d", name, value))
	release(true)
	return err
}

// WritePool is PostgreSQL's pool of writing connections.
func (s *Store) WritePool() *sql.DB { return s.w }

// TablesOf lists "table.column" of all of the store's own tables.
func (s *Store) TablesOf(ctx context.Context) (columns []string, err error) {
	query := `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' ORDER BY m.name, c.cid`
	if s.postgres {
		query = `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name NOT LIKE 'goose_%' ORDER BY table_name COLLATE "C", ordinal_position`
	}
	rows, err := s.r.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	return columns, rows.Err()
}

// Spoil runs a statement that no part of the store would run.
func (s *Store) Spoil(query string) error {
	return s.write(context.Background(), false, func(ctx context.Context, h *handle) error {
		_, err := h.exec(ctx, query)
		return err
	})
}
