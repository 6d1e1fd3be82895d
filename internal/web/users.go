// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/words"
)

// usersAtOnce is how many users one page of the list holds.
const usersAtOnce = 50

func (s *Server) userRoutes() []route {
	return []route{
		{path: "GET /users", perm: access.ReadUsers, page: s.userList},
		{path: "GET /users/new", perm: access.AddUser, page: s.newUser},
		{path: "POST /users", perm: access.AddUser, act: s.addUser, page: s.newUser},
		{path: "GET /users/{id}", perm: access.ReadUsers, page: s.user},
		{path: "GET /users/{id}/change", perm: access.ChangeUser, page: s.userForm},
		{path: "POST /users/{id}/change", perm: access.ChangeUser, act: s.changeUser, page: s.userForm},
		{path: "GET /users/{id}/disable", perm: access.ChangeUser, page: s.askDisable},
		{path: "POST /users/{id}/disable", perm: access.ChangeUser, act: s.disableUser, page: s.askDisable},
		{path: "POST /users/{id}/enable", perm: access.ChangeUser, act: s.enableUser},
		{path: "GET /users/{id}/reset", perm: access.ChangeUser, page: s.askReset},
		{path: "POST /users/{id}/reset", perm: access.ChangeUser, act: s.resetUser},
		{path: "POST /users/{id}/sessions/end", perm: access.ChangeUser, act: s.endUserSessions},
		{path: "POST /users/{id}/roles", perm: access.GrantRole, act: s.grantRole, page: s.user},
		{path: "POST /users/{id}/roles/revoke", perm: access.GrantRole, act: s.revokeRole},
		{path: "POST /users/{id}/link", perm: access.ChangeUser, act: s.linkUser, page: s.user},
		{path: "GET /users/{id}/tokens/new", perm: access.ManageTokens, page: s.tokenForm},
		{path: "POST /users/{id}/tokens", perm: access.ManageTokens, act: s.addToken, page: s.tokenForm},
		{path: "POST /tokens/{id}/revoke", perm: access.ManageTokens, act: s.revokeToken},
	}
}

type usersView struct {
	kit.Frame
	Search kit.Input
	Rows   []kit.Row
	Pages  kit.Pages
	MayAdd bool
}

func (s *Server) userList(r *request, q db.Reader) (templ.Component, error) {
	f := accounts.UserFilter{Login: r.FormValue("login"), After: r.FormValue("after"), Limit: usersAtOnce + 1}
	users, err := accounts.ListUsers(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	where, err := places.New(r.Request, q)
	if err != nil {
		return nil, err
	}
	v := usersView{Frame: r.Frame(r.S.T("web.room.users")), MayAdd: r.Who.Holds(access.AddUser),
		Search: kit.Input{Name: "login", Label: r.S.T("web.users.search"), Value: f.Login, MaxLength: 80}}
	if len(users) > usersAtOnce {
		users = users[:usersAtOnce]
		v.Pages.Next = "/users?" + url.Values{"login": {f.Login}, "after": {users[usersAtOnce-1].Login}}.Encode()
	}
	for _, u := range users {
		v.Rows = append(v.Rows, kit.Row{Href: "/users/" + u.ID, Cells: []templ.Component{
			kit.Text(u.Name), kit.Text(u.Login), kit.Text(where.Said(access.AtOffice(u.Office))), kit.Pill(r.userState(u))}})
	}
	v.Pages.Said = r.S.T("web.users.count", "count", len(users))
	return usersPage(v), nil
}

// userState says in a word where a user stands.
func (r *request) userState(u accounts.User) kit.Tag {
	switch {
	case u.Disabled:
		return kit.Tag{Text: r.S.T("web.user.disabled"), Tone: kit.Attention}
	case !u.Enrolled:
		return kit.Tag{Text: r.S.T("web.user.not_enrolled")}
	case !u.SecondFactor:
		return kit.Tag{Text: r.S.T("web.user.no_factor"), Tone: kit.Attention}
	}
	return kit.Tag{Text: r.S.T("web.user.active"), Tone: kit.Good}
}

type userFormView struct {
	kit.Frame
	Problems kit.Problems
	Action   string
	Version  int
	Login    *kit.Input // of a new user
	Name     kit.Input
	Office   kit.Input
	Offices  []kit.Option
	Language *kit.Input // of a new user
}

func (s *Server) newUser(r *request, q db.Reader) (templ.Component, error) {
	where, err := places.New(r.Request, q)
	login, language := r.login(), r.Input("language", r.S.T("common.language"), string(words.Bangla))
	login.Hint, login.Autocomplete = r.S.T("web.users.login_hint"), "off"
	return userFormPage(userFormView{Frame: r.Frame(r.S.T("web.users.new")), Problems: r.Problems, Action: "/users",
		Login: &login, Name: r.Input("name", r.S.T("common.name"), ""), Office: r.Input("office", r.S.T("web.field.office"), r.Who.Office),
		Offices: where.Open(access.AddUser, ""), Language: &language}), err
}

type secretView struct {
	kit.Frame
	Text   string
	Secret string
	Next   string
}

func (s *Server) addUser(r *request, tx *db.Tx) (string, error) {
	u, code, err := accounts.AddUser(r.Context(), tx, r.Who, accounts.Addition{Login: r.PostFormValue("login"), Name: r.PostFormValue("name"),
		Office: r.PostFormValue("office"), Language: words.Lang(r.PostFormValue("language"))})
	if err != nil {
		return "", err
	}
	r.Answer = secretPage(secretView{r.Frame(r.S.T("web.users.added")), r.S.T("web.users.hand_over", "login", u.Login), code, "/users/" + u.ID})
	return "", nil
}

// one finds the user of the address.
func (r *request) one(q db.Reader) (accounts.User, error) {
	id, err := r.ID("id")
	if err != nil {
		return accounts.User{}, err
	}
	return accounts.FindUser(r.Context(), q, r.Who, id)
}

func (s *Server) userForm(r *request, q db.Reader) (templ.Component, error) {
	u, err := r.one(q)
	if err != nil {
		return nil, err
	}
	where, err := places.New(r.Request, q)
	return userFormPage(userFormView{Frame: r.Frame(r.S.T("web.users.change")), Problems: r.Problems, Action: "/users/" + u.ID + "/change", Version: r.Version(u.Version),
		Name: r.Input("name", r.S.T("common.name"), u.Name), Office: r.Input("office", r.S.T("web.field.office"), u.Office),
		Offices: where.Open(access.ChangeUser, u.Office)}), err
}

func (s *Server) changeUser(r *request, tx *db.Tx) (string, error) {
	u, err := r.one(tx)
	if err != nil {
		return "", err
	}
	r.Say("saved")
	_, err = accounts.ChangeUser(r.Context(), tx, r.Who, accounts.UserChange{ID: u.ID, Version: r.Version(0), Name: r.PostFormValue("name"),
		Office: r.PostFormValue("office"), Disabled: u.Disabled})
	return "/users/" + u.ID, err
}

type confirmView struct {
	kit.Frame
	Problems kit.Problems
	Ask      kit.Confirmation
}

func (s *Server) askDisable(r *request, q db.Reader) (templ.Component, error) {
	u, err := r.one(q)
	return confirmPage(confirmView{r.Frame(r.S.T("web.user.disable")), r.Problems, kit.Confirmation{Question: r.S.T("web.user.disable_ask", "name", u.Name),
		Text: r.S.T("web.user.disable_text"), Action: "/users/" + u.ID + "/disable", Yes: r.S.T("web.user.disable"), NoHref: "/users/" + u.ID, Danger: true, Version: u.Version}}), err
}

func (s *Server) disableUser(r *request, tx *db.Tx) (string, error) { return r.enable(tx, false) }

func (s *Server) enableUser(r *request, tx *db.Tx) (string, error) { return r.enable(tx, true) }

func (r *request) enable(tx *db.Tx, enabled bool) (string, error) {
	u, err := r.one(tx)
	if err != nil {
		return "", err
	}
	r.Say("saved")
	_, err = accounts.ChangeUser(r.Context(), tx, r.Who, accounts.UserChange{ID: u.ID, Version: r.Version(0), Name: u.Name, Office: u.Office, Disabled: !enabled})
	return "/users/" + u.ID, err
}

func (s *Server) askReset(r *request, q db.Reader) (templ.Component, error) {
	u, err := r.one(q)
	return confirmPage(confirmView{r.Frame(r.S.T("web.user.reset")), r.Problems, kit.Confirmation{Question: r.S.T("web.user.reset_ask", "name", u.Name),
		Text: r.S.T("web.user.reset_text"), Action: "/users/" + u.ID + "/reset", Yes: r.S.T("web.user.reset"), NoHref: "/users/" + u.ID, Danger: true}}), err
}

func (s *Server) resetUser(r *request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	u, code, err := accounts.Reset(r.Context(), tx, r.Who, id)
	if err != nil {
		return "", err
	}
	r.Answer = secretPage(secretView{r.Frame(r.S.T("web.user.reset")), r.S.T("web.users.hand_over", "login", u.Login), code, "/users/" + u.ID})
	return "", nil
}

func (s *Server) endUserSessions(r *request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	r.Say("sessions_ended")
	return "/users/" + id, s.Gate.EndSessions(r.Context(), tx, r.Who, id, r.Signed.Session.ID)
}

// held reads the role and where it is to hold from the form.
func (r *request) held() accounts.Held {
	h := accounts.Held{User: r.PathValue("id"), Role: access.Role(r.PostFormValue("role")), Scope: r.PostFormValue("scope")}
	if area := kit.ReadTypeahead(r.PostForm, "area"); area.Text != "" {
		h.Scope = access.InArea(area.Code)
	}
	return h
}

func (s *Server) grantRole(r *request, tx *db.Tx) (string, error) {
	h := r.held()
	r.Say("role_granted")
	return "/users/" + url.PathEscape(h.User), accounts.GrantRole(r.Context(), tx, r.Who, h)
}

func (s *Server) revokeRole(r *request, tx *db.Tx) (string, error) {
	h := r.held()
	r.Say("role_revoked")
	return "/users/" + url.PathEscape(h.User), accounts.RevokeRole(r.Context(), tx, r.Who, h)
}

func (s *Server) linkUser(r *request, tx *db.Tx) (string, error) {
	r.Say("saved")
	id := r.PathValue("id")
	return "/users/" + url.PathEscape(id), s.Gate.LinkSubject(r.Context(), tx, r.Who, accounts.Link{Provider: r.PostFormValue("provider"), Subject: r.PostFormValue("subject"), User: id})
}
