package polis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Zone is how the source wrote its times for people: offsets from UTC with
// their names, from a moment on each, in order.
type Zone []span

type span struct {
	from   int64 // seconds since 1970
	name   string
	offset int64 // seconds east of UTC
}

// utc is the zone where the source's is not known.
var utc = Zone{{name: "UTC"}}

const (
	// dayForm and yearForm are Java's Date.toString around the zone's name:
	// "Tue Jun 30 15:49:52 WIB 2015".
	dayForm  = "Mon Jan 02 15:04:05 "
	yearForm = " 2006"
	// quarter is the grain in which offsets change, in seconds.
	quarter   = 15 * 60
	mostSpans = 16
)

// format writes a time (ms since 1970) as the source does.
func (z Zone) format(ms int64) string {
	seconds := ms / 1000
	at := z[0]
	for _, next := range z[1:] {
		if seconds >= next.from {
			at = next
		}
	}
	local := time.Unix(seconds+at.offset, 0).UTC()
	return local.Format(dayForm) + at.name + local.Format(yearForm)
}

// String writes a zone as fields, separated by spaces: the first name and
// offset, then a moment, a name and an offset for each change.
func (z Zone) String() string {
	var b strings.Builder
	for i, at := range z {
		if i > 0 {
			fmt.Fprintf(&b, " %d ", at.from)
		}
		fmt.Fprintf(&b, "%s %d", at.name, at.offset)
	}
	return b.String()
}

// parseZone reads what String wrote.
func parseZone(text string) (Zone, error) {
	fields := strings.Fields("0 " + text)
	var z Zone
	for ; len(fields) >= 3 && len(z) < mostSpans; fields = fields[3:] {
		from, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("zone: %w", err)
		}
		offset, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil || offset < -mostOffset || offset > mostOffset {
			return nil, fmt.Errorf("zone: %s is no offset", excerpt([]byte(fields[2])))
		}
		z = append(z, span{from, fields[1], offset})
	}
	if len(fields) > 0 || len(z) == 0 {
		return nil, fmt.Errorf("zone: %s is none", excerpt([]byte(text)))
	}
	return z, nil
}

const mostOffset = 16 * 3600

// zoneFinder learns the source's zone from its rows.
type zoneFinder struct {
	quarters map[int64]span
	failed   bool // the rows follow no zone
}

// see takes in a row's two times.
func (f *zoneFinder) see(ms int64, text []byte) {
	if f.failed {
		return
	}
	at, ok := spanOf(ms, string(text))
	key := ms / 1000 / quarter
	if known, has := f.quarters[key]; !ok || has && known != at || len(f.quarters) > 1_000_000 {
		f.failed = true
		return
	}
	if f.quarters == nil {
		f.quarters = map[int64]span{}
	}
	f.quarters[key] = at
}

// spanOf finds the name and the offset by which a row wrote its time.
func spanOf(ms int64, text string) (span, bool) {
	words := strings.Split(text, " ")
	if len(words) != 6 || words[4] == "" || len(words[4]) > 10 {
		return span{}, false
	}
	name := words[4]
	local, err := time.Parse(dayForm+yearForm[1:], strings.Join(slices.Delete(words, 4, 5), " "))
	if err != nil {
		return span{}, false
	}
	at := span{name: name, offset: local.Unix() - ms/1000}
	ok := at.offset >= -mostOffset && at.offset <= mostOffset && Zone{at}.format(ms) == text && checkName(name) == nil
	return at, ok
}

// zone gives what was learnt: nil if there is nothing, or no zone fits.
func (f *zoneFinder) zone() Zone {
	if f.failed {
		return nil
	}
	keys := make([]int64, 0, len(f.quarters))
	for key := range f.quarters {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var z Zone
	for _, key := range keys {
		at := f.quarters[key]
		if n := len(z); n > 0 && z[n-1].name == at.name && z[n-1].offset == at.offset {
			continue
		}
		at.from = key * quarter
		if len(z) == 0 {
			at.from = 0
		}
		z = append(z, at)
	}
	if len(z) > mostSpans {
		return nil
	}
	return z
}
