package act

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestDecodeBallot holds the short way of reading a ballot to the general one:
// what it takes, the other takes and reads the same, and it takes every ballot
// with one vote, of now or of an import.
func TestDecodeBallot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ballot := Ballot{
			Participant: drawID(t), Votes: []StatementVote{{drawID(t), Vote(rapid.IntRange(-1, 1).Draw(t, "vote"))}},
			Time: rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 9999999999999999)).Draw(t, "time"),
		}
		data, err := json.Marshal(ballot)
		if err != nil {
			t.Fatal(err)
		}
		var short Ballot
		if !decodeBallot(data, &short) || short.Participant != ballot.Participant || short.Votes[0] != ballot.Votes[0] || short.Time != ballot.Time {
			t.Fatalf("%s reads as %+v", data, short)
		}
		// Break it: whatever still passes must be what the general way reads.
		data[rapid.IntRange(0, len(data)-1).Draw(t, "at")] = rapid.SampledFrom([]byte(`0129az"}],:{-. `)).Draw(t, "byte")
		sameBothWays(t, data)
	})
	for _, ballot := range []Ballot{{Time: -1}, {Time: math.MaxInt64}, {Time: 10_000_000_000_000_000}} {
		ballot.Participant, ballot.Votes = ID{1}, []StatementVote{{ID{2}, Agree}}
		data, _ := json.Marshal(ballot)
		if decodeBallot(data, new(Ballot)) {
			t.Errorf("the short way takes %s", data)
		}
	}
}

func drawID(t *rapid.T) ID {
	return ID(rapid.SliceOfN(rapid.ByteMin(1), 16, 16).Draw(t, "id"))
}

type failer interface{ Fatalf(string, ...any) }

func sameBothWays(t failer, data []byte) {
	var short, long Ballot
	if !decodeBallot(data, &short) {
		return
	}
	if err := decodeStrict(data, &long); err != nil {
		t.Fatalf("the short way takes %s: %v", data, err)
	}
	if long.Participant != short.Participant || len(long.Votes) != 1 || long.Votes[0] != short.Votes[0] || long.Time != short.Time {
		t.Fatalf("%s: %+v one way, %+v the other", data, short, long)
	}
}

func FuzzDecodeBallot(f *testing.F) {
	head := `{"participant":"00000000000000000000000001","votes":[{"statement":"00000000000000000000000002","vote":`
	for _, tail := range []string{`"agree"}]}`, `"pass"}],"time":1435654192085}`, `"disagree"}],"time":0}`, `"agree"}],"time":01}`, `"agree"}],"time":}`, `"agree"}],"time":-5}`} {
		f.Add([]byte(head + tail))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameBothWays(t, data) })
}
