package demo

import (
	"encoding/csv"
	"fmt"
	"strconv"
)

// The places are those of the national gazetteer (25 provinces, 210 districts:
// codes, kinds, names in English and Khmer), facts as packaged in the
// MIT-licensed repository dwilkie/pumi at commit 3a5c2beb of 19 June 2026,
// without its geodata. content/places/tiles.csv gives each province a square of
// the tile map (row from the north, column from the west, counted from 0); the
// squares are Samleng's own, and so are the short names of content/places/short.csv
// for narrow places.

// place is a line of content/places/cambodia.csv, with its square.
type place struct {
	Code, Parent, Kind, KindKm string
	Name, Short                words // Short is nil where the name is short
	ISO                        string
	Row, Column                int // counted from 1; 0 for none
}

// places that people know by another spelling than the gazetteer's.
var spelling = map[string]string{"16": "Ratanakkiri"}

func readPlaces() ([]place, error) {
	rows, err := readTable("cambodia", 7)
	if err != nil {
		return nil, err
	}
	tiles, err := readTable("tiles", 3)
	if err != nil {
		return nil, err
	}
	square := map[string][2]int{}
	for _, tile := range tiles {
		row, err := strconv.Atoi(tile[1])
		if err != nil {
			return nil, fmt.Errorf("demo: tiles.csv: %w", err)
		}
		column, err := strconv.Atoi(tile[2])
		if err != nil {
			return nil, fmt.Errorf("demo: tiles.csv: %w", err)
		}
		square[tile[0]] = [2]int{row + 1, column + 1}
	}
	names, err := readTable("short", 3)
	if err != nil {
		return nil, err
	}
	short := map[string]words{}
	for _, name := range names {
		short[name[0]] = words{"en": name[1], "km": name[2]}
	}
	places := make([]place, 0, len(rows))
	for _, row := range rows {
		p := place{Code: row[0], Parent: row[1], Kind: row[2], KindKm: row[3], Name: words{"en": row[4], "km": row[5]}, Short: short[row[0]], ISO: row[6]}
		if name := spelling[p.Code]; name != "" {
			p.Name["en"] = name
		}
		p.Row, p.Column = square[p.Code][0], square[p.Code][1]
		places = append(places, p)
	}
	return places, nil
}

// readTable reads a table without its heading.
func readTable(name string, columns int) ([][]string, error) {
	f, err := files.Open("content/places/" + name + ".csv")
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("demo: read %s.csv: %w", name, err)
	}
	return rows[1:], nil
}

// called gives what a place is called inside a sentence: "ស្រុកបាធាយ", "Batheay
// district", "Khan Sen Sok".
func (p place) called(language string) string {
	name := p.Name[language]
	switch {
	case language == "km":
		return p.KindKm + name
	case p.Kind == "District":
		return name + " district"
	case p.Kind == "Section":
		return "Khan " + name
	case p.Kind == "Province":
		return name + " province"
	default:
		return name
	}
}

// unit gives the word for the place's own parts: communes in the country,
// sangkats in towns.
func (p place) unit(language string) string {
	town := p.Kind == "Municipality" || p.Kind == "Section" || p.Kind == "Capital"
	switch {
	case language == "km" && town:
		return "សង្កាត់"
	case language == "km":
		return "ឃុំ"
	case town:
		return "sangkat"
	default:
		return "commune"
	}
}
