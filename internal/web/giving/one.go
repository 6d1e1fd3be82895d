// SPDX-License-Identifier: Apache-2.0

package giving

import (
	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/services"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// onlyView asks for one thing about one service.
type onlyView struct {
	sheet
	ID      services.ID
	About   string // what it is about, if everybody who sees the case may read it
	Form    map[string]string
	Receipt string
	Text    string
}

// only begins a page about one service of the case: one of class 2, or one of class 3 that is not named.
func only(r *site.Request, q db.Reader) (onlyView, services.Service, error) {
	s, err := open(r, q)
	v := onlyView{sheet: s, ID: serviceID(r), Form: map[string]string{}}
	if err != nil {
		return v, services.Service{}, err
	}
	for name := range r.PostForm {
		v.Form[name] = r.PostForm.Get(name)
	}
	known, err := services.Find(r.Context(), q, r.Who, v.ID)
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil && v.Secret:
		v.About = v.S.T("service.private_one")
		return v, services.Service{}, nil
	case err != nil:
		return v, known, err
	case known.Case != v.Head.Case.ID:
		return v, known, fault.New(fault.NotFound, "service.not_found")
	}
	v.About = v.kind(known.Code).Name(lang(v.S)) + ", " + v.much(known) + ", " + dates.Format(v.S, known.On)
	return v, known, nil
}

func (v onlyView) in(name, key string) kit.Input {
	in := kit.Input{Name: name, Label: v.S.T(key), Value: v.Form[name], Error: v.Problems.On(name), MaxLength: 2000}
	if hint := key + "_hint"; v.S.Has(hint) {
		in.Hint = v.S.T(hint)
	}
	return in
}

func paying(r *site.Request, q db.Reader) (templ.Component, error) {
	v, s, err := only(r, q)
	if err != nil {
		return nil, err
	}
	if s.State != services.Asked {
		return nil, site.Elsewhere(v.path())
	}
	if v.Receipt = ReceiptNumber(s); v.Form["receipt"] == "" {
		v.Form["receipt"] = v.Receipt
	}
	return payPage(v), nil
}

func pay(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("service_paid")
	return home(r), services.Pay(r.Context(), tx, r.Who, services.Paying{Service: serviceID(r), Receipt: r.PostForm.Get("receipt"), Witness: r.PostForm.Get("witness")})
}

func undoing(r *site.Request, q db.Reader) (templ.Component, error) {
	v, _, err := only(r, q)
	return undoPage(v), err
}

func undo(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("service_undone")
	return home(r), services.Undo(r.Context(), tx, r.Who, services.Undoing{Service: serviceID(r), Why: r.PostForm.Get("why")})
}

// telling asks what she was told; only who sees what is protected gets here.
func telling(r *site.Request, q db.Reader) (templ.Component, error) {
	v, known, err := only(r, q)
	if err == nil && (!v.Secret || known.ID != "") {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return tellPage(v), err
}

func tell(r *site.Request, tx *db.Tx) (string, error) {
	t := services.Telling{Service: serviceID(r), What: r.PostForm.Get("what"), Over: r.PostForm.Get("over") == "yes"}
	if text := r.PostForm.Get("on"); text != "" {
		day, err := dates.Parse(text)
		if err != nil {
			return "", fault.New(fault.Invalid, "date.unreadable").On("on")
		}
		t.On = day
	}
	r.Say("service_told")
	return home(r), services.Tell(r.Context(), tx, r.Who, t)
}

// notes shows the notes of a session to who held it, and enters that they were looked at.
func notes(r *site.Request, tx *db.Tx) (string, error) {
	s, err := open(r, tx)
	if err != nil {
		return "", err
	}
	v := onlyView{sheet: s, ID: serviceID(r)}
	v.Text, err = services.Notes(r.Context(), tx, r.Who, v.ID)
	r.Answer = notesPage(v)
	return "", err
}
