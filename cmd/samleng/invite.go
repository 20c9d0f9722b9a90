package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/register"
)

type inviteCommand struct {
	place
	BaseURL      string     `name:"base-url" help:"Address under which people reach the pages." default:"http://localhost:8080" placeholder:"URL"`
	Organisation string     `help:"Id of the organisation, or a part of its name. Without it, all are listed." placeholder:"ID|NAME"`
	New          string     `help:"Enter a new organisation with this name in English instead." placeholder:"NAME"`
	NameKm       string     `name:"name-km" help:"Its name in Khmer." placeholder:"NAME"`
	Type         string     `help:"What the new organisation is: ${organisation_types}." default:"other" placeholder:"TYPE"`
	Authority    bool       `help:"The new organisation is a public authority: it answers views and moderates none."`
	Role         []act.Role `help:"Roles to give; administrators invite the rest of their staff on a page." default:"administrator"`
	Name         string     `help:"What the person is called among the organisation's administrators. It is never published." default:"Administrator"`
	SignIn       string     `name:"sign-in" help:"Name to sign in with by one-time codes, such as an e-mail address; they can choose one themselves." placeholder:"NAME"`
	Again        string     `help:"Make a fresh invitation for this sign-in name instead, for who lost every way in and has no second administrator." placeholder:"NAME"`
}

// Run makes an invitation and prints it. It works beside a running server.
func (c *inviteCommand) Run(ctx context.Context) error {
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	accounts, err := openAccounts(r, c.BaseURL)
	if err != nil {
		return err
	}
	if c.Again != "" {
		code, err := accounts.InviteAgain(ctx, c.Again)
		if err != nil {
			return fmt.Errorf("invite %s again: %w", c.Again, err)
		}
		c.tell(c.Again, code)
		return nil
	}
	organisation, err := c.organisation(ctx, r)
	if err != nil {
		return err
	}
	for _, role := range c.Role {
		if !slices.Contains(act.Roles, role) {
			return fmt.Errorf("%q is none of the roles %s", role, strings.Join(roleNames(), ", "))
		}
	}
	staff, err := act.NewID(rand.Reader)
	if err != nil {
		return err
	}
	err = accounts.Create(ctx, account.Account{Staff: staff, Organisation: organisation, Name: c.Name, SignIn: c.SignIn})
	if err != nil {
		return fmt.Errorf("make the account: %w", err)
	}
	var today string
	r.View(func(s *civic.State) { today = r.Now().In(s.Zone()).Format(time.DateOnly) })
	for _, role := range c.Role {
		if _, err := c.submit(ctx, r, organisation, &act.RoleGranted{Staff: staff, Role: role, From: today}, nil); err != nil {
			return err
		}
	}
	code, err := accounts.Invite(ctx, staff)
	if err != nil {
		return err
	}
	c.tell(c.Name, code)
	return nil
}

func roleNames() []string {
	names := make([]string, len(act.Roles))
	for i, role := range act.Roles {
		names[i] = string(role)
	}
	return names
}

func (c *inviteCommand) submit(ctx context.Context, r *register.Register, of act.ID, facts act.Facts, content map[string]any) (act.ID, error) {
	receipt, err := r.Submit(ctx, civic.System, act.Draft{By: act.System, Of: of, Facts: facts, Content: content}, nil)
	if err != nil {
		return act.ID{}, fmt.Errorf("submit %s: %w", facts.Kind(), err)
	}
	return receipt.Act, nil
}

// organisation finds the organisation to invite for, or enters a new one.
func (c *inviteCommand) organisation(ctx context.Context, r *register.Register) (act.ID, error) {
	declared := false
	r.View(func(s *civic.State) { declared = s.Programme() != nil })
	if !declared {
		return act.ID{}, errors.New("this register has no programme yet: declare one first (samleng begin FILE)")
	}
	if c.New != "" {
		names := &act.Names{Name: map[string]string{"en": c.New}}
		if c.NameKm != "" {
			names.Name["km"] = c.NameKm
		}
		return c.submit(ctx, r, act.ID{}, &act.OrganisationRegistered{Type: c.Type, Authority: c.Authority}, map[string]any{"names": names})
	}
	var found []act.ID
	var list strings.Builder
	r.View(func(s *civic.State) {
		for _, org := range s.Organisations() {
			name := s.Names(org.ID).Name["en"]
			if c.Organisation != "" && (org.ID.String() == c.Organisation || strings.Contains(strings.ToLower(name), strings.ToLower(c.Organisation))) {
				found = append(found, org.ID)
			}
			fmt.Fprintf(&list, "  %s  %s\n", org.ID, name)
		}
	})
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return act.ID{}, fmt.Errorf("%q is several organisations; give one's id with --organisation:\n%s", c.Organisation, list.String())
	}
	return act.ID{}, fmt.Errorf("say which organisation with --organisation ID, or enter a new one with --new NAME:\n%s", list.String())
}

func (c *inviteCommand) tell(name, code string) {
	fmt.Printf("Invitation for %s, good for three days and once:\n\n  %s/invitation#%s\n\n", name, strings.TrimRight(c.BaseURL, "/"), code)
	fmt.Printf("Without the link: open %s/invitation and type\n\n  %s\n", strings.TrimRight(c.BaseURL, "/"), code)
}
