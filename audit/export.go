package audit

import "context"

func (c *comparison) files(ctx context.Context) error { return nil }
