package translog

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// The paper form of a checkpoint is for signed minutes, newspapers, the radio and
// the telephone: digits alone, which read the same in every language, with labels
// in Khmer and English.
//
// The root stands there whole. A shorter one would be easier to type, but whoever
// runs the log chooses what is in it: of a root cut to 2n bits they find two logs
// that agree after some 2^n tries (the birthday attack), print one and later show
// the other. 256 bits are 16 groups of five digits, each the number of 16 bits,
// the higher byte first; four groups are a line.
//
// Each line ends in two digits of check by ISO 7064, MOD 97-10, as in an IBAN: the
// line's own number (1 to 4), its 20 digits and the check, read as one number,
// leave 1 when divided by 97. Another digit in one place changes that number by
// d·10^k with 0 < d < 10, two digits exchanged by d·(10^m − 1)·10^k, where m is how
// far apart they are. 97 is prime and larger than 9, so it divides neither d nor
// 10^k; and 10 is a primitive root of it, so it divides 10^m − 1 only for multiples
// of 96, and a line has 22 digits. So every wrong digit, every two digits exchanged
// wherever they stand in a line, and, for the line's number, every line typed in
// another's place is found, with the line that it is in. Of other mistakes one in 97
// passes a line; then the root is another, and an audit says so. The size has
// a check of the same kind, for a wrong size would look like a fork.
//
// The day is that on which it was printed, in UTC. It is not signed and nothing is
// compared with it: it tells people which issue or meeting to look up.

// Sizes of the paper form.
const (
	paperLines  = 4
	lineGroups  = 4
	groupDigits = 5
	lineDigits  = lineGroups*groupDigits + checkDigits
	checkDigits = 2
)

// MaxPaper is the longest paper form that is read, in bytes.
const MaxPaper = 4096

// PaperCheckpoint is a checkpoint as it stands on paper.
type PaperCheckpoint struct {
	Origin string // "" where the paper does not name the log
	Size   int64
	Root   Hash
	Day    string // on which it was printed, "2006-01-02" in UTC; "" if it does not say
}

// Checkpoint is what the paper says of the log. Its origin may be "".
func (p PaperCheckpoint) Checkpoint() Checkpoint { return Checkpoint{p.Origin, p.Size, p.Root} }

// PaperLine is a line of the root on paper.
type PaperLine struct {
	Letter string   // "A" to "D"
	Khmer  string   // the same in Khmer: "ក" to "ឃ"
	Groups []string // four of five digits
	Check  string   // two digits
}

var paperLetters = [paperLines]PaperLine{{Letter: "A", Khmer: "ក"}, {Letter: "B", Khmer: "ខ"}, {Letter: "C", Khmer: "គ"}, {Letter: "D", Khmer: "ឃ"}}

// PaperRoot gives the four lines of the root on paper.
func (c Checkpoint) PaperRoot() []PaperLine {
	lines := make([]PaperLine, paperLines)
	for i := range lines {
		lines[i] = paperLetters[i]
		for g := range lineGroups {
			at := 2 * (i*lineGroups + g)
			lines[i].Groups = append(lines[i].Groups, fmt.Sprintf("%0*d", groupDigits, binary.BigEndian.Uint16(c.Root[at:])))
		}
		lines[i].Check = paperCheck(i+1, strings.Join(lines[i].Groups, ""))
	}
	return lines
}

// PaperSize gives the size on paper: its digits, and two of check.
func (c Checkpoint) PaperSize() (digits, check string) {
	digits = strconv.FormatInt(c.Size, 10)
	return digits, paperCheck(0, digits)
}

// Paper gives the checkpoint as text to print, with labels in both languages; day
// is "2006-01-02". [ParsePaper] reads it back. Where the checkpoint has no origin,
// or day is "", that line is left out.
func (c Checkpoint) Paper(day string) string {
	return c.paper(day, func(latin, khmer string) string { return latin + " / " + khmer })
}

// PaperLatin is [Checkpoint.Paper] with labels in Latin letters alone, for a
// picture that must stay coarse enough to be read from newsprint.
func (c Checkpoint) PaperLatin(day string) string {
	return c.paper(day, func(latin, _ string) string { return latin })
}

func (c Checkpoint) paper(day string, label func(latin, khmer string) string) string {
	var b strings.Builder
	b.WriteString(label("Samleng checkpoint", "ស្ថានភាពកំណត់ហេតុ") + "\n")
	if c.Origin != "" {
		fmt.Fprintf(&b, "%s: %s\n", label("Log", "កំណត់ហេតុ"), c.Origin)
	}
	size, check := c.PaperSize()
	fmt.Fprintf(&b, "%s: %s - %s\n", label("Entries", "ធាតុ"), size, check)
	if day != "" {
		fmt.Fprintf(&b, "%s: %s UTC\n", label("Date", "កាលបរិច្ឆេទ"), day)
	}
	for _, line := range c.PaperRoot() {
		fmt.Fprintf(&b, "%s: %s - %s\n", label(line.Letter, line.Khmer), strings.Join(line.Groups, " "), line.Check)
	}
	return b.String()
}

// paperCheck gives the two digits of check of a line; number is 1 to 4, and 0 for
// the size, where it changes nothing.
func paperCheck(number int, digits string) string {
	return fmt.Sprintf("%02d", 98-mod97(number, digits+"00"))
}

// mod97 gives the remainder of the number that is written number, digits.
func mod97(number int, digits string) int {
	rest := number
	for _, d := range digits {
		rest = (rest*10 + int(d-'0')) % 97
	}
	return rest
}

// checked reports whether digits, whose last two are its check, fit a line.
func checked(number int, digits string) bool { return mod97(number, digits) == 1 }
