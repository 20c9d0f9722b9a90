package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"samleng/act"
	"samleng/internal/problem"
	"samleng/translog"
)

// What the log says never changes, but for its newest checkpoint.
const (
	cacheForEver = "public, max-age=31536000, immutable"
	cacheBriefly = "public, max-age=5"
)

// checkpoint answers with the newest published checkpoint.
func (a *API) checkpoint(w http.ResponseWriter, r *http.Request) {
	signed, _, err := a.reader.Checkpoint(r.Context())
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", cacheBriefly)
	plain(w, signed)
}

// key answers with the key in force that checkpoints are verified with, in the
// form of notes.
func (a *API) key(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	keys := a.reader.VerifierKeys()
	plain(w, []byte(keys[len(keys)-1]+"\n"))
}

func plain(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(text)
}

// tile answers with a tile of hashes or a bundle of entries, as far as the
// published checkpoint goes. Partial ones are served of every width: what they
// hold never changes.
func (a *API) tile(w http.ResponseWriter, r *http.Request) {
	data, err := a.tileData(r.Context(), "tile/"+r.PathValue("path"))
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", cacheForEver)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(data)
}

func (a *API) tileData(ctx context.Context, path string) ([]byte, error) {
	t, err := translog.ParseTilePath(path)
	if err != nil {
		return nil, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	return a.reader.Tile(ctx, t)
}

// actSections is what is open now of one act.
type actSections struct {
	Position int64     `json:"position"`
	Sections []Opening `json:"sections"`
}

// sections answers with the sections of the 256 acts of an entry bundle that
// everybody may read now, with their salts: with them and the bundle anybody
// can fold the register again, words included. The acts that have none are left
// out. Unlike a bundle, this changes: sections are opened, and erased.
func (a *API) sections(w http.ResponseWriter, r *http.Request) {
	text := r.PathValue("bundle")
	bundle, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(bundle, 10) != text || bundle < 0 || bundle > translog.MaxSize/translog.TileWidth {
		writeProblem(w, r, errNowhere)
		return
	}
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	if kept := r.Header.Get("If-None-Match"); kept != "" {
		// Whoever keeps a copy asks for all of it again, and little has changed.
		sum := sha256.New()
		if err := a.writeSections(r.Context(), sum, bundle); err != nil {
			writeProblem(w, r, err)
			return
		}
		if tag := fmt.Sprintf(`"%x"`, sum.Sum(nil)); fresh(kept, tag) {
			header.Set("ETag", tag)
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	header.Set("Content-Type", "application/json")
	written := &counting{Writer: w}
	if err := a.writeSections(r.Context(), written, bundle); err != nil {
		if written.n > 0 {
			// Half an answer must not look like a whole one.
			panic(http.ErrAbortHandler)
		}
		writeProblem(w, r, err)
	}
}

// counting counts the bytes that were written.
type counting struct {
	io.Writer
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// writeSections writes the open sections of a bundle, one act after the other:
// they may be many megabytes. Nothing is written before the first is read.
func (a *API) writeSections(ctx context.Context, w io.Writer, bundle int64) error {
	separator := "["
	encoder := json.NewEncoder(w)
	first := bundle * translog.TileWidth
	err := a.reader.OpenSections(ctx, first, first+translog.TileWidth, func(position int64, open []act.Section) error {
		shown := actSections{position, make([]Opening, len(open))}
		for i, section := range open {
			shown.Sections[i] = Opening{section.Name, base64.StdEncoding.EncodeToString(section.Salt[:]), string(section.Content)}
		}
		if _, err := io.WriteString(w, separator); err != nil {
			return err
		}
		separator = ","
		return encoder.Encode(shown)
	})
	if err != nil {
		return err
	}
	if separator == "[" {
		separator = "[]\n"
	} else {
		separator = "]\n"
	}
	_, err = io.WriteString(w, separator)
	return err
}
