package demo

import (
	"fmt"
	"strings"
	"time"

	"samleng/act"
)

// special writes the dialogue's views with a fate of their own. They come
// early, so that what becomes of them has come to pass.
func (w *writer) special() error {
	for _, c := range w.content.cases {
		if c.Dialogue != w.dialogue.Slug {
			continue
		}
		language := "km"
		if c.En != "" {
			language = "en"
		}
		c.local = true
		v, err := w.view(c.base, language)
		if err != nil {
			return err
		}
		v.at = w.script.days.on(w.dialogue.Opens+1+w.random.IntN(2), 15)
		if c.Days > 0 {
			v.at = w.script.days.on(-c.Days, 9)
		}
		v.detail = c.Detail
		if v.person != nil {
			v.person.joined(v.at)
		} else if v.facts.Channel == "organisation" {
			v.staff, v.facts.Channel, v.facts.Visibility = staff{}, "web", act.VisibilityOpen
			v.person = w.people[0]
			v.person.joined(v.at)
		}
		if err := w.befall(v, c); err != nil {
			return fmt.Errorf("%s: %w", c.Fate, err)
		}
		w.views = append(w.views, v)
	}
	return nil
}

// befall writes what becomes of a view.
func (w *writer) befall(v *view, c special) error {
	d, by, at := w.script.days, w.moderator(v), w.script.days.working(v.at, 1, 10)
	publish := step{at: at, kind: act.KindStatementPublished, by: by}
	withhold := step{at: at, kind: act.KindStatementWithheld, by: by, reason: c.Reason, text: c.Explanation}
	switch c.Fate {
	case "published":
		v.add(d, publish)
		w.translate(v, c.Translation)
	case "withheld":
		v.add(d, withhold)
	case "appealed":
		w.appeal(v, c, withhold)
	case "changed":
		v.add(d, publish)
		withhold.at = d.working(at, 2, 16)
		v.add(d, withhold)
	case "matched":
		like := w.find(c.Like)
		if like == nil || like.shown.IsZero() {
			return fmt.Errorf("no view %q to be the same as", c.Like)
		}
		since := at
		if like.shown.After(since) {
			since = like.shown
		}
		v.add(d, step{at: d.working(since, 1, 15), kind: act.KindStatementMatched, by: by, like: like})
	case "redacted":
		all := pieces(v.text)
		v.text = whole(all)
		v.add(d, step{at: at, kind: act.KindStatementRedacted, by: by, pieces: all})
	case "corrected":
		w.correct(v, c, publish)
	case "erased":
		if !c.Early {
			v.add(d, publish)
			at = d.working(at, 3, 16)
		}
		v.add(d, step{at: at.Add(2 * time.Hour), kind: act.KindSectionErased})
	case "sealed":
		v.facts.Visibility = act.VisibilitySealed
		if v.person == nil {
			v.staff, v.person = staff{}, w.people[1]
			v.person.joined(v.at)
			v.facts.Channel, v.facts.Spoken, v.facts.ReadBack = "web", "", ""
		}
	default:
		return fmt.Errorf("no such fate")
	}
	return nil
}

// appeal withholds a view whose holder asks another organisation to look again.
func (w *writer) appeal(v *view, c special, withhold step) {
	d := w.script.days
	v.add(d, withhold)
	lodged := d.working(withhold.at, 1, 18)
	v.add(d, step{at: lodged, kind: act.KindAppealLodged, text: c.Grounds})
	if c.Outcome == "" {
		return
	}
	other := staff{"ccc", act.RoleModerator}
	if withhold.by.organisation == "ccc" {
		other.organisation = "net-kampong-cham"
	}
	v.add(d, step{at: d.working(lodged, 4, 10), kind: act.KindAppealDecided, by: other, reason: c.Outcome, text: c.Decision})
}

// correct publishes a view to which its holder adds another wording.
func (w *writer) correct(v *view, c special, publish step) {
	d := w.script.days
	v.add(d, publish)
	at := d.working(publish.at, 1, 18)
	if c.Decided == "" {
		at = d.now.Add(-2 * time.Hour) // nobody has come to it yet
	}
	v.add(d, step{at: at, kind: act.KindStatementCorrected, text: c.Correction})
	if c.Decided != "" {
		v.add(d, step{at: d.working(at, 1, 10), kind: act.KindStatementPublished, by: publish.by, text: c.Correction, old: c.Decided == "refused"})
	}
}

func (w *writer) find(key string) *view {
	for _, v := range w.views {
		if v.key == key && key != "" {
			return v
		}
	}
	return nil
}

// whole puts a text together again.
func whole(all []piece) string {
	var text strings.Builder
	for _, p := range all {
		text.WriteString(p.text)
	}
	return text.String()
}
