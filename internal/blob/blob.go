// Package blob keeps files by the SHA-256 of what is stored, in a folder: what
// acts call evidence. Who may read one is decided elsewhere, by the sections
// that name it.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
)

// MaxSize is the most bytes of a file.
const MaxSize = 10 << 20

// Errors of Put and Open.
var (
	ErrTooLarge = errors.New("blob: the file is too large")
	ErrType     = errors.New("blob: the file is of none of the types that are taken, or not what it says")
	ErrNotFound = errors.New("blob: there is no such file")
)

// Blob is a stored file.
type Blob struct {
	SHA256 [sha256.Size]byte
	Type   string // its media type, as found by looking at it
	Size   int64
}

// Store is a folder of files. It is safe for use by several processes.
type Store struct{ dir string }

// Open opens a store, making its folder.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the files: %w", err)
	}
	return &Store{dir}, nil
}

func (s *Store) path(sum [sha256.Size]byte) string {
	name := hex.EncodeToString(sum[:])
	return filepath.Join(s.dir, name[:2], name[2:])
}

// Put reads a file, at most MaxSize bytes, checks that it is of one of Types by
// looking at it, takes out of pictures everything but the picture (see clean),
// and stores the result. It is on disk when Put returns, so that an act may name
// it. The error is ErrTooLarge or ErrType where the file is to blame.
func (s *Store) Put(ctx context.Context, r io.Reader) (Blob, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return Blob{}, fmt.Errorf("read a file: %w", err)
	}
	if len(raw) > MaxSize {
		return Blob{}, ErrTooLarge
	}
	if err := ctx.Err(); err != nil {
		return Blob{}, err
	}
	content, kind, err := clean(raw)
	if err != nil {
		return Blob{}, err
	}
	b := Blob{SHA256: sha256.Sum256(content), Type: kind, Size: int64(len(content))}
	if err := s.write(s.path(b.SHA256), content); err != nil {
		return Blob{}, fmt.Errorf("store a file: %w", err)
	}
	return b, nil
}

// Restore stores a file's bytes as they were stored before, durably like Put.
func (s *Store) Restore(sum [sha256.Size]byte, content []byte) error {
	if sha256.Sum256(content) != sum {
		return errors.New("restore a file: its bytes do not fit its digest")
	}
	// One that is there but was damaged is no reason to keep it.
	if there, err := os.ReadFile(s.path(sum)); err == nil && sha256.Sum256(there) != sum {
		if err := s.Delete(sum); err != nil {
			return err
		}
	}
	if err := s.write(s.path(sum), content); err != nil {
		return fmt.Errorf("restore a file: %w", err)
	}
	return nil
}

// All lists the files that there are, in the order of their digests. One that
// is deleted meanwhile may be among them.
func (s *Store) All() ([][sha256.Size]byte, error) {
	folders, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	var all [][sha256.Size]byte
	for _, folder := range folders {
		if !folder.IsDir() {
			continue // a file that is being written
		}
		names, err := os.ReadDir(filepath.Join(s.dir, folder.Name()))
		if err != nil {
			return nil, fmt.Errorf("list the files: %w", err)
		}
		for _, name := range names {
			sum, err := hex.DecodeString(folder.Name() + name.Name())
			if err == nil && len(sum) == sha256.Size {
				all = append(all, [sha256.Size]byte(sum))
			}
		}
	}
	return all, nil
}

// write stores content whole or not at all, and durably: file, name and folder.
func (s *Store) write(path string, content []byte) error {
	if _, err := os.Stat(path); err == nil {
		return nil // the same bytes are there
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(path)), syncDir(s.dir))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Read gives a file's bytes. It looks at them again: what does not fit its
// digest is not handed out.
func (s *Store) Read(sum [sha256.Size]byte) ([]byte, error) {
	content, err := os.ReadFile(s.path(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", err)
	}
	if sha256.Sum256(content) != sum {
		return nil, fmt.Errorf("read a file: %w: its bytes do not fit its digest", ErrNotFound)
	}
	return content, nil
}

// Look tells what a stored file is. The errors are those of Read.
func (s *Store) Look(sum [sha256.Size]byte) (Blob, error) {
	content, err := s.Read(sum)
	if err != nil {
		return Blob{}, err
	}
	return Blob{SHA256: sum, Type: http.DetectContentType(content), Size: int64(len(content))}, nil
}

// Delete removes a file, if it is there.
func (s *Store) Delete(sum [sha256.Size]byte) error {
	err := os.Remove(s.path(sum))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete a file: %w", err)
	}
	return nil
}
