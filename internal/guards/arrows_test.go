// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "fera/internal/"

// arrows lists, for each package, the packages of ours that it may import.
// "*" stands for every package that is not a surface. A package may also
// import one within its own folder that is listed here. docs/layout.md draws
// the same picture.
func arrows() map[string][]string {
	return map[string][]string{
		"choices": {}, "fault": {}, "ids": {}, "journal": {}, "memory": {}, "names": {}, "outlines": {}, "pdf": {},
		"config": {"fault"},

		"words":       {"fault"},
		"dates":       {"fault", "words"},
		"geo":         {"names", "words"},
		"numbers":     {"fault", "names"},
		"sheets":      {"fault"},
		"deadlines":   {"dates", "fault"},
		"occupations": {"names", "words"},
		"countries":   {"names", "words"},

		"matching":         {},
		"matching/compare": {"names"},
		"matching/model":   {},
		"matching/index":   {"matching/compare", "matching/model", "names"},
		"matching/table":   {"matching/compare", "matching/model", "names", "numbers"},
		"instruments/expr": {"fault"},
		"instruments":      {"dates", "fault"},
		"filling":          {"dates", "fault", "instruments", "instruments/expr"},
		"questionnaires":   {"fault", "instruments"},
		"xlsform":          {"dates", "fault", "filling", "instruments", "sheets"},

		"db":         {"fault"},
		"access":     {"db", "fault", "ids"},
		"seal":       {"db", "fault", "ids"},
		"audit":      {"access", "db", "fault", "ids", "seal"},
		"operations": {"access", "db", "fault"},
		"queue":      {"db", "ids"},
		"index":      {"access", "db"},
		"drafts":     {"access", "db", "fault", "seal"},
		"ties":       {"access", "db"},
		"simulated":  {"db"},

		"offices":  {"access", "audit", "db", "fault", "geo", "ids", "names", "operations"},
		"accounts": {"access", "audit", "db", "fault", "ids", "offices", "operations", "seal", "words"},
		"files":    {"access", "audit", "db", "fault", "ids", "names", "operations", "seal"},
		"persons": {"access", "accounts", "audit", "choices", "countries", "dates", "db", "fault", "files", "geo", "ids", "index", "names",
			"numbers", "occupations", "offices", "operations", "queue", "seal", "ties", "words"},
		"lists": {"choices", "countries", "dates", "fault", "geo", "names", "numbers", "occupations", "persons", "sheets", "words"},
		"imports": {"access", "accounts", "audit", "dates", "db", "fault", "ids", "index", "links", "lists", "matching", "names", "offices", "operations", "persons", "queue",
			"seal", "sheets", "words"},
		"links": {"access", "audit", "dates", "db", "fault", "ids", "matching", "matching/compare", "matching/index", "files", "matching/model", "names", "persons",
			"seal", "ties"},
		"assessments": {"access", "accounts", "audit", "dates", "db", "fault", "filling", "ids", "instruments", "names", "operations", "persons", "queue",
			"questionnaires", "seal"},
		"calendars":       {"access", "audit", "dates", "db", "deadlines", "fault", "ids", "names"},
		"cases":           {"access", "accounts", "audit", "calendars", "dates", "db", "deadlines", "fault", "ids", "names", "offices", "operations", "persons", "programmes", "seal"},
		"plans":           {"access", "audit", "calendars", "cases", "dates", "db", "deadlines", "fault", "files", "ids", "names", "persons", "programmes", "seal"},
		"programmes":      {"access", "audit", "dates", "db", "deadlines", "fault", "ids", "names"},
		"services":        {"access", "accounts", "audit", "calendars", "cases", "dates", "db", "deadlines", "fault", "ids", "names", "operations", "persons", "programmes", "seal"},
		"timeline":        {"access", "appointments", "assessments", "audit", "cases", "dates", "db", "fault", "files", "persons", "plans", "referrals", "services"},
		"procedures":      {"access", "appointments", "activities", "assessments", "calls", "cases", "centres", "db", "indicators/counting", "handovers", "messages", "persons", "plans", "referrals", "seal", "services", "shelters"},
		"copies":          {"access", "appointments", "assessments", "audit", "cases", "centres", "countries", "dates", "db", "directory", "directory/listing", "fault", "filling", "geo", "instruments", "occupations", "offices", "pdf", "persons", "plans", "programmes", "referrals", "services", "shelters", "words"},
		"simulate":        {"*"},
		"exports":         {"access", "accounts", "audit", "dates", "db", "fault", "geo", "ids", "names", "operations", "persons", "queue", "seal", "words"},
		"exports/columns": {"access"},
		"exports/formats": {"exports/columns", "sheets"},
		"exports/rows":    {"access", "activities", "cases", "countries", "dates", "db", "directory", "directory/listing", "exports/columns", "fault", "geo", "indicators/facts", "offices", "persons", "projects", "referrals", "referrals/course", "services", "words"},

		"indicators":          {"access", "activities", "audit", "cases", "dates", "db", "fault", "geo", "ids", "persons", "referrals", "services", "simulated", "words"},
		"indicators/counting": {"access", "audit", "dates", "db", "fault", "ids", "indicators/facts", "indicators/sources", "names", "persons", "seal", "ties"},
		"indicators/facts":    {"dates"},
		"indicators/sources":  {"activities", "assessments", "cases", "dates", "db", "fault", "persons", "referrals", "services"},
		"indicators/tables":   {},
		"phrases": {"access", "activities", "assessments", "choices", "countries", "dates", "db", "directory/listing", "geo", "indicators", "indicators/definitions", "indicators/facts", "indicators/sources",
			"offices", "programmes", "services", "words"},
		"dashboards":             {"access", "dates", "db", "fault", "indicators", "indicators/definitions", "indicators/facts"},
		"indicators/definitions": {"dates", "fault"},
		"release":                {"countries", "dates", "db", "geo", "indicators", "indicators/definitions", "indicators/sources", "indicators/tables", "programmes", "services", "sheets", "words"},

		"reports":           {"access", "audit", "dates", "db", "fault", "guidance", "ids", "names", "offices", "operations", "projects", "simulated", "words"},
		"reports/content":   {"dates", "fault", "words"},
		"reports/templates": {"dates", "reports/content"},
		"reports/overlaps":  {"reports/content", "words"},
		"reports/counted": {"access", "activities", "cases", "countries", "dates", "db", "fault", "geo", "iati", "indicators", "indicators/definitions", "indicators/facts", "indicators/sources", "persons", "programmes",
			"projects", "reports/content", "reports/templates", "services", "ties", "words"},
		"reports/papers": {"dates", "fault", "pdf", "reports/content", "sheets", "words"},

		"shelters": {"access", "accounts", "audit", "calendars", "cases", "dates", "db", "deadlines", "fault", "geo", "ids", "names", "offices", "persons", "seal", "words"},
		"calls":    {"access", "accounts", "audit", "cases", "choices", "dates", "db", "fault", "ids", "names", "operations", "persons", "seal"},
		"messages": {"access", "accounts", "audit", "calls", "cases", "dates", "db", "fault", "ids", "names", "numbers", "operations", "persons", "seal", "words"},
		"hooks":    {"access", "accounts", "audit", "db", "fault", "ids", "offices", "seal"},
		"gateways": {"messages"},
		"centres":  {"access", "audit", "calendars", "cases", "dates", "db", "directory/listing", "fault", "ids", "names", "offices", "operations", "persons", "seal"},
		"appointments": {"access", "accounts", "audit", "calendars", "cases", "centres", "dates", "db", "deadlines", "directory/listing", "fault", "ids", "messages", "names", "offices", "operations",
			"persons", "seal", "words"},
		"guidance":        {"access", "audit", "db", "fault", "ids", "names", "offices"},
		"practice":        {"access", "activities", "cases", "db", "fault", "ids", "persons", "procedures"},
		"projects":        {"access", "audit", "cases", "dates", "db", "fault", "geo", "ids", "names", "offices", "operations", "persons", "services", "ties"},
		"iati":            {"dates", "fault", "geo", "projects", "words"},
		"activities":      {"access", "audit", "dates", "db", "fault", "files", "geo", "ids", "names", "offices", "operations", "persons", "projects", "seal", "services", "sheets", "ties"},
		"directory":       {"access", "audit", "dates", "db", "fault", "geo", "ids", "names"},
		"referrals":       {"access", "accounts", "audit", "calendars", "cases", "choices", "dates", "db", "deadlines", "directory", "directory/listing", "fault", "hooks", "ids", "messages", "names", "offices", "operations", "persons", "seal", "words"},
		"referrals/cover": {},
		"handovers": {"access", "accounts", "audit", "calendars", "cases", "choices", "dates", "db", "deadlines", "fault", "files", "ids", "names", "offices", "operations", "persons", "plans", "referrals",
			"referrals/course", "referrals/sharing", "seal", "services", "ties", "words"},
		"referrals/course":  {"dates", "deadlines", "fault"},
		"referrals/sharing": {"choices", "countries", "dates", "fault", "geo", "names", "numbers", "occupations"},
		"asking":            {"access", "accounts", "dates", "db", "directory", "directory/listing", "fault", "ids", "offices"},
		"agreements":        {"access", "audit", "dates", "db", "directory", "directory/listing", "fault", "ids", "names"},
		"directory/near":    {"dates", "db", "directory/listing", "geo"},
		"directory/listing": {"dates", "deadlines", "fault", "geo", "ids", "names", "numbers"},
		"directory/hsds":    {"dates", "directory/listing", "fault", "geo", "ids", "names", "words"},
		"directory/bodies":  {"directory/listing", "geo", "ids"},

		"web/dashboards": {"access", "activities", "dashboards", "dates", "db", "fault", "geo", "indicators", "indicators/counting", "indicators/definitions", "indicators/facts", "indicators/sources", "names", "offices", "outlines", "persons", "phrases",
			"referrals", "services", "web/guide", "web/kit", "web/people", "web/plots", "web/site", "words"},
		"web/kit":        {"access", "dates", "fault", "geo", "names", "words"},
		"web/plots":      {"outlines"},
		"web/site":       {"access", "accounts", "db", "fault", "ids", "links", "web/kit", "words"},
		"web/casehead":   {"access", "calls", "cases", "dates", "db", "fault", "persons", "web/kit", "web/people", "web/site", "words"},
		"web/casefile":   {"access", "accounts", "cases", "dates", "db", "deadlines", "fault", "ids", "offices", "persons", "programmes", "services", "web/casehead", "web/casework", "web/giving", "web/guide", "web/kit", "web/people", "web/places", "web/site", "words"},
		"web/casework":   {"access", "accounts", "assessments", "cases", "dates", "db", "fault", "ids", "offices", "persons", "programmes", "referrals", "referrals/course", "services", "web/casehead", "web/exporting", "web/kit", "web/people", "web/places", "web/site", "words"},
		"web/settings":   {"access", "calendars", "dates", "db", "deadlines", "fault", "programmes", "web/casefile", "web/kit", "web/site", "words"},
		"web/timelines":  {"access", "appointments", "assessments", "audit", "cases", "dates", "db", "directory", "fault", "files", "ids", "persons", "plans", "programmes", "referrals", "referrals/course", "services", "timeline", "web/casehead", "web/kit", "web/people", "web/referring", "web/shared", "web/site", "words"},
		"web/people":     {"access", "choices", "countries", "dates", "db", "geo", "occupations", "persons", "web/kit", "web/site", "words"},
		"web/sheltering": {"access", "cases", "dates", "db", "fault", "geo", "persons", "shelters", "web/casehead", "web/kit", "web/people", "web/site", "words"},
		"web/appointing": {"access", "accounts", "appointments", "cases", "centres", "dates", "db", "directory/listing", "fault", "ids", "numbers", "offices", "persons", "web/casehead", "web/kit",
			"web/people", "web/places", "web/site", "words"},
		"web/centre": {"access", "appointments", "cases", "centres", "dates", "db", "directory/listing", "fault", "ids", "numbers", "persons", "web/casehead", "web/kit", "web/people", "web/places",
			"web/site", "words"},
		"web/places":  {"access", "db", "fault", "geo", "offices", "web/kit", "web/site"},
		"web":         {"*"},
		"api":         {"*"},
		"cli":         {"*", "api", "web", "api/hsds", "api/sms"},
		"web/handout": {"access", "cases", "copies", "dates", "db", "fault", "persons", "web/kit", "web/site", "words"},

		"web/catalogue": {"access", "dates", "db", "fault", "services", "web/kit", "web/site", "words"},
		"web/giving":    {"access", "cases", "dates", "db", "fault", "ids", "persons", "services", "web/casehead", "web/guide", "web/kit", "web/people", "web/places", "web/site", "words"},
		"web/papers": {"access", "calls", "cases", "dates", "db", "fault", "persons", "plans", "programmes", "services", "web/casehead", "web/giving", "web/kit", "web/people", "web/places",
			"web/planning", "web/site", "words"},
		"web/planning": {"access", "accounts", "cases", "dates", "db", "deadlines", "fault", "files", "ids", "persons", "plans", "programmes", "services", "web/casehead", "web/guide", "web/kit", "web/people", "web/site", "words"},
		"web/guide":    {"access", "dates", "db", "fault", "guidance", "reports", "web/kit", "web/site", "words"},
		"web/phone":    {"access", "calls", "cases", "dates", "db", "fault", "ids", "persons", "web/guide", "web/kit", "web/people", "web/site", "words"},
		"web/training": {"access", "accounts", "db", "fault", "offices", "persons", "practice", "web/kit", "web/people", "web/site", "words"},
		"web/inbox":    {"access", "accounts", "dates", "db", "directory", "directory/listing", "fault", "geo", "handovers", "ids", "referrals", "referrals/course", "web/kit", "web/places", "web/shared", "web/site", "words"},
		"web/shared":   {"access", "countries", "db", "directory", "directory/listing", "fault", "geo", "occupations", "offices", "referrals/sharing", "web/kit", "web/people", "web/site", "words"},
		"web/referring": {"access", "calendars", "calls", "cases", "choices", "dates", "db", "directory", "directory/listing", "directory/near", "fault", "geo", "ids", "persons", "referrals", "referrals/course", "referrals/sharing",
			"web/casehead", "web/kit", "web/listed", "web/people", "web/places", "web/shared", "web/site", "words"},
		"web/flows": {"access", "dates", "db", "directory", "directory/listing", "geo", "ids", "names", "referrals", "referrals/cover", "web/kit", "web/plots", "web/site", "words"},
		"web/handing": {"access", "cases", "choices", "dates", "db", "fault", "files", "geo", "handovers", "ids", "offices", "persons", "plans", "programmes", "referrals", "referrals/course", "web/casehead", "web/kit",
			"web/people", "web/places", "web/site", "words"},
		"web/listed":      {"dates", "deadlines", "directory", "directory/listing", "geo", "web/kit", "words"},
		"web/directories": {"access", "agreements", "asking", "calendars", "dates", "db", "directory", "directory/hsds", "directory/listing", "fault", "geo", "ids", "names", "numbers", "offices", "web/kit", "web/listed", "web/places", "web/site"},
		"web/fields":      {"dates", "web/kit", "web/places", "web/site", "words"},
		"web/outreach":    {"access", "activities", "dates", "db", "fault", "files", "geo", "ids", "persons", "projects", "services", "web/fields", "web/kit", "web/people", "web/places", "web/site", "words"},
		"web/funding":     {"access", "activities", "dates", "db", "fault", "geo", "iati", "programmes", "projects", "reports/counted", "services", "web/fields", "web/kit", "web/places", "web/site", "words"},
		"web/reporting":   {"access", "dates", "db", "fault", "guidance", "ids", "projects", "reports", "reports/content", "reports/papers", "web/fields", "web/kit", "web/places", "web/plots", "web/site", "words"},
		"web/open":        {"access", "dates", "db", "fault", "indicators", "indicators/definitions", "release", "indicators/tables", "simulated", "web/kit", "web/plots", "web/site", "words"},
		"web/exporting":   {"access", "activities", "cases", "dates", "db", "exports", "exports/columns", "exports/formats", "fault", "geo", "ids", "programmes", "services", "web/kit", "web/places", "web/site", "words"},
		"web/help":        {"calendars", "dates", "db", "directory", "directory/listing", "directory/near", "geo", "names", "web/kit", "web/listed", "web/site", "words"},
		"web/messaging":   {"access", "cases", "dates", "db", "fault", "messages", "persons", "web/casehead", "web/kit", "web/people", "web/site", "words"},
		"web/hooking":     {"access", "dates", "db", "fault", "hooks", "offices", "web/kit", "web/site", "words"},
		"api/op":          {"access", "accounts", "dates", "db", "fault", "ids", "operations", "persons", "words"},
		"api/register":    {"access", "api/op", "audit", "calls", "choices", "dates", "db", "fault", "geo", "ids", "imports", "links", "lists", "matching", "matching/index", "names", "operations", "persons", "procedures", "seal", "words"},
		"api/casework":    {"access", "api/op", "calendars", "cases", "dates", "deadlines", "fault", "files", "ids", "persons", "plans", "programmes", "services", "shelters", "words"},
		"api/assessing":   {"access", "api/op", "assessments", "dates", "db", "filling", "instruments"},
		"api/desk":        {"access", "api/op", "appointments", "cases", "centres", "dates", "fault"},
		"api/outreach":    {"access", "activities", "api/op", "dates", "fault", "iati", "projects", "reports/counted"},
		"api/calling":     {"access", "api/op", "calls", "cases", "dates"},
		"api/messaging":   {"access", "api/op", "cases", "fault", "messages", "persons"},
		"api/hooking":     {"access", "api/op", "fault", "hooks", "ids"},
		"api/codes":       {"access", "api/op", "audit", "countries", "fault", "geo", "names", "occupations", "words"},
		"api/copying":     {"access", "api/op", "copies", "fault", "words"},
		"api/figures":     {"access", "api/op", "dates", "fault", "indicators", "indicators/definitions", "indicators/facts", "indicators/tables", "words"},
		"api/sms":         {"accounts", "db", "fault", "messages"},
		"api/dashboards":  {"access", "api/op", "dashboards", "dates", "fault", "indicators", "indicators/facts", "words"},
		"api/network":     {"access", "api/op", "cases", "choices", "dates", "db", "fault", "files", "handovers", "ids", "referrals", "referrals/course", "referrals/cover", "referrals/sharing", "words"},
		"api/reporting":   {"access", "api/op", "fault", "ids", "projects", "reports", "reports/content", "reports/papers", "words"},
		"api/exporting":   {"access", "api/op", "db", "exports", "exports/columns", "exports/formats", "fault", "words"},
		"api/hsds":        {"access", "db", "directory", "directory/hsds", "directory/listing", "directory/near", "fault", "ids"},

		"cli/figure":     {"access", "countries", "dates", "db", "fault", "geo", "indicators", "indicators/definitions", "indicators/facts", "words"},
		"cli/instrument": {"dates", "filling", "instruments", "questionnaires", "words", "xlsform"},

		"bench":          {"*", "api", "cli", "web"},
		"bench/link":     {"*"},
		"bench/listings": {"*"},
		"db/dbtest":      {"access", "audit", "db", "seal"},
		"browsertest":    {},
		"testtools":      {},
		"torture":        {"*", "db/dbtest", "worldtest"},
		"worldtest":      {"*", "db/dbtest"},
		"play":           {"*", "api", "browsertest", "cli", "db/dbtest", "testtools", "web", "worldtest"},
		"guards":         {},
		"bench/figures":  {"*"},

		"cmd/fera":        {"cli"},
		"scripts/summary": {},
	}
}

// surface tells whether a package is one that the world reaches the program by, or stands above them.
func surface(pkg string) bool {
	top, _, _ := strings.Cut(pkg, "/")
	return slices.Contains([]string{"web", "api", "cli", "bench"}, top)
}

// mayUse tells whether the arrows let one package import another.
func mayUse(pkg, other string) bool {
	allowed := arrows()[pkg]
	_, known := arrows()[other]
	switch {
	case slices.Contains(allowed, other):
		return true
	case strings.HasPrefix(other, pkg+"/"):
		return known && !testPackage(other)
	}
	return known && slices.Contains(allowed, "*") && !surface(other) && !testPackage(other)
}

// strays complains of each import against the arrows. Tests may import what they like,
// as long as the import does not run in a circle, which Go sees to.
func strays(f file) (complaints []string) {
	if f.test && !testPackage(f.pkg) {
		return nil
	}
	if _, known := arrows()[f.pkg]; !known {
		complaints = append(complaints, fmt.Sprintf("%s: package %q has no arrows: say in internal/guards/arrows_test.go what it may import", f.path, f.pkg))
	}
	if strings.HasSuffix(f.path, "_test.go") {
		return nil
	}
	for _, spec := range f.tree.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		other, ours := strings.CutPrefix(path, module)
		if ours && !mayUse(f.pkg, other) {
			complaints = append(complaints, fmt.Sprintf("%s: %s may not import %s", f.at(spec.Pos()), f.pkg, other))
		}
	}
	return complaints
}

func TestPackagesImportOnlyDownTheArrows(t *testing.T) {
	var complaints []string
	for _, f := range source(t) {
		complaints = append(complaints, strays(f)...)
	}
	slices.Sort(complaints)
	report(t, complaints)
}

func TestArrowsPointAtPackagesOfTheTable(t *testing.T) {
	for pkg, allowed := range arrows() {
		for _, other := range allowed {
			if _, known := arrows()[other]; !known && other != "*" {
				t.Errorf("%s points at %s, which the table does not know", pkg, other)
			}
		}
	}
}

func TestArrowsRunInNoCircle(t *testing.T) {
	state := map[string]int{} // 1 on the way down, 2 done
	var walk func(pkg string)
	walk = func(pkg string) {
		if state[pkg] == 1 {
			t.Errorf("the arrows lead from %s back to it", pkg)
		}
		if state[pkg] != 0 {
			return
		}
		state[pkg] = 1
		for other := range arrows() {
			if other != pkg && mayUse(pkg, other) && !slices.Contains(arrows()[pkg], "*") {
				walk(other)
			}
		}
		state[pkg] = 2
	}
	for pkg := range arrows() {
		walk(pkg)
	}
}

func TestArrowsCatchAStray(t *testing.T) {
	caught(t, strays(made(t, "internal/fault/x.go", "package fault\nimport (\n\"fmt\"\n\"fera/internal/web\"\n)\nvar _ = fmt.Sprint")), "fault may not import web")
	caught(t, strays(made(t, "internal/web/x.go", `package web; import "fera/internal/api"`)), "web may not import api")
	caught(t, strays(made(t, "internal/api/x.go", `package api; import "fera/internal/web/kit"`)), "api may not import web/kit")
	caught(t, strays(made(t, "internal/api/op/x.go", `package op; import "fera/internal/api/casework"`)), "api/op may not import api/casework")
	caught(t, strays(made(t, "internal/api/desk/x.go", `package desk; import "fera/internal/api/casework"`)), "api/desk may not import api/casework")
	caught(t, strays(made(t, "internal/persons/x.go", `package persons; import "fera/internal/db/dbtest"`)), "persons may not import db/dbtest")
	caught(t, strays(made(t, "internal/helpers/x.go", `package helpers`)), `package "helpers" has no arrows`)
	caught(t, strays(made(t, "internal/web/x.go", `package web; import ("fera/internal/persons"; "fera/internal/web/kit")`)))
	caught(t, strays(made(t, "internal/fault/x_test.go", `package fault_test; import "fera/internal/db/dbtest"`)))
}
