// SPDX-License-Identifier: Apache-2.0

package web

import (
	"github.com/a-h/templ"
	"github.com/skip2/go-qrcode"

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
	if r.in() && r.Method != "POST" {
		return nil, elsewhere("/")
	}
	v := signInView{Frame: r.frame(r.s.T("web.sign_in.title")), Problems: r.problems,
		Login: r.login(), Password: r.secret("password", "web.field.password", "current-password")}
	var err error
	v.Providers, err = s.Gate.Providers(r.Context(), q)
	return signInPage(v), err
}

// login is the control for one's login.
func (r *request) login() kit.Input {
	in := r.input("login", r.s.T("web.field.login"), "")
	in.Autocomplete, in.MaxLength = "username", 80
	return in
}

// secret is the control for a password, which is never drawn with what was typed.
func (r *request) secret(name, label, purpose string) kit.Input {
	return kit.Input{Name: name, Type: "password", Label: r.s.T(label), Autocomplete: purpose, Error: r.problems.On(name), MaxLength: 1000}
}

// code is the control for the six figures of an authenticator.
func (r *request) code(label string) kit.Input {
	in := r.input("code", r.s.T(label), "")
	in.Autocomplete, in.Width, in.Value, in.MaxLength = "one-time-code", kit.Medium, "", 40
	return in
}

func (s *Server) signIn(r *request) (string, error) {
	p, err := s.Gate.SignIn(r.Context(), r.visitor(), r.PostFormValue("login"), r.PostFormValue("password"))
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

// proceed keeps what the visitor has in hand after a step, and says where the
// next step is done.
func (r *request) proceed(p accounts.Pass) string {
	if p.Stage != accounts.StageIn {
		r.keep(cookieWaiting, p.Token, 600)
		return map[accounts.Stage]string{accounts.StageCode: "/sign-in/code", accounts.StagePassword: "/enrol/password", accounts.StageFactor: "/enrol/factor"}[p.Stage]
	}
	next := local(r.cookie(cookieNext))
	r.keep(cookieWaiting, "", -1)
	r.keep(cookieNext, "", -1)
	r.keep(cookieSession, p.Token, 0)
	r.keep(cookieDevice, p.Device, deviceAge)
	return next
}

type codeView struct {
	kit.Frame
	Problems kit.Problems
	Code     kit.Input
}

func (s *Server) codeForm(r *request, _ db.Reader) (templ.Component, error) {
	if r.cookie(cookieWaiting) == "" {
		return nil, elsewhere("/sign-in")
	}
	return codePage(codeView{r.frame(r.s.T("web.code.title")), r.problems, r.code("web.field.code")}), nil
}

func (s *Server) confirmCode(r *request) (string, error) {
	p, err := s.Gate.Confirm(r.Context(), r.visitor(), r.cookie(cookieWaiting), r.PostFormValue("code"))
	if err != nil {
		return "", err
	}
	return r.proceed(p), nil
}

// leaveForProvider sends the visitor to her organisation's own sign-in. It is a
// link and not a form, because a form may be sent to these pages only.
func (s *Server) leaveForProvider(r *request) (string, error) {
	id, err := r.id("id")
	if err != nil {
		return "", err
	}
	address, state, err := s.Gate.Leave(r.Context(), id, r.origin()+"/sign-in/back")
	if err != nil {
		return "", err
	}
	r.keep(cookieState, state, 600)
	return address, nil
}

func (s *Server) backFromProvider(r *request) (string, error) {
	back := accounts.Return{State: r.FormValue("state"), Kept: r.cookie(cookieState), Code: r.FormValue("code"), Redirect: r.origin() + "/sign-in/back"}
	r.keep(cookieState, "", -1)
	if back.Code == "" {
		return "", fault.New(fault.Forbidden, "account.not_vouched")
	}
	p, err := s.Gate.Arrive(r.Context(), r.visitor(), back)
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
	code.Value, code.Autocomplete = r.typed("code", ""), "off"
	return enrolPage(enrolView{r.frame(r.s.T("web.enrol.title")), r.problems, r.login(), code}), nil
}

func (s *Server) enrol(r *request) (string, error) {
	p, err := s.Gate.Enrol(r.Context(), r.visitor(), r.PostFormValue("login"), r.PostFormValue("code"))
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
	if r.cookie(cookieWaiting) == "" {
		return nil, elsewhere("/enrol")
	}
	return passwordPage(passwordView{r.frame(r.s.T("web.password.first")), r.problems, "/enrol/password", r.newPassword()}), nil
}

// newPassword are the two controls in which a password is chosen.
func (r *request) newPassword() []kit.Input {
	first, again := r.secret("password", "web.field.new_password", "new-password"), r.secret("again", "web.field.again", "new-password")
	first.Hint = r.s.T("web.field.new_password_hint")
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
	p, err := s.Gate.SetPassword(r.Context(), r.cookie(cookieWaiting), password)
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
	seed, err := s.Gate.Seed(r.Context(), q, r.cookie(cookieWaiting))
	if err != nil {
		return nil, err
	}
	return factorPage(factorView{r.frame(r.s.T("web.factor.title")), r.problems, inFours(seed.Secret), r.code("web.field.code")}), nil
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
	seed, err := s.Gate.Seed(r.Context(), q, r.cookie(cookieWaiting))
	if err != nil {
		return nil, err
	}
	picture, err := qrcode.Encode(seed.URL, qrcode.Medium, 264)
	return file{"image/png", picture}, err
}

type codesView struct {
	kit.Frame
	Codes []string
	Next  string
}

func (s *Server) confirmFactor(r *request) (string, error) {
	p, err := s.Gate.ConfirmSeed(r.Context(), r.visitor(), r.cookie(cookieWaiting), r.PostFormValue("code"))
	if err != nil {
		return "", err
	}
	next := r.proceed(p)
	r.answer = codesPage(codesView{r.frame(r.s.T("web.codes.title")), p.Codes, next})
	return next, nil
}
