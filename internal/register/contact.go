package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// Contact is where the holder of a view wants to be told what becomes of it. It
// is private and is no part of the record: stored sealed, gone when its holder
// takes it away and with the words of the view.
type Contact struct {
	ID    act.ID // a random one: another for every address that was left
	About act.ID // the view
	// Address is an e-mail address, Language the tag of the one to write in.
	Address, Language string
}

// keptContact is a contact's bytes before they are sealed.
type keptContact struct {
	Address  string `json:"address"`
	Language string `json:"language"`
}

// NoticeKey is the key that names the messages that are sent.
func (r *Register) NoticeKey() ([]byte, error) { return r.keys.subkey("notice") }

// bound ties a contact's bytes to whose they are.
func (c Contact) bound() []byte { return append(c.ID[:], c.About[:]...) }

func (r *Register) sealContact(c Contact) (store.Contact, error) {
	plain, err := json.Marshal(keptContact{c.Address, c.Language})
	if err != nil {
		return store.Contact{}, fmt.Errorf("seal a contact: %w", err)
	}
	sealed, err := r.sealPrivate("contact", c.bound(), plain)
	return store.Contact{ID: store.ID(c.ID), About: store.ID(c.About), Bytes: sealed}, err
}

func (r *Register) openContact(stored store.Contact) (Contact, error) {
	c := Contact{ID: act.ID(stored.ID), About: act.ID(stored.About)}
	plain, err := r.openPrivate("contact", c.bound(), stored.Bytes)
	if err != nil {
		return c, err
	}
	var kept keptContact
	if err := json.Unmarshal(plain, &kept); err != nil {
		return c, fmt.Errorf("open a contact: %w", err)
	}
	c.Address, c.Language = kept.Address, kept.Language
	return c, nil
}

// LeaveContact keeps where the holder of a view wants to be told, in place of
// what they left before. The caller has looked at the address. The error is
// ErrErased where the view's words are gone (there is nothing to tell then) and
// ErrNotFound where there is no such act.
func (r *Register) LeaveContact(ctx context.Context, who civic.Actor, address, language string) error {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return ErrReadOnly
	}
	id, err := act.NewID(r.config.Random)
	if err != nil {
		return fmt.Errorf("leave a contact: %w", err)
	}
	stored, err := r.sealContact(Contact{ID: id, About: who.Holds, Address: address, Language: language})
	if err != nil {
		return err
	}
	// The log head's lock keeps erasures out meanwhile, by whichever process: an
	// address never outlives the words.
	err = r.store.Append(ctx, func(tx *store.Tx) error {
		has, err := tx.HasSection(stored.About, "text")
		if err != nil {
			return err
		}
		if !has {
			return ErrErased
		}
		if err := dropContacts(tx, who.Holds); err != nil {
			return err
		}
		return tx.PutContact(stored)
	})
	if err != nil && !errors.Is(err, ErrErased) && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

// dropContacts deletes, within a transaction, whoever is to be told about a
// view, and has the bytes scrubbed.
func dropContacts(tx *store.Tx, view act.ID) error {
	was, err := tx.DeleteContacts(store.ID(view))
	if err != nil || !was {
		return err
	}
	return noteScrub(tx)
}

// DropContact deletes where the holder of a view wanted to be told.
func (r *Register) DropContact(ctx context.Context, who civic.Actor) error {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return ErrReadOnly
	}
	err := r.store.Append(ctx, func(tx *store.Tx) error { return dropContacts(tx, who.Holds) })
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return r.scrubNow(ctx)
}

// ContactOf gives where the holder of a view wants to be told, ErrNotFound
// where they left nothing.
func (r *Register) ContactOf(ctx context.Context, view act.ID) (Contact, error) {
	stored, err := r.store.Records(ctx).Contacts(store.ID(view))
	if err != nil {
		return Contact{}, unavailable(err)
	}
	if len(stored) == 0 {
		return Contact{}, ErrNotFound
	}
	return r.openContact(stored[0])
}

// Contact finds a contact by its id, ErrNotFound where it is gone.
func (r *Register) Contact(ctx context.Context, id act.ID) (Contact, error) {
	stored, found, err := r.store.Records(ctx).Contact(store.ID(id))
	if err != nil {
		return Contact{}, unavailable(err)
	}
	if !found {
		return Contact{}, ErrNotFound
	}
	return r.openContact(stored)
}

// eraseTx deletes a section within a transaction; with the words of a view goes
// whoever was to be told of it.
func eraseTx(tx *store.Tx, of act.ID, section string) error {
	if section == "text" {
		if err := dropContacts(tx, of); err != nil {
			return err
		}
	}
	if err := tx.EraseSection(store.ID(of), section); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}
