package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"samleng/act"
	"samleng/civic"
)

// rowsOfPage is how many entries of a long list stand on one page.
const rowsOfPage = 20

// pageList is a list of things that a page shows, in an order that is not
// compared: each has a figure of its own.
type pageList struct {
	figure func(subject string) string // the name of that figure
	all    map[string]bool             // every subject
	most   int                         // that stand on the page
}

func newPageList(kind, what string, subjects []string) *pageList {
	l := &pageList{figure: func(subject string) string { return kind + "." + subject + "." + what }, all: map[string]bool{}, most: len(subjects)}
	for _, subject := range subjects {
		l.all[subject] = true
	}
	return l
}

// on gives which of the list stand on a page with these figures.
func (l *pageList) on(there map[string]bool) (found []string) {
	for subject := range l.all {
		if there[l.figure(subject)] {
			found = append(found, subject)
		}
	}
	slices.Sort(found)
	return found
}

// hold finds what is left out of the list on a page. seen are those that stood on
// other pages of it, by language.
func (c *comparison) hold(path, language string, l *pageList, there map[string]bool, seen map[string]bool) {
	found := l.on(there)
	c.count(ClassPages, 0, 1)
	for _, subject := range found {
		if seen[language+subject] {
			c.found(CheckList, "/"+path+" "+l.figure(subject), "", "on two pages")
			return
		}
		seen[language+subject] = true
	}
	if len(found) == l.most {
		return
	}
	missing := ""
	if l.most == len(l.all) {
		for subject := range l.all {
			if !slices.Contains(found, subject) {
				missing = max(missing, l.figure(subject))
			}
		}
	}
	c.found(CheckList, strings.TrimSpace("/"+path+" entries "+missing), strconv.Itoa(l.most), strconv.Itoa(len(found)))
}

// longPages are the pages of a long list: all of them, or the first, the last and
// another.
func (c *comparison) longPages(path string, first shownPage, list *pageList) (pages []shownPage) {
	n := len(list.all)
	numbers := make([]int, max(1, (n+rowsOfPage-1)/rowsOfPage))
	for i := range numbers {
		numbers[i] = i
	}
	seen := map[string]bool{}
	for _, number := range pick(c.sampler, path, numbers, sampledStretches, strconv.Itoa) {
		page, part := first, *list
		page.path, part.most, page.seen = path, min(rowsOfPage, n-number*rowsOfPage), seen
		if number > 0 {
			page.path = fmt.Sprintf("%s?page=%d", path, number+1)
		}
		page.list, page.first = &part, path == "commitments" && number == 0 || path == "overdue" && number == 0
		pages = append(pages, page)
	}
	return pages
}

func (c *comparison) codesOf(views []*civic.Statement) []string {
	codes := make([]string, len(views))
	for i, v := range views {
		codes[i] = string(c.state.Code(v.ID))
	}
	return codes
}

func idsOfPlans(plans []*civic.Commitment) []string {
	ids := make([]string, len(plans))
	for i, p := range plans {
		ids[i] = p.ID.String()
	}
	return ids
}

// dialoguePages are those of one dialogue.
func (c *comparison) dialoguePages(d *civic.Dialogue, path string, balance civic.Balance) []shownPage {
	all := []shownPage{{path: path, must: balanceMarks(balance), counts: balanceCounts(balance)}}
	if m := c.maps[d.ID]; m != nil {
		all = append(all, shownPage{path: path + "/map"})
	}
	if len(d.Statements()) > 0 {
		all = append(all, c.longPages(path+"/statements", shownPage{}, newPageList("view", "state", c.codesOf(d.Statements())))...)
	}
	if needs := c.state.NeedsOf(d.ID); len(needs) > 0 {
		var ids []string
		for _, n := range needs {
			ids = append(ids, n.ID.String())
		}
		all = append(all, shownPage{path: path + "/needs", list: newPageList("need", "views", ids)})
	}
	return all
}

// needPages show the views that a need was gathered from, and what was promised.
func (c *comparison) needPages() (all []shownPage) {
	for _, n := range pick(c.sampler, "page", c.state.Needs(), sampledPages, func(n *civic.Need) string { return n.ID.String() }) {
		page := shownPage{path: "n/" + n.ID.String(), must: map[string]string{}, list: newPageList("view", "state", c.codesOf(n.Statements()))}
		for _, p := range n.Commitments() {
			page.must["commitment."+p.ID.String()+".state"] = string(p.State(c.today()))
		}
		all = append(all, page)
	}
	return all
}

// listPages are the lists of everything: authorities, what is late, what was
// promised.
func (c *comparison) listPages() []shownPage {
	now := c.asAt
	var offices []string
	for _, o := range authoritiesOf(c.state) {
		if c.state.Balance(civic.Filter{Authority: o.ID}, now).Registered > 0 {
			offices = append(offices, o.ID.String())
		}
	}
	late := c.state.Overdue(now)
	counts, _ := c.state.CommitmentCounts(c.today())
	all := []shownPage{{path: "authorities", first: true, list: newPageList("authority", "views", offices)}}
	all = append(all, c.longPages("overdue", shownPage{must: map[string]string{"overdue.views": strconv.Itoa(late.Len())}},
		newPageList("view", "overdue", c.codesOf(late.Slice(0, late.Len()))))...)
	return append(all, c.longPages("commitments", shownPage{counts: countMarks("count.commitment.", counts)}, newPageList("commitment", "state", idsOfPlans(c.state.Commitments())))...)
}

// mapMark is the figure of a view on a map.
func (c *comparison) mapMark(dialogue, view act.ID) string {
	m := c.maps[dialogue]
	if m == nil {
		return ""
	}
	for _, row := range m.Statements {
		if row.Statement == view && row.All != nil {
			return fmt.Sprintf("%d/%d/%d", row.All[0], row.All[1], row.All[2])
		}
	}
	return ""
}
