package web

// Patterns gives the patterns of the pages that everybody may read and of those
// that only the register itself has.
func (s *Server) Patterns() (public, own []string) {
	for _, r := range s.ownRoutes() {
		own = append(own, r.pattern)
	}
	for _, r := range append(append(s.publicRoutes(), s.chainRoutes()...), s.dataRoutes()...) {
		public = append(public, r.pattern)
	}
	return public, own
}
