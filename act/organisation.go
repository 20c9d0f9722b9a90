package act

// OrganisationRegistered introduces an organisation; its id is the act's.
type OrganisationRegistered struct {
	// Type is one of OrganisationTypes.
	Type string `json:"type"`
	// Authority says that it is a public authority: it answers views, and it
	// never moderates them.
	Authority bool `json:"authority,omitempty"`
	// Parent is the organisation it belongs to, if any.
	Parent *ID `json:"parent,omitempty"`
	// Place is the code of the place it is responsible for, if it has one.
	Place string `json:"place,omitempty"`
}

// OrganisationTypes are the codes of what organisations are.
var OrganisationTypes = []string{
	"ministry", "provincial_administration", "district_administration", "commune", "line_department",
	"cso", "cso_coalition", "community_group", "un_agency", "donor", "academic", "media", "other",
}

// Kind implements Facts.
func (*OrganisationRegistered) Kind() Kind { return KindOrganisationReg }

func (f *OrganisationRegistered) check(c *checker) {
	c.oneOf("type", f.Type, OrganisationTypes...)
	c.optionalCode("place", f.Place)
	if f.Parent != nil {
		c.id("parent", *f.Parent)
	}
}

// OrganisationAliased gives an organisation another name for a time.
type OrganisationAliased struct {
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
}

// Kind implements Facts.
func (*OrganisationAliased) Kind() Kind { return KindOrganisationAliased }

func (f *OrganisationAliased) check(c *checker) { c.period(f.From, f.Until) }

// OrganisationEngaged says what an organisation is in the programme, and when.
type OrganisationEngaged struct {
	// As is one of Engagements.
	As    string `json:"as"`
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
}

// Engagements are the codes of what organisations are in a programme.
var Engagements = []string{"lead", "implementer", "funder", "accountable", "member", "partner", "host"}

// Kind implements Facts.
func (*OrganisationEngaged) Kind() Kind { return KindOrganisationEngaged }

func (f *OrganisationEngaged) check(c *checker) {
	c.oneOf("as", f.As, Engagements...)
	c.period(f.From, f.Until)
}

// RoleGranted gives a staff member (a random id) a role for the organisation
// that the act is about.
type RoleGranted struct {
	Staff ID     `json:"staff"`
	Role  Role   `json:"role"`
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
}

// Kind implements Facts.
func (*RoleGranted) Kind() Kind { return KindRoleGranted }

func (f *RoleGranted) check(c *checker) {
	c.id("staff", f.Staff)
	checkRole(c, f.Role)
	c.period(f.From, f.Until)
}

// RoleEnded takes a role away, from its position on.
type RoleEnded struct {
	Staff ID   `json:"staff"`
	Role  Role `json:"role"`
}

// Kind implements Facts.
func (*RoleEnded) Kind() Kind { return KindRoleEnded }

func (f *RoleEnded) check(c *checker) {
	c.id("staff", f.Staff)
	checkRole(c, f.Role)
}

func checkRole(c *checker, role Role) {
	for _, known := range Roles {
		if role == known {
			return
		}
	}
	c.failf("role: %q is no role", role)
}
