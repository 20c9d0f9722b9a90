package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"samleng/translog"
)

// MaxCosigned is the most bytes of a month of cosigned checkpoints.
const MaxCosigned = 8 << 20

// CosignedPath is where the checkpoints that were cosigned in a month stand,
// below /log/.
func CosignedPath(month time.Time) string { return "cosigned/" + month.UTC().Format("2006-01") }

// DecodeCosigned reads a month of cosigned checkpoints: a JSON list of signed
// notes. It verifies none of them.
func DecodeCosigned(content []byte) ([][]byte, error) {
	if !utf8.Valid(content) || len(content) > MaxCosigned {
		return nil, fmt.Errorf("%w: invalid UTF-8, or %d bytes", errForm, len(content))
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	var texts []string
	if err := decoder.Decode(&texts); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something after its end", errForm)
	}
	notes := make([][]byte, len(texts))
	for i, text := range texts {
		if len(text) > translog.MaxCheckpoint {
			return nil, fmt.Errorf("%w: a checkpoint of %d bytes", errForm, len(text))
		}
		notes[i] = []byte(text)
	}
	return notes, nil
}
