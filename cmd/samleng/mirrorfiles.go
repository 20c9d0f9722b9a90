package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"samleng/act"
	"samleng/audit"
	"samleng/internal/blob"
	"samleng/internal/replica"
)

// filesFolder is where a copy keeps the files of evidence.
const filesFolder = "files"

// filesCopied says what became of the files that a copy names.
type filesCopied struct {
	all, fetched int
	missing      []string // below the site's address
}

// copyFiles gets the files of evidence that everybody may have and that are not
// there yet, and removes those that nothing public names any more.
func copyFiles(ctx context.Context, copied *replica.Replica, site, dir string) (done filesCopied, err error) {
	files, err := blob.Open(dir)
	if err != nil {
		return done, err
	}
	original := audit.Site{Base: site}
	named := map[[sha256.Size]byte]bool{}
	err = copied.Evidence(ctx, func(id act.ID, evidence act.Evidence) error {
		for n, file := range evidence.Files {
			done.all++
			named[file.SHA256] = true
			if _, err := files.Read(file.SHA256); err == nil {
				continue
			}
			path := fmt.Sprintf("file/%s/%d", id, n)
			answer, err := original.Page(ctx, path)
			if errors.Is(err, fs.ErrNotExist) || err == nil && sha256.Sum256(answer.Body) != file.SHA256 {
				done.missing = append(done.missing, path)
				continue
			}
			if err != nil {
				return err
			}
			if err := files.Restore(file.SHA256, answer.Body); err != nil {
				return err
			}
			done.fetched++
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	kept, err := files.All()
	if err != nil {
		return done, err
	}
	for _, sum := range kept {
		if !named[sum] {
			if err := files.Delete(sum); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}
