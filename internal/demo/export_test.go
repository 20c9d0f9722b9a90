package demo

import (
	"fmt"
	"strings"
	"time"

	"samleng/act"
)

// Line is one text of the content with its language, as it may come to be said.
type Line struct{ Where, Language, Text string }

// Lines lists every text of the content: what people say, with every choice
// made in every way, and what is said about it.
func Lines() ([]Line, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	var lines []Line
	add := func(where, language, text string) {
		if text != "" {
			lines = append(lines, Line{where, language, text})
		}
	}
	addAll := func(where string, texts words) {
		for language, text := range texts {
			add(where, language, text)
		}
	}
	bases := func(where string, list []base) {
		for _, b := range list {
			for _, language := range []string{"km", "en"} {
				for _, text := range choices(b.phrase(language), language) {
					add(where, language, text)
				}
			}
			addAll(where, b.Translation)
		}
	}
	bases("general", c.general)
	for slug, list := range c.local {
		bases(slug, list)
	}
	for _, s := range c.cases {
		bases("cases", []base{s.base})
		language := "km"
		if s.En != "" {
			language = "en"
		}
		for _, text := range []string{s.Explanation, s.Grounds, s.Decision, s.Correction, s.Detail} {
			add("cases", language, text)
		}
	}
	for _, t := range c.chain {
		addAll(t.Key, t.Name)
		for _, l := range t.Steps {
			add(t.Key, "km", l.Text)
			if l.Plan != nil {
				for _, texts := range []words{l.Plan.What, l.Plan.Why, l.Plan.Indicator, l.Plan.Verified} {
					addAll(t.Key, texts)
				}
				for _, m := range l.Plan.Milestones {
					addAll(t.Key, m.Name)
				}
			}
		}
	}
	for _, d := range c.programme.Dialogues {
		addAll(d.Slug, d.Name)
		addAll(d.Slug, d.About)
	}
	for _, o := range c.programme.Organisations {
		addAll("organisations", o.Name)
	}
	for _, theme := range c.programme.Themes {
		addAll("themes", theme.Name)
	}
	return lines, nil
}

// choices writes a phrase out with each of its choices; a long place and a long
// number stand for all.
func choices(phrase, language string) []string {
	before, rest, found := strings.Cut(phrase, "[")
	if !found {
		for {
			left, rest, found := strings.Cut(phrase, "{")
			if !found {
				return []string{whole(pieces(phrase))}
			}
			slot, right, _ := strings.Cut(rest, "}")
			word := map[string]string{"km": "ក្រុងរុនតាឯកតេជោសែន", "en": "Krong Run Ta Aek Techo Sen"}[language]
			if strings.HasPrefix(slot, "n:") {
				word = digits("10", language)
			}
			phrase = left + word + right
		}
	}
	inside, after, _ := strings.Cut(rest, "]")
	var all []string
	for choice := range strings.SplitSeq(inside, "|") {
		all = append(all, choices(before+choice+after, language)...)
	}
	return all
}

// Script writes a script and gives it as text, a line for each thing that
// happens, and how many acts of each kind it has.
func Script(seed uint64, today time.Time) (lines []string, kinds map[act.Kind]int, err error) {
	c, err := load()
	if err != nil {
		return nil, nil, err
	}
	s, err := write(c, seed, today)
	if err != nil {
		return nil, nil, err
	}
	kinds = map[act.Kind]int{}
	for _, v := range s.views {
		lines = append(lines, fmt.Sprintln(v.dialogue.Slug, v.at.Unix(), v.language, v.text, v.detail, v.facts, v.staff, v.slip))
		for _, step := range v.steps {
			kinds[step.kind]++
			lines = append(lines, fmt.Sprintln(step.at.Unix(), step.kind, step.by, step.text, step.reason, step.language, step.pieces, step.old))
		}
	}
	for _, p := range s.people {
		lines = append(lines, fmt.Sprintln(p.dialogue.Slug, p.self != nil, p.since.Unix()))
		for _, b := range p.ballots {
			kinds[act.KindBallotCast]++
			for _, vote := range b.votes {
				lines = append(lines, fmt.Sprintln(b.at.Unix(), vote.view.text, vote.vote))
			}
		}
	}
	return lines, kinds, nil
}
