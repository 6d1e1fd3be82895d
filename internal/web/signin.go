// SPDX-License-Identifier: Apache-2.0

package web

import (
	"github.com/a-h/templ"
	"github.com/skip2/go-qrcode"

	"fera/internal/web/site"

	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/web/kit"
)

func (s *Server) signInRoutes() []route {
	return []route{
		{path: "GET /sign-in", open: true, page: s.signInForm},
		{path: "POST /sign-in", open: true, step: s.signIn, page: s.signInForm},
		{path: "GET /sign-in/code", open: true, page: s.codeForm},
		{path: "POST /sign-in/code", open: true, step: s.confirmCode, page: s.codeForm},
		{path: "GET /sign-in/with/{id}", open: true, step: s.leaveForProvider},
		{path: "GET /sign-in/back", open: true, step: s.backFromProvider},
		{path: "GET /enrol", open: true, page: s.enrolForm},
		{path: "POST /enrol", open: true, step: s.enrol, page: s.enrolForm},
		{path: "GET /enrol/password", open: true, page: s.firstPasswordForm},
		{path: "POST /enrol/password", open: true, step: s.firstPassword, page: s.firstPasswordForm},
		{path: "GET /enrol/factor", open: true, page: s.factorForm},
		{path: "GET /enrol/factor.png", open: true, page: s.factorPicture},
		{path: "POST /enrol/factor", open: true, step: s.confirmFactor, page: s.factorForm},
	}
}

type signInView struct {
	kit.Frame
	Problems  kit.Problems
	Login     kit.Input
	Password  kit.Input
	Providers []accounts.Provider
}

func (s *Server) signInForm(r *request, q db.Reader) (templ.Component, error) {
	if r.In() && r.Method != "POST" {
		return nil, site.Elsewhere("/")
	}
	v := signInView{Frame: r.Frame(r.S.T("web.sign_in.title")), Problems: r.Problems,
		Login: r.login(), Password: r.secret("password", "web.field.password", "current-password")}
	var err error
	v.Providers, err = s.Gate.Providers(r.Context(), q)
	return signInPage(v), err
}

// login is the control for one's login.
func (r *request) login() kit.Input {
	in := r.Input("login", r.S.T("web.field.login"), "")
	in.Autocomplete, in.MaxLength = "username", 80
	return in
}

// secret is the control for a password, which is never drawn with what was typed.
func (r *request) secret(name, label, purpose string) kit.Input {
	return kit.Input{Name: name, Type: "password", Label: r.S.T(label), Autocomplete: purpose, Error: r.Problems.On(name), MaxLength: 1000}
}

// code is the control for the six figures of an authenticator.
func (r *request) code(label string) kit.Input {
	in := r.Input("code", r.S.T(label), "")
	in.Autocomplete, in.Width, in.Value, in.MaxLength = "one-time-code", kit.Medium, "", 40
	return in
}

func (s *Server) signIn(r *request) (string, error) {
	p, err := s.Gate.SignIn(r.Context(), r.Visitor(), r.PostFormValue("login"), r.PostFormValue("password"))
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

// proceed keeps what the visitor has in hand after a step, and says where the
// next step is done.
func (r *request) proceed(p accounts.Pass) string {
	if p.Stage != accounts.StageIn {
		r.Keep(site.CookieWaiting, p.Token, 600)
		return map[accounts.Stage]string{accounts.StageCode: "/sign-in/code", accounts.StagePassword: "/enrol/password", accounts.StageFactor: "/enrol/factor"}[p.Stage]
	}
	next := site.Local(r.Kept(site.CookieNext))
	r.Keep(site.CookieWaiting, "", -1)
	r.Keep(site.CookieNext, "", -1)
	r.Keep(site.CookieSession, p.Token, 0)
	r.Keep(site.CookieDevice, p.Device, site.DeviceAge)
	return next
}

type codeView struct {
	kit.Frame
	Problems kit.Problems
	Code     kit.Input
}

func (s *Server) codeForm(r *request, _ db.Reader) (templ.Component, error) {
	if r.Kept(site.CookieWaiting) == "" {
		return nil, site.Elsewhere("/sign-in")
	}
	return codePage(codeView{r.Frame(r.S.T("web.code.title")), r.Problems, r.code("web.field.code")}), nil
}

func (s *Server) confirmCode(r *request) (string, error) {
	p, err := s.Gate.Confirm(r.Context(), r.Visitor(), r.Kept(site.CookieWaiting), r.PostFormValue("code"))
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

// leaveForProvider sends the visitor to her organisation's own sign-in. It is a
// link and not a form, because a form may be sent to these pages only.
func (s *Server) leaveForProvider(r *request) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	address, state, err := s.Gate.Leave(r.Context(), id, r.Origin()+"/sign-in/back")
	if err != nil {
		return "", err
	}
	r.Keep(site.CookieState, state, 600)
	return address, nil
}

func (s *Server) backFromProvider(r *request) (string, error) {
	back := accounts.Return{State: r.FormValue("state"), Kept: r.Kept(site.CookieState), Code: r.FormValue("code"), Redirect: r.Origin() + "/sign-in/back"}
	r.Keep(site.CookieState, "", -1)
	if back.Code == "" {
		return "", fault.New(fault.Forbidden, "account.not_vouched")
	}
	p, err := s.Gate.Arrive(r.Context(), r.Visitor(), back)
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

type enrolView struct {
	kit.Frame
	Problems kit.Problems
	Login    kit.Input
	Code     kit.Input
}

func (s *Server) enrolForm(r *request, _ db.Reader) (templ.Component, error) {
	code := r.code("web.field.enrolment")
	code.Value, code.Autocomplete = r.Typed("code", ""), "off"
	return enrolPage(enrolView{r.Frame(r.S.T("web.enrol.title")), r.Problems, r.login(), code}), nil
}

func (s *Server) enrol(r *request) (string, error) {
	p, err := s.Gate.Enrol(r.Context(), r.Visitor(), r.PostFormValue("login"), r.PostFormValue("code"))
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

type passwordView struct {
	kit.Frame
	Problems kit.Problems
	Action   string
	Inputs   []kit.Input
}

func (s *Server) firstPasswordForm(r *request, _ db.Reader) (templ.Component, error) {
	if r.Kept(site.CookieWaiting) == "" {
		return nil, site.Elsewhere("/enrol")
	}
	return passwordPage(passwordView{r.Frame(r.S.T("web.password.first")), r.Problems, "/enrol/password", r.newPassword()}), nil
}

// newPassword are the two controls in which a password is chosen.
func (r *request) newPassword() []kit.Input {
	first, again := r.secret("password", "web.field.new_password", "new-password"), r.secret("again", "web.field.again", "new-password")
	first.Hint = r.S.T("web.field.new_password_hint")
	return []kit.Input{first, again}
}

// chosen returns the password that was typed twice the same.
func (r *request) chosen() (string, error) {
	password := r.PostFormValue("password")
	if password != r.PostFormValue("again") {
		return "", fault.New(fault.Invalid, "account.passwords_differ").On("again")
	}
	return password, nil
}

func (s *Server) firstPassword(r *request) (string, error) {
	password, err := r.chosen()
	if err != nil {
		return "", err
	}
	p, err := s.Gate.SetPassword(r.Context(), r.Kept(site.CookieWaiting), password)
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

type factorView struct {
	kit.Frame
	Problems kit.Problems
	Secret   string
	Code     kit.Input
}

func (s *Server) factorForm(r *request, q db.Reader) (templ.Component, error) {
	seed, err := s.Gate.Seed(r.Context(), q, r.Kept(site.CookieWaiting))
	if err != nil {
		return nil, err
	}
	return factorPage(factorView{r.Frame(r.S.T("web.factor.title")), r.Problems, inFours(seed.Secret), r.code("web.field.code")}), nil
}

// inFours puts spaces into a secret, so that it can be typed.
func inFours(secret string) string {
	var b []byte
	for i := range len(secret) {
		if i > 0 && i%4 == 0 {
			b = append(b, ' ')
		}
		b = append(b, secret[i])
	}
	return string(b)
}

// factorPicture is the secret as a picture for the authenticator's camera.
func (s *Server) factorPicture(r *request, q db.Reader) (templ.Component, error) {
	seed, err := s.Gate.Seed(r.Context(), q, r.Kept(site.CookieWaiting))
	if err != nil {
		return nil, err
	}
	picture, err := qrcode.Encode(seed.URL, qrcode.Medium, 264)
	return site.File{Kind: "image/png", Body: picture}, err
}

type codesView struct {
	kit.Frame
	Codes []string
	Next  string
}

func (s *Server) confirmFactor(r *request) (string, error) {
	p, err := s.Gate.ConfirmSeed(r.Context(), r.Visitor(), r.Kept(site.CookieWaiting), r.PostFormValue("code"))
	if err != nil {
		return "", err
	}
	next := r.proceed(p)
	r.Answer = codesPage(codesView{r.Frame(r.S.T("web.codes.title")), p.Codes, next})
	return next, nil
}
