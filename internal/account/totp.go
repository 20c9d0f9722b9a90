package account

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// One-time codes after RFC 6238 with the parameters that every app takes: SHA-1,
// six digits, steps of thirty seconds.
const (
	totpStep   = 30
	totpSecret = 20 // bytes
)

// oneTimeCode gives the six digits of a step.
func oneTimeCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // writing to a hash never fails
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000)
}

// stepOf finds the step whose code was typed, one step of clock error allowed,
// and none that was used before. It takes the same time whatever was typed.
func stepOf(secret []byte, typed string, now time.Time, last int64) (int64, bool) {
	current := now.Unix() / totpStep
	found, ok := int64(0), false
	for step := current - 1; step <= current+1; step++ {
		if hmac.Equal([]byte(oneTimeCode(secret, step)), []byte(typed)) && step > last {
			found, ok = step, true
		}
	}
	return found, ok
}

// foldDigits brings a typed code to its digits: spaces go, Khmer digits count.
func foldDigits(typed string) string {
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '០' && r <= '៩':
			b.WriteByte(byte('0' + r - '០'))
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\u200b':
		default:
			return ""
		}
		if b.Len() > 6 {
			return ""
		}
	}
	return b.String()
}

// Codes is what an app for one-time codes has to be given.
type Codes struct {
	Secret string // base 32, in groups of four
	Link   string // otpauth://…, for a picture
}

func codesOf(secret []byte, name string) Codes {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	link := url.URL{Scheme: "otpauth", Host: "totp", Path: "/Samleng:" + name,
		RawQuery: url.Values{"secret": {text}, "issuer": {"Samleng"}}.Encode()}
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:min(i+4, len(text))])
	}
	return Codes{strings.Join(groups, " "), link.String()}
}
