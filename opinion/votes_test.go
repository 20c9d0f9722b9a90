package opinion

import "testing"

func TestVotesAreWhatWasGiven(t *testing.T) {
	v, err := FromCells(3, 4, []Cell{{2, 3, Agree}, {0, 1, Disagree}, {2, 0, Pass}, {0, 1, Agree}, {2, 3, Disagree}})
	if err != nil {
		t.Fatal(err)
	}
	if v.Participants() != 3 || v.Statements() != 4 || v.Len() != 3 {
		t.Fatalf("%d × %d with %d votes", v.Participants(), v.Statements(), v.Len())
	}
	want := [][]Word{{MakeWord(1, Agree)}, {}, {MakeWord(0, Pass), MakeWord(3, Disagree)}}
	for p := range want {
		got := v.Row(p)
		if len(got) != len(want[p]) {
			t.Fatalf("row %d: %v", p, got)
		}
		for i, w := range got {
			if w != want[p][i] {
				t.Errorf("row %d: %d %d, not %d %d", p, w.Statement(), w.Vote(), want[p][i].Statement(), want[p][i].Vote())
			}
		}
	}
}

func TestVotesRefuse(t *testing.T) {
	for name, cells := range map[string][]Cell{
		"participant": {{3, 0, Agree}}, "negative": {{-1, 0, Agree}}, "statement": {{0, 4, Agree}}, "vote": {{0, 0, 2}},
	} {
		if _, err := FromCells(3, 4, cells); err == nil {
			t.Errorf("%s out of range was taken", name)
		}
	}
	if _, err := NewBuilder(MaxStatements + 1); err == nil {
		t.Error("more statements than a word can name were taken")
	}
	b, err := NewBuilder(4)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string][]Word{
		"order": {MakeWord(1, Agree), MakeWord(0, Agree)}, "twice": {MakeWord(1, Agree), MakeWord(1, Pass)},
		"statement": {MakeWord(4, Agree)}, "code": {MakeWord(0, Agree) | 3},
	} {
		if b.Add(row) == nil {
			t.Errorf("%s: a wrong row was taken", name)
		}
	}
}

func TestVotesManyChunks(t *testing.T) {
	b, err := NewBuilder(8)
	if err != nil {
		t.Fatal(err)
	}
	n := 2*chunkRows + 7
	for p := range n {
		if err := b.Add([]Word{MakeWord(p%8, Vote(p%3-1))}); err != nil {
			t.Fatal(err)
		}
	}
	v := b.Votes()
	for _, p := range []int{0, chunkRows - 1, chunkRows, 2 * chunkRows, n - 1} {
		if row := v.Row(p); len(row) != 1 || row[0] != MakeWord(p%8, Vote(p%3-1)) {
			t.Errorf("row %d: %v", p, row)
		}
	}
}
