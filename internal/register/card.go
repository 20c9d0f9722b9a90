package register

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"samleng/act"
)

// Card is a voting card or an invitation of one dialogue: who shows it takes
// part there, as one person, whatever they show it on. Its number determines
// itself with the server's key, so nothing is stored of it and nobody can make
// one up.
type Card struct {
	Number string
	// Token is what its bearer is known by; see Register.Participant.
	Token string
}

// ErrCard is returned for a number that is on no card of the dialogue.
var ErrCard = errors.New("register: there is no card of this number for the dialogue")

// cardChecks is the number of characters that only the server can make: 40 bits.
const cardChecks = 8

// NewCards makes n cards for a dialogue, of one batch that is drawn at random.
func (r *Register) NewCards(dialogue act.ID, n int, random io.Reader) ([]Card, error) {
	batch, err := newBatch(n, random)
	if err != nil {
		return nil, fmt.Errorf("%d cards: %w", n, err)
	}
	cards := make([]Card, n)
	for i := range cards {
		cards[i] = r.card(dialogue, fmt.Sprintf("%s-%04d", batch, i+1))
	}
	return cards, nil
}

// Card finds a dialogue's card by its number, however it is written.
func (r *Register) Card(dialogue act.ID, number string) (Card, error) {
	folded := strings.ToUpper(foldSecret(number))
	if len(folded) != 8+cardChecks {
		return Card{}, ErrCard
	}
	card := r.card(dialogue, folded[:4]+"-"+folded[4:8])
	if !hmac.Equal([]byte(strings.ReplaceAll(card.Number, "-", "")), []byte(folded)) {
		return Card{}, ErrCard
	}
	return card, nil
}

func (r *Register) card(dialogue act.ID, serial string) Card {
	mac := hmac.New(sha256.New, r.keys.People)
	mac.Write([]byte("samleng card v1\n"))
	mac.Write(dialogue[:])
	mac.Write([]byte(serial))
	sum := mac.Sum(nil)
	var check [cardChecks]byte
	for i := range check {
		check[i] = slipAlphabet[sum[i]&31]
	}
	number := serial + "-" + string(check[:4]) + "-" + string(check[4:])
	return Card{Number: number, Token: "card " + number}
}
