package audit_test

import (
	"os"
	"testing"

	"samleng/audit"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "samleng-audit-")
	if err != nil {
		panic(err)
	}
	sharedDir = dir
	code := m.Run()
	if shared.Register != nil {
		shared.Close()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// TestHonest audits the register as it is: nothing is wrong, everything that is
// public is checked, and what is not is counted.
func TestHonest(t *testing.T) {
	w := served(t)
	report := run(t, w.handler, nil)
	for _, f := range report.Findings {
		t.Error(f)
	}
	if report.Outcome != audit.Verified || report.Leaves != w.Position() || report.Acts != w.Position() || report.Sections == 0 || report.Figures < 20 {
		t.Errorf("%+v", report)
	}
	t.Logf("%d acts, %d sections, %d figures %+v; unchecked %+v", report.Acts, report.Sections, report.Figures, report.Compared, report.Unchecked)
}
