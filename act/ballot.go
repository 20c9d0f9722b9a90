package act

import (
	"bytes"
	"fmt"
)

// BallotCast records that somebody cast one vote or many. Who, and which, is
// sealed.
type BallotCast struct{}

// Kind implements Facts.
func (*BallotCast) Kind() Kind { return KindBallotCast }

func (*BallotCast) check(*checker) {}

// Vote is somebody's reaction to a statement: +1 agree, -1 disagree, 0 pass.
type Vote int8

// The votes.
const (
	Disagree Vote = -1
	Pass     Vote = 0
	Agree    Vote = 1
)

// String gives the vote's word.
func (v Vote) String() string {
	switch v {
	case Agree:
		return "agree"
	case Disagree:
		return "disagree"
	default:
		return "pass"
	}
}

// ParseVote reads the word that String gives.
func ParseVote(word string) (Vote, error) {
	switch word {
	case "agree":
		return Agree, nil
	case "disagree":
		return Disagree, nil
	case "pass":
		return Pass, nil
	}
	return 0, fmt.Errorf("act: %q is none of agree, disagree, pass", word)
}

// MarshalText implements encoding.TextMarshaler.
func (v Vote) MarshalText() ([]byte, error) {
	if v < Disagree || v > Agree {
		return nil, fmt.Errorf("act: %d is no vote", v)
	}
	return []byte(v.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Vote) UnmarshalText(text []byte) error {
	parsed, err := ParseVote(string(text))
	*v = parsed
	return err
}

// MostVotes is the most votes that one ballot may hold.
const MostVotes = 1000

// Ballot is the content of a ballot's section.
type Ballot struct {
	Participant Pseudonym       `json:"participant"`
	Votes       []StatementVote `json:"votes"`
	// Time is when an imported vote was cast, in milliseconds since 1970.
	Time int64 `json:"time,omitempty"`
}

// StatementVote is a vote on one statement.
type StatementVote struct {
	Statement ID   `json:"statement"`
	Vote      Vote `json:"vote"`
}

func (b *Ballot) check(c *checker) {
	c.id("participant", b.Participant)
	if len(b.Votes) == 0 || len(b.Votes) > MostVotes {
		c.failf("votes: %d of them, between 1 and %d", len(b.Votes), MostVotes)
	}
	seen := make(map[ID]bool, min(len(b.Votes), MostVotes))
	for _, vote := range b.Votes {
		c.id("votes", vote.Statement)
		if seen[vote.Statement] {
			c.failf("votes: a statement twice")
		}
		seen[vote.Statement] = true
	}
}

// decodeBallot reads what encoding/json writes of a Ballot with one vote, with
// or without the time of an import, without the general decoder: registers are
// mostly such ballots, and start-up reads every one of them. It reports false
// for every other form.
func decodeBallot(data []byte, into *Ballot) bool {
	rest, ok := bytes.CutPrefix(data, []byte(`{"participant":"`))
	if !ok || len(rest) < idLength {
		return false
	}
	var err error
	var ballot Ballot
	if ballot.Participant, err = parseID(rest[:idLength]); err != nil || ballot.Participant.IsZero() {
		return false
	}
	if rest, ok = bytes.CutPrefix(rest[idLength:], []byte(`","votes":[{"statement":"`)); !ok || len(rest) < idLength {
		return false
	}
	var vote StatementVote
	if vote.Statement, err = parseID(rest[:idLength]); err != nil || vote.Statement.IsZero() {
		return false
	}
	if rest, ok = bytes.CutPrefix(rest[idLength:], []byte(`","vote":"`)); !ok {
		return false
	}
	word, rest, ok := bytes.Cut(rest, []byte(`"}]`))
	if !ok {
		return false
	}
	switch string(word) {
	case "agree":
		vote.Vote = Agree
	case "disagree":
		vote.Vote = Disagree
	case "pass":
		vote.Vote = Pass
	default:
		return false
	}
	if ballot.Time, ok = decodeTime(rest); !ok {
		return false
	}
	ballot.Votes = []StatementVote{vote}
	*into = ballot
	return true
}

// decodeTime reads the end of a ballot: its time after 1970, if it has one.
func decodeTime(rest []byte) (ms int64, ok bool) {
	if string(rest) == "}" {
		return 0, true
	}
	digits, ok := bytes.CutPrefix(rest, []byte(`,"time":`))
	if !ok || len(digits) < 2 || len(digits) > 17 || digits[0] == '0' || digits[len(digits)-1] != '}' {
		return 0, false
	}
	for _, digit := range digits[:len(digits)-1] {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		ms = 10*ms + int64(digit-'0')
	}
	return ms, true
}
