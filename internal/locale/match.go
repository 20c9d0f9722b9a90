package locale

import (
	"strconv"
	"strings"
)

// maxAccept is how many bytes of an Accept-Language header are looked at; a
// browser sends some forty.
const maxAccept = 512

// Match chooses the language of a page: the one the reader chose before (the
// cookie's value), or the best of the Accept-Language header, or the fallback.
// Both texts come from outside and may hold anything.
func Match(acceptLanguage, cookie string) *Locale {
	if l := locales[cookie]; l != nil {
		return l
	}
	if len(acceptLanguage) > maxAccept {
		acceptLanguage = acceptLanguage[:maxAccept]
	}
	best, bestQuality := "", 0.0
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tag, quality := weigh(part)
		// The earlier of two equally wanted languages wins.
		if quality > bestQuality && tag != "" {
			best, bestQuality = tag, quality
		}
	}
	return Get(best)
}

// weigh reads one element of an Accept-Language header, "en-GB;q=0.8", and
// returns the tag of ours that serves it ("" if none) and its weight.
func weigh(part string) (tag string, quality float64) {
	name, rest, _ := strings.Cut(part, ";")
	name = strings.ToLower(strings.TrimSpace(name))
	quality = 1
	if q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(rest), " ", ""), "q="); ok {
		parsed, err := strconv.ParseFloat(q, 64)
		if err != nil || !(parsed >= 0 && parsed <= 1) {
			return "", 0
		}
		quality = parsed
	}
	for name != "" {
		for known := range locales {
			if strings.EqualFold(known, name) {
				return known, quality
			}
		}
		// A regional form is served by its language: en-GB by en.
		cut := strings.LastIndexByte(name, '-')
		if cut < 0 {
			break
		}
		name = name[:cut]
	}
	return "", quality
}
