// SPDX-License-Identifier: Apache-2.0

// Package sheltering is the pages about safe shelters: the boards of those who run them, the stays of a case, and how many beds are free.
//
// Where a shelter is, and who is in one, is drawn by acts only, which enter the look; no page that only reads shows it, and no
// address of a page names it.
package sheltering

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/shelters"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of this room.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /shelters", Perm: access.ManageShelter, Page: list},
		{Path: "GET /shelters/new", Perm: access.ManageShelter, Page: opening},
		{Path: "POST /shelters", Perm: access.ManageShelter, Act: open, Page: opening},
		{Path: "GET /shelters/beds", Perm: access.PlaceInShelter, Page: beds},
		{Path: "GET /shelters/{id}", Perm: access.ManageShelter, Page: board},
		{Path: "POST /shelters/{id}/names", Perm: access.ManageShelter, Act: names},
		{Path: "POST /shelters/{id}/guest", Perm: access.ManageShelter, Act: guest, Page: guestForm},
		{Path: "GET /shelters/{id}/settings", Perm: access.ManageShelter, Page: settings},
		{Path: "POST /shelters/{id}/settings", Perm: access.ManageShelter, Act: alter, Page: settings},
		{Path: "POST /shelters/{id}/rooms", Perm: access.ManageShelter, Act: furnish, Page: settings},
		{Path: "POST /shelters/{id}/beds", Perm: access.ManageShelter, Act: use, Page: settings},
		{Path: "POST /shelters/{id}/keepers", Perm: access.ManageShelter, Act: staff, Page: settings},
		{Path: "POST /shelters/{id}/close", Perm: access.ManageShelter, Act: shut, Page: settings},
		{Path: "POST /shelters/{id}/place", Perm: access.ManageShelter, Act: place, Page: placing},
		{Path: "GET /shelters/{id}/rules", Perm: access.ManageShelter, Page: rules},
		{Path: "GET /cases/{id}/stays", Perm: access.ReadCases, Page: stays},
		{Path: "POST /cases/{id}/stays", Perm: access.ReadCases, Act: lookAtStays, Page: stays},
		{Path: "GET /cases/{id}/stays/ask", Perm: access.PlaceInShelter, Page: asking},
		{Path: "POST /cases/{id}/stays/ask", Perm: access.PlaceInShelter, Act: ask, Page: asking},
		{Path: "POST /cases/{id}/stays/do", Perm: access.PlaceInShelter, Act: do, Page: doForm},
	}
}

// at is the address of a shelter, or of a page below it.
func at(id shelters.ID, parts ...string) string {
	return strings.Join(append([]string{"/shelters", string(id)}, parts...), "/")
}

func shelterID(r *site.Request) (shelters.ID, error) {
	id, err := r.ID("id")
	return shelters.ID(id), err
}

// whole reads a number that was typed, in either script; nothing is none.
func whole(r *site.Request, name string, none int) (int, error) {
	text := strings.TrimSpace(r.PostFormValue(name))
	if text == "" {
		return none, nil
	}
	n, err := strconv.Atoi(strings.Map(func(c rune) rune {
		if c >= '০' && c <= '৯' {
			return '0' + c - '০'
		}
		return c
	}, text))
	if err != nil {
		return 0, fault.New(fault.Invalid, "fault.bad_number").On(name)
	}
	return n, nil
}

// day reads a date that was typed; nothing is none.
func day(r *site.Request, name string) (dates.Partial, error) {
	text := strings.TrimSpace(r.PostFormValue(name))
	if text == "" {
		return dates.Partial{}, nil
	}
	d, err := dates.Parse(text)
	if f := fault.Of(err); f != nil {
		return d, f.On(name)
	}
	return d, err
}

func divisions(r *site.Request) (all []kit.Option) {
	for _, p := range geo.Children("") {
		all = append(all, kit.Option{Value: p.Code, Label: p.Name(r.S.Lang())})
	}
	return all
}

func serving(r *site.Request) (all []kit.Option) {
	for _, s := range shelters.AllServes() {
		all = append(all, kit.Option{Value: string(s), Label: r.S.T("shelter.serves." + string(s))})
	}
	return all
}

// card is a shelter on the list, without where it is.
type card struct {
	Name, Href string
	Pills      []kit.Tag
}

type listView struct {
	kit.Frame
	Cards  []card
	MayAdd bool
}

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	all, err := shelters.List(r.Context(), q, r.Who)
	if err != nil {
		return nil, err
	}
	v := listView{Frame: r.Frame(r.S.T("shelter.board")), MayAdd: true}
	for _, s := range all {
		c := card{Name: s.Name, Href: at(s.ID)}
		b, err := shelters.ReadBoard(r.Context(), q, r.Who, shelters.Viewing{Shelter: s.ID, Days: 1})
		if err != nil {
			return nil, err
		}
		c.Pills = append(counts(r, b), kit.Tag{Text: geo.Name(r.S.Lang(), s.Division)})
		switch {
		case !s.ClosedAt.IsZero():
			c.Pills = []kit.Tag{{Text: r.S.T("shelter.state_closed")}}
		case !s.Runs:
			c.Pills = append(c.Pills, kit.Tag{Text: r.S.T("shelter.state_overseen")})
		}
		v.Cards = append(v.Cards, c)
	}
	return listPage(v), nil
}

// counts say how a shelter stands tonight.
func counts(r *site.Request, b shelters.Board) []kit.Tag {
	free, kept, taken := b.Count()
	tags := []kit.Tag{{Text: r.S.T("shelter.free_now", "count", free), Tone: kit.Good}, {Text: r.S.T("shelter.taken_now", "count", taken)}, {Text: r.S.T("shelter.kept_now", "count", kept)}}
	if n := len(b.Wanted); n > 0 {
		tags = append(tags, kit.Tag{Text: r.S.T("shelter.wanted_now", "count", n), Tone: kit.Attention})
	}
	return tags
}

// formView is the form of a shelter; what is nil is not asked.
type formView struct {
	kit.Frame
	Problems                    kit.Problems
	Action, Back                string
	Version                     int
	Name, Division              kit.Input
	Days, Extension             kit.Input
	Shared, Rules               kit.Input
	Divisions                   []kit.Option
	Address, Phone, Directions  kit.Input
	WithPlace                   bool
	Rooms                       []shelters.Room
	Keepers                     []shelters.Keeper
	Candidates                  []kit.Option
	Label, Serves, Beds, Access kit.Input
	ServesAll                   []kit.Option
	Keeper                      kit.Input
	Runs, Closed                bool
	ID                          shelters.ID
}

func (v *formView) ask(r *site.Request, s shelters.Shelter, rules string) {
	number := func(name string, now int, hint string) kit.Input {
		in := r.Input(name, r.S.T("shelter.field."+name), strconv.Itoa(now))
		in.InputMode, in.Width, in.Hint, in.MaxLength = "numeric", kit.Short, hint, 6
		return in
	}
	v.Name = r.Input("name", r.S.T("shelter.field.name"), s.Name)
	v.Name.Hint, v.Name.MaxLength = r.S.T("shelter.field.name_hint"), 40
	v.Division, v.Divisions = r.Input("division", r.S.T("shelter.field.division"), s.Division), divisions(r)
	v.Days, v.Extension = number("days", s.Days, r.S.T("shelter.field.days_hint")), number("extension", s.Extension, r.S.T("shelter.field.extension_hint"))
	v.Shared = kit.Input{Name: "shared", Label: r.S.T("shelter.field.shared")}
	if r.Ticked("shared", "yes", s.Shared) {
		v.Shared.Value = "yes"
	}
	v.Rules = r.Input("rules", r.S.T("shelter.field.rules"), rules)
	v.Rules.Hint, v.Rules.Rows, v.Rules.MaxLength, v.Rules.Optional = r.S.T("shelter.field.rules_hint"), 8, 8000, true
}

func (v *formView) askPlace(r *site.Request, now shelters.Whereabouts) {
	v.WithPlace = true
	v.Address = r.Input("address", r.S.T("shelter.field.address"), now.Address)
	v.Address.Rows, v.Address.MaxLength = 2, 300
	v.Phone = r.Input("telephone", r.S.T("shelter.field.telephone"), now.Telephone)
	v.Phone.InputMode, v.Phone.MaxLength = "tel", 60
	v.Directions = r.Input("directions", r.S.T("shelter.field.directions"), now.Directions)
	v.Directions.Hint, v.Directions.MaxLength, v.Directions.Optional = r.S.T("shelter.field.directions_hint"), 2000, true
}

func opening(r *site.Request, _ db.Reader) (templ.Component, error) {
	v := formView{Frame: r.Frame(r.S.T("shelter.board")), Problems: r.Problems, Action: "/shelters", Back: "/shelters"}
	v.ask(r, shelters.Shelter{Days: 30, Extension: 30}, "")
	v.askPlace(r, shelters.Whereabouts{})
	return openingPage(v), nil
}

func read(r *site.Request) (o shelters.Opening, err error) {
	o = shelters.Opening{Version: r.Version(0), Name: r.PostFormValue("name"), Division: r.PostFormValue("division"), Shared: r.PostFormValue("shared") == "yes", Rules: r.PostFormValue("rules")}
	if o.Days, err = whole(r, "days", 0); err != nil {
		return o, err
	}
	o.Extension, err = whole(r, "extension", 0)
	return o, err
}

func whereabouts(r *site.Request) shelters.Whereabouts {
	return shelters.Whereabouts{Address: r.PostFormValue("address"), Telephone: r.PostFormValue("telephone"), Directions: r.PostFormValue("directions")}
}

func open(r *site.Request, tx *db.Tx) (string, error) {
	o, err := read(r)
	if err != nil {
		return "", err
	}
	id, err := shelters.Open(r.Context(), tx, r.Who, o, whereabouts(r))
	r.Say("shelter_opened")
	return at(id, "settings"), err
}

func settings(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := shelterID(r)
	if err != nil {
		return nil, err
	}
	s, err := shelters.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	rules, err := shelters.Rules(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	v := formView{Frame: r.Frame(r.S.T("shelter.board")), Problems: r.Problems, Action: at(id, "settings"), Back: at(id), Version: r.Version(s.Version), ID: id, Runs: s.Runs, Closed: !s.ClosedAt.IsZero()}
	v.ask(r, s, rules)
	if v.Rooms, err = shelters.Rooms(r.Context(), q, r.Who, id); err != nil {
		return nil, err
	}
	if v.Keepers, err = shelters.Keepers(r.Context(), q, r.Who, id); err != nil {
		return nil, err
	}
	more, err := shelters.Candidates(r.Context(), q, r.Who, id)
	for _, k := range more {
		v.Candidates = append(v.Candidates, kit.Option{Value: k.User, Label: k.Name})
	}
	v.Keeper = r.Input("user", r.S.T("shelter.keeper_add"), "")
	v.Label, v.Serves, v.ServesAll = r.Input("label", r.S.T("shelter.field.label"), ""), r.Input("serves", r.S.T("shelter.field.serves"), ""), serving(r)
	v.Label.Width, v.Label.MaxLength = kit.Medium, 12
	v.Beds, v.Access = r.Input("beds", r.S.T("shelter.field.beds"), ""), r.Input("accessible", r.S.T("shelter.field.accessible"), "0")
	for _, in := range []*kit.Input{&v.Beds, &v.Access} {
		in.InputMode, in.Width, in.MaxLength = "numeric", kit.Short, 4
	}
	return settingsPage(v), err
}

func alter(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	o, err := read(r)
	if err != nil {
		return "", err
	}
	o.ID = id
	r.Say("shelter_saved")
	return at(id, "settings"), shelters.Alter(r.Context(), tx, r.Who, o)
}

func furnish(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	f := shelters.Furnishing{Shelter: id, Label: r.PostFormValue("label"), Serves: shelters.Serves(r.PostFormValue("serves"))}
	if f.Beds, err = whole(r, "beds", 0); err != nil {
		return "", err
	}
	if f.Accessible, err = whole(r, "accessible", 0); err != nil {
		return "", err
	}
	r.Say("shelter_saved")
	return at(id, "settings"), shelters.Furnish(r.Context(), tx, r.Who, f)
}

func use(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	r.Say("shelter_saved")
	return at(id, "settings"), shelters.Use(r.Context(), tx, r.Who, r.PostFormValue("bed"), r.PostFormValue("used") == "yes")
}

func staff(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	r.Say("shelter_saved")
	if r.PostFormValue("end") == "yes" {
		if err := shelters.Dismiss(r.Context(), tx, r.Who, id, r.PostFormValue("user")); err != nil {
			return "", err
		}
		if r.PostFormValue("user") == r.Who.ID {
			return "/shelters", nil
		}
		return at(id, "settings"), nil
	}
	return at(id, "settings"), shelters.Appoint(r.Context(), tx, r.Who, id, r.PostFormValue("user"))
}

func shut(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	r.Say("shelter_closed")
	return "/shelters", shelters.Close(r.Context(), tx, r.Who, id)
}

// placing is the form of where a shelter is, when what was typed is wrong. It is filled in with what was typed alone.
func placing(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := shelterID(r)
	if err != nil {
		return nil, err
	}
	if _, err := shelters.Find(r.Context(), q, r.Who, id); err != nil {
		return nil, err
	}
	v := formView{Frame: r.Frame(r.S.T("shelter.board")), Problems: r.Problems, Action: at(id, "place"), Back: at(id), ID: id}
	v.askPlace(r, shelters.Whereabouts{})
	return placePage(v, nil), nil
}

// place shows where a shelter is, which enters the look, or says where it is from now on.
func place(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	if r.PostFormValue("sent") == "yes" {
		r.Say("shelter_saved")
		return at(id), shelters.Relocate(r.Context(), tx, r.Who, id, whereabouts(r))
	}
	now, err := shelters.Look(r.Context(), tx, r.Who, id)
	if err != nil {
		return "", err
	}
	v := formView{Frame: r.Frame(r.S.T("shelter.board")), Action: at(id, "place"), Back: at(id), ID: id}
	v.askPlace(r, now)
	v.QuickExit = true
	r.Answer = placePage(v, &now)
	return "", nil
}

type rulesView struct {
	kit.Frame
	Back  string
	Lines []string
}

// rules is the sheet for those who stay: neither the address nor the name of the house stands on it.
func rules(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := shelterID(r)
	if err != nil {
		return nil, err
	}
	text, err := shelters.Rules(r.Context(), q, r.Who, id)
	v := rulesView{Frame: r.Frame(r.S.T("shelter.board")), Back: at(id)}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			v.Lines = append(v.Lines, line)
		}
	}
	return rulesPage(v), err
}

// whereOf says where a shelter is.
func whereOf(s *words.Speaker, at shelters.Whereabouts) []kit.Fact {
	return people.Facts(kit.Fact{Label: s.T("shelter.field.address"), Value: at.Address}, kit.Fact{Label: s.T("shelter.field.telephone"), Value: at.Telephone},
		kit.Fact{Label: s.T("shelter.field.directions"), Value: at.Directions})
}
