//go:build !unix

package witness

import (
	"errors"
	"fmt"
)

// lockFile refuses where there is no lock that ends with the process: without
// one, two programs on one folder could sign two roots for one size.
func lockFile(name string) (unlock func() error, err error) {
	return nil, fmt.Errorf("lock %s: %w", name, errors.ErrUnsupported)
}
