package web

import (
	"net/http"
	"strconv"
	"sync"

	"samleng/internal/register"
)

// showReceipts shows what became of every row, and how to go on where not all
// were filed.
func (s *Server) showReceipts(w http.ResponseWriter, v *visit, data *fileView, receipts []filedReceipt, trouble error) error {
	data.Receipts = receipts
	for _, r := range receipts {
		if r.Wrong != "" {
			data.Left++
		}
	}
	if len(receipts) <= cardsMost {
		for _, r := range receipts {
			if r.Wrong != "" {
				continue
			}
			card, err := s.receiptOf(register.Receipt{Code: r.Code, Secret: r.Secret}, data.Names)
			if err != nil {
				return err
			}
			data.Cards = append(data.Cards, card)
		}
	}
	if trouble != nil {
		data.Problem = viewOf(v.L, problemOf(trouble))
	}
	return s.showDesk(w, v, trouble, data.page(v))
}

// receiptSheet is the receipts as a file: what the organisation calls the row,
// code, secret, and where the code leads.
func (s *Server) receiptSheet(v *visit, receipts []filedReceipt) [][]string {
	rows := [][]string{{v.T("web.file.row"), v.T("web.file.column.reference"), v.T("word.code"), v.T("word.secret"), v.T("web.file.link"), v.T("web.file.outcome")}}
	for _, r := range receipts {
		outcome, link := r.Wrong, ""
		if outcome == "" {
			outcome, link = v.T("word.registered"), s.receiptLink(r.Code)
		}
		rows = append(rows, []string{strconv.Itoa(r.N), r.Reference, string(r.Code), r.Secret, link, outcome})
	}
	return rows
}

// filingAtOnce is how many rows are on their way to the register together,
// so that they share its transactions.
const filingAtOnce = 16

// fileRows registers every row under a token of its own, made from the form's:
// sent again, a row gives the receipt it gave before. The error is the first
// that a row met; the other rows are filed all the same, for what went wrong
// was not foreseeable, and sending the form again completes it.
func (s *Server) fileRows(v *visit, m *member, f *filer, rows []filed, form register.Token) ([]filedReceipt, error) {
	receipts, errs := make([]filedReceipt, len(rows)), make([]error, len(rows))
	var group sync.WaitGroup
	slots := make(chan struct{}, filingAtOnce)
	for i, row := range rows {
		receipts[i] = filedReceipt{N: row.N, Reference: row.Reference}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			who, draft, err := f.draft(row, m)
			if err == nil {
				var receipt register.Receipt
				receipt, err = s.register.Submit(v.r.Context(), who, draft, derived(form, "row "+strconv.Itoa(row.N)))
				receipts[i].Code, receipts[i].Secret = receipt.Code, receipt.Secret
			}
			errs[i] = err
		})
	}
	group.Wait()
	var first error
	for i, err := range errs {
		if err == nil {
			continue
		}
		trouble := problemOf(err)
		s.note(v.r, err, trouble)
		receipts[i].Wrong = v.T(trouble.Key, trouble.Params...)
		if first == nil {
			first = err
		}
	}
	return receipts, first
}
