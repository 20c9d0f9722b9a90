package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

//go:embed templates
var templateFiles embed.FS

// loadTemplates parses every page once per language, so that templates write
// messages and numbers with no word of the language they are in.
func loadTemplates(a *assets, copied bool) (map[string]map[string]*template.Template, error) {
	all := map[string]map[string]*template.Template{}
	for _, tag := range locale.Languages() {
		base := template.New("layout").Option("missingkey=error").Funcs(functions(locale.Get(tag), a)).Funcs(template.FuncMap{
			// copied says that nothing can be done here but reading.
			"copied": func() bool { return copied },
		})
		base, err := base.ParseFS(templateFiles, "templates/layout.html", "templates/part-*.html")
		if err != nil {
			return nil, fmt.Errorf("web: parse the layout: %w", err)
		}
		names, err := fs.Glob(templateFiles, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("web: list templates: %w", err)
		}
		all[tag] = map[string]*template.Template{}
		for _, name := range names {
			page := strings.TrimSuffix(path.Base(name), ".html")
			if page == "layout" || strings.HasPrefix(page, "part-") {
				continue
			}
			clone, err := base.Clone()
			if err != nil {
				return nil, fmt.Errorf("web: clone the layout: %w", err)
			}
			if all[tag][page], err = clone.ParseFS(templateFiles, name); err != nil {
				return nil, fmt.Errorf("web: parse %s: %w", name, err)
			}
		}
	}
	return all, nil
}

// functions are what templates can call, in one language. Times are in the zone
// whose days count when they come here.
func functions(l *locale.Locale, a *assets) template.FuncMap {
	return template.FuncMap{
		"T":       l.T,
		"number":  func(n any) string { return numberOf(l, n) },
		"percent": func(share float64) string { return l.Percent(share, 0) },
		"date":    func(t time.Time) string { return l.Date(t, t.Location()) },
		"short":   func(t time.Time) string { return l.DateShort(t, t.Location()) },
		"moment":  func(t time.Time) string { return l.DateTime(t, t.Location()) },
		"hour":    func(t time.Time) string { return l.Hour(t, t.Location()) },
		"day": func(day string) string { // one of a plan: "2006-01-02"
			t, err := time.Parse(time.DateOnly, day)
			if err != nil {
				return day
			}
			return l.DateShort(t, time.UTC)
		},
		"iso": func(t time.Time) string { return t.Format(time.DateOnly) },
		"due": func(d deadline) string { return d.say(l) },
		// name picks the words of a thing's names in the reader's language.
		"name":  func(names act.Names) string { return inLanguage(names.Name, l.Tag()) },
		"about": func(names act.Names) string { return inLanguage(names.About, l.Tag()) },
		// words picks a text by language.
		"words": func(words map[string]string) string { return inLanguage(words, l.Tag()) },
		"money": func(m *act.Money) string { return l.Money(m.Minor, m.Currency) },
		// decimal writes a whole number of so many decimals.
		"decimal": func(value int64, decimals int) string {
			return l.Decimal(float64(value)/math.Pow10(decimals), decimals)
		},
		// letter names a group of opinion, from 1.
		"letter":      func(n int) string { return codeWord(l, "group", strconv.Itoa(n)) },
		"thousandths": func(n int) string { return l.Percent(float64(n)/1000, 0) },
		"deref":       func(n *int) int { return *n },
		// raisedset is the set of words for what people say of themselves.
		"raisedset": func(of string) string { return strings.TrimSuffix(of, "_band") },
		// code writes a code of the vocabulary in words.
		"code":  func(set string, code any) string { return codeWord(l, set, fmt.Sprint(code)) },
		"asset": a.address,
		"lang":  l.Tag,
		"list":  func(items ...any) []any { return items },
	}
}

// numberOf writes a whole number.
func numberOf(l *locale.Locale, n any) string {
	switch n := n.(type) {
	case int:
		return l.Number(int64(n))
	case int64:
		return l.Number(n)
	}
	return fmt.Sprint(n)
}

// codeWord writes a code in words; a code that the catalogue has no words for
// (a programme may bring its own levels and languages) stands as it is.
func codeWord(l *locale.Locale, set, code string) string {
	key := "code." + set + "." + code
	if !l.Has(key) {
		return code
	}
	return l.T(key)
}

// inLanguage picks words: in the language, else in any other that they are in,
// the fallback first.
func inLanguage(words map[string]string, tag string) string {
	if word := words[tag]; word != "" {
		return word
	}
	for _, other := range locale.Languages() {
		if word := words[other]; word != "" {
			return word
		}
	}
	for _, word := range words {
		return word
	}
	return ""
}

// deadline is a clock as a page shows it.
type deadline struct {
	// LastDay is the day by whose end the step is due.
	LastDay, Now time.Time
	// Days are the working days from now to it, negative when late.
	Days    int
	Overdue bool
}

// Running reports whether there is a clock at all.
func (d deadline) Running() bool { return !d.LastDay.IsZero() }

func (d deadline) say(l *locale.Locale) string {
	if d.Overdue && d.Days == 0 {
		// Late since its last day, and no working day has gone by since.
		return l.T("web.deadline.passed", "date", l.DateShort(d.LastDay, d.LastDay.Location()))
	}
	return l.Deadline(d.LastDay, d.Now, d.LastDay.Location(), d.Days)
}

// deadlineOf shows a clock at a moment; its zero value for one that does not run.
func deadlineOf(state *civic.State, clock civic.Clock, now time.Time) deadline {
	if !clock.Running() {
		return deadline{}
	}
	last := clock.LastDay()
	return deadline{LastDay: last, Now: now, Days: state.WorkingDays(now, last), Overdue: clock.Overdue(now)}
}
