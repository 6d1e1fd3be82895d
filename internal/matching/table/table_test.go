// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fera/internal/matching/table"
)

func read(t *testing.T, name string) *table.Table {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tab, err := table.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func parsed(t *testing.T, text string) *table.Table {
	t.Helper()
	tab, err := table.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func evaluate(t *testing.T, tab, truth *table.Table) (*table.Linkage, table.Report) {
	t.Helper()
	found, err := table.Link(tab, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	known, err := table.TruthOf(truth, found.IDs)
	if err != nil {
		t.Fatal(err)
	}
	return found, found.Evaluate(known)
}

// What must be reached on the open sets, without labels and at the program's own threshold. The sets and their licences are in
// testdata/PROVENANCE.md.
func TestTheOpenSetsAreLinkedWell(t *testing.T) {
	for _, bar := range []struct {
		set                   string
		f1, certain, blocking float64
	}{
		{"febrl1", 1, 1, 1}, {"febrl2", 0.998, 0.999, 0.999}, {"febrl3", 0.999, 0.999, 0.999}, {"opencr_uganda", 1, 1, 1},
		{"clkhash_dirty_1000", 1, 1, 1}, {"splink_fake_1000", 0.95, 0.995, 0.97}, {"bd_synthetic_dev_20k", 0.99, 0.999, 0.995},
	} {
		t.Run(bar.set, func(t *testing.T) {
			t.Parallel()
			_, r := evaluate(t, read(t, bar.set), read(t, bar.set+".truth"))
			if r.F1 < bar.f1 || r.Certain.Precision < bar.certain || r.Blocking < bar.blocking {
				t.Errorf("F1 %.4f, precision at p 0.99 %.4f, blocking recall %.4f; want at least %.4f, %.4f, %.4f",
					r.F1, r.Certain.Precision, r.Blocking, bar.f1, bar.certain, bar.blocking)
			}
			t.Logf("F1 %.4f (P %.4f, R %.4f); at p 0.99 P %.4f, R %.4f; blocking recall %.4f with %d candidates", r.F1, r.Precision,
				r.Recall, r.Certain.Precision, r.Certain.Recall, r.Blocking, r.Pairs)
		})
	}
}

// Without headings that say anything, the values must do.
func TestHeadingsAreNotNeeded(t *testing.T) {
	tab, truth := read(t, "febrl3"), read(t, "febrl3.truth")
	for i := range tab.Heads[1:] {
		tab.Heads[i+1] = fmt.Sprintf("c%d", i)
	}
	if _, r := evaluate(t, tab, truth); r.F1 < 0.99 {
		t.Errorf("F1 %.4f with headings c0, c1, …", r.F1)
	}
}

func TestTheAnswerIsTheSameEachTime(t *testing.T) {
	one, _ := evaluate(t, read(t, "splink_fake_1000"), read(t, "splink_fake_1000.truth"))
	two, _ := evaluate(t, read(t, "splink_fake_1000"), read(t, "splink_fake_1000.truth"))
	if d := cmp.Diff(one.Model, two.Model); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(one.Groups, two.Groups); d != "" {
		t.Error(d)
	}
}

func TestOfTwoFilesOnlyPairsAcrossCount(t *testing.T) {
	found, r := evaluate(t, read(t, "clkhash_dirty_1000"), read(t, "clkhash_dirty_1000.truth"))
	if r.True != 500 {
		t.Errorf("true pairs = %d, want the 500 across", r.True)
	}
	for _, c := range found.Candidates {
		if a, b := table.Pair(c); found.Source[a] == found.Source[b] {
			t.Fatalf("rows %d and %d are of one file", a, b)
		}
	}
}

func TestColumnsAreGuessed(t *testing.T) {
	tab := read(t, "bd_synthetic_dev_20k")
	kinds := map[string]table.Kind{}
	for i, k := range table.Infer(tab, nil) {
		kinds[tab.Heads[i]] = k
	}
	want := map[string]table.Kind{"row_id": table.ID, "name": table.Person, "name_bn": table.Person, "father_name": table.Kin, "mother_name": table.Kin,
		"sex": table.Sex, "dob": table.Day, "district": table.Place, "upazila": table.Place, "village": table.Place, "phone": table.Phone,
		"nid": table.NID, "passport": table.Paper}
	if d := cmp.Diff(want, kinds); d != "" {
		t.Error(d)
	}
}

func TestValuesTellWhatHeadingsDoNot(t *testing.T) {
	var b strings.Builder
	b.WriteString("a;b;c;d;e;f\n")
	for i := range 200 {
		fmt.Fprintf(&b, "%d;%s%s;%d;%d;%d;x%d@y.org\n", i, strings.Repeat(string(rune('a'+i%25)), 3), strings.Repeat(string(rune('a'+i/25)), 3), 1950+i%50, 1+i%12, 1+i%28, i)
	}
	got := table.Infer(parsed(t, b.String()), nil)
	want := []table.Kind{table.ID, table.Person, table.Year, table.Month, table.DayOf, table.Email}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A name that is put together from two others, and a year beside the date, would count twice.
func TestWhatIsSaidTwiceIsComparedOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,full_name,first_name,surname,dob,birth_year\n")
	for i := range 60 {
		given, surname := string(rune('a'+i%20))+"bdul", string(rune('a'+i%17))+"arker"
		fmt.Fprintf(&b, "%d,%s %s,%s,%s,%d-05-%02d,%d\n", i, given, surname, given, surname, 1950+i%40, 1+i%28, 1950+i%40)
	}
	found, err := table.Link(parsed(t, b.String()), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, f := range found.Fields {
		columns = append(columns, strings.Join(f.Columns, "+"))
	}
	if d := cmp.Diff([]string{"first_name", "surname", "dob+birth_year"}, columns); d != "" {
		t.Error(d)
	}
}

func TestWordsForNothingAreNothing(t *testing.T) {
	tab := parsed(t, "id,name\n1,NULL\n2,N/A\n3,unknown\n4,Nadia\n")
	if d := cmp.Diff([]string{"", "", "", "Nadia"}, tab.Columns[1]); d != "" {
		t.Error(d)
	}
}

func TestTruthComesInTwoForms(t *testing.T) {
	ids := []string{"7", "8", "9"}
	for _, text := range []string{"id,cluster\n7,x\n8,x\n9,y\n", "x,id\na,7\na,8\nb,9\n", "id_a,id_b\n8,7\n", "id,who\n7,8\n8,8\n9,9\n"} {
		truth, err := table.TruthOf(parsed(t, text), ids)
		if err != nil || len(truth) != 1 || !truth[0<<32|1] {
			t.Errorf("TruthOf(%q) = %v, %v, want rows 0 and 1", text, truth, err)
		}
	}
	if _, err := table.TruthOf(parsed(t, "id_a,id_b\n8,77\n"), ids); err == nil || !strings.Contains(err.Error(), "row 1") {
		t.Errorf("an unknown id: %v", err)
	}
}

func TestAMapSaysWhatColumnsAre(t *testing.T) {
	tab := parsed(t, "id,nom,x\n1,a,b\n2,c,d\n")
	got, err := table.ParseMap("nom=surname, x=exact", tab)
	if d := cmp.Diff(map[string]table.Kind{"nom": table.Surname, "x": table.Exact}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for _, bad := range []string{"nom", "y=exact", "x=colour"} {
		if _, err := table.ParseMap(bad, tab); err == nil {
			t.Errorf("ParseMap(%q) passes", bad)
		}
	}
}

func TestBadFilesGetAReason(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "empty",
		"id,name\n1,a,b\n":         "line 2 has 3 values for 2 headings",
		"id,name\n1,\xff\n":        "line 2, column name is not in UTF-8",
		"\x1f\x8bnot gzip at all!": "unpack",
	} {
		if _, err := table.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%q) = %v, want an error with %q", text, err, want)
		}
	}
	if _, err := table.Link(parsed(t, "id,name\n1,a\n"), table.Options{}); err == nil {
		t.Error("one row is linked with itself")
	}
	if _, err := table.Link(parsed(t, "id,name\n1,a\n2,a\n"), table.Options{}); err == nil {
		t.Error("a table with nothing to compare is linked")
	}
}

func FuzzLink(f *testing.F) {
	f.Add([]byte("id,name,dob\n1,Karim,1980-01-01\n2,Korim,1980\n3,,\n"))
	f.Add([]byte("\xef\xbb\xbfid;source;bd;bm;by;email\n1;a;1;2;1990;x@y\n2;b;1;2;1990;x@z\n"))
	f.Add([]byte("id\tfather_name\tnid\tphone\tdistrict\tage\n১\tমোঃ করিম\t19801234567890123\t০১৭১২৩৪৫৬৭৮\tঢাকা\t40\n2\tKarim\t1234567890123\t01712345678\tDhaka\t41\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 2000 {
			return
		}
		tab, err := table.Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		found, err := table.Link(tab, table.Options{})
		if err != nil {
			return
		}
		for _, l := range found.Links {
			if x, y := found.Explain(l.A, l.B), found.Explain(l.B, l.A); x.Bits != y.Bits {
				t.Errorf("rows %d and %d: %v bits and %v the other way", l.A, l.B, x.Bits, y.Bits)
			}
		}
	})
}
