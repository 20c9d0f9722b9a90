package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

const (
	sizeQuery     = "SELECT coalesce(max(position), -1) + 1 FROM act"
	positionQuery = "SELECT position FROM act WHERE id = $1"
)

// Size is the number of acts in the log. It never shrinks.
func (s *Store) Size(ctx context.Context) (int64, error) {
	var size int64
	if err := s.rh.row(ctx, sizeQuery, nil, &size); err != nil {
		return 0, fail("read the log's size", err)
	}
	return size, nil
}

// Act reads the act at a position, or ErrNotFound.
func (s *Store) Act(ctx context.Context, position int64) (Stored, error) {
	act := Stored{Position: position}
	var id []byte
	err := s.rh.row(ctx, "SELECT id, header FROM act WHERE position = $1", []any{position}, &id, &act.Header)
	if errors.Is(err, sql.ErrNoRows) {
		return Stored{}, fmt.Errorf("read act: %w", ErrNotFound)
	}
	if err == nil {
		err = into(act.ID[:], id)
	}
	if err == nil {
		act.Sections, err = s.sections(ctx, position)
	}
	if err != nil {
		return Stored{}, fail("read act", err)
	}
	return act, nil
}

// ActByID reads an act by its id, or ErrNotFound.
func (s *Store) ActByID(ctx context.Context, id ID) (Stored, error) {
	position, err := s.Position(ctx, id)
	if err != nil {
		return Stored{}, err
	}
	return s.Act(ctx, position)
}

// Position finds where in the log an act stands, or ErrNotFound.
func (s *Store) Position(ctx context.Context, id ID) (int64, error) {
	var position int64
	err := s.rh.row(ctx, positionQuery, []any{id[:]}, &position)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("find act: %w", ErrNotFound)
	}
	if err != nil {
		return 0, fail("find act", err)
	}
	return position, nil
}

// Section reads one section of an act. ErrNotFound if there is no such act, or
// the act has no such section any more.
func (s *Store) Section(ctx context.Context, act ID, name string) (Section, error) {
	position, err := s.Position(ctx, act)
	if err != nil {
		return Section{}, err
	}
	section := Section{Name: name}
	err = s.rh.row(ctx, "SELECT salt, bytes FROM section WHERE place >= $1 AND place < $2 AND name = $3",
		[]any{position << sectionBits, (position + 1) << sectionBits, name}, &section.Salt, &section.Bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return Section{}, fmt.Errorf("read section: %w", ErrNotFound)
	}
	if err != nil {
		return Section{}, fail("read section", err)
	}
	return section, nil
}

func (s *Store) sections(ctx context.Context, position int64) ([]Section, error) {
	rows, err := s.rh.query(ctx, "SELECT name, salt, bytes FROM section WHERE place >= $1 AND place < $2 ORDER BY place",
		position<<sectionBits, (position+1)<<sectionBits)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Section
	for rows.Next() {
		var section Section
		if err := rows.Scan(&section.Name, &section.Salt, &section.Bytes); err != nil {
			return nil, err
		}
		all = append(all, section)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

// TokenByKey finds what an idempotency token led to. The answer may be out of
// date by the time it is read; Tx.TokenByKey decides.
func (s *Store) TokenByKey(ctx context.Context, key [32]byte) (Token, bool, error) {
	found, err := s.Tokens(ctx, [][32]byte{key})
	token, ok := found[key]
	return token, ok, err
}

// Tokens finds what many idempotency tokens led to; those unknown are missing.
func (s *Store) Tokens(ctx context.Context, keys [][32]byte) (map[[32]byte]Token, error) {
	found, err := tokens(ctx, s.rh, keys)
	if err != nil {
		return nil, fail("read tokens", err)
	}
	return found, nil
}

// HolderSecret is the salted hash of the secret that opens an act for its
// holder. ErrNotFound if the act is not there, came without a token, or its
// token has no secret.
func (s *Store) HolderSecret(ctx context.Context, act ID) ([]byte, error) {
	var secret []byte
	err := s.rh.row(ctx, "SELECT token.secret FROM act JOIN token ON token.act = act.position WHERE act.id = $1", []any{act[:]}, &secret)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(secret) == 0 {
		return nil, fmt.Errorf("read holder's secret: %w", ErrNotFound)
	}
	if err != nil {
		return nil, fail("read holder's secret", err)
	}
	return secret, nil
}

const tokenColumns = "SELECT token.key, token.fingerprint, token.secret, act.id FROM token JOIN act ON act.position = token.act "

var (
	tokenOne  = tokenColumns + "WHERE token.key = $1"
	tokenList = tokenColumns + "WHERE token.key IN (" + placeholders(1, inList) + ")"
)

func tokens(ctx context.Context, h *handle, keys [][32]byte) (map[[32]byte]Token, error) {
	found := make(map[[32]byte]Token, len(keys))
	for piece := range slices.Chunk(keys, inList) {
		query, args := tokenOne, []any{piece[0][:]}
		if len(piece) > 1 {
			query, args = tokenList, make([]any, inList)
			for i := range args {
				args[i] = piece[min(i, len(piece)-1)][:]
			}
		}
		rows, err := h.query(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			token, err := scanToken(rows)
			if err != nil {
				rows.Close()
				return nil, err
			}
			found[token.Key] = token
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func scanToken(rows *sql.Rows) (Token, error) {
	var t Token
	var key, fingerprint, act []byte
	if err := rows.Scan(&key, &fingerprint, &t.Secret, &act); err != nil {
		return t, err
	}
	return t, errors.Join(into(t.Key[:], key), into(t.Fingerprint[:], fingerprint), into(t.Act[:], act))
}

// LatestCheckpoint is the stored checkpoint of the greatest size.
func (s *Store) LatestCheckpoint(ctx context.Context) (Checkpoint, bool, error) {
	return s.Records(ctx).LatestCheckpoint()
}

// CheckpointBySize is the stored checkpoint of exactly that size.
func (s *Store) CheckpointBySize(ctx context.Context, size int64) (Checkpoint, bool, error) {
	return s.Records(ctx).CheckpointBySize(size)
}

// Checkpoints lists the stored checkpoints of at least a size, smallest first.
func (s *Store) Checkpoints(ctx context.Context, since int64) ([]Checkpoint, error) {
	return s.Records(ctx).Checkpoints(since)
}
