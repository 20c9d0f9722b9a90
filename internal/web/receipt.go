package web

import (
	"net/http"
	"net/url"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// maxSecret is the most bytes of a code or a secret as somebody types it.
const maxSecret = 100

// receiptForm asks for a code, and for the secret where somebody has it.
type receiptForm struct {
	Code    string
	Problem *problemView
	Shared  bool
	Device  deviceView
}

func (s *Server) receiptForm(v *visit, data receiptForm) page {
	data.Device = s.device(v, false)
	return page{Name: "receipt", Title: v.T("web.receipt.title"), Nav: "receipt", Data: data}
}

// receiptPage is where a code is typed, or filled in by a receipt's picture.
func (s *Server) receiptPage(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	if s.register == nil {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	data := receiptForm{}
	if code := r.PathValue("code"); code != "" {
		_, canonical, err := s.find(code)
		if err != nil {
			data.Code, data.Problem = code, viewOf(v.L, problemOf(err))
			return s.again(w, v, err, s.receiptForm(v, data))
		}
		data.Code = string(canonical)
	}
	return s.show(w, v, s.receiptForm(v, data))
}

// openReceipt leads from a code to the public thread, and from code and secret
// to what is the holder's.
func (s *Server) openReceipt(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	form, err := readForm(r, maxSecret)
	if err != nil {
		return err
	}
	if s.register == nil {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	again := func(err error) error {
		data := receiptForm{Code: form.Get("code"), Problem: viewOf(v.L, problemOf(err))}
		return s.again(w, v, err, s.receiptForm(v, data))
	}
	_, code, err := s.find(form.Get("code"))
	if err != nil && (form.Get("secret") == "" || problemOf(err).Key != "problem.no_such_code") {
		return again(err)
	}
	if form.Get("secret") == "" {
		http.Redirect(w, r, "/v/"+string(code), http.StatusSeeOther)
		return nil
	}
	held, err := s.holding(v, form)
	if err != nil {
		return again(err)
	}
	return s.showHolder(w, v, held, "", nil)
}

// held is a view whose code and secret were shown. They go from form to form
// on pages that no cache keeps: a cookie would stay on a shared phone.
type held struct {
	who    civic.Actor
	code   act.Code
	secret string
}

func (s *Server) holding(v *visit, form url.Values) (held, error) {
	prefix := ""
	s.read.View(func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			prefix = programme.Prefix
		}
	})
	key, err := act.ParseCode(prefix, form.Get("code"))
	if err != nil {
		return held{}, problem.Wrap(err, problem.NotFound, "problem.code").In("code")
	}
	who, err := s.register.Holder(v.r.Context(), key, form.Get("secret"))
	if err != nil {
		return held{}, problemOf(err).In("secret")
	}
	h := held{who: who, secret: form.Get("secret")}
	s.read.View(func(state *civic.State) { h.code = state.Code(who.Holds) })
	return h, nil
}

// receiptFile gives the receipt as a file that verifies with no server.
func (s *Server) receiptFile(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	form, err := readForm(r, maxSecret)
	if err != nil {
		return err
	}
	h, err := s.holding(v, form)
	if err != nil {
		return err
	}
	receipt, err := s.register.ReceiptFile(r.Context(), h.who, h.who.Holds)
	if err != nil {
		return err
	}
	encoded, err := receipt.Encode()
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Disposition", `attachment; filename="receipt-`+string(h.code)+`.json"`)
	header.Set("Cache-Control", "no-store")
	return writeBody(w, r, http.StatusOK, encoded)
}
