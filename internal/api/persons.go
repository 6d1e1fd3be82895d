// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/calls"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/procedures"
)

// registered is the answer to a registration. The same act gets the same answer.
type registered struct {
	ID   string `json:"id"`
	Href string `json:"href"`
}

// readyToRegister does what needs no transaction, of which one at a time runs.
func readyToRegister(c *call) error {
	r := c.body.(*newPerson).registration(c.key)
	c.body = &r
	return r.Ready(c.today)
}

func register(c *call) (answer, error) {
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	id, err := persons.Register(c.ctx, c.tx, c.who, *c.body.(*persons.Registration))
	href := prefix + "/persons/" + string(id)
	return answer{status: http.StatusCreated, body: registered{string(id), href}, location: href, replayed: replayed}, err
}

func findPerson(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	p, err := persons.Find(c.ctx, c.q, c.who, id)
	return answer{body: personOf(p)}, err
}

func listPersons(c *call) (answer, error) {
	f := persons.Filter{Query: c.query["q"], Place: c.query["place"], Typing: c.query["typing"] == "true"}
	if f.Place != "" {
		if _, ok := geo.Find(f.Place); !ok {
			return answer{}, fault.New(fault.Invalid, "person.place_unknown").On("place")
		}
	}
	if t := c.query["typing"]; t != "" && t != "true" && t != "false" {
		return answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("typing")
	}
	if len(f.Query) > 500 {
		return answer{}, fault.New(fault.Invalid, "fault.too_long").With("max", 500).On("q")
	}
	var err error
	if f.Limit, err = c.limit(50, 200); err != nil {
		return answer{}, err
	}
	after, err := c.cursor()
	if err != nil {
		return answer{}, err
	}
	f.After = persons.ID(after)
	found, err := persons.List(c.ctx, c.q, c.who, f)
	next := c.next(string(found.Next))
	return answer{body: page[card]{each(found.Cards, cardOf), next}, next: next}, err
}

// cursor returns the id after which the page begins.
func (c *call) cursor() (string, error) {
	text, given := c.query["cursor"]
	if !given {
		return "", nil
	}
	id, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !ids.Valid(string(id)) {
		return "", fault.New(fault.Invalid, "api.cursor").On("cursor")
	}
	return string(id), nil
}

// next is the address of the page that begins after id, or nothing.
func (c *call) next(id string) string {
	if id == "" {
		return ""
	}
	q := url.Values{}
	for name, value := range c.query {
		q.Set(name, value)
	}
	q.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(id)))
	return c.r.URL.Path + "?" + q.Encode()
}

func history(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	limit, err := c.limit(50, 200)
	if err != nil {
		return answer{}, err
	}
	before, err := c.cursor()
	if err != nil {
		return answer{}, err
	}
	lines, err := persons.History(c.ctx, c.q, c.who, id, audit.Filter{Before: before, Limit: limit + 1})
	if err != nil {
		return answer{}, err
	}
	next := ""
	if len(lines) > limit {
		lines = lines[:limit]
		next = c.next(lines[limit-1].ID)
	}
	return answer{body: page[event]{each(lines, eventOf), next}, next: next}, nil
}

func looks(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	lines, err := persons.Looks(c.ctx, c.q, c.who, id)
	return answer{body: page[look]{Items: each(lines, lookOf)}}, err
}

func lookAt(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	p, err := persons.Look(c.ctx, c.tx, c.who, id)
	return answer{body: protectedOf(p)}, err
}

// number is one number in full.
type number struct {
	Number string `json:"number"`
}

func revealNumber(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*reveal)
	row := b.ID
	if !ids.Valid(row) {
		row = "none" // nobody's row, found after the person is
	}
	n, err := calls.Reveal(c.ctx, c.tx, c.who, persons.RowOf{Person: id, Row: persons.Row(b.Row), ID: row}, b.Anyway)
	return answer{body: number{n}}, err
}

func erase(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	e, err := procedures.Erase(c.ctx, c.tx, c.who, id, c.body.(*erasure).Reason)
	if err != nil {
		return answer{}, err
	}
	return answer{body: receiptOf(e)}, nil
}

// change is an act on one person. It is answered with the person as she is then.
func change(act func(c *call, id persons.ID) error) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		id, err := c.person()
		if err != nil {
			return answer{}, err
		}
		replayed, err := c.once(id)
		if err == nil && !replayed {
			err = act(c, id)
		}
		if err != nil {
			return answer{}, err
		}
		p, err := persons.Find(c.ctx, c.tx, c.who, id)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			// The act closed her record to who did it, as when she withdraws her agreement.
			return answer{status: http.StatusNoContent, replayed: replayed}, nil
		}
		return answer{status: c.op.answers(), body: personOf(p), replayed: replayed}, err
	}
}

func amend(c *call, id persons.ID) error {
	b := c.body.(*personChange)
	return persons.Change(c.ctx, c.tx, c.who, persons.Amendment{Person: id, Version: b.Version, Source: persons.Source(b.Source), Values: b.Values, Reason: b.Reason})
}

func choose(c *call, id persons.ID) error {
	b := c.body.(*choice)
	return persons.Choose(c.ctx, c.tx, c.who, persons.Choice{Person: id, Version: b.Version, Claim: b.Claim, Reason: b.Reason})
}

func addContact(c *call, id persons.ID) error {
	return persons.AddContact(c.ctx, c.tx, c.who, id, c.body.(*newContact).contact())
}

func addIdentifier(c *call, id persons.ID) error {
	return persons.AddIdentifier(c.ctx, c.tx, c.who, id, c.body.(*newIdentifier).identifier())
}

func addJourney(c *call, id persons.ID) error {
	return persons.AddJourney(c.ctx, c.tx, c.who, id, c.body.(*newJourney).journey())
}

func addRelation(c *call, id persons.ID) error {
	return persons.AddRelation(c.ctx, c.tx, c.who, id, c.body.(*newRelation).relation())
}

func addConsent(c *call, id persons.ID) error {
	return persons.AnswerConsent(c.ctx, c.tx, c.who, id, c.body.(*newConsent).consent())
}

func addFunctioning(c *call, id persons.ID) error {
	return persons.RecordFunctioning(c.ctx, c.tx, c.who, id, c.body.(*functioning).functioning())
}

func changeContact(c *call, id persons.ID) error {
	b := c.body.(*contactChange)
	row, err := c.row()
	if err != nil {
		return err
	}
	return persons.ChangeContact(c.ctx, c.tx, c.who, id, persons.Contact{ID: row, Version: b.Version, Owner: b.Owner, Safety: b.Safety, Ways: b.Ways, Hours: b.Hours})
}

func changeJourney(c *call, id persons.ID) error {
	b := c.body.(*journeyChange)
	row, err := c.row()
	if err != nil {
		return err
	}
	j := b.journey()
	j.ID, j.Version = row, b.Version
	return persons.ChangeJourney(c.ctx, c.tx, c.who, id, j)
}

// end makes the act that takes a row out of use, or brings it back.
func end(row persons.Row, set func(context.Context, *db.Tx, access.Actor, persons.Ending) error) func(*call, persons.ID) error {
	return func(c *call, id persons.ID) error {
		b := c.body.(*ending)
		which, err := c.row()
		if err != nil {
			return err
		}
		return set(c.ctx, c.tx, c.who, persons.Ending{Person: id, Row: row, ID: which, Version: b.Version, Reason: b.Reason})
	}
}
