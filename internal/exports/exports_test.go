// SPDX-License-Identifier: Apache-2.0

package exports_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/exports"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// world is a store with one woman of whom something is kept in every room, and another of another organisation.
type world struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
	her   worldtest.Life
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d, worldtest.Parvin())
		w := &world{t: t, d: d, clock: clock, her: worldtest.Live(t, d, clock, worldtest.Amina())}
		r := worldtest.Rahima()
		r.Values[persons.NameLatin], r.Values[persons.NameBn] = "Zulekha Bibi", "জুলেখা বিবি"
		w.write(func(tx *db.Tx) error { _, err := persons.Register(t.Context(), tx, worldtest.Basil(), r); return err })
		fn(w)
	})
}

func (w *world) write(do func(tx *db.Tx) error) {
	w.t.Helper()
	dbtest.Write(w.t, w.d, do)
}

// try does an act and returns what went wrong.
func (w *world) try(do func(tx *db.Tx) error) string {
	if f := fault.Of(w.d.Write(w.t.Context(), do)); f != nil {
		return f.Key
	}
	return ""
}

func (w *world) ask(who access.Actor, o exports.Order) exports.Export {
	w.t.Helper()
	var e exports.Export
	w.clock.Move(time.Second)
	w.write(func(tx *db.Tx) (err error) {
		e, err = exports.Ask(w.t.Context(), tx, who, exports.Asking{Operation: ids.New(tx.Now()), Order: o, Purpose: "visits in spring", Recipient: "our office in Sylhet"})
		return err
	})
	return e
}

func (w *world) work() {
	w.t.Helper()
	for {
		worked, err := exports.Work(w.t.Context(), w.d, "here")
		if err != nil {
			w.t.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

func (w *world) find(who access.Actor, id exports.ID) (e exports.Export, err error) {
	err = w.d.Read(w.t.Context(), func(q db.Reader) (err error) {
		e, err = exports.Find(w.t.Context(), q, who, id)
		return err
	})
	return e, err
}

// fetch takes the file of who.
func (w *world) fetch(who access.Actor, id exports.ID) ([]byte, error) {
	var e exports.Export
	err := w.d.Write(w.t.Context(), func(tx *db.Tx) (err error) { e, err = exports.Fetch(w.t.Context(), tx, who, id); return err })
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = exports.Send(w.t.Context(), w.d.Read, who, e, &b)
	if int64(b.Len()) != e.Size {
		w.t.Errorf("the file has %d bytes, %d were said", b.Len(), e.Size)
	}
	return b.Bytes(), err
}

// made asks for a file of class 1 and fetches it.
func (w *world) made(who access.Actor, o exports.Order) []byte {
	w.t.Helper()
	e := w.ask(who, o)
	w.work()
	text, err := w.fetch(who, e.ID)
	if err != nil {
		w.t.Fatalf("%+v: %v", o, err)
	}
	return text
}

// plain is what a file says, without how it is packed.
func plain(t *testing.T, f formats.Format, file []byte) string {
	t.Helper()
	if f != formats.XLSX {
		return string(file)
	}
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	var b strings.Builder
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			b.WriteString(strings.Join(r, "\t") + "\n")
		}
	}
	return b.String()
}

// approved asks for a file of class 2, has it approved and fetches it.
func (w *world) approved(o exports.Order) (exports.Export, []byte) {
	w.t.Helper()
	e := w.ask(worldtest.Chandra(), o)
	w.write(func(tx *db.Tx) error {
		return exports.Decide(w.t.Context(), tx, worldtest.Parvin(), e.ID, exports.Decision{Approve: true, Version: e.Version})
	})
	w.work()
	file, err := w.fetch(worldtest.Chandra(), e.ID)
	if err != nil {
		now, _ := w.find(worldtest.Chandra(), e.ID)
		w.t.Fatalf("%v; it stands at %s: %v", err, now.State, now.Failure)
	}
	return e, file
}

func everyColumn(set columns.Set) (codes []string) {
	for _, c := range set.Columns {
		codes = append(codes, c.Code)
	}
	return codes
}

// What says who somebody is, or is protected, is in no file that nobody approved; what is protected is in no file at all.
func TestFilesHoldWhatTheyMay(t *testing.T) {
	each(t, func(w *world) {
		known := []string{"Rahima", "রহিমা", "01712345678", "+8801712345678", "1991-04-12", "পূর্বপাড়া", string(w.her.Person), string(w.her.Case)}
		for _, set := range columns.Sets() {
			for _, f := range formats.All() {
				o := exports.Order{Set: set.Code, Format: f, Tags: true, Lang: "en"}
				file := plain(w.t, f, w.made(worldtest.Chandra(), o))
				for _, word := range append(known, worldtest.Canary) {
					if strings.Contains(file, word) {
						t.Errorf("%s as %s holds %q without approval:\n%s", set.Code, f, word, file)
					}
				}
			}
			if columns.ClassOf(set.Columns) < 2 {
				continue
			}
			_, file := w.approved(exports.Order{Set: set.Code, Format: formats.CSV, Columns: everyColumn(set)})
			if strings.Contains(string(file), worldtest.Canary) {
				t.Errorf("%s holds what is protected:\n%s", set.Code, file)
			}
			if strings.Contains(string(file), "Zulekha") {
				t.Errorf("%s holds somebody of another organisation", set.Code)
			}
			if person := set.Knows("place") && set.Code == "persons"; person && (!strings.Contains(string(file), "Rahima Khatun") || !strings.Contains(string(file), "01712345678") && !strings.Contains(string(file), "+8801712345678")) {
				t.Errorf("%s was approved and lacks her name or number:\n%s", set.Code, file)
			}
		}
	})
}

// The services and referrals of class 2 are in the files, and those of class 3 are not, not even as rows.
func TestProtectedRowsAreLeftOut(t *testing.T) {
	each(t, func(w *world) {
		for set, want := range map[string]int{"services": 1, "referrals": 1, "cases": 1, "persons": 1} {
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(w.made(worldtest.Chandra(), exports.Order{Set: set, Format: formats.CSV})), "\xEF\xBB\xBF"))).ReadAll()
			if err != nil || len(rows)-1 != want {
				t.Errorf("%s: %d rows, want %d: %v\n%q", set, len(rows)-1, want, err, rows)
			}
		}
	})
}

// A sign is the same for one person in one file and another in the next.
func TestSignsDifferFromFileToFile(t *testing.T) {
	each(t, func(w *world) {
		sign := func(set string) (all []string) {
			for _, line := range strings.Split(strings.TrimSpace(string(w.made(worldtest.Chandra(), exports.Order{Set: set, Format: formats.JSONL, Columns: []string{"person"}}))), "\n") {
				var row map[string]string
				if err := json.Unmarshal([]byte(line), &row); err != nil {
					t.Fatal(err)
				}
				all = append(all, row["person"])
			}
			return all
		}
		first, second := sign("persons"), sign("persons")
		if len(first) != 1 || len(first[0]) != 16 || slices.Equal(first, second) {
			t.Errorf("signs: %v, %v", first, second)
		}
	})
}

// What says who somebody is leaves when another person of the organisation approved it, and never otherwise.
func TestASecondPersonDecides(t *testing.T) {
	each(t, func(w *world) {
		o := exports.Order{Set: "persons", Format: formats.CSV, Columns: []string{"name_latin", "sex"}}
		if key := w.try(func(tx *db.Tx) error {
			_, err := exports.Ask(t.Context(), tx, worldtest.Chandra(), exports.Asking{Operation: ids.New(tx.Now()), Order: o})
			return err
		}); key != "fault.needed" {
			t.Errorf("without a purpose: %q", key)
		}
		e := w.ask(worldtest.Chandra(), o)
		w.work()
		decide := func(who access.Actor, d exports.Decision) string {
			return w.try(func(tx *db.Tx) error { return exports.Decide(t.Context(), tx, who, e.ID, d) })
		}
		salma := worldtest.Basil() // a supervisor of the other organisation
		salma.Grant(access.Supervisor, access.OfOrganisation(worldtest.Bandhan))
		national := worldtest.Basil()
		national.Grant(access.DataProtectionOfficer, "all")
		for want, who := range map[string][]access.Actor{"export.second_person": {worldtest.Chandra()}, "export.not_found": {salma, national, worldtest.Amina(), worldtest.Farid()}} {
			for _, one := range who {
				if key := decide(one, exports.Decision{Approve: true}); key != want {
					t.Errorf("%s %v decides: %q, want %q", one.Name, one.Roles, key, want)
				}
			}
		}
		if now, err := w.find(worldtest.Chandra(), e.ID); err != nil || now.State != exports.Asked || now.Size != 0 {
			t.Fatalf("undecided: %+v, %v", now, err)
		}
		if key := decide(worldtest.Parvin(), exports.Decision{}); key != "fault.needed" {
			t.Errorf("a refusal without a reason: %q", key)
		}
		if key := decide(worldtest.Parvin(), exports.Decision{Approve: true, Version: e.Version + 1}); key != "export.changed_meanwhile" {
			t.Errorf("stale: %q", key)
		}
		if key := decide(worldtest.Parvin(), exports.Decision{Approve: true}); key != "" {
			t.Fatalf("approved: %q", key)
		}
		if key := decide(worldtest.Parvin(), exports.Decision{Remark: "no"}); key != "export.not_now" {
			t.Errorf("decided twice: %q", key)
		}
		w.work()
		for _, who := range []access.Actor{worldtest.Parvin(), salma, worldtest.Amina()} {
			if _, err := w.fetch(who, e.ID); fault.Of(err) == nil || fault.Of(err).Key != "export.not_found" {
				t.Errorf("%s fetches: %v", who.Name, err)
			}
		}
		for n := range exports.MostFetched {
			if text, err := w.fetch(worldtest.Chandra(), e.ID); err != nil || !strings.Contains(string(text), "Rahima Khatun") {
				t.Errorf("fetched, time %d: %v", n, err)
			}
		}
		if _, err := w.fetch(worldtest.Chandra(), e.ID); fault.Of(err) == nil || fault.Of(err).Key != "export.fetched" {
			t.Errorf("once more: %v", err)
		}
		w.toldOf(e)
	})
}

// toldOf makes sure that she can be told who took away what.
func (w *world) toldOf(e exports.Export) {
	w.t.Helper()
	if err := w.d.Read(w.t.Context(), func(q db.Reader) error {
		lines, err := persons.Looks(w.t.Context(), q, worldtest.Amina(), w.her.Person)
		for _, l := range lines {
			if l.Act == access.MakeExport && l.Actor == e.User && slices.Equal(l.Fields, []string{"name_latin"}) {
				return err
			}
		}
		w.t.Errorf("her looks do not have it: %+v", lines)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

func TestARefusedFileIsNeverMade(t *testing.T) {
	each(t, func(w *world) {
		e := w.ask(worldtest.Chandra(), exports.Order{Set: "cases", Format: formats.XLSX, Columns: []string{"risk"}})
		w.write(func(tx *db.Tx) error {
			return exports.Decide(t.Context(), tx, worldtest.Parvin(), e.ID, exports.Decision{Remark: "not needed for that"})
		})
		w.work()
		if now, err := w.find(worldtest.Chandra(), e.ID); err != nil || now.State != exports.Refused || now.Remark != "not needed for that" {
			t.Errorf("refused: %+v, %v", now, err)
		}
		if _, err := w.fetch(worldtest.Chandra(), e.ID); err == nil {
			t.Error("it is fetched")
		}
	})
}

// chunks counts the pieces of files that are kept.
func (w *world) chunks() (n int) {
	w.t.Helper()
	if err := w.d.Read(w.t.Context(), func(q db.Reader) error {
		return q.QueryRow(w.t.Context(), `SELECT count(*) FROM export_chunks`).Scan(&n)
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// A file is destroyed at its end, and when it is given up.
func TestFilesEnd(t *testing.T) {
	each(t, func(w *world) {
		o := exports.Order{Set: "persons", Format: formats.JSONL}
		ends, dropped := w.ask(worldtest.Chandra(), o), w.ask(worldtest.Chandra(), o)
		w.work()
		if w.chunks() != 2 {
			t.Fatalf("%d pieces", w.chunks())
		}
		w.write(func(tx *db.Tx) error { return exports.Cancel(t.Context(), tx, worldtest.Chandra(), dropped.ID) })
		if key := w.try(func(tx *db.Tx) error { return exports.Cancel(t.Context(), tx, worldtest.Parvin(), ends.ID) }); key != "export.not_found" {
			t.Errorf("another cancels: %q", key)
		}
		if err := exports.Sweep(t.Context(), w.d); err != nil || w.chunks() != 1 {
			t.Errorf("before the end: %d pieces, %v", w.chunks(), err)
		}
		w.clock.Move(exports.KeptFor + time.Minute)
		if err := exports.Sweep(t.Context(), w.d); err != nil || w.chunks() != 0 {
			t.Errorf("after the end: %d pieces, %v", w.chunks(), err)
		}
		for id, want := range map[exports.ID]exports.State{ends.ID: exports.Ended, dropped.ID: exports.Cancelled} {
			if now, err := w.find(worldtest.Chandra(), id); err != nil || now.State != want {
				t.Errorf("%+v, %v, want %s", now, err, want)
			}
			if _, err := w.fetch(worldtest.Chandra(), id); err == nil {
				t.Error("it is fetched after its end")
			}
		}
	})
}

// What a killed server left half done is made anew, and after some attempts given up with a word.
func TestWorkGoesOnAfterARestart(t *testing.T) {
	each(t, func(w *world) {
		o := exports.Order{Set: "persons", Format: formats.CSV}
		for attempts, want := range map[int]exports.State{1: exports.Ready, 3: exports.Failed} {
			e := w.ask(worldtest.Chandra(), o)
			if err := w.d.Maintain(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE exports SET state = 'making', attempts = ?, done = 7 WHERE id = ?`, attempts, string(e.ID))
				return err
			}); err != nil {
				t.Fatal(err)
			}
			w.work()
			now, err := w.find(worldtest.Chandra(), e.ID)
			if err != nil || now.State != want || want == exports.Ready && now.Done != 1 || want == exports.Failed && now.Failure.Key != "export.cut_off" {
				t.Errorf("after %d attempts: %+v, %v", attempts, now, err)
			}
		}
	})
}

// A file is made by the rights that who asked holds when it is made.
func TestRightsAreThoseOfTheDay(t *testing.T) {
	each(t, func(w *world) {
		e := w.ask(worldtest.Chandra(), exports.Order{Set: "persons", Format: formats.CSV})
		if err := w.d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `DELETE FROM user_roles WHERE user_id = ?`, worldtest.Chandra().ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.work()
		if now, err := w.find(worldtest.Chandra(), e.ID); err != nil || now.State != exports.Failed || now.Failure.Key != "export.no_right_any_more" || w.chunks() != 0 {
			t.Errorf("%+v, %v, %d pieces", now, err, w.chunks())
		}
		for _, who := range []access.Actor{worldtest.Amina(), worldtest.Dipu(), worldtest.Farid(), worldtest.Harun(), worldtest.Ishrat()} {
			if key := w.try(func(tx *db.Tx) error {
				_, err := exports.Ask(t.Context(), tx, who, exports.Asking{Operation: ids.New(tx.Now()), Order: exports.Order{Set: "directory", Format: formats.CSV}})
				return err
			}); key != "access.not_allowed" {
				t.Errorf("%s takes a list away: %q", who.Name, key)
			}
		}
	})
}

// What cannot be carried out is refused with what is wrong, each part of it.
func TestBadOrdersAreRefused(t *testing.T) {
	each(t, func(w *world) {
		good := exports.Order{Set: "persons", Format: formats.CSV}
		for want, bad := range map[string]func(o *exports.Order){
			"fault.bad_choice":      func(o *exports.Order) { o.Format = "pdf" },
			"export.filter_unknown": func(o *exports.Order) { o.Filter.Risk = "high" },
			"dates":                 func(o *exports.Order) { o.Filter.From = "no day" },
		} {
			o := good
			bad(&o)
			key := w.try(func(tx *db.Tx) error {
				_, err := exports.Ask(t.Context(), tx, worldtest.Chandra(), exports.Asking{Operation: ids.New(tx.Now()), Order: o})
				return err
			})
			if key != want && (want != "dates" || key == "") {
				t.Errorf("%+v: %q, want %q", o, key, want)
			}
		}
		for _, o := range []exports.Order{{Set: "secrets", Format: formats.CSV}, {Set: "persons", Format: formats.CSV, Columns: []string{"ethnicity"}}, {Set: "persons", Format: formats.CSV, Filter: columns.Filter{Place: "9999"}}} {
			if key := w.try(func(tx *db.Tx) error {
				_, err := exports.Ask(t.Context(), tx, worldtest.Chandra(), exports.Asking{Operation: ids.New(tx.Now()), Order: o})
				return err
			}); key != "fault.bad_choice" {
				t.Errorf("%+v: %q", o, key)
			}
		}
	})
}

// The filter chooses as in the lists.
func TestFiltersChoose(t *testing.T) {
	each(t, func(w *world) {
		count := func(set string, f columns.Filter) int {
			return strings.Count(string(w.made(worldtest.Chandra(), exports.Order{Set: set, Format: formats.JSONL, Filter: f})), "\n")
		}
		today := w.clock.Now().Format("2006-01-02")
		month := today[:8] + "01"
		for _, c := range []struct {
			set  string
			f    columns.Filter
			want int
		}{
			{"persons", columns.Filter{Place: "3056"}, 1}, {"persons", columns.Filter{Place: "10"}, 0}, {"persons", columns.Filter{Office: worldtest.Sylhet}, 1}, {"persons", columns.Filter{Office: worldtest.Centre}, 0},
			{"persons", columns.Filter{From: month}, 1}, {"persons", columns.Filter{Until: "2020-01"}, 0}, {"cases", columns.Filter{Programme: "reintegration"}, 1}, {"cases", columns.Filter{Programme: "other"}, 0},
			{"cases", columns.Filter{Status: "closed"}, 0}, {"services", columns.Filter{Until: "2020"}, 0}, {"referrals", columns.Filter{From: month, Until: today[:7]}, 1},
		} {
			if got := count(c.set, c.f); got != c.want {
				t.Errorf("%s %+v: %d rows, want %d", c.set, c.f, got, c.want)
			}
		}
	})
}

// A filter that says of every row what a column of class 2 would say needs a second person too, and is in her trail.
func TestAFilterCanSayWhoSomebodyIs(t *testing.T) {
	each(t, func(w *world) {
		for _, o := range []exports.Order{
			{Set: "persons", Filter: columns.Filter{Place: "305670"}}, {Set: "persons", Filter: columns.Filter{From: w.clock.Now().Format("2006-01") + "-02"}}, {Set: "cases", Filter: columns.Filter{Risk: "high"}},
			{Set: "cases", Filter: columns.Filter{Worker: worldtest.Amina().ID}}, {Set: "services", Filter: columns.Filter{Until: "2030-03-05"}},
		} {
			o.Format = formats.CSV
			if e := w.ask(worldtest.Chandra(), o); e.State != exports.Asked || e.Class != 2 {
				t.Errorf("%+v is of class %d and %s", o, e.Class, e.State)
			}
		}
		_, file := w.approved(exports.Order{Set: "persons", Format: formats.CSV, Filter: columns.Filter{Place: "305670"}})
		if strings.Contains(string(file), "Rahima") || strings.Count(string(file), "\n") != 2 {
			t.Errorf("the file: %s", file)
		}
		if err := w.d.Read(t.Context(), func(q db.Reader) error {
			lines, err := persons.Looks(t.Context(), q, worldtest.Amina(), w.her.Person)
			if !slices.ContainsFunc(lines, func(l audit.Line) bool {
				return l.Act == access.MakeExport && slices.Equal(l.Fields, []string{"filter"})
			}) {
				t.Errorf("her looks: %+v", lines)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
