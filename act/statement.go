package act

import "unicode/utf8"

// StatementRegistered records a view that was put forward. Its id is the
// statement's id, and the first 40 bits of it are the receipt's code.
type StatementRegistered struct {
	// Channel says how it came: one of Channels.
	Channel string `json:"channel"`
	// Written is the language (code) in which it stands.
	Written string `json:"written"`
	// Spoken is the language in which it was said, where that differs or where
	// somebody else wrote it down.
	Spoken string `json:"spoken,omitempty"`
	// ReadBack says, for a view that somebody else wrote down, whether it was
	// read back to the one who said it: "yes" or "no".
	ReadBack string `json:"read_back,omitempty"`
	// Place is the code of a place, no finer than the dialogue declares.
	Place string `json:"place,omitempty"`
	// Themes are up to three codes of the programme's.
	Themes []string `json:"themes,omitempty"`
	// Visibility is one of Visibilities.
	Visibility string `json:"visibility"`
}

// MostThemes is the most themes a view may carry.
const MostThemes = 3

// Codes of how a view came, and who may know of it.
var (
	// Assisted and paper views were written down by a rapporteur.
	Channels     = []string{"web", "api", "assisted", "paper", "voice", "organisation", "import"}
	Visibilities = []string{VisibilityOpen, VisibilityUnattributed, VisibilitySealed}
)

// The three choices of who may see a view.
const (
	VisibilityOpen         = "open"         // published once moderated, the organisation that filed it named
	VisibilityUnattributed = "unattributed" // published once moderated, nobody named
	VisibilitySealed       = "sealed"       // only the trustees can read it
)

// Assisted reports whether somebody else wrote the view down.
func (f *StatementRegistered) Assisted() bool {
	return f.Channel == "assisted" || f.Channel == "paper" || f.Channel == "voice"
}

// Kind implements Facts.
func (*StatementRegistered) Kind() Kind { return KindStatementRegistered }

func (f *StatementRegistered) check(c *checker) {
	c.oneOf("channel", f.Channel, Channels...)
	c.code("written", f.Written)
	c.optionalCode("spoken", f.Spoken)
	c.optionalCode("place", f.Place)
	c.codes("themes", f.Themes, MostThemes)
	c.oneOf("visibility", f.Visibility, Visibilities...)
	switch {
	case f.Assisted():
		c.oneOf("read_back", f.ReadBack, "yes", "no")
		c.code("spoken", f.Spoken)
	case f.ReadBack != "":
		c.failf("read_back: only for a view that somebody else wrote down")
	}
}

// MaxText is the most bytes of a text, whatever a dialogue allows.
const MaxText = 60_000

// Text is the content of a section of words, exactly as they were put forward.
type Text struct {
	Text string `json:"text"`
}

func (t *Text) check(c *checker) { c.prose("text", t.Text, MaxText) }

// Source says where a view came from. It is sealed: no role reads it.
type Source struct {
	// Participant is the pseudonym of who put it forward, if a participant did.
	Participant *Pseudonym `json:"participant,omitempty"`
	// Staff and Organisation say who entered or filed it.
	Staff        *ID `json:"staff,omitempty"`
	Organisation *ID `json:"organisation,omitempty"`
	// Subjects are organisations that the view is about: nobody of theirs
	// moderates it.
	Subjects []ID `json:"subjects,omitempty"`
	// Slip is the number of the paper slip it came on.
	Slip string `json:"slip,omitempty"`
	// Origin is what an import knows of it, to write the same files again.
	Origin *Origin `json:"origin,omitempty"`
}

// Origin is what the source of an import said of a dialogue, a statement or a
// person, so that the same files can be written again.
type Origin struct {
	ID     string `json:"id"`
	Author string `json:"author,omitempty"`
	Time   int64  `json:"time,omitempty"` // milliseconds since 1970
	// Row is its place in the source's file, from 1; 0 where that had none.
	Row    int               `json:"row,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
}

// OriginAttribution is the field of a dialogue's origin that says whose work it
// was and on which terms it may be used, in the words that its source asks for.
const OriginAttribution = "attribution"

func (s *Source) check(c *checker) {
	if len(s.Subjects) > 20 {
		c.failf("subjects: more than 20")
	}
	if len(s.Slip) > 40 || HasControls(s.Slip) {
		c.failf("slip: too long")
	}
	s.Origin.check(c)
}

func (o *Origin) check(c *checker) {
	if o == nil {
		return
	}
	if len(o.ID) > 200 || len(o.Author) > 200 || len(o.Fields) > 40 || o.Row < 0 {
		c.failf("origin: too long")
	}
	// What is not UTF-8 comes back from JSON as something else.
	if !utf8.ValidString(o.ID) || !utf8.ValidString(o.Author) {
		c.failf("origin: not UTF-8")
	}
	for name, value := range o.Fields {
		if len(name) > 100 || len(value) > 10_000 || !utf8.ValidString(name) || !utf8.ValidString(value) {
			c.failf("origin: a field is too long, or not UTF-8")
		}
	}
}

// StatementPublished opens a view's words to everybody.
type StatementPublished struct {
	// Text is the act whose text is published: nil for the registered one, else
	// a correction's.
	Text *ID `json:"text,omitempty"`
}

// Kind implements Facts.
func (*StatementPublished) Kind() Kind { return KindStatementPublished }

func (f *StatementPublished) check(c *checker) {
	if f.Text != nil {
		c.id("text", *f.Text)
	}
}

// Reasons for which a view may be withheld, or a part of one left out.
var (
	WithholdingReasons = []string{
		"personal_data", "danger", "incitement", "insult", "advertising", "not_a_view", "safeguarding", ReasonSource,
	}
	GapReasons = []string{"personal_data", "danger", "insult"}
)

// ReasonSource is the reason of an imported view that its source had withheld.
// Only an import gives it: a moderator has to say why.
const ReasonSource = "source_withheld"

// ReasonSafeguarding is the reason of a view that turns out to tell of abuse or
// danger: it is closed to ordinary moderators at once.
const ReasonSafeguarding = "safeguarding"

// StatementRedacted publishes a copy with marked gaps.
type StatementRedacted struct {
	// Gaps are the reasons of the gaps, in their order in the text.
	Gaps []string `json:"gaps"`
}

// Kind implements Facts.
func (*StatementRedacted) Kind() Kind { return KindStatementRedacted }

func (f *StatementRedacted) check(c *checker) {
	if len(f.Gaps) == 0 || len(f.Gaps) > 100 {
		c.failf("gaps: between one and a hundred")
	}
	for _, reason := range f.Gaps {
		c.oneOf("gaps", reason, GapReasons...)
	}
}

// Redaction is the open copy of a view: pieces of its words, and gaps.
type Redaction struct {
	Parts []RedactionPart `json:"parts"`
}

// RedactionPart is a piece of text or a gap with its reason, never both.
type RedactionPart struct {
	Text string `json:"text,omitempty"`
	Gap  string `json:"gap,omitempty"`
}

func (r *Redaction) check(c *checker) {
	if len(r.Parts) == 0 || len(r.Parts) > 201 {
		c.failf("parts: between one and 201")
	}
	for _, part := range r.Parts {
		switch {
		case (part.Text == "") == (part.Gap == ""):
			c.failf("parts: a text or a gap")
		case part.Gap != "":
			c.oneOf("parts", part.Gap, GapReasons...)
		case len(part.Text) > MaxText || HasControls(part.Text):
			c.failf("parts: too long, or control characters")
		}
	}
}

// StatementWithheld keeps a view's words from the public, with a reason.
type StatementWithheld struct {
	Reason string `json:"reason"`
}

// Kind implements Facts.
func (*StatementWithheld) Kind() Kind { return KindStatementWithheld }

func (f *StatementWithheld) check(c *checker) { c.oneOf("reason", f.Reason, WithholdingReasons...) }

// Explanation is why somebody decided, or asks for another decision.
type Explanation struct {
	Text string `json:"text"`
}

func (e *Explanation) check(c *checker) { c.prose("text", e.Text, 8000) }

// StatementCorrected adds a new wording; the old one stays on record. What is
// public changes only when the new wording is published.
type StatementCorrected struct{}

// Kind implements Facts.
func (*StatementCorrected) Kind() Kind { return KindStatementCorrected }

func (*StatementCorrected) check(*checker) {}

// StatementMatched publishes a view as the same as another: it stays a view of
// its own with its own receipt, and is not put to votes a second time.
type StatementMatched struct {
	Same ID `json:"same"`
}

// Kind implements Facts.
func (*StatementMatched) Kind() Kind { return KindStatementMatched }

func (f *StatementMatched) check(c *checker) { c.id("same", f.Same) }

// StatementTranslated adds the words in another language.
type StatementTranslated struct {
	Language string `json:"language"`
	// Means is "human" or "machine".
	Means string `json:"means"`
}

// Kind implements Facts.
func (*StatementTranslated) Kind() Kind { return KindStatementTranslated }

func (f *StatementTranslated) check(c *checker) {
	c.code("language", f.Language)
	c.oneOf("means", f.Means, "human", "machine")
}

// AppealLodged asks another organisation to look again at a withholding.
type AppealLodged struct{}

// Kind implements Facts.
func (*AppealLodged) Kind() Kind { return KindAppealLodged }

func (*AppealLodged) check(*checker) {}

// AppealDecided is the other organisation's decision.
type AppealDecided struct {
	// Outcome is "upheld" (it stays withheld) or "overturned" (it is published).
	Outcome string `json:"outcome"`
}

// Outcomes of an appeal.
const (
	AppealUpheld     = "upheld"
	AppealOverturned = "overturned"
)

// Kind implements Facts.
func (*AppealDecided) Kind() Kind { return KindAppealDecided }

func (f *AppealDecided) check(c *checker) {
	c.oneOf("outcome", f.Outcome, AppealUpheld, AppealOverturned)
}
