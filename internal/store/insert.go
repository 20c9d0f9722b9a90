package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// rowSet is a batch of entries, column by column, table by table.
type rowSet struct {
	acts     table
	sections table
	tree     table
	tokens   table
}

// table is some rows of one table, in the order of its columns.
type table struct {
	insert  *insertion
	numbers []int64    // the first column, a BIGINT
	texts   []string   // the second column of section
	blobs   [][][]byte // the other columns
}

// prepareRows checks entries and works out every row, the tree's included, in
// memory; only the frontier is read from the database.
func (tx *Tx) prepareRows(entries []Entry) (*rowSet, error) {
	front, err := readFrontier(tx.ctx, tx.h, tx.size)
	if err != nil {
		return nil, err
	}
	n := len(entries)
	rows := &rowSet{
		acts:     newTable(insertAct, n),
		sections: newTable(insertSection, n),
		tree:     newTable(insertTree, n),
		tokens:   newTable(insertToken, n),
	}
	hashes := make([]byte, 0, 2*tlog.HashSize*n+64*tlog.HashSize)
	for i := range entries {
		e := &entries[i]
		position := tx.size + int64(i)
		if len(e.Sections) > MaxSections {
			return nil, fmt.Errorf("act %d of the batch has %d sections, at most %d are allowed", i, len(e.Sections), MaxSections)
		}
		rows.acts.add(position, e.ID[:], some(e.Header))
		for j, section := range e.Sections {
			for _, other := range e.Sections[:j] {
				if other.Name == section.Name {
					return nil, fmt.Errorf("act %d of the batch has two sections named %q", i, section.Name)
				}
			}
			rows.sections.texts = append(rows.sections.texts, section.Name)
			rows.sections.add(position<<sectionBits|int64(j), some(section.Salt), some(section.Bytes))
		}
		leaf := e.LeafHash
		if leaf == (tlog.Hash{}) {
			leaf = tlog.RecordHash(e.Header)
		}
		start := len(hashes)
		hashes = front.add(position, leaf, hashes)
		rows.tree.add(position, hashes[start:len(hashes):len(hashes)])
		if t := e.Token; t != nil {
			if t.Act != (ID{}) && t.Act != e.ID {
				return nil, fmt.Errorf("act %d of the batch brings the token of another act", i)
			}
			rows.tokens.add(position, t.Key[:], t.Fingerprint[:], some(bytes.Clone(t.Secret)))
		}
	}
	return rows, nil
}

func newTable(insert *insertion, rows int) table {
	t := table{insert: insert, numbers: make([]int64, 0, rows), blobs: make([][][]byte, insert.blobs)}
	for i := range t.blobs {
		t.blobs[i] = make([][]byte, 0, rows)
	}
	return t
}

func (t *table) add(number int64, blobs ...[]byte) {
	t.numbers = append(t.numbers, number)
	for i, b := range blobs {
		t.blobs[i] = append(t.blobs[i], b)
	}
}

// insertion is how rows go into one table.
type insertion struct {
	into  string // table and columns
	text  bool   // whether the second column is a TEXT
	blobs int    // the columns after that
}

var (
	insertAct     = &insertion{"act (position, id, header)", false, 2}
	insertSection = &insertion{"section (place, name, salt, bytes)", true, 2}
	insertTree    = &insertion{"tree (act, hashes)", false, 1}
	insertToken   = &insertion{"token (act, key, fingerprint, secret)", false, 3}
)

func (in *insertion) columns() int {
	if in.text {
		return 2 + in.blobs
	}
	return 1 + in.blobs
}

// values is SQLite's statement for some rows. Its parameters have no names,
// for the driver looks each name up in a list; and a conflict ends the whole
// transaction, as it would anyway, so SQLite need not note how to undo the
// statement alone.
func (in *insertion) values(rows int) string {
	row := "(?" + strings.Repeat(", ?", in.columns()-1) + ")"
	return "INSERT OR ROLLBACK INTO " + in.into + " VALUES " + row + strings.Repeat(", "+row, rows-1)
}

// unnest is a statement for any number of rows, one array for each column.
func (in *insertion) unnest() string {
	types := []string{"$1::bigint[]"}
	if in.text {
		types = append(types, "$2::text[]")
	}
	for len(types) < in.columns() {
		types = append(types, "$"+strconv.Itoa(len(types)+1)+"::bytea[]")
	}
	return "INSERT INTO " + in.into + " SELECT * FROM unnest(" + strings.Join(types, ", ") + ")"
}

func placeholders(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}

// pieces are the numbers of rows for which SQLite keeps a prepared statement.
// Many rows a statement cost a third less processor time than one each.
var pieces = [...]int{64, 16, 4, 1}

// insertText holds the statements for SQLite by table and number of rows.
var insertText = func() map[*insertion][len(pieces)]string {
	texts := map[*insertion][len(pieces)]string{}
	for _, in := range []*insertion{insertAct, insertSection, insertTree, insertToken} {
		var of [len(pieces)]string
		for i, rows := range pieces {
			of[i] = in.values(rows)
		}
		texts[in] = of
	}
	return texts
}()

func insertSQLite(ctx context.Context, h *handle, rows *rowSet) error {
	var args []any
	for _, t := range []*table{&rows.acts, &rows.sections, &rows.tree, &rows.tokens} {
		text := insertText[t.insert]
		for done := 0; done < len(t.numbers); {
			i := 0
			for pieces[i] > len(t.numbers)-done {
				i++
			}
			args = args[:0]
			for row := done; row < done+pieces[i]; row++ {
				args = append(args, t.numbers[row])
				if t.insert.text {
					args = append(args, t.texts[row])
				}
				for _, column := range t.blobs {
					args = append(args, column[row])
				}
			}
			if _, err := h.exec(ctx, text[i], args...); err != nil {
				return err
			}
			done += pieces[i]
		}
	}
	return nil
}

// insertPostgres sends one statement a table, all in one round trip.
func insertPostgres(ctx context.Context, h *handle, rows *rowSet) error {
	batch := &pgx.Batch{}
	for _, t := range []*table{&rows.acts, &rows.sections, &rows.tree, &rows.tokens} {
		if len(t.numbers) == 0 {
			continue
		}
		args := []any{t.numbers}
		if t.insert.text {
			args = append(args, t.texts)
		}
		for _, column := range t.blobs {
			args = append(args, column)
		}
		batch.Queue(t.insert.unnest(), args...)
	}
	var failed error
	err := pgxOf(h.conn, func(c *pgx.Conn) error {
		if failed = c.SendBatch(ctx, batch).Close(); c.IsClosed() {
			return errors.Join(errDiscard, failed)
		}
		return nil
	})
	if failed != nil {
		return failed
	}
	return err
}
