package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"samleng/internal/register"
)

// Metrics counts for Prometheus. Its labels are route patterns and classes of
// status: nothing in it tells who asked, or for what.
type Metrics struct {
	register *register.Register
	requests *prometheus.CounterVec
	handler  http.Handler
}

// NewMetrics makes the metrics of a register, in a registry of their own, with
// those of others.
func NewMetrics(r *register.Register, others ...prometheus.Collector) *Metrics {
	m := &Metrics{register: r, requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "samleng_http_requests_total", Help: "Requests by route pattern and class of status.",
	}, []string{"route", "status"})}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(others...)
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

// ServeHTTP answers with the metrics.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// Count counts the requests that next answers. next has to be, or to hold, the
// http.ServeMux that chooses the route.
func (m *Metrics) Count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusWriter{ResponseWriter: w}
		defer func() {
			route := r.Pattern
			if route == "" || strings.HasSuffix(route, "/") {
				route = "other"
			}
			m.requests.WithLabelValues(route, seen.class()).Inc()
		}()
		next.ServeHTTP(seen, r)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 || w.status < 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) class() string {
	switch {
	case w.status == 0 || w.status/100 == 2:
		return "2xx"
	case w.status/100 == 3:
		return "3xx"
	case w.status/100 == 4:
		return "4xx"
	}
	return "5xx"
}

var (
	positionMetric  = prometheus.NewDesc("samleng_position", "Acts in the fold.", nil, nil)
	actsMetric      = prometheus.NewDesc("samleng_acts_appended_total", "Acts appended by this process.", nil, nil)
	batchesMetric   = prometheus.NewDesc("samleng_batches_total", "Transactions that appended acts.", nil, nil)
	rejectedMetric  = prometheus.NewDesc("samleng_acts_rejected_total", "Submissions that were not appended.", nil, nil)
	meanMetric      = prometheus.NewDesc("samleng_batch_acts_mean", "Acts of a transaction, on average since the start.", nil, nil)
	lagMetric       = prometheus.NewDesc("samleng_fold_lag_acts", "Acts in the log that are not in the fold yet.", nil, nil)
	publishedMetric = prometheus.NewDesc("samleng_checkpoint_size", "Acts that the newest published checkpoint covers.", nil, nil)
	readOnlyMetric  = prometheus.NewDesc("samleng_read_only", "1 while the register is served read-only for a fault.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{positionMetric, actsMetric, batchesMetric, rejectedMetric, meanMetric, lagMetric, publishedMetric, readOnlyMetric} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	counter := func(desc *prometheus.Desc, value int64) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	stats := m.register.Stats()
	gauge(positionMetric, float64(m.register.Position()))
	counter(actsMetric, stats.Acts)
	counter(batchesMetric, stats.Batches)
	counter(rejectedMetric, stats.Rejected)
	gauge(meanMetric, float64(stats.Acts)/float64(max(1, stats.Batches)))
	if lag, err := m.register.Lag(ctx); err == nil {
		gauge(lagMetric, float64(lag))
	}
	if _, size, err := m.register.Checkpoint(ctx); err == nil {
		gauge(publishedMetric, float64(size))
	}
	readOnly := 0.0
	if m.register.Fault() != nil {
		readOnly = 1
	}
	gauge(readOnlyMetric, readOnly)
}
