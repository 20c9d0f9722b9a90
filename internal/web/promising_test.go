package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"samleng/internal/locale"
)

func TestDecimal(t *testing.T) {
	for text, want := range map[string]struct {
		digits int64
		places int
	}{"12": {12, 0}, "១២.៥": {125, 1}, "1,250.50": {125050, 2}, "-3": {-3, 0}, "−3.1": {-31, 1}, "40%": {40, 0}, " 7 ": {7, 0}, "0.000001": {1, 6}} {
		if digits, places, ok := decimal(text); !ok || digits != want.digits || places != want.places {
			t.Errorf("%q: %d with %d decimals, %t", text, digits, places, ok)
		}
	}
	for _, text := range []string{"", "many", "1,5", "1.", ".", "1.2.3", "0.0000001", "1.-5", "1.+5", "1e5", "0x10", "99999999999999999999", "1,,000", ",100", "--1"} {
		if digits, places, ok := decimal(text); ok {
			t.Errorf("%q is taken for %d with %d decimals", text, digits, places)
		}
	}
}

// FuzzDecimal: what is read as a number is one, whatever was typed.
func FuzzDecimal(f *testing.F) {
	for _, text := range []string{"12", "១២.៥", "1,250.50", "−3", "40%", "1e5", "0.0000001", "--"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		digits, places, ok := decimal(text)
		if !ok {
			return
		}
		if places < 0 || places > decimalsMost {
			t.Fatalf("%q has %d decimals", text, places)
		}
		said := locale.Get("en").Decimal(float64(digits), 0)
		if back, none, ok := decimal(said); digits < 1<<53 && digits > -(1<<53) && (!ok || back != digits || none != 0) {
			t.Errorf("%q is %d; said as %s it is %d", text, digits, said, back)
		}
	})
}

// FuzzEvidenceForm: a form with files that somebody made up is read within its
// limits, or refused.
func FuzzEvidenceForm(f *testing.F) {
	f.Add("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nwords\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../x.png\"\r\n\r\nbytes\r\n--b--\r\n")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"kept\"\r\n\r\n../../etc\r\n--b--\r\n")
	f.Add("--b--")
	f.Fuzz(func(t *testing.T, body string) {
		s := &Server{pictures: make(chan struct{}, 1)}
		r := httptest.NewRequest("POST", "/desk/c/x/claim", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		form, err := s.readEvidence(&visit{r: r, L: locale.Get("en")})
		if err != nil {
			return
		}
		total := 0
		for name, values := range url.Values(form.Values) {
			for _, value := range values {
				total += len(name) + len(value)
			}
		}
		if total > len(body) || len(form.Files) > 0 {
			t.Errorf("%d bytes and %d files were read from %d bytes", total, len(form.Files), len(body))
		}
	})
}
