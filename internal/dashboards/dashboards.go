// SPDX-License-Identifier: Apache-2.0

// Package dashboards puts figures side by side that are looked at together: which indicators, told apart by what, and how each is
// drawn, as data. It asks package indicators and shows nothing that this would not show; it draws nothing.
package dashboards

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"fera/internal/indicators/definitions"
)

// Drawing is how a panel is drawn.
type Drawing string

// The ways to draw a panel.
const (
	Number Drawing = "number" // one number, and what it was a year before
	Course Drawing = "course" // over time
	Bars   Drawing = "bars"   // amounts beside one another
	Shares Drawing = "shares" // what part of each the women and the men are
	Map    Drawing = "map"    // districts or upazilas
)

// The dimensions that follow what is looked at.
const (
	ByTime  = "time"  // months; for more than three years, years
	ByPlace = "place" // districts; upazilas, when one district is looked at
)

// Panel is one figure of a dashboard.
type Panel struct {
	Indicator string   `json:"indicator"`
	By        []string `json:"by,omitempty"` // dimensions of indicators, ByTime or ByPlace
	Draw      Drawing  `json:"draw"`
}

// Dashboard is some figures that are looked at together.
type Dashboard struct {
	Code   string  `json:"code"`
	NameEn string  `json:"name_en"`
	NameBn string  `json:"name_bn"`
	LeadEn string  `json:"lead_en"`
	LeadBn string  `json:"lead_bn"`
	Panels []Panel `json:"panels"`
}

// Name is what a dashboard is called in a language.
func (d Dashboard) Name(lang string) string {
	if lang == "bn" {
		return d.NameBn
	}
	return d.NameEn
}

// Lead is the sentence under the name.
func (d Dashboard) Lead(lang string) string {
	if lang == "bn" {
		return d.LeadBn
	}
	return d.LeadEn
}

//go:embed dashboards.json
var shipped []byte

// parsed is what ships, read once.
var parsed = sync.OnceValue(func() []Dashboard {
	all, err := decode(shipped)
	if err != nil {
		panic(fmt.Errorf("dashboards that ship: %w", err)) // a programmer's mistake
	}
	return all
})

// List returns the dashboards in the order in which they are offered.
func List() []Dashboard { return slices.Clone(parsed()) }

// Find returns a dashboard by its code.
func Find(code string) (Dashboard, bool) {
	at := slices.IndexFunc(parsed(), func(d Dashboard) bool { return d.Code == code })
	if at < 0 {
		return Dashboard{}, false
	}
	return parsed()[at], true
}

// decode reads dashboards, and refuses one that could not be drawn.
func decode(text []byte) (all []Dashboard, err error) {
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	known := map[string]definitions.Indicator{}
	for _, i := range definitions.Shipped() {
		known[i.Code] = i
	}
	for _, d := range all {
		if d.Code == "" || d.NameEn == "" || d.NameBn == "" || d.LeadEn == "" || d.LeadBn == "" || len(d.Panels) == 0 {
			return nil, fmt.Errorf("dashboard %q lacks a name, a sentence or panels", d.Code)
		}
		for n, p := range d.Panels {
			i, there := known[p.Indicator]
			if !there {
				return nil, fmt.Errorf("dashboard %q: there is no indicator %q", d.Code, p.Indicator)
			}
			if err := p.check(i); err != nil {
				return nil, fmt.Errorf("dashboard %q, panel %d: %w", d.Code, n+1, err)
			}
		}
	}
	return all, nil
}

// check refuses a panel that cannot be drawn as it says.
func (p Panel) check(i definitions.Indicator) error {
	for _, by := range p.By {
		if !slices.Contains(i.By, by) && by != ByTime && by != ByPlace {
			return fmt.Errorf("%q is not told apart by %q", p.Indicator, by)
		}
	}
	first, second := "", ""
	if len(p.By) > 0 {
		first = p.By[0]
	}
	if len(p.By) > 1 {
		second = p.By[1]
	}
	fits := false
	switch p.Draw {
	case Number:
		fits = first == ""
	case Course:
		fits = first == ByTime && (second == "" || second == "sex")
	case Bars:
		fits = first != "" && second == ""
	case Shares:
		fits = first != "" && first != "sex" && second == "sex"
	case Map:
		fits = slices.Contains([]string{ByPlace, "district"}, first) && second == ""
	}
	if !fits || len(p.By) > 2 {
		return fmt.Errorf("%q by %v cannot be drawn as %q", p.Indicator, p.By, p.Draw)
	}
	return nil
}
