package web_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/api"
	"samleng/internal/blob"
	"samleng/internal/register"
	"samleng/internal/web"
)

// walk is a register in which one view goes its way through the real pages, each
// step taken by whoever takes it in life, with a session of their own.
type walk struct {
	*staffed
	lang string
	api  *api.API
	// Those who take the steps; the holder and the public are not signed in.
	administrator, board, facilitator, moderator, focal, signing, monitor, above, holder, public *reader
	seats                                                                                        []seatOf
	slip                                                                                         register.Slip
	need, referral, commitment                                                                   string // their ids
}

func walking(t testing.TB, lang string) *walk {
	s := empty(t)
	s.programme()
	ministry := s.IDs["ministry"]
	s.IDs["department"] = s.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "line_department", Authority: true, Parent: &ministry, Place: "16"},
		called("Provincial department of rural development", "មន្ទីរអភិវឌ្ឍន៍ជនបទ")).Act
	w := &walk{staffed: &staffed{sample: s}, lang: lang}
	var err error
	if w.Accounts, err = account.New(account.Config{Store: s.Register.Store, Key: s.Register.AccountKey(), Now: s.Now, Random: rand.Reader, BaseURL: "https://samleng.example", Secure: true}); err != nil {
		t.Fatal(err)
	}
	files, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if s.Pages, err = web.New(web.Config{Register: s.Register, Accounts: w.Accounts, Files: files, Address: "https://samleng.example", Secure: true}); err != nil {
		t.Fatal(err)
	}
	if w.api, err = api.New(api.Config{Register: s.Register}); err != nil {
		t.Fatal(err)
	}
	cso, department := s.IDs["cso"], s.IDs["department"]
	w.administrator, w.board, w.above = w.at(department, act.RoleAdministrator), w.at(ministry, act.RoleBoard), w.at(ministry, act.RoleFocalPoint)
	w.facilitator, w.moderator = w.at(cso, act.RoleFacilitator), w.at(cso, act.RoleModerator)
	w.focal, w.signing = w.at(department, act.RoleFocalPoint), w.at(department, act.RoleSigningOfficer)
	w.monitor = w.at(s.IDs["other"], act.RoleMonitor)
	w.holder, w.public = s.phone().reading(lang), s.phone().reading(lang)
	slips, err := s.Register.NewSlips(1, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.slip = slips[0]
	return w
}

// at seats somebody who has a role with an organisation.
func (w *walk) at(org act.ID, role act.Role) *reader {
	w.t.Helper()
	who, _ := w.invited(org, role, strings.ReplaceAll(string(role), "_", " ")+" "+strconv.Itoa(len(w.seats)+1))
	r := w.seat(who).reading(w.lang)
	w.seats = append(w.seats, seatOf{who, r})
	return r
}

// seatOf is who sits where.
type seatOf struct {
	who civic.Actor
	r   *reader
}

// pass lets days go by, and everybody signs in again.
func (w *walk) pass(days int) {
	w.t.Helper()
	w.Pass(time.Duration(days) * 24 * time.Hour)
	for _, seat := range w.seats {
		seat.r.cookies = w.seat(seat.who).cookies
		seat.r.open("/?lang=" + w.lang)
	}
}

// everybody looks at a page: what is public is kept for some seconds, so a
// moment goes by first.
func (w *walk) everybody(path string) string {
	w.t.Helper()
	w.Pass(time.Minute)
	return w.public.look(path)
}

func (w *walk) ask(method, path, body string, into any) {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got := httptest.NewRecorder()
	w.api.ServeHTTP(got, r)
	if got.Code != http.StatusOK {
		w.t.Fatalf("%s %s: %d %s", method, path, got.Code, got.Body)
	}
	if err := json.Unmarshal(got.Body.Bytes(), into); err != nil {
		w.t.Fatal(err)
	}
}
