// SPDX-License-Identifier: Apache-2.0

package network

import (
	"net/http"
	"reflect"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/referrals"
)

// counting are the operations of who sees how many referrals come how far, and none of them.
func counting() []Operation {
	return []Operation{
		{Name: "read_flows", Method: http.MethodGet, Path: "/referrals/flows", Need: access.ReadFlows, Params: []string{"from", "to", "district", "organisation", "need", "by"},
			Out: reflect.TypeFor[page[flowView]](), Show: readFlows},
	}
}

// flowView is how many referrals of a group came how far.
type flowView struct {
	Group string     `json:"group"`
	Steps []flowStep `json:"steps"`
}

// flowStep is how many came to a step, and how many days the middle one took.
type flowStep struct {
	Step   string  `json:"step"`
	Count  int     `json:"count"`
	Median float64 `json:"median_days"`
}

func readFlows(c *Call) (any, error) {
	var f referrals.FlowFilter
	for name, into := range map[string]*string{"from": &f.From, "to": &f.To, "district": &f.District, "organisation": &f.Organisation, "need": &f.Need, "by": &f.By} {
		text, err := c.text(name)
		if err != nil {
			return nil, err
		}
		*into = text
	}
	for name, month := range map[string]string{"from": f.From, "to": f.To} {
		if d, err := dates.Parse(month); month != "" && (err != nil || d.Precision() != dates.Month) {
			return nil, fault.New(fault.Invalid, "api.month_needed").On(name)
		}
	}
	all, err := referrals.Flows(c.Ctx, c.Q, c.Who, f)
	return page[flowView]{Items: each(all, func(fl referrals.Flow) flowView {
		v := flowView{Group: fl.Group, Steps: []flowStep{}}
		for _, s := range referrals.Steps() {
			if n := fl.Count[s]; n != 0 {
				v.Steps = append(v.Steps, flowStep{string(s), n, fl.Median[s]})
			}
		}
		return v
	})}, err
}
