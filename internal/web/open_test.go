// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/mod/sumdb/note"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	shown "fera/internal/indicators/tables"
	"fera/internal/release"
	"fera/internal/simulated"
	"fera/internal/web"
	"fera/internal/words"
)

// returned is one made-up person who came back, as the test knows her.
type returned struct{ place, sex, age, country, month string }

// many makes up people who came back in a year, some groups of whom are very small.
func many(r *rand.Rand, year int) (all []returned) {
	pick := func(of ...string) string { return of[int(float64(len(of))*r.Float64()*r.Float64())] }
	for range 60 + r.IntN(200) {
		all = append(all, returned{pick("305670", "305622", "302612", "201503", "100409", ""), pick("male", "female", "other", ""), pick("25-34", "35-44", "18-24", "0-17", ""), pick("SA", "AE", "MY", "OM", "LB"),
			fmt.Sprintf("%d-%02d", year, 1+min(11, r.IntN(4)*r.IntN(4)))})
	}
	return all
}

// fillFigures puts them into the figures.
func fillFigures(t *testing.T, d *db.DB, all []returned) {
	t.Helper()
	var people iter.Seq[counting.Made] = func(yield func(counting.Made) bool) {
		for n, p := range all {
			year, month, _ := strings.Cut(p.month, "-")
			y, _ := strconv.Atoi(year)
			m, _ := strconv.Atoi(month)
			made := counting.Made{ID: fmt.Sprintf("%s%08d", year, n)}
			for _, measure := range []string{"return", "registered"} {
				texts := map[string]string{counting.OfMeasure: measure, counting.OfOrg: "someone", "sex": p.sex, "age": p.age, "country": p.country}
				made.Facts = append(made.Facts, counting.MadeFact{Fact: facts.Fact{Month: facts.Month(y*100 + m), Day: 3, Place: facts.PlaceOf(p.place), Events: 1}, Texts: texts})
			}
			if !yield(made) {
				return
			}
		}
	}
	if err := counting.Fill(t.Context(), d, people, func(int) {}); err != nil {
		t.Fatal(err)
	}
}

// publishFigures publishes what may be, and returns what came of each table.
func (s *site) publishFigures(t *testing.T, year int) map[string]error {
	t.Helper()
	came := map[string]error{}
	for _, table := range definitions.Catalogue() {
		came[table.Code] = s.d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := indicators.Publish(t.Context(), tx, terminal(), indicators.Publishing{Code: table.Code, Year: year})
			return err
		})
	}
	return came
}

var anyLink = regexp.MustCompile(`href="(/open[^"#]*)"`)

// crawl reads everything that can be reached from the open pages.
func crawl(t *testing.T, s *site) map[string]seen {
	t.Helper()
	b := s.browser(t)
	all, next := map[string]seen{}, []string{"/open", "/open/en", "/open/v1/tables"}
	for len(next) > 0 {
		path := strings.ReplaceAll(next[0], "&amp;", "&")
		if next = next[1:]; all[path].body != "" {
			continue
		}
		got := b.get(path)
		if got.status != 200 {
			t.Fatalf("%s: %d", path, got.status)
		}
		if len(got.header.Values("Set-Cookie")) > 0 || !strings.HasPrefix(got.header.Get("Cache-Control"), "public") {
			t.Errorf("%s: cookies %v, %q", path, got.header.Values("Set-Cookie"), got.header.Get("Cache-Control"))
		}
		all[path] = got
		for _, m := range anyLink.FindAllStringSubmatch(got.body, -1) {
			next = append(next, m[1])
		}
		if path == "/open/v1/tables" {
			var i release.Index
			if err := json.Unmarshal([]byte(got.body), &i); err != nil {
				t.Fatal(err)
			}
			for _, table := range i.Tables {
				for _, y := range table.Years {
					for _, address := range []string{y.JSON, y.CSV, y.Metadata, y.Page} {
						u, err := url.Parse(address)
						if err != nil {
							t.Fatal(err)
						}
						next = append(next, u.RequestURI())
					}
				}
			}
		}
	}
	return all
}

// truth counts those of a group.
func truth(all []returned, way string, codes, sexes []string) (n int64) {
	known := func(code string) string {
		if code == "" {
			return release.Unknown
		}
		return code
	}
	for _, p := range all {
		value := map[string]string{"age": p.age, "country": p.country, "month": p.month}[way]
		in := slices.Contains(codes, known(value))
		if way == "place" {
			in = slices.ContainsFunc(codes, func(c string) bool {
				return c == release.Unknown && p.place == "" || c != release.Unknown && strings.HasPrefix(p.place, c)
			})
		}
		if (way == "" || in) && (len(sexes) == 0 || slices.Contains(sexes, known(p.sex))) {
			n++
		}
	}
	return n
}

// No sequence of open pages and files shows a number below the floor, and each number that they show is the true one.
func TestOpenFiguresShowNothingSmall(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newSite(t, d, clock, siteOptions())
		year := clock.Now().Year() - 1
		people := many(rand.New(rand.NewPCG(uint64(len(d.Engine())), 3)), year)
		fillFigures(t, d, people)
		if came := s.publishFigures(t, year); came["returned"] != nil || came["registered"] != nil {
			t.Fatalf("published: %v", came)
		}
		all := crawl(t, s)
		documents := 0
		for path, got := range all {
			code := strings.Split(strings.TrimPrefix(path, "/open/v1/tables/"), "/")[0]
			switch {
			case strings.HasSuffix(path, "metadata.json"):
			case strings.HasSuffix(path, ".json") && strings.Contains(path, "/v1/tables/"):
				documents++
				checkDocument(t, got.body, people, code != "returned")
			case strings.HasSuffix(path, ".csv"):
				checkCSV(t, got.body, people)
			case strings.HasPrefix(path, "/open/tables/") || strings.HasPrefix(path, "/open/en/tables/"):
				checkPage(t, path, got, all)
			}
		}
		if documents != 2 {
			t.Errorf("%d documents", documents)
		}
	})
}

// checkDocument holds every number of a document to the truth, and what follows from it by taking away to the floor.
func checkDocument(t *testing.T, text string, people []returned, _ bool) {
	t.Helper()
	var d release.Document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	fine := func(n int64, what string) {
		if n < 0 || n > 0 && n < shown.Outside {
			t.Errorf("%s, %s: %d is below the floor", d.Code, what, n)
		}
	}
	var walk func(way string, rows []release.Row, total int64, split []int64)
	walk = func(way string, rows []release.Row, total int64, split []int64) {
		if len(rows) == 0 {
			return
		}
		left := slices.Clone(split)
		for _, r := range rows {
			total -= r.Total
			fine(r.Total, way)
			if want := truth(people, way, r.Codes, nil); way != "" && want != r.Total && !slices.Contains(r.Codes, release.Unknown) {
				t.Errorf("%s by %s %v: %d, the truth is %d", d.Code, way, r.Codes, r.Total, want)
			}
			for i, n := range r.Split {
				fine(n, way)
				if left != nil {
					left[i] -= n
				}
				if want := truth(people, way, r.Codes, d.Columns[i].Codes); want != n && !slices.Contains(r.Codes, release.Unknown) {
					t.Errorf("%s by %s %v, %v: %d, the truth is %d", d.Code, way, r.Codes, d.Columns[i].Codes, n, want)
				}
			}
			walk(way, r.Parts, r.Total, r.Split)
		}
		if total != 0 {
			t.Errorf("%s by %s: the parts differ from the whole by %d", d.Code, way, total)
		}
		for _, n := range left {
			fine(n, "what is left of "+way)
		}
	}
	fine(d.Whole.Total, "whole")
	if d.Whole.Total != int64(len(people)) {
		t.Errorf("%s: %d in all, the truth is %d", d.Code, d.Whole.Total, len(people))
	}
	for _, w := range d.Ways {
		walk(w.Code, w.Rows, d.Whole.Total, d.Whole.Split)
	}
	if strings.Contains(d.Signed, `"By"`) || d.Floor != shown.Outside {
		t.Errorf("signed: %s", d.Signed)
	}
}

func checkCSV(t *testing.T, text string, people []returned) {
	t.Helper()
	rest, marked := strings.CutPrefix(text, "\xEF\xBB\xBF")
	rows, err := csv.NewReader(strings.NewReader(rest)).ReadAll()
	if err != nil || !marked || len(rows) < 5 {
		t.Fatalf("CSV: %v, a mark: %t, %d rows", err, marked, len(rows))
	}
	for _, r := range rows[1:] {
		n, err := strconv.ParseInt(r[9], 10, 64)
		if err != nil || n < 0 || n > 0 && n < shown.Outside {
			t.Errorf("CSV: %v: %v", r, err)
		}
		codes, sexes := strings.Split(r[5], ";"), strings.FieldsFunc(r[8], func(c rune) bool { return c == ';' })
		if want := truth(people, r[3], codes, sexes); want != n && !slices.Contains(codes, release.Unknown) {
			t.Errorf("CSV: %v, the truth is %d", r, want)
		}
	}
}

var cellOf = regexp.MustCompile(`(?s)<t[dh] role="cell" data-label="[^"]*" class="number">\s*([^<]*?)\s*</td>`)

// checkPage holds the numbers of a page to those of the file.
func checkPage(t *testing.T, path string, got seen, all map[string]seen) {
	t.Helper()
	parts := strings.Split(path, "/")
	file := all["/open/v1/tables/"+parts[len(parts)-2]+"/"+parts[len(parts)-1]+".json"].body
	latin := strings.NewReplacer("০", "0", "১", "1", "২", "2", "৩", "3", "৪", "4", "৫", "5", "৬", "6", "৭", "7", "৮", "8", "৯", "9", ",", "")
	cells := cellOf.FindAllStringSubmatch(got.body, -1)
	if len(cells) < 10 {
		t.Errorf("%s: %d numbers", path, len(cells))
	}
	for _, c := range cells {
		n, err := strconv.Atoi(latin.Replace(c[1]))
		if err != nil {
			continue // not shown
		}
		if n > 0 && n < shown.Outside || !regexp.MustCompile(`\b`+strconv.Itoa(n)+`\b`).MatchString(file) {
			t.Errorf("%s shows %d, which the file does not have or which is below the floor", path, n)
		}
	}
}

// A number below the floor in a document is noticed: the checks above can fail.
func TestTheCheckOfOpenFiguresNotices(t *testing.T) {
	people := []returned{{sex: "female"}}
	inner := &testing.T{}
	checkDocument(inner, `{"code": "x", "floor": 11, "columns": [], "whole": {"total": 1}, "ways": []}`, people, false)
	if !inner.Failed() {
		t.Error("one person passes for nothing small")
	}
}

// Nothing but what was published can be read, and what programs read is as the schema says.
func TestOpenFiguresAsPrograms(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		year := s.clock.Now().Year() - 1
		b := s.browser(t)
		b.get("/open").shows(200, "এখনো কিছু প্রকাশ হয়নি")
		b.get("/open/en").shows(200, "Nothing is published yet")
		b.get("/open/en/about").shows(200, "What it does not mean", "Attribution")
		checkSchema(t, b.get("/open/schema.json").body, b.get("/open/v1/tables").body)
		fillFigures(t, s.d, many(rand.New(rand.NewPCG(5, 5)), year))
		page := fmt.Sprintf("/open/en/tables/returned/%d", year)
		file := fmt.Sprintf("/open/v1/tables/returned/%d", year)
		for _, path := range []string{page, file + ".json", file + ".csv", file + ".csv-metadata.json"} {
			if got := b.get(path); got.status != 404 {
				t.Errorf("%s before it is published: %d", path, got.status)
			}
		}
		s.publishFigures(t, year)
		b.get(page).shows(200, "By division and district", "What is put together", "Signature", "Licence")
		schema := b.get("/open/schema.json").body
		checkSchema(t, schema, b.get("/open/v1/tables").body)
		checkSchema(t, schema, b.get(file+".json").body)
		checkSignature(t, b.get(file+".json").body, b.get("/open/key").body)
		for _, path := range []string{file + ".xml", file + ".json?issue=2", file + ".json?issue=x", page + "?issue=0", "/open/v1/tables/returned/x.json", "/open/v1/tables/people_returned/" + strconv.Itoa(year) + ".json", "/open/tables/returned/1"} {
			if got := b.get(path); got.status != 404 || strings.HasPrefix(got.header.Get("Cache-Control"), "public") {
				t.Errorf("%s: %d, %s", path, got.status, got.header.Get("Cache-Control"))
			}
		}
		if got := b.get(file + ".json?issue=1"); got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("the first issue: %d, %v", got.status, got.header)
		}
	})
}

func checkSchema(t *testing.T, schema, text string) {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(v); err != nil {
		t.Errorf("not as the schema says: %v\n%.400s", err, text)
	}
	if v.(map[string]any)["kind"] == "table" {
		v.(map[string]any)["whole"].(map[string]any)["total"] = json.Number("7")
		if compiled.Validate(v) == nil {
			t.Error("the schema takes a number below the floor")
		}
	}
}

// checkSignature checks a document as the page for journalists says that it is to be done.
func checkSignature(t *testing.T, text, key string) {
	t.Helper()
	var d release.Document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(d.Note), note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(n.Text), "\n")
	if lines[len(lines)-1] != sum64(d.Signed) || lines[1] != fmt.Sprintf("%s %d %d", d.Code, d.Year, d.Issue) {
		t.Errorf("the note is of something else: %q", n.Text)
	}
	if sum64(d.Signed+" ") == lines[len(lines)-1] {
		t.Error("a changed text passes")
	}
}

// Who may publish sees first what would be shown, and is told what has to wait; others find no such pages.
func TestPublishingFigures(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		year := s.clock.Now().Year() - 1
		s.add(t, "nasrin", "monitoring_officer all")
		s.add(t, "mitu", "monitoring_officer g:"+s.org)
		s.add(t, "chandra", "supervisor g:"+s.org)
		path := fmt.Sprintf("/figures/publish/returned/%d", year)
		nasrin := s.signIn(t, "nasrin")
		nasrin.get(path).shows(200, "Nothing is counted for this year")
		fillFigures(t, s.d, many(rand.New(rand.NewPCG(8, 8)), year))
		nasrin.get("/figures/publish").shows(200, "not published", "People who returned")
		nasrin.get(path).shows(200, "Publish as issue no. 1", "This is what everybody would see")
		for _, login := range []string{"mitu", "chandra"} {
			b := s.signIn(t, login)
			b.get("/figures/publish").shows(404)
			b.get(path).shows(404)
			if got := b.post(path, nil); got.status != 403 && got.status != 404 {
				t.Errorf("%s publishes: %d", login, got.status)
			}
		}
		s.browser(t).get(fmt.Sprintf("/open/tables/returned/%d", year)).shows(404)
		nasrin.post(path, nil).leads("/figures/publish")
		nasrin.get("/figures/publish").shows(200, "No. 1")
		s.browser(t).get(fmt.Sprintf("/open/en/tables/returned/%d", year)).shows(200, "No. 1")
		nasrin.get(path).shows(200, "Nothing has changed since the last issue")
		nasrin.post(path, nil).shows(409, "Nothing has changed")
		nasrin.get("/figures/publish/returned/1").shows(422)
		nasrin.get("/figures/publish/nothing/2028").shows(404)
	})
}

func siteOptions() web.Options { return web.Options{Licence: "CC-BY-4.0"} }

func sum64(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Where nobody who is counted exists, each open page and file says so, and where they do none does.
func TestOpenFiguresOfNobodySaySo(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newSite(t, d, clock, siteOptions())
		year := clock.Now().Year() - 1
		fillFigures(t, d, many(rand.New(rand.NewPCG(uint64(len(d.Engine())), 3)), year))
		s.publishFigures(t, year)
		says := func(path string, got seen) bool {
			switch {
			case strings.HasSuffix(path, ".csv"):
				return strings.Contains(got.header.Get("Content-Disposition"), `filename="simulated-`)
			case strings.HasPrefix(path, "/open/v1/"):
				return strings.Contains(got.body, words.In(words.English).T("open.simulated")) && strings.Contains(got.body, "(simulated)")
			case strings.HasPrefix(path, "/open/en"):
				return strings.Contains(got.body, words.In(words.English).T("open.simulated"))
			}
			return strings.Contains(got.body, words.In(words.Bangla).T("open.simulated")) && strings.Contains(got.body, "noindex")
		}
		figures := func(path string) bool { return path != "/open/key" && path != "/open/schema.json" }
		for path, got := range crawl(t, s) {
			if figures(path) && (says(path, got) || strings.Contains(got.body, "imulated")) {
				t.Errorf("%s says of real people that they are simulated", path)
			}
		}
		if err := simulated.Mark(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		fillFigures(t, d, many(rand.New(rand.NewPCG(2, 3)), year-1))
		s.publishFigures(t, year-1)
		seen := 0
		all := crawl(t, s)
		for y, origin := range map[int]string{year: indicators.Origin, year - 1: indicators.OriginSimulated} {
			text := all[fmt.Sprintf("/open/v1/tables/returned/%d.json", y)].body
			checkSignature(t, text, all["/open/key"].body)
			if !strings.Contains(text, `"note": "`+origin+`\n`) {
				t.Errorf("what was signed of %d does not begin with %s", y, origin)
			}
		}
		for path, got := range all {
			if figures(path) {
				if seen++; !says(path, got) {
					t.Errorf("%s does not say that nobody in it exists", path)
				}
			}
			if strings.HasPrefix(path, "/open/v1/") && (strings.HasSuffix(path, "tables") || strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, "metadata.json")) {
				checkSchema(t, all["/open/schema.json"].body, got.body)
			}
		}
		if seen < 15 {
			t.Errorf("only %d pages and files were read", seen)
		}
	})
}
