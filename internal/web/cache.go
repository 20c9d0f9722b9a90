package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"samleng/civic"
)

// cacheBytes bounds the compressed pages in memory; some two thousand pages.
const cacheBytes = 32 << 20

// settle is how long a rendering is served although the register moved on: a
// page of a live dialogue is rendered at most once in it.
const settle = time.Second

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// stamp is what a public page depends on besides its address and language.
type stamp struct {
	position int64  // of the register
	signed   int64  // size of the newest checkpoint
	day      string // the local date: clocks run by days
	utc      int64  // days since 1970 in UTC: what is printed names one
	fault    bool   // whether the register is served read-only
	// watched is who witnesses the log: cosignatures come without any act, and
	// their want shows with time. It is the same pointer while it says the same.
	watched *civic.Witnessing
}

// rendering is a public page as it was made. It is not changed.
type rendering struct {
	stamp
	made   time.Time
	zip    []byte
	length int // of the plain page
	// file is what a file says of itself beside its bytes; nil for a page.
	file *download
	// The entity tags of the plain and the compressed form; headers take them
	// as they are.
	tag, zipTag []string
	// What the figures are of, as the API's answers say it.
	at, asAt []string
}

// slot is where the newest rendering of one page stands.
type slot struct {
	rendering atomic.Pointer[rendering]
	making    sync.Mutex
}

// cache holds renderings by path, query and language.
type cache struct {
	mu    sync.RWMutex
	slots map[string]*slot
	size  int
	limit int
}

func (c *cache) slot(key string) *slot {
	c.mu.RLock()
	s := c.slots[key]
	c.mu.RUnlock()
	if s != nil {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s = c.slots[key]; s == nil {
		if c.slots == nil {
			c.slots = map[string]*slot{}
		}
		s = new(slot)
		c.slots[key] = s
		c.size += len(key) + 200
	}
	return s
}

// keep puts a rendering into its slot and throws others out where the limit is
// passed. Maps are walked in random order, which is as good as any here.
func (c *cache) keep(key string, s *slot, made *rendering) {
	old := s.rendering.Swap(made)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots[key] != s {
		return // it was thrown out meanwhile
	}
	c.size += len(made.zip)
	if old != nil {
		c.size -= len(old.zip)
	}
	for other, slot := range c.slots {
		if c.size <= c.limit {
			return
		}
		if other == key {
			continue
		}
		c.size -= len(other) + 200
		if r := slot.rendering.Load(); r != nil {
			c.size -= len(r.zip)
		}
		delete(c.slots, other)
	}
}

// drop empties a slot whose page could not be made: nothing is kept of it.
func (c *cache) drop(key string, s *slot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots[key] == s && s.rendering.Load() == nil {
		c.size -= len(key) + 200
		delete(c.slots, key)
	}
}

// fresh reports whether a rendering may be served for the stamp, to a request
// that has to see at least at acts.
func (r *rendering) fresh(now stamp, at int64, moment time.Time) bool {
	if r == nil || r.position < at || r.day != now.day || r.utc != now.utc || r.fault != now.fault {
		return false
	}
	return r.position == now.position && r.signed == now.signed && r.watched == now.watched || moment.Sub(r.made) < settle && !moment.Before(r.made)
}

// public makes a handler of a page that is the same for everybody. known are
// the query parameters that change it.
func (s *Server) public(build func(v *visit) (page, error), known ...string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := s.visit(r)
		key := v.L.Tag() + r.URL.Path
		at := int64(0)
		if r.URL.RawQuery != "" {
			v.known = knownQuery(r.URL.Query(), known)
			key += "?" + v.known.Encode()
			at = s.wait(r)
		}
		signed, err := s.signed(v)
		if err != nil {
			return err
		}
		position := s.read.Position()
		watched, err := s.witnessing(r.Context())
		if err != nil {
			return fmt.Errorf("read who witnesses: %w", err)
		}
		now := stamp{position: position, signed: signed, day: v.now.Format(time.DateOnly), utc: v.now.Unix() / 86400, fault: s.read.Fault() != nil, watched: watched}
		slot := s.cache.slot(key)
		made := slot.rendering.Load()
		if !made.fresh(now, at, v.now) {
			if made, err = s.make(key, slot, now, at, v, build); err != nil {
				s.cache.drop(key, slot)
				return err
			}
		}
		s.serve(w, v, made)
		return nil
	}
}

// make renders a page, once for all who ask at the same time.
func (s *Server) make(key string, slot *slot, now stamp, at int64, v *visit, build func(*visit) (page, error)) (*rendering, error) {
	slot.making.Lock()
	defer slot.making.Unlock()
	if made := slot.rendering.Load(); made.fresh(now, at, v.now) {
		return made, nil
	}
	p, err := build(v)
	if err != nil {
		return nil, err
	}
	body, err := s.body(v, p)
	if err != nil {
		return nil, err
	}
	made := &rendering{stamp: now, made: v.now, length: len(body), at: []string{strconv.FormatInt(now.position, 10)},
		asAt: []string{v.now.UTC().Format(time.RFC3339)}}
	if p.File != nil {
		made.file = &download{Type: p.File.Type, Name: p.File.Name, Next: p.File.Next}
	}
	if made.zip, err = compress(body); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:12])
	made.tag, made.zipTag = []string{`"` + tag + `"`}, []string{`"` + tag + `.gz"`}
	s.cache.keep(key, slot, made)
	return made, nil
}

// body gives the bytes of a file, or those of a page in its layout.
func (s *Server) body(v *visit, p page) ([]byte, error) {
	if p.File != nil {
		return p.File.Body, nil
	}
	f, err := s.frame(v, p)
	if err != nil {
		return nil, err
	}
	return s.render(v, f)
}

func compress(body []byte) ([]byte, error) {
	var zip bytes.Buffer
	zipper := zippers.Get().(*gzip.Writer)
	defer zippers.Put(zipper)
	zipper.Reset(&zip)
	if _, err := zipper.Write(body); err != nil {
		return nil, fmt.Errorf("web: compress a page: %w", err)
	}
	if err := zipper.Close(); err != nil {
		return nil, fmt.Errorf("web: compress a page: %w", err)
	}
	return bytes.Clone(zip.Bytes()), nil
}

// Values of headers that never change, so that serving makes none.
var (
	typeHTML      = []string{"text/html; charset=utf-8"}
	encodingGzip  = []string{"gzip"}
	revalidate    = []string{"no-cache"}
	revalidateOwn = []string{"private, no-cache"}
	varyAll       = []string{"Accept-Encoding, Accept-Language, Cookie"}
	varyEncoding  = []string{"Accept-Encoding"}
)

// serve answers with a rendering, or 304 to a client that has it.
func (s *Server) serve(w http.ResponseWriter, v *visit, made *rendering) {
	header := w.Header()
	zipped := acceptsGzip(v.r)
	tag := made.tag
	if zipped {
		tag = made.zipTag
	}
	header["Etag"] = tag
	header["Samleng-Position"], header["Samleng-As-At"] = made.at, made.asAt
	header["Cache-Control"], header["Vary"] = revalidate, varyAll
	if v.named {
		header["Vary"] = varyEncoding
		// Who fetches a file chooses no language for the pages by it.
		if made.file == nil && s.remember(w, v) {
			header["Cache-Control"] = revalidateOwn
		}
	}
	if match := v.r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, tag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header["Content-Type"] = typeHTML
	if made.file != nil {
		made.file.describe(header)
	}
	if !zipped {
		header.Set("Content-Length", strconv.Itoa(made.length))
		if v.r.Method == http.MethodHead {
			return
		}
		unzip, err := gzip.NewReader(bytes.NewReader(made.zip))
		if err != nil {
			panic(err) // we compressed it ourselves
		}
		// What fails from here on is the connection.
		_, _ = io.Copy(w, unzip)
		return
	}
	header["Content-Encoding"] = encodingGzip
	header.Set("Content-Length", strconv.Itoa(len(made.zip)))
	if v.r.Method != http.MethodHead {
		_, _ = w.Write(made.zip)
	}
}

// maxParameter is the most bytes of one query parameter.
const maxParameter = 400

// knownQuery picks the parameters that a page declared, cut to what a page can
// mean; empty ones are as good as none.
func knownQuery(query url.Values, known []string) url.Values {
	kept := url.Values{}
	for _, name := range known {
		value := strings.ToValidUTF8(query.Get(name), "")
		if len(value) > maxParameter {
			value = strings.ToValidUTF8(value[:maxParameter], "")
		}
		if value != "" {
			kept.Set(name, value)
		}
	}
	return kept
}
