package store_test

import (
	"errors"
	"testing"

	"samleng/internal/store"
)

// TestOutbox takes a notice from queueing to forgetting.
func TestOutbox(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		update := func(fn func(*store.Records) error) {
			t.Helper()
			if err := s.Update(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		update(func(r *store.Records) error {
			for i, row := range []struct{ cause, to string }{{"late", "a"}, {"first", "b"}, {"second", "a"}, {"first", "a"}, {"first", "a"}} {
				added, err := r.QueueNotice([]byte(row.cause), []byte(row.to), int64(i), map[bool]int64{true: 50, false: 10}[row.cause == "late"])
				if err != nil || added != (i < 4) {
					t.Errorf("row %d: added %v, %v", i, added, err)
				}
			}
			return nil
		})
		read := s.Records(ctx)
		due, err := read.DueNotices(10, 2)
		if err != nil || len(due) != 2 || string(due[0].Recipient) != "b" || string(due[1].Cause) != "second" {
			t.Fatalf("%v: %v", due, err)
		}
		mine, his := due[0], due[0]
		update(func(r *store.Records) error {
			first, err := r.ClaimNotice(&mine, 30)
			second, err2 := r.ClaimNotice(&his, 30)
			if !first || second || mine.Tries != 1 {
				t.Errorf("claimed %v and %v, tries %d", first, second, mine.Tries)
			}
			return errors.Join(err, err2)
		})
		if due, err := read.DueNotices(29, 10); err != nil || len(due) != 2 {
			t.Errorf("%d due beside a claim: %v", len(due), err)
		}
		// The claim lapses, and somebody else takes it up: the first says nothing.
		his = mine
		update(func(r *store.Records) error {
			again, err := r.ClaimNotice(&his, 60)
			settled, err2 := r.SettleNotice(mine, store.NoticeSent, 40)
			if !again || settled {
				t.Errorf("taken up %v, settled by who lost it %v", again, settled)
			}
			settled, err3 := r.SettleNotice(his, store.NoticeSent, 41)
			twice, err4 := r.SettleNotice(his, store.NoticeFailed, 42)
			if !settled || twice {
				t.Errorf("settled %v, and again %v", settled, twice)
			}
			return errors.Join(err, err2, err3, err4)
		})
		if n, err := read.WaitingNotices(); err != nil || n != 3 {
			t.Errorf("%d wait: %v", n, err)
		}
		update(func(r *store.Records) error { return r.ForgetNotices(41) })
		if all, err := read.Notices(); err != nil || len(all) != 4 {
			t.Errorf("%d kept: %v", len(all), err)
		}
		update(func(r *store.Records) error { return r.ForgetNotices(42) })
		if all, err := read.Notices(); err != nil || len(all) != 3 {
			t.Errorf("%d kept: %v", len(all), err)
		}
	})
}

// TestMoveSetting lets one of two who read the same move it.
func TestMoveSetting(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		err := s.Update(ctx, func(r *store.Records) error {
			missing, err := r.MoveSetting("cursor", nil, []byte{1})
			_, err2 := r.InitSetting("cursor", nil)
			first, err3 := r.MoveSetting("cursor", nil, []byte{1})
			second, err4 := r.MoveSetting("cursor", nil, []byte{2})
			if missing || !first || second {
				t.Errorf("moved %v, %v, %v", missing, first, second)
			}
			return errors.Join(err, err2, err3, err4)
		})
		if err != nil {
			t.Fatal(err)
		}
		if stands, _, err := s.Records(ctx).Setting("cursor"); err != nil || string(stands) != "\x01" {
			t.Errorf("%q: %v", stands, err)
		}
	})
}
