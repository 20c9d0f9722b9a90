package register

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzReadBackup: whatever a backup's file holds, it is read to its end or
// refused as none, and never without a beginning.
func FuzzReadBackup(f *testing.F) {
	zip := func(text string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(text))
		w.Close()
		return b.Bytes()
	}
	f.Add(zip(""))
	f.Add(zip("{\"head\":{\"version\":1}}\n{\"end\":{}}\n"))
	f.Add(zip("{\"end\":{}}\n"))
	f.Add(zip("{\"head\":{\"samleng_backup\":1}}\n{\"file\":{\"sha256\":\"" + strings.Repeat("0a", 32) + "\",\"bytes\":\"AAEC\"}}\n{\"end\":{\"files\":1}}\n"))
	f.Add(zip("{\"head\":{\"samleng_backup\":1}}\n{\"end\":{}}\n{\"file\":{}}\n"))
	f.Add([]byte("no gzip"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := 0
		err := readBackup(bytes.NewReader(data), func(line backupLine) error {
			if lines == 0 && line.Head == nil {
				t.Error("it begins with no head")
			}
			lines++
			return nil
		})
		if err != nil && !errors.Is(err, ErrBackup) {
			t.Errorf("refused with %v", err)
		}
		if err == nil && lines == 0 {
			t.Error("an empty backup was read")
		}
	})
}

// FuzzFoldSecret: a secret is one however it is typed, and folding what is
// folded changes nothing.
func FuzzFoldSecret(f *testing.F) {
	f.Add("E7M3-3DFS-RTF4-6DXF")
	f.Add("០១២៣ oOiIlL \u200b\u00a0")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, typed string) {
		once := foldSecret(typed)
		if len(once) > 32+utf8.UTFMax {
			t.Errorf("%d bytes", len(once))
		}
		if again := foldSecret(once); again != once {
			t.Errorf("%q, folded again %q", once, again)
		}
	})
}
