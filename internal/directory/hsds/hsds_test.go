// SPDX-License-Identifier: Apache-2.0

package hsds_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"fera/internal/dates"
	"fera/internal/directory/bodies"
	"fera/internal/directory/hsds"
	"fera/internal/directory/listing"
	"fera/internal/fault"
)

// example are the files of the published example package.
func example(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/published/examples/csv/*")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	files := map[string]string{}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(p)] = string(text)
	}
	return files
}

func zipped(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func take(text []byte) (*hsds.Taken, error) {
	p, err := hsds.Read(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, err
	}
	return hsds.Take(p, "test")
}

func mustTake(t testing.TB, text []byte) *hsds.Taken {
	t.Helper()
	taken, err := take(text)
	if err != nil {
		for _, f := range fault.Of(err).All() {
			t.Logf("%s %v", f.Key, f.Args)
		}
		t.Fatal(err)
	}
	return taken
}

func byID(all []listing.Arriving) map[string]listing.Arriving {
	m := map[string]listing.Arriving{}
	for _, e := range all {
		m[e.ID] = e
	}
	return m
}

// The published example comes in, with what of it the directory has a field for, and the rest kept.
func TestThePublishedExampleIsTakenIn(t *testing.T) {
	taken := mustTake(t, zipped(t, example(t)))
	all := byID(taken.Entries)
	s := all["ac148810-d857-441c-9679-408f346de14b"].Body.Service
	o := all["d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"].Body.Organisation
	l := all["3a19ff88-4620-4d17-9830-ac1d859eb5d5"].Body.Location
	if len(all) != 3 || s == nil || o == nil || l == nil {
		t.Fatalf("entries %+v", taken.Entries)
	}
	if s.Name.En != "Community Counselling" || s.State != listing.Active || len(s.At) != 1 || len(s.Papers) != 1 || len(s.Costs) != 1 || *s.Costs[0].Amount != 3500 || s.Costs[0].Currency != "gbp" {
		t.Errorf("service %+v", s)
	}
	if o.Name.En != "Example Organization Inc." || o.Kept["tax_id"] != "tax_id" || o.Kept["parent_organization_id"] == "" {
		t.Errorf("organisation %+v", o)
	}
	if l.Name.En != "MyCity Civic Center" || !strings.Contains(l.Address.En, "MyVillage") || len(l.Access) != 1 || l.Kept["external_identifier_type"] != "UPRN" {
		t.Errorf("location %+v", l)
	}
	if got := s.At[0].Phones; len(got) != 1 || got[0].Number != "+44 1234 234567" || got[0].Dial() != "+441234234567" {
		t.Errorf("phones %+v", got)
	}
	if len(s.At[0].Hours.Rows) != 1 || s.At[0].Hours.Known() {
		t.Errorf("the schedule says more than days and times, so it is kept: %+v", s.At[0].Hours)
	}
	if len(taken.People) != 1 || taken.People[0].Name != "Ann Persona" {
		t.Errorf("people %+v", taken.People)
	}
	noted := map[string]bool{}
	for _, n := range taken.Notes {
		noted[n.Key+" "+fmt.Sprint(n.Args["file"])] = true
	}
	for _, want := range []string{"hsds.leads_nowhere locations.csv", "hsds.no_point locations.csv", "hsds.nobodys metadata.csv"} {
		if !noted[want] {
			t.Errorf("%s is not noted: %v", want, noted)
		}
	}
}

func TestTheExamplesInJSONAreTakenIn(t *testing.T) {
	for name, want := range map[string]int{"service_full.json": 3, "organization_full.json": 1, "tabular.json": 3} {
		text, err := os.ReadFile("testdata/published/examples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if taken := mustTake(t, text); len(taken.Entries) < want {
			t.Errorf("%s: %d entries, want %d", name, len(taken.Entries), want)
		}
	}
}

// out writes a package in a form, and reads it again.
func again(t *testing.T, a listing.Arrival, form string) *hsds.Taken {
	t.Helper()
	var b bytes.Buffer
	p := hsds.Give(a)
	write := p.WriteZip
	if form == "json" {
		write = p.WriteJSON
	}
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return mustTake(t, b.Bytes())
}

// What goes out comes back the same, in both forms.
func TestWhatGoesOutComesBackTheSame(t *testing.T) {
	cost := int64(12550)
	free, wait, day := 4, 12, dates.Partial{Year: 2026, Month: 1, Day: 5}
	full := listing.Arrival{Entries: bodies.Shipped()}
	o, l := "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
	week := []listing.Span{{Days: []string{"SU", "MO", "TU"}, Opens: "09:00", Closes: "17:00"}}
	full.Entries = append(full.Entries,
		listing.Arriving{ID: o, Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{Bn: "সংস্থা", En: "Body"}, About: listing.Text{Bn: "কী করে", En: "What it does"}, Sector: "civil_society", Website: "https://example.org", Email: "a@example.org",
			Phones: []listing.Phone{{Number: "01700000000", Free: true, About: listing.Text{Bn: "সকালে"}, Languages: []listing.Language{{Code: "bn", Name: "Bangla"}}}}, Source: listing.Source{Text: "a letter", Date: "2026-01"}}}},
		listing.Arriving{ID: l, Body: listing.Body{Location: &listing.Location{Organisation: o, Name: listing.Text{Bn: "অফিস", En: "Office"}, Kind: "physical", Place: "305670", Address: listing.Text{Bn: "বাড়ি ১", En: "House 1"}, Transport: listing.Text{Bn: "বাস"},
			Access: []listing.Access{{About: listing.Text{Bn: "ঢালু পথ", En: "A ramp"}}}, Hours: listing.Hours{Weekly: week, Holidays: true, Note: listing.Text{Bn: "দুপুরে বন্ধ", En: "closed at noon"},
				Periods: []listing.Period{{From: dates.Partial{Year: 2026, Month: 2, Day: 18}, To: dates.Partial{Year: 2026, Month: 3, Day: 19}, Name: listing.Text{Bn: "রমজান", En: "Ramadan"}, Weekly: []listing.Span{{Days: []string{"SU"}, Opens: "09:00", Closes: "15:30"}}},
					{From: dates.Partial{Year: 2026, Month: 3, Day: 20}, To: dates.Partial{Year: 2026, Month: 3, Day: 24}, Name: listing.Text{Bn: "ঈদ", En: "Eid"}}}}, Source: listing.Source{Text: "x"}}}},
		listing.Arriving{ID: "01900000-0000-7000-8000-000000000003", Confirmed: dates.Partial{Year: 2026, Month: 1, Day: 2}, Body: listing.Body{Service: &listing.Service{Organisation: o, Name: listing.Text{Bn: "সেবা"}, State: listing.Paused, Needs: []string{"legal_aid", "loan"},
			How: listing.Text{Bn: "আসুন", En: "Come"}, Fee: listing.Text{En: "Free"}, Costs: []listing.Cost{{For: listing.Text{En: "copy"}, Currency: "BDT", Amount: &cost, Note: listing.Text{Bn: "পাতা"}}}, For: listing.Eligibility{Sex: "female", MinAge: 18, MaxAge: 60, Returns: 24, Text: listing.Text{Bn: "নারী"}},
			Papers: []listing.Paper{{Code: "nid"}, {Text: listing.Text{Bn: "আবেদন", En: "An application"}}}, Areas: []string{"3056"}, Staff: "women", Alert: listing.Text{Bn: "আগে ফোন করুন", En: "Call first"},
			Capacity: &listing.Capacity{Wait: &wait, On: day},
			At:       []listing.Offer{{ID: "01900000-0000-7000-8000-000000000004", Location: l, About: listing.Text{Bn: "দোতলা"}, Capacity: &listing.Capacity{Free: &free, Wait: &wait, On: day}}}, Source: listing.Source{Text: "x"}}}},
		listing.Arriving{ID: "01900000-0000-7000-8000-000000000005", Body: listing.Body{Service: &listing.Service{Organisation: o, Name: listing.Text{En: "Safe home"}, State: listing.Active, Needs: []string{"shelter"}, Hidden: true, Areas: []string{listing.Country}, Source: listing.Source{Text: "x"}}}})
	for _, form := range []string{"zip", "json"} {
		first := again(t, full, form)
		want, got := byID(full.Entries), byID(first.Entries)
		if len(want) != len(got) {
			t.Errorf("%s: %d entries, want %d", form, len(got), len(want))
		}
		bare := cmp.FilterPath(func(p cmp.Path) bool { // identifiers of rows are made on the way out
			return p.Last().String() == ".ID" && p.Index(1).String() == ".Body"
		}, cmp.Ignore())
		orders := cmp.Options{cmpopts.SortSlices(func(a, b listing.Period) bool { return a.From.String() < b.From.String() }), cmpopts.SortSlices(func(a, b listing.Paper) bool { return a.Code < b.Code }),
			cmpopts.SortSlices(func(a, b listing.Phone) bool { return a.Number < b.Number }), cmpopts.SortSlices(func(a, b listing.Offer) bool { return a.Location < b.Location })}
		rows := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Rows" || p.Last().String() == ".Needs" }, cmp.Ignore())
		for id, e := range want {
			if diff := cmp.Diff(e, got[id], bare, orders, rows); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", form, e.Body.Name().In("en"), diff)
			}
			if s := e.Body.Service; s != nil {
				if a, b := slices.Sorted(slices.Values(s.Needs)), slices.Sorted(slices.Values(got[id].Body.Service.Needs)); !slices.Equal(a, b) {
					t.Errorf("%s: needs %v, want %v", form, b, a)
				}
			}
		}
	}
}

// What the directory has no field for goes out as it came in.
func TestTheExampleGoesOutAsItCameIn(t *testing.T) {
	first := mustTake(t, zipped(t, example(t)))
	second := again(t, first.Arrival, "zip")
	if diff := cmp.Diff(byID(first.Entries), byID(second.Entries)); diff != "" {
		t.Errorf("-first +second:\n%s", diff)
	}
	if diff := cmp.Diff(first.People, second.People); diff != "" {
		t.Errorf("people -first +second:\n%s", diff)
	}
}

// Whom one speaks to goes nowhere unless somebody hands people over.
func TestNobodyGoesOutUnasked(t *testing.T) {
	taken := mustTake(t, zipped(t, example(t)))
	taken.People = nil
	var b bytes.Buffer
	if err := hsds.Give(taken.Arrival).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "Ann Persona") && !strings.Contains(b.String(), `"attention": "A. Persona"`) {
		t.Error("the contact goes out")
	}
}

// A package with something wrong is refused with the file, the row and the field.
func TestABadPackageIsRefusedWithItsPlace(t *testing.T) {
	id := "ac148810-d857-441c-9679-408f346de14b"
	for name, test := range map[string]struct {
		file, old, new string
		want           string // key, file, row, field
	}{
		"an identifier":     {"services.csv", id + ",", "ac14,", "hsds.uuid services.csv 2 id"},
		"no name":           {"organizations.csv", "Example Organization Inc.", "", "hsds.needed organizations.csv 2 name"},
		"a status":          {"services.csv", ",active,", ",sleeping,", "hsds.choice services.csv 2 status"},
		"no organisation":   {"services.csv", "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c611", "hsds.no_such_row services.csv 2 organization_id"},
		"a number":          {"locations.csv", ",100,101,", ",north,101,", "hsds.number locations.csv 2 latitude"},
		"a day":             {"schedules.csv", "2005-01-01", "2005-13-41", "hsds.date schedules.csv 2 valid_from"},
		"an e-mail address": {"contacts.csv", "email@example.com", "nobody", "hsds.email contacts.csv 2 email"},
		"a column too many": {"taxonomies.csv", "version\n", "version\nx,", "hsds.width taxonomies.csv 2 "},
		"an open quote":     {"funding.csv", "This service", `"This" service`, "hsds.broken_row funding.csv 2 "},
		"two alike":         {"programs.csv", "id,organization_id", "id,id", "hsds.column_twice programs.csv 1 id"},
		"another encoding":  {"programs.csv", "Community", "\xff\xfe", "hsds.encoding programs.csv 0 "},
		"a row twice":       {"accessibility.csv", "http://example.com\n", "http://example.com\nafcf296e-1cb2-4139-9c88-33d587d1a50b,,x,,\n", "hsds.twice accessibility.csv 3 id"},
	} {
		files := example(t)
		before := files[test.file]
		if files[test.file] = strings.Replace(strings.ReplaceAll(before, "\r\n", "\n"), test.old, test.new, 1); files[test.file] == before {
			t.Errorf("%s: nothing was changed", name)
		}
		_, err := take(zipped(t, files))
		f := fault.Of(err)
		if f == nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprint(f.Key, " ", f.Args["file"], " ", f.Args["row"], " ", f.Args["field"]); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	for name, text := range map[string]string{"nothing": "", "no archive": "PK\x03\x04 and no more", "no JSON": "{", "a text": `"x"`, "an empty list": "[]", "two": "{} {}", "a list of numbers": "[1]", "deep": strings.Repeat(`{"id":"x","organization":`, 40) + "{}" + strings.Repeat("}", 40)} {
		if _, err := take([]byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// schema compiles one of the published schemas.
func schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.DefaultDraft(jsonschema.Draft2020)
	s, err := c.Compile("testdata/published/schema/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every object of the directory that ships is one by the published schemas, flat and full.
func TestWhatGoesOutIsWhatThePublishedSchemasSay(t *testing.T) {
	taken := mustTake(t, zipped(t, example(t)))
	p := hsds.Give(listing.Arrival{Entries: append(bodies.Shipped(), taken.Entries...), People: taken.People})
	tree := hsds.NewTree(p)
	checked := 0
	for _, object := range []string{"service", "organization", "location", "service_at_location", "taxonomy", "taxonomy_term"} {
		s := schema(t, object)
		for _, id := range tree.IDs(object) {
			for _, o := range []map[string]any{tree.Flat(object, id), tree.Full(object, id)} {
				text, err := json.Marshal(o)
				if err != nil {
					t.Fatal(err)
				}
				v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Validate(v); err != nil {
					t.Fatalf("%s %s: %v\n%s", object, id, err, text)
				}
				checked++
			}
		}
	}
	if checked < 300 {
		t.Errorf("only %d objects were checked", checked)
	}
	bad, _ := jsonschema.UnmarshalJSON(strings.NewReader(`{"id": "x", "name": "y", "status": "sleeping"}`))
	if schema(t, "service").Validate(bad) == nil {
		t.Error("the schema lets everything pass")
	}
}

// The tables are those of the published schemas, with the same columns.
func TestTheColumnsAreThePublishedOnes(t *testing.T) {
	var b bytes.Buffer
	if err := hsds.Give(listing.Arrival{}).WriteZip(&b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	heads := map[string][]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(text.String(), "\n")
		heads[f.Name] = strings.Split(strings.TrimSpace(line), ",")
	}
	paths, _ := filepath.Glob("testdata/published/schema/*.json")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var s struct {
			Path       string
			Properties map[string]struct {
				Type string
				Ref  string `json:"$ref"`
			}
		}
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		var want []string
		for name, p := range s.Properties {
			if p.Type != "array" && p.Ref == "" {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(heads[s.Path])); !slices.Equal(got, want) {
			t.Errorf("%s has %v, published is %v", s.Path, got, want)
		}
	}
}

// Whatever is sent, the answer is a package or a fault that says what is wrong.
func FuzzTake(f *testing.F) {
	f.Add(zipped(f, example(f)))
	for _, name := range []string{"service_full.json", "organization_full.json", "tabular.json"} {
		text, err := os.ReadFile("testdata/published/examples/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"services": [{"id": "ac148810-d857-441c-9679-408f346de14b", "name": "x", "status": "active", "schedules": [{"id": "x", "byday": "SU,,"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		taken, err := take(text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("not said: %v", err)
			}
			return
		}
		for i := range taken.Entries {
			taken.Entries[i].Body.Check()
		}
		var b bytes.Buffer
		if err := hsds.Give(taken.Arrival).WriteZip(&b); err != nil {
			t.Fatal(err)
		}
	})
}
