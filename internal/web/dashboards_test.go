// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/dashboards"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	sums "fera/internal/indicators/tables"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// openFigures is a room with those who look at figures: Parvin sees all records, Mitu none, Harun none and his division alone. Amina has
// registered some who came home.
func openFigures(t testing.TB, d *db.DB) *room {
	t.Helper()
	r := openRoom(t, d)
	for login, held := range map[string]accounts.Held{"parvin": {Role: access.ProgrammeManager, Scope: "all"}, "mitu": {Role: access.MonitoringOfficer, Scope: "all"}, "harun": {Role: access.NationalObserver, Scope: "a:30"}} {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			office, err := offices.Find(t.Context(), tx, terminal(), r.users["amina"].Office)
			if err != nil {
				return err
			}
			u, _, err := accounts.AddUser(t.Context(), tx, terminal(), accounts.Addition{Login: login, Name: login, Office: office.ID, Language: words.English})
			if err != nil {
				return err
			}
			held.User = u.ID
			r.users[login] = access.Actor{ID: u.ID, Name: u.Name, Office: office.ID, Organisation: office.Organisation}
			if err := accounts.GrantRole(t.Context(), tx, terminal(), held); err != nil {
				return err
			}
			return accounts.Equip(t.Context(), tx, terminal(), u.ID, accounts.Credentials{Password: roomPassword})
		})
	}
	r.returned(t, 12, "female", "305670", "2029-03-04", "SA")
	r.returned(t, 6, "male", "305622", "2029-05-04", "MY")
	r.returned(t, 7, "female", "100409", "2029-05", "SA")
	r.returned(t, 2, "male", "609108", "2029-06-01", "QA")
	r.returned(t, 1, "female", "30", "2029", "OM")
	r.counts(t)
	return r
}

func (r *room) returned(t testing.TB, n int, sex, home, on, country string) {
	t.Helper()
	day, err := dates.Parse(on)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		p := worldtest.Rahima()
		p.Contacts = nil
		p.Values[persons.SexField], p.Values[persons.Home] = sex, home
		p.Journeys = []persons.Journey{{Country: country, Returned: day, Reasons: []string{"pay"}}}
		dbtest.Write(t, r.d, func(tx *db.Tx) error {
			_, err := persons.Register(t.Context(), tx, r.users["amina"], p)
			return err
		})
	}
}

// counts counts what the trail tells.
func (r *room) counts(t testing.TB) {
	t.Helper()
	if _, err := audit.Seal(t.Context(), r.d); err != nil {
		t.Fatal(err)
	}
	if _, err := counting.Follow(t.Context(), r.d); err != nil {
		t.Fatal(err)
	}
}

// drawnAs is what a map says of its places.
func drawnAs(page string) map[string]string {
	said := map[string]string{}
	for _, m := range regexp.MustCompile(`<a href="([^"]*)" aria-label="([^":]*): ([^"]*)"><title>`).FindAllStringSubmatch(page, -1) {
		said[html.UnescapeString(m[2])] = m[3] + " " + html.UnescapeString(m[1])
	}
	return said
}

const year2029 = "from=2029-01&to=2029-12"

func TestDashboards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openFigures(t, d)
		home := r.page(t, "parvin", "/")
		wantIn(t, home, `href="/figures"`)
		list := r.page(t, "parvin", "/figures")
		for _, b := range dashboards.List() {
			wantIn(t, list, `href="/figures/board/`+b.Code+`"`, b.NameEn)
		}
		for _, i := range definitions.Shipped() {
			wantIn(t, list, `href="/figures/ask/`+i.Code+`"`, i.NameEn)
		}
		wantIn(t, list, "Reading and quoting figures", "Too few")
		board := r.page(t, "parvin", "/figures/board/returns?"+year2029)
		wantIn(t, board, "People who returned", "2029", ">28</a>", "geoBoundaries", "Place not known: 1", "Saudi Arabia", "women", "figures.")
		places := drawnAs(board)
		if len(places) != 64 || !strings.HasPrefix(places["Manikganj"], "18 ") || !strings.HasPrefix(places["Barguna"], "7 ") || !strings.HasPrefix(places["Dhaka"], "0 ") {
			t.Errorf("the map: %d places, Manikganj %q, Barguna %q", len(places), places["Manikganj"], places["Barguna"])
		}
		// The place that is clicked is drawn finer, and the table below says the same.
		_, into, _ := strings.Cut(places["Manikganj"], " ")
		finer := r.page(t, "parvin", into)
		if inner := drawnAs(finer); len(inner) != 7 || !strings.HasPrefix(inner["Saturia"], "12 ") {
			t.Errorf("the upazilas: %v", inner)
		}
		wantIn(t, finer, "People who returned, by upazila", "Manikganj", ">18</a>")
		for _, b := range dashboards.List() {
			page := r.page(t, "parvin", "/figures/board/"+b.Code+"?"+year2029)
			wantIn(t, page, `class="board"`, "Counted up to")
		}
		r.speak(t, "parvin", words.Bangla)
		wantIn(t, r.page(t, "parvin", "/figures/board/returns?"+year2029), "প্রত্যাবর্তন", "২৮", "মানিকগঞ্জ: ১৮", "এলাকা জানা নেই: ১")
		r.speak(t, "parvin", words.English)
		for _, login := range []string{"amina", "dipu", "esha", "farid"} {
			for _, path := range []string{"/figures", "/figures/board/returns", "/figures/ask/people_returned", "/figures/ask/people_returned/records"} {
				if a := r.get(t, login, path); a.status != http.StatusNotFound {
					t.Errorf("%s sees %s: %d", login, path, a.status)
				}
			}
		}
	})
}

// A number opens to the records behind it, page by page, each of which leads to the person.
func TestANumberOpensToItsRecords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openFigures(t, d)
		r.returned(t, 60, "male", "305646", "2029-07-04", "OM")
		r.counts(t)
		table := r.page(t, "parvin", "/figures/ask/people_returned?by=district&and=sex&"+year2029)
		cell := regexp.MustCompile(`href="([^"]*/records[^"]*key=3056&amp;key=female[^"]*)">12<`).FindStringSubmatch(table)
		if cell == nil {
			t.Fatal("the twelve women of Manikganj open to nothing")
		}
		records := r.page(t, "parvin", html.UnescapeString(cell[1]))
		if n := strings.Count(records, `href="/persons/`); n < 12 {
			t.Errorf("behind twelve are %d", n)
		}
		wantIn(t, records, "12 records that you may see", "Only district: Manikganj", "Only sex: women", "4 March 2029")
		all := r.page(t, "parvin", "/figures/ask/people_returned/records?"+year2029)
		wantIn(t, all, "50 records that you may see on this page", `rel="next"`)
		next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(all)
		wantIn(t, r.page(t, "parvin", html.UnescapeString(next[1])), "38 records that you may see")
		daily := regexp.MustCompile(`href="([^"]*/records[^"]*key=2029-07-04[^"]*)">60<`).FindStringSubmatch(r.page(t, "parvin", "/figures/ask/people_returned?by=day&"+year2029))
		if daily == nil {
			t.Fatal("the sixty of a day open to nothing")
		}
		wantIn(t, r.page(t, "parvin", html.UnescapeString(daily[1])), "50 records that you may see on this page", "4 July 2029")
		// Unknown and what has none leads nowhere.
		wantNotIn(t, "the table", table, "key=&", `records?`+year2029+`&amp;key=3026`)
		wantIn(t, r.page(t, "parvin", "/figures/ask/happened_abroad/records?"+year2029), "never listed", "How it is counted")
		closed := r.page(t, "mitu", "/figures/ask/people_returned/records?"+year2029)
		wantIn(t, closed, "not the records behind", "Counts people, each once")
		wantNotIn(t, "who sees no records", closed, "/persons/")
	})
}

// Who sees no records is shown whole years, nothing that is small, and no way to the records.
func TestWhoMonitorsSeesLess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openFigures(t, d)
		board := r.page(t, "mitu", "/figures/board/returns?"+year2029)
		wantIn(t, board, "28", "Numbers below 5 are not shown", "Show", "too few to show alone")
		wantNotIn(t, "the board of who sees no records", board, "/records", "Sylhet: 2", "Place not known: 1", "Qatar: 2")
		if said := drawnAs(board); !strings.HasPrefix(said["Sylhet"], "too few ") || !strings.HasPrefix(said["Manikganj"], "18 ") && !strings.HasPrefix(said["Manikganj"], "too few ") {
			t.Errorf("Sylhet %q, Manikganj %q", said["Sylhet"], said["Manikganj"])
		}
		months := r.page(t, "mitu", "/figures/ask/people_returned?from=2029-03&to=2029-05")
		wantIn(t, months, "This is not shown", "whole calendar year", "Show the whole of 2029")
		instead := regexp.MustCompile(`href="([^"]+)">Show the whole of 2029`).FindStringSubmatch(months)
		wantIn(t, r.page(t, "mitu", html.UnescapeString(instead[1])), `<p class="great">28</p>`)
		wantIn(t, r.page(t, "mitu", "/figures/ask/caseload?"+year2029), "This is not shown")
		wantIn(t, r.page(t, "mitu", "/figures/ask/happened_abroad?by=kind&"+year2029), "Nothing counted")
		// One place alone is told by its districts only; what is not in the picture is said.
		alone := r.page(t, "mitu", "/figures/ask/people_returned?by=month&place=30&"+year2029)
		wantIn(t, alone, "not told of one place alone", "Break this place down by district", "Show the whole country")
		parts := regexp.MustCompile(`href="([^"]+)">Break this place down`).FindStringSubmatch(alone)
		wantIn(t, r.page(t, "mitu", html.UnescapeString(parts[1])), "People who returned, by district", `<p class="great">19</p>`)
		wantIn(t, r.page(t, "mitu", "/figures/ask/people_returned?by=month&"+year2029), "Not in the picture", ": 15.")
		// The men are read off the table by sex.
		wantIn(t, r.page(t, "mitu", "/figures/board/returns?sex=male&"+year2029), `<p class="great">8</p>`)
		// What a board does not show is said once for each reason, with the way out of it.
		place := r.page(t, "mitu", "/figures/board/equity?place=30&"+year2029)
		wantIn(t, place, "Not shown here", "<li>People registered, by sex</li>", "Show the whole country")
		if n := strings.Count(place, "not told of one place alone"); n != 1 {
			t.Errorf("the reason is given %d times", n)
		}
		out := regexp.MustCompile(`href="([^"]+)">Show the whole country`).FindStringSubmatch(place)
		wantNotIn(t, "the board of the whole country", r.page(t, "mitu", html.UnescapeString(out[1])), "Not shown here", "of one place alone")
		// Harun is held to his division.
		own := r.page(t, "harun", "/figures/board/returns?"+year2029)
		wantIn(t, own, `value="3056"`)
		wantNotIn(t, "his board", own, `value="1004"`, "Barguna")
		if a := r.get(t, "harun", "/figures/board/returns?place=10&"+year2029); a.status != http.StatusNotFound {
			t.Errorf("another division: %d", a.status)
		}
		if a := r.get(t, "chandra", "/figures/ask/people_returned?organisation="+r.users["basil"].Organisation+"&"+year2029); a.status != http.StatusNotFound {
			t.Errorf("another organisation: %d", a.status)
		}
		wantIn(t, r.page(t, "chandra", "/figures/ask/people_returned?"+year2029), "Only the work of Shetu", "28")
	})
}

// What is asked for is all in the address, and what an address cannot mean is said.
func TestAddressesOfFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openFigures(t, d)
		page := r.page(t, "parvin", "/figures/ask/people_returned?by=month&and=country&place=30&sex=male&reason=pay&"+year2029)
		wantIn(t, page, `<option value="month" selected>`, `<option value="country" selected>`, `<option value="30" selected>`, `<option value="male" selected>`, `<option value="2029-01" selected>`, `<option value="2029-12" selected>`,
			`name="reason" value="pay"`, "Only reason for returning: pay", "People who returned, by month and country returned from", "May 2029", "Malaysia")
		wider := regexp.MustCompile(`href="([^"]+)">Show all`).FindStringSubmatch(page)
		if wider == nil || strings.Contains(wider[1], "reason") || !strings.Contains(wider[1], "sex=male") {
			t.Errorf("the wider question: %v", wider)
		}
		wantIn(t, r.page(t, "parvin", "/figures/ask/people_returned?place=3056&within=305670&"+year2029), `<option value="305670" selected>`, ">12<")
		wantIn(t, r.page(t, "parvin", "/figures/ask/people_returned?place=10&within=305670&"+year2029), ">7<")
		for _, query := range []string{"from=x&to=y", "from=2029-12&to=2029-01", "by=shoe", "by=month&and=year", "place=zz", "place=305670.9", "by=month&and=month", "from=2029-03-04", "from=0000-01&to=9999-12", "sex=shoe", "organisation=x",
			"disability=yes", "by=disability&and=ethnicity", "by=day&and=ethnicity", "since=x", "by=kind", "country=%00&by=sex", "reason=" + strings.Repeat("x", 5000), "within=zz"} {
			for _, path := range []string{"/figures/ask/people_returned", "/figures/board/returns", "/figures/board/equity", "/figures/ask/people_returned/records", "/figures/ask/goals_reached", "/figures/ask/money_paid", "/figures"} {
				for _, login := range []string{"parvin", "mitu", "chandra", "harun"} {
					if a := r.get(t, login, path+"?"+query); a.status != http.StatusOK && a.status != http.StatusNotFound || a.status == http.StatusNotFound && login == "parvin" {
						t.Errorf("%s?%.60s by %s: %d", path, query, login, a.status)
					}
				}
			}
		}
		for _, path := range []string{"/figures/board/nothing", "/figures/ask/nothing", "/figures/ask/nothing/records"} {
			if a := r.get(t, "parvin", path); a.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		wantIn(t, r.page(t, "parvin", "/figures/ask/people_returned?from=2029-12&to=2029-01"), "These months do not make a period", `<option value="2029-12" selected>`)
		wantIn(t, r.page(t, "parvin", "/figures/board/returns?from=x"), "These months do not make a period")
		wantIn(t, r.page(t, "parvin", "/figures/ask/people_returned/records?key=zz&by=district&"+year2029), "offered")
		if strings.Contains(r.log.String(), "place=") {
			t.Error("the log holds what was asked")
		}
	})
}

// While everything is counted anew, the pages say that they are incomplete; before anything was counted, that there is nothing.
func TestFiguresThatAreNotReady(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openFigures(t, d)
		wantIn(t, r.page(t, "parvin", "/figures/ask/people_returned?from=2020-01&to=2020-12"), "Nothing counted", "Choose more months")
		wantIn(t, r.page(t, "parvin", "/figures/board/referrals"), "Nothing counted")
		for _, path := range []string{"/figures", "/figures/board/returns", "/figures/ask/people_returned"} {
			wantNotIn(t, path, r.page(t, "parvin", path), "counted anew")
		}
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO figure_marks (name, at, upto, text) VALUES ('anew', ?, 0, '')`, tx.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/figures", "/figures/board/returns", "/figures/ask/people_returned"} {
			wantIn(t, r.page(t, "parvin", path), "Everything is being counted anew")
		}
	})
}

// A figure that was typed in stands beside what was counted, with what is wrong with it; a figure that was quoted says that it was revised.
func TestTypedAndRevisedFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openFigures(t, d)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := indicators.Enter(t.Context(), tx, terminal(), indicators.Typed{Indicator: "people_returned", From: dates.Partial{Year: 2029}, To: dates.Partial{Year: 2029}, Source: "the yearly report",
				Sum: sums.Sum{Whole: 31, Parts: []sums.PartOf{{Code: "female", N: 20}, {Code: "male", N: 8}}}})
			return err
		})
		page := r.page(t, "parvin", "/figures/ask/people_returned?"+year2029)
		wantIn(t, page, "Figures from elsewhere", "the yearly report", "31", "The whole and the parts differ by 3.", "Counted here", "GCM 21", "Who answers for it")
		keep := regexp.MustCompile(`href="([^"]+)">Address of this figure`).FindStringSubmatch(page)
		if keep == nil {
			t.Fatal("no address to keep")
		}
		wantNotIn(t, "the figure as it was quoted", r.page(t, "parvin", html.UnescapeString(keep[1])), "Revised")
		r.returned(t, 1, "female", "305670", "2029-03-04", "SA")
		r.counts(t)
		later := strings.ReplaceAll(html.UnescapeString(keep[1]), "2030-03", "2029-12") // the clock of the test stands still
		wantIn(t, r.page(t, "parvin", later), "Revised", "29")
	})
}

// What is of class 3 in the life of somebody is on none of these pages, whoever looks.
func TestFiguresNameNothingProtected(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openFigures(t, d)
		worldtest.Live(t, d, clock, r.users["amina"])
		r.counts(t)
		paths := []string{"/figures"}
		for _, b := range dashboards.List() {
			paths = append(paths, "/figures/board/"+b.Code, "/figures/board/"+b.Code+"?place=3056")
		}
		for _, i := range definitions.Shipped() {
			paths = append(paths, "/figures/ask/"+i.Code, "/figures/ask/"+i.Code+"/records", "/figures/ask/"+i.Code+"?by=kind", "/figures/ask/"+i.Code+"?by=month&and=sex", "/figures/ask/"+i.Code+"?by=disability")
		}
		for _, login := range []string{"parvin", "chandra", "mitu"} {
			for _, path := range paths {
				a := r.get(t, login, path)
				if a.status != http.StatusOK || strings.Contains(a.body, worldtest.Canary) {
					t.Errorf("%s as %s: %d, protected: %t", path, login, a.status, strings.Contains(a.body, worldtest.Canary))
				}
			}
		}
		for _, path := range []string{"/figures/ask/happened_abroad?by=kind", "/figures/ask/people_harmed"} {
			if said := r.page(t, "parvin", path); strings.Contains(said, fmt.Sprintf(">%d<", 1)) {
				t.Errorf("%s shows one person", path)
			}
		}
	})
}
