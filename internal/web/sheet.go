package web

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
	"samleng/translog"
)

// sheetView is the newest checkpoint on one sheet of paper, in every language at
// once: minutes are signed by people who read different ones.
type sheetView struct {
	Programme []said
	Signed    bool // false before the first checkpoint: there is nothing to print
	Origin    string
	Size      string
	Check     string
	Day       time.Time // in UTC
	Lines     []translog.PaperLine
	Witnesses [][]said // the organisations whose cosignatures this checkpoint carries
	QR        picture
}

// said is a text in one language.
type said struct{ Tag, Text string }

func (s *Server) sheet(v *visit) (page, error) {
	p := page{Name: "sheet", Title: v.T("web.checkpoint.title"), Nav: "verify"}
	signed, _, err := s.read.Checkpoint(v.r.Context())
	if errors.Is(err, register.ErrNotFound) {
		p.Data = sheetView{}
		return p, nil
	}
	if err != nil {
		return page{}, fmt.Errorf("read the checkpoint: %w", err)
	}
	var verifiers []note.Verifier
	for _, key := range s.keys() {
		verifier, err := translog.NewVerifier(key)
		if err != nil {
			return page{}, fmt.Errorf("read a key of the log: %w", err)
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := translog.Open(signed, s.read.Origin(), verifiers...)
	if err != nil {
		return page{}, fmt.Errorf("open the checkpoint: %w", err)
	}
	data := sheetView{Signed: true, Origin: opened.Origin, Day: v.now.UTC(), Lines: opened.PaperRoot()}
	data.Size, data.Check = opened.PaperSize()
	if data.QR, err = pictureOf(opened.PaperLatin(data.Day.Format(time.DateOnly))); err != nil {
		return page{}, err
	}
	s.read.View(func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			data.Programme = named(state.Names(programme.ID))
		}
		for _, organisation := range signersOf(state, opened) {
			data.Witnesses = append(data.Witnesses, named(state.Names(organisation)))
		}
	})
	p.Data = data
	return p, nil
}

// Say gives a message in every language.
func (sheetView) Say(key string) []said {
	command, zone := "samleng audit --pinned FILE", "UTC"
	var all []said
	for _, tag := range locale.Languages() {
		all = append(all, said{tag, locale.Get(tag).T(key, "command", command, "zone", zone)})
	}
	return all
}

// named gives a name in every language that there is one in.
func named(names act.Names) []said {
	var all []said
	for _, tag := range locale.Languages() {
		if name := names.Name[tag]; name != "" {
			all = append(all, said{tag, name})
		}
	}
	if len(all) == 0 {
		return []said{{"", inLanguage(names.Name, "")}}
	}
	return all
}

// signersOf gives the organisations whose witnesses signed a checkpoint, by any
// key that they ever had in force.
func signersOf(state *civic.State, signed translog.Signed) (organisations []act.ID) {
	for _, witness := range state.WitnessKeys() {
		short, err := translog.KeyName(witness.Key)
		if err == nil && !slices.Contains(organisations, witness.Organisation) &&
			slices.ContainsFunc(signed.Cosignatures, func(c translog.Cosignature) bool { return c.Key() == short }) {
			organisations = append(organisations, witness.Organisation)
		}
	}
	return organisations
}
