package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// seat is a role of an office that somebody may take in a demonstration, by a
// link that is good while the process runs. No other command has such links.
type seat struct {
	Role                act.Role
	Office              string
	Staff, Organisation act.ID
	// Key stands in the link. It is random for each run.
	Key string
}

// mostOfRole is how many offices have a seat of one role where one is not
// enough to show it: appeals are decided by another moderator.
var mostOfRole = map[act.Role]int{act.RoleModerator: 2}

// seatsOf lists a seat for each role that somebody has, in the order of roles.
func seatsOf(s *civic.State) []seat {
	var seats []seat
	for _, role := range act.Roles {
		left := max(1, mostOfRole[role])
		orgs := slices.Clone(s.Organisations())
		slices.SortStableFunc(orgs, func(a, b *civic.Organisation) int { return busy(s, role, b.ID) - busy(s, role, a.ID) })
		for _, org := range orgs {
			grants := s.Grants(org.ID)
			at := slices.IndexFunc(grants, func(g civic.Grant) bool { return g.Role == role && !g.Ended })
			if at < 0 || left == 0 {
				continue
			}
			left--
			seats = append(seats, seat{Role: role, Office: s.Names(org.ID).Name["en"], Staff: grants[at].Staff, Organisation: org.ID, Key: rand.Text()})
		}
	}
	return seats
}

// busy counts what an office has to do in a role, so that whoever takes the seat
// finds a desk with something on it.
func busy(s *civic.State, role act.Role, office act.ID) int {
	switch role {
	case act.RoleFocalPoint, act.RoleSigningOfficer:
		return len(s.Held(office))
	case act.RoleMonitor:
		n := 0
		for _, c := range s.Commitments() {
			if c.Verifier == office {
				n++
			}
		}
		return n
	}
	return 0
}

// Title is what the seat is called: a role of an office, never a person.
func (s seat) Title() string {
	role := locale.Get("en").T("code.role." + string(s.Role))
	return strings.ToUpper(role[:1]) + role[1:] + ", " + s.Office
}

const signInPath = "/demo/signin/"

// takeSeats gives every staff member of the register an account, called by its
// role, so that desks and lists of staff have somebody to show, and gives the
// seats that have links.
func takeSeats(ctx context.Context, r *register.Register, accounts *account.Accounts) ([]seat, error) {
	var seats []seat
	var all []account.Account
	r.View(func(s *civic.State) {
		seats = seatsOf(s)
		for _, org := range s.Organisations() {
			for _, grant := range s.Grants(org.ID) {
				title := seat{Role: grant.Role, Office: s.Names(org.ID).Name["en"]}.Title()
				all = append(all, account.Account{Staff: grant.Staff, Organisation: org.ID, Name: title})
			}
		}
	})
	for _, one := range all {
		switch _, err := accounts.Get(ctx, one.Staff); {
		case err == nil:
			continue
		case problem.Of(err).Kind != problem.NotFound:
			return nil, err
		}
		if err := accounts.Create(ctx, one); err != nil {
			return nil, fmt.Errorf("make an account: %w", err)
		}
	}
	return seats, nil
}

// signIn answers a seat's link: it begins a session of the staff member and
// leads to the desk.
func signIn(seats []seat, accounts *account.Accounts) http.HandlerFunc {
	// Keys are looked up by their hash, so that the time taken tells nothing.
	byKey := map[[sha256.Size]byte]seat{}
	for _, s := range seats {
		byKey[sha256.Sum256([]byte(s.Key))] = s
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		s, known := byKey[sha256.Sum256([]byte(r.PathValue("key")))]
		if !known {
			http.NotFound(w, r)
			return
		}
		if err := accounts.StartSession(r.Context(), w, s.Staff, account.ByDemo); err != nil {
			slog.Warn("nobody could be signed in", "role", s.Role, "error", err)
			http.Error(w, "Not available now.", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/desk", http.StatusSeeOther)
	}
}
