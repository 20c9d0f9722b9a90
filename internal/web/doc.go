// Package web is the pages: what people see and send, in their language, with
// no script needed.
//
// # Adding a page
//
//  1. A line in routes.go: pattern and handler. Handlers are methods of Server
//     with the signature of handler: they return an error, and one place
//     (error.go) makes a page of it in the reader's language.
//  2. A file for the page or its small family (home.go, thread.go …) with its
//     view model: a struct that holds copies of what the page shows. Take it
//     from the state inside one Reader.View call, doing no I/O there; read
//     words (Server.words, Reader.Text) after it.
//  3. templates/NAME.html, which defines "content" and gets the view model as
//     its dot. Components stand in templates/part-*.html: "balance", "tiles",
//     "view" (one view in a list), "pager", "problem", "sign" …
//  4. Messages "web.PAGE.THING" in every catalogue. Words for codes of the
//     vocabulary are "code.SET.CODE", written {{code "set" .Code}}. A test walks
//     all templates and all Go files for keys and wants each in all catalogues.
//  5. A line in pages_test.go, which renders every page in every language.
//
// A public page is cached: it is a function of its path, the query parameters
// it names, the language, the register's position and the day, and of nothing
// else. Register it with Server.public. It gets a visit and returns a page; no
// cookie but the language's may change what it shows.
//
// A page for one person (a form, a receipt, a desk) is a plain handler:
//
//	func (s *Server) takePart(w http.ResponseWriter, r *http.Request) error {
//		v := s.visit(r)
//		…
//		return s.show(w, v, page{Name: "take-part", Title: v.L.T("web.take_part.title"), Data: form})
//	}
//
// A POST handler reads its fields with readForm (which limits them), submits
// with the token of the form's hidden field "token" (formToken makes one), and
// answers 303 with s.seeOther(w, r, "/d/x/take-part", receipt.Position): the
// address then carries ?at=POSITION, and the page waits for it. Where the
// form cannot be accepted, show it again with what was typed and the problem
// above it: s.again(w, v, err, page{…}). An error that is simply returned gives
// the general error page, which hands back what was typed too, with a button
// that sends the same form (and so the same token) again.
//
// A page of the desk is for somebody who is signed in: register it with
// Server.desk, which gives the handler the member; show deskPage, whose template
// begins with {{template "desk-bar" .Bar}} (member.bar) and may use the classes of
// static/desk.css. What it offers is asked of the rules (member.may), and the
// register decides all the same. A form of it that is refused is shown again with
// the page as it is now and what was typed; one that does several acts derives
// their tokens from its own (derived).
//
// A form with files of evidence is read with readEvidence: its fields stand
// before its files, files that were stored come back as hidden fields, and one
// that cannot be taken costs nothing else. Add its address to takesEvidence.
//
// Classes of the style sheet (static/style.css) are few: main > section.card,
// .lead, .button (.plain, .quiet), .choices, .field with label and .hint,
// .words (what somebody said, byte for byte), .sign, .figure, .late, .notice.
package web
