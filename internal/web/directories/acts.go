// SPDX-License-Identifier: Apache-2.0

package directories

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/agreements"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/hsds"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

func confirmForm(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	f := begin(r, "directory.confirm", back(r)+"/confirm", back(r))
	f.v.Lead, f.v.Version, f.v.Verb = e.Name().In(string(r.S.Lang())), r.Version(e.Version), r.S.T("directory.confirm_verb")
	f.group("confirm")
	f.v.Groups[0].Hint = r.S.T("directory.confirm_hint")
	if r.Who.Holds(access.ManageDirectory) {
		f.choose("way", "directory.way.", "", "call", "visit", "letter")
		f.put(asField, f.input("by", "by", ""))
		f.put(asDate, f.input("on", "on", dates.Of(q.Now()).String()))
	}
	f.put(asField, f.input("note", "note", ""))
	return formPage(*f.v), nil
}

func confirm(r *site.Request, tx *db.Tx) (string, error) {
	on, err := dates.Parse(r.PostFormValue("on"))
	if err != nil {
		return "", fault.New(fault.Invalid, "directory.confirmed_day").On("on")
	}
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	r.Say("saved")
	_, err = directory.Confirm(r.Context(), tx, r.Who, directory.Confirmation{Entry: id, On: on, Way: r.PostFormValue("way"), By: r.PostFormValue("by"), Note: r.PostFormValue("note")}, r.Version(0))
	return back(r), err
}

// roomForm asks how many more can be served.
func roomForm(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	if e.Service == nil {
		return nil, fault.New(fault.NotFound, "directory.not_found")
	}
	f := begin(r, "directory.room", back(r)+"/room", back(r))
	f.v.Lead, f.v.Version = e.Name().In(string(r.S.Lang())), r.Version(e.Version)
	f.group("room")
	f.v.Groups[0].Hint = r.S.T("directory.room_hint")
	wanted := make([]string, len(e.Service.At))
	for i, o := range e.Service.At {
		wanted[i] = o.Location
	}
	there, err := directory.Several(r.Context(), q, wanted)
	if err != nil {
		return nil, err
	}
	var options []kit.Option
	for _, o := range e.Service.At {
		if l, ok := there[o.Location]; ok {
			options = append(options, kit.Option{Value: o.ID, Label: l.Name().In(string(r.S.Lang()))})
		}
	}
	if len(options) > 0 {
		f.put(asSelect, f.input("offer", "offer", ""), options...)
	}
	f.clock("free", "free", "")
	f.clock("wait", "wait", "")
	return formPage(*f.v), nil
}

func count(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	c := directory.Counting{Service: id, Version: r.Version(0), Offer: r.PostFormValue("offer")}
	for name, into := range map[string]**int{"free": &c.Free, "wait": &c.Wait} {
		if r.PostFormValue(name) == "" {
			continue
		}
		n := number(r.PostFormValue(name))
		if n < 0 {
			return "", fault.New(fault.Invalid, "fault.bad_number").On(name)
		}
		*into = &n
	}
	r.Say("saved")
	_, err = directory.Count(r.Context(), tx, r.Who, c)
	return back(r), err
}

func withdrawForm(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	f := begin(r, "directory.withdraw", back(r)+"/withdraw", back(r))
	f.v.Lead, f.v.Version, f.v.Verb, f.v.Kind = e.Name().In(string(r.S.Lang())), r.Version(e.Version), r.S.T("directory.withdraw"), kit.Perilous
	f.group("withdraw")
	f.v.Groups[0].Hint = r.S.T("directory.withdraw_hint")
	f.put(asField, f.input("reason", "reason", ""))
	return formPage(*f.v), nil
}

func withdraw(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	r.Say("saved")
	_, err = directory.Withdraw(r.Context(), tx, r.Who, directory.Ending{ID: id, Version: r.Version(0), Reason: r.PostFormValue("reason")})
	return back(r), err
}

func restore(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	to, err := strconv.Atoi(r.PostFormValue("to"))
	if err != nil || to < 1 || to > 1<<30 {
		return "", fault.New(fault.NotFound, "directory.not_found")
	}
	r.Say("saved")
	_, err = directory.Restore(r.Context(), tx, r.Who, directory.Return{ID: id, Version: r.Version(0), To: to})
	return back(r), err
}

func peopleForm(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	f := begin(r, "directory.people_add", back(r)+"/people", back(r))
	f.v.Lead = e.Name().In(string(r.S.Lang()))
	f.group("people")
	f.v.Groups[0].Hint = r.S.T("directory.people_hint")
	for _, name := range []string{"name", "title", "unit", "phone", "email"} {
		f.put(asField, f.input(name, "person_"+name, ""))
	}
	return formPage(*f.v), nil
}

func appoint(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	someone := listing.Focal{Entry: id, Name: r.PostFormValue("name"), Title: r.PostFormValue("title"), Unit: r.PostFormValue("unit"), Email: r.PostFormValue("email")}
	if n := r.PostFormValue("phone"); n != "" {
		someone.Phones = []listing.Phone{{Number: n}}
	}
	r.Say("saved")
	_, err = directory.Appoint(r.Context(), tx, r.Who, someone)
	return back(r), err
}

func dismiss(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	row, err2 := r.ID("row")
	if err := errors.Join(err, err2); err != nil {
		return "", err
	}
	r.Say("saved")
	return back(r), directory.Dismiss(r.Context(), tx, r.Who, id, row)
}

func agreementForm(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := entry(r, q)
	if err != nil {
		return nil, err
	}
	f := begin(r, "directory.agreement_add", back(r)+"/agreements", back(r))
	f.v.Lead = e.Name().In(string(r.S.Lang()))
	f.group("agreement")
	f.choose("agreement_kind", "directory.agreement.", "", agreements.Kinds()...)
	f.put(asField, f.input("title", "agreement_title", ""))
	f.put(asDate, f.input("signed_on", "signed_on", ""))
	f.put(asDate, f.input("ends_on", "ends_on", ""))
	in := f.input("terms", "terms", "")
	in.MaxLength = listing.LongestText
	f.put(asArea, in)
	return formPage(*f.v), nil
}

func agree(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	signed, err := dates.Parse(r.PostFormValue("signed_on"))
	if err != nil {
		return "", fault.New(fault.Invalid, "directory.signed_day").On("signed_on")
	}
	ends, err := dates.Parse(r.PostFormValue("ends_on"))
	if err != nil {
		return "", fault.New(fault.Invalid, "directory.ends_day").On("ends_on")
	}
	r.Say("saved")
	_, err = agreements.Agree(r.Context(), tx, r.Who, agreements.Agreement{Organisation: id, Kind: r.PostFormValue("agreement_kind"), Title: r.PostFormValue("title"), SignedOn: signed, EndsOn: ends, Terms: r.PostFormValue("terms")})
	return back(r), err
}

func endAgreement(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	row, err2 := r.ID("row")
	if err := errors.Join(err, err2); err != nil {
		return "", err
	}
	r.Say("saved")
	return back(r), agreements.End(r.Context(), tx, r.Who, id, directory.Ending{ID: row, Reason: r.PostFormValue("reason")})
}

type exchangeView struct {
	kit.Frame
	Problems     kit.Problems
	Source, File kit.Input
	Done         string
	Notes        []string
}

func newExchange(r *site.Request) exchangeView {
	v := exchangeView{Frame: r.Frame(r.S.T("directory.exchange")), Problems: r.Problems, Source: r.Input("source", r.S.T("directory.form.exchange_source"), ""), File: r.Input("file", r.S.T("directory.form.file"), "")}
	v.File.Type, v.File.Hint, v.File.Value = "file", r.S.T("directory.file_hint"), ""
	return v
}

func exchange(r *site.Request, _ db.Reader) (templ.Component, error) {
	return exchangePage(newExchange(r)), nil
}

// mostNotes is how many notes of a package a page shows.
const mostNotes = 100

// takeIn reads a package before it writes, so that nobody waits for that.
func takeIn(s *site.Site) site.Step {
	return func(r *site.Request) (string, error) {
		file, err := r.SentFile()
		if err != nil {
			return "", err
		}
		if len(file) == 0 {
			return "", fault.New(fault.Invalid, "fault.needed").On("file")
		}
		parts, err := hsds.Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return "", err
		}
		taken, err := hsds.Take(parts, r.PostFormValue("source"))
		if err != nil {
			return "", err
		}
		var o directory.Outcome
		err = s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
			o, err = directory.Import(r.Context(), tx, r.Who, taken.Arrival)
			return err
		})
		var refused *directory.Refused
		if errors.As(err, &refused) && fault.Of(refused.Err) != nil {
			err = taken.Say(refused.ID, fault.Of(refused.Err))
		}
		if err != nil {
			return "", err
		}
		v := newExchange(r)
		v.Done = r.S.T("directory.taken", "added", o.Added, "changed", o.Changed, "same", o.Same)
		for _, n := range taken.Notes[:min(len(taken.Notes), mostNotes)] {
			v.Notes = append(v.Notes, r.S.Fault(n))
		}
		r.Answer = exchangePage(v)
		return "", nil
	}
}

// export hands the directory out, without anybody at a partner.
func export(form string) site.Page {
	return func(r *site.Request, q db.Reader) (templ.Component, error) {
		all, err := directory.LeaveAll(r.Context(), q, r.Who)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		parts, kind := hsds.Give(all), "application/zip"
		if form == "json" {
			kind, err = "application/json", parts.WriteJSON(&b)
		} else {
			err = parts.WriteZip(&b)
		}
		return site.Download{File: site.File{Kind: kind, Body: b.Bytes()}, Name: "directory." + form}, err
	}
}

func seed(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("saved")
	_, err := directory.Seed(r.Context(), tx, r.Who)
	return "/directory", err
}
