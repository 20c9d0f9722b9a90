package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed content
var files embed.FS

// words are a text by language ("en", "km").
type words map[string]string

// programme is content/programme.json.
type programme struct {
	Prefix        string
	TimeZone      string `json:"time_zone"`
	Languages     []string
	Name, About   words
	Themes        []theme
	Threshold     int
	Rounding      int
	Step          int
	Days          map[string]int
	Currencies    []string
	Weekend       []int
	Holidays      []string // "01-07": the same day every year
	Organisations []*organisation
	Dialogues     []*dialogue
}

type theme struct {
	Code string
	Name words
}

type organisation struct {
	Key       string
	Type      string
	Authority bool
	Parent    string // the key of another, before it in the list
	Place     string
	Name      words
	Engaged   []struct{ As, From, Until string }
	Aliases   []struct {
		From, Until string
		Name        words
	}
	// Competences are what an authority is responsible for, Ladder the keys of
	// the offices to which its silent cases go.
	Competences []struct {
		Themes    []string
		Place, As string
	}
	Ladder []string
	Staff  []struct{ Role string }
}

// dialogue is a dialogue of the programme. Days count from today.
type dialogue struct {
	Slug, Level string
	Place       string // what it is about; empty for the country
	Area        string // the province from which most views come
	Host        string // the organisation that runs it
	Member      string // an organisation that files views in it
	Name, About words
	Announced   int
	Opens       int
	Closes      int
	Forum       int // the day of the gathering, when most is said
	Km, En      int // how many views from the lists, by language
	People      int // who vote
	Paper       int // views that came on paper slips
	Stuck       int // views that nobody decides on
	Speaks      []speech
}

// speech is a language in which views are said to a rapporteur, with the share
// in a hundred of those who do, and the districts in which it is spoken.
type speech struct {
	Code  string
	Share int
	At    []string
}

// base is a view of the lists, before its choices are made: content/views-*.json.
type base struct {
	Key         string
	Themes      []string
	Km, En      string
	Axis        string // "x+", "x-", "y+", "y-": where people differ over it
	Spoken      string // the language in which it was said to a rapporteur
	By          string // "organisation", or nobody in particular
	Translation words
	Rural       bool     // said in the country, not in a town
	At          []string // the districts in which it can be said; all where there are none
	local       bool     // from the dialogue's own list
}

// special is a view with a fate of its own: content/cases.json.
type special struct {
	base
	Dialogue string
	// Fate is published, matched, withheld, appealed, changed (published, then
	// withheld), redacted, corrected, erased or sealed.
	Fate        string
	Like        string // the key of the view that it is the same as
	Reason      string
	Explanation string
	Grounds     string // of an appeal
	Outcome     string // of an appeal; empty while it is open
	Decision    string // on an appeal, in words
	Correction  string
	Decided     string // on a correction: published, refused, or not yet
	Detail      string
	Days        int  // how many days ago it was registered, if that matters
	Early       bool // erased before anybody decided on it
}

// content is everything that the folder holds.
type content struct {
	programme programme
	general   []base
	local     map[string][]base // by dialogue
	cases     []special
	chain     []chain
	places    []place
}

// load reads the content, once.
var load = sync.OnceValues(func() (*content, error) {
	c := &content{local: map[string][]base{}}
	if err := read("programme", &c.programme); err != nil {
		return nil, err
	}
	if err := read("views-general", &c.general); err != nil {
		return nil, err
	}
	if err := read("cases", &c.cases); err != nil {
		return nil, err
	}
	if err := read("chain", &c.chain); err != nil {
		return nil, err
	}
	for _, d := range c.programme.Dialogues {
		if d.Km+d.En == 0 {
			continue
		}
		var bases []base
		if err := read("views-"+d.Slug, &bases); err != nil {
			return nil, err
		}
		for i := range bases {
			bases[i].local = true
		}
		c.local[d.Slug] = bases
	}
	var err error
	c.places, err = readPlaces()
	return c, err
})

func read(name string, into any) error {
	data, err := files.ReadFile("content/" + name + ".json")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("demo: read %s.json: %w", name, err)
	}
	return nil
}
