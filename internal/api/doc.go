// Package api serves the register to programs: a JSON API under /api/v1 that
// describes itself at /api/v1/openapi.json (OpenAPI 3.1), the transparency log
// under /log/ as tiles (C2SP tlog-tiles), and what whoever runs the server
// needs: /healthz and /metrics.
//
// Nobody signs in here. Who takes part shows a token that they drew themselves,
// in a header or a body and never in an address; who holds a receipt shows its
// code and secret in a body. No cookie is read, so a page of another site can
// do nothing here in a visitor's name: cross-origin requests are let in, and
// http.CrossOriginProtection has nothing to protect.
package api
