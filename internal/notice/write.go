package notice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
	"samleng/internal/store"
)

// errNobody says that there is nobody to tell any more, or nothing.
var errNobody = errors.New("notice: there is nobody to tell, or nothing")

// write makes the message of a group of rows. Whether it is still to be sent is
// asked now: addresses are taken away, posts change hands, work gets done.
func (n *Notices) write(ctx context.Context, group []store.Notice, now time.Time) (letter, error) {
	to, err := recipientOf(group[0].Recipient)
	switch {
	case err != nil:
		return letter{}, err
	case isDay(group[0].Cause):
		return n.writeDigest(ctx, string(group[0].Cause), to, now)
	}
	var headers []*act.Header
	for _, row := range group {
		h, err := n.header(ctx, row.Cause)
		if err != nil {
			return letter{}, err
		}
		if now.Sub(h.At) <= oldest {
			headers = append(headers, h)
		}
	}
	switch {
	case len(headers) == 0:
		return letter{}, errNobody
	case to.kind == holder:
		return n.writeHolder(ctx, headers[0], to)
	}
	return n.writeStaff(ctx, headers, to, now)
}

func (n *Notices) header(ctx context.Context, cause []byte) (*act.Header, error) {
	if len(cause) != len(act.ID{}) {
		return nil, fmt.Errorf("%w: a notice about nothing", store.ErrDamaged)
	}
	stored, err := n.register.Store().ActByID(ctx, store.ID(cause))
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNobody // a backup was restored that does not have it
	}
	if err != nil {
		return nil, err
	}
	return act.DecodeHeader(stored.Header)
}

func (n *Notices) writeHolder(ctx context.Context, h *act.Header, to recipient) (letter, error) {
	contact, err := n.register.Contact(ctx, to.id)
	if errors.Is(err, register.ErrNotFound) {
		return letter{}, errNobody
	}
	if err != nil {
		return letter{}, err
	}
	var told news
	var zone *time.Location
	n.register.View(func(s *civic.State) {
		zone = s.Zone()
		told = newsOf(s, h, s.Statement(contact.About))
	})
	if told.What == "" {
		return letter{}, errNobody
	}
	l := locale.Get(contact.Language)
	return letter{To: contact.Address, Language: l.Tag(), Subject: l.T("mail.holder.subject"), Body: told.text(l, zone, n.config.BaseURL)}, nil
}

// member gives the account of a member of staff who wants to be told, and the
// language to do it in.
func (n *Notices) member(ctx context.Context, id act.ID) (account struct {
	Address      string
	Organisation act.ID
}, l *locale.Locale, err error) {
	if n.config.Accounts == nil {
		return account, nil, errNobody
	}
	who, err := n.config.Accounts.Get(ctx, id)
	if err != nil && problem.Of(err).Kind == problem.NotFound {
		return account, nil, errNobody
	}
	if err != nil {
		return account, nil, err
	}
	if account.Address, err = ParseAddress(who.Email); err != nil || who.Suspended || who.Quiet || !who.Ready() {
		return account, nil, errNobody
	}
	account.Organisation = who.Organisation
	language := who.Language
	if !locale.Known(language) {
		n.register.View(func(s *civic.State) {
			if p := s.Programme(); p != nil && len(p.Languages) > 0 {
				language = p.Languages[0]
			}
		})
	}
	return account, locale.Get(language), nil
}

func (n *Notices) writeStaff(ctx context.Context, headers []*act.Header, to recipient, now time.Time) (letter, error) {
	who, l, err := n.member(ctx, to.id)
	if err != nil {
		return letter{}, err
	}
	var came arrivals
	n.register.View(func(s *civic.State) {
		if !has(s.RolesOf(who.Organisation, to.id, now), officerRoles...) {
			return
		}
		for _, h := range headers {
			came.add(s, h, who.Organisation)
		}
	})
	if came == (arrivals{}) {
		return letter{}, errNobody
	}
	return letter{To: who.Address, Language: l.Tag(), Subject: l.T("mail.staff.subject"), Body: came.text(l, n.config.BaseURL)}, nil
}

func (n *Notices) writeDigest(ctx context.Context, day string, to recipient, now time.Time) (letter, error) {
	who, l, err := n.member(ctx, to.id)
	if err != nil {
		return letter{}, err
	}
	var d digest
	n.register.View(func(s *civic.State) {
		now = now.In(s.Zone())
		// One that could not be sent on its day says nothing that the next does
		// not say better.
		if now.Format(time.DateOnly) == day {
			d = digestOf(s, who.Organisation, to.id, now)
		}
	})
	if !d.something() {
		return letter{}, errNobody
	}
	return letter{To: who.Address, Language: l.Tag(), Subject: l.T("mail.digest.subject"), Body: d.text(l, n.config.BaseURL)}, nil
}
