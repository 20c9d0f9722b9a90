package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/blob"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// filePolicy is what a file of evidence may do when a browser opens it: nothing.
const filePolicy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"

// file hands out a file of an act's evidence, to whoever may read the section
// that names it: asked by the act and its place there, never by its digest.
func (s *Server) file(w http.ResponseWriter, r *http.Request) error {
	missing := problem.New(problem.NotFound, "problem.not_found")
	id, err := act.ParseID(r.PathValue("act"))
	n, err2 := strconv.Atoi(r.PathValue("n"))
	if err != nil || err2 != nil || n < 0 || s.config.Files == nil {
		return missing
	}
	var evidence act.Evidence
	err = s.read.Content(r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "evidence"}, &evidence)
	if errors.Is(err, register.ErrNotFound) || n >= len(evidence.Files) && err == nil {
		return missing
	} else if err != nil {
		return err
	}
	file := evidence.Files[n]
	header := w.Header()
	etag := `"` + file.SHA256.String() + `"`
	header.Set("ETag", etag)
	header.Set("Cache-Control", "public, max-age=86400")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	content, err := s.config.Files.Read(file.SHA256)
	if errors.Is(err, blob.ErrNotFound) {
		header.Del("ETag")
		header.Del("Cache-Control")
		return problem.Wrap(err, problem.NotFound, "problem.file_gone")
	} else if err != nil {
		return err
	}
	disposition := "attachment"
	if strings.HasPrefix(file.Type, "image/") {
		disposition = "inline"
	}
	extension := map[string]string{"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}[file.Type]
	if extension == "" {
		// A type that is not taken, from another register: not to be opened here.
		file.Type, extension, disposition = "application/octet-stream", "bin", "attachment"
	}
	header.Set("Content-Type", file.Type)
	header.Set("Content-Security-Policy", filePolicy)
	header.Set("Content-Disposition", disposition+`; filename="samleng-`+id.String()[20:]+"-"+strconv.Itoa(n+1)+"."+extension+`"`)
	header.Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		// A client that went away is no fault of ours.
		_, _ = w.Write(content)
	}
	return nil
}
