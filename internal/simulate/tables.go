// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"fera/internal/names"
)

//go:embed data
var data embed.FS

// rows reads a table of data by the names of its columns.
func rows(file string) []map[string]string {
	f, err := data.Open("data/" + file)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	if strings.HasSuffix(file, ".tsv") {
		r.Comma, r.LazyQuotes = '\t', true
	}
	lines, err := r.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("simulate: %s: %v", file, err))
	}
	var all []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		all = append(all, row)
	}
	return all
}

// prior names one share or amount: field, value, group.
type prior [3]string

// priors are what is published and, where nothing is, what is assumed.
var priors = sync.OnceValue(func() map[prior]float64 {
	all := map[prior]float64{}
	for _, file := range []string{"generator_priors.csv", "assumptions.csv"} {
		for _, row := range rows(file) {
			if p, err := strconv.ParseFloat(row["prior"], 64); err == nil {
				all[prior{row["field"], row["value"], row["group"]}] = p
			}
		}
	}
	return all
})

// share looks a prior up. Asking for one that is not there is a mistake of the programmer.
func share(field, value, group string) float64 {
	p, ok := priors()[prior{field, value, group}]
	if !ok {
		panic(fmt.Sprintf("simulate: no prior for %s, %s, %s", field, value, group))
	}
	return p
}

// destinations are the countries that people come back from in a normal year;
// those beyond the six frequent ones as in the returns of 2020.
var destinations = sync.OnceValue(func() *weighted[string] {
	var w weighted[string]
	frequent := map[string]bool{}
	for p := range priors() {
		if p[0] == "destination" && p[1] != "other" {
			frequent[p[1]] = true
		}
	}
	returned, others := map[string]float64{}, 0.0
	var order []string
	for _, row := range rows("returns_2020_by_country.csv") {
		country := row["iso2"]
		n, err := strconv.ParseFloat(row["returned"], 64)
		if err != nil || country == "" {
			continue
		}
		order = append(order, country)
		if !frequent[country] {
			returned[country] = n
			others += n
		}
	}
	for _, country := range order {
		if frequent[country] {
			w.add(country, share("destination", country, "returns in a normal year"))
		} else {
			w.add(country, share("destination", "other", "returns in a normal year")*returned[country]/others)
		}
	}
	return &w
})

// town is a town abroad as it is written in either script.
type town struct{ bn, latin string }

var towns = sync.OnceValue(func() map[string][]town {
	all := map[string][]town{}
	for _, row := range rows("cities.tsv") {
		for _, city := range strings.Split(row["cities"], ";") {
			bn, latin, _ := strings.Cut(city, "|")
			all[row["iso2"]] = append(all[row["iso2"]], town{bn, latin})
		}
	}
	return all
})

// work are the occupations by class of skill and sex.
var work = sync.OnceValue(func() map[[2]string]*weighted[string] {
	all := map[[2]string]*weighted[string]{}
	for _, row := range rows("work.csv") {
		key := [2]string{row["class"], row["sex"]}
		if all[key] == nil {
			all[key] = &weighted[string]{}
		}
		weight, err := strconv.ParseFloat(row["weight"], 64)
		if err != nil {
			panic(err)
		}
		all[key].add(row["occupation"], weight)
	}
	return all
})

// word is one part of a name: in Bangla, and the ways in which it is written in Latin letters.
type word struct {
	bn    string
	latin []string
}

// nameWords are the parts of names by their role.
var nameWords = sync.OnceValue(func() map[string][]word {
	all := map[string][]word{}
	for _, row := range rows("bd_name_variants.tsv") {
		var latin []string
		for _, v := range strings.Split(row["variants"], "|") {
			if names.Looks(v) == names.Latin && len(v) > 2 && !strings.Contains(v, ".") {
				latin = append(latin, v)
			}
		}
		if len(latin) > 0 {
			all[row["role"]] = append(all[row["role"]], word{names.Clean(row["bangla"]), latin})
		}
	}
	for _, row := range rows("bn_names.tsv") {
		bn := names.Clean(row["name_bn"])
		role := "other_" + row["role"]
		if strings.Contains(row["sources"], "hinduism") {
			role = "hindu_" + row["role"]
		}
		all[role] = append(all[role], word{bn, []string{romanise(bn)}})
	}
	return all
})
