package act

// DialogueAnnounced introduces a dialogue.
type DialogueAnnounced struct {
	// Slug names it in addresses.
	Slug string `json:"slug"`
	// Level is "national" or "provincial", or another code of the programme's.
	Level string `json:"level"`
	// Place is the code of the place it is about; empty for the whole country.
	Place string `json:"place,omitempty"`
	// PlaceLevel is the finest level of place that a view may name: 1 for
	// provinces, 2 for districts.
	PlaceLevel int `json:"place_level"`
	// Door says who may take part: one of Doors.
	Door string `json:"door"`
	// Limit is the most characters (grapheme clusters) a view may have.
	Limit int `json:"limit"`
	// Changes is how often one person may change one vote.
	Changes int `json:"changes"`
	// Opens and Closes are the planned days.
	Opens  string `json:"opens"`
	Closes string `json:"closes"`
	// Public says that who voted what was published by its source already, as
	// in conversations imported from elsewhere under an open licence.
	Public bool `json:"public,omitempty"`
	// Host is the organisation that runs it.
	Host ID `json:"host"`
}

// Doors are the codes of who may take part in a dialogue.
var Doors = []string{"open", "card", "invitation"}

// Kind implements Facts.
func (*DialogueAnnounced) Kind() Kind { return KindDialogueAnnounced }

func (f *DialogueAnnounced) check(c *checker) {
	c.code("slug", f.Slug)
	c.code("level", f.Level)
	c.optionalCode("place", f.Place)
	c.between("place_level", f.PlaceLevel, 0, 2)
	c.oneOf("door", f.Door, Doors...)
	c.between("limit", f.Limit, 20, 5000)
	c.between("changes", f.Changes, 1, 60)
	c.date("opens", f.Opens)
	c.date("closes", f.Closes)
	if f.Closes < f.Opens {
		c.failf("closes: %s is before %s", f.Closes, f.Opens)
	}
	c.id("host", f.Host)
}

// DialogueOpened opens the doors.
type DialogueOpened struct{}

// Kind implements Facts.
func (*DialogueOpened) Kind() Kind { return KindDialogueOpened }

func (*DialogueOpened) check(*checker) {}

// DialogueClosed closes the doors: no view and no ballot comes after it.
type DialogueClosed struct{}

// Kind implements Facts.
func (*DialogueClosed) Kind() Kind { return KindDialogueClosed }

func (*DialogueClosed) check(*checker) {}

// DialogueCompleted records that every need of a closed dialogue has a line in
// its plans or a reasoned refusal: what remains is to follow the commitments.
type DialogueCompleted struct{}

// Kind implements Facts.
func (*DialogueCompleted) Kind() Kind { return KindDialogueCompleted }

func (*DialogueCompleted) check(*checker) {}
