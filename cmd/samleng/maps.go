package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"samleng/internal/mapping"
	"samleng/internal/register"
)

// keepMaps keeps the opinion maps of a register fresh, and publishes them, until
// stop is called.
func keepMaps(ctx context.Context, r *register.Register, publishEvery time.Duration) (maps *mapping.Keeper, stop func()) {
	maps = mapping.New(r, slog.Default())
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		if err := maps.Run(ctx, publishEvery); err != nil {
			slog.Error("opinion maps are not kept any more", "error", err)
		}
	})
	return maps, func() {
		cancel()
		running.Wait()
	}
}
