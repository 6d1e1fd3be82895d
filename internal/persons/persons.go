// SPDX-License-Identifier: Apache-2.0

// Package persons is the register: who returned, from where, and how she may be
// reached safely.
//
// A registration is not a person. What an organisation recorded is kept as it
// was recorded; a person is one or more registrations. Every value that was ever
// given for a field is kept as a claim, with its source, and one of each field
// is in use; that is what a Card and a Person show.
//
// Identity, contact and history are class 2: they are shown to those whose reach
// covers the person. Numbers are sealed and shown masked. What happened abroad,
// disability and ethnicity are class 3: they are sealed, never part of a Person,
// and come only from Look, which writes down who looked.
package persons

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
)

// ID identifies a person.
type ID string

// Sex is what a person says of herself; it is not asked twice.
type Sex string

// The answers. Other is the third gender, recognised by law as hijra.
const (
	Female Sex = "female"
	Male   Sex = "male"
	Other  Sex = "other"
	Unsaid Sex = "unsaid" // she did not want to say, or was not asked
)

// Card is what a list shows of a person. It has no numbers and nothing protected.
type Card struct {
	ID           ID
	Office       string // which registered her
	NameBn       string
	NameLatin    string
	CallName     string
	Sex          Sex
	Birth        dates.Partial
	Place        string // code of the home's administrative unit
	Photo        string // file id, or empty
	DoNotContact bool
	RegisteredAt time.Time
	ChangedAt    time.Time
	Version      int // grows with each change to any part of the record
	ErasedAt     time.Time

	group string // the oldest of her records, when she has more than this one
}

// Name returns the name to call her by: in Bangla where there is one.
func (c Card) Name() string {
	if c.NameBn != "" {
		return c.NameBn
	}
	return c.NameLatin
}

// Person is the whole of her record that is not protected.
type Person struct {
	Card
	CardOnly    bool // whoever asked may see no more than the card: the lists are left out
	Claims      []Claim
	Contacts    []Contact
	Identifiers []Identifier
	Consents    []Consent
	Journeys    []Journey
	Relations   []Relation
	Recorded    []Origin
}

// Origin says where one registration of a person came from.
type Origin struct {
	ID           string
	Organisation string
	Office       string
	User         string // name of the clerk
	At           time.Time
}

const cardColumns = `p.id, p.office_id, p.name_bn, p.name_latin, p.call_name, p.sex, p.birth, p.place_code, p.photo_id, p.do_not_contact,
	p.registered_at, p.changed_at, p.version, p.erased_at, COALESCE((SELECT t.person_id FROM ties t WHERE t.record_id = p.id), '')`

type scanner interface{ Scan(...any) error }

func scanCard(row scanner) (c Card, err error) {
	err = row.Scan(&c.ID, &c.Office, &c.NameBn, &c.NameLatin, &c.CallName, &c.Sex, partial{&c.Birth}, &c.Place, &c.Photo, &c.DoNotContact,
		db.Time(&c.RegisteredAt), db.Time(&c.ChangedAt), &c.Version, db.NullTime(&c.ErasedAt), &c.group)
	return c, err
}

// partial scans a date as far as it is known.
type partial struct{ dst *dates.Partial }

// Scan implements sql.Scanner.
func (p partial) Scan(src any) (err error) {
	s, _ := src.(string)
	*p.dst = dates.Partial{}
	if s != "" {
		*p.dst, err = dates.Parse(s)
	}
	return err
}

// made is the name under which a transaction remembers how many rows it made.
type made struct{}

// newID makes the identifier of a row. Rows of one transaction keep the order in
// which they were entered.
func newID(tx *db.Tx) string {
	n, err := tx.Memo(made{}, func() (any, error) { return new(int), nil })
	if err != nil {
		panic(err) // it cannot fail
	}
	count := n.(*int)
	*count++
	return ids.Nth(tx.Now(), *count)
}

// notFound answers for a person who is not there, and for one whom who may not see.
func notFound() error { return fault.New(fault.NotFound, "person.not_found") }

// cards is the permission by which who sees that a person is registered. The key
// of another system may list only the wider one.
func cards(who access.Actor) access.Permission {
	if who.Holds(access.ReadCards) {
		return access.ReadCards
	}
	return access.ReadPersons
}

// wholly reports whether who may see more of a person than her card, given that
// who sees that.
func wholly(ctx context.Context, q db.Reader, who access.Actor, id ID) (bool, error) {
	if !slices.ContainsFunc(who.Grants[cards(who)].Scopes, access.IsArea) && who.Holds(access.ReadPersons) {
		return true, nil // by whatever the card is seen, the record is
	}
	return access.Reaches(ctx, q, who, access.ReadPersons, string(id))
}

// FindCard returns the card of a person. One whom who may not see is not found.
func FindCard(ctx context.Context, q db.Reader, who access.Actor, id ID) (Card, error) {
	may, args := access.Where(who, cards(who), "p.id")
	c, err := scanCard(q.QueryRow(ctx, `SELECT `+cardColumns+` FROM persons p WHERE p.id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Card{}, notFound()
	}
	if err != nil || c.group == "" {
		return c, err
	}
	s, err := see(ctx, q, who, c.group)
	return s.Card, err
}

// FindCards returns the cards of persons by the ids they were asked with. Those whom who may not see are left out.
func FindCards(ctx context.Context, q db.Reader, who access.Actor, wanted []ID) (map[ID]Card, error) {
	all := make(map[ID]Card, len(wanted))
	if len(wanted) == 0 {
		return all, nil
	}
	may, args := access.Where(who, cards(who), "p.id")
	in := make([]any, len(wanted))
	for i, id := range wanted {
		in[i] = string(id)
	}
	rows, err := q.Query(ctx, `SELECT `+cardColumns+` FROM persons p WHERE p.id IN `+db.In(len(in))+` AND `+may, append(in, args...)...)
	some, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (Card, error) { return scanCard(row) })
	if err != nil {
		return nil, err
	}
	for _, c := range some {
		id := c.ID
		if c.group != "" {
			s, err := see(ctx, q, who, c.group)
			if err != nil {
				return nil, err
			}
			c = s.Card
		}
		all[id] = c
	}
	return all, nil
}

// also scans the columns of a card and further places in one row.
type also struct {
	row  scanner
	more []any
}

// Scan implements scanner.
func (a also) Scan(dest ...any) error { return a.row.Scan(append(dest, a.more...)...) }

// has is what a person may have, so that nothing is asked for that is not there.
type has struct {
	lists  list
	chosen string // see kept
}

func findWith(ctx context.Context, q db.Reader, who access.Actor, id ID) (c Card, h has, err error) {
	may, args := access.Where(who, cards(who), "p.id")
	row := q.QueryRow(ctx, `SELECT `+cardColumns+`, p.lists, p.chosen FROM persons p WHERE p.id = ? AND `+may, append([]any{string(id)}, args...)...)
	c, err = scanCard(also{row, []any{&h.lists, &h.chosen}})
	if errors.Is(err, sql.ErrNoRows) {
		return Card{}, h, notFound()
	}
	return c, h, err
}

// Find returns a person with all that is not protected. One whom who may not see
// is not found; of one whom who sees as a desk of her home area, only the card is
// returned, for to that she agreed.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (p Person, err error) {
	var lists has
	if p.Card, lists, err = findWith(ctx, q, who, id); err != nil {
		return Person{}, err
	}
	s := sight{Card: p.Card, records: records{id}}
	if p.group != "" {
		if s, err = see(ctx, q, who, p.group); err != nil {
			return Person{}, err
		}
		p.Card, lists = s.Card, has{everyList, "?"}
	} else if s.wholly, err = wholly(ctx, q, who, id); err != nil {
		return Person{}, err
	}
	if !s.wholly {
		p.CardOnly, p.Birth = true, dates.Partial{Year: p.Birth.Year} // her age, not her birthday
		return p, nil
	}
	k, err := s.records.kept(ctx, q, lists)
	if err != nil {
		return Person{}, err
	}
	p.Claims, p.Consents, p.Recorded = k.claims(), k.consents(), k.origins()
	p.Claims = slices.DeleteFunc(p.Claims, func(c Claim) bool { return c.Field.Protected() }) // not even that there are any
	if p.Contacts, err = contactsOf(ctx, q, s.records); err != nil {
		return Person{}, err
	}
	return p, p.listed(ctx, q, s.records, lists)
}

// listed reads the lists that a person has.
func (p *Person) listed(ctx context.Context, q db.Reader, of records, h has) (err error) {
	if h.lists.has(listIdentifiers) {
		if p.Identifiers, err = identifiersOf(ctx, q, of); err != nil {
			return err
		}
	}
	if h.lists.has(listJourneys) {
		if p.Journeys, err = journeysOf(ctx, q, of); err != nil {
			return err
		}
	}
	if h.lists.has(listRelations) {
		p.Relations, err = relationsOf(ctx, q, of)
	}
	return err
}

// revise raises the version of a record. A change to any part of it goes through here.
func revise(ctx context.Context, tx *db.Tx, id ID) error {
	n, err := tx.Exec(ctx, `UPDATE persons SET version = version + 1, changed_at = ? WHERE id = ? AND erased_at IS NULL`, tx.Now(), string(id))
	if err == nil && n == 0 {
		return changedMeanwhile()
	}
	return err
}

func changedMeanwhile() error { return fault.New(fault.Conflict, "person.changed_meanwhile") }
