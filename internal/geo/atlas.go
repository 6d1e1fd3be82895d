// SPDX-License-Identifier: Apache-2.0

package geo

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.csv
var files embed.FS

// places holds every place and the ways to reach it without searching.
type places struct {
	places    []Place
	byCode    map[string]int
	children  map[string][]int
	districts map[string]bool   // by the two digits of the district alone
	upazilas  map[string]bool   // by the digits of district and upazila, without the division
	drawn     map[string]string // the upazila with which one is shown on maps that was part of it when they were drawn
}

// atlas is read when a place is first asked for.
var atlas = sync.OnceValue(func() *places {
	a := &places{byCode: map[string]int{}, children: map[string][]int{}, districts: map[string]bool{}, upazilas: map[string]bool{}, drawn: map[string]string{}}
	for _, r := range read("divisions") {
		a.add(Place{r["code"], Division, r["name_en"], r["name_bn"], "", list(r["alt_names_en"])})
	}
	for _, r := range read("districts") {
		a.add(Place{r["code"], District, r["name_en"], r["name_bn"], r["division_code"], list(r["alt_names_en"])})
		a.districts[r["bbs_code"]] = true
	}
	for _, r := range read("upazilas") {
		kind := Upazila
		if r["kind"] == "metro_thana" {
			kind = Thana
		}
		alt := append(list(r["alt_names_en"]), list(r["alt_names_bn"])...)
		a.add(Place{r["code"], kind, r["name_en"], r["name_bn"], r["district_code"], alt})
		a.upazilas[r["code"][2:]] = true
		if r["map_code"] != r["code"] {
			a.drawn[r["code"]] = r["map_code"]
		}
	}
	for _, r := range read("unions") {
		a.add(Place{r["upazila_code"] + "." + r["id"], Union, r["name_en"], r["name_bn"], r["upazila_code"], nil})
	}
	for _, children := range a.children {
		slices.SortStableFunc(children, func(i, j int) int { return strings.Compare(a.places[i].NameEn, a.places[j].NameEn) })
	}
	return a
})

func (a *places) add(p Place) {
	a.byCode[p.Code] = len(a.places)
	a.children[p.Parent] = append(a.children[p.Parent], len(a.places))
	a.places = append(a.places, p)
}

// read returns the rows of a file by the names in its header. The files are part of the
// program, so a broken one is a programmer's mistake.
func read(name string) []map[string]string {
	f, err := files.Open("data/" + name + ".csv")
	if err != nil {
		panic(fmt.Sprintf("geo: %v", err))
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("geo: %s: %v", name, err))
	}
	rows := make([]map[string]string, 0, len(all)-1)
	for _, record := range all[1:] {
		row := make(map[string]string, len(record))
		for i, column := range all[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ";")
}
