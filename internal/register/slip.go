package register

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"samleng/act"
	"samleng/civic"
)

// Slip is a receipt that is printed ahead of a forum. Its number determines its
// code and its secret with the server's key, so nothing is stored of a slip
// until a view is entered with its number: then it comes alive.
type Slip struct {
	Number string
	Code   act.Code
	Secret string
	token  Token
	id     act.ID
}

// ErrSlip is returned for a number that is on no slip of this register.
var ErrSlip = errors.New("register: there is no slip of this number")

// slipAlphabet is Crockford's, upper case.
const slipAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewSlips makes n slips of one batch, which is drawn at random so that no two
// printings share a number. A number is the batch, a count and two characters
// that only the server can make: "7KQ2-0041-X9".
func (r *Register) NewSlips(n int, random io.Reader) ([]Slip, error) {
	batch, err := newBatch(n, random)
	if err != nil {
		return nil, fmt.Errorf("%d slips: %w", n, err)
	}
	slips := make([]Slip, n)
	for i := range slips {
		slips[i] = r.slip(fmt.Sprintf("%s-%04d", batch, i+1))
	}
	return slips, nil
}

// newBatch draws the four characters that numbers of one printing share.
func newBatch(n int, random io.Reader) (string, error) {
	if n < 1 || n > 9999 {
		return "", errors.New("between 1 and 9999 at a time")
	}
	var raw [4]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("draw a batch: %w", err)
	}
	for i, b := range raw {
		raw[i] = slipAlphabet[b&31]
	}
	return string(raw[:]), nil
}

// Slip finds a slip by its number, however it is written.
func (r *Register) Slip(number string) (Slip, error) {
	folded := strings.ToUpper(foldSecret(number))
	if len(folded) != 10 {
		return Slip{}, ErrSlip
	}
	slip := r.slip(folded[:4] + "-" + folded[4:8])
	if !hmac.Equal([]byte(strings.ReplaceAll(slip.Number, "-", "")), []byte(folded)) {
		return Slip{}, ErrSlip
	}
	return slip, nil
}

func (r *Register) slip(serial string) Slip {
	derive := func(what string) []byte {
		mac := hmac.New(sha256.New, r.keys.People)
		mac.Write([]byte("samleng slip v1\n" + what + "\n" + serial))
		return mac.Sum(nil)
	}
	check := derive("check")
	slip := Slip{Number: serial + "-" + string([]byte{slipAlphabet[check[0]&31], slipAlphabet[check[1]&31]})}
	copy(slip.token[:], derive("token"))
	copy(slip.id[:], derive("id"))
	slip.Secret = slip.token.Secret()
	r.View(func(s *civic.State) { slip.Code = s.Code(slip.id) })
	return slip
}

// SubmitSlip registers a view under the code of a slip. A slip is good for one
// view: with the same view again it gives the same receipt, with another
// ErrTokenConflict.
func (r *Register) SubmitSlip(ctx context.Context, who civic.Actor, d act.Draft, slip Slip) (Receipt, error) {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return Receipt{}, ErrReadOnly
	}
	kept, err := r.stored(slip.token, d)
	if err != nil {
		return Receipt{}, fmt.Errorf("submit: %w", err)
	}
	s := &submission{ctx: ctx, who: who, draft: d, token: kept, id: slip.id, reply: make(chan outcome, 1)}
	return r.submit(s, &slip.token)
}
