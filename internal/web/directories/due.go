// SPDX-License-Identifier: Apache-2.0

package directories

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/asking"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/web/kit"
	"fera/internal/web/listed"
	"fera/internal/web/site"
)

// dueEntry is an entry that is to be confirmed, in words.
type dueEntry struct {
	Value, Href, Name, What, Checked string
	Age                              kit.Tag
	Chosen                           bool
}

// batch is what was confirmed in one act, in words.
type batch struct{ ID, Said string }

type dueView struct {
	kit.Frame
	Problems    kit.Problems
	Title, Lead string
	Of          string // the organisation whose entries are listed; empty for the list of organisations
	Columns     []kit.Column
	Groups      []kit.Row
	Entries     []dueEntry
	Asks        bool // who at the provider said so, of those who do not work there
	Way         kit.Input
	Ways        []kit.Option
	By, On      kit.Input
	Batches     []batch
	Print       string
}

// due lists what is to be confirmed: the organisations, or the entries of one.
func due(r *site.Request, q db.Reader) (templ.Component, error) {
	l, err := speaker(r, q)
	if err != nil {
		return nil, err
	}
	v := dueView{Frame: r.Frame(r.S.T("directory.due")), Problems: r.Problems, Title: r.S.T("directory.due"), Lead: r.S.T("directory.due_lead"), Print: "/directory/due/print"}
	of := r.FormValue("of")
	if of == "" {
		groups, err := asking.Groups(r.Context(), q, r.Who)
		if err != nil {
			return nil, err
		}
		if len(groups) == 1 {
			of = groups[0].Organisation.ID
		}
		v.groups(l, groups)
	}
	if of != "" {
		if !ids.Valid(of) {
			return nil, fault.New(fault.NotFound, "directory.not_found")
		}
		if err := v.entries(r, q, l, of); err != nil {
			return nil, err
		}
	}
	lately, err := directory.Batches(r.Context(), q, r.Who)
	for _, b := range lately {
		v.Batches = append(v.Batches, batch{b.ID, r.S.T("directory.batch", "count", b.Entries, "when", dates.Near(r.S, b.At, r.Now))})
	}
	return duePage(v), err
}

func (v *dueView) groups(l listed.Speaker, all []asking.Group) {
	v.Columns = kit.Columns(l.S, "directory.column.name", "directory.column.entries", "directory.column.due")
	for _, g := range all {
		tag := kit.Tag{Text: l.S.T("directory.never"), Tone: kit.Attention}
		if !g.DueOn.IsZero() {
			tag = kit.Tag{Text: l.Day(g.DueOn)}
			if g.DueOn.SurelyBefore(l.Today) {
				tag.Tone = kit.Attention
			}
		}
		if g.Escalated {
			tag = kit.Tag{Text: l.S.T("directory.escalated"), Tone: kit.Danger}
		}
		v.Groups = append(v.Groups, kit.Row{Href: "/directory/due?of=" + g.Organisation.ID, Cells: []templ.Component{kit.Text(l.Text(g.Organisation.Name())), kit.Text(l.S.Number(g.Entries)), kit.Pill(tag)}})
	}
}

// entries lists those of an organisation. Who does not work there says who said so.
func (v *dueView) entries(r *site.Request, q db.Reader, l listed.Speaker, of string) error {
	all, err := asking.Entries(r.Context(), q, r.Who, of)
	if err != nil {
		return err
	}
	o, err := directory.Find(r.Context(), q, r.Who, of)
	if err != nil {
		return err
	}
	v.Of, v.Title, v.Groups, v.Print = of, l.Text(o.Name()), nil, v.Print+"?of="+of
	for _, e := range all {
		value := e.ID + "." + strconv.Itoa(e.Version)
		v.Entries = append(v.Entries, dueEntry{Value: value, Href: "/directory/" + e.ID, Name: l.Text(e.Name()), What: l.S.T("directory.kind."+string(e.Kind())) + detail(l, e), Age: l.Age(e), Chosen: r.Ticked("e", value, false)})
	}
	if v.Asks = r.Who.Holds(access.ManageDirectory); !v.Asks {
		return nil
	}
	f := begin(r, "directory.due", "", "")
	v.Way, v.By, v.On = f.input("way", "way", ""), f.input("by", "by", ""), f.input("on", "on", l.Today.String())
	for _, way := range directory.ConfirmWays()[:3] {
		v.Ways = append(v.Ways, kit.Option{Value: way, Label: r.S.T("directory.way." + way)})
	}
	return nil
}

// detail says of an entry what tells it from others of its name.
func detail(l listed.Speaker, e directory.Entry) string {
	said := ""
	switch {
	case e.Service != nil:
		said = l.Needs(e.Service.Needs)
	case e.Location != nil:
		said = geo.Full(l.S.Lang(), e.Location.Place)
	}
	if said == "" {
		return ""
	}
	return ": " + said
}

// confirmDue confirms one entry, those that were ticked, or all that the page showed.
func confirmDue(r *site.Request, tx *db.Tx) (string, error) {
	on, err := dates.Parse(r.PostFormValue("on"))
	if err != nil {
		return "", fault.New(fault.Invalid, "directory.confirmed_day").On("on")
	}
	chosen := r.PostForm["e"]
	switch {
	case r.PostFormValue("one") != "":
		chosen = []string{r.PostFormValue("one")}
	case r.PostFormValue("all") == "yes":
		chosen = r.PostForm["shown"]
	}
	versions := map[string]int{}
	for _, value := range chosen {
		id, version, _ := strings.Cut(value, ".")
		n, err := strconv.Atoi(version)
		if err != nil || !ids.Valid(id) {
			return "", fault.New(fault.NotFound, "directory.not_found")
		}
		versions[id] = n
	}
	c := directory.Confirmation{On: on, Way: r.PostFormValue("way"), By: r.PostFormValue("by")}
	if _, err := directory.ConfirmSeveral(r.Context(), tx, r.Who, c, versions); err != nil {
		return "", err
	}
	r.Say("directory_confirmed")
	return "/directory/due" + ofQuery(r), nil
}

func ofQuery(r *site.Request) string {
	if of := r.PostFormValue("of"); ids.Valid(of) {
		return "?of=" + of
	}
	return ""
}

// takeBack undoes what was confirmed in one act.
func takeBack(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("directory_taken_back")
	_, err := directory.TakeBack(r.Context(), tx, r.Who, r.PostFormValue("batch"))
	return "/directory/due" + ofQuery(r), err
}

// sheet is an organisation on the list for the telephone.
type sheet struct {
	Name    string
	Phones  []string
	People  []string
	Entries []dueEntry
}

type printView struct {
	kit.Frame
	Day    string
	Sheets []sheet
}

// mostSheets is how many organisations are printed at once.
const mostSheets = 40

// printDue is a list to be gone through by telephone: whom to call, what to ask, and lines to write who said what.
func printDue(r *site.Request, q db.Reader) (templ.Component, error) {
	l, err := speaker(r, q)
	if err != nil {
		return nil, err
	}
	v := printView{Frame: r.Frame(r.S.T("directory.call_list")), Day: l.Day(l.Today)}
	wanted := []string{r.URL.Query().Get("of")}
	if wanted[0] == "" {
		groups, err := asking.Groups(r.Context(), q, r.Who)
		if err != nil {
			return nil, err
		}
		wanted = nil
		for _, g := range groups[:min(len(groups), mostSheets)] {
			wanted = append(wanted, g.Organisation.ID)
		}
	}
	for _, of := range wanted {
		if !ids.Valid(of) {
			return nil, fault.New(fault.NotFound, "directory.not_found")
		}
		s, err := sheetOf(r, q, l, of)
		if err != nil {
			return nil, err
		}
		v.Sheets = append(v.Sheets, s)
	}
	return printPage(v), nil
}

func sheetOf(r *site.Request, q db.Reader, l listed.Speaker, of string) (s sheet, err error) {
	all, err := asking.Entries(r.Context(), q, r.Who, of)
	if err != nil {
		return s, err
	}
	o, err := directory.Find(r.Context(), q, r.Who, of)
	if err != nil {
		return s, err
	}
	s.Name = l.Text(o.Name())
	s.Phones = numbersOf(l, o.Organisation.Phones)
	people, err := directory.Focals(r.Context(), q, r.Who, of)
	for _, f := range people {
		s.People = append(s.People, strings.Join(append(filled(f.Name, f.Title, f.Unit), numbersOf(l, f.Phones)...), ", "))
	}
	for _, e := range all {
		one := dueEntry{Name: l.Text(e.Name()), What: l.S.T("directory.kind."+string(e.Kind())) + detail(l, e), Age: l.Age(e)}
		one.Checked = strings.Join(ask(l, e), " · ")
		s.Entries = append(s.Entries, one)
	}
	return s, err
}

func numbersOf(l listed.Speaker, all []listing.Phone) (said []string) {
	for _, p := range all {
		said = append(said, strings.TrimSpace(l.S.Digits(p.Number)+" "+l.Phone(p)))
	}
	return said
}

// ask is what of an entry is read out, so that somebody can say whether it is right.
func ask(l listed.Speaker, e directory.Entry) (said []string) {
	add := func(key string, values ...string) {
		if some := filled(values...); len(some) > 0 {
			said = append(said, l.S.T(key)+": "+strings.Join(some, ", "))
		}
	}
	switch {
	case e.Service != nil:
		s := e.Service
		add("directory.form.phones", numbersOf(l, s.Phones)...)
		add("directory.field.hours", l.Hours(s.Hours)...)
		add("directory.field.cost", l.Costs(s)...)
		add("directory.field.papers", l.Papers(s.Papers)...)
		add("directory.field.for", l.For(s.For)...)
		add("directory.form.areas", l.Areas(s.Areas))
		add("directory.field.capacity", l.Capacity(s.Capacity))
	case e.Location != nil:
		add("directory.form.address", l.Text(e.Location.Address), geo.Full(l.S.Lang(), e.Location.Place))
		add("directory.form.phones", numbersOf(l, e.Location.Phones)...)
		add("directory.field.hours", l.Hours(e.Location.Hours)...)
	default:
		add("directory.form.phones", numbersOf(l, e.Organisation.Phones)...)
		add("directory.form.website", cmp.Or(e.Organisation.Website, e.Organisation.Email))
	}
	return said
}
