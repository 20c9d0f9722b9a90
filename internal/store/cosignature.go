package store

import (
	"database/sql"
	"slices"
)

// Cosignature is a witness's signature on a stored checkpoint.
type Cosignature struct {
	Key       string // the witness's key: name and key hash
	At        int64  // when it signed by its own clock, seconds since 1970
	Size      int64  // of the checkpoint
	Signature string // base64 of its line in the note
}

const cosignatureColumns = "key, at, size, signature"

// dayOfSeconds is the length of a day in the time scale of cosignatures, which
// knows no leap seconds.
const dayOfSeconds = 86400

// SaveCosignature stores a cosignature; added is false where it is there
// already. What nobody needs any more goes: of one key's signatures on a
// checkpoint the first and the newest stay, and of those on checkpoints below
// keep (the published one's size) the last of each UTC day. So a witness that
// signs every minute leaves a row a day, and the log's times stay bounded.
func (r *Records) SaveCosignature(c Cosignature, keep int64) (added bool, err error) {
	n, err := r.exec("save cosignature", "INSERT INTO cosignature ("+cosignatureColumns+") VALUES ($1, $2, $3, $4) ON CONFLICT (key, at, size) DO NOTHING",
		c.Key, c.At, c.Size, c.Signature)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = r.exec("thin cosignatures", `DELETE FROM cosignature WHERE key = $1 AND size = $2
		AND at > (SELECT min(at) FROM cosignature WHERE key = $1 AND size = $2) AND at < (SELECT max(at) FROM cosignature WHERE key = $1 AND size = $2)`,
		c.Key, c.Size)
	if err != nil {
		return true, err
	}
	day := c.At - c.At%dayOfSeconds
	_, err = r.exec("thin cosignatures", `DELETE FROM cosignature WHERE key = $1 AND size < $2 AND at >= $3 AND at < $4 AND at < $5`,
		c.Key, min(keep, c.Size), day, day+dayOfSeconds, c.At)
	return true, err
}

// CosignaturesOf lists the cosignatures on the checkpoint of a size, oldest
// first.
func (r *Records) CosignaturesOf(size int64) ([]Cosignature, error) {
	return r.cosignatures("size = $1 ORDER BY at, key", size)
}

// CosignaturesBetween lists the cosignatures of moments from from up to, not
// including, to, oldest first.
func (r *Records) CosignaturesBetween(from, to int64) ([]Cosignature, error) {
	return r.cosignatures("at >= $1 AND at < $2 ORDER BY at, key", from, to)
}

// LatestCosignatures lists the newest cosignature of each key, by key; of those
// of one second that on the largest checkpoint.
func (r *Records) LatestCosignatures() ([]Cosignature, error) {
	all, err := r.cosignatures("at = (SELECT max(other.at) FROM cosignature AS other WHERE other.key = cosignature.key) ORDER BY key, size DESC")
	return slices.CompactFunc(all, func(a, b Cosignature) bool { return a.Key == b.Key }), err
}

// CosignatureDays lists the days on which there are cosignatures, oldest first,
// as days since 1970 (UTC).
func (r *Records) CosignatureDays() ([]int64, error) {
	var all []int64
	err := r.rows("list days of cosignatures", "SELECT DISTINCT at / $1 AS day FROM cosignature ORDER BY day", []any{int64(dayOfSeconds)}, func(rows *sql.Rows) error {
		var day int64
		err := rows.Scan(&day)
		all = append(all, day)
		return err
	})
	return all, err
}

func (r *Records) cosignatures(condition string, args ...any) ([]Cosignature, error) {
	var all []Cosignature
	err := r.rows("list cosignatures", "SELECT "+cosignatureColumns+" FROM cosignature WHERE "+condition, args, func(rows *sql.Rows) error {
		var c Cosignature
		err := rows.Scan(&c.Key, &c.At, &c.Size, &c.Signature)
		all = append(all, c)
		return err
	})
	return all, err
}
