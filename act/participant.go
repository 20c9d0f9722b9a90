package act

// Pseudonym is who somebody is inside one dialogue: derived from their token
// with a secret of the server's, and different in every dialogue. It stands
// only in sealed sections.
type Pseudonym = ID

// ParticipantDescribed records that somebody said something about themselves.
type ParticipantDescribed struct{}

// Kind implements Facts.
func (*ParticipantDescribed) Kind() Kind { return KindParticipantDescribe }

func (*ParticipantDescribed) check(*checker) {}

// Self is what somebody says about themselves: all of it voluntary, sealed,
// and used only in counts. Values are codes.
type Self struct {
	Participant Pseudonym `json:"participant"`
	Sex         string    `json:"sex,omitempty"`
	AgeBand     string    `json:"age_band,omitempty"`
	Place       string    `json:"place,omitempty"`
	Language    string    `json:"language,omitempty"`
	Indigenous  string    `json:"indigenous,omitempty"`
	// Difficulties are the Washington Group's domains in which somebody has a
	// lot of difficulty or cannot do it at all.
	Difficulties []string `json:"difficulties,omitempty"`
	// Origin is what an import knows of the person, the number above all under
	// which the source has them.
	Origin *Origin `json:"origin,omitempty"`
}

// Codes of what people may say about themselves.
var (
	Sexes    = []string{"woman", "man", "other", "undisclosed"}
	AgeBands = []string{"under_18", "18_30", "31_59", "60_over", "undisclosed"}
)

func (s *Self) check(c *checker) {
	c.id("participant", s.Participant)
	if s.Sex != "" {
		c.oneOf("sex", s.Sex, Sexes...)
	}
	if s.AgeBand != "" {
		c.oneOf("age_band", s.AgeBand, AgeBands...)
	}
	c.optionalCode("place", s.Place)
	c.optionalCode("language", s.Language)
	c.optionalCode("indigenous", s.Indigenous)
	c.codes("difficulties", s.Difficulties, 6)
	s.Origin.check(c)
}
