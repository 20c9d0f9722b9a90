package main

import (
	"log/slog"
	"net/http"
	"strings"

	"samleng/internal/register"
	"samleng/internal/web"
)

// siteConfig says what is served.
type siteConfig struct {
	register *register.Register
	baseURL  string
}

// newSite puts pages, API and log behind one address.
func newSite(c siteConfig) (http.Handler, error) {
	secure := strings.HasPrefix(c.baseURL, "https://")
	pages, err := web.New(web.Config{Register: c.register, Address: c.baseURL, Secure: secure, Log: slog.Default()})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	return mux, nil
}
