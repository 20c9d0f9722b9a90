package web

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// feedMost is how many entries a feed holds, the newest first.
const feedMost = 50

// atomFeed is a feed as RFC 4287 has it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string    `xml:"id"`
	Title     string    `xml:"title"`
	Published string    `xml:"published,omitempty"`
	Updated   string    `xml:"updated"`
	Link      atomLink  `xml:"link"`
	Content   *atomText `xml:"content"`

	at time.Time // when it was updated
}

type atomText struct {
	Type string `xml:"type,attr"`
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

// tag names a thing for good, wherever its page moves (RFC 4151). The log's name
// begins with that of its host.
func (s *Server) tag(thing string) string {
	host, _, _ := strings.Cut(s.read.Origin(), "/")
	return "tag:" + host + ",2026:" + thing
}

// feedEntry makes an entry; path is its page.
func (s *Server) feedEntry(v *visit, thing, title, path string, published, updated time.Time, text *atomText) atomEntry {
	e := atomEntry{ID: s.tag(thing), Title: title, Updated: updated.UTC().Format(time.RFC3339), Content: text, at: updated,
		Link: atomLink{"alternate", "text/html", s.config.Address + path + "?lang=" + v.L.Tag()}}
	if !published.IsZero() {
		e.Published = published.UTC().Format(time.RFC3339)
	}
	return e
}

// feedOf makes a feed of entries in their order. path is the page that shows
// the same.
func (s *Server) feedOf(v *visit, title, path string, entries []atomEntry) (page, error) {
	feed := atomFeed{Lang: v.L.Tag(), ID: s.tag(strings.Trim(v.r.URL.Path, "/") + "/" + v.L.Tag()), Title: title, Entries: entries,
		Links: []atomLink{{"self", "application/atom+xml", s.config.Address + v.r.URL.Path + "?lang=" + v.L.Tag()},
			{"alternate", "text/html", s.config.Address + path + "?lang=" + v.L.Tag()}}}
	var updated time.Time
	s.read.View(func(state *civic.State) {
		updated = state.At()
		if programme := state.Programme(); programme != nil {
			feed.Author = v.name(state.Names(programme.ID))
		}
	})
	if feed.Author = cmp.Or(feed.Author, v.T("web.name")); updated.IsZero() {
		updated = time.Unix(0, 0)
	}
	if len(entries) > 0 {
		updated = entries[0].at
	}
	feed.Updated = updated.UTC().Format(time.RFC3339)
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return page{}, fmt.Errorf("web: write a feed: %w", err)
	}
	return page{File: &download{Type: "application/atom+xml; charset=utf-8", Body: append([]byte(xml.Header), append(body, '\n')...)}}, nil
}

// viewsFeed tells of the views whose words are public, those on which something
// happened last first.
func (s *Server) viewsFeed(v *visit) (page, error) {
	var lines []viewLine
	var updated []time.Time
	s.read.View(func(state *civic.State) {
		for _, view := range state.Recent(feedMost) {
			lines, updated = append(lines, lineOf(state, view, v.now)), append(updated, view.Events[len(view.Events)-1].At)
		}
	})
	if err := s.readWords(v, lines); err != nil {
		return page{}, err
	}
	var entries []atomEntry
	for i, line := range lines {
		if !line.Shown {
			continue // taken away between the two readings
		}
		title := string(line.Code) + " · " + v.code("state", string(line.State))
		entries = append(entries, s.feedEntry(v, "view/"+line.ID.String(), title, "/v/"+string(line.Code), line.At, updated[i],
			&atomText{"text", line.Words.Language, v.say(line.Words)}))
	}
	return s.feedOf(v, v.T("web.feed.views"), "/dialogues", entries)
}

// commitmentsFeed tells of commitments, those on which something happened last
// first: they were made, revised, reported on or looked at.
func (s *Server) commitmentsFeed(v *visit) (page, error) {
	var lines []commitmentLine
	var made, updated []time.Time
	last := func(c *civic.Commitment) time.Time { return c.Events[len(c.Events)-1].At }
	s.read.View(func(state *civic.State) {
		all := slices.Clone(state.Commitments())
		slices.Reverse(all)
		slices.SortStableFunc(all, func(a, b *civic.Commitment) int { return last(b).Compare(last(a)) })
		for _, c := range all[:min(len(all), feedMost)] {
			lines = append(lines, commitmentLineOf(state, c, v.now.Format(time.DateOnly), v.now))
			made, updated = append(made, c.At), append(updated, last(c))
		}
	})
	if err := s.readPlans(v, lines); err != nil {
		return page{}, err
	}
	var entries []atomEntry
	for i, line := range lines {
		text := v.code("commitment", string(line.State)) + ". " + v.name(line.Responsible) + ". " + v.T("web.commitment.until", "date", v.short(line.Now))
		if line.Slip != 0 {
			text = v.code("commitment", string(line.State)) + ". " + v.name(line.Responsible) + ". " +
				v.T("web.commitment.moved", "first", v.short(line.First), "now", v.short(line.Now))
		}
		entries = append(entries, s.feedEntry(v, "commitment/"+line.ID.String(), v.plan(line), "/c/"+line.ID.String(), made[i], updated[i], &atomText{"text", "", text}))
	}
	return s.feedOf(v, v.T("web.commitments.title"), "/commitments", entries)
}

// plan names a commitment.
func (v *visit) plan(line commitmentLine) string {
	return cmp.Or(inLanguage(line.What, v.L.Tag()), v.T("web.commitment.unnamed"))
}

func (v *visit) short(t time.Time) string { return v.L.DateShort(t, t.Location()) }

// answersFeed tells of answers, the newest first.
func (s *Server) answersFeed(v *visit) (page, error) {
	var lines []answerLine
	var about []caseLine
	s.read.View(func(state *civic.State) {
		all := state.GivenAnswers()
		slices.Reverse(all)
		slices.SortStableFunc(all, func(a, b civic.GivenAnswer) int { return b.Answer.At.Compare(a.Answer.At) })
		for _, a := range all[:min(len(all), feedMost)] {
			lines = append(lines, answerLineOf(state, a.Answer, a.Of, v.now))
			about = append(about, caseLineOf(state, a.Of, v.now))
		}
	})
	if err := s.readAnswers(v, lines); err != nil {
		return page{}, err
	}
	var entries []atomEntry
	for i, line := range lines {
		title := v.code("decision", line.Decision) + " · " + v.name(line.Authority) + " · " + v.matter(about[i])
		entries = append(entries, s.feedEntry(v, "answer/"+line.ID.String()+"/"+line.Case.String(), title, matterPath(about[i]), line.At, line.At,
			&atomText{"text", "", line.Reasons}))
	}
	return s.feedOf(v, v.T("web.feed.answers"), "/authorities", entries)
}

// overdueFeed tells of what is late, what became late last first: a feed is for
// those who come back.
func (s *Server) overdueFeed(v *visit) (page, error) {
	lines, err := s.lateOf(v, func(all []lateItem) []lateItem {
		slices.SortStableFunc(all, func(a, b lateItem) int { return b.since.Compare(a.since) })
		return all[:min(len(all), feedMost)]
	})
	if err != nil {
		return page{}, err
	}
	var entries []atomEntry
	for _, late := range lines {
		entries = append(entries, s.lateEntry(v, late))
	}
	return s.feedOf(v, v.T("web.overdue.title"), "/overdue", entries)
}

func (s *Server) lateEntry(v *visit, late lateLine) atomEntry {
	// The step is part of the name: the same view may be late twice.
	var id act.ID
	var title, path string
	var text *atomText
	if plan := late.plan; plan != nil {
		id, path, title = plan.ID, "/c/"+plan.ID.String(), v.plan(*plan)
		text = &atomText{"text", "", v.code("commitment", string(plan.State)) + ". " + v.name(late.office) + ". " + v.T("web.commitment.until", "date", v.short(plan.Now))}
	} else {
		line := late.view
		id, path, title = line.ID, "/v/"+string(line.Code), string(line.Code)+" · "+v.code("step", string(late.step))+" · "+line.Clock.say(v.L)
		if line.Shown {
			text = &atomText{"text", line.Words.Language, v.say(line.Words)}
		}
	}
	return s.feedEntry(v, "late/"+id.String()+"/"+string(late.step)+"/"+isoDay(late.since), title, path, time.Time{}, late.since, text)
}
