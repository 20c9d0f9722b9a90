package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

type beginCommand struct {
	place
	Example bool   `help:"Print a file to start from, with the provinces of Cambodia, and do nothing else."`
	File    string `arg:"" optional:"" help:"The programme: a JSON file as --example prints it."`
}

//go:embed programme.json
var exampleProgramme []byte

// programmeMost is the size of the largest file that is read, in bytes.
const programmeMost = 4 << 20

// programmeFile is what a register begins with.
type programmeFile struct {
	act.ProgrammeDeclared
	Name     map[string]string            `json:"name"`
	About    map[string]string            `json:"about,omitempty"`
	Terms    map[string]map[string]string `json:"terms"` // the words of the themes, by theme and language
	Days     map[act.Step]int             `json:"days"`
	Weekend  []int                        `json:"weekend"`
	Holidays []string                     `json:"holidays"`
	Places   []placeInFile                `json:"places"`
}

type placeInFile struct {
	act.PlaceRegistered
	Name  map[string]string `json:"name"`
	Short map[string]string `json:"short,omitempty"` // for a narrow square of the tile map
}

// Run declares the programme. Broken off, it goes on where it stopped when it is
// run again with the same file.
func (c *beginCommand) Run(ctx context.Context) error {
	if c.Example {
		_, err := os.Stdout.Write(exampleProgramme)
		return err
	}
	if c.File == "" {
		return errors.New("which programme? samleng begin --example > programme.json gives a file to change, then samleng begin programme.json")
	}
	programme, err := readProgramme(c.File)
	if err != nil {
		return err
	}
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := programme.declare(ctx, r); err != nil {
		return err
	}
	fmt.Printf("%s is declared, with %d places. Next: samleng invite --new NAME --role administrator\n", programme.Prefix, len(programme.Places))
	return nil
}

func readProgramme(path string) (*programmeFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, programmeMost+1))
	if err != nil {
		return nil, err
	}
	if len(text) > programmeMost {
		return nil, fmt.Errorf("%s is longer than %d bytes", path, programmeMost)
	}
	programme, err := decodeProgramme(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return programme, nil
}

func decodeProgramme(text []byte) (*programmeFile, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	programme := new(programmeFile)
	if err := decoder.Decode(programme); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something stands after the programme")
	}
	for _, theme := range programme.Themes {
		if len(programme.Terms[theme]) == 0 {
			return nil, fmt.Errorf("terms: theme %q has no words", theme)
		}
	}
	return programme, nil
}

// declare submits the programme's acts; each has a token of its own name.
func (p *programmeFile) declare(ctx context.Context, r *register.Register) error {
	submit := func(name string, facts act.Facts, content map[string]any) error {
		token := r.TokenFor(act.ID{}, "begin "+name)
		_, err := r.Submit(ctx, civic.System, act.Draft{By: act.System, Facts: facts, Content: content}, &token)
		var refused *civic.Refusal
		switch {
		case errors.Is(err, register.ErrTokenConflict):
			return fmt.Errorf("%s was declared already, with other contents", name)
		case errors.As(err, &refused) && refused.Key == civic.RefusedProgramme:
			return errors.New("this register has a programme already; its board and administrators change it on their pages")
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	names := &act.Names{Name: p.Name, About: p.About, Terms: p.Terms}
	if err := submit("programme", &p.ProgrammeDeclared, map[string]any{"names": names}); err != nil {
		return err
	}
	for _, facts := range []act.Facts{
		&act.RulesAdopted{Version: civic.RulesVersion}, &act.PolicyDeclared{Days: p.Days},
		&act.CalendarDeclared{Weekend: p.Weekend, Holidays: p.Holidays},
	} {
		if err := submit(string(facts.Kind()), facts, nil); err != nil {
			return err
		}
	}
	for _, place := range p.Places {
		names := &act.Names{Name: place.Name}
		if place.Short != nil {
			names.Terms = map[string]map[string]string{"short": place.Short}
		}
		if err := submit("place "+place.Code, &place.PlaceRegistered, map[string]any{"names": names}); err != nil {
			return err
		}
	}
	return nil
}
