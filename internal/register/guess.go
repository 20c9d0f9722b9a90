package register

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"samleng/act"
)

// How often somebody may be wrong about secrets: for one code ten times at
// once and then six times a minute, for all codes together two hundred times at
// once and then twenty times a second. A secret has 80 bits, so this is about
// the server's peace; it is wide enough that a stranger who guesses does not
// shut a holder out for long.
const (
	guessEvery = 10 * time.Second
	guessBurst = 10
	allRate    = 20
	allBurst   = 200
)

// mostGuessed is how many codes are watched at a time. No more than
// allRate·guessBurst·guessEvery codes can have a wrong guess behind them that
// still counts, so that more are never needed.
const mostGuessed = 5000

// guesses limits wrong secrets, by code and in all. It is kept in memory only
// and knows nothing of who guesses. Its zero value is ready.
type guesses struct {
	mu     sync.Mutex
	all    *rate.Limiter
	byCode map[act.CodeKey]*rate.Limiter
}

// guess is one look at a secret that was let through.
type guess struct{ all, code *rate.Reservation }

// right takes the guess back: it was none.
func (g guess) right(at time.Time) {
	g.all.CancelAt(at)
	g.code.CancelAt(at)
}

// begin counts a guess at a code's secret, and says whether it is let through.
// It is counted before it is looked at, so that many at once are not.
func (g *guesses) begin(code act.CodeKey, at time.Time) (guess, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byCode == nil {
		g.all, g.byCode = rate.NewLimiter(allRate, allBurst), map[act.CodeKey]*rate.Limiter{}
	}
	limiter := g.byCode[code]
	if limiter == nil {
		if len(g.byCode) >= mostGuessed {
			g.forget(at)
		}
		if len(g.byCode) >= mostGuessed {
			return guess{}, false
		}
		limiter = rate.NewLimiter(rate.Every(guessEvery), guessBurst)
		g.byCode[code] = limiter
	}
	if limiter.TokensAt(at) < 1 || g.all.TokensAt(at) < 1 {
		return guess{}, false
	}
	return guess{g.all.ReserveN(at, 1), limiter.ReserveN(at, 1)}, true
}

// forget drops the codes of which no guess counts any more.
func (g *guesses) forget(at time.Time) {
	for code, limiter := range g.byCode {
		if limiter.TokensAt(at) >= guessBurst {
			delete(g.byCode, code)
		}
	}
}
