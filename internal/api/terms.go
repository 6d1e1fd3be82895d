// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"fera/internal/access"
	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/services"
)

// termOperations are what cases are worked by, which holds no person: what programmes ask, why cases are closed, what can be
// given, which days are off. Anybody reads it; an administrator sets it from a day on.
func termOperations() []operation {
	set := func(o operation) operation {
		o.method, o.status, o.keyed, o.writes = http.MethodPost, http.StatusCreated, true, true
		return o
	}
	read := func(o operation) operation {
		o.method = http.MethodGet
		return o
	}
	return []operation{
		read(operation{name: "list_programmes", path: "/programmes", out: holds[page[programmes.Programme]](), do: listProgrammes}),
		set(operation{name: "set_programme", path: "/programmes", need: access.ManageCases, in: sent[newProgramme](), out: holds[page[programmes.Programme]](), do: setting(setProgramme, listProgrammes), example: `{"from": "2099-01-01",
 "programme": {"code": "reintegration", "name_bn": "পুনঃএকত্রীকরণ", "name_en": "Reintegration", "assign": {"count": 2, "unit": "working_days"}, "assess": {"count": 5, "unit": "working_days"}, "plan": {"count": 1, "unit": "months"},
  "start": {"count": 10, "unit": "working_days"}, "aftercare": {"count": 3, "unit": "months"}, "reviews": [1, 3, 6, 12], "untouched_days": 30, "approve_plan": false, "approve_closure": false,
  "alone_up_to": 500000, "one_up_to": 5000000, "reminders": [{"days": -2, "to": "worker"}, {"days": 1, "to": "supervisor"}]}}`}),
		read(operation{name: "list_closures", path: "/closures", params: []string{"programme"}, out: holds[page[closureView]](), do: listClosures}),
		read(operation{name: "list_service_kinds", path: "/services", params: []string{"on"}, out: holds[page[services.Kind]](), do: listKinds}),
		set(operation{name: "set_service_kind", path: "/services", need: access.ManageServices, in: sent[newKind](), out: holds[page[services.Kind]](), do: setting(setKind, listKinds), example: `{"from": "2099-01-01",
 "service": {"code": "seeds", "name_bn": "বীজ", "name_en": "Seeds", "category": "in_kind", "dimension": "economic", "unit": "item", "class": 2}}`}),
		read(operation{name: "read_calendar", path: "/calendar", params: []string{"year"}, out: holds[page[dayView]](), do: readCalendar}),
		set(operation{name: "enter_day", path: "/calendar", need: access.ManageCalendar, in: sent[calendars.Day](), out: holds[page[dayView]](), do: setting(enterDay, readCalendar),
			example: `{"day": "2099-01-04", "worked": false, "moon": true, "name_bn": "ঈদ", "name_en": "Eid", "source": "gazette"}`}),
		set(operation{name: "end_day", path: "/calendar/{id}/end", need: access.ManageCalendar, in: sent[endingDay](), out: holds[page[dayView]](), do: setting(endDay, readCalendar), example: `{"reason": "the moon was sighted later"}`}),
	}
}

// setting makes an operation of an act and of the list that is shown after it.
func setting(act func(*call) error, show func(*call) (answer, error)) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		replayed, err := c.repeated(c.op.name)
		if err == nil && !replayed {
			err = act(c)
		}
		if err != nil {
			return answer{}, err
		}
		a, err := show(c)
		a.status, a.replayed = c.op.answers(), replayed
		return a, err
	}
}

func listProgrammes(c *call) (answer, error) {
	all, err := programmes.List(c.ctx, c.q)
	return answer{body: page[programmes.Programme]{Items: all}}, err
}

// newProgramme is what a programme asks from a day on.
type newProgramme struct {
	From      dates.Partial        `json:"from"`
	Programme programmes.Programme `json:"programme"`
}

func setProgramme(c *call) error {
	b := c.body.(*newProgramme)
	return inside("programme", programmes.Set(c.ctx, c.tx, c.who, b.Programme, b.From))
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
func listClosures(c *call) (answer, error) {
	var p programmes.Programme
	code, err := c.text("programme")
	if err == nil && code != "" {
		p, err = programmes.Find(c.ctx, c.q, code)
	}
	return answer{body: page[closureView]{Items: each(p.Reasons(), func(k programmes.Closure) closureView {
		return closureView{k.Code, k.Group, k.En, k.Bn, each(k.Duties, func(key string) dutyView {
			d := p.Duty(key)
			return dutyView{key, d.En, d.Bn}
		}), k.Approval}
	})}}, err
}

func listKinds(c *call) (answer, error) {
	on, err := c.day("on")
	if err != nil {
		return answer{}, err
	}
	if on.IsZero() {
		on = c.today
	}
	all, err := services.Kinds(c.ctx, c.q, on)
	return answer{body: page[services.Kind]{Items: all}}, err
}

// newKind is how a service is given from a day on.
type newKind struct {
	From    dates.Partial `json:"from"`
	Service services.Kind `json:"service"`
}

func setKind(c *call) error {
	b := c.body.(*newKind)
	return inside("service", services.SetKind(c.ctx, c.tx, c.who, b.Service, b.From))
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

func readCalendar(c *call) (answer, error) {
	year, err := c.number("year", c.today.Year, 2000, 2100)
	if err != nil {
		return answer{}, err
	}
	if b, ok := c.body.(*calendars.Day); ok {
		year = b.Day.Year
	}
	all, err := calendars.Year(c.ctx, c.q, year)
	return answer{body: page[dayView]{Items: each(all, func(d calendars.Day) dayView {
		return dayView{d.ID, d.Day, d.Worked, d.Moon, d.NameBn, d.NameEn, d.Source}
	})}}, err
}

func enterDay(c *call) error {
	_, err := calendars.Enter(c.ctx, c.tx, c.who, *c.body.(*calendars.Day))
	return err
}

// endingDay takes a day back.
type endingDay struct {
	Reason string `json:"reason"`
}

func endDay(c *call) error {
	id, err := pathID[string](c, "id", "calendar.day_not_found")
	if err != nil {
		return err
	}
	return calendars.End(c.ctx, c.tx, c.who, id, c.body.(*endingDay).Reason)
}
