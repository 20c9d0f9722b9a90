package locale

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"samleng/act"
)

func TestLegacyKhmerIsCaught(t *testing.T) {
	for _, s := range []string{
		"GgÁkarGnupléRBeQI",
		"RBHraCaNacRkkm<úCa Cati sasna RBHmhakSRt",
		"Cati sasna RBHmhakSRt",
		"RksYgmhaépÞ",
		"eyIgcg)an Twkm<at",
		"Report of GgÁkarGnupléRBeQI",
	} {
		if !LegacyKhmer(s) {
			t.Errorf("%q passes", s)
		}
	}
}

// limon types Khmer as the commonest of the legacy fonts had it, as far as the
// letters without subscripts go; a few letters suffice to know the manner.
var limon = strings.NewReplacer(
	"ក", "k", "ខ", "x", "គ", "K", "ឃ", "X", "ង", "g", "ច", "c", "ឆ", "q", "ជ", "C", "ឈ", "Q", "ញ", "j",
	"ដ", "d", "ណ", "N", "ត", "t", "ថ", "f", "ទ", "T", "ធ", "F", "ន", "n", "ប", "b", "ផ", "p", "ព", "B",
	"ភ", "P", "ម", "m", "យ", "y", "រ", "r", "ល", "l", "វ", "v", "ស", "s", "ហ", "h", "ឡ", "L", "អ", "G",
	"ា", "a", "ិ", "i", "ី", "I", "ឹ", "w", "ឺ", "W", "ុ", "u", "ូ", "U", "ួ", "Y", "េ", "e", "ែ", "E",
	"ំ", "M", "ះ", "H", "់", "'", "ើ", "eI", "ៃ", "é", "ឌ", "D",
)

func TestLegacyKhmerOfWholeSentences(t *testing.T) {
	for _, s := range []string{
		"យើងចង់បានទឹកសាអាតនៅកុងភូមិ", "សូមជួសជុលផលូវទៅសាលា", "គាមានគូបងរៀននៅភូមិគិរី",
		"ភូមិគឹងគាមានមណឌលសុខភាព", "កុំកាត់ពៃឈើ", "ដីរបស់យើងខំុតូវគេយក",
	} {
		if typed := limon.Replace(s); !LegacyKhmer(typed) {
			t.Errorf("%s, typed %q, passes", s, typed)
		}
	}
}

func TestLegacyKhmerRaisesNoFalseAlarm(t *testing.T) {
	for _, s := range []string{
		"", "ok", "I", "PhD", "iPhone", "NGOs and CSOs met the MoI and UNDP.", "WiFi at McDonald's in LA",
		"My YouTube, LinkedIn and GitHub are public.", "eGovernment for all", "We need a bridge (not a road)and a school.",
		"https://youtu.be/dQw4w9WgXcQ", "write to a.person@example.org", "#BuildBackBetter", "getElementById",
		"one<br>two<br>three", "RATANAKKIRI NEEDS WATER", "H2O, CO2 and 5m² of land; CO₂e", "and/or x_y_z",
		"Il faut que l'État réponde à cette question : où est l'eau ?", "ÉCOLE ET SANTÉ POUR TOUS", "L'ŒUVRE D'ÎLE-DE-FRANCE",
		"Chúng tôi cần nước sạch và đường sá tốt hơn ở xã này.", "Đường Nguyễn Văn Cừ, TP.HCM", "ĐBSCL cần cầu",
		"Zażółć gęślą jaźń. Potrzebujemy drogi do szkoły w każdej wsi.", "Şehirde güvenli içme suyu istiyoruz. İstanbul'da",
		"Die BürgerInnen und MitarbeiterInnen brauchen Straßen.", "Tá uisce glan ag teastáil i nGaeilge in hÉireann",
		"Necessitem col·laboració i aigua neta", "¿Dónde está la escuela? Nº 5, 3ª calle", "abantu baseMzantsi baKwaZulu-Natal",
		"我們需要乾淨的水，UberX 和 Uber 都要繳稅", "Uber駕駛人應考取職業駕照", "私たちはNPOです。", "우리는 물이 필요합니다",
		"យើងចង់បានទឹកស្អាតនៅក្នុងភូមិ", "គម្រោង UNDP និង CHRAC នៅខេត្តរតនគិរី", "rÃ©sumÃ© dÃ©jÃ\u00a0 vu",
		"The office of GgÁkarGnupléRBeQI wrote to us last year about the road between the two villages and nothing came of it.",
	} {
		if LegacyKhmer(s) {
			t.Errorf("%q is taken for Khmer in a legacy font", s)
		}
	}
}

func TestLegacyKhmerOnRealComments(t *testing.T) {
	names, err := filepath.Glob(shared(t, "polis", "*", "comments.csv"))
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(file)
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		column := slices.Index(rows[0], "comment-body")
		for _, row := range rows[1:] {
			read++
			if LegacyKhmer(row[column]) || act.HasControls(row[column]) {
				t.Errorf("%s: refused: %q", filepath.Base(filepath.Dir(name)), row[column])
			}
		}
	}
	if read < 2000 {
		t.Errorf("only %d comments read", read)
	}
}

func FuzzLegacyKhmer(f *testing.F) {
	f.Add("GgÁkarGnupléRBeQI")
	f.Add("a<b>c)d\xff¢é")
	f.Fuzz(func(t *testing.T, s string) {
		if LegacyKhmer(s) && strings.ToLower(s) == s && !strings.ContainsAny(s, legacySigns+legacyMarks) {
			t.Fatalf("%+q has neither capitals nor signs", s)
		}
		if LegacyKhmer(s) != LegacyKhmer(" "+s+"\n") {
			t.Fatalf("%+q: white space at the ends decides", s)
		}
	})
}
