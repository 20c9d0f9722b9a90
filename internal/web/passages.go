package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// redactDraft makes the copy with gaps. It is shown before it is published, and
// what is published is what was shown.
func (s *Server) redactDraft(c *caseForm) (act.Facts, map[string]any, error) {
	var passages []passage
	var rows []passageRow
	for n := 1; n <= passagesMost; n++ {
		text := c.form.Get(fmt.Sprint("passage", n))
		if act.Blank(text) {
			continue
		}
		row := passageRow{N: len(rows) + 1, Text: text, Reason: c.form.Get(fmt.Sprint("gap", n))}
		rows, passages = append(rows, row), append(passages, passage{text, row.Reason})
	}
	defer func() { c.rows(rows) }()
	if len(rows) == 0 {
		return nil, nil, problem.New(problem.Invalid, "problem.no_passage").In("passage1")
	}
	if !c.Reads {
		if c.stop != nil {
			return nil, nil, c.stop
		}
		return nil, nil, &civic.Refusal{Key: civic.RefusedForbidden}
	}
	open, wrong := redacted(c.wording(), passages)
	for i := range rows {
		switch {
		case len(rows[i].Text) > passageBytes:
			wrong[i] = problem.New(problem.Invalid, "problem.bytes_long")
		case !slices.Contains(act.GapReasons, rows[i].Reason):
			wrong[i] = problem.New(problem.Invalid, "problem.choose")
		}
		if wrong[i] != nil {
			wrong[i] = wrong[i].In(fmt.Sprint("passage", rows[i].N))
			rows[i].Wrong = c.v.T(wrong[i].Key, wrong[i].Params...)
		}
	}
	reasons := gaps(open)
	switch err := problem.Join(wrong...); {
	case err != nil:
		return nil, nil, err
	case !says(open):
		return nil, nil, problem.New(problem.Invalid, "problem.nothing_left").In("passage1")
	case len(reasons) > 100:
		return nil, nil, problem.New(problem.Invalid, "problem.many_gaps", "n", len(reasons)).In("passage1")
	}
	c.Preview = &words{Language: c.Thread.Written, Parts: open.Parts}
	id, err := previewID(open)
	if err != nil {
		return nil, nil, err
	}
	c.PreviewID = id
	if c.form.Get("step") != "publish" || c.form.Get("previewed") != id {
		return nil, nil, errStay
	}
	return &act.StatementRedacted{Gaps: reasons}, map[string]any{"text": open}, nil
}

// previewID names a copy with gaps.
func previewID(open *act.Redaction) (string, error) {
	encoded, err := json.Marshal(open)
	if err != nil {
		return "", fmt.Errorf("name a preview: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return base64.RawURLEncoding.EncodeToString(sum[:15]), nil
}
