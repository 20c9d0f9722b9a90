package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"samleng/internal/api"
	"samleng/translog"
)

// shownOnPage finds the two parts of a receipt on a page: the code, then the
// secret.
var shownOnPage = regexp.MustCompile(`<p class="code big">([0-9A-Z-]+)</p>`)

// sendForm puts a view forward as the page's form does, and then opens it with
// the code and the secret that the page shows. What comes back says where in the
// log it stands.
func (c *crowd) sendForm(ctx context.Context, token string, into *held) (bool, error) {
	base := *c.base.Load()
	if base == "" {
		return false, nil
	}
	if into.secret == "" {
		status, page, err := c.postForm(ctx, base+"/d/"+slug+"/put-forward", url.Values{
			"token": {token}, "person": {token}, "text": {into.words}, "written": {"en"}, "visibility": {"open"},
		})
		if err != nil {
			return false, nil // no answer: nobody knows
		}
		parts := shownOnPage.FindAllStringSubmatch(page, -1)
		switch {
		case status == http.StatusServiceUnavailable && len(parts) == 0:
			c.told.Add(1)
			return false, nil
		case status != http.StatusOK || len(parts) != 2:
			return false, fmt.Errorf("a form was answered with status %d and %d parts of a receipt:\n%s", status, len(parts), page)
		}
		into.code, into.secret = parts[0][1], parts[1][1]
	}
	// From here on it has a receipt, whatever becomes of the server.
	status, content, err := c.post(ctx, base+api.Prefix+"/receipts/file", api.Holding{Code: into.code, Secret: into.secret})
	if err != nil || status == http.StatusServiceUnavailable {
		return false, nil
	}
	if status != http.StatusOK {
		return false, fmt.Errorf("the receipt that the page showed: status %d: %s", status, content)
	}
	receipt, err := translog.DecodeReceipt(content)
	if err != nil {
		return false, err
	}
	report, err := receipt.Verify(testOrigin, c.verifier)
	if err != nil {
		return false, err
	}
	into.act, into.position = report.Header.ID, receipt.Index
	c.forms.Add(1)
	return true, nil
}

func (c *crowd) postForm(ctx context.Context, address string, form url.Values) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}
