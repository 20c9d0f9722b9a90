package account

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often somebody may be wrong: for one name five times at once and then
// twice a minute, for all names together a hundred times at once and then five
// times a second. A one-time code has a million values and lives for a minute.
const (
	guessEvery  = 30 * time.Second
	guessBurst  = 5
	allRate     = 5
	allBurst    = 100
	mostGuessed = 5000
)

// guesses limits wrong codes, by name and in all, in memory only. Its zero value
// is ready.
type guesses struct {
	mu     sync.Mutex
	all    *rate.Limiter
	byName map[string]*rate.Limiter
}

// allow counts a guess, and says whether it is let through.
func (g *guesses) allow(name string, at time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byName == nil {
		g.all, g.byName = rate.NewLimiter(allRate, allBurst), map[string]*rate.Limiter{}
	}
	limiter := g.byName[name]
	if limiter == nil {
		if len(g.byName) >= mostGuessed {
			for other, l := range g.byName {
				if l.TokensAt(at) >= guessBurst {
					delete(g.byName, other)
				}
			}
		}
		if len(g.byName) >= mostGuessed {
			return false
		}
		limiter = rate.NewLimiter(rate.Every(guessEvery), guessBurst)
		g.byName[name] = limiter
	}
	return limiter.AllowN(at, 1) && g.all.AllowN(at, 1)
}

// right forgets the guesses at a name: the last one was none.
func (g *guesses) right(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.byName, name)
}

// usedChallenges remembers which passkey challenges were answered, for as long
// as they are good: an answer is taken once.
type usedChallenges struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

func (u *usedChallenges) take(challenge string, at time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.seen == nil {
		u.seen = map[string]time.Time{}
	}
	for old, when := range u.seen {
		if at.Sub(when) > challengeAge {
			delete(u.seen, old)
		}
	}
	if _, seen := u.seen[challenge]; seen {
		return false
	}
	u.seen[challenge] = at
	return true
}
