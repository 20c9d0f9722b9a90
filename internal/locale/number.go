package locale

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Number writes a whole number with groups of three: 1,284.
func (l *Locale) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	return sign + group(digits)
}

// Decimal writes x with exactly that many places: 1,284.50. What is not a
// number is written as a dash.
func (l *Locale) Decimal(x float64, places int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	text := strconv.FormatFloat(math.Abs(x), 'f', max(places, 0), 64)
	whole, fraction, cut := strings.Cut(text, ".")
	out := group(whole)
	if cut {
		out += "." + fraction
	}
	if x < 0 && strings.Trim(text, "0.") != "" {
		out = "−" + out
	}
	return out
}

// Percent writes a share (0.425) as a percentage with that many places: 43%.
func (l *Locale) Percent(share float64, places int) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return "–"
	}
	return l.Decimal(share*100, places) + "%"
}

// group puts a comma before every third digit from the right.
func group(digits string) string {
	if len(digits) <= 3 {
		return digits
	}
	var b strings.Builder
	head := len(digits) % 3
	b.WriteString(digits[:head])
	for i := head; i < len(digits); i += 3 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

// minorDigits is the number of decimals of a currency (ISO 4217); 2 where the
// table is silent, the riel included.
var minorDigits = map[string]int{"JPY": 0, "KRW": 0, "VND": 0, "XOF": 0, "BHD": 3, "KWD": 3, "TND": 3}

func minor(currency string) int {
	if d, ok := minorDigits[currency]; ok {
		return d
	}
	return 2
}

// Money writes a sum given in minor units (cents) of an ISO 4217 currency, with
// all its decimals: USD 2,160,000.50. The catalogue may name a currency in the
// language (money.USD); otherwise the code stands as it is.
func (l *Locale) Money(amount int64, currency string) string {
	key := "money." + currency
	if !l.Has(key) {
		return currency + "\u00a0" + l.Amount(amount, currency)
	}
	return l.T(key, "amount", l.Amount(amount, currency))
}

// Amount is Money without the currency, for tables that name it at their head.
func (l *Locale) Amount(amount int64, currency string) string {
	digits := minor(currency)
	text := new(big.Int).Abs(big.NewInt(amount)).String()
	if len(text) <= digits {
		text = strings.Repeat("0", digits+1-len(text)) + text
	}
	out := group(text[:len(text)-digits])
	if digits > 0 {
		out += "." + text[len(text)-digits:]
	}
	if amount < 0 {
		out = "−" + out
	}
	return out
}

// ErrAmount is returned for a text that is no sum of money written as Amount
// writes it.
var ErrAmount = errors.New("not an amount")

// ParseAmount reads a sum as Amount writes it, in Khmer or Latin digits, with or
// without the commas, into minor units of the currency. A comma anywhere but
// between groups of three is refused rather than guessed at: 1,5 may be meant
// as one and a half or as fifteen.
func ParseAmount(text, currency string) (int64, error) {
	s := strings.TrimSpace(FoldDigits(text))
	negative := false
	for _, minus := range []string{"−", "-"} {
		if rest, ok := strings.CutPrefix(s, minus); ok && !negative {
			negative, s = true, rest
		}
	}
	whole, fraction, point := strings.Cut(s, ".")
	digits := minor(currency)
	if point && (fraction == "" || len(fraction) > digits) {
		return 0, fmt.Errorf("%w: %d decimals at most", ErrAmount, digits)
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if len(groups) > 1 && (len(g) > 3 || g == "" || i > 0 && len(g) != 3) {
			return 0, fmt.Errorf("%w: a comma may only stand before three digits", ErrAmount)
		}
	}
	all := strings.Join(groups, "") + fraction + strings.Repeat("0", digits-len(fraction))
	if strings.Join(groups, "") == "" || strings.Trim(all, "0123456789") != "" {
		return 0, fmt.Errorf("%w: digits, commas and one point only", ErrAmount)
	}
	n, err := strconv.ParseInt(all, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: too large", ErrAmount)
	}
	if negative {
		n = -n
	}
	return n, nil
}

// FoldDigits returns text with Khmer digits (០–៩) written as 0–9, for codes,
// phone numbers, amounts and dates as people type them.
func FoldDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '០' && r <= '៩' {
			return r - '០' + '0'
		}
		return r
	}, text)
}
