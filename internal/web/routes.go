package web

// route is a pattern of net/http's ServeMux and what answers it.
type route struct {
	pattern string
	handle  handler
}

// routes is every page, a line each. Public pages name the query parameters
// that change them; any other parameter is ignored.
func (s *Server) routes() []route {
	routes := []route{
		{"GET /{$}", s.public(s.home)},
		{"GET /dialogues", s.public(s.dialogues, "place")},
		{"GET /d/{slug}", s.public(s.dialogue)},
		{"GET /d/{slug}/statements", s.public(s.statements, statementFilters...)},
		{"GET /v/{code}", s.canonical(s.public(s.thread))},
		{"GET /entry/{position}", s.public(s.entry)},
		{"GET /withheld", s.public(s.withheld, "reason", "dialogue", "page")},
		{"GET /verify", s.public(s.verify, "code")},
		{"GET /about", s.public(s.about)},
		{"GET /favicon.ico", s.favicon},
		{"/", s.nowhere},
	}
	return append(routes, s.deskRoutes()...)
}
