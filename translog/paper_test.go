package translog_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"samleng/translog"
)

const paperDay = "2026-03-12"

// paperSamples are checkpoints of many roots, the smallest and largest groups
// among them.
func paperSamples(t testing.TB) []translog.Checkpoint {
	samples := []translog.Checkpoint{testCheckpoint(t, 0), testCheckpoint(t, 12), {Size: 1}, {Origin: testOrigin, Size: translog.MaxSize}}
	for i := range samples[3].Root {
		samples[3].Root[i] = 255
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		c := translog.Checkpoint{Origin: testOrigin, Size: random.Int64N(translog.MaxSize)}
		for i := range c.Root {
			c.Root[i] = byte(random.Uint32())
		}
		samples = append(samples, c)
	}
	return samples
}

func khmerDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r - '0' + '០'
	}
	return r
}

// unlabelled is a paper form as somebody in a hurry types it.
func unlabelled(c translog.Checkpoint) string {
	size, check := c.PaperSize()
	text := size + check
	for _, line := range c.PaperRoot() {
		text += "\n" + strings.Join(line.Groups, "") + line.Check
	}
	return text
}

func TestPaperReadsBack(t *testing.T) {
	for _, c := range paperSamples(t) {
		text := c.Paper(paperDay)
		whole := translog.PaperCheckpoint{Origin: c.Origin, Size: c.Size, Root: c.Root, Day: paperDay}
		short := translog.PaperCheckpoint{Size: c.Size, Root: c.Root}
		bare := unlabelled(c)
		lines := strings.Split(bare, "\n")
		khmerLabels := "ធាតុ៖ " + lines[0] + "\nក៖" + lines[1] + "\nខ៖ " + lines[2] + "\nគ " + lines[3] + "\nឃ" + lines[4]
		for about, typed := range map[string]struct {
			text string
			want translog.PaperCheckpoint
		}{
			"as printed":         {text, whole},
			"in Latin letters":   {c.PaperLatin(paperDay), whole},
			"in capitals":        {strings.Replace(strings.ToUpper(text), strings.ToUpper(testOrigin), testOrigin, 1), whole},
			"with returns":       {strings.ReplaceAll(text, "\n", "\r\n\r\n"), whole},
			"with dots":          {strings.ReplaceAll(text, " - ", "."), whole},
			"nothing between":    {bare, short},
			"on one line":        {strings.ReplaceAll(bare, "\n", ""), short},
			"one digit a line":   {strings.Join(strings.Split(bare, ""), "\n"), short},
			"Khmer digits":       {strings.Map(khmerDigits, bare), short},
			"a zero-width space": {strings.ReplaceAll(bare, "\n", "\u200b\n"), short},
			"Khmer labels":       {khmerLabels, short},
		} {
			got, err := translog.ParsePaper([]byte(typed.text))
			if err != nil || got != typed.want {
				t.Fatalf("%s:\n%s\n%+v (%v), want %+v", about, typed.text, got, err, typed.want)
			}
		}
	}
}

// TestPaperFindsMistakes makes every mistake of one digit, every exchange of two
// digits within a line, and every exchange of two lines, and wants each found, in
// its line.
func TestPaperFindsMistakes(t *testing.T) {
	tried := 0
	refused := func(lines []string, part string) {
		t.Helper()
		tried++
		_, err := translog.ParsePaper([]byte(strings.Join(lines, "\n")))
		if wrong, is := errors.AsType[*translog.PaperError](err); !is || wrong.Part != part {
			t.Fatalf("%q: %v, want it found in %s", lines, err, part)
		}
	}
	for _, c := range paperSamples(t) {
		lines := strings.Split(unlabelled(c), "\n")
		lines[0] = "size " + lines[0]
		for i, line := range lines {
			part := []string{"size", "A", "B", "C", "D"}[i]
			changed := func(digits []byte) {
				other := append([]string{}, lines...)
				other[i] = string(digits)
				refused(other, part)
			}
			for at := range line {
				if line[at] < '0' || line[at] > '9' {
					continue
				}
				for d := byte('0'); d <= '9'; d++ {
					if digits := []byte(line); d != line[at] {
						digits[at] = d
						changed(digits)
					}
				}
				for with := at + 1; with < len(line); with++ {
					if digits := []byte(line); digits[at] != digits[with] {
						digits[at], digits[with] = digits[with], digits[at]
						changed(digits)
					}
				}
			}
		}
		for i := 1; i < len(lines); i++ {
			for j := i + 1; j < len(lines); j++ {
				other := append([]string{}, lines...)
				other[i], other[j] = other[j], other[i]
				refused(other, string(rune('A'+i-1)))
			}
		}
	}
	if tried < 30_000 {
		t.Errorf("only %d mistakes were made", tried)
	}
}

// badPapers are papers that are refused, for these reasons.
func badPapers(t testing.TB) []paperVector {
	c := testCheckpoint(t, 12)
	text := c.Paper(paperDay)
	a, b := c.PaperRoot()[0], c.PaperRoot()[1]
	swap := func(old, now string) string { return strings.Replace(text, old, now, 1) }
	lines := strings.SplitAfter(text, "\n")
	// A group above 65535 whose line has the check that fits it.
	high := strings.Replace(strings.Join(a.Groups, " "), a.Groups[0], "65536", 1)
	size, check := c.PaperSize()
	return []paperVector{
		{About: "a digit of the second line is wrong", Text: swap(b.Groups[2], b.Groups[2][:4]+string('0'+(b.Groups[2][4]-'0'+1)%10)), Part: "B"},
		{About: "two lines exchanged under their labels", Text: swap(strings.Join(a.Groups, " ")+" - "+a.Check, strings.Join(b.Groups, " ")+" - "+b.Check), Part: "A"},
		{About: "a group is missing", Text: swap(b.Groups[0]+" ", ""), Part: "B"},
		{About: "a group too many", Text: swap(b.Groups[0], b.Groups[0]+" 00000"), Part: "B"},
		{About: "a group above 65535", Text: swap(strings.Join(a.Groups, " "), high), Part: "A"},
		{About: "a check is missing", Text: swap(" - "+b.Check, ""), Part: "B"},
		{About: "a line is missing", Text: lines[0] + lines[1] + lines[2] + lines[3] + lines[4] + lines[6] + lines[7], Part: "B"},
		{About: "a line twice", Text: text + lines[4], Part: "A"},
		{About: "the size is missing", Text: swap(lines[2], ""), Part: "size"},
		{About: "the check of the size is missing", Text: swap(size+" - "+check, size), Part: "size"},
		{About: "a digit of the size is wrong", Text: swap(size+" - ", "13 - "), Part: "size"},
		{About: "no log is that long", Text: swap(size+" - "+check, "999999999999999 - 00"), Part: "size"},
		{About: "a letter for a digit", Text: swap(b.Groups[0], "1234O"), Part: "B"},
		{About: "no such day", Text: swap(paperDay, "2026-02-30"), Part: "date"},
		{About: "a day of another form", Text: swap(paperDay, "12.3.2026"), Part: "date"},
		{About: "a log without a name", Text: swap(testOrigin, ""), Part: "log"},
		{About: "too few digits", Text: unlabelled(c)[:60], Part: ""},
		{About: "without labels, a digit too few in the third line", Text: strings.Replace(unlabelled(c), c.PaperRoot()[2].Groups[3], c.PaperRoot()[2].Groups[3][1:], 1), Part: "C"},
		{About: "nothing", Text: "", Part: ""},
		{About: "an empty log with another root", Text: strings.Replace(text, size+" - "+check, "0 - 01", 1), Part: "size"},
	}
}

func TestPaperBad(t *testing.T) {
	more := append(badPapers(t), paperVector{About: "too long", Text: strings.Repeat(" ", translog.MaxPaper+1)}, paperVector{About: "not UTF-8", Text: "\xff"})
	for _, bad := range more {
		p, err := translog.ParsePaper([]byte(bad.Text))
		wrong, is := errors.AsType[*translog.PaperError](err)
		if !is || wrong.Part != bad.Part || p != (translog.PaperCheckpoint{}) {
			t.Errorf("%s: %v, want it in %q", bad.About, err, bad.Part)
		}
	}
}

func TestPaperLineOfFile(t *testing.T) {
	k := testKeys(t)
	for _, line := range strings.Split(strings.TrimSpace(testCheckpoint(t, 12).Paper(paperDay)), "\n") {
		if !translog.IsPaper(line) {
			t.Errorf("%q passes for no line of paper", line)
		}
	}
	for _, line := range []string{k.logVkey, k.witnessVkey, "12 " + testCheckpoint(t, 12).Root.String(), "301 short", "", "  "} {
		if translog.IsPaper(line) {
			t.Errorf("%q passes for a line of paper", line)
		}
	}
}

func FuzzParsePaper(f *testing.F) {
	for _, c := range paperSamples(f)[:6] {
		f.Add([]byte(c.Paper(paperDay)))
		f.Add([]byte(strings.Map(khmerDigits, unlabelled(c))))
	}
	for _, bad := range badPapers(f) {
		f.Add([]byte(bad.Text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := translog.ParsePaper(text)
		if err != nil {
			if _, is := errors.AsType[*translog.PaperError](err); !is {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		again, err := translog.ParsePaper([]byte(p.Checkpoint().Paper(p.Day)))
		if err != nil || again != p {
			t.Errorf("%q reads as %+v, printed as %+v (%v)", text, p, again, err)
		}
	})
}
