package audit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"samleng/audit"
	"samleng/civic"
)

// Lies that keep to the letter of a comparison: what the auditor reads is right
// or is not read, and people or their programs read something else.

// doubled puts an entry of a list in JSON there a second time, changed, before
// the first.
func doubled(member string, change func([]byte) []byte) func([]byte) []byte {
	return func(body []byte) []byte {
		var list []json.RawMessage
		whole := map[string]json.RawMessage{}
		if member == "" {
			_ = json.Unmarshal(body, &list)
		} else if json.Unmarshal(body, &whole) == nil {
			_ = json.Unmarshal(whole[member], &list)
		}
		if len(list) == 0 {
			return body
		}
		list = slices.Insert(list, 0, json.RawMessage(change(bytes.Clone(list[0]))))
		if member == "" {
			body, _ = json.Marshal(list)
			return body
		}
		whole[member], _ = json.Marshal(list)
		body, _ = json.Marshal(whole)
		return body
	}
}

// lyingPrograms answers programs otherwise than the auditor reads.
func lyingPrograms(t *testing.T, w *world) []lie {
	anywhere := int64(audit.NoPosition)
	var busiest *civic.Dialogue
	w.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			if busiest == nil || len(d.Statements()) > len(busiest.Statements()) {
				busiest = d
			}
		}
	})
	at, name := w.openSection(t)
	elsewhere := 0 // the bundle in which an erased section does not belong
	if w.gone/256 == 0 {
		elsewhere = 1
	}
	var gone []actSections
	if err := json.Unmarshal(w.before, &gone); err != nil {
		t.Fatal(err)
	}
	gone = slices.DeleteFunc(gone, func(a actSections) bool { return a.Position != w.gone })
	smuggled := func(body []byte) []byte {
		var acts []actSections
		if err := json.Unmarshal(body, &acts); err != nil {
			t.Error(err)
		}
		acts = append(acts, gone...)
		slices.SortFunc(acts, func(a, b actSections) int { return int(a.Position - b.Position) })
		body, _ = json.Marshal(acts)
		return body
	}
	return []lie{
		{name: "an answer of another position, so that what follows is not compared",
			server: header(altered(w.handler, "/v/", each(`data-value="[a-z_]+"`, `data-value="answered_well"`)), "/api/v1/authorities", "Samleng-Position", "999999"),
			check:  audit.CheckFigure, position: anywhere, words: []string{"authorities", "999999"}},
		{name: "an answer that does not say its position", server: header(w.handler, "/api/v1/dialogues", "Samleng-Position", ""),
			check: audit.CheckFigure, position: anywhere, words: []string{"dialogues", "Position"}},
		{name: "a commitment twice, once with another first date", server: altered(w.handler, "/api/v1/commitments?", doubled("commitments", each(`"first_end":"\d+`, `"first_end":"2031`))),
			check: audit.CheckCommitment, position: anywhere, words: []string{"2031"}},
		{name: "an authority twice, once with other figures", server: alteredAt(w.handler, "/api/v1/authorities", doubled("", first(`"registered":`, `"registered":9`))),
			check: audit.CheckAuthority, position: anywhere, words: []string{"authorities"}},
		{name: "a name twice, the second in capitals", server: altered(w.handler, "/api/v1/commitments?", each(`"first_end":("[^"]*")`, `"first_end":"2031-01-01","FIRST_END":$1`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{"commitments", "FIRST_END"}},
		{name: "a name in capitals alone", server: altered(w.handler, "/api/v1/commitments?", each(`"first_end":`, `"First_end":`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{"First_end"}},
		{name: "a name twice", server: altered(w.handler, "/api/v1/balance", first(`"registered":(\d+)`, `"registered":99999,"registered":$1`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{"balance", "registered"}},
		{name: "a section's words twice", server: altered(w.handler, fmt.Sprintf("/log/sections/%d", at/256), first(`"content":`, `"content":"{\"text\":\"Not so\"}","Content":`)),
			check: audit.CheckAnswer, position: anywhere, words: []string{fmt.Sprintf("sections/%d", at/256), "Content"}},
		{name: "a section twice", server: altered(w.handler, fmt.Sprintf("/log/sections/%d", at/256), w.sections(t, at, func(s []section) []section { return append(s, s[0]) })),
			check: audit.CheckSection, position: at, words: []string{name}},
		{name: "an erased section served in another bundle", server: altered(w.handler, fmt.Sprintf("/log/sections/%d", elsewhere), smuggled),
			check: audit.CheckAnswer, position: anywhere, words: []string{fmt.Sprintf("sections/%d", elsewhere), fmt.Sprint(w.gone)}},
		{name: "a list of views that ends early", server: altered(w.handler, "/api/v1/dialogues/"+busiest.Slug+"/statements", each(`,"next":"\d+"`, ``)),
			check: audit.CheckList, position: anywhere, words: []string{"next"}},
		{name: "votes altered behind one of a later hour", server: altered(w.handler, "/api/v1/dialogues/", w.laterVotes(t)),
			check: audit.CheckRelease, position: anywhere, words: []string{"votes.csv"}},
	}
}

// laterVotes turns votes round, and adds to every view one that came after the
// release: a view with such a vote cannot be counted exactly.
func (w *world) laterVotes(t testing.TB) func([]byte) []byte {
	row := regexp.MustCompile(`(?m)^(\d+),([0-9a-z]+),(-?\d|agree|disagree|pass),(\d+),(.*)$`)
	late := w.Position() - 1
	return func(body []byte) []byte {
		if !bytes.HasPrefix(body, []byte("person,")) {
			return body
		}
		seen := map[string]bool{}
		var more []string
		turned := row.ReplaceAllFunc(body, func(line []byte) []byte {
			m := row.FindSubmatch(line)
			if !seen[string(m[2])] {
				seen[string(m[2])] = true
				more = append(more, fmt.Sprintf("999999,%s,%s,%d,%s", m[2], m[3], late, m[5]))
			}
			vote := map[string]string{"1": "-1", "-1": "1", "agree": "disagree", "disagree": "agree"}[string(m[3])]
			if vote == "" {
				return line
			}
			return fmt.Appendf(nil, "%s,%s,%s,%s,%s", m[1], m[2], vote, m[4], m[5])
		})
		return append(turned, strings.Join(more, "\n")+"\n"...)
	}
}

// TestEvasions: each is caught, and named.
func TestEvasions(t *testing.T) {
	w := served(t)
	tell(t, lyingPrograms(t, w))
}

var _ http.Handler
