package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// Holding is what the holder of a receipt shows. It is sent in a body: what
// stands in addresses ends up in logs.
type Holding struct {
	Code   string `json:"code" doc:"The receipt's code" example:"KH-4T2M-9QXA-7"`
	Secret string `json:"secret" doc:"The receipt's secret"`
}

// ReceiptFile is a receipt that can be checked with no server.
type ReceiptFile struct {
	Version    int       `json:"version"`
	Index      int64     `json:"index" doc:"The act's place in the log, from 0"`
	Header     string    `json:"header" doc:"The act's header, byte for byte: the leaf of the log"`
	Openings   []Opening `json:"openings"`
	Checkpoint string    `json:"checkpoint,omitempty" doc:"Missing while no checkpoint covers the act"`
	Inclusion  []string  `json:"inclusion,omitempty" doc:"Hashes (base64) that lead from the header to the checkpoint's root"`
}

// Opening is a section of an act with what its digest is made of.
type Opening struct {
	Name    string `json:"name"`
	Salt    string `json:"salt" doc:"Base64"`
	Content string `json:"content" doc:"JSON, byte for byte"`
}

type (
	holdingIn struct{ JSONBody }
	actIn     struct {
		Act string `path:"act" doc:"The id of an act" maxLength:"26"`
	}
	fileOut struct {
		ContentType string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
)

func position(n int64) string { return strconv.FormatInt(n, 10) }

func receiptLink(id act.ID) string { return Prefix + "/receipts/" + id.String() }

// receiptRoutes read what is public of a receipt.
func (a *API) receiptRoutes() {
	public := operation("get-receipt", http.MethodGet, "/receipts/{act}", "The receipt of an act as a file, with what is public of it")
	a.answersFile(&public)
	huma.Register(a.huma, public, a.publicReceipt)
}

// holderRoutes are for whoever has a receipt's secret.
func (a *API) holderRoutes() {
	huma.Register(a.huma, posting[Holding](a, "open-receipt", "/receipts", "A view as its holder sees it", maxSmallBody), a.openReceipt)
	file := posting[Holding](a, "holder-receipt", "/receipts/file", "The receipt as a file, with everything of the holder's", maxSmallBody)
	a.answersFile(&file)
	huma.Register(a.huma, file, a.holderReceipt)
}

// answersFile says that an operation answers with a receipt.
func (a *API) answersFile(op *huma.Operation) {
	schema := huma.SchemaFromType(a.huma.OpenAPI().Components.Schemas, reflect.TypeFor[ReceiptFile]())
	op.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}},
	}}
}

// holder gives the view whose code and secret a body holds. The register limits
// wrong secrets; mistyped and unknown codes are not, for codes are no secret.
func (a *API) holder(ctx context.Context, in *holdingIn) (civic.Actor, error) {
	var holding Holding
	if err := in.decode(&holding); err != nil {
		return civic.Actor{}, err
	}
	if holding.Code == "" {
		return civic.Actor{}, problem.New(problem.Invalid, "problem.required").In("code")
	}
	if holding.Secret == "" || len(holding.Secret) > 100 {
		return civic.Actor{}, problem.New(problem.Invalid, "problem.secret_missing").In("secret")
	}
	id, err := a.find(holding.Code)
	if err != nil {
		return civic.Actor{}, err
	}
	return a.register.Holder(ctx, id.CodeKey(), holding.Secret)
}

func (a *API) openReceipt(ctx context.Context, in *holdingIn) (*threadOut, error) {
	who, err := a.holder(ctx, in)
	if err != nil {
		return nil, err
	}
	return a.thread(ctx, who, who.Holds)
}

func (a *API) holderReceipt(ctx context.Context, in *holdingIn) (*fileOut, error) {
	who, err := a.holder(ctx, in)
	if err != nil {
		return nil, err
	}
	return a.file(ctx, who, who.Holds)
}

func (a *API) publicReceipt(ctx context.Context, in *actIn) (*fileOut, error) {
	id, err := act.ParseID(in.Act)
	if err != nil {
		return nil, problem.Wrap(err, problem.NotFound, "problem.act_unknown")
	}
	return a.file(ctx, civic.Actor{}, id)
}

func (a *API) file(ctx context.Context, who civic.Actor, id act.ID) (*fileOut, error) {
	receipt, err := a.reader.ReceiptFile(ctx, who, id)
	if err != nil {
		return nil, err
	}
	encoded, err := receipt.Encode()
	if err != nil {
		return nil, err
	}
	name := `attachment; filename="receipt-` + id.String() + `.json"`
	return &fileOut{ContentType: "application/json", Disposition: name, Body: encoded}, nil
}
