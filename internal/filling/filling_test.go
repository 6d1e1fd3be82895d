// SPDX-License-Identifier: Apache-2.0

package filling_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/words"
)

type item = instruments.Item

func on() filling.Occasion {
	now := time.Date(2026, 3, 5, 14, 30, 0, 0, dates.Dhaka())
	return filling.Occasion{Began: now, Now: now, Language: "en", User: "amina", Seed: "seed"}
}

func yesNo() instruments.List {
	one, none := instruments.Score(1), instruments.Score(0)
	return instruments.List{Name: "yes_no", Options: []instruments.Option{
		{Name: "yes", Label: texts("Yes"), Score: &one}, {Name: "no", Label: texts("No"), Score: &none}, {Name: "unsure", Label: texts("Not sure")},
	}}
}

func texts(s string) instruments.Texts { return instruments.Texts{"en": s} }

func define(items ...item) *instruments.Definition {
	for i := range items {
		if items[i].Label == nil && items[i].Kind.Asked() {
			items[i].Label = texts(items[i].Name)
		}
	}
	return &instruments.Definition{Name: "made_up", Version: "1", Title: texts("Made up"), Languages: []instruments.Language{{Code: "en"}},
		Language: "en", Status: instruments.Draft, Lists: []instruments.List{yesNo()}, Items: items}
}

func form(t testing.TB, items ...item) *filling.Form {
	t.Helper()
	return made(t, define(items...))
}

func made(t testing.TB, d *instruments.Definition) *filling.Form {
	t.Helper()
	f, problems := filling.New(d)
	if f == nil {
		t.Fatalf("New: %s", said(problems))
	}
	return f
}

// said writes problems as keys with their items, those to be mended alone.
func said(problems []instruments.Problem) string {
	var all []string
	for _, p := range problems {
		if !p.Advice {
			all = append(all, p.Item+" "+p.Column+" "+p.Fault.Key)
		}
		if text := words.In(words.English).Fault(p.Fault); strings.Contains(text, "⟦") {
			all = append(all, "no sentence for "+p.Fault.Key)
		}
	}
	return strings.Join(all, "; ")
}

func answer(t testing.TB, a *filling.Filling, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if err := a.Answer(pairs[i], pairs[i+1]); err != nil {
			t.Fatalf("Answer(%s, %s): %v", pairs[i], pairs[i+1], err)
		}
	}
}

func faults(a *filling.Filling) string {
	var all []string
	for _, f := range a.Faults() {
		all = append(all, f.Key+" "+f.Fault.Key)
	}
	return strings.Join(all, "; ")
}

func TestRelevanceFollowsTheAnswers(t *testing.T) {
	f := form(t,
		item{Name: "work", Kind: instruments.SelectOne, List: "yes_no"},
		item{Name: "job", Kind: instruments.Group, Relevant: "${work} = 'yes'", Items: []item{
			{Name: "title", Kind: instruments.Text, Label: texts("title"), Required: "true()"},
			{Name: "pay", Kind: instruments.Decimal, Label: texts("pay")},
		}},
		item{Name: "yearly", Kind: instruments.Calculate, Calculation: "${pay} * 12"},
	)
	a := f.Begin(nil, on())
	if a.Relevant("title") || faults(a) != "" {
		t.Errorf("before the answer: title relevant %t, faults %q", a.Relevant("title"), faults(a))
	}
	answer(t, a, "work", "yes", "pay", "১৫০০")
	if got := a.Value("yearly").String(); got != "18000" {
		t.Errorf("yearly = %q, want 18000", got)
	}
	if got := faults(a); got != "title instrument.answer_needed" {
		t.Errorf("faults = %q, want the title missing", got)
	}
	answer(t, a, "title", "tailor", "work", "no")
	if _, there := a.Given()["pay"]; there || a.Value("yearly").String() != "" {
		t.Errorf("the pay still counts after the job went: %v", a.Given())
	}
	if a.Answers()["title"] != "tailor" {
		t.Error("the title was lost when the job went")
	}
	answer(t, a, "work", "yes")
	if a.Value("title").String() != "tailor" || a.Value("yearly").String() != "18000" || faults(a) != "" {
		t.Errorf("after the job came back: %v, faults %q", a.Given(), faults(a))
	}
}

func TestAnswersThatAreNotRightAreKeptAndSaid(t *testing.T) {
	f := form(t,
		item{Name: "age", Kind: instruments.Integer, Constraint: ". >= 15 and . < 100", ConstraintMessage: texts("15 to 99")},
		item{Name: "pay", Kind: instruments.Decimal}, item{Name: "day", Kind: instruments.Date}, item{Name: "at", Kind: instruments.Time},
		item{Name: "met", Kind: instruments.DateTime}, item{Name: "where", Kind: instruments.Point},
		item{Name: "one", Kind: instruments.SelectOne, List: "yes_no"}, item{Name: "many", Kind: instruments.SelectMany, List: "yes_no"},
		item{Name: "order", Kind: instruments.Rank, List: "yes_no"}, item{Name: "span", Kind: instruments.Range, Parameters: map[string]string{"start": "0", "end": "1", "step": "0.1"}},
	)
	for _, c := range []struct{ key, value, want string }{
		{"age", "42", ""}, {"age", "৪২", ""}, {"age", "14", "answer_refused"}, {"age", "15", ""}, {"age", "99", ""}, {"age", "100", "answer_refused"}, {"age", "4.5", "no_whole_number"}, {"age", "old", "no_whole_number"},
		{"pay", "4.5", ""}, {"pay", "1,000", "no_number"}, {"day", "2026-02-28", ""}, {"day", "2026-02-30", "no_date"}, {"day", "28/02/2026", "no_date"}, {"at", "23:59", ""}, {"at", "24:01", "no_time"},
		{"met", "2026-02-28T10:00:00.000+06:00", ""}, {"met", "2026-02-28", "no_moment"}, {"where", "23.7 90.4", ""}, {"where", "23.7 90.4 8 5", ""}, {"where", "123 90", "no_point"}, {"where", "here", "no_point"},
		{"one", "yes", ""}, {"one", "yes no", "not_offered"}, {"one", "maybe", "not_offered"}, {"many", " yes  no ", ""}, {"many", "yes maybe", "not_offered"}, {"many", "yes yes", "not_offered"},
		{"order", "no yes unsure", ""}, {"order", "no yes", "rank_incomplete"}, {"span", "0.3", ""}, {"span", "0.35", "outside_range"}, {"span", "1.1", "outside_range"}, {"span", "1", ""},
	} {
		a := f.Begin(nil, on())
		answer(t, a, c.key, c.value)
		want := ""
		if c.want != "" {
			want = c.key + " instrument." + c.want
		}
		if got := faults(a); got != want {
			t.Errorf("%s = %q: faults %q, want %q", c.key, c.value, got, want)
		}
		if want != "" && a.Answers()[c.key] != c.value {
			t.Errorf("%s = %q was not kept: %q", c.key, c.value, a.Answers()[c.key])
		}
	}
	a := f.Begin(nil, on())
	if err := a.Answer("nobody", "x"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Answer to no question: %v, want a fault", err)
	}
	if err := a.AnswerAll(map[string]string{"age": "20", "nobody": "x"}); err == nil || a.Answers()["age"] != "" {
		t.Errorf("AnswerAll with a key that is none: %v, and age is %q; want nothing taken", err, a.Answers()["age"])
	}
}

func household() []item {
	return []item{
		{Name: "size", Kind: instruments.Integer, Label: texts("size")},
		{Name: "people", Kind: instruments.Repeat, Label: texts("Person"), Items: []item{
			{Name: "who", Kind: instruments.Text, Label: texts("who")},
			{Name: "age", Kind: instruments.Integer, Label: texts("age of ${who}")},
			{Name: "school", Kind: instruments.SelectOne, List: "yes_no", Label: texts("school"), Relevant: "${age} < 18", Required: "true()"},
			{Name: "nth", Kind: instruments.Calculate, Calculation: "position(..)"},
			{Name: "own", Kind: instruments.Calculate, Calculation: "concat(/data/people/who, ' of ', count(/data/people), ', ', ../age, ', ', sum(${people}/age))"},
			{Name: "older", Kind: instruments.Calculate, Calculation: "count(${people}[age > current()/../age])"},
			{Name: "things", Kind: instruments.Repeat, Label: texts("Thing"), Items: []item{{Name: "thing", Kind: instruments.Text, Label: texts("thing")}}},
			{Name: "owned", Kind: instruments.Calculate, Calculation: "join('+', ${thing})"},
		}},
		{Name: "total", Kind: instruments.Calculate, Calculation: "sum(${age})"},
		{Name: "names", Kind: instruments.Calculate, Calculation: "join(', ', ${who})"},
		{Name: "second", Kind: instruments.Calculate, Calculation: "indexed-repeat(${who}, ${people}, 2)"},
		{Name: "eldest", Kind: instruments.Calculate, Calculation: "${people}[older = 0]/who"},
		{Name: "all", Kind: instruments.Calculate, Calculation: "count(${people})"},
	}
}

func TestRepeatsCountEachInstanceForItself(t *testing.T) {
	a := form(t, household()...).Begin(nil, on())
	for range 2 {
		if err := a.Add("people"); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Add("people[1]/things"); err != nil {
		t.Fatal(err)
	}
	answer(t, a, "people[1]/who", "Ana", "people[1]/age", "34", "people[2]/who", "Bina", "people[2]/age", "7", "people[3]/who", "Chan", "people[3]/age", "70",
		"people[1]/things[1]/thing", "cow", "people[1]/things[2]/thing", "shop", "people[2]/things[1]/thing", "book")
	want := map[string]string{"total": "111", "names": "Ana, Bina, Chan", "second": "Bina", "all": "3", "eldest": "Chan",
		"people[1]/nth": "1", "people[2]/own": "Bina of 3, 7, 111", "people[3]/nth": "3", "people[1]/older": "1", "people[2]/older": "2", "people[3]/older": "0", "people[1]/owned": "cow+shop", "people[2]/owned": "book"}
	for key, v := range want {
		if got := a.Value(key).String(); got != v {
			t.Errorf("%s = %q, want %q", key, got, v)
		}
	}
	if got := faults(a); got != "people[2]/school instrument.answer_needed" {
		t.Errorf("faults = %q, want the school of the second", got)
	}
	if err := a.Remove("people[1]"); err != nil {
		t.Fatal(err)
	}
	if got := a.Value("names").String(); got != "Bina, Chan" || a.Value("people[1]/owned").String() != "book" || a.Value("all").String() != "2" {
		t.Errorf("after the first left: %q, %v", got, a.Given())
	}
	if err := a.Add("people"); err != nil || a.Value("people[3]/who").String() != "" {
		t.Errorf("a new one came with the name of another: %q, %v", a.Value("people[3]/who"), err)
	}
}

func TestFillingsAreTakenUpAgain(t *testing.T) {
	f := form(t, append(household(), item{Name: "dice", Kind: instruments.Calculate, Calculation: "once(concat('x', ${size}))"})...)
	a := f.Begin(nil, on())
	answer(t, a, "size", "2", "people[1]/who", "Ana", "people[1]/age", "12", "people[1]/school", "yes")
	if err := a.Add("people"); err != nil {
		t.Fatal(err)
	}
	answer(t, a, "people[2]/who", "Bina", "size", "5")
	b := f.Begin(a.Answers(), on())
	if d := cmp.Diff(a.Given(), b.Given()); d != "" {
		t.Errorf("taken up again it is another (-before +after):\n%s", d)
	}
	if b.Value("dice").String() != "x" {
		t.Errorf("once() = %q, want what it came to first", b.Value("dice"))
	}
}

func TestARepeatHasAsManyInstancesAsItsCount(t *testing.T) {
	f := form(t, item{Name: "n", Kind: instruments.Integer},
		item{Name: "child", Kind: instruments.Repeat, Label: texts("Child"), Count: "${n}", Items: []item{{Name: "name", Kind: instruments.Text, Label: texts("name"), Required: "true()"}}})
	a := f.Begin(nil, on())
	if len(a.Faults()) != 0 {
		t.Errorf("without a number there is a child: %s", faults(a))
	}
	answer(t, a, "n", "2", "child[1]/name", "A", "child[2]/name", "B", "n", "1")
	if d := cmp.Diff(map[string]string{"n": "1", "child[1]/name": "A"}, a.Given()); d != "" {
		t.Errorf("with one child (-want +got):\n%s", d)
	}
	answer(t, a, "n", "3")
	if got := faults(a); a.Value("child[2]/name").String() != "B" || got != "child[3]/name instrument.answer_needed" {
		t.Errorf("with three: %v, faults %q; the second should be back", a.Given(), got)
	}
	answer(t, a, "n", "1000000000")
	if n := len(a.Faults()); n > 500 {
		t.Errorf("%d faults, want at most 500 instances", n)
	}
	if err := a.Add("child"); err == nil {
		t.Error("Add to a repeat with a count succeeded")
	}
}

func TestTheAnswersOfARepeatMayBeOptions(t *testing.T) {
	a := form(t, item{Name: "people", Kind: instruments.Repeat, Label: texts("p"), Items: []item{{Name: "who", Kind: instruments.Text, Label: texts("w")}, {Name: "age", Kind: instruments.Integer, Label: texts("a")}}},
		item{Name: "least", Kind: instruments.Integer},
		item{Name: "head", Kind: instruments.SelectOne, List: "${who}", Filter: "${age} >= ${least} and position() < 4"}).Begin(nil, on())
	for range 4 {
		if err := a.Add("people"); err != nil {
			t.Fatal(err)
		}
	}
	answer(t, a, "least", "18", "people[1]/who", "Ana Begum", "people[1]/age", "34", "people[2]/who", "Bina", "people[2]/age", "7", "people[3]/who", "Chan", "people[3]/age", "70", "people[4]/who", "Dipu", "people[4]/age", "70", "head", "Ana Begum")
	offered := func() string {
		var all []string
		entries := a.Whole("en").Entries
		for _, o := range entries[len(entries)-1].Options {
			all = append(all, o.Name)
		}
		return strings.Join(all, ", ")
	}
	if got := offered(); got != "Ana Begum, Chan" || faults(a) != "" {
		t.Errorf("offered %q, faults %q", got, faults(a))
	}
	answer(t, a, "people[1]/who", "Anna")
	if got := faults(a); offered() != "Anna, Chan" || got != "head instrument.not_offered" {
		t.Errorf("after she got another name: offered %q, faults %q", offered(), got)
	}
	if f, problems := filling.New(define(item{Name: "q", Kind: instruments.Text}, item{Name: "c", Kind: instruments.SelectOne, List: "${q}"})); f != nil || said(problems) != "c type instrument.offers_nothing" {
		t.Errorf("options of what is in no repeat: %t, %s", f != nil, said(problems))
	}
}

func TestChoiceFiltersOfferWhatFits(t *testing.T) {
	d := define(item{Name: "division", Kind: instruments.SelectOne, List: "divisions"},
		item{Name: "district", Kind: instruments.SelectOne, List: "districts", Filter: "division=${division}"},
		item{Name: "said", Kind: instruments.Calculate, Calculation: "jr:choice-name(${district}, '${district}')"},
		item{Name: "code", Kind: instruments.Calculate, Calculation: "instance('districts')/root/item[name = ${district}]/bbs"},
		item{Name: "hello", Kind: instruments.Note, Label: texts("So ${said} in ${division}")})
	option := func(name, division, bbs string) instruments.Option {
		return instruments.Option{Name: name, Label: texts(strings.ToUpper(name)), Columns: map[string]string{"division": division, "bbs": bbs}}
	}
	d.Lists = append(d.Lists, instruments.List{Name: "divisions", Options: []instruments.Option{{Name: "s", Label: texts("S")}, {Name: "b", Label: texts("B")}}},
		instruments.List{Name: "districts", Options: []instruments.Option{option("sylhet", "s", "91"), option("bhola", "b", "09"), option("barguna", "b", "04")}})
	a := made(t, d).Begin(nil, on())
	answer(t, a, "division", "b", "district", "bhola")
	page := a.Whole("en")
	var offered []string
	for _, o := range page.Entries[1].Options {
		offered = append(offered, o.Name)
	}
	if !slices.Equal(offered, []string{"bhola", "barguna"}) || a.Value("said").String() != "BHOLA" || a.Value("code").String() != "09" || page.Entries[2].Label != "So BHOLA in b" {
		t.Errorf("offered %v, said %q, code %q, label %q", offered, a.Value("said"), a.Value("code"), page.Entries[2].Label)
	}
	answer(t, a, "division", "s")
	if got := faults(a); got != "district instrument.not_offered" {
		t.Errorf("faults = %q, want that Bhola is not offered in the other division", got)
	}
}

func TestDefaultsTriggersAndMetadata(t *testing.T) {
	f := form(t, item{Name: "began", Kind: instruments.Start}, item{Name: "day", Kind: instruments.Today}, item{Name: "by", Kind: instruments.Username},
		item{Name: "country", Kind: instruments.Text, Default: "Bangladesh"}, item{Name: "since", Kind: instruments.Date, Default: "2026-01-31"},
		item{Name: "asked", Kind: instruments.Date, Default: "today()"}, item{Name: "copy", Kind: instruments.Text, Default: "${country}"},
		item{Name: "q", Kind: instruments.Text}, item{Name: "changes", Kind: instruments.Calculate, Calculation: "concat(., 'x')", Trigger: "${q}"},
		item{Name: "fixed", Kind: instruments.Text, Default: "stay", ReadOnly: "true()"})
	a := f.Begin(nil, on())
	want := map[string]string{"began": "2026-03-05T14:30:00.000+06:00", "day": "2026-03-05", "by": "amina", "country": "Bangladesh", "since": "2026-01-31", "asked": "2026-03-05", "copy": "Bangladesh", "fixed": "stay"}
	if d := cmp.Diff(want, a.Given()); d != "" {
		t.Errorf("at the beginning (-want +got):\n%s", d)
	}
	answer(t, a, "q", "1", "q", "1", "q", "2", "country", "")
	if got := a.Value("changes").String(); got != "xx" {
		t.Errorf("after two changes: %q, want xx", got)
	}
	if err := a.Answer("fixed", "go"); err == nil {
		t.Error("a read-only answer could be changed")
	}
	if b := f.Begin(a.Answers(), on()); b.Value("country").String() != "" || b.Value("changes").String() != "xx" {
		t.Errorf("taken up again, the answer that was taken back is %q, the changes are %q", b.Value("country"), b.Value("changes"))
	}
}

func TestDefaultsThatOnlyLookLikeSumsStayAsTheyAre(t *testing.T) {
	for text, want := range map[string]string{"2026-03-14": "2026-03-14", "10:30": "10:30", "a-b": "a-b", "Dhaka": "Dhaka", "7": "7", "23.7 -90.4": "23.7 -90.4", "yes and no": "yes and no", "https://example.org": "https://example.org",
		"7 - 4": "3", "2 + 3 * 4": "14", "1 + int(1.9)": "2", "concat('2026', '-03')": "2026-03", "if(${q} = '', 'none', ${q})": "none", "date(today() + 1)": "2026-03-06", "": ""} {
		a := form(t, item{Name: "q", Kind: instruments.Text}, item{Name: "d", Kind: instruments.Text, Default: text}).Begin(nil, on())
		if got := a.Value("d").String(); got != want {
			t.Errorf("default %q is %q, want %q", text, got, want)
		}
	}
}

func TestPagesAreGroups(t *testing.T) {
	a := form(t, item{Name: "a", Kind: instruments.Text}, item{Name: "b", Kind: instruments.Text},
		item{Name: "g", Kind: instruments.Group, Label: texts("Group"), Items: []item{{Name: "c", Kind: instruments.Text, Label: texts("c")}, {Name: "sum", Kind: instruments.Calculate, Calculation: "1"}}},
		item{Name: "hidden", Kind: instruments.Group, Relevant: "${a} = 'show'", Items: []item{{Name: "d", Kind: instruments.Text, Label: texts("d")}}},
		item{Name: "r", Kind: instruments.Repeat, Label: texts("Row"), Items: []item{{Name: "e", Kind: instruments.Text, Label: texts("e")}}},
		item{Name: "f", Kind: instruments.Text}).Begin(nil, on())
	shape := func() string {
		var all []string
		for _, p := range a.Pages("en") {
			var keys []string
			for _, e := range p.Entries {
				keys = append(keys, e.Key)
			}
			all = append(all, p.Title+": "+strings.Join(keys, " "))
		}
		return strings.Join(all, "; ")
	}
	if got, want := shape(), ": a b; Group: g c; Row: r[1] r[1]/e; : f"; got != want {
		t.Errorf("pages = %q, want %q", got, want)
	}
	answer(t, a, "a", "show")
	if err := a.Remove("r[1]"); err != nil {
		t.Fatal(err)
	}
	if got, want := shape(), ": a b; Group: g c; : hidden d; Row: r; : f"; got != want {
		t.Errorf("pages = %q, want %q", got, want)
	}
}

func TestFormsThatCannotWorkAreRefused(t *testing.T) {
	text := func(name, relevant string) item {
		return item{Name: name, Kind: instruments.Text, Relevant: relevant}
	}
	for _, c := range []struct {
		want  string
		items []item
	}{
		{"a relevant instrument.circle", []item{text("a", "${b} = ''"), text("b", "${a} = ''")}},
		{"g relevant instrument.circle", []item{{Name: "g", Kind: instruments.Group, Relevant: "${c} = 1", Items: []item{{Name: "c", Kind: instruments.Integer, Label: texts("c")}}}}},
		{"x relevant instrument.circle", []item{{Name: "x", Kind: instruments.Calculate, Calculation: "${x} + 1"}}},
		{"a relevant instrument.reference_unknown", []item{text("a", "${nobody} = 1")}},
		{"a relevant expression.ends_early", []item{text("a", "1 +")}},
		{"a relevant instrument.path_above", []item{text("a", "../../../x")}},
		{"a relevant instrument.reference_ambiguous", []item{text("a", "${b} = 1"), text("b", ""), {Name: "g", Kind: instruments.Group, Items: []item{{Name: "b", Kind: instruments.Text, Label: texts("b")}}}}},
		{"a type instrument.list_missing", []item{{Name: "a", Kind: instruments.SelectOne, List: "none"}}},
		{"a b name instrument.name_invalid", []item{text("a b", "")}},
		{"a name instrument.name_twice", []item{text("a", ""), text("a", "")}},
		{"a relevant instrument.condition_misplaced", []item{text("a", "${b}[1 = 1] = 1"), text("b", "")}},
		{"t trigger instrument.trigger_unknown", []item{{Name: "t", Kind: instruments.Calculate, Calculation: "1", Trigger: "${nobody}"}}},
		{"r parameters instrument.range_invalid", []item{{Name: "r", Kind: instruments.Range, Parameters: map[string]string{"start": "0", "end": "10", "step": "0"}}}},
	} {
		f, problems := filling.New(define(c.items...))
		if got := said(problems); f != nil || got != c.want {
			t.Errorf("New = %t, %q, want only %q", f != nil, got, c.want)
		}
	}
}

// ODK Collect takes a name alone for a question that is not there, so it is blank; whoever wrote it should know.
func TestANameAloneIsBlankAndSaid(t *testing.T) {
	if _, problems := filling.New(define(item{Name: "c", Kind: instruments.SelectOne, List: "yes_no", Filter: "region = 1"})); len(problems) != 1 || !problems[0].Advice || problems[0].Fault.Key != "instrument.column_unknown" {
		t.Errorf("a filter by no column: %v", problems)
	}
	f, problems := filling.New(define(item{Name: "q", Kind: instruments.Text}, item{Name: "a", Kind: instruments.Text, Relevant: "${q} = yes"}))
	if f == nil || !slices.ContainsFunc(problems, func(p instruments.Problem) bool {
		return p.Advice && p.Fault.Key == "instrument.name_alone" && p.Item == "a"
	}) {
		t.Fatalf("New: %t, %v", f != nil, problems)
	}
	a := f.Begin(map[string]string{"q": "yes"}, on())
	if b := f.Begin(map[string]string{"q": ""}, on()); a.Relevant("a") || !b.Relevant("a") {
		t.Errorf("relevant %t with an answer, %t without; want it compared with blank", a.Relevant("a"), b.Relevant("a"))
	}
}

func TestDiceFallTheSameWayInOneFilling(t *testing.T) {
	f := form(t, item{Name: "d", Kind: instruments.Calculate, Calculation: "random()"}, item{Name: "e", Kind: instruments.Calculate, Calculation: "random()"},
		item{Name: "q", Kind: instruments.SelectOne, List: "yes_no", Parameters: map[string]string{"randomize": "true"}})
	other := on()
	other.Seed = "another"
	a, b, c := f.Begin(nil, on()), f.Begin(nil, on()), f.Begin(nil, other)
	if x, y := a.Value("d").String(), b.Value("d").String(); x != y || x == c.Value("d").String() || x == a.Value("e").String() {
		t.Errorf("random() = %s, again %s, in another filling %s, of another item %s", x, y, c.Value("d"), a.Value("e"))
	}
	if d := cmp.Diff(a.Whole("en").Entries[0].Options, b.Whole("en").Entries[0].Options); d != "" {
		t.Errorf("the options changed their order:\n%s", d)
	}
}

func TestTooMuchWorkIsSaid(t *testing.T) {
	items := []item{{Name: "n", Kind: instruments.Integer}, {Name: "r", Kind: instruments.Repeat, Label: texts("r"), Count: "${n}", Items: []item{{Name: "v", Kind: instruments.Integer, Label: texts("v")}}},
		{Name: "slow", Kind: instruments.Calculate, Calculation: "count(${r}[count(${r}[v = 1]) = 0])"}}
	a := form(t, items...).Begin(nil, on())
	began := time.Now()
	answer(t, a, "n", "500")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if got := faults(a); !strings.Contains(got, "expression.too_much_work") {
		t.Errorf("faults = %q, want expression.too_much_work", got)
	}
}

// A form may ask for more instances and more work than any machine has.
func TestAFormCannotGrowBeyondBounds(t *testing.T) {
	inner := item{Name: "v", Kind: instruments.Integer, Label: texts("v")}
	for i := range 4 {
		inner = item{Name: fmt.Sprintf("r%d", i), Kind: instruments.Repeat, Label: texts("r"), Count: "400", Items: []item{inner}}
	}
	slow := item{Name: "s", Kind: instruments.Repeat, Label: texts("s"), Count: "500", Items: []item{{Name: "w", Kind: instruments.Integer, Label: texts("w")}, {Name: "c", Kind: instruments.Calculate, Calculation: "count(${s}[count(${s}[w = 1]) = 0])"}}}
	for want, q := range map[string]item{"instrument.too_large": inner, "expression.too_much_work": slow} {
		began := time.Now()
		a := form(t, q).Begin(nil, on())
		got := a.Faults()
		_ = a.Pages("en")
		if took := time.Since(began); took > 20*time.Second || len(got) == 0 || got[0].Fault.Key != want {
			t.Errorf("%s: it took %s, faults begin with %v, want %s", q.Name, took, got[:min(1, len(got))], want)
		}
	}
}

// Looking at the same filling again and again costs no more than looking once.
func TestPagesMayBeLaidOutAsOftenAsOneLikes(t *testing.T) {
	d := define(item{Name: "q", Kind: instruments.Text}, item{Name: "c", Kind: instruments.SelectOne, List: "many", Filter: "name != ${q}"})
	many := instruments.List{Name: "many"}
	for i := range 20_000 {
		many.Options = append(many.Options, instruments.Option{Name: fmt.Sprint("o", i), Label: texts("o")})
	}
	d.Lists = append(d.Lists, many)
	a := made(t, d).Begin(nil, on())
	for i := range 50 {
		if n := len(a.Whole("en").Entries[1].Options); n != 20_000 {
			t.Fatalf("the %dth time %d options are offered, want all", i+1, n)
		}
	}
	if got := faults(a); got != "" {
		t.Errorf("faults = %q", got)
	}
}

// large makes a form of 500 items in 20 groups, of which 100 have a relevance and 50 are calculations.
func large() []item {
	var groups []item
	for g := range 20 {
		group := item{Name: fmt.Sprintf("g%d", g), Kind: instruments.Group, Label: texts("Group")}
		for i := range 25 {
			name := fmt.Sprintf("q%d_%d", g, i)
			q := item{Name: name, Kind: instruments.Integer, Label: texts(name), Required: "true()", Constraint: ". >= 0 and . < 1000"}
			switch {
			case i == 0 && g > 0:
				q.Kind, q.Required, q.Constraint = instruments.Calculate, "", ""
				q.Calculation = fmt.Sprintf("coalesce(${q%d_0}, 0) + coalesce(${q%d_1}, 0)", g-1, g-1)
			case i%5 == 2:
				q.Relevant = fmt.Sprintf("${q%d_1} > %d and ${q%d_0} >= 0", g, i, g)
			}
			group.Items = append(group.Items, q)
		}
		groups = append(groups, group)
	}
	return groups
}

// A form of 500 items with 100 relevances has to answer each change in under 50 ms; here it may take that for ten.
func TestALargeFormIsQuick(t *testing.T) {
	a := form(t, large()...).Begin(nil, on())
	began := time.Now()
	for i := range 10 {
		answer(t, a, "q0_1", fmt.Sprint(i*7))
		_ = a.Pages("en")
		_ = a.Faults()
	}
	if took := time.Since(began); took > 500*time.Millisecond {
		t.Errorf("ten changes took %s", took)
	}
}

func BenchmarkChange(b *testing.B) {
	a := form(b, large()...).Begin(nil, on())
	i := 0
	for b.Loop() {
		i++
		if err := a.Answer("q0_1", fmt.Sprint(i%100)); err != nil {
			b.Fatal(err)
		}
		_ = a.Pages("en")
		_ = a.Faults()
	}
}

// What a server does that keeps nothing between two changes: begin from the answers, change one, show the page.
func BenchmarkChangeFromAnswers(b *testing.B) {
	f := form(b, large()...)
	answers := f.Begin(nil, on()).Answers()
	for g := range 20 {
		for i := 1; i < 25; i++ {
			answers[fmt.Sprintf("q%d_%d", g, i)] = "5"
		}
	}
	i := 0
	for b.Loop() {
		i++
		a := f.Begin(answers, on())
		if err := a.Answer("q0_1", fmt.Sprint(i%100)); err != nil {
			b.Fatal(err)
		}
		_ = a.Pages("en")
		_ = a.Faults()
	}
}
