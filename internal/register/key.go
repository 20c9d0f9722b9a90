package register

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/translog"
)

// Keys are the server's secrets. They live outside the database, so that a copy
// of it opens no sealed section.
type Keys struct {
	// Dir is where they came from; the newest published checkpoint is kept
	// there too, where a restored database does not overwrite it.
	Dir string
	// Log signs checkpoints: a note signer key. Verifier is its public part.
	Log, Verifier string
	// Later are the log's keys that were made to follow it. Which of them is in
	// force, the log says (key.changed).
	Later []LogKey
	// Seal encrypts sealed sections (32 bytes); People makes pseudonyms (32
	// bytes) and is never changed.
	Seal, People []byte
	// Accounts encrypts what accounts keep (32 bytes).
	Accounts []byte
}

const keySize = 32

// LogKey is a key of the log: note signer key and verifier key.
type LogKey struct{ Signer, Verifier string }

// logKeyFile is the file of the log's n'th key, counted from 1.
func logKeyFile(n int) string {
	if n == 1 {
		return "log.key"
	}
	return fmt.Sprintf("log-%d.key", n)
}

// pairs are all of the log's keys, oldest first.
func (k Keys) pairs() []LogKey { return append([]LogKey{{k.Log, k.Verifier}}, k.Later...) }

// verifiers are those of all of the log's keys that the folder holds.
func (k Keys) verifiers() ([]note.Verifier, error) {
	var all []note.Verifier
	for _, pair := range k.pairs() {
		v, err := translog.NewVerifier(pair.Verifier)
		if err != nil {
			return nil, fmt.Errorf("the log's key: %w", err)
		}
		all = append(all, v)
	}
	return all, nil
}

// ErrNoOrigin is returned when the log's key has to be made and nobody said
// what the log is called.
var ErrNoOrigin = errors.New("the log needs an origin, a name like example.org/register")

// AccountKey is the key under which accounts keep their secrets.
func (r *Register) AccountKey() []byte { return r.keys.Accounts }

// LoadKeys reads the keys in a folder and makes those that are missing. origin
// names the log in its checkpoints; it is used when the log's key is made, and
// must be the same afterwards (an empty one leaves it as it is).
func LoadKeys(dir, origin string, random io.Reader) (Keys, error) {
	keys := Keys{Dir: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return keys, fmt.Errorf("load keys: %w", err)
	}
	for _, secret := range []struct {
		name string
		into *[]byte
	}{{"seal.key", &keys.Seal}, {"people.key", &keys.People}, {"accounts.key", &keys.Accounts}} {
		value, err := loadOrMake(filepath.Join(dir, secret.name), func() ([]byte, error) {
			value := make([]byte, keySize)
			_, err := io.ReadFull(random, value)
			return value, err
		})
		if err != nil {
			return keys, err
		}
		if len(value) != keySize {
			return keys, fmt.Errorf("load keys: %s has %d bytes, not %d", secret.name, len(value), keySize)
		}
		*secret.into = value
	}
	last, err := keys.loadLogKeys()
	if err != nil {
		return keys, err
	}
	if last == 0 {
		first, err := makeLogKey(dir, 1, origin, random)
		if err != nil {
			return keys, err
		}
		keys.Log, keys.Verifier = first.Signer, first.Verifier
	}
	if signer, err := keys.signer(); err != nil {
		return keys, err
	} else if origin != "" && signer.Name() != origin {
		return keys, fmt.Errorf("load keys: the log is called %s, not %s", signer.Name(), origin)
	}
	return keys, nil
}

// makeLogKey reads the log's n'th key, or makes it.
func makeLogKey(dir string, n int, origin string, random io.Reader) (LogKey, error) {
	name := logKeyFile(n)
	pair, err := loadOrMake(filepath.Join(dir, name), func() ([]byte, error) {
		if origin == "" {
			return nil, ErrNoOrigin
		}
		skey, vkey, err := translog.GenerateKey(random, origin)
		return []byte(skey + "\n" + vkey + "\n"), err
	})
	if err != nil {
		return LogKey{}, err
	}
	skey, vkey, ok := bytes.Cut(bytes.TrimSuffix(pair, []byte("\n")), []byte("\n"))
	if !ok {
		return LogKey{}, fmt.Errorf("load keys: %s does not hold two keys", name)
	}
	return LogKey{string(skey), string(vkey)}, nil
}

// loadLogKeys reads the log's keys that are in the folder, oldest first, and
// gives the number of the last; 0 if there is none. Another process may have
// made one since it was read, and of those that others followed the files may be
// gone.
func (k *Keys) loadLogKeys() (last int, err error) {
	files, err := os.ReadDir(k.Dir)
	if err != nil {
		return 0, fmt.Errorf("load keys: %w", err)
	}
	var numbers []int
	for _, file := range files {
		n := 1
		if _, err := fmt.Sscanf(file.Name(), "log-%d.key", &n); file.Name() == logKeyFile(n) && (err == nil || n == 1) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	k.Log, k.Verifier, k.Later = "", "", nil
	for i, n := range numbers {
		pair, err := makeLogKey(k.Dir, n, "", nil)
		if err != nil {
			return 0, err
		}
		if last = n; i == 0 {
			k.Log, k.Verifier = pair.Signer, pair.Verifier
		} else {
			k.Later = append(k.Later, pair)
		}
	}
	return last, nil
}

// loadOrMake reads a file, or makes it whole or not at all.
func loadOrMake(path string, make func() ([]byte, error)) ([]byte, error) {
	value, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			err = fmt.Errorf("load keys: %w", err)
		}
		return value, err
	}
	if value, err = make(); err != nil {
		return nil, fmt.Errorf("make %s: %w", filepath.Base(path), err)
	}
	if err := writeFile(path, value, 0o600, true); errors.Is(err, fs.ErrExist) {
		return loadOrMake(path, make) // another process was faster
	} else if err != nil {
		return nil, fmt.Errorf("make %s: %w", filepath.Base(path), err)
	}
	return value, nil
}

// writeFile writes a file whole and durably: under another name first, synced,
// then in its place (or, if fresh, only where there is none yet).
func writeFile(path string, value []byte, mode fs.FileMode, fresh bool) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(value)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if fresh {
		err = os.Link(f.Name(), path)
	} else {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	// The name too has to outlive a power cut: a key that is lost after acts
	// were sealed with it closes them for good.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (k Keys) signer() (note.Signer, error) {
	signer, err := translog.NewSigner(k.Log)
	if err != nil {
		return nil, fmt.Errorf("the log's key: %w", err)
	}
	return signer, nil
}

// Participant gives who a token's bearer is inside a dialogue: the same token
// is somebody else in every dialogue, and without the server's secret nobody
// can tell that they are one.
func (r *Register) Participant(token string, dialogue act.ID) act.Pseudonym {
	mac := hmac.New(sha256.New, r.keys.People)
	mac.Write([]byte("samleng pseudonym v1\n"))
	mac.Write(dialogue[:])
	mac.Write([]byte(token))
	var pseudonym act.Pseudonym
	copy(pseudonym[:], mac.Sum(nil))
	return pseudonym
}
