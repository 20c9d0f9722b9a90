package main

import (
	"log/slog"
	"net/http"
	"strings"

	"samleng/internal/api"
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
	data, err := api.New(api.Config{Register: c.register})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle(api.Prefix+"/", data)
	mux.Handle("/log/", data)
	mux.Handle("GET /healthz", api.Healthz(c.register))
	metrics := api.NewMetrics(c.register)
	mux.Handle("GET /metrics", metrics)
	return metrics.Count(mux), nil
}
