package notice

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	noticesMetric     = prometheus.NewDesc("samleng_notices_total", "Notices by e-mail that this process was done with, by what became of them.", []string{"outcome"}, nil)
	unreachableMetric = prometheus.NewDesc("samleng_notices_server_failures_total", "Times that the mail server could not be reached or the line to it broke.", nil, nil)
	waitingMetric     = prometheus.NewDesc("samleng_notices_waiting", "Notices by e-mail that wait to be sent.", nil, nil)
)

// Describe implements prometheus.Collector.
func (n *Notices) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{noticesMetric, unreachableMetric, waitingMetric} {
		to <- desc
	}
}

// Collect implements prometheus.Collector. Nothing in it tells of whom.
func (n *Notices) Collect(to chan<- prometheus.Metric) {
	for outcome, count := range map[string]int64{"sent": n.sent.Load(), "failed": n.failed.Load(), "dropped": n.dropped.Load()} {
		to <- prometheus.MustNewConstMetric(noticesMetric, prometheus.CounterValue, float64(count), outcome)
	}
	to <- prometheus.MustNewConstMetric(unreachableMetric, prometheus.CounterValue, float64(n.unreachable.Load()))
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if waiting, err := n.register.Store().Records(ctx).WaitingNotices(); err == nil {
		to <- prometheus.MustNewConstMetric(waitingMetric, prometheus.GaugeValue, float64(waiting))
	}
}
