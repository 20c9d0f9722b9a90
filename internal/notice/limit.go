package notice

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits lets each key through so often and no more. It is kept in memory only.
type limits struct {
	every time.Duration // a key earns one more go
	burst int           // goes at once, and at most saved up
	most  int           // keys watched at a time; beyond them nobody new is let through

	mu    sync.Mutex
	byKey map[string]*rate.Limiter
}

// allow takes one of a key's goes, if it has one.
func (l *limits) allow(key string, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey == nil {
		l.byKey = map[string]*rate.Limiter{}
	}
	limiter := l.byKey[key]
	if limiter == nil {
		if len(l.byKey) >= l.most {
			for old, limiter := range l.byKey {
				if limiter.TokensAt(at) >= float64(l.burst) {
					delete(l.byKey, old)
				}
			}
		}
		if len(l.byKey) >= l.most {
			return false
		}
		limiter = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.byKey[key] = limiter
	}
	return limiter.AllowN(at, 1)
}
