package civic_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

// The organisations of the rules' world: one in every relation that a rule asks
// about. In each of them somebody has each of the roles.
const (
	host      = "the host"                  // hosts the dialogues, leads the programme, decided on the views
	hostKin   = "the host's sister"         // has the same parent as the host
	filer     = "the filer"                 // filed views
	filerKin  = "the filer's sister"        // has the same parent as the filer
	named     = "the one named"             // views are about it
	namedKin  = "the sister of the named"   // has the same parent as the one that views are about
	staked    = "one with a stake"          // declared a stake in the office and in the host
	backer    = "one that they depend on"   // the office and the host declared a stake in it
	unstaked  = "one whose stake has ended" // had a stake in both
	apart     = "an independent CSO"
	office    = "the office"            // an authority: holds the cases, made the commitments
	officeKin = "the office's sister"   // has the same parent as the office
	bound     = "the co-responsible"    // an authority: promised together with the office
	elsewhere = "an independent office" // an authority that has nothing to do with them
)

var (
	societies = []string{host, hostKin, filer, filerKin, named, namedKin, staked, backer, unstaked, apart}
	offices   = []string{office, officeKin, bound, elsewhere}
)

// subject is something in a state that acts may be about.
type subject struct {
	state  string
	id     act.ID
	view   act.ID // whose receipt its holder has
	answer act.ID // the one that stands, or stood last
	more   act.ID // what else there is of it: a correction, a report
	holder act.ID // the authority that holds it
}

// column is somebody who may try an act.
type column struct {
	who  civic.Actor
	org  string // of staff
	role act.Role
	name string // of everybody else
}

// rulesWorld is a register that has something in every state.
type rulesWorld struct {
	*world
	org      map[string]act.ID
	person   act.Pseudonym // who put the views forward
	columns  []column
	main     act.ID // the dialogue that is open
	subjects map[string][]subject
	empty    *civic.State // of an empty register
	bare     *civic.State // of one that has a programme and nothing else
}

// unknown is an id of nothing.
var unknown = act.ID{0xff, 1}

func newRulesWorld(t testing.TB) *rulesWorld {
	r := &rulesWorld{world: &world{t: t, state: civic.New(), now: time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC)},
		org: map[string]act.ID{}, person: act.Pseudonym{7, 7}, subjects: map[string][]subject{}, empty: civic.New()}
	programme := &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"}, Themes: []string{"water", "roads"},
		Threshold: 10, Rounding: 5, Step: 10, Currencies: []string{"KHR"},
		Trustees: []string{"age15tzkzwsc7tj0p5p2m09x2swexp0npl586lwxn8ttt40c3pza7qasuzcpmj"}}
	r.must(civic.System, act.ID{}, programme, names("programme"))
	bare := &world{t: t, state: civic.New(), now: r.now}
	bare.must(civic.System, act.ID{}, programme, names("programme"))
	r.bare = bare.state
	r.must(civic.System, act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	r.must(civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepAppeal: 10, act.StepRefer: 3,
		act.StepAcknowledge: 5, act.StepAnswer: 20, act.StepInform: 15, act.StepReview: 15, act.StepEscalate: 10}}, nil)
	r.must(civic.System, act.ID{}, &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2026-03-11"}}, nil)
	r.must(civic.System, act.ID{}, &act.PlaceRegistered{Code: "16", Level: 1}, names("province"))
	r.must(civic.System, act.ID{}, &act.PlaceRegistered{Code: "1602", Parent: "16", Level: 2}, names("district"))
	r.people()
	r.main = r.dialogue("main", "open", true)
	r.old()
	r.now = r.now.AddDate(0, 0, 40)
	r.must(civic.System, r.caseOf("that went up"), r.escalation(r.caseOf("that went up")), nil)
	r.dialogues()
	r.statements()
	r.needs()
	r.cases()
	r.commitments()
	r.votes()
	return r
}

// people registers the organisations and gives everybody their roles.
func (r *rulesWorld) people() {
	for _, of := range []struct{ above, one, other string }{
		{"coalition", host, hostKin}, {"union", filer, filerKin}, {"network", named, namedKin}, {"", staked, backer}, {"", unstaked, apart},
		{"ministry", office, officeKin}, {"", bound, elsewhere},
	} {
		authority := slices.Contains(offices, of.one)
		var above *act.ID
		if of.above != "" {
			id := r.must(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "other", Authority: authority}, names(of.above))
			r.org[of.above], above = id, &id
		}
		for _, name := range []string{of.one, of.other} {
			kind := "other"
			if name == apart {
				kind = "cso"
			}
			r.org[name] = r.must(civic.System, act.ID{}, &act.OrganisationRegistered{Type: kind, Authority: authority, Parent: above}, names(name))
		}
	}
	r.must(civic.System, r.org[host], &act.OrganisationEngaged{As: "lead", From: "2026-01-01"}, nil)
	for _, of := range []string{office, host} {
		r.must(civic.System, r.org[staked], &act.InterestDeclared{With: r.org[of], As: "funded_by", From: "2026-01-01"}, nil)
		r.must(civic.System, r.org[of], &act.InterestDeclared{With: r.org[backer], As: "funded_by", From: "2026-01-01"}, nil)
		r.must(civic.System, r.org[unstaked], &act.InterestDeclared{With: r.org[of], As: "partner", From: "2025-01-01", Until: "2025-12-31"}, nil)
	}
	r.must(civic.System, r.org[office], &act.LadderDeclared{To: []act.ID{r.org["ministry"]}}, nil)
	r.must(civic.System, r.org[elsewhere], &act.CompetenceDeclared{Themes: []string{"water"}, As: act.Advises, From: "2026-01-01"}, nil)
	for _, org := range append(slices.Clone(societies), offices...) {
		for _, role := range act.Roles {
			r.columns = append(r.columns, column{who: r.staff(r.org[org], role), org: org, role: role})
		}
		if org == host || org == filer || org == office {
			who := civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: r.org[org]}, Staff: r.as(org, act.RoleRapporteur).By.Staff}
			r.columns = append(r.columns, column{who: who, name: org + ", nobody of it named"})
		}
	}
	also := func(org string, role act.Role, as act.Role) {
		who := r.as(org, role)
		who.By.Organisation, who.By.Role = r.org[apart], as
		r.must(civic.System, r.org[apart], &act.RoleGranted{Staff: who.By.Staff, Role: as, From: "2026-01-01"}, nil)
		name := strings.ReplaceAll(string(role), "_", " ")
		r.columns = append(r.columns, column{who: who, name: org + "'s " + name + ", as " + string(as) + " of an independent CSO"})
	}
	also(host, act.RoleModerator, act.RoleModerator)
	also(office, act.RoleFocalPoint, act.RoleMonitor)
	also(office, act.RoleSigningOfficer, act.RoleMonitor)
	delegate := r.as(office, act.RoleFocalPoint)
	delegate.By.Role = act.RoleSigningOfficer
	r.must(r.as(office, act.RoleSigningOfficer), r.org[office], &act.SigningDelegated{To: delegate.By.Staff, From: "2026-03-01", Until: "2026-12-31"}, nil)
	r.columns = append(r.columns,
		column{who: delegate, name: "who signs for the office by delegation"},
		column{who: civic.System, name: "the register"},
		column{who: civic.Actor{By: act.Participant, Participant: act.Pseudonym{9, 9}}, name: "somebody else who takes part"},
		column{who: civic.Actor{By: act.Participant, Participant: r.person}, name: holding})
}

// holding is the column of whoever put something forward and has its receipt.
const holding = "whoever holds it"

// as is who has a role in an organisation.
func (r *rulesWorld) as(org string, role act.Role) civic.Actor {
	for _, c := range r.columns {
		if c.org == org && c.role == role {
			return c.who
		}
	}
	r.t.Fatalf("nobody is %s of %s", role, org)
	return civic.Actor{}
}

// outsiders are those who have not the role they act in.
func (r *rulesWorld) outsiders() []civic.Actor {
	ended := r.staff(r.org[host], act.RoleModerator)
	r.must(civic.System, r.org[host], &act.RoleEnded{Staff: ended.By.Staff, Role: act.RoleModerator}, nil)
	never := ended
	never.By.Staff = unknown
	astray := r.as(host, act.RoleReferrer) // in another organisation than theirs
	astray.By.Organisation = r.org[apart]
	return []civic.Actor{ended, never, astray}
}

func (r *rulesWorld) dialogue(slug, door string, opened bool) act.ID {
	id := r.must(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: slug, Level: "provincial", Place: "16", PlaceLevel: 1, Door: door,
		Limit: 300, Changes: 1, Opens: "2026-03-09", Closes: "2026-12-09", Host: r.org[host]}, names(slug))
	if opened {
		r.must(civic.System, id, &act.DialogueOpened{}, nil)
	}
	return id
}

func (r *rulesWorld) add(noun string, s subject) subject {
	if s.view.IsZero() && noun == "statement" {
		s.view = s.id
	}
	r.subjects[noun] = append(r.subjects[noun], s)
	return s
}

// caseOf finds a case by its state.
func (r *rulesWorld) caseOf(state string) act.ID { return r.find("case", state).id }

func (r *rulesWorld) find(noun, state string) subject {
	for _, s := range r.subjects[noun] {
		if s.state == state {
			return s
		}
	}
	r.t.Fatalf("no %s is %q", noun, state)
	return subject{}
}
