package locale_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// TestEveryCodeHasAWord holds the catalogues to the vocabulary of acts: a code
// that a header can carry can be read in every language.
func TestEveryCodeHasAWord(t *testing.T) {
	keys := append([]string{}, civic.Refusals...)
	add := func(prefix string, codes ...string) {
		if len(codes) == 0 {
			t.Errorf("no codes for %s", prefix)
		}
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	add("code.channel.", act.Channels...)
	add("code.visibility.", act.Visibilities...)
	add("withheld.", act.WithholdingReasons...)
	add("code.reason.", act.GapReasons...)
	add("code.reason.erased_", act.ErasedByHolder, act.ErasedSafeguarding, act.ErasedByLaw, act.ErasedLost)
	add("code.organisation.", act.OrganisationTypes...)
	add("code.engagement.", act.Engagements...)
	add("code.door.", act.Doors...)
	add("code.sex.", act.Sexes...)
	add("code.age.", act.AgeBands...)
	add("code.outcome.", act.AppealUpheld, act.AppealOverturned)
	for _, role := range []act.Role{
		act.RoleAdministrator, act.RoleFacilitator, act.RoleRapporteur, act.RoleModerator, act.RoleReferrer,
		act.RoleFocalPoint, act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard,
	} {
		add("code.role.", string(role))
	}
	add("code.stage.", string(civic.Announced), string(civic.Open), string(civic.Closed))
	add("code.step.", string(act.StepModerate), string(act.StepAppeal), string(act.StepRefer))
	add("vote.", "agree", "disagree", "pass")
	for _, kind := range act.Kinds() {
		add("code.event.", string(kind))
	}
	for _, step := range act.Steps {
		add("code.step.", string(step))
	}
	for _, d := range civic.Dispositions {
		add("code.state.", string(d))
	}
	for _, state := range civic.CommitmentStates {
		add("code.commitment.", string(state))
	}
	add("code.competence.", act.Competences...)
	add("code.interest.", act.Interests...)
	add("code.considered.", act.ConsideredIn...)
	add("code.information.", act.InformationKinds...)
	add("code.from.", act.InformationFrom...)
	add("code.decision.", act.Decisions...)
	add("code.told.", act.TellingMeans...)
	add("code.judgement.", act.Judgements...)
	add("code.review.", act.ReviewUpheld, act.ReviewReopened)
	add("code.funding.", act.Fundings...)
	add("code.uptake.", act.Uptakes...)
	add("code.measure.", act.Measures...)
	add("code.revision.", act.RevisionReasons...)
	add("code.status.", act.Statuses...)
	add("code.verdict.", act.Verdicts...)
	for _, kind := range problem.Kinds() {
		keys = append(keys, kind.TitleKey())
	}
	keys = append(keys, problem.Of(errUnknown{}).Key, "problem.fields", "problem.too_large", "problem.unavailable")
	for _, tag := range locale.Languages() {
		for _, key := range keys {
			if !locale.Get(tag).Has(key) {
				t.Errorf("%s lacks %s", tag, key)
			}
		}
	}
}

type errUnknown struct{}

func (errUnknown) Error() string { return "unknown" }

// TestEveryMessageIsUsed: a message that nothing shows is translated for nobody.
// A key is used where it stands in the source, or a beginning of it that ends
// with a dot, or, of a code, its family.
func TestEveryMessageIsUsed(t *testing.T) {
	var source strings.Builder
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "node_modules" || name == "testdata" || len(name) > 2 && name[0] == '.') {
			return filepath.SkipDir
		}
		if ext := filepath.Ext(path); strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "terms.go" || ext != ".go" && ext != ".html" && ext != ".js" {
			return nil
		}
		content, err := os.ReadFile(path)
		source.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	quoted := map[string]bool{}
	for _, found := range regexp.MustCompile(`["`+"`"+`]([a-z0-9_.]+)["`+"`"+`]`).FindAllStringSubmatch(source.String(), -1) {
		quoted[found[1]] = true
	}
	used := func(key string) bool {
		family, isCode := strings.CutPrefix(key, "code.")
		if family, _, _ = strings.Cut(family, "."); quoted[key] || isCode && quoted[family] {
			return true
		}
		for i, c := range key {
			if begins := key[:i+1]; c == '.' && begins != "code." && quoted[begins] || c == '_' && quoted[begins] {
				return true
			}
		}
		return false
	}
	for _, key := range locale.Get("en").Keys() {
		if !used(key) {
			t.Errorf("nothing shows %s", key)
		}
	}
}
