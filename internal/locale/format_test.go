package locale

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	en, km := Get("en"), Get("km")
	for _, c := range []struct{ got, want string }{
		{en.Number(0), "0"}, {en.Number(999), "999"}, {en.Number(1284), "1,284"}, {km.Number(1234567), "1,234,567"},
		{en.Number(-1000), "−1,000"}, {en.Number(math.MinInt64), "−9,223,372,036,854,775,808"},
		{en.Decimal(1284.5, 2), "1,284.50"}, {en.Decimal(-0.001, 2), "0.00"}, {en.Decimal(-2.5, 0), "−2"}, {en.Decimal(math.NaN(), 1), "–"},
		{en.Percent(0.425, 0), "42%"}, {km.Percent(0.426, 1), "42.6%"}, {en.Percent(math.Inf(1), 0), "–"}, {en.Percent(1, 0), "100%"},
		{en.Money(216_000_000, "USD"), "USD 2,160,000.00"}, {en.Money(216_000_050, "USD"), "USD 2,160,000.50"},
		{km.Money(216_000_050, "USD"), "2,160,000.50 ដុល្លារ"}, {km.Money(400_000, "KHR"), "4,000.00 រៀល"},
		{en.Money(5, "USD"), "USD 0.05"}, {en.Money(-5, "USD"), "USD −0.05"}, {en.Money(1000, "JPY"), "JPY\u00a01,000"},
		{en.Amount(math.MinInt64, "USD"), "−92,233,720,368,547,758.08"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]int64{
		"2,160,000.50": 216_000_050, "2160000.5": 216_000_050, "២,១៦០,០០០.៥០": 216_000_050, " 7 ": 700, "-1.05": -105, "−1.05": -105,
		".5": -1, "1,5": -1, "1.5.0": -1, "2.160.000,50": -1, "1,000,00": -1, "": -1, "-": -1, "1.": -1, "1.005": -1, "1e3": -1,
		"--1": -1, "1,,000": -1, ",100": -1, "1000,000": -1, "99999999999999999999": -1, "+1": -1, "$5": -1,
	} {
		got, err := ParseAmount(text, "USD")
		if want == -1 {
			if !errors.Is(err, ErrAmount) {
				t.Errorf("ParseAmount(%q) = %d, %v; want it refused", text, got, err)
			}
		} else if err != nil || got != want {
			t.Errorf("ParseAmount(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestAmountsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Draw(t, "amount")
		currency := rapid.SampledFrom([]string{"USD", "KHR", "JPY", "KWD"}).Draw(t, "currency")
		for _, tag := range Languages() {
			text := Get(tag).Amount(amount, currency)
			if back, err := ParseAmount(text, currency); err != nil || back != amount {
				t.Fatalf("%s %d is written %q and read as %d, %v", currency, amount, text, back, err)
			}
		}
	})
}

func FuzzParseAmount(f *testing.F) {
	f.Add("2,160,000.50", "USD")
	f.Add("១,៥", "JPY")
	f.Fuzz(func(t *testing.T, text, currency string) {
		n, err := ParseAmount(text, currency)
		if err != nil {
			return
		}
		written := Get("en").Amount(n, currency)
		if again, err := ParseAmount(written, currency); err != nil || again != n {
			t.Fatalf("%q is %d, written %q, read %d, %v", text, n, written, again, err)
		}
	})
}

func TestFoldDigits(t *testing.T) {
	if got := FoldDigits("០១២ ៣៤៥ ៦៧៨៩ KC-១a"); got != "012 345 6789 KC-1a" {
		t.Errorf("FoldDigits = %q", got)
	}
}

func TestDates(t *testing.T) {
	tz, err := time.LoadLocation("Asia/Phnom_Penh")
	if err != nil {
		t.Fatal(err)
	}
	en, km := Get("en"), Get("km")
	// The evening of the 11th in UTC is the 12th in Phnom Penh.
	at := time.Date(2027, 3, 11, 22, 30, 0, 0, time.UTC)
	board := time.Date(2020, 12, 3, 9, 0, 0, 0, tz)
	now := time.Date(2027, 3, 5, 9, 0, 0, 0, tz)
	for _, c := range []struct{ got, want string }{
		{en.Date(at, tz), "Friday 12 March 2027"},
		{km.Date(at, tz), "ថ្ងៃសុក្រ ទី12 ខែមីនា ឆ្នាំ2027"},
		{en.DateShort(at, tz), "12 March 2027"},
		{km.DateShort(at, tz), "ថ្ងៃទី12 ខែមីនា ឆ្នាំ2027"},
		{en.DateTime(at, tz), "Friday 12 March 2027, 05:30"},
		{km.DateTime(at, tz), "ថ្ងៃសុក្រ ទី12 ខែមីនា ឆ្នាំ2027 ម៉ោង 05:30"},
		{en.Hour(at, time.UTC), "Thursday 11 March 2027, between 22:00 and 23:00"},
		{en.Date(board, tz), "Thursday 3 December 2020"},
		{km.Date(board, tz), "ថ្ងៃព្រហស្បតិ៍ ទី3 ខែធ្នូ ឆ្នាំ2020"},
		{en.Deadline(at, now, tz, 5), "by Friday 12 March, 5 working days from now"},
		{en.Deadline(at, now, tz, 1), "by Friday 12 March, 1 working day from now"},
		{en.Deadline(at, now.AddDate(-1, 0, 0), tz, 250), "by Friday 12 March 2027, 250 working days from now"},
		{en.Deadline(at, now, tz, 0), "by today, Friday 12 March"},
		{en.Deadline(at, now, tz, -12), "12 working days late"},
		{km.Deadline(at, now, tz, 5), "ត្រឹមថ្ងៃសុក្រ ទី12 ខែមីនា នៅសល់ 5 ថ្ងៃធ្វើការទៀត"},
		{km.Late(12), "ហួសកំណត់ 12 ថ្ងៃធ្វើការ"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for _, tag := range Languages() {
		seen := map[string]bool{}
		for d := time.Sunday; d <= time.Saturday; d++ {
			seen[Get(tag).Weekday(d)] = true
		}
		for m := time.January; m <= time.December; m++ {
			seen[Get(tag).Month(m)] = true
		}
		if len(seen) != 19 {
			t.Errorf("%s: two days or months have one name", tag)
		}
	}
}
