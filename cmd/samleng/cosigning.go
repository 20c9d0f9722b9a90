package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"samleng/internal/cosigning"
	"samleng/internal/register"
	"samleng/translog"
)

// witnessEndpoints reads where witnesses are asked: NAME=URL each.
func witnessEndpoints(named []string) (all []cosigning.Endpoint, err error) {
	for _, text := range named {
		name, address, both := strings.Cut(text, "=")
		where, err := url.Parse(address)
		if !both || err != nil || !translog.ValidOrigin(name) || where.Host == "" || where.Scheme != "http" && where.Scheme != "https" {
			return nil, fmt.Errorf("--witness %s: a witness is NAME=URL, such as example.org/witness=https://example.org/witness", text)
		}
		all = append(all, cosigning.Endpoint{Name: name, URL: address})
	}
	return all, nil
}

// runCosigning has the witnesses asked until it is stopped.
func runCosigning(ctx context.Context, r *register.Register, endpoints []cosigning.Endpoint) (stop func()) {
	if len(endpoints) == 0 || r.Fault() != nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { cosigning.New(cosigning.Config{Register: r, Endpoints: endpoints}).Run(ctx) })
	return func() { cancel(); running.Wait() }
}
