// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// hall makes Amina's office a centre with a counter, and returns its address and the counter's.
func (k *desk) hall(t *testing.T, d *db.DB) (at, counter string) {
	t.Helper()
	var id string
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return centres.Set(t.Context(), tx, worldtest.Chandra(), centres.Setting{Office: worldtest.Sylhet})
	})
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = centres.SetUp(context.WithoutCancel(t.Context()), tx, worldtest.Chandra(), centres.Counter{Office: worldtest.Sylhet, Organisation: worldtest.Aparajita, Letter: "A", Number: 1, NameEn: "All"})
		return err
	})
	return "/centres/" + worldtest.Sylhet, "/centres/" + worldtest.Sylhet + "/counters/" + id
}

type ticketRead struct {
	ID, Ticket, State, Counter string
	Possible                   []string
	Version                    int
	Wait                       struct {
		Known bool
		Why   string
	}
}

// Another system draws tickets, calls and ends visits; a ticket drawn twice under one key is one; who does not work there finds nothing.
func TestTheQueueByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		at, counter := k.hall(t, d)
		draw := `{"need": "job", "case": "` + k.id + `"}`
		one := read[ticketRead](t, k.as("Amina", "POST", at+"/tickets", draw, "Idempotency-Key", "one").want(t, 201))
		again := read[ticketRead](t, k.as("Amina", "POST", at+"/tickets", draw, "Idempotency-Key", "one").want(t, 201))
		if one.Ticket != "A-001" || again.ID != one.ID || one.Wait.Known || one.Wait.Why != "centre.wait_unmeasured" {
			t.Errorf("drawn %+v, again %+v", one, again)
		}
		queue := k.as("Amina", "GET", at+"/queue", "").want(t, 200).text
		if !strings.Contains(queue, "A-001") || strings.Contains(queue, "Rahima") || strings.Contains(queue, "রহিমা") || strings.Contains(queue, k.id) {
			t.Errorf("the queue: %s", queue)
		}
		called := read[struct {
			Called bool
			Ticket ticketRead
		}](t, k.as("Amina", "POST", counter+"/next", `{}`).want(t, 200))
		if !called.Called || called.Ticket.ID != one.ID || called.Ticket.State != "called" {
			t.Errorf("called %+v", called)
		}
		k.as("Amina", "POST", counter+"/next", `{}`).wrong(t, 409, "centre.counter_busy")
		k.as("Amina", "POST", at+"/tickets/"+one.ID, `{"version": 1, "do": "begin"}`).wrong(t, 409, "centre.ticket_changed")
		k.as("Amina", "POST", at+"/tickets/"+one.ID, `{"version": 2, "do": "fly"}`).wrong(t, 422, "fault.bad_choice")
		if done := read[ticketRead](t, k.as("Amina", "POST", at+"/tickets/"+one.ID, `{"version": 2, "do": "begin"}`).want(t, 200)); done.State != "desk" {
			t.Errorf("begun: %+v", done)
		}
		if nobody := k.as("Amina", "POST", counter+"/next", `{"finish": true}`).want(t, 200).text; !strings.Contains(nobody, `"called":false`) {
			t.Errorf("nobody waits: %s", nobody)
		}
		k.as("Amina", "POST", at+"/tickets", `{"need": "pigeons"}`).wrong(t, 422, "fault.needed")
		for _, path := range []string{at + "/queue", "/centres/x/queue"} {
			k.as("Basil", "GET", path, "").wrong(t, 404, "centre.not_found")
		}
		k.as("Basil", "POST", counter+"/next", `{}`).wrong(t, 404, "centre.not_found")
		if all := k.as("Basil", "GET", "/centres", "").want(t, 200).text; strings.Contains(all, worldtest.Sylhet) {
			t.Errorf("Basil's centres: %s", all)
		}
	})
}

// Another system looks for free times, books, moves and cancels; what is closed or taken is refused by its key.
func TestAppointmentsByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		me := worldtest.Amina().ID
		free := read[struct{ Times []time.Time }](t, k.as("Amina", "GET", "/free-times?user="+me+"&office="+worldtest.Sylhet+"&minutes=45", "").want(t, 200))
		if len(free.Times) == 0 || free.Times[0].Format(time.RFC3339) != "2030-03-06T03:00:00Z" {
			t.Fatalf("free %v", free.Times)
		}
		book := `{"at": "2030-03-06T03:00:00Z", "minutes": 45, "purpose": "job", "with": "` + me + `", "office": "` + worldtest.Sylhet + `", "note": "zqnote"}`
		type appointment struct {
			ID, State, Note, Purpose string
			Possible                 []string
			Version                  int
		}
		one := read[appointment](t, k.as("Amina", "POST", k.place+"/appointments", book, "Idempotency-Key", "one").want(t, 201))
		again := read[appointment](t, k.as("Amina", "POST", k.place+"/appointments", book, "Idempotency-Key", "one").want(t, 201))
		if one.ID == "" || again.ID != one.ID || one.Note != "zqnote" {
			t.Errorf("booked %+v, again %+v", one, again)
		}
		k.as("Amina", "POST", k.place+"/appointments", book).wrong(t, 409, "appointment.user_taken")
		k.as("Amina", "POST", k.place+"/appointments", strings.Replace(book, "03-06", "03-08", 1)).wrong(t, 409, "appointment.closed_day")
		k.as("Amina", "POST", k.place+"/appointments", strings.Replace(book, "job", "trafficking", 1)).wrong(t, 422, "appointment.purpose_tells")
		day := k.as("Amina", "GET", "/appointments?on=2030-03-06&user="+me, "").want(t, 200).text
		if !strings.Contains(day, one.ID) || strings.Contains(day, "zqnote") || strings.Contains(day, "job") {
			t.Errorf("the day: %s", day)
		}
		if of := k.as("Amina", "GET", k.place+"/appointments", "").want(t, 200).text; !strings.Contains(of, "zqnote") {
			t.Errorf("of the case: %s", of)
		}
		moved := read[appointment](t, k.as("Amina", "POST", "/appointments/"+one.ID+"/move", strings.Replace(book, `{"at": "2030-03-06T03`, `{"version": 1, "reason": "she works", "at": "2030-03-07T05`, 1)).want(t, 200))
		if moved.Version != 2 {
			t.Errorf("moved %+v", moved)
		}
		k.as("Amina", "POST", "/appointments/"+one.ID, `{"version": 2, "do": "come"}`).wrong(t, 409, "appointment.not_now")
		k.as("Amina", "POST", "/appointments/"+one.ID, `{"version": 2, "do": "cancel"}`).wrong(t, 422, "appointment.reason_needed")
		if off := read[appointment](t, k.as("Amina", "POST", "/appointments/"+one.ID, `{"version": 2, "do": "cancel", "why": "she is ill"}`).want(t, 200)); off.State != "cancelled" || len(off.Possible) != 0 {
			t.Errorf("cancelled %+v", off)
		}
		k.as("Basil", "GET", k.place+"/appointments", "").wrong(t, 404, "case.not_found")
		k.as("Basil", "POST", "/appointments/"+one.ID, `{"version": 3, "do": "undo"}`).wrong(t, 404, "appointment.not_found")
		if day := k.as("Basil", "GET", "/appointments?on=2030-03-07", "").want(t, 200).text; strings.Contains(day, one.ID) {
			t.Errorf("Basil's day: %s", day)
		}
	})
}
