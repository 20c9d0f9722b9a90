package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

const staticPrefix = "/static/"

// assets are the files that pages load, each under a name that holds a hash of
// its content, so that browsers may keep it for good.
type assets struct {
	hashed map[string]string // by name: its address
	files  map[string]asset  // by address
}

type asset struct {
	kind       string
	plain, zip []byte
}

// loadAssets hashes the files. Style sheets come last: they name fonts by
// url(NAME), which becomes the font's address.
func loadAssets() (*assets, error) {
	a := &assets{hashed: map[string]string{}, files: map[string]asset{}}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("web: list static files: %w", err)
	}
	for _, sheets := range []bool{false, true} {
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".css") != sheets {
				continue
			}
			content, err := fs.ReadFile(staticFiles, path.Join("static", entry.Name()))
			if err != nil {
				return nil, fmt.Errorf("web: read %s: %w", entry.Name(), err)
			}
			if sheets {
				for name, address := range a.hashed {
					content = bytes.ReplaceAll(content, []byte("url("+name+")"), []byte("url("+address+")"))
				}
			}
			if err := a.add(entry.Name(), content); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

func (a *assets) add(name string, content []byte) error {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	address := staticPrefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	file := asset{kind: mime.TypeByExtension(ext), plain: content}
	switch ext {
	case ".woff2":
		file.kind = "font/woff2" // compressed already
	case ".css", ".js", ".svg", ".txt":
		var zip bytes.Buffer
		w, err := gzip.NewWriterLevel(&zip, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(content); err != nil {
			return fmt.Errorf("web: compress %s: %w", name, err)
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("web: compress %s: %w", name, err)
		}
		file.zip = zip.Bytes()
	}
	a.hashed[name], a.files[address] = address, file
	return nil
}

// address gives the address of a file by its name; a name that there is not is
// a fault of a template, which its test sees.
func (a *assets) address(name string) (string, error) {
	address, has := a.hashed[name]
	if !has {
		return "", fmt.Errorf("web: no static file %q", name)
	}
	return address, nil
}

// ServeHTTP implements http.Handler.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, has := a.files[r.URL.Path]
	if !has {
		http.Error(w, "404", http.StatusNotFound)
		return
	}
	header := w.Header()
	header.Set("Content-Type", file.kind)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := file.plain
	if file.zip != nil {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			header.Set("Content-Encoding", "gzip")
			body = file.zip
		}
	}
	if r.Method != http.MethodHead {
		// A client that went away is no fault of ours.
		_, _ = w.Write(body)
	}
}

// favicon answers browsers that ask without being told.
func (s *Server) favicon(w http.ResponseWriter, r *http.Request) error {
	address, err := s.assets.address("icon.svg")
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.Redirect(w, r, address, http.StatusMovedPermanently)
	return nil
}
