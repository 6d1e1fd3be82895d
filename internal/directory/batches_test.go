// SPDX-License-Identifier: Apache-2.0

package directory_test

import (
	"fmt"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/fault"
	"fera/internal/worldtest"
)

// Three hundred entries that were confirmed by mistake are as old again as before, but for what was confirmed again meanwhile, and
// that can be done for a week.
func TestAllThatWasConfirmedIsTakenBack(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		o := add(t, d, keeper(), organisation("Help", worldtest.Bandhan))
		versions := map[string]int{}
		var first, second directory.Entry
		for i := range 300 {
			e := add(t, d, keeper(), service(o, fmt.Sprint("help ", i), nil))
			versions[e.ID] = 1
			if i == 0 {
				first = e
			}
			second = e
		}
		write(t, d, func(tx *db.Tx) error {
			_, err := directory.Confirm(t.Context(), tx, keeper(), directory.Confirmation{Entry: first.ID, Way: "call", By: "Mr Hasan", On: dates.Of(tx.Now()).Add(-40)}, 1)
			return err
		})
		was, before := now(t, d, first.ID), fresh(t, d)
		clock.Move(time.Minute)
		batch := ""
		write(t, d, func(tx *db.Tx) (err error) {
			batch, err = directory.ConfirmSeveral(t.Context(), tx, lima(), directory.Confirmation{}, versions)
			return err
		})
		if n := fresh(t, d); n != 300 {
			t.Fatalf("%d are confirmed today, want 300", n)
		}
		read(t, d, func(q db.Reader) error {
			all, err := directory.Batches(t.Context(), q, lima())
			if len(all) != 1 || all[0].ID != batch || all[0].Entries != 300 {
				t.Errorf("batches %+v", all)
			}
			found, err2 := directory.Seek(t.Context(), q, near.Wanted{Need: "legal_aid", Limit: 1})
			if len(found) != 1 || found[0].Service.ConfirmedOn != dates.Of(q.Now()) || err2 != nil {
				t.Errorf("found %+v, %v", found, err2)
			}
			return err
		})
		clock.Move(time.Hour)
		write(t, d, func(tx *db.Tx) error {
			_, err := directory.Confirm(t.Context(), tx, keeper(), directory.Confirmation{Entry: second.ID, Way: "visit", By: "Mrs Nahar"}, 1)
			return err
		})
		if _, err := back(t, d, access.Actor{ID: "00000000-0000-7000-9000-0000000000ac", Name: "Nobody"}, batch); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a stranger takes it back: %v", err)
		}
		n, err := back(t, d, lima(), batch)
		if n != 299 || err != nil {
			t.Errorf("%d were taken back, want 299; %v", n, err)
		}
		if got := now(t, d, first.ID); got.ConfirmedOn != was.ConfirmedOn || got.ConfirmedBy != was.ConfirmedBy || got.DueOn != was.DueOn {
			t.Errorf("the first is %v by %s, due %v, want as before: %v by %s, due %v", got.ConfirmedOn, got.ConfirmedBy, got.DueOn, was.ConfirmedOn, was.ConfirmedBy, was.DueOn)
		}
		if got := now(t, d, second.ID); got.ConfirmedBy != "Mrs Nahar" {
			t.Errorf("what was confirmed again is by %q", got.ConfirmedBy)
		}
		if n := fresh(t, d); n != before+1 {
			t.Errorf("%d are confirmed, want %d", n, before+1)
		}
		if _, err := back(t, d, lima(), batch); fault.KindOf(err) != fault.NotFound {
			t.Errorf("taken back twice: %v", err)
		}
		read(t, d, func(q db.Reader) error {
			all, err := directory.Confirmations(t.Context(), q, keeper(), first.ID, 5)
			if len(all) != 2 || all[0].UndoneBy != "Lima" || all[0].UndoneAt.IsZero() || !all[1].UndoneAt.IsZero() {
				t.Errorf("confirmations %+v", all)
			}
			return err
		})
		write(t, d, func(tx *db.Tx) (err error) {
			batch, err = directory.ConfirmSeveral(t.Context(), tx, lima(), directory.Confirmation{}, map[string]int{first.ID: 1})
			return err
		})
		clock.Move(8 * 24 * time.Hour)
		if _, err := back(t, d, lima(), batch); fault.KindOf(err) != fault.NotFound {
			t.Errorf("taken back after eight days: %v", err)
		}
	})
}

// One entry that was changed meanwhile, or is of others, keeps all of them as they were.
func TestSeveralAreConfirmedAllOrNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mine, others := add(t, d, keeper(), organisation("Bandhan", worldtest.Bandhan)), add(t, d, keeper(), organisation("Others", ""))
		good, bad := add(t, d, keeper(), service(mine, "good", nil)), add(t, d, keeper(), service(others, "not hers", nil))
		for what, test := range map[string]struct {
			versions map[string]int
			want     fault.Kind
		}{"an old version": {map[string]int{good.ID: 1, mine.ID: 9}, fault.Conflict}, "not hers": {map[string]int{good.ID: 1, bad.ID: 1}, fault.Forbidden}, "nothing": {nil, fault.Invalid}} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := directory.ConfirmSeveral(t.Context(), tx, lima(), directory.Confirmation{}, test.versions)
				return err
			}); fault.KindOf(err) != test.want {
				t.Errorf("%s: %v", what, err)
			}
		}
		if n := fresh(t, d); n != 0 {
			t.Errorf("%d were confirmed", n)
		}
	})
}

func back(t *testing.T, d *db.DB, who access.Actor, batch string) (n int, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) { n, err = directory.TakeBack(t.Context(), tx, who, batch); return err })
	return n, err
}

func now(t *testing.T, d *db.DB, id string) (e directory.Entry) {
	t.Helper()
	read(t, d, func(q db.Reader) (err error) { e, err = directory.Find(t.Context(), q, keeper(), id); return err })
	return e
}

// fresh counts the services that are confirmed.
func fresh(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	read(t, d, func(q db.Reader) error {
		_, due, err := directory.Page(t.Context(), q, keeper(), directory.Filter{Kind: listing.OfService, Fresh: "due"})
		_, all, err2 := directory.Page(t.Context(), q, keeper(), directory.Filter{Kind: listing.OfService})
		if n = all - due; err == nil {
			err = err2
		}
		return err
	})
	return n
}
