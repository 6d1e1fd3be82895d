// SPDX-License-Identifier: Apache-2.0

package web

import (
	"strings"

	"fera/internal/web/places"
	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/web/handing"
	"fera/internal/web/inbox"
	"fera/internal/web/kit"
	"fera/internal/web/referring"
)

func (s *Server) accountRoutes() []route {
	own := access.OwnAccount
	return []route{
		{path: "GET /account", perm: own, page: s.account},
		{path: "POST /sign-out", perm: own, act: s.signOut},
		{path: "POST /account/sessions/end", perm: own, act: s.endSessions},
		{path: "POST /account/sessions/{id}/end", perm: own, act: s.endSession},
		{path: "GET /account/password", perm: own, page: s.passwordForm},
		{path: "POST /account/password", perm: own, step: s.changePassword, page: s.passwordForm},
		{path: "GET /account/codes", perm: own, page: s.codesForm},
		{path: "POST /account/codes", perm: own, step: s.renewCodes, page: s.codesForm},
		{path: "GET /account/factor", perm: own, page: s.renewFactorForm},
		{path: "POST /account/factor", perm: own, step: s.renewFactor, page: s.renewFactorForm},
		{path: "GET /notices", perm: own, page: s.notices},
		{path: "POST /notices/read", perm: own, act: s.markRead},
	}
}

type accountView struct {
	kit.Frame
	Facts    []kit.Fact
	Rights   []string
	Sessions []sessionLine
}

// sessionLine is a session in words.
type sessionLine struct {
	ID, Device, Since, Seen string
	This                    bool
}

func (s *Server) account(r *request, q db.Reader) (templ.Component, error) {
	v := accountView{Frame: r.Frame(r.S.T("web.account.title"))}
	held, err := accounts.Roles(r.Context(), q, r.Signed.Self.ID)
	if err != nil {
		return nil, err
	}
	where, err := places.New(r.Request, q)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		v.Rights = append(v.Rights, r.S.T("access.role."+string(h.Role))+" · "+where.Said(h.Scope))
	}
	factor := "web.account.factor_none"
	if r.Signed.User.SecondFactor {
		factor = "web.account.factor_set"
	}
	v.Facts = []kit.Fact{
		{Label: r.S.T("common.name"), Value: r.Signed.Self.Name},
		{Label: r.S.T("web.field.login"), Value: r.Signed.User.Login},
		{Label: r.S.T("web.field.office"), Value: where.Said(access.AtOffice(r.Signed.Self.Office))},
		{Label: r.S.T("web.field.password"), Value: r.S.T("web.account.password_set"), Change: "/account/password"},
		{Label: r.S.T("web.account.factor"), Value: r.S.T(factor), Change: "/account/factor"},
		{Label: r.S.T("web.codes.title"), Value: r.S.T("web.account.codes"), Change: "/account/codes"},
	}
	sessions, err := s.Gate.Sessions(r.Context(), q, r.Signed.Self)
	for _, one := range sessions {
		v.Sessions = append(v.Sessions, sessionLine{one.ID, one.Device, dates.Near(r.S, one.StartedAt, r.Now), dates.Near(r.S, one.SeenAt, r.Now), one.ID == r.Signed.Session.ID})
	}
	return accountPage(v), err
}

func (s *Server) signOut(r *request, tx *db.Tx) (string, error) {
	r.Keep(site.CookieSession, "", -1)
	r.Say("signed_out")
	return "/sign-in", s.Gate.EndSession(r.Context(), tx, r.Signed.Self, r.Signed.Session.ID)
}

func (s *Server) endSession(r *request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	r.Say("session_ended")
	return "/account", s.Gate.EndSession(r.Context(), tx, r.Signed.Self, id)
}

func (s *Server) endSessions(r *request, tx *db.Tx) (string, error) {
	r.Say("sessions_ended")
	return "/account", s.Gate.EndSessions(r.Context(), tx, r.Signed.Self, r.Signed.Self.ID, r.Signed.Session.ID)
}

func (s *Server) passwordForm(r *request, _ db.Reader) (templ.Component, error) {
	inputs := append([]kit.Input{r.secret("old", "web.field.old_password", "current-password")}, r.newPassword()...)
	return passwordPage(passwordView{r.Frame(r.S.T("web.password.change")), r.Problems, "/account/password", inputs}), nil
}

func (s *Server) changePassword(r *request) (string, error) {
	password, err := r.chosen()
	if err != nil {
		return "", err
	}
	r.Say("password_changed")
	return "/account", s.Gate.ChangePassword(r.Context(), r.Visitor(), r.Signed, r.PostFormValue("old"), password)
}

type proofView struct {
	kit.Frame
	Problems kit.Problems
	Action   string
	Text     string
	Button   string
	Password kit.Input
}

// proof is a page that asks for the password once more before something is changed.
func (r *request) proof(title, action, text, button string) templ.Component {
	return proofPage(proofView{r.Frame(r.S.T(title)), r.Problems, action, r.S.T(text), r.S.T(button), r.secret("old", "web.field.password", "current-password")})
}

func (s *Server) codesForm(r *request, _ db.Reader) (templ.Component, error) {
	return r.proof("web.codes.title", "/account/codes", "web.codes.renew_text", "web.codes.renew"), nil
}

func (s *Server) renewCodes(r *request) (string, error) {
	codes, err := s.Gate.RenewCodes(r.Context(), r.Visitor(), r.Signed, r.PostFormValue("old"))
	if err != nil {
		return "", err
	}
	r.Answer = codesPage(codesView{r.Frame(r.S.T("web.codes.title")), codes, "/account"})
	return "/account", nil
}

func (s *Server) renewFactorForm(r *request, _ db.Reader) (templ.Component, error) {
	return r.proof("web.factor.title", "/account/factor", "web.factor.renew_text", "web.factor.renew"), nil
}

func (s *Server) renewFactor(r *request) (string, error) {
	p, err := s.Gate.RenewFactor(r.Context(), r.Visitor(), r.Signed, r.PostFormValue("old"))
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

// told is a notice in words.
type told struct {
	When, Text, Href string
	New              bool
}

func (r *request) told(n accounts.Notice) told {
	t := told{When: dates.Near(r.S, n.At, r.Now), Text: r.S.T(n.Key), New: !n.Read}
	if id, ok := strings.CutPrefix(n.Subject, "person:"); ok {
		t.Href = "/persons/" + id
	}
	if id, ok := strings.CutPrefix(n.Subject, "import:"); ok {
		t.Href = "/imports/" + id
	}
	if id, ok := strings.CutPrefix(n.Subject, "export:"); ok {
		t.Href = "/exports/" + id
	}
	if id, ok := strings.CutPrefix(n.Subject, "case:"); ok && r.Who.Holds(access.ReadCases) {
		t.Href = "/cases/" + id
	}
	if id, ok := strings.CutPrefix(n.Subject, "referral:"); ok {
		t.Href = inbox.Told(r.Who, n.Key, id)
	}
	if id, ok := strings.CutPrefix(n.Subject, "shelter:"); ok {
		t.Href = "/shelters/" + id
	}
	if to := referring.Notice(n.Subject, n.Key); to != "" {
		t.Href = to
	}
	if _, ok := strings.CutPrefix(n.Subject, "directory:"); ok && r.Who.Holds(access.ConfirmDirectory) {
		t.Href = "/directory/due"
	}
	if id, ok := strings.CutPrefix(n.Subject, "handover:"); ok {
		t.Href = handing.Told(r.Who, n.Key, id)
	}
	if strings.HasPrefix(n.Key, "notice.glass") && r.Who.Holds(access.ReviewGlass) {
		t.Href = "/glass"
	}
	if strings.HasPrefix(n.Key, "notice.alert") && r.Who.Holds(access.HeedAlerts) {
		t.Href = "/alerts"
	}
	return t
}

type noticesView struct {
	kit.Frame
	Events []kit.Event
	Unread int
}

func (s *Server) notices(r *request, q db.Reader) (templ.Component, error) {
	v := noticesView{Frame: r.Frame(r.S.T("web.notices.title")), Unread: r.Signed.Unread}
	list, err := accounts.Notices(r.Context(), q, r.Who, 100)
	for _, n := range list {
		t := r.told(n)
		e := kit.Event{When: t.When, ISO: n.At.Format("2006-01-02T15:04:05Z07:00"), Title: t.Text, Href: t.Href}
		if t.New {
			e.Tone, e.Who = kit.Accent, r.S.T("web.notices.new")
		}
		v.Events = append(v.Events, e)
	}
	return noticesPage(v), err
}

func (s *Server) markRead(r *request, tx *db.Tx) (string, error) {
	return "/notices", accounts.MarkRead(r.Context(), tx, r.Who)
}
