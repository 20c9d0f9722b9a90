package web

// route is a pattern of net/http's ServeMux and what answers it.
type route struct {
	pattern string
	handle  handler
}

// routes is every page, a line each: those of a copy, and those that only the
// register itself has.
func (s *Server) routes() []route {
	routes := append(s.publicRoutes(), s.chainRoutes()...)
	routes = append(routes, s.dataRoutes()...)
	for i := range routes {
		routes[i].handle = s.keepLanguage(routes[i].handle)
	}
	routes = append(routes, route{"GET /file/{act}/{n}", s.file}, route{"GET /favicon.ico", s.favicon}, route{"/", s.nowhere})
	for _, own := range s.ownRoutes() {
		if s.register == nil {
			own.handle = s.elsewhere
		}
		routes = append(routes, own)
	}
	return routes
}

// ownRoutes are the pages that need who takes part, who holds a receipt or who
// is signed in. A copy answers them with where to go.
func (s *Server) ownRoutes() []route {
	routes := append(s.partRoutes(), s.accountRoutes()...)
	routes = append(routes, s.needRoutes()...)
	routes = append(routes, s.officeRoutes()...)
	routes = append(routes, s.planRoutes()...)
	return append(routes, s.deskRoutes()...)
}

// publicRoutes are the pages that are the same for everybody. They name the
// query parameters that change them; any other parameter is ignored.
func (s *Server) publicRoutes() []route {
	return []route{
		{"GET /{$}", s.public(s.dated(s.home), "on")},
		{"GET /dialogues", s.public(s.dialogues, "place")},
		{"GET /d/{slug}", s.public(s.dated(s.dialogue), "on")},
		{"GET /d/{slug}/statements", s.public(s.statements, statementFilters...)},
		{"GET /d/{slug}/map", s.public(s.mapPage)},
		{"GET /d/{slug}/map/views", s.public(s.mapViews, "sort", "page")},
		{"GET /v/{code}", s.canonical(s.public(s.thread))},
		{"GET /entry/{position}", s.public(s.entry)},
		{"GET /withheld", s.public(s.withheld, "reason", "dialogue", "page")},
		{"GET /verify", s.public(s.verify, "code")},
		{"GET /checkpoint", s.public(s.sheet)},
		{"GET /witnesses", s.public(s.witnesses)},
		{"GET /about", s.public(s.about)},
	}
}

// partRoutes are the pages of who takes part, and of who holds a receipt.
func (s *Server) partRoutes() []route {
	return []route{
		{"GET /d/{slug}/take-part", s.takePart},
		{"POST /d/{slug}/take-part", s.vote},
		{"POST /d/{slug}/card", s.showCard},
		{"GET /d/{slug}/my-votes", s.myVotes},
		{"GET /d/{slug}/map/me", s.mapMe},
		{"GET /d/{slug}/put-forward", s.putForwardForm},
		{"POST /d/{slug}/put-forward", s.putForward},
		{"GET /d/{slug}/about-you", s.aboutYouForm},
		{"POST /d/{slug}/about-you", s.aboutYou},
		{"POST /somebody-else", s.somebodyElse},
		{"GET /mine", s.mine},
		{"GET /receipt", s.receiptPage},
		{"GET /r/{code}", s.receiptPage},
		{"POST /receipt", s.openReceipt},
		{"POST /receipt/file", s.receiptFile},
		{"POST /receipt/{act}", s.holderDo},
	}
}

// accountRoutes are the pages of signing in.
func (s *Server) accountRoutes() []route {
	return []route{
		{"GET /signin", s.signInForm},
		{"POST /signin", s.signIn},
		{"POST /signin/passkey/begin", s.beginPasskeySignIn},
		{"POST /signin/passkey", s.passkeySignIn},
		{"POST /signout", s.signOut},
		{"GET /invitation", s.invitationForm},
		{"POST /invitation", s.acceptInvitation},
		{"GET /account", s.accountPage},
		{"POST /account/passkey/begin", s.beginPasskey},
		{"POST /account/passkey", s.addPasskey},
		{"POST /account/{act}", s.accountAct},
		{"GET /desk/staff", s.desk(s.staffPage)},
		{"POST /desk/staff/{act}", s.desk(s.staffAct)},
	}
}

// chainRoutes are the public pages of what became of views.
func (s *Server) chainRoutes() []route {
	return []route{
		{"GET /authorities", s.public(s.authorities)},
		{"GET /a/{id}", s.public(s.dated(s.authority), "on")},
		{"GET /d/{slug}/needs", s.public(s.needs)},
		{"GET /n/{id}", s.public(s.need)},
		{"GET /commitments", s.public(s.dated(s.commitments), commitmentFilters...)},
		{"GET /c/{id}", s.public(s.commitment)},
		{"GET /overdue", s.public(s.dated(s.overdue), "page", "on")},
	}
}

// needRoutes are the desk of those who gather views and hand them on.
func (s *Server) needRoutes() []route {
	return []route{
		{"GET /desk/d/{slug}/map", s.desk(s.liveMap)},
		{"GET /desk/d/{slug}/needs", s.desk(s.gatherForm)},
		{"POST /desk/d/{slug}/needs", s.desk(s.identifyNeed)},
		{"GET /desk/n/{id}", s.desk(s.needDesk)},
		{"POST /desk/n/{id}/{act}", s.desk(s.needAct)},
		{"GET /desk/refer", s.desk(s.referDesk)},
		{"POST /desk/refer", s.desk(s.referMany)},
		{"POST /desk/told", s.desk(s.tellHolder)},
		{"POST /desk/supply", s.desk(s.supplyOffice)},
		{"GET /desk/settings", s.desk(s.settingsDesk)},
		{"POST /desk/settings/{act}", s.desk(s.settingsAct)},
	}
}

// dataRoutes are the public files: what the pages show, for spreadsheets, feed
// readers and calendars.
func (s *Server) dataRoutes() []route {
	return []route{
		{"GET /data/views.csv", s.public(s.viewsSheet, "dialogue", "page")},
		{"GET /data/commitments.csv", s.public(s.commitmentsSheet, "page")},
		{"GET /data/answers.csv", s.public(s.answersSheet, "page")},
		{"GET /data/overdue.csv", s.public(s.overdueSheet, "page")},
		{"GET /feeds/views.atom", s.public(s.viewsFeed)},
		{"GET /feeds/commitments.atom", s.public(s.commitmentsFeed)},
		{"GET /feeds/answers.atom", s.public(s.answersFeed)},
		{"GET /feeds/overdue.atom", s.public(s.overdueFeed)},
		{"GET /calendar.ics", s.public(s.calendar)},
	}
}

// officeRoutes are the desk of public authorities.
func (s *Server) officeRoutes() []route {
	return []route{
		{"GET /desk/cases", s.desk(s.cases)},
		{"POST /desk/cases/acknowledge", s.desk(s.acknowledgeMany)},
		{"GET /desk/case/{id}", s.desk(s.openOfficeCase)},
		{"POST /desk/case/{id}/{act}", s.desk(s.officeAct)},
		{"GET /desk/answers", s.desk(s.answers)},
		{"POST /desk/answers", s.desk(s.startAnswer)},
		{"POST /desk/answers/sign", s.desk(s.signMany)},
		{"GET /desk/answer/{draft}", s.desk(s.answering)},
		{"POST /desk/answer/{draft}", s.desk(s.answeringAct)},
		{"GET /desk/letter/{answer}", s.desk(s.letter)},
		{"GET /desk/signing", s.desk(s.delegation)},
		{"POST /desk/signing", s.desk(s.delegate)},
		{"GET /desk/office", s.desk(s.officePage)},
		{"POST /desk/office", s.desk(s.noteContext)},
	}
}

// planRoutes are the desks of those who promise, of those who check, and of the
// board.
func (s *Server) planRoutes() []route {
	return []route{
		{"GET /desk/commitments", s.desk(s.promises)},
		{"GET /desk/n/{need}/commit", s.desk(s.promiseForm)},
		{"POST /desk/n/{need}/commit", s.desk(s.promise)},
		{"GET /desk/c/{id}", s.desk(s.promised)},
		{"POST /desk/c/{id}/{act}", s.desk(s.promisedAct)},
		{"GET /desk/monitor", s.desk(s.monitor)},
		{"GET /desk/board", s.desk(s.board)},
	}
}
