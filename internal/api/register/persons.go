// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/audit"
	"fera/internal/calls"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	keys "fera/internal/operations"
	"fera/internal/persons"
	"fera/internal/procedures"
)

// readyToRegister does what needs no transaction, of which one at a time runs.
func readyToRegister(c *op.Call) error {
	r := c.Body.(*newPerson).registration(c.Key)
	c.Body = &r
	return r.Ready(c.Today)
}

func register(c *op.Call) (op.Answer, error) {
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	id, err := persons.Register(c.Ctx, c.Tx, c.Who, *c.Body.(*persons.Registration))
	href := op.Prefix + "/persons/" + string(id)
	return op.Answer{Status: http.StatusCreated, Body: op.Registered{ID: string(id), Href: href}, Location: href, Replayed: replayed}, err
}

func findPerson(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	p, err := persons.Find(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: personOf(p)}, err
}

func listPersons(c *op.Call) (op.Answer, error) {
	f := persons.Filter{Query: c.Query["q"], Place: c.Query["place"], Typing: c.Query["typing"] == "true"}
	if f.Place != "" {
		if _, ok := geo.Find(f.Place); !ok {
			return op.Answer{}, fault.New(fault.Invalid, "person.place_unknown").On("place")
		}
	}
	if t := c.Query["typing"]; t != "" && t != "true" && t != "false" {
		return op.Answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("typing")
	}
	if len(f.Query) > 500 {
		return op.Answer{}, fault.New(fault.Invalid, "fault.too_long").With("max", 500).On("q")
	}
	var err error
	if f.Limit, err = c.Limit(50, 200); err != nil {
		return op.Answer{}, err
	}
	after, err := c.Cursor()
	if err != nil {
		return op.Answer{}, err
	}
	f.After = persons.ID(after)
	found, err := persons.List(c.Ctx, c.Q, c.Who, f)
	next := c.Next(string(found.Next))
	return op.Answer{Body: op.Page[card]{Items: op.Each(found.Cards, cardOf), Next: next}, Next: next}, err
}

func history(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	limit, err := c.Limit(50, 200)
	if err != nil {
		return op.Answer{}, err
	}
	before, err := c.Cursor()
	if err != nil {
		return op.Answer{}, err
	}
	lines, err := persons.History(c.Ctx, c.Q, c.Who, id, audit.Filter{Before: before, Limit: limit + 1})
	if err != nil {
		return op.Answer{}, err
	}
	next := ""
	if len(lines) > limit {
		lines = lines[:limit]
		next = c.Next(lines[limit-1].ID)
	}
	return op.Answer{Body: op.Page[event]{Items: op.Each(lines, eventOf), Next: next}, Next: next}, nil
}

func looks(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	lines, err := persons.Looks(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: op.Page[look]{Items: op.Each(lines, lookOf)}}, err
}

func lookAt(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	p, err := persons.Look(c.Ctx, c.Tx, c.Who, id)
	return op.Answer{Body: protectedOf(p)}, err
}

// number is one number in full.
type number struct {
	Number string `json:"number"`
}

func revealNumber(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*reveal)
	row := b.ID
	if !ids.Valid(row) {
		row = "none" // nobody's row, found after the person is
	}
	n, err := calls.Reveal(c.Ctx, c.Tx, c.Who, persons.RowOf{Person: id, Row: persons.Row(b.Row), ID: row}, b.Anyway)
	return op.Answer{Body: number{n}}, err
}

func erase(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	e, err := procedures.Erase(c.Ctx, c.Tx, c.Who, id, c.Body.(*erasure).Reason)
	if err != nil {
		return op.Answer{}, err
	}
	return op.Answer{Body: receiptOf(e)}, nil
}

// change is an act on one person. It is answered with the person as she is then.
func change(act func(c *op.Call, id persons.ID) error) func(*op.Call) (op.Answer, error) {
	return func(c *op.Call) (op.Answer, error) {
		id, err := c.Person()
		if err != nil {
			return op.Answer{}, err
		}
		replayed, err := once(c, id)
		if err == nil && !replayed {
			err = act(c, id)
		}
		if err != nil {
			return op.Answer{}, err
		}
		p, err := persons.Find(c.Ctx, c.Tx, c.Who, id)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			// The act closed her record to who did it, as when she withdraws her agreement.
			return op.Answer{Status: http.StatusNoContent, Replayed: replayed}, nil
		}
		return op.Answer{Status: c.Op.Answers(), Body: personOf(p), Replayed: replayed}, err
	}
}

func amend(c *op.Call, id persons.ID) error {
	b := c.Body.(*personChange)
	return persons.Change(c.Ctx, c.Tx, c.Who, persons.Amendment{Person: id, Version: b.Version, Source: persons.Source(b.Source), Values: b.Values, Reason: b.Reason})
}

func choose(c *op.Call, id persons.ID) error {
	b := c.Body.(*choice)
	return persons.Choose(c.Ctx, c.Tx, c.Who, persons.Choice{Person: id, Version: b.Version, Claim: b.Claim, Reason: b.Reason})
}

func addContact(c *op.Call, id persons.ID) error {
	return persons.AddContact(c.Ctx, c.Tx, c.Who, id, c.Body.(*newContact).contact())
}

func addIdentifier(c *op.Call, id persons.ID) error {
	return persons.AddIdentifier(c.Ctx, c.Tx, c.Who, id, c.Body.(*newIdentifier).identifier())
}

func addJourney(c *op.Call, id persons.ID) error {
	return persons.AddJourney(c.Ctx, c.Tx, c.Who, id, c.Body.(*newJourney).journey())
}

func addRelation(c *op.Call, id persons.ID) error {
	return persons.AddRelation(c.Ctx, c.Tx, c.Who, id, c.Body.(*newRelation).relation())
}

func addConsent(c *op.Call, id persons.ID) error {
	return persons.AnswerConsent(c.Ctx, c.Tx, c.Who, id, c.Body.(*newConsent).consent())
}

func addFunctioning(c *op.Call, id persons.ID) error {
	return persons.RecordFunctioning(c.Ctx, c.Tx, c.Who, id, c.Body.(*functioning).functioning())
}

func changeContact(c *op.Call, id persons.ID) error {
	b := c.Body.(*contactChange)
	row, err := c.Row()
	if err != nil {
		return err
	}
	return persons.ChangeContact(c.Ctx, c.Tx, c.Who, id, persons.Contact{ID: row, Version: b.Version, Owner: b.Owner, Safety: b.Safety, Ways: b.Ways, Hours: b.Hours})
}

func changeJourney(c *op.Call, id persons.ID) error {
	b := c.Body.(*journeyChange)
	row, err := c.Row()
	if err != nil {
		return err
	}
	j := b.journey()
	j.ID, j.Version = row, b.Version
	return persons.ChangeJourney(c.Ctx, c.Tx, c.Who, id, j)
}

// end makes the act that takes a row out of use, or brings it back.
func end(row persons.Row, set func(context.Context, *db.Tx, access.Actor, persons.Ending) error) func(*op.Call, persons.ID) error {
	return func(c *op.Call, id persons.ID) error {
		b := c.Body.(*ending)
		which, err := c.Row()
		if err != nil {
			return err
		}
		return set(c.Ctx, c.Tx, c.Who, persons.Ending{Person: id, Row: row, ID: which, Version: b.Version, Reason: b.Reason})
	}
}

// once reports whether this act on a person was done before, and otherwise enters
// it. Who may not see the person learns nothing of her from a repetition.
func once(c *op.Call, id persons.ID) (bool, error) {
	if c.Key == "" {
		return false, nil
	}
	if _, err := persons.FindCard(c.Ctx, c.Tx, c.Who, id); err != nil {
		return false, err
	}
	if err := access.CheckOn(c.Ctx, c.Tx, c.Who, c.Op.Need, string(id)); err != nil {
		return false, err
	}
	content, err := json.Marshal(map[string]any{"path": c.R.URL.Path, "body": c.Body}, json.Deterministic(true))
	if err != nil {
		return false, err
	}
	earlier, err := keys.Once(c.Ctx, c.Tx, c.Who, c.Key, string(id), content)
	if err != nil || earlier == "" {
		return false, err
	}
	c.Tx.Recorded() // the trail has the act already
	return true, nil
}
