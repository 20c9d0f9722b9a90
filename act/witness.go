package act

// WitnessesDeclared says who witnesses the log from here on, and when a
// checkpoint is witnessed. It takes the place of what was declared before.
type WitnessesDeclared struct {
	// Quorum is how many different organisations must have signed a checkpoint:
	// at least two, since one alone binds nobody.
	Quorum    int       `json:"quorum"`
	Witnesses []Witness `json:"witnesses"`
}

// Witness is an organisation that cosigns checkpoints.
type Witness struct {
	Organisation ID `json:"organisation"`
	// Key is its verifier key for cosignatures (C2SP signed-note).
	Key string `json:"key"`
	// Cadence is how often it promises to sign, one of Cadences.
	Cadence string `json:"cadence"`
}

// The cadences of witnesses: a server that is always on, or a laptop that is
// opened once a day, week or month.
const (
	CadenceAlways  = "always"
	CadenceDaily   = "daily"
	CadenceWeekly  = "weekly"
	CadenceMonthly = "monthly"
)

// Cadences are the codes of how often a witness signs.
var Cadences = []string{CadenceAlways, CadenceDaily, CadenceWeekly, CadenceMonthly}

// MostWitnesses is how many witnesses a log may have at a time: their
// signatures fit a checkpoint twice over.
const MostWitnesses = 32

// maxKey is the longest verifier key, in bytes.
const maxKey = 310

// Kind implements Facts.
func (*WitnessesDeclared) Kind() Kind { return KindWitnessesDeclared }

func (f *WitnessesDeclared) check(c *checker) {
	c.between("quorum", f.Quorum, 2, MostWitnesses)
	c.between("witnesses", len(f.Witnesses), 2, MostWitnesses)
	organisations, keys := map[ID]bool{}, map[string]bool{}
	for _, w := range f.Witnesses {
		c.id("witnesses.organisation", w.Organisation)
		c.key("witnesses.key", w.Key)
		c.oneOf("witnesses.cadence", w.Cadence, Cadences...)
		if organisations[w.Organisation] || keys[w.Key] {
			c.failf("witnesses: one twice")
		}
		organisations[w.Organisation], keys[w.Key] = true, true
	}
	if f.Quorum > len(f.Witnesses) {
		c.failf("quorum: %d of %d", f.Quorum, len(f.Witnesses))
	}
}

// KeyChanged says that the log's key, or a witness's, is followed by another.
// Both keys have signed it (translog.KeyChange).
type KeyChanged struct {
	Old          string `json:"old"`
	New          string `json:"new"`
	OldSignature string `json:"old_signature"`
	NewSignature string `json:"new_signature"`
}

// Kind implements Facts.
func (*KeyChanged) Kind() Kind { return KindKeyChanged }

func (f *KeyChanged) check(c *checker) {
	c.key("old", f.Old)
	c.key("new", f.New)
	for _, signature := range []string{f.OldSignature, f.NewSignature} {
		if len(signature) != 88 {
			c.failf("signature: %d characters of base64, want 88", len(signature))
		}
		c.token("signature", signature)
	}
}

// key checks the form of a verifier key; whether it is one, the rules ask.
func (c *checker) key(field, value string) {
	if value == "" || len(value) > maxKey {
		c.failf("%s: %d bytes, at most %d", field, len(value), maxKey)
	}
	c.token(field, value)
}

// token checks for printable ASCII without spaces.
func (c *checker) token(field, value string) {
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			c.failf("%s: something else than printable ASCII", field)
			return
		}
	}
}
