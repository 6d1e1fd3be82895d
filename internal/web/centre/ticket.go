// SPDX-License-Identifier: Apache-2.0

package centre

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

type ticketView struct {
	kit.Frame
	Problems     kit.Problems
	Ticket       centres.Ticket
	Code, Other  string // the number in the reader's numerals and in the others
	When         string
	Wait, How    string // empty when she does not wait any more
	Facts        []kit.Fact
	Acts         []centres.Act // but sending on, which has a form of its own
	MaySend      bool
	To, Whose    kit.Input
	Others, Hers []kit.Option
	MayTie       bool
	Tied         string // the name of whose it is said to be
	TiedTo       string // where she is found
}

// ticketPage is one ticket: to be printed without anything but its number, and what may be done with it.
func ticketPage(r *site.Request, q db.Reader) (templ.Component, error) {
	office := r.PathValue("id")
	t, err := centres.FindTicket(r.Context(), q, r.Who, office, r.PathValue("ticket"))
	if err != nil {
		return nil, err
	}
	v := ticketView{Frame: r.Frame(r.S.T("centre.ticket")), Problems: r.Problems, Ticket: t, Code: r.S.Digits(t.Code()), Other: t.Code(), When: dates.FormatTime(r.S, t.ArrivedAt)}
	if v.Other == v.Code {
		v.Other = banglaDigits(t.Code())
	}
	counters, err := centres.Counters(r.Context(), q, r.Who, office)
	if err != nil {
		return nil, err
	}
	if t.State == centres.Waiting {
		e, err := centres.Wait(r.Context(), q, r.Who, t)
		if err != nil {
			return nil, err
		}
		v.Wait, v.How = waitSaid(r.S, e), reckoned(r.S, e)
		if centres.Stranded(t, counters) {
			v.Wait = r.S.T("centre.stranded")
		}
	}
	v.facts(r, counters)
	if t.Day == dates.Of(r.Now).String() {
		v.offer(r, counters)
	}
	if err := v.whose(r, q); err != nil {
		return nil, err
	}
	return ticketShown(v), nil
}

func (v *ticketView) facts(r *site.Request, counters []centres.Counter) {
	t := v.Ticket
	name := func(id string) string {
		i := slices.IndexFunc(counters, func(c centres.Counter) bool { return c.ID == id })
		if i < 0 {
			return ""
		}
		return r.S.T("centre.counter_n", "number", counters[i].Number) + " · " + counters[i].Name(string(r.S.Lang()))
	}
	v.Facts = people.Facts(kit.Fact{Label: r.S.T("centre.state"), Value: r.S.T("centre.state." + string(t.State))}, kit.Fact{Label: r.S.T("centre.need"), Value: needSaid(r.S, t.Need)},
		kit.Fact{Label: r.S.T("centre.counter"), Value: name(t.Counter)}, kit.Fact{Label: r.S.T("centre.sent_on"), Value: name(t.Only)}, kit.Fact{Label: r.S.T("centre.arrived"), Value: v.When})
	if t.Calls > 0 {
		v.Facts = append(v.Facts, kit.Fact{Label: r.S.T("centre.calls"), Value: r.S.Number(t.Calls)})
	}
}

// offer offers what may be done with a ticket of today.
func (v *ticketView) offer(r *site.Request, counters []centres.Counter) {
	for _, a := range v.Ticket.Possible() {
		if a == centres.SendOn {
			v.MaySend = true
			continue
		}
		v.Acts = append(v.Acts, a)
	}
	v.To = r.Input("to", r.S.T("centre.send_to"), "")
	for _, c := range counters {
		if c.ID != v.Ticket.Counter && c.ID != v.Ticket.Only {
			v.Others = append(v.Others, kit.Option{Value: c.ID, Label: r.S.T("centre.counter_n", "number", c.Number) + " · " + c.Name(string(r.S.Lang()))})
		}
	}
	v.MaySend = v.MaySend && len(v.Others) > 0
	v.MayTie = !centres.Telling(v.Ticket.Need) && r.Who.Holds(access.ChangePerson)
}

// whose says whose ticket it is, to who sees her, and offers those whom one expects: who has an appointment here today, and one's own.
func (v *ticketView) whose(r *site.Request, q db.Reader) error {
	tie, err := centres.Whose(r.Context(), q, r.Who, v.Ticket.Office, v.Ticket.ID)
	if err != nil {
		return err
	}
	if tie.Person != "" {
		p, err := persons.FindCard(r.Context(), q, r.Who, tie.Person)
		if err != nil {
			return err
		}
		v.Tied, v.TiedTo = people.Name(r.S, p.NameBn, p.NameLatin), "/persons/"+string(tie.Person)
		if tie.Case != "" {
			v.TiedTo = casehead.Path(tie.Case)
		}
		return nil
	}
	if !v.MayTie {
		return nil
	}
	v.Whose = r.Input("case", r.S.T("centre.whose"), "")
	expected, err := expectedAt(r, q, v.Ticket.Office)
	if err != nil {
		return err
	}
	for _, id := range expected {
		c, err := cases.Find(r.Context(), q, r.Who, id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		p, err := persons.FindCard(r.Context(), q, r.Who, c.Person)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		v.Hers = append(v.Hers, kit.Option{Value: string(id), Label: people.Name(r.S, p.NameBn, p.NameLatin)})
	}
	return nil
}

// expectedAt are the cases of those who have an appointment at an office today, and those that the visitor has herself.
func expectedAt(r *site.Request, q db.Reader, office string) (all []cases.ID, err error) {
	today := dates.Of(r.Now)
	booked, err := appointments.List(r.Context(), q, r.Who, appointments.Filter{From: today.Start(), Until: today.End(), Office: office})
	if err != nil {
		return nil, err
	}
	for _, a := range booked {
		if !slices.Contains(all, a.Case) && a.State != appointments.Cancelled {
			all = append(all, a.Case)
		}
	}
	if !r.Who.Holds(access.ReadCases) {
		return all, nil
	}
	own, err := cases.List(r.Context(), q, r.Who, cases.Filter{Worker: r.Who.ID, Limit: 100})
	for _, c := range own.Cases {
		if !slices.Contains(all, c.ID) {
			all = append(all, c.ID)
		}
	}
	return all, err
}

// do does an act with a ticket, and leads back to the desk or the reception from which it came.
func do(r *site.Request, tx *db.Tx) (string, error) {
	office := r.PathValue("id")
	t, err := centres.Do(r.Context(), tx, r.Who, centres.Acting{Office: office, Ticket: r.PathValue("ticket"), Version: r.Version(0), Act: centres.Act(r.PostFormValue("act")), To: r.PostFormValue("to")})
	if err != nil {
		return "", err
	}
	switch back := r.PostFormValue("desk"); {
	case back != "":
		return at(office, "counters", site.Local("/" + back)[1:]), nil
	case t.State.Over() || t.State == centres.Waiting:
		return at(office), nil
	}
	return at(office, "tickets", t.ID), nil
}

// whose says whose ticket it is, or takes that back.
func whose(r *site.Request, tx *db.Tx) (string, error) {
	office, t := r.PathValue("id"), centres.Tie{Ticket: r.PathValue("ticket"), Case: cases.ID(r.PostFormValue("case"))}
	if t.Case != "" {
		c, err := cases.Find(r.Context(), tx, r.Who, t.Case)
		if err != nil {
			return "", err
		}
		t.Person = c.Person
	} else if r.PostFormValue("nobody") != "yes" {
		return "", fault.New(fault.Invalid, "fault.needed").On("case")
	}
	return at(office, "tickets", t.Ticket), centres.Say(r.Context(), tx, r.Who, office, t)
}
