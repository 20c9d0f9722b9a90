package register_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/internal/register"
)

func each(contents ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, content := range contents {
			if !yield([]byte(content), nil) {
				return
			}
		}
	}
}

// altered is a backup with each of its lines as change gives it, gone where that
// is empty.
func altered(t *testing.T, whole *bytes.Buffer, change func(line string) string) *bytes.Buffer {
	t.Helper()
	zipped, err := gzip.NewReader(bytes.NewReader(whole.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zipped)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	again := gzip.NewWriter(&out)
	for line := range strings.Lines(string(text)) {
		io.WriteString(again, change(line))
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestBackupFiles: files of evidence come back byte for byte, and what is wrong
// with one is said.
func TestBackupFiles(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	defer r.Close()
	begin(t, r)
	largest := strings.Repeat("\xff\x00", 5<<20) // 10 MiB
	var whole bytes.Buffer
	done, err := r.Backup(t.Context(), &whole, register.BackupOptions{Files: each("a picture", largest), Keys: true})
	if err != nil || done.Files != 2 || done.Acts != r.Position() {
		t.Fatalf("%+v: %v", done, err)
	}
	isFile := func(line string) bool { return strings.HasPrefix(line, `{"file"`) }
	for _, c := range []struct {
		name   string
		change func(line string) string
		want   string // what the refusal says; nothing where both files come back
	}{
		{"whole", func(line string) string { return line }, ""},
		{"damaged bytes", func(line string) string { return strings.Replace(line, `"bytes":"YS`, `"bytes":"YT`, 1) }, "damaged"},
		{"another digest", func(line string) string { return strings.Replace(line, `"sha256":"`, `"sha256":"00`, 1) }, "damaged"},
		{"no base64", func(line string) string { return strings.Replace(line, `"bytes":"YS`, `"bytes":"!!`, 1) }, "base64"},
		{"a file is gone", func(line string) string {
			if isFile(line) && len(line) < 1000 {
				return ""
			}
			return line
		}, "holds 1 files and states 2"},
		{"no end", func(line string) string {
			if strings.HasPrefix(line, `{"end"`) {
				return ""
			}
			return line
		}, "its end is missing"},
		{"a file too long", func(line string) string {
			return strings.Replace(line, `"bytes":"/w`, `"bytes":"`+strings.Repeat("////", 1<<20)+"/w", 1)
		}, "not a whole backup"},
		{"a file after the end", func(line string) string {
			if strings.HasPrefix(line, `{"end"`) {
				return line + `{"file":{"sha256":"00","bytes":""}}` + "\n"
			}
			return line
		}, "a file after its end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var back []string
			options := register.RestoreOptions{PutFile: func(sum act.Digest, content []byte) error {
				if sum != sha256.Sum256(content) {
					t.Errorf("a file of the digest %s is handed on as %s", act.Digest(sha256.Sum256(content)), sum)
				}
				back = append(back, string(content))
				return nil
			}}
			_, restored, err := restore(t, e.keys, altered(t, &whole, c.change), options)
			if c.want == "" {
				if err != nil || restored.Files != 2 || !slices.Equal(back, []string{"a picture", largest}) {
					t.Errorf("%d files came back, %+v: %v", len(back), restored, err)
				}
				return
			}
			if !errors.Is(err, register.ErrBackup) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("refused with %v, not for %q", err, c.want)
			}
		})
	}
	t.Run("cut off", func(t *testing.T) {
		for _, part := range []int{2, 10, 100} {
			cut := bytes.NewBuffer(whole.Bytes()[:whole.Len()-whole.Len()/part])
			if _, _, err := restore(t, e.keys, cut, register.RestoreOptions{}); !errors.Is(err, register.ErrBackup) {
				t.Errorf("without its last 1/%d: %v", part, err)
			}
		}
	})
	t.Run("left out", func(t *testing.T) {
		if _, restored, err := restore(t, e.keys, &whole, register.RestoreOptions{}); err != nil || restored.Files != 2 {
			t.Errorf("%+v: %v", restored, err)
		}
	})
	t.Run("a disk that is full", func(t *testing.T) {
		full := errors.New("no space left")
		_, _, err := restore(t, e.keys, &whole, register.RestoreOptions{PutFile: func(act.Digest, []byte) error { return full }})
		if !errors.Is(err, full) {
			t.Error(err)
		}
	})
}

// TestBackupFileFails: a file that cannot be read, or is too large, ends the
// backup, which then has no end.
func TestBackupFileFails(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	defer r.Close()
	begin(t, r)
	broken := errors.New("the disk is broken")
	var part bytes.Buffer
	_, err := r.Backup(t.Context(), &part, register.BackupOptions{Files: func(yield func([]byte, error) bool) {
		_ = yield([]byte("one"), nil) && yield(nil, broken)
	}})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := r.Backup(t.Context(), io.Discard, register.BackupOptions{Files: each(strings.Repeat("x", 10<<20+1))}); err == nil {
		t.Error("a file of more than 10 MiB was taken")
	}
}
