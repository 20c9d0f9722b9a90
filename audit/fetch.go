package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"samleng/translog"
)

// Limits of what is read, in bytes after decompression. Nothing of a log is
// longer, so that what is longer is not of one.
const (
	MaxKey      = 4 << 10
	MaxKeys     = 256 << 10
	MaxTile     = translog.TileWidth * 32
	MaxSections = 64 << 20 // the open sections of 256 acts
	MaxAnswer   = 8 << 20  // one answer of the API
	MaxVotes    = 64 << 20 // the public votes of a dialogue
	MaxPage     = 16 << 20 // one page, or one file of rows
)

var (
	// ErrTooLong is wrapped for what is longer than its limit.
	ErrTooLong = errors.New("longer than it can be")
	// ErrStatus is wrapped for an HTTP status that is neither success nor "there
	// is no such thing".
	ErrStatus = errors.New("the server answered with an error")
	// ErrElsewhere is wrapped for an answer that sends on to another host, or from
	// https to http: what is audited is the address that was given.
	ErrElsewhere = errors.New("the server sends on to another address")
)

// Answer is one answer of the site's API.
type Answer struct {
	Body []byte
	// Position is how many acts it takes in; NoPosition if it does not say.
	Position int64
	AsAt     time.Time // the moment of what depends on the day; zero if it does not say
}

// API gets an answer of the site's JSON API by its path and query below
// /api/v1/. The error wraps [fs.ErrNotExist] if there is no such thing.
type API func(ctx context.Context, path string) (Answer, error)

// limit is the most bytes of a file of the log.
func limit(path string) int64 {
	switch {
	case path == "checkpoint":
		return translog.MaxCheckpoint
	case path == "key":
		return MaxKey
	case path == "keys":
		return MaxKeys
	case path == MonthsPath:
		return MaxKeys
	case strings.HasPrefix(path, "cosigned/"):
		return MaxCosigned
	case strings.HasPrefix(path, "sections/"):
		return MaxSections
	case strings.HasPrefix(path, "tile/entries/"):
		return translog.MaxBundle
	default:
		return MaxTile
	}
}

// Folder reads a copy of a published log, with the files named as they are below
// /log/.
func Folder(dir string) translog.Fetch {
	return func(_ context.Context, path string) ([]byte, error) {
		file, err := os.Open(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		return readLimited(file, path, info.Size(), limit(path))
	}
}

// Site reads a register that is served.
type Site struct {
	// Base is the site's address, such as https://example.org; one that ends in
	// /log or /log/ is taken too.
	Base   string
	Client *http.Client // its redirects are not followed to elsewhere; one with the defaults if nil
	// Wait bounds one request, the reading of its answer included; a minute if 0.
	Wait time.Duration
	// Kept reads a copy that was made before, where there is one: sections that
	// are still the same are not sent again.
	Kept translog.Fetch
}

// Fetch is the site's log.
func (s Site) Fetch(ctx context.Context, path string) ([]byte, error) {
	var kept []byte
	if s.Kept != nil && strings.HasPrefix(path, "sections/") {
		// What cannot be read is fetched as if it were not there.
		kept, _ = s.Kept(ctx, path)
	}
	answer, err := s.get(ctx, "log/"+path, limit(path), kept, nil)
	return answer.Body, err
}

// API is the site's JSON API.
func (s Site) API(ctx context.Context, path string) (Answer, error) {
	most := int64(MaxAnswer)
	if strings.HasSuffix(path, ".csv") {
		most = MaxVotes
	}
	return s.get(ctx, "api/v1/"+path, most, nil, nil)
}

// Page is the site's pages and files for people. It is asked as the browser of
// somebody who reads Khmer asks: a site shall not know an auditor by its headers.
func (s Site) Page(ctx context.Context, path string) (Answer, error) {
	return s.get(ctx, path, MaxPage, nil, browser)
}

// browser are the headers of a common browser.
var browser = http.Header{
	"User-Agent":      {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36"},
	"Accept":          {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
	"Accept-Language": {"km-KH,km;q=0.9,en;q=0.8"},
}

// get gets one answer; kept, if it is not nil, is what stands for it where the
// server says that this is what it would send.
func (s Site) get(ctx context.Context, path string, most int64, kept []byte, headers http.Header) (answer Answer, err error) {
	wait := s.Wait
	if wait == 0 {
		wait = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	base := strings.TrimSuffix(strings.TrimRight(s.Base, "/"), "/log")
	address, err := url.Parse(base + "/" + path)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return answer, err
	}
	maps.Copy(request.Header, headers)
	if kept != nil {
		request.Header.Set("If-None-Match", fmt.Sprintf(`"%x"`, sha256.Sum256(kept)))
	}
	client := http.Client{}
	if s.Client != nil {
		client = *s.Client
	}
	client.CheckRedirect = stay
	response, err := client.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		if kept == nil {
			return answer, fmt.Errorf("%s: %w: %s", path, ErrStatus, response.Status)
		}
		return Answer{Body: kept, Position: NoPosition}, nil
	case http.StatusNotFound, http.StatusGone:
		return answer, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	default:
		return answer, fmt.Errorf("%s: %w: %s", path, ErrStatus, response.Status)
	}
	answer.Position = NoPosition
	if position, err := strconv.ParseInt(response.Header.Get("Samleng-Position"), 10, 64); err == nil && position >= 0 {
		answer.Position = position
	}
	if at, err := time.Parse(time.RFC3339, response.Header.Get("Samleng-As-At")); err == nil {
		answer.AsAt = at.UTC()
	}
	answer.Body, err = readLimited(response.Body, path, response.ContentLength, most)
	return answer, err
}

// mostHops is how many redirects of one request are followed.
const mostHops = 3

// stay follows a redirect on the same host that does not leave https.
func stay(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	if next.URL.Hostname() != first.Hostname() || first.Scheme == "https" && next.URL.Scheme != "https" {
		return fmt.Errorf("%w: %s://%s", ErrElsewhere, next.URL.Scheme, next.URL.Host)
	}
	if len(before) > mostHops {
		return fmt.Errorf("%w: again and again", ErrElsewhere)
	}
	return nil
}

// mostExpected is the most memory that is set aside for what is said to come.
const mostExpected = 1 << 20

// readLimited reads at most so many bytes; expected is how many are said to come,
// negative if that is not known.
func readLimited(r io.Reader, path string, expected, most int64) ([]byte, error) {
	var read bytes.Buffer
	read.Grow(int(min(max(expected, 0), most, mostExpected)) + bytes.MinRead)
	if _, err := read.ReadFrom(io.LimitReader(r, most+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	content := read.Bytes()
	if int64(len(content)) > most {
		return nil, fmt.Errorf("%s: %w: more than %d bytes", path, ErrTooLong, most)
	}
	return content, nil
}

// final reports whether trying again cannot help.
func final(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrTooLong) || errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrElsewhere)
}

// patient tries again what failed for a reason that may pass: an audit of an
// hour shall not end for one request. pause is doubled each time.
func patient[T any](ctx context.Context, tries int, pause time.Duration, get func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		got, err := get()
		if err == nil || final(err) || try >= tries || ctx.Err() != nil {
			return got, err
		}
		select {
		case <-ctx.Done():
			return got, err
		case <-time.After(pause):
			pause *= 2
		}
	}
}
