// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"net/http"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/services"
)

// termOperations are what cases are worked by, which holds no person: what programmes ask, why cases are closed, what can be
// given, which days are off. Anybody reads it; an administrator sets it from a day on.
func termOperations() []op.Operation {
	set := func(o op.Operation) op.Operation {
		o.Method, o.Status, o.Keyed, o.Writes = http.MethodPost, http.StatusCreated, true, true
		return o
	}
	read := func(o op.Operation) op.Operation {
		o.Method = http.MethodGet
		return o
	}
	return []op.Operation{
		read(op.Operation{Name: "list_programmes", Path: "/programmes", Out: op.Holds[op.Page[programmes.Programme]](), Show: listProgrammes}),
		set(op.Operation{Name: "set_programme", Path: "/programmes", Need: access.ManageCases, In: op.Sent[newProgramme](), Out: op.Holds[op.Page[programmes.Programme]](), Act: setProgramme, Show: listProgrammes, Example: `{"from": "2099-01-01",
 "programme": {"code": "reintegration", "name_bn": "পুনঃএকত্রীকরণ", "name_en": "Reintegration", "assign": {"count": 2, "unit": "working_days"}, "assess": {"count": 5, "unit": "working_days"}, "plan": {"count": 1, "unit": "months"},
  "start": {"count": 10, "unit": "working_days"}, "aftercare": {"count": 3, "unit": "months"}, "reviews": [1, 3, 6, 12], "untouched_days": 30, "approve_plan": false, "approve_closure": false,
  "alone_up_to": 500000, "one_up_to": 5000000, "reminders": [{"days": -2, "to": "worker"}, {"days": 1, "to": "supervisor"}]}}`}),
		read(op.Operation{Name: "list_closures", Path: "/closures", Params: []string{"programme"}, Out: op.Holds[op.Page[closureView]](), Show: listClosures}),
		read(op.Operation{Name: "list_service_kinds", Path: "/services", Params: []string{"on"}, Out: op.Holds[op.Page[services.Kind]](), Show: listKinds}),
		set(op.Operation{Name: "set_service_kind", Path: "/services", Need: access.ManageServices, In: op.Sent[newKind](), Out: op.Holds[op.Page[services.Kind]](), Act: setKind, Show: listKinds, Example: `{"from": "2099-01-01",
 "service": {"code": "seeds", "name_bn": "বীজ", "name_en": "Seeds", "category": "in_kind", "dimension": "economic", "unit": "item", "class": 2}}`}),
		read(op.Operation{Name: "read_calendar", Path: "/calendar", Params: []string{"year"}, Out: op.Holds[op.Page[dayView]](), Show: readCalendar}),
		set(op.Operation{Name: "enter_day", Path: "/calendar", Need: access.ManageCalendar, In: op.Sent[calendars.Day](), Out: op.Holds[op.Page[dayView]](), Act: enterDay, Show: readCalendar,
			Example: `{"day": "2099-01-04", "worked": false, "moon": true, "name_bn": "ঈদ", "name_en": "Eid", "source": "gazette"}`}),
		set(op.Operation{Name: "end_day", Path: "/calendar/{id}/end", Need: access.ManageCalendar, In: op.Sent[endingDay](), Out: op.Holds[op.Page[dayView]](), Act: endDay, Show: readCalendar, Example: `{"reason": "the moon was sighted later"}`}),
	}
}

func listProgrammes(c *op.Call) (any, error) {
	all, err := programmes.List(c.Ctx, c.Q)
	return op.Page[programmes.Programme]{Items: all}, err
}

// newProgramme is what a programme asks from a day on.
type newProgramme struct {
	From      dates.Partial        `json:"from"`
	Programme programmes.Programme `json:"programme"`
}

func setProgramme(c *op.Call) error {
	b := c.Body.(*newProgramme)
	return inside("programme", programmes.Set(c.Ctx, c.Tx, c.Who, b.Programme, b.From))
}

// inside says of what is wrong in a member of a body that it is in that member.
func inside(member string, err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	var faults []*fault.Error
	for _, one := range f.All() {
		if one.Field != "" && one.Field != "from" {
			one = one.On(member + "." + one.Field)
		}
		faults = append(faults, one)
	}
	return fault.Join(faults...)
}

// closureView is a reason for which a case is closed, with its duties in words.
type closureView struct {
	Code     string     `json:"code"`
	Group    string     `json:"group"`
	NameEn   string     `json:"name_en"`
	NameBn   string     `json:"name_bn"`
	Duties   []dutyView `json:"duties"`
	Approval bool       `json:"needs_approval"`
}

// dutyView is something to be done before a case is closed.
type dutyView struct {
	Key    string `json:"key"`
	NameEn string `json:"name_en"`
	NameBn string `json:"name_bn"`
}

// listClosures are the reasons of a programme, or those that ship.
func listClosures(c *op.Call) (any, error) {
	var p programmes.Programme
	code, err := c.Text("programme")
	if err == nil && code != "" {
		p, err = programmes.Find(c.Ctx, c.Q, code)
	}
	return op.Page[closureView]{Items: op.Each(p.Reasons(), func(k programmes.Closure) closureView {
		return closureView{k.Code, k.Group, k.En, k.Bn, op.Each(k.Duties, func(key string) dutyView {
			d := p.Duty(key)
			return dutyView{key, d.En, d.Bn}
		}), k.Approval}
	})}, err
}

func listKinds(c *op.Call) (any, error) {
	on, err := c.Day("on")
	if err != nil {
		return nil, err
	}
	if on.IsZero() {
		on = c.Today
	}
	all, err := services.Kinds(c.Ctx, c.Q, on)
	return op.Page[services.Kind]{Items: all}, err
}

// newKind is how a service is given from a day on.
type newKind struct {
	From    dates.Partial `json:"from"`
	Service services.Kind `json:"service"`
}

func setKind(c *op.Call) error {
	b := c.Body.(*newKind)
	return inside("service", services.SetKind(c.Ctx, c.Tx, c.Who, b.Service, b.From))
}

// dayView is a day that is not as its day of the week is.
type dayView struct {
	ID     string        `json:"id,omitempty"`
	Day    dates.Partial `json:"day"`
	Worked bool          `json:"worked"`
	Moon   bool          `json:"moon"`
	NameBn string        `json:"name_bn"`
	NameEn string        `json:"name_en"`
	Source string        `json:"source"`
}

func readCalendar(c *op.Call) (any, error) {
	year, err := c.Number("year", c.Today.Year, 2000, 2100)
	if err != nil {
		return nil, err
	}
	if b, ok := c.Body.(*calendars.Day); ok {
		year = b.Day.Year
	}
	all, err := calendars.Year(c.Ctx, c.Q, year)
	return op.Page[dayView]{Items: op.Each(all, func(d calendars.Day) dayView {
		return dayView{d.ID, d.Day, d.Worked, d.Moon, d.NameBn, d.NameEn, d.Source}
	})}, err
}

func enterDay(c *op.Call) error {
	_, err := calendars.Enter(c.Ctx, c.Tx, c.Who, *c.Body.(*calendars.Day))
	return err
}

// endingDay takes a day back.
type endingDay struct {
	Reason string `json:"reason"`
}

func endDay(c *op.Call) error {
	id, err := op.PathID[string](c, "id", "calendar.day_not_found")
	if err != nil {
		return err
	}
	return calendars.End(c.Ctx, c.Tx, c.Who, id, c.Body.(*endingDay).Reason)
}
