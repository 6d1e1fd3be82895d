// SPDX-License-Identifier: Apache-2.0

package network

import (
	"net/http"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/cover"
)

// counting are the operations of who sees how many referrals come how far, and none of them.
func counting() []op.Operation {
	return []op.Operation{
		{Name: "read_flows", Method: http.MethodGet, Path: "/referrals/flows", Need: access.ReadFlows, Params: []string{"from", "to", "district", "organisation", "need", "by"},
			Out: op.Holds[op.Page[flowView]](), Show: readFlows},
	}
}

// flowView is how many referrals of a group came how far.
type flowView struct {
	Group string     `json:"group"`
	Steps []flowStep `json:"steps"`
}

// flowStep is how many came to a step, and how many days the middle one took.
type flowStep struct {
	Step    string   `json:"step"`
	Count   *int     `json:"count,omitempty"`
	Median  *float64 `json:"median_days,omitempty"`
	Covered string   `json:"covered,omitempty"`
}

func readFlows(c *op.Call) (any, error) {
	var f referrals.FlowFilter
	for name, into := range map[string]*string{"from": &f.From, "to": &f.To, "district": &f.District, "organisation": &f.Organisation, "need": &f.Need, "by": &f.By} {
		text, err := c.Text(name)
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
	var counts []map[referrals.Step]int
	whole := map[referrals.Step]int{}
	for _, fl := range all {
		counts = append(counts, fl.Count)
		for s, n := range fl.Count {
			whole[s] += n
		}
	}
	if f.By == "" {
		counts = nil // the whole has no parts here
	}
	table, row := cover.New(referrals.Steps(), counts, whole, referrals.SeesCounts(c.Who)), -1
	return op.Page[flowView]{Items: op.Each(all, func(fl referrals.Flow) flowView {
		row++
		v := flowView{Group: fl.Group, Steps: []flowStep{}}
		for _, s := range referrals.Steps() {
			switch n, why := table.At(row, s); {
			case why != cover.Shown:
				v.Steps = append(v.Steps, flowStep{Step: string(s), Covered: string(why)})
			case n != 0:
				median := fl.Median[s]
				v.Steps = append(v.Steps, flowStep{Step: string(s), Count: &n, Median: &median})
			}
		}
		return v
	})}, err
}
