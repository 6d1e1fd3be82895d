// SPDX-License-Identifier: Apache-2.0

package activities_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

func training() activities.Content {
	return activities.Content{Kind: "training_life_skills", Way: activities.Event, From: day("2030-03-01"), Until: day("2030-03-04"), Place: "305670", Topic: "Talking with the family", Named: true}
}

func addNames(t *testing.T, d *db.DB, who access.Actor, id activities.ID, people ...activities.Attendee) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error {
		return activities.AddNames(t.Context(), tx, who, activities.Naming{Activity: id, People: people})
	})
}

func names(t *testing.T, d *db.DB, who access.Actor, id activities.ID) []activities.Attendee {
	t.Helper()
	return read(t, d, func(q db.Reader) ([]activities.Attendee, error) { return activities.Names(t.Context(), q, who, id) })
}

// Who is listed by name is counted from the names; one of the register once, with what is known of her there.
func TestNamesAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		amina := worldtest.Amina()
		id, rahima := logged(t, d, amina, training()), register(t, d, amina)
		if err := addNames(t, d, amina, id, activities.Attendee{Person: rahima, Disability: "no"}, activities.Attendee{Name: "Zqkarim Mia", Sex: "male", Age: "50_up"}); err != nil {
			t.Fatal(err)
		}
		if err := addNames(t, d, amina, id, activities.Attendee{Person: rahima}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("her name twice: %v", err)
		}
		if err := addNames(t, d, amina, id, activities.Attendee{Person: "00000000-0000-7000-8000-0000000000ee"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("nobody of the register: %v", err)
		}
		a := find(t, d, amina, id)
		if a.Reached != 2 || len(a.Cells) != 2 || a.Cells[0] != (activities.Cell{Sex: "female", Age: "35_49", Disability: "no", People: 1}) {
			t.Errorf("it is %+v", a)
		}
		all := names(t, d, amina, id)
		if len(all) != 2 || all[0].Person != rahima || all[0].Name != "" || all[1].Name != "Zqkarim Mia" {
			t.Errorf("names = %+v", all)
		}
		if _, err := listNames(t, d, worldtest.Mitu(), id); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a monitoring officer reads names: %v", err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return activities.StrikeName(t.Context(), tx, amina, id, all[1].ID) })
		if a := find(t, d, amina, id); a.Reached != 1 {
			t.Errorf("one who was struck off is counted: %d", a.Reached)
		}
		tally := logged(t, d, amina, village())
		if err := addNames(t, d, amina, tally, activities.Attendee{Person: rahima}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a name in a tally: %v", err)
		}
	})
}

func listNames(t *testing.T, d *db.DB, who access.Actor, id activities.ID) (all []activities.Attendee, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(q db.Reader) (err error) { all, err = activities.Names(t.Context(), q, who, id); return err })
	return all, err
}

// The name of one who is not in the register is nowhere in the files of the store.
func TestNamesAreSealed(t *testing.T) {
	path := dbtest.SQLite(t)
	d := dbtest.Open(t, path, nil)
	worldtest.Hire(t, d)
	amina := worldtest.Amina()
	c := training()
	c.From, c.Until = day("2020-01-01"), day("2020-01-02")
	id := logged(t, d, amina, c)
	if err := addNames(t, d, amina, id, activities.Attendee{Name: "Zqunheard Name"}); err != nil {
		t.Fatal(err)
	}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		f, err := activities.FormForum(t.Context(), tx, amina, activities.Forum{NameEn: "Zqforum", Place: "305670", Formed: day("2020-01-01")})
		if err != nil {
			return err
		}
		return activities.Join(t.Context(), tx, amina, f, activities.Membership{Name: "Zqunheard Member", Duty: activities.Chair})
	})
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	shows := false
	for _, name := range found {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		shows = shows || bytes.Contains(text, []byte("Zqforum"))
		if bytes.Contains(text, []byte("Zqunheard")) {
			t.Errorf("%s holds a name in clear", filepath.Base(name))
		}
	}
	if !shows {
		t.Error("the test shows nothing")
	}
}

// A forum has members with duties, who come and go; its meetings are activities.
func TestForumsHaveMembersAndMeet(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		amina, rahima := worldtest.Amina(), register(t, d, worldtest.Amina())
		var forum activities.ForumID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			forum, err = activities.FormForum(t.Context(), tx, amina, activities.Forum{NameBn: "প্রবাস ফোরাম", Place: "305670", Formed: day("2030-01")})
			return err
		})
		join := func(who access.Actor, m activities.Membership) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return activities.Join(t.Context(), tx, who, forum, m) })
		}
		if err := join(amina, activities.Membership{Person: rahima, Duty: activities.Chair}); err != nil {
			t.Fatal(err)
		}
		if err := join(amina, activities.Membership{Person: rahima, Duty: activities.Member}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a member twice: %v", err)
		}
		if err := join(worldtest.Mitu(), activities.Membership{Name: "Somebody", Duty: activities.Member}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a monitoring officer adds members: %v", err)
		}
		if err := join(amina, activities.Membership{Name: "Karim", Duty: "king"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a king: %v", err)
		}
		c := training()
		c.Kind, c.Named, c.Forum = "forum_meeting", true, forum
		id := logged(t, d, amina, c)
		if err := addNames(t, d, amina, id, activities.Attendee{Person: rahima}); err != nil {
			t.Fatal(err)
		}
		if met := read(t, d, func(q db.Reader) (activities.Page, error) {
			return activities.List(t.Context(), q, amina, activities.Filter{Forum: forum})
		}); len(met.Acts) != 1 {
			t.Errorf("it met %d times", len(met.Acts))
		}
		all := read(t, d, func(q db.Reader) ([]activities.Membership, error) {
			return activities.Members(t.Context(), q, amina, forum)
		})
		if len(all) != 1 || all[0].Person != rahima || all[0].Sex != "female" || all[0].Duty != activities.Chair {
			t.Errorf("members = %+v", all)
		}
		if told := read(t, d, func(q db.Reader) ([]activities.Membership, error) {
			return activities.Members(t.Context(), q, worldtest.Mitu(), forum)
		}); len(told) != 0 {
			t.Errorf("a monitoring officer is told %+v", told)
		}
		clock.Move(24 * time.Hour)
		dbtest.Write(t, d, func(tx *db.Tx) error { return activities.Leave(t.Context(), tx, amina, forum, all[0].ID) })
		f := read(t, d, func(q db.Reader) (activities.Forum, error) {
			return activities.FindForum(t.Context(), q, worldtest.Mitu(), forum)
		})
		if f.Members != 0 {
			t.Errorf("%d members are left", f.Members)
		}
		f.Ended = day("2030-03-06")
		dbtest.Write(t, d, func(tx *db.Tx) error { return activities.AlterForum(t.Context(), tx, amina, f) })
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return activities.AlterForum(t.Context(), tx, amina, f) }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("over a version that was not read: %v", err)
		}
		if forums := read(t, d, func(q db.Reader) ([]activities.Forum, error) {
			return activities.Forums(t.Context(), q, worldtest.Basil())
		}); len(forums) != 0 {
			t.Errorf("Basil sees %+v", forums)
		}
	})
}

// Who came for help later is a number beside the activity, and known by name only on her own page.
func TestWhoCameLaterIsCounted(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		amina := worldtest.Amina()
		id := logged(t, d, amina, village())
		rahima := register(t, d, amina)
		hear := func(p persons.ID, id activities.ID) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return activities.Hear(t.Context(), tx, amina, p, id) })
		}
		for range 2 {
			if err := hear(rahima, id); err != nil {
				t.Fatal(err)
			}
		}
		came := func() int {
			return read(t, d, func(q db.Reader) (int, error) { return activities.CameLater(t.Context(), q, worldtest.Mitu(), id) })
		}
		if came() != 1 {
			t.Errorf("%d came", came())
		}
		if all := read(t, d, func(q db.Reader) ([]activities.Heard, error) {
			return activities.HeardOf(t.Context(), q, amina, rahima)
		}); len(all) != 1 || all[0].ID != id {
			t.Errorf("she heard at %+v", all)
		}
		if near := read(t, d, func(q db.Reader) ([]activities.Act, error) { return activities.Near(t.Context(), q, amina, rahima) }); len(near) != 1 {
			t.Errorf("%d activities are offered", len(near))
		}
		clock.Move(48 * time.Hour)
		late := village()
		late.From = day("2030-03-07")
		if err := hear(rahima, logged(t, d, amina, late)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("at one after she came: %v", err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return activities.Unhear(t.Context(), tx, amina, rahima, id) })
		if came() != 0 {
			t.Errorf("%d came after it was taken back", came())
		}
	})
}

// When somebody is erased, nothing leads to her; that somebody was there stays counted.
func TestForgetLeavesTheCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		amina := worldtest.Amina()
		rahima, id := register(t, d, amina), logged(t, d, amina, training())
		if err := addNames(t, d, amina, id, activities.Attendee{Person: rahima}); err != nil {
			t.Fatal(err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return activities.Hear(t.Context(), tx, amina, rahima, logged2(t, tx, amina)) })
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error { return activities.Forget(t.Context(), tx, rahima) }); err != nil {
			t.Fatal(err)
		}
		all := names(t, d, amina, id)
		if len(all) != 1 || all[0].Person != "" || all[0].Name != "" || find(t, d, amina, id).Reached != 1 {
			t.Errorf("names = %+v", all)
		}
		if heard := read(t, d, func(q db.Reader) ([]activities.Heard, error) {
			return activities.HeardOf(t.Context(), q, amina, rahima)
		}); len(heard) != 0 {
			t.Errorf("where she heard is left: %+v", heard)
		}
	})
}

func logged2(t *testing.T, tx *db.Tx, who access.Actor) activities.ID {
	t.Helper()
	id, err := activities.Log(t.Context(), tx, who, activities.Logging{Content: village()})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A picture is kept only when everybody in it agreed, and is for who may know who was there.
func TestPicturesAreAgreedTo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		dipu := worldtest.Dipu()
		id := logged(t, d, dipu, village())
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
			t.Fatal(err)
		}
		content, err := files.Read(files.Photo, b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		add := func(agreed bool) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := activities.AddPhoto(t.Context(), tx, dipu, activities.Picture{Activity: id, Agreed: agreed, Content: content, Title: "the yard"})
				return err
			})
		}
		if err := add(false); fault.KindOf(err) != fault.Invalid {
			t.Errorf("nobody agreed: %v", err)
		}
		if err := add(true); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			who  access.Actor
			want int
		}{{dipu, 1}, {worldtest.Amina(), 1}, {worldtest.Mitu(), 0}, {worldtest.Gita(), 0}} {
			got := read(t, d, func(q db.Reader) ([]files.File, error) { return activities.Photos(t.Context(), q, test.who, id) })
			if len(got) != test.want {
				t.Errorf("%s sees %d pictures", test.who.Name, len(got))
			}
		}
	})
}
