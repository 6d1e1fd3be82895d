// SPDX-License-Identifier: Apache-2.0

package web

import (
	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/offices"
	"fera/internal/web/kit"
	"fera/internal/web/places"
)

func (s *Server) officeRoutes() []route {
	return []route{
		{path: "GET /offices", perm: access.ReadOffices, page: s.officeList},
		{path: "GET /offices/new", perm: access.ManageOffices, page: s.newOffice},
		{path: "POST /offices", perm: access.ManageOffices, act: s.addOffice, page: s.newOffice},
		{path: "GET /offices/{id}", perm: access.ManageOffices, page: s.officeForm},
		{path: "POST /offices/{id}", perm: access.ManageOffices, act: s.alterOffice, page: s.officeForm},
		{path: "GET /organisations/new", perm: access.ManageOffices, page: s.newOrganisation},
		{path: "POST /organisations", perm: access.ManageOffices, act: s.addOrganisation, page: s.newOrganisation},
		{path: "GET /organisations/{id}", perm: access.ManageOffices, page: s.organisationForm},
		{path: "POST /organisations/{id}", perm: access.ManageOffices, act: s.alterOrganisation, page: s.organisationForm},
		{path: "GET /providers", perm: access.ManageKeys, page: s.providerList},
		{path: "POST /providers", perm: access.ManageKeys, act: s.addProvider, page: s.providerList},
		{path: "POST /providers/{id}/close", perm: access.ManageKeys, act: s.closeProvider},
	}
}

// organisationLines are an organisation and its offices, in words.
type organisationLines struct {
	Name, Kind, Href string
	Rows             []kit.Row
}

type officesView struct {
	kit.Frame
	Organisations []organisationLines
	MayAdd        bool
	MayFound      bool
}

func (s *Server) officeList(r *request, q db.Reader) (templ.Component, error) {
	where, err := places.New(r.Request, q)
	if err != nil {
		return nil, err
	}
	v := officesView{Frame: r.Frame(r.S.T("web.room.offices")), MayAdd: r.Who.Holds(access.ManageOffices), MayFound: r.Who.Grants[access.ManageOffices].Everywhere}
	for _, g := range where.Bodies {
		lines := organisationLines{Name: g.Name(string(r.S.Lang())), Kind: r.S.T("office.sector." + string(g.Kind))}
		if r.Who.Covers(access.ManageOffices, access.OfOrganisation(g.ID)) {
			lines.Href = "/organisations/" + g.ID
		}
		for _, o := range where.List {
			if o.Organisation == g.ID {
				lines.Rows = append(lines.Rows, r.officeRow(o))
			}
		}
		v.Organisations = append(v.Organisations, lines)
	}
	return officesPage(v), nil
}

func (r *request) officeRow(o offices.Office) kit.Row {
	state := kit.Tag{Text: r.S.T("web.office.open"), Tone: kit.Good}
	if !o.ClosedAt.IsZero() {
		state = kit.Tag{Text: r.S.T("web.office.closed_since", "date", dates.Format(r.S, dates.Of(o.ClosedAt)))}
	}
	row := kit.Row{Cells: []templ.Component{kit.Text(o.Name(string(r.S.Lang()))), kit.Text(r.S.T("office.kind." + string(o.Kind))), kit.Text(geo.Full(r.S.Lang(), o.Place)), kit.Pill(state)}}
	if r.Who.Covers(access.ManageOffices, access.AtOffice(o.ID), access.OfOrganisation(o.Organisation)) {
		row.Href = "/offices/" + o.ID
	}
	return row
}

// officeFormView is the form of an office or of an organisation.
type officeFormView struct {
	kit.Frame
	Problems      kit.Problems
	Action        string
	Version       int
	Organisation  *kit.Input // of a new office
	Organisations []kit.Option
	Names         []kit.Input
	Kind          kit.Input
	Kinds         []kit.Option
	Place         *kit.Input // of an office
	Closed        *kit.Input // of an office there is
}

// form begins the form of something that has two names and a kind.
func (r *request) form(title, action string, bn, en, kind string) officeFormView {
	names := []kit.Input{r.Input("name_bn", r.S.T("web.field.name_bn"), bn), r.Input("name_en", r.S.T("web.field.name_en"), en)}
	names[0].Lang, names[1].Lang = "bn", "en"
	return officeFormView{Frame: r.Frame(r.S.T(title)), Problems: r.Problems, Action: action, Names: names, Kind: r.Input("kind", r.S.T("web.field.kind"), kind)}
}

func (v *officeFormView) office(r *request, place string) {
	where := places.Lookup(r.Request, "place", r.S.T("common.place"), place)
	v.Place = &where
	for _, k := range offices.Kinds() {
		v.Kinds = append(v.Kinds, kit.Option{Value: string(k), Label: r.S.T("office.kind." + string(k))})
	}
}

func (s *Server) newOffice(r *request, q db.Reader) (templ.Component, error) {
	where, err := places.New(r.Request, q)
	v := r.form("web.office.new", "/offices", "", "", "")
	v.office(r, "")
	organisation := r.Input("organisation", r.S.T("web.field.organisation"), r.Who.Organisation)
	v.Organisation, v.Organisations = &organisation, where.Organisations(access.ManageOffices)
	return officeFormPage(v), err
}

func (s *Server) addOffice(r *request, tx *db.Tx) (string, error) {
	place, err := places.Read(r.Request, "place")
	if err != nil {
		return "", err
	}
	r.Say("saved")
	_, err = offices.Add(r.Context(), tx, r.Who, offices.Opening{Organisation: r.PostFormValue("organisation"), NameEn: r.PostFormValue("name_en"),
		NameBn: r.PostFormValue("name_bn"), Kind: offices.Kind(r.PostFormValue("kind")), Place: place})
	return "/offices", err
}

func (s *Server) officeForm(r *request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	o, err := offices.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	v := r.form("web.office.change", "/offices/"+o.ID, o.NameBn, o.NameEn, string(o.Kind))
	v.Version = r.Version(o.Version)
	v.office(r, o.Place)
	closed := kit.Input{Name: "closed", Label: r.S.T("web.office.close"), Hint: r.S.T("web.office.close_hint")}
	if r.Ticked("closed", "yes", !o.ClosedAt.IsZero()) {
		closed.Value = "yes"
	}
	v.Closed = &closed
	return officeFormPage(v), nil
}

func (s *Server) alterOffice(r *request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	place, err := places.Read(r.Request, "place")
	if err != nil {
		return "", err
	}
	r.Say("saved")
	_, err = offices.Alter(r.Context(), tx, r.Who, offices.Change{ID: id, Version: r.Version(0), NameEn: r.PostFormValue("name_en"), NameBn: r.PostFormValue("name_bn"),
		Kind: offices.Kind(r.PostFormValue("kind")), Place: place, Closed: r.PostFormValue("closed") == "yes"})
	return "/offices", err
}

func (v *officeFormView) sectors(r *request) {
	for _, k := range offices.Sectors() {
		v.Kinds = append(v.Kinds, kit.Option{Value: string(k), Label: r.S.T("office.sector." + string(k))})
	}
}

func (s *Server) newOrganisation(r *request, _ db.Reader) (templ.Component, error) {
	v := r.form("web.organisation.new", "/organisations", "", "", "")
	v.sectors(r)
	return officeFormPage(v), nil
}

// organisation reads the form of an organisation.
func (r *request) organisation() offices.Organisation {
	return offices.Organisation{NameEn: r.PostFormValue("name_en"), NameBn: r.PostFormValue("name_bn"), Kind: offices.Sector(r.PostFormValue("kind"))}
}

func (s *Server) addOrganisation(r *request, tx *db.Tx) (string, error) {
	r.Say("saved")
	_, err := offices.AddOrganisation(r.Context(), tx, r.Who, r.organisation())
	return "/offices", err
}

func (s *Server) organisationForm(r *request, q db.Reader) (templ.Component, error) {
	id, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	o, err := offices.FindOrganisation(r.Context(), q, r.Who, id)
	v := r.form("web.organisation.change", "/organisations/"+o.ID, o.NameBn, o.NameEn, string(o.Kind))
	v.Version = r.Version(o.Version)
	v.sectors(r)
	return officeFormPage(v), err
}

func (s *Server) alterOrganisation(r *request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	o := r.organisation()
	o.ID, o.Version = id, r.Version(0)
	r.Say("saved")
	_, err = offices.AlterOrganisation(r.Context(), tx, r.Who, o)
	return "/offices", err
}

// providerLine is a provider in words.
type providerLine struct {
	ID, Name, Organisation, Issuer, ClientID string
	SecondFactor                             bool
}

type providersView struct {
	kit.Frame
	Problems      kit.Problems
	Lines         []providerLine
	Callback      string
	Organisation  kit.Input
	Organisations []kit.Option
	Inputs        []kit.Input
	SecondFactor  kit.Input
}

func (s *Server) providerList(r *request, q db.Reader) (templ.Component, error) {
	where, err := places.New(r.Request, q)
	if err != nil {
		return nil, err
	}
	list, err := s.Gate.Providers(r.Context(), q)
	v := providersView{Frame: r.Frame(r.S.T("web.room.providers")), Problems: r.Problems, Callback: r.Origin() + "/sign-in/back",
		Organisation: r.Input("organisation", r.S.T("web.field.organisation"), ""), Organisations: where.Organisations(access.ManageKeys),
		Inputs: []kit.Input{r.Input("name", r.S.T("web.provider.name"), ""), r.Input("issuer", r.S.T("web.provider.issuer"), ""), r.Input("client_id", r.S.T("web.provider.client"), ""),
			r.secret("secret", "web.provider.secret", "off")},
		SecondFactor: kit.Input{Name: "second_factor", Label: r.S.T("web.provider.factor"), Value: r.Typed("second_factor", "")}}
	for _, p := range list {
		v.Lines = append(v.Lines, providerLine{p.ID, p.Name, where.Organisation(p.Organisation), p.Issuer, p.ClientID, p.SecondFactor})
	}
	return providersPage(v), err
}

func (s *Server) addProvider(r *request, tx *db.Tx) (string, error) {
	r.Say("saved")
	p := accounts.Provider{Organisation: r.PostFormValue("organisation"), Name: r.PostFormValue("name"), Issuer: r.PostFormValue("issuer"),
		ClientID: r.PostFormValue("client_id"), SecondFactor: r.PostFormValue("second_factor") == "yes"}
	_, err := s.Gate.AddProvider(r.Context(), tx, r.Who, p, r.PostFormValue("secret"))
	return "/providers", err
}

func (s *Server) closeProvider(r *request, tx *db.Tx) (string, error) {
	r.Say("saved")
	return "/providers", s.Gate.CloseProvider(r.Context(), tx, r.Who, r.PathValue("id"))
}
