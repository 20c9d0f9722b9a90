package polis_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"samleng/act"
	"samleng/internal/polis"
)

// A small export that is as it should be.
const (
	goodSummary  = "topic,\"A question, with a comma\"\nurl,https://example.org/x\nvoters,2\nconversation-description,\"two\r\nlines\"\n"
	goodComments = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n" +
		"1435654192085,Tue Jun 30 08:49:52 UTC 2015,7,1,2,0,1,roads\n" +
		"1435654192085,Tue Jun 30 08:49:52 UTC 2015,3,,0,1,-1,\"water, \"\"clean\"\"\nfor all\"\n"
	goodVotes = "timestamp,datetime,comment-id,voter-id,vote\n" +
		"1435654192085,Tue Jun 30 08:49:52 UTC 2015,3,1,-1\n" +
		"1435654192085,Tue Jun 30 08:49:52 UTC 2015,7,1,1\n" +
		"1435654192099,Tue Jun 30 08:49:52 UTC 2015,7,2,1\n"
	goodPeople = "participant,xid,group-id,n-comments,n-votes,n-agree,n-disagree,3,7\n2,b,,0,1,1,0,,1\n1,a,0,1,2,1,1,-1,1\n"
)

func export(summary, comments, votes, people string) fstest.MapFS {
	dir := fstest.MapFS{}
	for name, content := range map[string]string{"summary.csv": summary, "comments.csv": comments, "votes.csv": votes, "participants-votes.csv": people} {
		if content != "" {
			dir[name] = &fstest.MapFile{Data: []byte(content)}
		}
	}
	return dir
}

// written gives the files that a conversation is written to.
func written(t testing.TB, c *polis.Conversation) fstest.MapFS {
	t.Helper()
	dir := fstest.MapFS{}
	for _, name := range c.Files() {
		var b bytes.Buffer
		if err := c.Encode(&b, name); err != nil {
			t.Fatal(err)
		}
		dir[name] = &fstest.MapFile{Data: b.Bytes()}
	}
	return dir
}

func TestGood(t *testing.T) {
	dir := export(goodSummary, goodComments, goodVotes, goodPeople)
	c, err := polis.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range dir {
		if got := written(t, c)[name]; got == nil || string(got.Data) != string(want.Data) {
			t.Errorf("%s comes out as %q", name, got.Data)
		}
	}
	if first, last := c.Period(); first != 1435654192085 || last != 1435654192099 {
		t.Errorf("from %d to %d", first, last)
	}
	if got := c.Comments[1]; got.Author != polis.NoAuthor || got.Text != "water, \"clean\"\nfor all" || got.Moderated != polis.Rejected || got.Fields != nil {
		t.Errorf("%+v", got)
	}
	// The same in the form that spreadsheets on some systems write.
	crlf := func(s string) string {
		return "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
	}
	other, err := polis.Read(export(goodSummary, strings.Replace(crlf(goodComments), "\r\nfor", "\nfor", 1), crlf(goodVotes)+"\r\n", crlf(strings.ReplaceAll(goodPeople, ",1,-1,1", ",1,-1.0,1.0"))))
	if err != nil || other.Digest() != c.Digest() {
		t.Errorf("with byte order mark, CR LF, blank lines and 1.0: %v", err)
	}
	// Without one of the two files of votes.
	if c, err := polis.Read(export("", goodComments, goodVotes, "")); err != nil || len(c.Participants) != 2 || len(c.Files()) != 2 {
		t.Errorf("without participants-votes.csv: %v", err)
	}
	if c, err := polis.Read(export("", goodComments, "", goodPeople)); err != nil || len(c.Votes) != 3 || c.Votes[0].Time != 0 {
		t.Errorf("without votes.csv: %v", err)
	}
}

// TestBad breaks one thing at a time: each is found, with its place.
func TestBad(t *testing.T) {
	long := strings.Repeat("x", act.MaxText+1)
	for _, bad := range []struct {
		name, file, from, to string
		row                  int
		column, what         string
	}{
		{"a vote of 2", "votes.csv", "3,1,-1\n", "3,1,2\n", 2, "vote", `"2" is none of`},
		{"an empty vote", "votes.csv", "3,1,-1\n", "3,1,\n", 2, "vote", "whole number"},
		{"a vote with a fraction", "votes.csv", "3,1,-1\n", "3,1,-0.5\n", 2, "vote", "whole number"},
		{"an unknown comment", "votes.csv", ",7,2,1\n", ",8,2,1\n", 4, "comment-id", "no comment 8"},
		{"seconds for milliseconds", "votes.csv", "1435654192099", "1435654192", 4, "timestamp", "milliseconds"},
		{"a person below zero", "votes.csv", ",7,2,1\n", ",7,-2,1\n", 4, "voter-id", "number of anything"},
		{"a person beyond numbers", "votes.csv", ",7,2,1\n", ",7,99999999999999999999,1\n", 4, "voter-id", "whole number"},
		{"a field too many", "votes.csv", "3,1,-1\n", "3,1,-1,\n", 2, "", "6 fields"},
		{"no header", "votes.csv", "voter-id", "voter", 1, "", "no column voter-id"},
		{"a column twice", "votes.csv", "datetime", "vote", 1, "vote", "twice"},
		{"a quote in the middle", "votes.csv", "UTC", `U"TC`, 2, "", "quote in its middle"},
		{"a CR alone", "votes.csv", "3,1,-1\n", "3,1,-1\r", 2, "", "carriage return"},
		{"compressed", "votes.csv", "timestamp", "\x1f\x8b", 0, "", "unpack"},
		{"a voter whom the other file does not know", "votes.csv", ",7,2,1\n", ",7,5,1\n", 0, "", "no participant 5"},
		{"a last vote that the other file has not", "votes.csv", ",7,2,1\n", ",7,2,0\n", 2, "7", "it is 1, and the last vote in votes.csv is 0"},
		{"a cell that no vote gives", "participants-votes.csv", "0,1,1,0,,1", "0,1,1,0,0,1", 2, "3", "has no vote"},
		{"a vote that no cell gives", "participants-votes.csv", "0,1,1,0,,1", "0,1,1,0,,", 2, "7", "it is empty"},
		{"a participant twice", "participants-votes.csv", "1,a,0", "2,a,0", 3, "participant", "first in row 2"},
		{"a column of no comment", "participants-votes.csv", ",3,7\n", ",3,9\n", 1, "9", "no comment 9"},
		{"a comment's column twice", "participants-votes.csv", ",3,7\n", ",3,3.0\n", 1, "3.0", "twice"},
		{"a stray column", "participants-votes.csv", ",3,7\n", ",3,mood\n", 1, "mood", "behind"},
		{"a cell of 3", "participants-votes.csv", "2,1,1,-1,1\n", "2,1,1,-1,3\n", 3, "7", "none of"},
		{"a comment twice", "comments.csv", ",3,,", ",7,,", 3, "comment-id", "7 is there twice"},
		{"moderated 2", "comments.csv", "0,1,roads", "0,2,roads", 2, "moderated", "none of"},
		{"no words", "comments.csv", "roads", "\u200b ", 2, "comment-body", "no words"},
		{"too many words", "comments.csv", "roads", long, 2, "comment-body", "60001 bytes"},
		{"more than a field", "comments.csv", "roads", long + long, 2, "", "bytes"},
		{"a bell", "comments.csv", "roads", "ro\aads", 2, "comment-body", "control characters"},
		{"turned text", "comments.csv", "roads", "ro\u202eads", 2, "comment-body", "control characters"},
		{"not UTF-8", "comments.csv", "roads", "ro\xffads", 2, "", "UTF-8"},
		{"a quote that nothing closes", "comments.csv", "for all\"", "for all", 3, "", "nothing closes"},
		{"words behind a quote", "comments.csv", "for all\"", "for all\"x", 3, "", "closing quote"},
		{"an empty file", "comments.csv", goodComments, "\n", 0, "", "empty"},
		{"no comment", "comments.csv", goodComments, goodComments[:strings.Index(goodComments, "\n")+1], 0, "", "no comment"},
		{"a summary of three", "summary.csv", "voters,2", "voters,2,3", 3, "", "3 fields"},
		{"a summary row twice", "summary.csv", "voters", "url", 3, "1", "url is there twice"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			dir := export(goodSummary, goodComments, goodVotes, goodPeople)
			broken := strings.Replace(string(dir[bad.file].Data), bad.from, bad.to, 1)
			if broken == string(dir[bad.file].Data) {
				t.Fatal("nothing was broken")
			}
			dir[bad.file].Data = []byte(broken)
			_, err := polis.Read(dir)
			var told *polis.Error
			if !errors.As(err, &told) {
				t.Fatalf("%v", err)
			}
			file := bad.file
			if strings.Contains(bad.name, "the other file") {
				file = "participants-votes.csv"
			}
			if bad.name == "no comment" {
				told.Row = 0
			}
			if told.File != file || told.Row != bad.row || told.Column != bad.column || !strings.Contains(told.What, bad.what) || len(told.Error()) > 300 {
				t.Errorf("%s (row %d, column %q)", err, told.Row, told.Column)
			}
		})
	}
}

// TestSigns: files of the database's sign are refused, whichever they are.
func TestSigns(t *testing.T) {
	turn := strings.NewReplacer(",-1\n", ",1\n", ",1\n", ",-1\n").Replace
	for name, dir := range map[string]fstest.MapFS{
		"one of two files":       export("", goodComments, turn(goodVotes), goodPeople),
		"by the comments' count": export("", goodComments, turn(goodVotes), ""),
		"without votes.csv":      export("", goodComments, "", "participant,3,7\n2,,-1\n1,1,-1\n"),
	} {
		_, err := polis.Read(dir)
		if err == nil || !strings.Contains(err.Error(), "sign") && !strings.Contains(err.Error(), "wrong way round") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLastVoteWins: by time, and of two at one millisecond the later row,
// whatever the order of the file.
func TestLastVoteWins(t *testing.T) {
	votes := "timestamp,comment-id,voter-id,vote\n" +
		"1435654192300,7,1,-1\n1435654192100,7,1,1\n1435654192200,7,1,0\n" +
		"1435654192100,7,2,1\n1435654192100,7,2,-1\n"
	for people, want := range map[string]bool{"participant,7\n1,-1\n2,-1\n": true, "participant,7\n1,0\n2,-1\n": false, "participant,7\n1,-1\n2,1\n": false} {
		c, err := polis.Read(export("", "timestamp,comment-id,author-id,moderated,comment-body\n1435654192000,7,1,1,x\n", votes, people))
		if (err == nil) != want {
			t.Errorf("%q: %v", people, err)
		}
		if err == nil && (len(c.Cells()) != 2 || len(c.Cells()[0]) != 3 || c.Cells()[0][2].Value != act.Disagree) {
			t.Errorf("%+v", c.Cells())
		}
	}
}

// TestFormulas: words that a spreadsheet would compute come out as words, and
// in again as they were; an apostrophe that was there stays.
func TestFormulas(t *testing.T) {
	for _, text := range []string{"=1+1", "+855 12 345", "-no", "@x", "\t=x", "'=x", "''=x", "'quoted'", "-5", "-", "'", "a=b"} {
		head := "timestamp,comment-id,author-id,moderated,comment-body\n1435654192000,7,1,1,"
		c, err := polis.Read(export("", head+text+"\n", "", "participant,7\n1,1\n"))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if c.Comments[0].Text != text {
			t.Errorf("%q reads as %q although nothing says that it is escaped", text, c.Comments[0].Text)
		}
		dir := written(t, c)
		line := strings.TrimPrefix(string(dir["comments.csv"].Data), head)
		if strings.ContainsAny(line[:1], "=+@\t") || line[0] == '-' && text != "-5" {
			t.Errorf("%q is written as %q", text, line)
		}
		if back, err := polis.Read(dir); err != nil || back.Comments[0].Text != text || back.Digest() != c.Digest() {
			t.Errorf("%q comes back as %q: %v", text, back.Comments[0].Text, err)
		}
		_, marked := dir["summary.csv"]
		if escaped := line != text+"\n"; escaped != marked {
			t.Errorf("%q: escaped %v, and said so %v", text, escaped, marked)
		}
	}
}

// TestZones: a zone with summer time is found from its rows; times that follow
// none are written in UTC, and that is said.
func TestZones(t *testing.T) {
	comments := "timestamp,datetime,comment-id,author-id,moderated,comment-body\n" +
		"1604217600000,Sun Nov 01 01:00:00 PDT 2020,1,1,1,a\n1604221200000,Sun Nov 01 01:00:00 PST 2020,2,1,1,b\n" +
		"1616925600000,Sun Mar 28 03:00:00 PDT 2021,3,1,1,c\n"
	c, err := polis.Read(export("", comments, "", "participant,1\n1,1\n"))
	if err != nil || len(c.Notes) != 0 || string(written(t, c)["comments.csv"].Data) != comments {
		t.Errorf("%q %v, written as %s", c.Notes, err, written(t, c)["comments.csv"].Data)
	}
	back, err := polis.Restore(c.Origin())
	if err != nil || back.Zone.String() != c.Zone.String() || len(c.Zone) != 3 {
		t.Errorf("zone %s from %s: %v", back.Zone, c.Zone, err)
	}
	c, err = polis.Read(export("", strings.Replace(comments, "Sun Nov 01 01:00:00 PST", "yesterday", 1), "", "participant,1\n1,1\n"))
	if err != nil || len(c.Notes) != 1 || !strings.Contains(string(written(t, c)["comments.csv"].Data), "1604221200000,Sun Nov 01 09:00:00 UTC 2020,") {
		t.Errorf("%q %v, written as %s", c.Notes, err, written(t, c)["comments.csv"].Data)
	}
}
