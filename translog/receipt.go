package translog

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
)

// MaxReceipt is the longest receipt file, in bytes.
const MaxReceipt = 1 << 20

// ReceiptVersion is the version of the receipt file that this package writes,
// and the only one it reads.
const ReceiptVersion = 1

// Receipt is what its holder keeps of an act: enough to check, with no server,
// that the act stands in the log with the words it was given.
type Receipt struct {
	// Header is the act's header, byte for byte: the leaf.
	Header []byte
	// Openings are those sections of the act that the holder may read; the
	// header holds the digests of them and of the others.
	Openings []act.Section
	// Index is the leaf's place in the log, counted from 0.
	Index int64
	// Checkpoint is a signed checkpoint that covers the leaf, and Inclusion the
	// proof that leads to its root. Both are empty while no checkpoint covers
	// the leaf: the receipt is pending.
	Checkpoint []byte
	Inclusion  []Hash
}

// Pending reports whether no checkpoint covers the act yet. A pending receipt
// shows what was said, not that the log holds it.
func (r *Receipt) Pending() bool { return len(r.Checkpoint) == 0 }

// Complete puts the signed checkpoint into the receipt, with the proof computed
// from r. It does not verify signatures.
func (r *Receipt) Complete(checkpoint []byte, stored HashReader) error {
	n, err := openNote(checkpoint)
	if err != nil {
		return err
	}
	c, err := ParseCheckpoint([]byte(n.Text))
	if err != nil {
		return err
	}
	proof, err := ProveInclusion(r.Index, c.Size, stored)
	if err != nil {
		return err
	}
	r.Checkpoint, r.Inclusion = checkpoint, proof
	return nil
}

// receiptFile is the receipt as JSON. Header, contents and checkpoint are texts
// and stand as such, so that a person who opens the file can read it; salts and
// hashes are base64.
type receiptFile struct {
	Version    int           `json:"version"`
	Index      int64         `json:"index"`
	Header     string        `json:"header"`
	Openings   []openingFile `json:"openings"`
	Checkpoint string        `json:"checkpoint,omitempty"`
	Inclusion  *[]Hash       `json:"inclusion,omitempty"`
}

type openingFile struct {
	Name    string `json:"name"`
	Salt    string `json:"salt"`
	Content string `json:"content"`
}

// Encode gives the receipt as a file: one JSON object on one line.
func (r *Receipt) Encode() ([]byte, error) {
	file := receiptFile{
		Version:    ReceiptVersion,
		Index:      r.Index,
		Header:     string(r.Header),
		Openings:   make([]openingFile, len(r.Openings)),
		Checkpoint: string(r.Checkpoint),
	}
	valid := utf8.Valid(r.Header) && utf8.Valid(r.Checkpoint)
	for i, o := range r.Openings {
		file.Openings[i] = openingFile{o.Name, base64.StdEncoding.EncodeToString(o.Salt[:]), string(o.Content)}
		valid = valid && utf8.ValidString(o.Name) && utf8.Valid(o.Content)
	}
	if !r.Pending() {
		proof := append([]Hash{}, r.Inclusion...)
		file.Inclusion = &proof
	} else if len(r.Inclusion) != 0 {
		return nil, receiptError(CheckFormat, "", errors.New("a proof without its checkpoint"))
	}
	if !valid {
		return nil, receiptError(CheckFormat, "", errors.New("not UTF-8"))
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(file); err != nil {
		return nil, receiptError(CheckFormat, "", err)
	}
	if out.Len() > MaxReceipt {
		return nil, receiptError(CheckFormat, "", fmt.Errorf("%d bytes, at most %d", out.Len(), MaxReceipt))
	}
	return out.Bytes(), nil
}

// DecodeReceipt reads a receipt file. It accepts exactly what [Receipt.Encode]
// writes, and checks no more than that; [Receipt.Verify] does the rest.
func DecodeReceipt(data []byte) (*Receipt, error) {
	if len(data) > MaxReceipt {
		return nil, receiptError(CheckFormat, "", fmt.Errorf("%d bytes, at most %d", len(data), MaxReceipt))
	}
	var file receiptFile
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, receiptError(CheckFormat, "", err)
	}
	if file.Version != ReceiptVersion {
		return nil, receiptError(CheckFormat, "", fmt.Errorf("version %d, want %d", file.Version, ReceiptVersion))
	}
	if err := checkIndex(file.Index, MaxSize); err != nil {
		return nil, receiptError(CheckFormat, "", err)
	}
	r := &Receipt{Header: []byte(file.Header), Index: file.Index}
	for _, o := range file.Openings {
		salt, err := base64.StdEncoding.DecodeString(o.Salt)
		if err != nil || len(salt) != len(act.Salt{}) {
			return nil, receiptError(CheckFormat, o.Name, errors.New("malformed salt"))
		}
		r.Openings = append(r.Openings, act.Section{Name: o.Name, Salt: act.Salt(salt), Content: []byte(o.Content)})
	}
	if file.Checkpoint != "" {
		r.Checkpoint = []byte(file.Checkpoint)
	}
	if file.Inclusion != nil {
		if len(*file.Inclusion) > MaxProof {
			return nil, receiptError(CheckFormat, "", fmt.Errorf("proof of %d hashes", len(*file.Inclusion)))
		}
		r.Inclusion = *file.Inclusion
	}
	// One receipt has one spelling: this catches repeated fields, other field
	// order, white space, a missing proof, and text after the object.
	again, err := r.Encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, data) {
		return nil, receiptError(CheckFormat, "", errors.New("not in canonical form"))
	}
	return r, nil
}

// Check is one of the things that a receipt is checked for.
type Check string

// The checks, in the order in which they are made.
const (
	CheckFormat    Check = "format"    // the file is a receipt
	CheckHeader    Check = "header"    // the header is an act's header
	CheckOpening   Check = "opening"   // the words are those whose digest the header holds
	CheckSignature Check = "signature" // the checkpoint is this log's, and signed by it
	CheckInclusion Check = "inclusion" // the proof leads from the header to the checkpoint's root
)

// ReceiptError says which check a receipt failed.
type ReceiptError struct {
	Check   Check
	Section string // the name of the section, if the check is about one
	Err     error
}

func receiptError(check Check, section string, err error) error {
	return &ReceiptError{check, section, err}
}

func (e *ReceiptError) Error() string {
	if e.Section != "" {
		return fmt.Sprintf("receipt: %s of section %.40q: %v", e.Check, e.Section, e.Err)
	}
	return fmt.Sprintf("receipt: %s: %v", e.Check, e.Err)
}

func (e *ReceiptError) Unwrap() error { return e.Err }

// Report is what a receipt that passed all checks shows.
type Report struct {
	Header *act.Header
	// Opened and Closed name the header's sections whose words are in the
	// receipt, and those whose words are not.
	Opened, Closed []string
	// Pending says that no checkpoint covers the act yet, so nothing is known
	// about the log; Checkpoint is then empty.
	Pending    bool
	Checkpoint Signed
}

// Verify checks the receipt against the log called origin with the keys one
// trusts: the log's and, if one wants to see their names, witnesses'. Any error
// is a [*ReceiptError]. It needs no server and no clock.
func (r *Receipt) Verify(origin string, verifiers ...note.Verifier) (Report, error) {
	header, err := act.DecodeHeader(r.Header)
	if err != nil {
		return Report{}, receiptError(CheckHeader, "", err)
	}
	report := Report{Header: header, Pending: r.Pending()}
	opened := map[string]bool{}
	for _, o := range r.Openings {
		want, ok := header.Section(o.Name)
		switch {
		case !ok:
			return Report{}, receiptError(CheckOpening, o.Name, errors.New("the header has no such section"))
		case opened[o.Name]:
			return Report{}, receiptError(CheckOpening, o.Name, errors.New("opened twice"))
		case o.Digest() != want:
			return Report{}, receiptError(CheckOpening, o.Name, errors.New("the digest is another"))
		}
		opened[o.Name] = true
	}
	for _, s := range header.Sections {
		if opened[s.Name] {
			report.Opened = append(report.Opened, s.Name)
		} else {
			report.Closed = append(report.Closed, s.Name)
		}
	}
	if report.Pending {
		if len(r.Inclusion) != 0 {
			return Report{}, receiptError(CheckInclusion, "", errors.New("a proof without its checkpoint"))
		}
		return report, nil
	}
	report.Checkpoint, err = Open(r.Checkpoint, origin, verifiers...)
	if err != nil {
		return Report{}, receiptError(CheckSignature, "", err)
	}
	c := report.Checkpoint
	if err := VerifyInclusion(LeafHash(r.Header), r.Index, c.Size, c.Root, r.Inclusion); err != nil {
		return Report{}, receiptError(CheckInclusion, "", err)
	}
	return report, nil
}
