package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"samleng/act"
	"samleng/internal/blob"
	"samleng/internal/problem"
)

// What a form with files of evidence may hold. One that needs more sends them in
// several goes: what was stored stays with the form.
const (
	maxEvidence       = 32 << 20
	maxEvidenceFields = 3 << 20
)

// takesEvidence reports the addresses whose forms may bring files of evidence.
func takesEvidence(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/desk/answer/") || strings.HasPrefix(r.URL.Path, "/desk/c/")
}

// evidenceForm is a form that may bring files: what was typed, the files of it
// that are stored, and what is wrong with single ones. A file that cannot be
// taken costs nothing else.
type evidenceForm struct {
	url.Values
	Files []act.File
	Wrong []*problem.Error
}

func (f *evidenceForm) wrong(key string, params ...any) {
	f.Wrong = append(f.Wrong, problem.New(problem.Invalid, key, params...).In("file"))
}

// readEvidence reads a form with files. Fields must stand before the files, so
// that a file which is too large costs nothing that was typed. Files of before
// come back as their digests (fields "kept") and are looked at again.
func (s *Server) readEvidence(v *visit) (*evidenceForm, error) {
	form := &evidenceForm{Values: url.Values{}}
	var fresh []act.File
	if !isMultipart(v.r) {
		fields, err := readForm(v.r, maxEvidenceFields)
		if err != nil {
			return nil, err
		}
		form.Values = fields
	} else if err := s.readParts(v, form, &fresh); err != nil {
		return nil, err
	}
	for _, kept := range form.Values["kept"] {
		if slices.Contains(form.Values["remove"], kept) {
			continue
		}
		file, err := s.keptFile(kept)
		if err != nil {
			return nil, err
		}
		if file == nil {
			form.wrong("problem.file_gone")
			continue
		}
		form.add(*file)
	}
	for _, file := range fresh {
		form.add(file)
	}
	for i := range form.Files {
		title := strings.TrimSpace(form.Get("title_" + form.Files[i].SHA256.String()))
		if title == "" {
			continue
		}
		if p := wordsProblem("title_"+form.Files[i].SHA256.String(), title, 0, 400); p != nil {
			form.Wrong = append(form.Wrong, p)
			continue
		}
		form.Files[i].Title = title
	}
	return form, nil
}

// add puts a file on the form, once.
func (f *evidenceForm) add(file act.File) {
	switch {
	case slices.ContainsFunc(f.Files, func(other act.File) bool { return other.SHA256 == file.SHA256 }):
	case len(f.Files) >= act.MostFiles:
		f.wrong("problem.files_many", "n", act.MostFiles)
	default:
		f.Files = append(f.Files, file)
	}
}

// readParts reads a form part by part. It stops, with what it has, where the
// whole becomes too large.
func (s *Server) readParts(v *visit, form *evidenceForm, fresh *[]act.File) error {
	reader, err := v.r.MultipartReader()
	if err != nil {
		return problem.Wrap(err, problem.Invalid, "problem.form_malformed")
	}
	left := int64(maxEvidenceFields)
	for parts := 0; parts < 5000; parts++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && part.FileName() != "" {
			err = s.readPart(v.r.Context(), part, form, fresh)
		} else if err == nil && part.FormName() != "file" {
			var value []byte
			value, err = io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(value)); left < 0 {
				return problem.New(problem.TooLarge, "problem.too_large", "kb", maxEvidenceFields/1024)
			}
			form.Values.Add(part.FormName(), string(value))
		}
		if err != nil {
			if trouble := problem.Of(err); trouble.Kind == problem.TooLarge {
				form.wrong("problem.files_large", "mb", maxEvidence>>20)
				return nil
			} else if trouble.Kind != problem.Internal {
				return err
			}
			return problem.Wrap(err, problem.Invalid, "problem.form_malformed")
		}
	}
	return problem.New(problem.Invalid, "problem.form_malformed")
}

// readPart stores one file. What is wrong with it is noted on the form; the error
// is of what makes the rest of the form unreadable too.
func (s *Server) readPart(ctx context.Context, part *multipart.Part, form *evidenceForm, fresh *[]act.File) error {
	name := shortName(part.FileName())
	if s.config.Files == nil {
		form.wrong("problem.files_off")
		return nil
	}
	// Opening a picture takes memory: few at a time.
	select {
	case s.pictures <- struct{}{}:
		defer func() { <-s.pictures }()
	case <-ctx.Done():
		return ctx.Err()
	}
	stored, err := s.config.Files.Put(ctx, part)
	switch {
	case errors.Is(err, blob.ErrTooLarge):
		form.wrong("problem.file_large", "name", name, "mb", blob.MaxSize>>20)
	case errors.Is(err, blob.ErrType):
		form.wrong("problem.file_type", "name", name)
	case err != nil:
		return err
	default:
		*fresh = append(*fresh, act.File{SHA256: act.Digest(stored.SHA256), Type: stored.Type, Size: stored.Size})
	}
	return nil
}

// shortName is a file's name as a message can say it.
func shortName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if act.HasControls(name) {
		return "?"
	}
	if runes := []rune(name); len(runes) > 60 {
		name = string(runes[:60]) + "…"
	}
	return name
}

// keptFile looks at a file that was stored before, nil if it is not there.
func (s *Server) keptFile(digest string) (*act.File, error) {
	var sum act.Digest
	if sum.UnmarshalText([]byte(digest)) != nil || s.config.Files == nil {
		return nil, nil
	}
	stored, err := s.config.Files.Look(sum)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at a file: %w", err)
	}
	return &act.File{SHA256: sum, Type: stored.Type, Size: stored.Size}, nil
}

// fileRow is a file on a form.
type fileRow struct {
	act.File
	N    int
	KB   int64
	Kind string // a code of "file"
}

func rowsOf(files []act.File) []fileRow {
	rows := make([]fileRow, len(files))
	for i, f := range files {
		_, kind, _ := strings.Cut(f.Type, "/")
		rows[i] = fileRow{f, i + 1, (f.Size + 1023) / 1024, kind}
	}
	return rows
}
