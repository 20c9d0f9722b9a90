package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"samleng/audit"
	"samleng/translog"
)

// readPinned reads keys and checkpoints that came another way than from the
// site: out of a newspaper, or signed minutes. A line is a key, or SIZE ROOT, or
// one of a checkpoint as it stands on paper, which ends at an empty line or at a
// line of another kind.
func readPinned(name string, config *audit.Config) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, translog.MaxCheckpoint+1))
	if err != nil {
		return err
	}
	if len(content) > translog.MaxCheckpoint {
		return fmt.Errorf("%s: more than %d bytes", name, translog.MaxCheckpoint)
	}
	return decodePinned(name, content, config)
}

// decodePinned reads what stands in a pinned file. The error names it and the
// line.
func decodePinned(name string, content []byte, config *audit.Config) error {
	p := pinned{name: name, config: config}
	for i, line := range strings.Split(string(content), "\n") {
		if err := p.take(i+1, strings.TrimSpace(line)); err != nil {
			return err
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	return p.oneLog()
}

// pinned is a file of what is known, as far as it is read.
type pinned struct {
	name   string
	config *audit.Config
	paper  []string // lines of a paper form that is not complete yet
	row    int      // where it begins
}

// take reads a line.
func (p *pinned) take(n int, line string) error {
	if line == "" || strings.HasPrefix(line, "#") {
		// A paper form may have empty lines of its own: one ends it where nothing
		// is missing.
		if len(p.paper) > 0 {
			p.paper = append(p.paper, "")
			if _, err := p.parse(); err == nil {
				return p.end()
			}
		}
		return nil
	}
	_, notKey := translog.NewVerifier(line)
	size, root, isCheckpoint := strings.Cut(line, " ")
	known, notKnown := checkpointOf(size, strings.TrimSpace(root))
	if notKey != nil && notKnown != nil && (len(p.paper) > 0 || translog.IsPaper(line)) {
		if len(p.paper) == 0 {
			p.row = n
		}
		p.paper = append(p.paper, line)
		return nil
	}
	if err := p.end(); err != nil {
		return err
	}
	switch {
	case notKey == nil:
		if !slices.Contains(p.config.Keys, line) { // twice, it would be taken for two keys of one name
			p.config.Keys = append(p.config.Keys, line)
		}
	case !isCheckpoint:
		return fmt.Errorf("%s, line %d: %w", p.name, n, notKey)
	case notKnown != nil:
		return fmt.Errorf("%s, line %d: %w", p.name, n, notKnown)
	default:
		p.config.Seen = append(p.config.Seen, known)
	}
	return nil
}

func (p *pinned) parse() (translog.PaperCheckpoint, error) {
	return translog.ParsePaper([]byte(strings.Join(p.paper, "\n")))
}

// end takes the paper form in that the lines so far make.
func (p *pinned) end() error {
	if len(p.paper) == 0 {
		return nil
	}
	paper, err := p.parse()
	if wrong, is := errors.AsType[*translog.PaperError](err); is {
		return fmt.Errorf("%s, line %d: %w", p.name, p.row+max(wrong.Row, 1)-1, err)
	}
	p.paper = nil
	if paper.Origin != "" {
		if p.config.Origin != "" && p.config.Origin != paper.Origin {
			return fmt.Errorf("%s, line %d: a checkpoint of %q beside one of %q: keep each log in a file of its own", p.name, p.row, paper.Origin, p.config.Origin)
		}
		p.config.Origin = paper.Origin
	}
	seen := translog.Checkpoint{Size: paper.Size, Root: paper.Root}
	p.config.Seen = append(p.config.Seen, seen)
	if p.config.Printed == nil {
		p.config.Printed = map[translog.Checkpoint]string{}
	}
	p.config.Printed[seen] = paper.Day
	return nil
}

// oneLog refuses a key of another log than the paper's: else a mistyped name would
// look like a forged signature.
func (p *pinned) oneLog() error {
	origin, _, err := audit.Verifiers(p.config.Keys)
	if err == nil && origin != "" && p.config.Origin != "" && origin != p.config.Origin {
		return fmt.Errorf("%s: the key is of %q, and the checkpoint on paper of %q", p.name, origin, p.config.Origin)
	}
	return err
}

func checkpointOf(size, root string) (c translog.Checkpoint, err error) {
	if c.Size, err = strconv.ParseInt(size, 10, 64); err != nil || c.Size < 0 || c.Size > translog.MaxSize {
		return c, errors.New("the size of a checkpoint is a whole number")
	}
	raw, err := base64.StdEncoding.DecodeString(root)
	if err != nil || len(raw) != len(c.Root) {
		return c, errors.New("the root of a checkpoint is 44 characters of base64")
	}
	copy(c.Root[:], raw)
	return c, nil
}
