// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"testing"

	"fera/internal/dates"
	"fera/internal/indicators/definitions"
	"fera/internal/reports/content"
	"fera/internal/reports/templates"
)

// Each template that ships is whole in both languages, and names figures and indicators that there are.
func TestWhatShipsIsWhole(t *testing.T) {
	known := map[string]bool{}
	for _, i := range definitions.Shipped() {
		known[i.Code] = true
	}
	sorts := map[templates.Sort]bool{templates.People: true, templates.Cases: true, templates.Services: true, templates.Activities: true, templates.Results: true, templates.Money: true, templates.Indicator: true, templates.Typed: true}
	seen := map[string]bool{}
	for _, one := range templates.Shipped() {
		if one.Title.Bn == "" || one.Title.En == "" || len(one.Sections) == 0 || len(one.Kinds) == 0 || one.Starts.Precision() != dates.Day {
			t.Errorf("%s is not whole", one.Code)
		}
		for _, s := range one.Sections {
			key := one.Code + "/" + s.Code
			if seen[key] || s.Title.Bn == "" || s.Title.En == "" || s.Asks.Bn == "" || s.Asks.En == "" {
				t.Errorf("%s stands twice or is not whole", key)
			}
			seen[key] = true
			for _, f := range s.Figures {
				if !sorts[f.Is] || (f.Is == templates.Indicator) != known[f.Indicator] {
					t.Errorf("%s has the figure %+v", key, f)
				}
				if f.Is == templates.Money && !s.Money {
					t.Errorf("%s shows money to everybody", key)
				}
			}
		}
	}
}

func TestOnReturnsTheVersionOfTheDay(t *testing.T) {
	for _, projects := range []bool{true, false} {
		for _, kind := range content.Kinds() {
			all := templates.On(dates.Partial{Year: 2026, Month: 11, Day: 26}, projects, kind)
			if len(all) != 1 || all[0].Projects != projects {
				t.Errorf("%s of a project %t: %+v", kind, projects, all)
				continue
			}
			if again, ok := templates.Find(all[0].Code, all[0].Version); !ok || again.Code != all[0].Code {
				t.Errorf("%s is not found again", all[0].Code)
			}
		}
	}
	if all := templates.On(dates.Partial{Year: 1999, Month: 1, Day: 1}, true, content.Monthly); len(all) != 0 {
		t.Errorf("before it began: %+v", all)
	}
}
