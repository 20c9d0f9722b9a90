package web

import (
	"net/url"

	"samleng/act"
	"samleng/civic"
)

// tileMap is the country as squares, one for each place of the first level. It
// is light, legible on a phone, and takes no side on a border. The squares are
// a grid of links rather than a drawing, so that names break into lines and
// grow with the reader's letters.
type tileMap struct {
	Tiles []tile
	// National are the dialogues of the whole country, which stand apart from
	// the capital's square.
	National []tileDialogue
}

type tile struct {
	Names       act.Names
	Row, Column int
	Href        string
	// Dialogues held there, and how many of them are open.
	Dialogues, Open int
	Views           int
	Chosen          bool
}

type tileDialogue struct {
	Slug  string
	Names act.Names
	Stage civic.Stage
}

// tilesOf draws the map. A place where one dialogue is held leads to it, one
// with several to their list.
func tilesOf(state *civic.State, chosen string) tileMap {
	var m tileMap
	byPlace := map[string][]*civic.Dialogue{}
	for _, d := range state.Dialogues() {
		if d.Place == "" || d.Level == "national" {
			m.National = append(m.National, tileDialogue{d.Slug, state.Names(d.ID), d.Stage()})
			continue
		}
		for _, place := range state.Places(1) {
			if state.Within(d.Place, place.Code) {
				byPlace[place.Code] = append(byPlace[place.Code], d)
			}
		}
	}
	for _, place := range state.Places(1) {
		if place.Row == 0 || place.Column == 0 {
			continue
		}
		t := tile{Names: state.Names(place.ID), Row: place.Row, Column: place.Column, Chosen: place.Code == chosen,
			Href: "/dialogues?place=" + url.QueryEscape(place.Code)}
		held := byPlace[place.Code]
		t.Dialogues = len(held)
		for _, d := range held {
			if d.Stage() == civic.Open {
				t.Open++
			}
			t.Views += len(d.Statements())
		}
		if len(held) == 1 {
			t.Href = "/d/" + held[0].Slug
		}
		m.Tiles = append(m.Tiles, t)
	}
	return m
}

// Short gives the short names of a tile's place, where it has any: the terms
// "short" of its names.
func (t tile) Short() act.Names {
	if short := t.Names.Terms["short"]; len(short) > 0 {
		return act.Names{Name: short}
	}
	return t.Names
}
