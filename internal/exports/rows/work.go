// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"fera/internal/activities"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/services"
)

// chosen are the cases that the filter chooses, or whose parts it chooses.
func (r *Reader) chosen() cases.Selection {
	f := r.Filter
	return cases.Selection{Office: f.Office, Worker: f.Worker, Programme: f.Programme, Limit: PageSize}
}

func (r *Reader) cases(ctx context.Context, q db.Reader, after string) (Page, error) {
	s := r.chosen()
	s.Status, s.Risk, s.From, s.Until, s.After = cases.Status(r.Filter.Status), cases.Risk(r.Filter.Risk), r.since(), r.before(), cases.ID(after)
	all, err := cases.Every(ctx, q, r.who, s)
	if err != nil {
		return Page{}, err
	}
	var p Page
	for _, c := range all {
		v := map[string]string{"programme": c.Programme, "status": string(c.Status), "origin": c.Origin, "opened_month": month(c.OpenedAt), "closed_month": month(c.ClosedAt),
			"closure": c.Closure, "openings": strconv.Itoa(c.Openings), "due_for": c.DueFor, "risk": string(c.Risk), "worker": c.WorkerName, "opened_on": onDay(c.OpenedAt), "closed_on": onDay(c.ClosedAt)}
		if c.DueOn != cases.Never {
			v["due_on"] = c.DueOn
		}
		r.signs(v, map[string]string{"case": string(c.ID), "person": string(c.Person)})
		if err := r.at(ctx, q, v, c.Office); err != nil {
			return Page{}, err
		}
		p.Rows = append(p.Rows, Row{c.Person, v})
	}
	if len(all) == PageSize {
		p.Next = string(all[len(all)-1].ID)
	}
	return p, r.people(ctx, q, p.Rows)
}

func (r *Reader) services(ctx context.Context, q db.Reader, after string) (Page, error) {
	all, err := services.Every(ctx, q, r.who, services.Selection{Cases: r.chosen(), Code: r.Filter.Kind, From: r.from, Until: r.to, After: services.ID(after), Limit: PageSize})
	if err != nil {
		return Page{}, err
	}
	var p Page
	for _, s := range all {
		v := map[string]string{"kind_code": s.Code, "given_month": ofMonth(s.On), "given_on": s.On.String(), "quantity": strconv.Itoa(s.Quantity), "given_by": s.By}
		if s.Amount != 0 {
			v["amount_taka"] = taka(s.Amount)
		}
		if err := r.serviceKind(ctx, q, v, s); err != nil {
			return Page{}, err
		}
		r.signs(v, map[string]string{"service": string(s.ID), "case": string(s.Case), "person": string(s.Person)})
		if err := r.ofCase(ctx, q, v, s.Case, s.Office); err != nil {
			return Page{}, err
		}
		p.Rows = append(p.Rows, Row{s.Person, v})
	}
	if len(all) == PageSize {
		p.Next = string(all[len(all)-1].ID)
	}
	return p, r.people(ctx, q, p.Rows)
}

// taka writes poisha as taka.
func taka(poisha int64) string { return strconv.FormatFloat(float64(poisha)/100, 'f', -1, 64) }

// serviceKind says what kind a service is of.
func (r *Reader) serviceKind(ctx context.Context, q db.Reader, v map[string]string, s services.Service) (err error) {
	find := func(say func(services.Kind) string) func() (string, error) {
		return func() (string, error) {
			k, err := services.FindKind(ctx, q, s.Code, s.On)
			if f := fault.Of(err); f != nil && f.Kind == fault.Invalid {
				return "", nil
			}
			return say(k), err
		}
	}
	day := s.Code + " " + s.On.String()
	if v["kind"], err = r.named("kind "+day, find(func(k services.Kind) string { return k.Name(string(r.Lang)) })); err != nil {
		return err
	}
	v["category"], err = r.named("category "+day, find(func(k services.Kind) string { return k.Category }))
	return err
}

// ofCase says of which programme and office something is.
func (r *Reader) ofCase(ctx context.Context, q db.Reader, v map[string]string, id cases.ID, office string) error {
	c, err := cases.Find(ctx, q, r.who, id)
	if err != nil {
		return err
	}
	v["programme"] = c.Programme
	return r.at(ctx, q, v, office)
}

func (r *Reader) referrals(ctx context.Context, q db.Reader, after string) (Page, error) {
	all, err := referrals.Every(ctx, q, r.who, referrals.Selection{Cases: r.chosen(), State: course.State(r.Filter.Status), From: r.since(), Until: r.before(), After: referrals.ID(after), Limit: PageSize})
	if err != nil {
		return Page{}, err
	}
	var p Page
	for _, f := range all {
		v := map[string]string{"need_code": f.Need, "urgency": f.Urgency, "state": string(f.State), "outcome": string(f.Outcome), "answer": f.Answer, "number": f.Number,
			"sent_month": month(f.SentAt), "sent_on": onDay(f.SentAt), "ended_month": month(f.EndedAt), "ended_on": onDay(f.EndedAt)}
		if n, ok := listing.NeedOf(f.Need); ok {
			v["need"] = n.Name(string(r.Lang))
		}
		if v["provider"], err = r.provider(ctx, q, f.Organisation); err != nil {
			return Page{}, err
		}
		r.signs(v, map[string]string{"referral": string(f.ID), "case": string(f.Case), "person": string(f.Person)})
		if err := r.at(ctx, q, v, f.FromOffice); err != nil {
			return Page{}, err
		}
		p.Rows = append(p.Rows, Row{f.Person, v})
	}
	if len(all) == PageSize {
		p.Next = string(all[len(all)-1].ID)
	}
	return p, r.people(ctx, q, p.Rows)
}

func (r *Reader) provider(ctx context.Context, q db.Reader, id string) (string, error) {
	return r.named("provider "+id, func() (string, error) {
		there, err := directory.Several(ctx, q, []string{id})
		return there[id].Name().In(string(r.Lang)), err
	})
}

func (r *Reader) activities(ctx context.Context, q db.Reader, after string) (Page, error) {
	f := r.Filter
	list, err := activities.List(ctx, q, r.who, activities.Filter{Kind: f.Kind, Place: f.Place, From: r.from, Until: r.to, Project: projects.ID(f.Project), Before: after, Limit: PageSize})
	if err != nil {
		return Page{}, err
	}
	p := Page{Next: list.Next}
	for _, a := range list.Acts {
		v := map[string]string{"activity": string(a.ID), "kind_code": a.Kind, "way": string(a.Way), "from_on": a.From.String(), "times": strconv.Itoa(max(a.Times, 1)), "households": strconv.Itoa(a.Households),
			"reached": strconv.Itoa(a.Reached), "estimate": map[bool]string{true: "yes", false: "no"}[a.Estimate], "where": a.Where, "topic": a.Topic, "team": a.Team, "remark": a.Remark}
		if !a.Until.IsZero() {
			v["until_on"] = a.Until.String()
		}
		if a.Cost != 0 {
			v["cost"], v["currency"] = taka(a.Cost), a.Currency
			if a.Currency == "" {
				v["currency"] = "BDT"
			}
		}
		if !a.Named { // of those who are listed by name, the cells are not with the activity
			bySex(v, a.Cells)
		}
		r.place(v, a.Place)
		if v["kind"], err = r.named("activity "+a.Kind+a.From.String(), func() (string, error) {
			k, err := activities.FindKind(ctx, q, a.Kind, a.From)
			return k.Name(string(r.Lang)), err
		}); err != nil {
			return Page{}, err
		}
		if err := r.at(ctx, q, v, a.Office); err != nil {
			return Page{}, err
		}
		p.Rows = append(p.Rows, Row{"", v})
	}
	return p, nil
}

// bySex adds up who was there.
func bySex(v map[string]string, cells []activities.Cell) {
	sums := map[string]int{}
	for _, c := range cells {
		sums[c.Sex] += c.People
	}
	for code, sex := range map[string]string{"women": "female", "men": "male", "others": "other", "sex_unknown": "unknown"} {
		v[code] = strconv.Itoa(sums[sex])
	}
}

func (r *Reader) directory(ctx context.Context, q db.Reader, after string) (Page, error) {
	f := r.Filter
	all, err := directory.List(ctx, q, r.who, directory.Filter{Kind: listing.Kind(f.Kind), Place: f.Place, State: listing.State(f.Status), After: after, Entered: true, Limit: PageSize})
	if err != nil {
		return Page{}, err
	}
	var p Page
	for _, e := range all {
		if e.ID == "" {
			return Page{}, errors.New("an entry of the directory is not there")
		}
		v := map[string]string{"entry": e.ID, "kind": string(e.Kind()), "name_en": e.Name().En, "name_bn": e.Name().Bn, "belongs_to": e.Belongs(e.ID), "state": string(e.State)}
		for code, on := range map[string]dates.Partial{"confirmed_on": e.ConfirmedOn, "due_on": e.DueOn} {
			if !on.IsZero() {
				v[code] = on.String()
			}
		}
		switch {
		case e.Organisation != nil:
			v["website"], v["email"], v["phones"] = e.Organisation.Website, e.Organisation.Email, phones(e.Organisation.Phones)
		case e.Service != nil && !e.Service.Hidden:
			v["needs"], v["areas"] = strings.Join(e.Service.Needs, " "), strings.Join(e.Service.Areas, " ")
			v["website"], v["email"], v["phones"] = e.Service.Website, e.Service.Email, phones(e.Service.Phones)
		}
		p.Rows = append(p.Rows, Row{persons.ID(""), v})
	}
	if len(all) == PageSize {
		p.Next = all[len(all)-1].ID
	}
	return p, nil
}

func phones(all []listing.Phone) string {
	var numbers []string
	for _, p := range all {
		numbers = append(numbers, p.Number)
	}
	return strings.Join(numbers, "; ")
}
