// SPDX-License-Identifier: Apache-2.0

package web

import (
	"slices"
	"time"

	"fera/internal/web/places"
	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/web/kit"
)

// userView is the page of one user.
type userView struct {
	kit.Frame
	Problems  kit.Problems
	User      accounts.User
	State     kit.Tag
	Facts     []kit.Fact
	Held      []heldLine
	Tokens    []tokenLine
	Role      kit.Input
	Roles     []kit.Option
	Scope     kit.Input
	Scopes    []kit.Option
	Area      *kit.Input // when an area may be chosen
	Subject   kit.Input
	Provider  kit.Input
	Providers []kit.Option
	MayChange bool
	MayGrant  bool
	MayToken  bool
}

// heldLine is a role that the user holds, in words.
type heldLine struct {
	accounts.Held
	Label, Where, Since string
}

// tokenLine is a key that acts for the user, in words.
type tokenLine struct {
	ID, Name, May, Where, Ends string
	State                      kit.Tag
	Live                       bool
}

func (s *Server) user(r *request, q db.Reader) (templ.Component, error) {
	u, err := r.one(q)
	if err != nil {
		return nil, err
	}
	where, err := places.New(r.Request, q)
	if err != nil {
		return nil, err
	}
	myself := u.ID == r.Who.ID
	v := userView{Frame: r.Frame(r.S.T("web.user.title")), Problems: r.Problems, User: u, State: r.userState(u),
		MayChange: !myself && r.Who.Holds(access.ChangeUser), MayGrant: !myself && r.Who.Holds(access.GrantRole), MayToken: r.Who.Holds(access.ManageTokens)}
	v.Facts = []kit.Fact{
		{Label: r.S.T("web.field.login"), Value: u.Login},
		{Label: r.S.T("web.field.office"), Value: where.Said(access.AtOffice(u.Office))},
		{Label: r.S.T("web.users.since"), Value: dates.Near(r.S, u.AddedAt, r.Now)},
	}
	held, err := accounts.Roles(r.Context(), q, u.ID)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		v.Held = append(v.Held, heldLine{h, r.S.T("access.role." + string(h.Role)), where.Said(h.Scope), dates.Near(r.S, h.GrantedAt, r.Now)})
	}
	if v.Tokens, err = s.tokens(r, q, where, u.ID); err != nil {
		return nil, err
	}
	v.grantForm(r, where)
	return userPage(v), s.linkForm(r, q, &v)
}

// grantForm fills in the form by which a role is given.
func (v *userView) grantForm(r *request, where places.Offices) {
	for _, role := range access.Roles() {
		v.Roles = append(v.Roles, kit.Option{Value: string(role), Label: r.S.T("access.role." + string(role))})
	}
	v.Role, v.Scope = r.Input("role", r.S.T("web.user.role"), ""), r.Input("scope", r.S.T("web.user.scope"), "")
	v.Scopes = where.Scopes(access.GrantRole)
	if r.Who.Grants[access.GrantRole].Everywhere {
		area := places.Lookup(r.Request, "area", r.S.T("web.user.area"), "")
		area.Optional, area.Hint = true, r.S.T("web.user.area_hint")
		v.Area = &area
	}
}

// linkForm fills in the form that says by which name a provider knows the user.
func (s *Server) linkForm(r *request, q db.Reader, v *userView) error {
	providers, err := s.Gate.Providers(r.Context(), q)
	for _, p := range providers {
		if p.Organisation == v.User.Organisation {
			v.Providers = append(v.Providers, kit.Option{Value: p.ID, Label: p.Name})
		}
	}
	v.Provider, v.Subject = r.Input("provider", r.S.T("web.user.provider"), ""), r.Input("subject", r.S.T("web.user.subject"), "")
	return err
}

func (s *Server) tokens(r *request, q db.Reader, where places.Offices, owner string) (lines []tokenLine, err error) {
	if !r.Who.Holds(access.ManageTokens) {
		return nil, nil
	}
	list, err := accounts.Tokens(r.Context(), q, r.Who, owner)
	for _, t := range list {
		line := tokenLine{ID: t.ID, Name: t.Name, Ends: dates.Format(r.S, dates.Of(t.EndsAt.Add(-time.Millisecond))), State: kit.Tag{Text: r.S.T("web.token.live"), Tone: kit.Good}, Live: true}
		for i, p := range t.Permissions {
			if i > 0 {
				line.May += "; "
			}
			line.May += r.S.T("access.perm." + string(p))
		}
		if t.Scope != "" {
			line.Where = where.Said(t.Scope)
		}
		if !t.RevokedAt.IsZero() || !t.EndsAt.After(r.Now) {
			line.State, line.Live = kit.Tag{Text: r.S.T("web.token.over")}, false
		}
		lines = append(lines, line)
	}
	return lines, err
}

type tokenView struct {
	kit.Frame
	Problems kit.Problems
	Action   string
	Name     kit.Input
	May      kit.Input
	Acts     []kit.Option
	Scope    kit.Input
	Scopes   []kit.Option
	Ends     kit.Input
}

// tokenActs are what a key can be made for.
func tokenActs() []access.Permission {
	return []access.Permission{access.RegisterPerson, access.ReadPersons, access.ChangePerson, access.RevealNumbers, access.ReadProtected, access.ChangeProtected,
		access.PrintPerson, access.ReadLooks, access.ReadTrail, access.VerifyTrail, access.ReadOffices, access.ManageOffices, access.ReadUsers}
}

func (s *Server) tokenForm(r *request, q db.Reader) (templ.Component, error) {
	u, err := r.one(q)
	if err != nil {
		return nil, err
	}
	where, err := places.New(r.Request, q)
	v := tokenView{Frame: r.Frame(r.S.T("web.token.new")), Problems: r.Problems, Action: "/users/" + u.ID + "/tokens", Name: r.Input("name", r.S.T("web.token.name"), ""),
		May: r.Input("permissions", r.S.T("web.token.may"), ""), Scope: r.Input("scope", r.S.T("web.token.where"), ""), Ends: r.Input("ends", r.S.T("web.token.ends"), "")}
	v.Name.Hint, v.Ends.Hint, v.Scope.Optional = r.S.T("web.token.name_hint"), r.S.T("web.token.ends_hint"), true
	for _, p := range tokenActs() {
		v.Acts = append(v.Acts, kit.Option{Value: string(p), Label: r.S.T("access.perm." + string(p)), Chosen: r.Ticked("permissions", string(p), false)})
	}
	for _, o := range where.Scopes(access.ManageTokens) {
		if o.Value != "own" && o.Value != "all" {
			v.Scopes = append(v.Scopes, o)
		}
	}
	return tokenPage(v), err
}

func (s *Server) addToken(r *request, tx *db.Tx) (string, error) {
	u, err := r.one(tx)
	if err != nil {
		return "", err
	}
	day, err := dates.Parse(r.PostFormValue("ends"))
	if err != nil || day.Precision() != dates.Day {
		return "", fault.New(fault.Invalid, "account.token_ends").On("ends")
	}
	t := accounts.Token{Owner: u.ID, Name: r.PostFormValue("name"), Scope: r.PostFormValue("scope"), EndsAt: day.End()}
	for _, p := range tokenActs() {
		if slices.Contains(r.PostForm["permissions"], string(p)) {
			t.Permissions = append(t.Permissions, p)
		}
	}
	_, text, err := accounts.AddToken(r.Context(), tx, r.Who, t)
	if err != nil {
		return "", err
	}
	r.Answer = secretPage(secretView{r.Frame(r.S.T("web.token.new")), r.S.T("web.token.hand_over"), text, "/users/" + u.ID})
	return "", nil
}

func (s *Server) revokeToken(r *request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	r.Say("token_revoked")
	return site.Local("/users/" + r.PostFormValue("user")), accounts.RevokeToken(r.Context(), tx, r.Who, id)
}
