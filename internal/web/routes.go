package web

// route is a pattern of net/http's ServeMux and what answers it.
type route struct {
	pattern string
	handle  handler
}

// routes is every page, a line each. Public pages name the query parameters
// that change them; any other parameter is ignored.
func (s *Server) routes() []route {
	return []route{
		{"GET /{$}", s.public(s.home)},
		{"GET /about", s.public(s.about)},
		{"GET /favicon.ico", s.favicon},
		{"/", s.nowhere},
	}
}
