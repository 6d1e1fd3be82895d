// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"cmp"
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/ties"
)

// records are those of a person's records that somebody sees, or may change: one,
// unless she was registered more than once and it was decided that she is one
// person. Each keeps its own rows, its own key and its own scopes. See
// docs/adr/0022.
type records []ID

// in is the condition that a column holds one of the records, with its arguments.
func (r records) in() (string, []any) {
	args := make([]any, len(r))
	for i, id := range r {
		args[i] = string(id)
	}
	return " IN " + db.In(len(args)), args
}

func recordsOf(group ties.Group) records {
	r := make(records, len(group))
	for i, id := range group {
		r[i] = ID(id)
	}
	return r
}

// sight is a person as somebody sees her.
type sight struct {
	Card
	records records
	wholly  bool // more than the card
}

// see is how who sees a person who was registered more than once: from those of
// her records alone that who reaches, as if the others did not exist. Records
// of which who sees the card only add nothing to those that who sees wholly.
func see(ctx context.Context, q db.Reader, who access.Actor, person string) (s sight, err error) {
	if who.Holds(access.ReadPersons) {
		reached, err := ties.Reached(ctx, q, who, access.ReadPersons, person)
		if err != nil {
			return sight{}, err
		}
		s.records, s.wholly = recordsOf(reached), len(reached) > 0
	}
	if !s.wholly {
		reached, err := ties.Reached(ctx, q, who, cards(who), person)
		if err != nil {
			return sight{}, err
		}
		s.records = recordsOf(reached)
	}
	if len(s.records) == 0 {
		return sight{}, notFound()
	}
	s.Card, err = s.records.card(ctx, q, person)
	if len(s.records) == 1 {
		s.group = "" // for who sees no other she is not merged
	}
	return s, err
}

// card makes one card of several records.
func (r records) card(ctx context.Context, q db.Reader, person string) (c Card, err error) {
	in, args := r.in()
	rows, err := q.Query(ctx, `SELECT `+cardColumns+` FROM persons p WHERE p.id`+in, args...)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (Card, error) { return scanCard(row) })
	if err != nil {
		return Card{}, err
	}
	k, err := r.kept(ctx, q, has{lists: listClaims, chosen: "?"})
	if err != nil {
		return Card{}, err
	}
	for _, one := range all {
		if one.ID == r[0] {
			c = one
		}
	}
	c.Version, c.Photo = (len(all)-1)<<20, "" // no version of one record is one of several
	for _, one := range all {
		c.Version += one.Version
		c.Photo = max(c.Photo, one.Photo) // the newest
		if one.ChangedAt.After(c.ChangedAt) {
			c.ChangedAt = one.ChangedAt
		}
	}
	if err := c.show(k.claims()); err != nil {
		return Card{}, err
	}
	// That she is not to be called is for her safety, and holds wherever she said it.
	var banned int
	err = q.QueryRow(ctx, `SELECT count(*) FROM ties t JOIN persons p ON p.id = t.record_id WHERE t.person_id = ? AND p.do_not_contact = TRUE`, person).Scan(&banned)
	c.DoNotContact = banned > 0
	return c, err
}

// show puts the values in use on the card.
func (c *Card) show(claims []Claim) error {
	c.NameBn, c.NameLatin, c.CallName = inUse(claims, NameBn), inUse(claims, NameLatin), inUse(claims, CallName)
	c.Sex, c.Place = Sex(inUse(claims, SexField)), inUse(claims, Home)
	return partial{&c.Birth}.Scan(inUse(claims, Birth))
}

// editing is a person whom somebody changes: the records that the act may change.
type editing struct {
	Card
	records records
}

// editable finds a person and checks that who may change her with perm. Of one
// who was registered more than once, the records that who may not change are left out.
func editable(ctx context.Context, tx *db.Tx, who access.Actor, perm access.Permission, id ID) (e editing, err error) {
	if e.Card, err = FindCard(ctx, tx, who, id); err != nil {
		return editing{}, err
	}
	if !e.ErasedAt.IsZero() {
		return editing{}, fault.New(fault.Invalid, "person.erased")
	}
	if e.group == "" {
		e.records = records{e.ID}
		return e, access.CheckOn(ctx, tx, who, perm, string(e.ID))
	}
	if e.records, err = within(ctx, tx, who, perm, e.group); err != nil {
		return editing{}, err
	}
	if len(e.records) == 0 {
		return editing{}, fault.New(fault.Forbidden, "access.not_allowed")
	}
	tx.Allowed()
	return e, nil
}

// within are the records of a person that who sees, and reaches with perm.
func within(ctx context.Context, q db.Reader, who access.Actor, perm access.Permission, person string) (records, error) {
	s, err := see(ctx, q, who, person)
	if err != nil {
		return nil, err
	}
	reached, err := ties.Reached(ctx, q, who, perm, person)
	return slices.DeleteFunc(recordsOf(reached), func(id ID) bool { return !slices.Contains(s.records, id) }), err
}

// each does something with each of the records.
func (e editing) each(do func(ID) error) error {
	for _, id := range e.records {
		if err := do(id); err != nil {
			return err
		}
	}
	return nil
}

// at refuses a change that is based on another version than there is. Version
// zero stands for a change that may be made to any, such as adding a row.
func (e editing) at(version int) error {
	if version != 0 && version != e.Version {
		return changedMeanwhile()
	}
	return nil
}

// through is the registration through which who adds to a person: the newest of
// who's own organisation, else the newest.
func (e editing) through(ctx context.Context, q db.Reader, who access.Actor) (l link, err error) {
	in, args := e.records.in()
	err = q.QueryRow(ctx, `SELECT person_id, id FROM person_registrations WHERE person_id`+in+`
		ORDER BY CASE WHEN organisation_id = ? THEN 0 ELSE 1 END, id DESC LIMIT 1`, append(args, who.Organisation)...).Scan(&l.person, &l.registration)
	return l, err
}

// Through is the record, and the registration in it, through which who adds to a
// person with perm: the newest of who's own organisation, else the newest.
func Through(ctx context.Context, tx *db.Tx, who access.Actor, perm access.Permission, id ID) (record ID, registration string, err error) {
	e, err := editable(ctx, tx, who, perm, id)
	if err != nil {
		return "", "", err
	}
	l, err := e.through(ctx, tx, who)
	return l.person, l.registration, err
}

// Reached reports whether who, who sees the card, reaches one of the person's
// records with perm.
func (c Card) Reached(ctx context.Context, q db.Reader, who access.Actor, perm access.Permission) (bool, error) {
	if c.group == "" {
		return access.Reaches(ctx, q, who, perm, string(c.ID))
	}
	all, err := within(ctx, q, who, perm, c.group)
	return len(all) > 0, err
}

// Records returns those of a person's records that who sees and reaches with
// perm, the oldest first. Nothing is returned of a person
// whom who may not see.
func Records(ctx context.Context, q db.Reader, who access.Actor, perm access.Permission, id ID) ([]ID, error) {
	c, err := FindCard(ctx, q, who, id)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if c.group != "" {
		return within(ctx, q, who, perm, c.group)
	}
	ok, err := c.Reached(ctx, q, who, perm)
	if err != nil || !ok {
		return nil, err
	}
	return []ID{c.ID}, nil
}

// seen returns the records that who sees wholly.
func seen(ctx context.Context, q db.Reader, who access.Actor, id ID) (records, error) {
	if _, err := FindCard(ctx, q, who, id); err != nil {
		return nil, err
	}
	all, err := Records(ctx, q, who, access.ReadPersons, id)
	if err == nil && len(all) == 0 {
		return nil, fault.New(fault.Forbidden, "person.card_only")
	}
	return all, err
}

// Files returns the documents and photographs of a person, the newest first:
// those of class 2, or those of class 3 for who sees them now.
func Files(ctx context.Context, q db.Reader, who access.Actor, id ID, protected bool) (all []files.File, err error) {
	of, err := seen(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	for _, id := range of {
		some, err := files.List(ctx, q, who, string(id), protected)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b files.File) int { return cmp.Compare(b.ID, a.ID) })
	return all, nil
}

// AddFile keeps a file of a person, with the registration through which who adds to her.
func AddFile(ctx context.Context, tx *db.Tx, who access.Actor, u files.Upload) (files.ID, error) {
	perm := access.ChangePerson
	if u.Protected {
		perm = access.ChangeProtected
	}
	e, err := editable(ctx, tx, who, perm, ID(u.Person))
	if err != nil {
		return "", err
	}
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return "", err
	}
	u.Person = string(to.person)
	return files.Add(ctx, tx, who, u)
}

// fold makes one card of those that are of one person. The cards of a list stand
// where the oldest of her records does that who sees; those of a search where the
// first does that was found.
func fold(ctx context.Context, q db.Reader, who access.Actor, all []Card, listed bool) (folded []Card, err error) {
	done := map[string]bool{}
	for _, c := range all {
		if c.group == "" {
			folded = append(folded, c)
			continue
		}
		if done[c.group] {
			continue
		}
		s, err := see(ctx, q, who, c.group)
		if err != nil {
			return nil, err
		}
		if listed && s.ID != c.ID {
			continue
		}
		done[c.group] = true
		folded = append(folded, s.Card)
	}
	return folded, nil
}
