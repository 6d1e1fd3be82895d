// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/offices"
	"fera/internal/web"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// hireOthers adds a user of each role that the room does not have yet, at Amina's office, who reaches as far as the role may.
func (r *room) hireOthers(t *testing.T) (logins []string) {
	t.Helper()
	amina := r.users["amina"]
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		office, err := offices.Find(t.Context(), tx, terminal(), amina.Office)
		if err != nil {
			return err
		}
		for _, role := range access.Roles() {
			login := "as-" + strings.ReplaceAll(string(role), "_", "-")
			u, _, err := accounts.AddUser(t.Context(), tx, terminal(), accounts.Addition{Login: login, Name: "Somebody", Office: office.ID, Language: words.English})
			if err != nil {
				return err
			}
			if err := accounts.GrantRole(t.Context(), tx, terminal(), accounts.Held{User: u.ID, Role: role, Scope: access.OfOrganisation(amina.Organisation)}); err != nil {
				return err
			}
			if err := accounts.Equip(t.Context(), tx, terminal(), u.ID, accounts.Credentials{Password: roomPassword}); err != nil {
				return err
			}
			logins = append(logins, login)
		}
		return nil
	})
	return logins
}

// known are the identifiers that a Life has; those below which other addresses lie come first.
func known(l worldtest.Life) (all []string) {
	all = []string{string(l.Person), string(l.Case), string(l.Assessment), string(l.Signed), string(l.Paper), l.Approval, l.Task, string(l.Stay)}
	for _, s := range l.Services {
		all = append(all, string(s))
	}
	for _, ref := range l.Referrals {
		all = append(all, string(ref))
	}
	return all
}

// addresses are all that a route can lead to with these identifiers.
func addresses(rt web.Route, ids []string) (all []string) {
	_, path, _ := strings.Cut(rt.Path, " ")
	path = strings.ReplaceAll(path, "{$}", "")
	places := parameter.FindAllString(path, -1)
	if len(places) == 0 {
		return []string{path}
	}
	for _, first := range ids {
		one := strings.Replace(path, places[0], first, 1)
		if len(places) == 1 {
			all = append(all, one)
			continue
		}
		if !slices.Contains(ids[:3], first) {
			continue // nothing lies below the others
		}
		for _, second := range append(slices.Clone(ids), "protected") {
			all = append(all, parameter.ReplaceAllString(one, second))
		}
	}
	return all
}

// leaves are the routes that end what the walk stands on.
func leaves(path string) bool {
	return slices.Contains([]string{"POST /sign-out", "POST /account/password"}, path)
}

// What is of class 3, in whichever room, is on no page and in no answer to any act of who may not see it; and on none that is
// only read of who may. The walk goes over the table of routes, so that a new room is walked too.
func TestCanariesAreNowhere(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		l := worldtest.Live(t, d, clock, r.users["amina"])
		others := append(r.hireOthers(t), "chandra", "esha", "basil", "dipu", "farid")
		met := r.post(t, "amina", "/persons/"+string(l.Person)+"/timeline/look", nil).body
		for _, field := range []string{"note", "rating", "remark", "step", "undone", "file-title"} {
			wantIn(t, met, worldtest.Canary+"-"+field) // the walk would find what is there
		}
		walked := 0
		for _, rt := range web.Routes() {
			if leaves(rt.Path) {
				continue
			}
			for _, path := range addresses(rt, known(l)) {
				for _, login := range others {
					walked++
					r.walks(t, login, rt, path)
				}
				if rt.Page {
					r.walks(t, "amina", rt, path)
				}
			}
		}
		if walked < 2000 {
			t.Errorf("walked %d ways only", walked)
		}
		if strings.Contains(r.log.String(), worldtest.Canary) {
			t.Error("the log holds a canary")
		}
		if counted := r.counted.String(); strings.Contains(counted, worldtest.Canary) || strings.Contains(counted, string(l.Person)) || !strings.Contains(counted, "GET /cases/{id}") {
			t.Error("the metrics hold more than routes")
		}
		r.nothingLiesOpen(t)
	})
}

// walks asks one address and reads the whole answer, with where it leads and under which name it would be saved.
func (r *room) walks(t *testing.T, login string, rt web.Route, path string) {
	t.Helper()
	method, _, _ := strings.Cut(rt.Path, " ")
	var got answer
	if method == http.MethodPost {
		got = r.post(t, login, path, url.Values{"protected": {"yes"}})
	} else {
		got = r.get(t, login, path+"?protected=yes&kind=note&q="+worldtest.Canary)
	}
	body := got.body
	if method == http.MethodGet {
		body = strings.ReplaceAll(strings.ReplaceAll(body, `"`+worldtest.Canary+`"`, ""), "q="+worldtest.Canary+"&", "") // what was looked for is shown again
		body = strings.ReplaceAll(body, "q="+worldtest.Canary, "")
	}
	if at := strings.Index(body, worldtest.Canary); at >= 0 {
		t.Errorf("%s as %s: %s", rt.Path, login, body[max(0, at-60):min(len(body), at+40)])
	}
	for name, values := range got.header {
		if v := strings.Join(values, " "); name != "Location" && strings.Contains(v, worldtest.Canary) || strings.Contains(v, worldtest.Canary+"-") {
			t.Errorf("%s as %s: %s holds %q", rt.Path, login, name, v)
		}
	}
}

// nothingLiesOpen reads every row of every table, which is what a copy of the database holds, and all that an index is made of.
func (r *room) nothingLiesOpen(t *testing.T) {
	t.Helper()
	seen := 0
	for table := range tables(t, r.d) {
		if err := r.d.Read(t.Context(), func(q db.Reader) error {
			rows, err := q.Query(t.Context(), "SELECT * FROM "+table)
			if err != nil {
				return err
			}
			defer rows.Close()
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				cells, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range cells {
					into[i] = &cells[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				seen++
				for i, c := range cells {
					text, _ := c.(string)
					if b, ok := c.([]byte); ok {
						text = string(b)
					}
					if bytes.Contains([]byte(strings.ToLower(text)), []byte(worldtest.Canary)) {
						t.Errorf("%s.%s holds a canary: %.80q", table, columns[i], text)
					}
				}
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("read %d rows only", seen)
	}
}

// The file of a case tells the same as the page of the person, without what is in no case; older pages follow; filters narrow down.
func TestTimelinePages(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		l := worldtest.Live(t, d, clock, r.users["amina"])
		person, file := "/persons/"+string(l.Person)+"/timeline", "/cases/"+string(l.Case)+"/timeline"
		for _, lang := range words.Languages() {
			r.speak(t, "amina", lang)
			for _, path := range []string{person, file} {
				if title := titleOf(r.page(t, "amina", path)); strings.Contains(title, "Rahima") || strings.Contains(title, "রহিমা") {
					t.Errorf("the title says %q", title)
				}
			}
		}
		r.speak(t, "amina", words.English)
		wantIn(t, r.page(t, "amina", "/persons/"+string(l.Person)), person)
		inCase := []string{"Case opened", "she came with her mother", "Plan agreed", "Step done: learn to keep books", "Review after one month", "the shop is open", "Given: Information", "on loans", "Done: call the bank", "Risk assessed: High risk"}
		outside := []string{"Came home: Riyadh", "Registered", "Added: signed plan", "Asked for consent"}
		page := r.page(t, "amina", person)
		wantIn(t, page, append(inCase, outside...)...)
		page = r.page(t, "amina", file)
		wantIn(t, page, inCase...)
		wantNotIn(t, "the file", page, outside...)
		notes := r.page(t, "amina", person+"?kind=note")
		wantIn(t, notes, "she came with her mother")
		wantNotIn(t, "the notes", notes, "Plan agreed", "Came home")
		wantNotIn(t, "the last month", r.page(t, "amina", person+"?period=month&kind=nonsense&case=x&before=zz"), "nothing of this")
		wantIn(t, r.page(t, "chandra", person), "Plan agreed")
		wantNotIn(t, "the supervisor's page", r.page(t, "chandra", person), "private part", "Private")
		opened := r.post(t, "amina", file+"/look", url.Values{"kind": {"note"}})
		wantIn(t, opened.body, worldtest.Canary+"-note", "data-protected", "data-exit")
		for _, login := range []string{"basil", "dipu", "farid", "esha"} {
			if a := r.get(t, login, file); a.status != http.StatusNotFound {
				t.Errorf("%s sees the file: %d", login, a.status)
			}
			if a := r.post(t, login, person+"/look", nil); a.status != http.StatusNotFound && a.status != http.StatusForbidden {
				t.Errorf("%s looks: %d", login, a.status)
			}
		}
		r.many(t, clock, l)
		first := r.page(t, "amina", file+"?kind=note")
		_, next, _ := strings.Cut(first, `rel="next" href="`)
		next, _, _ = strings.Cut(next, `"`)
		second := r.page(t, "amina", strings.ReplaceAll(next, "&amp;", "&"))
		wantIn(t, first, "note number 60", "note number 21")
		wantNotIn(t, "the first page", first, "note number 20<")
		wantIn(t, second, "note number 20", "she came with her mother")
	})
}

// many writes sixty notes.
func (r *room) many(t *testing.T, clock *dbtest.Clock, l worldtest.Life) {
	t.Helper()
	for i := range 60 {
		clock.Move(time.Second)
		dbtest.Write(t, r.d, func(tx *db.Tx) error {
			return cases.Write(t.Context(), tx, r.users["amina"], l.Case, cases.Note{Text: "note number " + words.In(words.English).Number(i+1)})
		})
	}
}
