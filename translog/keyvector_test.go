package translog_test

import (
	"strings"
	"testing"

	"samleng/translog"
)

// keyChangeVector is what an act key.changed says.
type keyChangeVector struct {
	About        string `json:"about"`
	Old          string `json:"old"`
	New          string `json:"new"`
	OldSignature string `json:"old_signature"`
	NewSignature string `json:"new_signature"`
}

func (v keyChangeVector) change() translog.KeyChange {
	return translog.KeyChange{Old: v.Old, New: v.New, OldSignature: v.OldSignature, NewSignature: v.NewSignature}
}

// makeKeyChanges gives changes of key, and others that are none.
func makeKeyChanges(t *testing.T) (good, bad []keyChangeVector) {
	from := counter(100)
	log := func(name string) string {
		skey, _, err := translog.GenerateKey(&from, name)
		if err != nil {
			t.Fatal(err)
		}
		return skey
	}
	witness := func(name string) string {
		skey, _, err := translog.GenerateCosignerKey(&from, name)
		if err != nil {
			t.Fatal(err)
		}
		return skey
	}
	made := func(about, old, now string) keyChangeVector {
		c, _ := translog.ChangeKey(old, now) // what is wrong with it is for its vector to show
		return keyChangeVector{about, c.Old, c.New, c.OldSignature, c.NewSignature}
	}
	first, second := log(testOrigin), log(testOrigin)
	good = []keyChangeVector{
		made("a log's", first, second),
		made("a witness's", witness("witness.example"), witness("witness.example")),
	}
	damaged := func(about string, damage func(v *keyChangeVector)) keyChangeVector {
		v := good[0]
		v.About = about
		damage(&v)
		return v
	}
	return good, []keyChangeVector{
		made("to a key of another name", first, log("log.example/other")),
		made("from a log's to a witness's", first, witness(testOrigin)),
		made("to the same key", first, first),
		damaged("signatures exchanged", func(v *keyChangeVector) { v.OldSignature, v.NewSignature = v.NewSignature, v.OldSignature }),
		damaged("signed by the new key alone", func(v *keyChangeVector) { v.OldSignature = v.NewSignature }),
		damaged("keys exchanged", func(v *keyChangeVector) { v.Old, v.New = v.New, v.Old }),
		damaged("to a third key", func(v *keyChangeVector) { v.New = made("", first, log(testOrigin)).New }),
		damaged("a signature with loose bits", func(v *keyChangeVector) { v.NewSignature = loosened(v.NewSignature) }),
		damaged("a signature with a line break", func(v *keyChangeVector) { v.OldSignature += "\n" }),
		damaged("no signature", func(v *keyChangeVector) { v.OldSignature = "" }),
		damaged("a key that is none", func(v *keyChangeVector) { v.New = strings.Replace(v.New, "+", "-", 1) }),
	}
}

// loosened sets a bit behind the last byte of base64 that ends with two signs of
// padding.
func loosened(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(text) - 3
	return text[:last] + string(alphabet[strings.IndexByte(alphabet, text[last])|1]) + text[last+1:]
}

func (v *vectors) checkKeyChanges(t *testing.T) {
	for _, c := range v.KeyChanges {
		if err := c.change().Verify(); err != nil {
			t.Errorf("change of key: %s: %v", c.About, err)
		}
	}
	for _, c := range v.Bad.KeyChanges {
		if c.change().Verify() == nil {
			t.Errorf("change of key: %s: passes", c.About)
		}
	}
}
