package act

// PlaceRegistered introduces a place by its official code.
type PlaceRegistered struct {
	Code   string `json:"code"`
	Parent string `json:"parent,omitempty"`
	// Level counts from 1, the coarsest (a province), to 2 (a district).
	Level int `json:"level"`
	// Type is the code of its kind of unit; it may be unknown.
	Type string `json:"type,omitempty"`
	ISO  string `json:"iso,omitempty"`
	// Row (from the north) and Column (from the west) place its square on the
	// tile map; both are counted from 1, and 0 means that it has none.
	Row    int    `json:"row,omitempty"`
	Column int    `json:"column,omitempty"`
	From   string `json:"from,omitempty"`
	Until  string `json:"until,omitempty"`
}

// Kind implements Facts.
func (*PlaceRegistered) Kind() Kind { return KindPlaceRegistered }

func (f *PlaceRegistered) check(c *checker) {
	c.code("code", f.Code)
	c.optionalCode("parent", f.Parent)
	c.optionalCode("type", f.Type)
	c.between("level", f.Level, 1, 4)
	c.between("row", f.Row, 0, 50)
	c.between("column", f.Column, 0, 50)
	c.optionalDate("from", f.From)
	c.optionalDate("until", f.Until)
	if len(f.ISO) > 10 || HasControls(f.ISO) {
		c.failf("iso: too long")
	}
}
