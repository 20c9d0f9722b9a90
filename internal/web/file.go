package web

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// fileView is the page on which an organisation files many views at once: the
// form; then what is wrong, or what will be filed; then the receipts.
type fileView struct {
	Bar       deskBar
	Dialogues []dialogueLine
	Slug      string
	Names     act.Names
	Limit     int
	Columns   []fileColumn
	Rows      int // the most
	KB        int // the most
	Languages []option
	Visible   []option
	Token     string
	Problem   *problemView
	Pasted    string

	Name       string // what the reader calls the organisation
	Tolerated  []string
	Found      int
	Problems   []fileProblem
	More       int // problems beyond those listed
	Preview    []filed
	Content    string // the file again, as base64, for the next step
	Language   string
	Visibility string

	Receipts []filedReceipt
	Cards    []receiptView
	Left     int // rows that were not filed
}

type fileColumn struct {
	Code   string
	Needed bool
}

type fileProblem struct {
	Row    int
	Column string
	Text   string
}

// filedReceipt is what became of a row.
type filedReceipt struct {
	N         int
	Reference string
	Code      act.Code
	Secret    string
	Wrong     string
}

// problemsMost is how many problems of a file are listed.
const problemsMost = 100

// cardsMost is how many receipts are printed as slips to cut.
const cardsMost = 60

func (s *Server) fileForm(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "dialogue")
	if err := m.needs(filingRoles...); err != nil {
		return err
	}
	data, _, err := s.fileOf(v, m, v.known)
	if err != nil {
		return err
	}
	return s.show(w, v, data.page(v))
}

func (data *fileView) page(v *visit) page {
	return deskPage("desk-file", v.T("web.file.title"), data)
}

// fileOf makes the form for a dialogue, and the reader of its rows.
func (s *Server) fileOf(v *visit, m *member, form url.Values) (*fileView, *filer, error) {
	data := &fileView{Bar: m.bar("file"), Rows: fileRows, KB: fileBytes / 1024, Name: inLanguage(m.Names.Name, v.L.Tag())}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, nil, err
	}
	data.Language, data.Visibility = form.Get("language"), form.Get("visibility")
	for _, column := range fileColumnsKnown {
		data.Columns = append(data.Columns, fileColumn{column, column == "text"})
	}
	if data.Language == "" {
		data.Language = "km"
	}
	if data.Visibility == "" {
		data.Visibility = act.VisibilityUnattributed
	}
	data.Languages = codeOptions(spokenLanguages, data.Language)
	visibilities := []string{act.VisibilityOpen, act.VisibilityUnattributed}
	var f *filer
	s.read.View(func(state *civic.State) {
		if p := state.Programme(); p != nil && len(p.Trustees) > 0 {
			visibilities = append(visibilities, act.VisibilitySealed)
		}
		d := state.DialogueBySlug(form.Get("dialogue"))
		// What was filed before a dialogue closed gives its receipts after.
		if d == nil || d.Stage() != civic.Open && !filing(form.Get("step")) {
			data.Dialogues, d = openDialogues(state, form.Get("dialogue"))
		}
		if d != nil {
			data.Slug, data.Names, data.Limit = d.Slug, state.Names(d.ID), d.Limit
			f = newFiler(state, d, data.Language, data.Visibility)
		}
	})
	data.Visible = codeOptions(visibilities, data.Visibility)
	return data, f, nil
}

// fileTemplate is an empty file with the header alone: an example row would be
// filed with the rest one day.
func (s *Server) fileTemplate(w http.ResponseWriter, v *visit, m *member) error {
	if err := m.needs(filingRoles...); err != nil {
		return err
	}
	var header []string
	for _, code := range fileColumnsKnown {
		header = append(header, v.T("web.file.column."+code))
	}
	return sendSheet(w, v, "samleng.csv", [][]string{header})
}

// sendSheet answers with a file for a spreadsheet.
func sendSheet(w http.ResponseWriter, v *visit, name string, rows [][]string) error {
	header := w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8")
	header.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	header.Set("Cache-Control", "no-store")
	return writeBody(w, v.r, http.StatusOK, writeSheet(rows))
}

// fileViews takes a file: it shows what is wrong with it, or what will be
// filed; then, with step "file", it files the rows, and with "csv" it gives
// their receipts as a file. Each of these sends the whole again, so that a
// reply that was lost is had by sending it once more.
func (s *Server) fileViews(w http.ResponseWriter, v *visit, m *member) error {
	form, content, err := readFile(v.r)
	if err != nil {
		return err
	}
	if err := m.needs(filingRoles...); err != nil {
		return err
	}
	data, f, err := s.fileOf(v, m, form)
	if err != nil {
		return err
	}
	again := func(err error) error {
		data.Problem, data.Pasted = viewOf(v.L, problemOf(err)), form.Get("pasted")
		return s.again(w, v, err, data.page(v))
	}
	if f == nil {
		return again(s.notOpen(form.Get("dialogue")))
	}
	if _, wrong := chosen(url.Values{"language": {data.Language}}, "language", spokenLanguages); wrong != nil {
		return again(wrong)
	}
	if len(content) == 0 {
		return again(problem.New(problem.Invalid, "problem.file_missing").In("file"))
	}
	sheet, err := readSheet(content)
	if err != nil {
		return again(problemOf(err).In("file"))
	}
	rows := f.read(sheet)
	data.Tolerated, data.Found = sheet.Tolerated, len(sheet.Rows)
	step := form.Get("step")
	if len(f.problems) == 0 && !filing(step) {
		s.read.View(func(state *civic.State) { f.check(state, v, rows, m) })
	}
	if len(f.problems) > 0 {
		data.list(v.L, f.problems)
		return again(problem.New(problem.Invalid, "problem.rows", "n", len(f.problems)).In("problems"))
	}
	data.Content = base64.StdEncoding.EncodeToString(content)
	if !filing(step) {
		data.Preview = rows
		return s.show(w, v, data.page(v))
	}
	token, err := tokenOf(form)
	if err != nil {
		return again(err)
	}
	data.Token = token.String()
	receipts, trouble := s.fileRows(v, m, f, rows, *token)
	if step == "csv" {
		return sendSheet(w, v, "samleng-"+data.Slug+".csv", s.receiptSheet(v, receipts))
	}
	return s.showReceipts(w, v, data, receipts, trouble)
}

// filing reports the steps that file rows, or give the receipts of rows that
// were filed.
func filing(step string) bool { return step == "file" || step == "csv" }

// list writes the problems in words.
func (data *fileView) list(l *locale.Locale, problems []rowProblem) {
	for _, p := range problems[:min(len(problems), problemsMost)] {
		data.Problems = append(data.Problems, fileProblem{p.Row, p.Column, p.said(l)})
	}
	data.More = len(problems) - len(data.Problems)
}

// check asks the rules of every row before any is filed.
func (f *filer) check(state *civic.State, v *visit, rows []filed, m *member) {
	for _, row := range rows {
		who, draft, err := f.draft(row, m)
		if err == nil {
			err = draft.Validate()
		}
		if err == nil {
			err = mayAs(state, v, who, f.dialogue, draft.Facts)
		}
		if err != nil {
			trouble := problemOf(err)
			f.wrong(row.N, "", trouble.Key, trouble.Params...)
		}
	}
}

// readFile reads the form of a file: an upload, or text that was pasted, or the
// file again from the step before. Its fields are limited by guard.
func readFile(r *http.Request) (url.Values, []byte, error) {
	if !isMultipart(r) {
		form, err := readForm(r, maxBody)
		return form, nil, err
	}
	if err := r.ParseMultipartForm(maxUpload); err != nil {
		if trouble := problem.Of(err); trouble.Kind == problem.TooLarge {
			return nil, nil, trouble
		}
		return nil, nil, problem.Wrap(err, problem.Invalid, "problem.form_malformed")
	}
	form := url.Values(r.MultipartForm.Value)
	if again := form.Get("content"); again != "" {
		content, err := base64.StdEncoding.DecodeString(again)
		if err != nil {
			return nil, nil, problem.Wrap(err, problem.Invalid, "problem.form_malformed")
		}
		return form, content, nil
	}
	file, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return form, []byte(form.Get("pasted")), nil
	} else if err != nil {
		return nil, nil, problem.Wrap(err, problem.Invalid, "problem.form_malformed")
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, nil, problem.Wrap(err, problem.Invalid, "problem.form_malformed")
	}
	if len(content) == 0 {
		content = []byte(form.Get("pasted"))
	}
	return form, content, nil
}
