package main

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"samleng/internal/account"
	"samleng/internal/api"
	"samleng/internal/blob"
	"samleng/internal/mapping"
	"samleng/internal/notice"
	"samleng/internal/register"
	"samleng/internal/web"
)

// siteConfig says what is served.
type siteConfig struct {
	register *register.Register
	accounts *account.Accounts
	baseURL  string
	files    *blob.Store // nil: no files of evidence are taken
	maps     *mapping.Keeper
	notices  *notice.Notices // nil: nothing is sent by e-mail
}

// openAccounts gives the people who sign in to a register's site.
func openAccounts(r *register.Register, baseURL string) (*account.Accounts, error) {
	return account.New(account.Config{Store: r.Store, Key: r.AccountKey(), Now: r.Now, Random: rand.Reader, BaseURL: baseURL, Secure: isSecure(baseURL)})
}

func isSecure(baseURL string) bool { return strings.HasPrefix(baseURL, "https://") }

// newSite puts pages, API and log behind one address.
func newSite(c siteConfig) (http.Handler, error) {
	pages, err := web.New(web.Config{Register: c.register, Files: c.files, Maps: c.maps, Accounts: c.accounts, Notices: c.notices, Address: c.baseURL, Secure: isSecure(c.baseURL), Log: slog.Default()})
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
	var others []prometheus.Collector
	if c.notices != nil {
		others = append(others, c.notices)
	}
	metrics := api.NewMetrics(c.register, others...)
	mux.Handle("GET /metrics", metrics)
	return metrics.Count(mux), nil
}
