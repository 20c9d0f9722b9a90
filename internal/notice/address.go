package notice

import (
	"net/mail"
	"strings"

	"samleng/internal/problem"
)

// MostAddress is the most bytes of an e-mail address (RFC 5321, section
// 4.5.3.1.3, less the angle brackets); mostLocal that of what stands before
// its @.
const (
	MostAddress = 254
	mostLocal   = 64
)

var errAddress = problem.New(problem.Invalid, "problem.address", "example", "name@example.org").In("address")

// ParseAddress reads one e-mail address as somebody typed it: plain, without a
// name, of a host with a dot. What RFC 5322 allows beyond that (quoted names,
// comments, numbers for hosts) is met in no address book and is refused, and so
// are letters beyond ASCII, which many servers cannot carry.
func ParseAddress(typed string) (string, error) {
	if len(typed) > 2*MostAddress {
		return "", errAddress
	}
	// White space that cannot be seen comes with text that was copied.
	text := strings.Trim(typed, " \t\u00a0\u200b\u200c\u200d\ufeff")
	at := strings.LastIndexByte(text, '@')
	if at < 1 || len(text) > MostAddress {
		return "", errAddress
	}
	local, host := text[:at], strings.ToLower(text[at+1:])
	if len(local) > mostLocal || !isLocal(local) || !isHost(host) {
		return "", errAddress
	}
	address := local + "@" + host
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address {
		return "", errAddress
	}
	return address, nil
}

// isLocal reports whether text is a dot-atom of RFC 5322.
func isLocal(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		if part == "" {
			return false
		}
		for i := range len(part) {
			if !isAlphanumeric(part[i]) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", rune(part[i])) {
				return false
			}
		}
	}
	return true
}

// isHost reports whether text is a host's name with at least one dot.
func isHost(text string) bool {
	labels := strings.Split(text, ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || strings.Trim(last, "0123456789") == "" {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// Masked shows an address to somebody who knows it, and to nobody else: a
// screen is looked at by others.
func Masked(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "…"
	}
	return address[:1] + "…" + address[at:]
}
