package web

import (
	"maps"
	"slices"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

// fileColumnsKnown are the columns of a file of views, by the code that may
// stand in its header; the catalogues have words for them that may stand there
// too ("web.file.column.CODE").
var fileColumnsKnown = []string{"text", "detail", "language", "spoken", "place", "themes", "visibility", "about", "reference"}

// filed is one row of a file, read.
type filed struct {
	N         int
	Facts     act.StatementRegistered
	Text      string
	Detail    string
	Subjects  []act.ID
	Reference string // the organisation's own mark for the row; it is not recorded
	// Place, Themes, About as people read them, for the preview.
	Place  act.Names
	Themes []act.Names
	About  []act.Names
}

// rowProblem is what is wrong in one cell.
type rowProblem struct {
	Row    int
	Column string // the code of it, "" for the whole row
	Key    string
	Params []any
}

// filer reads rows for a dialogue: what the words of cells may mean there.
type filer struct {
	dialogue act.ID
	limit    int
	language string // of rows that name none
	visible  string // who may see rows that do not say
	words    map[string]map[string][]string
	names    map[string]act.Names // of places, themes and organisations, by column and code
	problems []rowProblem
}

// newFiler learns a dialogue's places and themes, the languages, and the
// organisations, by code and by name in every language.
func newFiler(state *civic.State, d *civic.Dialogue, language, visible string) *filer {
	f := &filer{dialogue: d.ID, limit: d.Limit, language: language, visible: visible, words: map[string]map[string][]string{}, names: map[string]act.Names{}}
	for _, group := range placesFor(state, d, "") {
		for _, place := range append([]option{group.option}, group.Inner...) {
			f.learn("place", place.Value, place.Names)
			// Spreadsheets take the zero from the front of a code.
			f.teach("place", strings.TrimLeft(place.Value, "0"), place.Value)
		}
	}
	for _, theme := range state.Themes() {
		f.learn("themes", theme, themeNames(state, theme))
	}
	for _, org := range state.Organisations() {
		f.learn("about", org.ID.String(), state.Names(org.ID))
	}
	for _, tag := range locale.Languages() {
		l := locale.Get(tag)
		for _, code := range spokenLanguages {
			for _, column := range []string{"language", "spoken"} {
				f.teach(column, code, code)
				f.teach(column, l.T("code.language."+code), code)
			}
		}
		visibilities := []string{act.VisibilityOpen, act.VisibilityUnattributed}
		if p := state.Programme(); p != nil && len(p.Trustees) > 0 {
			visibilities = append(visibilities, act.VisibilitySealed)
		}
		for _, code := range visibilities {
			f.teach("visibility", code, code)
			f.teach("visibility", l.T("web.file.visibility."+code), code)
		}
	}
	return f
}

func (f *filer) learn(column, code string, names act.Names) {
	f.names[column+" "+code] = names
	f.teach(column, code, code)
	for _, name := range names.Name {
		f.teach(column, name, code)
	}
}

// teach says that a word in a column means a code. A word may mean several: it
// is then too vague.
func (f *filer) teach(column, word, code string) {
	if f.words[column] == nil {
		f.words[column] = map[string][]string{}
	}
	key := wordKey(word)
	if key != "" && !slices.Contains(f.words[column][key], code) {
		f.words[column][key] = append(f.words[column][key], code)
	}
}

func wordKey(word string) string { return locale.Fold(strings.TrimSpace(locale.FoldDigits(word))) }

func (f *filer) wrong(row int, column, key string, params ...any) {
	f.problems = append(f.problems, rowProblem{row, column, key, params})
}

// meaning gives the code that a cell means in a column, "" for an empty cell.
func (f *filer) meaning(row int, column, cell string) string {
	if act.Blank(cell) {
		return ""
	}
	switch codes := f.words[column][wordKey(cell)]; len(codes) {
	case 0:
		f.wrong(row, column, "problem.cell_unknown", "cell", locale.Truncate(cell, 40))
	case 1:
		return codes[0]
	default:
		f.wrong(row, column, "problem.cell_vague", "cell", locale.Truncate(cell, 40))
	}
	return ""
}

// meanings does it for a cell of several, separated by semicolons or bars.
func (f *filer) meanings(row int, column, cell string, most int) []string {
	var codes []string
	for _, one := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '|' || r == '\n' }) {
		if code := f.meaning(row, column, one); code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	if len(codes) > most {
		f.wrong(row, column, "problem.choose_most", "n", most)
	}
	return codes
}

// columns finds out which column is where. Columns that are not known are
// refused: what is in them would come along unseen.
func (f *filer) columns(header []string) map[string]int {
	at := map[string]int{}
	for i, cell := range header {
		code := columnOf(cell)
		_, twice := at[code]
		switch {
		case code == "" && act.Blank(cell) && i == len(header)-1:
			// A separator at the end of the line.
		case code == "":
			f.wrong(1, "", "problem.csv_unknown_column", "column", locale.Truncate(cell, 40))
		case twice:
			f.wrong(1, code, "problem.csv_column_twice", "column", locale.Truncate(cell, 40))
		default:
			at[code] = i
		}
	}
	if _, has := at["text"]; !has {
		f.wrong(1, "text", "problem.csv_column", "column", "text")
	}
	return at
}

// columnOf gives the code of a column by its header, in any language.
func columnOf(cell string) string {
	key := wordKey(cell)
	for _, code := range fileColumnsKnown {
		if key == wordKey(code) {
			return code
		}
		for _, tag := range locale.Languages() {
			if key == wordKey(locale.Get(tag).T("web.file.column."+code)) {
				return code
			}
		}
	}
	return ""
}

// read reads every row; what is wrong is in f.problems afterwards.
func (f *filer) read(s *sheet) []filed {
	at := f.columns(s.Header)
	if len(f.problems) > 0 {
		return nil
	}
	var rows []filed
	for _, row := range s.Rows {
		rows = append(rows, f.row(row, at))
	}
	return rows
}

func (f *filer) row(row sheetRow, at map[string]int) filed {
	cell := func(column string) string {
		if i, has := at[column]; has && i < len(row.Cells) {
			return row.Cells[i]
		}
		return ""
	}
	for i := range row.Cells {
		if !act.Blank(row.Cells[i]) && !slices.Contains(slices.Collect(maps.Values(at)), i) {
			f.wrong(row.N, "", "problem.csv_wide")
			break
		}
	}
	read := filed{N: row.N, Text: cell("text"), Detail: cell("detail"), Reference: cell("reference")}
	f.prose(row.N, "text", read.Text, f.limit)
	if act.Blank(read.Detail) {
		read.Detail = ""
	} else {
		f.prose(row.N, "detail", read.Detail, 0)
	}
	if len(read.Reference) > 200 || act.HasControls(read.Reference) {
		f.wrong(row.N, "reference", "problem.value")
	}
	facts := &read.Facts
	facts.Channel, facts.Written, facts.Visibility = "organisation", f.meaning(row.N, "language", cell("language")), f.meaning(row.N, "visibility", cell("visibility"))
	if act.Blank(cell("language")) {
		facts.Written = f.language
	}
	if act.Blank(cell("visibility")) {
		facts.Visibility = f.visible
	}
	facts.Spoken, facts.Place = f.meaning(row.N, "spoken", cell("spoken")), f.meaning(row.N, "place", cell("place"))
	facts.Themes = f.meanings(row.N, "themes", cell("themes"), act.MostThemes)
	if facts.Place != "" {
		read.Place = f.names["place "+facts.Place]
	}
	for _, theme := range facts.Themes {
		read.Themes = append(read.Themes, f.names["themes "+theme])
	}
	for _, code := range f.meanings(row.N, "about", cell("about"), 20) {
		if id, err := act.ParseID(code); err == nil {
			read.Subjects, read.About = append(read.Subjects, id), append(read.About, f.names["about "+code])
		}
	}
	return read
}

func (f *filer) prose(row int, column, text string, limit int) {
	if wrong := wordsProblem(column, text, limit, act.MaxText); wrong != nil {
		f.wrong(row, column, wrong.Key, wrong.Params...)
	}
}

// draft makes the act of a row: in the name of who files it where the view is
// open, in the organisation's alone where nobody is to be named.
func (f *filer) draft(row filed, m *member) (civic.Actor, act.Draft, error) {
	who := civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: m.Organisation}, Staff: m.Staff}
	if row.Facts.Visibility == act.VisibilityOpen {
		var err error
		if who, err = m.actor(filingRoles...); err != nil {
			return who, act.Draft{}, err
		}
	}
	content := map[string]any{
		"text":   &act.Text{Text: row.Text},
		"source": &act.Source{Staff: &m.Staff, Organisation: &m.Organisation, Subjects: row.Subjects},
	}
	if row.Detail != "" {
		content["detail"] = &act.Text{Text: row.Detail}
	}
	facts := row.Facts
	return who, act.Draft{By: who.By, Of: f.dialogue, Facts: &facts, Content: content}, nil
}

// said writes a problem of a row in words.
func (p rowProblem) said(l *locale.Locale) string { return l.T(p.Key, p.Params...) }
