package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// finding is one thing that axe-core found on a page.
type finding struct{ ID, Help, Target string }

const runAxe = `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.flatMap(v => v.nodes.map(n => ({ID: v.id, Help: v.help, Target: n.target.join(" ")}))))`

// inspect runs axe-core on a page, and measures what no tool says: that nothing
// sticks out at the side, that targets are large enough, that nothing comes from
// elsewhere.
func (b *tab) inspect(axe string) {
	b.t.Helper()
	eval[bool](b, axe+"; true")
	where := b.where()
	for _, f := range eval[[]finding](b, runAxe, chromedp.EvalAwaitPromise) {
		b.t.Errorf("%s: %s (%s) at %s", where, f.ID, f.Help, f.Target)
	}
	if over := eval[float64](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		b.t.Errorf("%s: %.0f pixels stick out at the side", where, over)
	}
	for _, small := range eval[[]string](b, `[...document.querySelectorAll("main a.button, main button, .main a, .languages a, select, input[type=text]")].filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height < 43.5; }).map(e => e.outerHTML.slice(0, 90))`) {
		b.t.Errorf("%s: less than 44 pixels high: %s", where, small)
	}
	for _, other := range eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith(location.origin))`) {
		b.t.Errorf("%s asks another site: %s", where, other)
	}
	if tight := eval[[]string](b, `[...document.querySelectorAll(":lang(km)")].filter(e => e.childElementCount === 0 && /[\u1780-\u17ff]/.test(e.textContent)).filter(e => { const s = getComputedStyle(e); return parseFloat(s.lineHeight) / parseFloat(s.fontSize) < 1.3 || s.fontStyle === "italic" || s.letterSpacing !== "normal"; }).map(e => e.outerHTML.slice(0, 90))`); len(tight) > 0 {
		b.t.Errorf("%s: Khmer set too tight, slanted or spaced: %v", where, tight)
	}
}

// name makes a file's name of an address.
func name(path string) string {
	return strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "%", "").Replace(path), "-")
}

// TestEveryPage looks at every page in both languages and both windows.
func TestEveryPage(t *testing.T) {
	s := start(t)
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("needs axe-core: npm ci in e2e")
	}
	public := []string{"/", "/about", "/dialogues", "/dialogues?place=16", "/d/ratanakkiri", "/d/kampong-cham", "/d/kampot", "/d/ratanakkiri/statements",
		"/d/ratanakkiri/statements?state=withheld", "/d/siem-reap/map", "/d/siem-reap/map/views", "/d/siem-reap/map/me", "/d/kampot/map", "/v/" + s.Code, "/v/" + s.Withheld, "/authorities", "/overdue", "/commitments", "/d/ratanakkiri/needs", "/withheld", "/verify", "/checkpoint", "/witnesses", "/verify?code=" + s.Code, "/entry/3", "/nowhere",
		"/d/ratanakkiri/take-part", "/d/ratanakkiri/put-forward", "/d/ratanakkiri/my-votes", "/mine", "/receipt", "/r/" + s.Code, "/signin", "/signin?recovery", "/invitation"}
	desk := []string{"/desk", "/desk/register", "/desk/register?dialogue=ratanakkiri", "/desk/file", "/desk/dialogues", "/desk/d/ratanakkiri", "/desk/d/ratanakkiri/needs", "/desk/refer", "/account"}
	for window, size := range map[string][2]int64{"360": narrow, "1280": wide} {
		t.Run(window, func(t *testing.T) {
			b := s.open(t, size)
			look := func(paths []string) {
				for _, path := range paths {
					for _, language := range []string{"km", "en"} {
						address := path + "?lang=" + language
						if strings.Contains(path, "?") {
							address = path + "&lang=" + language
						}
						b.visit(address)
						b.inspect(string(axe))
						b.picture(fmt.Sprintf("%s-%s-%s", name(path+"-page"), language, window), true)
					}
				}
			}
			look(public)
			if len(s.Seats) > 0 {
				b.visit(s.seat(t, "facilitator"))
				look(desk)
				b.visit("/desk?lang=en")
				b.press(".task a[href^='/desk/v/']")
				b.inspect(string(axe))
				b.picture("desk-case-en-"+window, true)
				b.visit(s.seat(t, "administrator"))
				look([]string{"/desk/staff", "/desk/settings"})
			}
		})
	}
}

// TestChainPages looks at the pages of what becomes of views, and at the desks
// of those who answer, promise, look on the spot and decide.
func TestChainPages(t *testing.T) {
	s := start(t)
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("needs axe-core: npm ci in e2e")
	}
	for window, size := range map[string][2]int64{"360": narrow, "1280": wide} {
		t.Run(window, func(t *testing.T) {
			b := s.open(t, size)
			look := func(name string, paths ...string) {
				for _, path := range paths {
					for _, language := range []string{"km", "en"} {
						b.visit(path + "?lang=" + language)
						if status := eval[float64](b, `performance.getEntriesByType("navigation")[0].responseStatus`); status != 200 {
							t.Errorf("%s: status %v", b.where(), status)
						}
						b.inspect(string(axe))
						b.picture(fmt.Sprintf("chain-%s%s-%s-%s", name, strings.ReplaceAll(strings.TrimRight(path, "0123456789abcdef"), "/", "-"), language, window), true)
					}
				}
			}
			// first is the address of a page that another leads to.
			first := func(page, to string) string {
				b.visit(page)
				link := eval[string](b, fmt.Sprintf("(document.querySelector(%q) || {getAttribute: () => ''}).getAttribute('href')", "main a[href^='"+to+"']"))
				if link == "" {
					t.Fatalf("%s leads to no %s", page, to)
				}
				path, _, _ := strings.Cut(link, "?")
				path, _, _ = strings.Cut(path, "#")
				return path
			}
			look("", "/authorities", "/overdue", "/commitments", "/d/kampong-cham/needs", "/d/phnom-penh",
				first("/authorities", "/a/"), first("/d/kampong-cham/needs", "/n/"), first("/commitments", "/c/"), first("/overdue", "/v/"))
			for _, role := range []struct {
				name  string
				paths []string
				leads [2]string
			}{
				{"focal point", []string{"/desk/cases", "/desk/commitments", "/desk/office"}, [2]string{"/desk/cases", "/desk/case/"}},
				{"signing officer", []string{"/desk/answers", "/desk/signing"}, [2]string{"/desk/commitments", "/desk/c/"}},
				{"monitor", nil, [2]string{"/desk/monitor", "/desk/c/"}},
				{"board member", []string{"/desk/board"}, [2]string{}},
				{"administrator", []string{"/desk/settings"}, [2]string{}},
				{"facilitator", []string{"/desk/refer", "/desk/d/phnom-penh/needs", "/desk/d/phnom-penh/map"}, [2]string{"/d/phnom-penh/needs", "/n/"}},
			} {
				b.visit(s.seat(t, role.name))
				look(strings.ReplaceAll(role.name, " ", "-"), role.paths...)
				if role.leads[0] != "" {
					look("", role.leads[0], first(role.leads[0], role.leads[1]))
				}
				if role.name == "signing officer" {
					look("", first(first("/desk/cases?show=answered", "/desk/case/"), "/desk/letter/"))
					look("", first("/desk/commitments", "/desk/n/"))
					// A draft is there once somebody begins an answer.
					b.visit(first("/desk/cases", "/desk/case/") + "?lang=en")
					b.press("main form[action^='/desk/case/'][action$='/answer'] button, main a[href^='/desk/answer/']")
					path, _, _ := strings.Cut(b.where(), "?")
					if !strings.HasPrefix(path, "/desk/answer/") {
						t.Fatalf("an answer begins at %s", path)
					}
					look("", path)
				}
			}
		})
	}
}
