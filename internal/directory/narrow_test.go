// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory/listing"
)

// However many there are, and by whatever way they are found, the pages of a list hold each entry of it once, and the count is theirs.
func TestAListIsWholeByEveryWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		all := crowd(t, d)
		today := dates.Of(d.Now()).String()
		for what, b := range map[string]bounds{"sorted": usual(), "by pages": {few: 1000, sorted: 2, dense: 1000, near: 1000, pages: 100}, "by some pages": {few: 1000, sorted: 5, dense: 15, near: 1000, pages: 3}, "no pages": {few: 1000, sorted: 1000, dense: 1000}, "one by one": {few: 1000, sorted: 10, dense: 15, near: 1000}, "all at once": {few: 1, sorted: 10, dense: 1000, near: 0}, "few": {few: 3, sorted: 3, dense: 5, near: 4}} {
			for _, f := range []Filter{{}, {Kind: listing.OfService}, {Kind: listing.OfService, Words: "lega"}, {Kind: listing.OfService, Words: "legal aid"}, {Kind: listing.OfService, Words: "aid even"}, {Kind: listing.OfService, Words: "a"}, {Kind: listing.OfService, Words: "le ev a"}, {Words: "aid"}, {Kind: listing.OfService, Words: "nothing"},
				{Kind: listing.OfService, Need: "training"}, {Kind: listing.OfService, Place: "305670"}, {Kind: listing.OfService, Need: "legal_aid", Place: "3056", Words: "aid"}, {Kind: listing.OfService, Fresh: "due"}, {Kind: listing.OfService, Fresh: "stale", Words: "aid"},
				{Kind: listing.OfService, State: listing.Withdrawn}, {State: listing.Withdrawn, Words: "aid"}, {Kind: listing.OfService, State: listing.Paused, Words: "legal"}, {Kind: listing.OfService, Entered: true}, {Kind: listing.OfService, ChangedAfter: d.Now().Add(-1)}, {Kind: listing.OfService, Words: "legal", Organisation: all[0].ID}} {
				var want []string
				for _, e := range all {
					if holds(f, e, today) {
						want = append(want, e.ID)
					}
				}
				slices.Sort(want)
				for how, got := range map[string]func(ctx context.Context, q db.Reader) ([]string, int, error){"by cursor": f.byCursor(b), "by number": f.byNumber(b)} {
					if err := d.Read(t.Context(), func(q db.Reader) error {
						ids, total, err := got(t.Context(), q)
						if slices.Sort(ids); !slices.Equal(ids, want) || total != len(want) {
							t.Errorf("%s, %s: %+v: found %d, counted %d, want %d", what, how, f, len(ids), total, len(want))
						}
						return err
					}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	})
}

func (f Filter) byCursor(b bounds) func(context.Context, db.Reader) ([]string, int, error) {
	return func(ctx context.Context, q db.Reader) (all []string, total int, err error) {
		for f.Limit, f.Exact = 7, true; ; {
			l, err := f.prepare(q, b)
			if err != nil {
				return nil, 0, err
			}
			ids, n, err := l.page(ctx, q, true)
			if err != nil || len(ids) == 0 {
				return all, max(n, total), err
			}
			all, total, f.After = append(all, ids...), n, ids[len(ids)-1]
		}
	}
}

func (f Filter) byNumber(b bounds) func(context.Context, db.Reader) ([]string, int, error) {
	return func(ctx context.Context, q db.Reader) (all []string, total int, err error) {
		for f.Limit, f.Exact = 7, true; ; f.Skip += f.Limit {
			l, err := f.prepare(q, b)
			if err != nil {
				return nil, 0, err
			}
			ids, n, err := l.page(ctx, q, true)
			if err != nil || len(ids) == 0 {
				return all, n, err
			}
			all = append(all, ids...)
			total = n
		}
	}
}

// holds tells by itself whether an entry is in a list.
func holds(f Filter, e Entry, today string) bool {
	words := strings.Fields(strings.ToLower(e.Name().En + " help"))
	for _, w := range strings.Fields(f.Words) {
		if !slices.ContainsFunc(words, func(has string) bool { return strings.HasPrefix(has, w) }) {
			return false
		}
	}
	due := e.DueOn.String()
	offered := e.Service != nil && e.State == listing.Active
	return (f.Kind == "" || f.Kind == e.Kind()) && (f.State == e.State || f.State == "" && e.State != listing.Withdrawn) && (f.Organisation == "" || f.Organisation == e.Owner) &&
		(f.Fresh == "" || due < today && (f.Fresh == "due" || due != "")) && (f.Need == "" || offered && slices.Contains(e.Service.Needs, f.Need)) &&
		(f.Place == "" || offered && slices.ContainsFunc(e.Service.Areas, func(a string) bool {
			return a == listing.Country || strings.HasPrefix(a, f.Place) || strings.HasPrefix(f.Place, a)
		}))
}

// crowd makes an organisation with forty services of all sorts.
func crowd(t *testing.T, d *db.DB) (all []Entry) {
	who := access.System(access.ManageDirectory, access.ReadDirectory)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		all = nil
		o, err := Add(t.Context(), tx, who, Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Help"}}}})
		if all = append(all, o); err != nil {
			return err
		}
		for i := range 40 {
			s := &listing.Service{Organisation: o.ID, State: listing.Active, Needs: []string{"legal_aid"}, Areas: []string{listing.Country}, Name: listing.Text{En: fmt.Sprintf("Legal aid %02d", (i*17)%40)}}
			if i%2 == 0 {
				s.Name.En += " even"
			}
			if i%3 == 0 {
				s.Needs, s.Areas = append(s.Needs, "training"), []string{"3056", "2015"}
			}
			if i%10 == 7 {
				s.State = listing.Paused
			}
			e, err := Add(t.Context(), tx, who, Addition{Body: listing.Body{Service: s}})
			if err != nil {
				return err
			}
			if i%4 == 1 {
				if e, err = Confirm(t.Context(), tx, who, Confirmation{Entry: e.ID, Way: "call", By: "Rina", On: dates.Of(tx.Now()).Add(-i * 10)}, 1); err != nil {
					return err
				}
			}
			if i%8 == 3 {
				if e, err = Withdraw(t.Context(), tx, who, Ending{ID: e.ID, Version: 1, Reason: "gone"}); err != nil {
					return err
				}
			}
			all = append(all, e)
		}
		return nil
	})
	return all
}
