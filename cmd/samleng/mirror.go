package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/internal/register"
	"samleng/translog"
)

// mostFetched is the most bytes read of any file of a mirror.
const mostFetched = 64 << 20

// mirrorAt reads a published log, with its open sections, over HTTP or from a
// folder.
func mirrorAt(where string) *register.Mirror {
	fetch := fromFolder(where)
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		fetch = fromAddress(where)
	}
	sections := &bundleOfSections{fetch: fetch, index: -1}
	return &register.Mirror{Fetch: fetch, Sections: sections.of}
}

func fromFolder(dir string) translog.Fetch {
	return func(_ context.Context, path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	}
}

func fromAddress(base string) translog.Fetch {
	client := &http.Client{Timeout: time.Minute}
	return func(ctx context.Context, path string) ([]byte, error) {
		address, err := url.JoinPath(base, path)
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		switch response.StatusCode {
		case http.StatusOK:
		case http.StatusNotFound:
			return nil, fmt.Errorf("%s: %w", path, os.ErrNotExist)
		default:
			return nil, fmt.Errorf("%s: %s", path, response.Status)
		}
		content, err := io.ReadAll(io.LimitReader(response.Body, mostFetched+1))
		if err == nil && len(content) > mostFetched {
			err = fmt.Errorf("%s: more than %d bytes", path, mostFetched)
		}
		return content, err
	}
}

// bundleOfSections reads the open sections of 256 acts at a time, as they are
// published under sections/N.
type bundleOfSections struct {
	fetch translog.Fetch
	index int64
	open  map[int64][]act.Section
}

func (b *bundleOfSections) of(ctx context.Context, position int64) ([]act.Section, error) {
	if index := position / translog.TileWidth; index != b.index {
		content, err := b.fetch(ctx, "sections/"+strconv.FormatInt(index, 10))
		if err != nil {
			return nil, err
		}
		if b.open, err = audit.DecodeSections(content); err != nil {
			return nil, fmt.Errorf("sections/%d: %w", index, err)
		}
		b.index = index
	}
	return b.open[position], nil
}
