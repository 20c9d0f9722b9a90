package demo

import (
	"strings"
	"time"

	"samleng/act"
)

// common writes the views of the lists: those of the dialogue's own list, and
// as many of the general one as are missing.
func (w *writer) common() error {
	paper := w.dialogue.Paper
	var stuck []*view
	for _, language := range []string{"km", "en"} {
		for _, b := range w.choose(language) {
			v, err := w.view(b, language)
			if err != nil {
				return err
			}
			if paper > 0 && language == "km" && v.facts.Channel == "web" && b.Key == "" {
				w.onPaper(v)
				paper--
			}
			if len(stuck) < w.dialogue.Stuck && language == "km" && b.Key == "" && b.Translation == nil {
				v.at = w.script.days.on(-8-w.random.IntN(6), 11)
				stuck = append(stuck, v)
				w.views = append(w.views, v)
				continue
			}
			w.moderate(v)
			w.translate(v, b.Translation)
			w.views = append(w.views, v)
		}
	}
	return nil
}

// choose picks the dialogue's views of a language from the lists.
func (w *writer) choose(language string) []base {
	want := map[string]int{"km": w.dialogue.Km, "en": w.dialogue.En}[language]
	var own, rest []base
	for _, b := range w.content.local[w.dialogue.Slug] {
		if b.phrase(language) != "" {
			own = append(own, b)
		}
	}
	for _, b := range w.content.general {
		if b.phrase(language) != "" {
			rest = append(rest, b)
		}
	}
	w.random.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	if want < len(own) {
		own = own[:want]
	}
	return append(own, rest[:max(0, min(want-len(own), len(rest)))]...)
}

// phrase is the view's text in a language, empty if it was put forward in
// another.
func (b base) phrase(language string) string {
	if language == "km" {
		return b.Km
	}
	return b.En
}

// view makes a view of its base: who puts it forward, when, where and how.
func (w *writer) view(b base, language string) (*view, error) {
	if b.Spoken == "" && language == "km" {
		b.Spoken = w.speech()
	}
	if len(b.At) == 0 {
		b.At = w.spokenAt(b)
	}
	where, text, err := w.say(b, language)
	if err != nil {
		return nil, err
	}
	from, to := w.dialogue.Opens, w.until()
	if b.Key != "" || b.Translation != nil {
		from, to = from+1, from+3 // early: more is going to happen to it
	}
	v := &view{dialogue: w.dialogue, at: w.moment(from, to), language: language, text: text, key: b.Key, axis: axis(b.Axis)}
	if v.at.Before(w.script.days.on(w.dialogue.Opens, 9)) {
		v.at = w.script.days.on(w.dialogue.Opens, 9)
	}
	v.facts = act.StatementRegistered{Channel: "web", Written: language, Visibility: act.VisibilityOpen, Themes: b.Themes}
	switch {
	case strings.Contains(b.phrase(language), "{place}") || w.sometimes(70):
		v.facts.Place = where.Code
	case w.sometimes(50):
		v.facts.Place = where.Parent
	}
	switch {
	case b.By == "organisation" || language == "en" && w.dialogue.Member != "" && w.sometimes(8):
		w.file(v)
	case b.Spoken != "":
		w.writeDown(v, "assisted", b.Spoken)
	default:
		v.person = w.people[w.random.IntN(len(w.people))]
		v.person.joined(v.at)
	}
	return v, nil
}

// say makes the choices of a phrase: others than somebody made before, if there
// are any.
func (w *writer) say(b base, language string) (where place, text string, err error) {
	for range 12 {
		where = w.where(b)
		if text, err = expand(b.phrase(language), language, where, w.random); err != nil || !w.script.said[text] {
			break
		}
	}
	w.script.said[text] = true
	return where, text, err
}

// speech draws the language in which somebody speaks to a rapporteur; empty for
// somebody who writes.
func (w *writer) speech() string {
	draw := w.random.IntN(100)
	for _, s := range w.dialogue.Speaks {
		if draw < s.Share {
			return s.Code
		}
		draw -= s.Share
	}
	return ""
}

// spokenAt gives the districts in which a view's language is spoken, none where
// it is spoken everywhere.
func (w *writer) spokenAt(b base) []string {
	for _, s := range w.dialogue.Speaks {
		if s.Code == b.Spoken {
			return s.At
		}
	}
	return nil
}

// file makes an organisation put a view forward: two in five unattributed.
func (w *writer) file(v *view) {
	v.staff = staff{w.dialogue.Member, act.RoleAdministrator}
	v.facts.Channel = "organisation"
	if w.sometimes(40) {
		v.facts.Visibility = act.VisibilityUnattributed
	}
}

// writeDown makes a rapporteur write a view down; most are read back.
func (w *writer) writeDown(v *view, channel, spoken string) {
	v.person, v.staff = nil, staff{w.dialogue.Host, act.RoleRapporteur}
	v.facts.Channel, v.facts.Spoken, v.facts.ReadBack = channel, spoken, "yes"
	if w.sometimes(12) {
		v.facts.ReadBack = "no"
	}
}

// onPaper makes a view one that came on a slip at the forum.
func (w *writer) onPaper(v *view) {
	w.writeDown(v, "paper", "km")
	v.facts.ReadBack = "no"
	v.slip = true
	v.at = w.script.days.on(w.dialogue.Forum, 15)
}

// axis reads where people differ over a view.
func axis(code string) [2]float64 {
	switch code {
	case "x+":
		return [2]float64{1, 0}
	case "x-":
		return [2]float64{-1, 0}
	case "y+":
		return [2]float64{0, 1}
	case "y-":
		return [2]float64{0, -1}
	}
	return [2]float64{}
}

// moderator draws who decides about a view: never somebody of the organisation
// that filed it.
func (w *writer) moderator(v *view) staff {
	if v.facts.Channel != "organisation" && w.sometimes(70) {
		return staff{w.dialogue.Host, act.RoleModerator}
	}
	return staff{"ccc", act.RoleModerator}
}

// decided gives the hour at which moderators come to something that waits since
// a moment: mostly within the two working days that they have.
func (w *writer) decided(since time.Time) time.Time {
	n := 0
	switch draw := w.random.IntN(100); {
	case draw < 35:
	case draw < 75:
		n = 1
	case draw < 92:
		n = 2
	default:
		n = 3 + w.random.IntN(2)
	}
	return w.script.days.working(since, n, []int{10, 16}[w.random.IntN(2)])
}

// moderate publishes a view when moderators come to it, which may be yet to come.
func (w *writer) moderate(v *view) {
	at := w.decided(v.at)
	v.add(w.script.days, step{at: at, kind: act.KindStatementPublished, by: w.moderator(v)})
}

// translate adds the words in other languages, a working day or two after they
// became public.
func (w *writer) translate(v *view, texts words) {
	for _, language := range w.content.programme.Languages {
		if text := texts[language]; text != "" && !v.shown.IsZero() {
			at := w.script.days.working(v.shown, 1+w.random.IntN(2), 11)
			v.add(w.script.days, step{at: at, kind: act.KindStatementTranslated, by: staff{w.dialogue.Host, act.RoleFacilitator}, language: language, text: text})
		}
	}
}

// add adds a step whose hour has come. It reports whether it had.
func (v *view) add(calendar days, s step) bool {
	if !calendar.past(s.at) {
		return false
	}
	switch s.kind {
	case act.KindStatementMatched:
		v.matched = true
		v.shown = s.at
	case act.KindStatementPublished, act.KindStatementRedacted:
		if v.shown.IsZero() {
			v.shown = s.at
		}
	case act.KindStatementWithheld, act.KindSectionErased:
		v.hidden = s.at
	case act.KindAppealDecided:
		if s.reason == act.AppealOverturned {
			v.shown, v.hidden = s.at, time.Time{}
		}
	}
	v.steps = append(v.steps, s)
	return true
}
