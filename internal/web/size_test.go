package web_test

import (
	"regexp"
	"strings"
	"testing"
)

// What a page may weigh, compressed: the first visit with everything that it
// loads, and every page after that.
const (
	firstVisit = 90 << 10
	laterPage  = 25 << 10
)

var (
	loaded = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)
	fonts  = regexp.MustCompile(`url\((/static/[^)]+)\)`)
)

// weight is what an address weighs as it is sent.
func (s *sample) weight(path string) (int, string) {
	s.t.Helper()
	w := s.get(path, "Accept-Encoding", "gzip")
	if w.Code != 200 {
		s.t.Errorf("%s: %d", path, w.Code)
	}
	plain := s.get(path).Body.String()
	return w.Body.Len(), plain
}

// TestPagesAreLight weighs every public page, and the first visit with style
// sheet, scripts and both fonts.
func TestPagesAreLight(t *testing.T) {
	s := filled(t)
	for _, path := range append(s.pages(), takePart, putForward, "/receipt") {
		address := path + "?lang=km"
		if strings.Contains(path, "?") {
			address = path + "&lang=km"
		}
		size, body := s.weight(address)
		if size > laterPage {
			t.Errorf("%s weighs %d bytes, at most %d", path, size, laterPage)
		}
		all := map[string]bool{}
		for _, asset := range loaded.FindAllStringSubmatch(body, -1) {
			all[asset[1]] = true
		}
		for asset := range all {
			if strings.HasSuffix(asset, ".css") {
				_, sheet := s.weight(asset)
				for _, font := range fonts.FindAllStringSubmatch(sheet, -1) {
					all[font[1]] = true
				}
			}
		}
		for asset := range all {
			more, _ := s.weight(asset)
			size += more
		}
		if size > firstVisit {
			t.Errorf("%s weighs %d bytes with all that it loads, at most %d", path, size, firstVisit)
		}
		if path == "/" {
			t.Logf("the first visit to the home page weighs %d bytes", size)
			if len(all) < 4 {
				t.Errorf("only %v are loaded: this test cannot fail", all)
			}
		}
	}
}
