// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"maps"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// reasonView is the form of a reason for which cases are closed.
type reasonView struct {
	kit.Frame
	Problems kit.Problems
	Action   string
	Back     string
	Version  int
	Code     *kit.Input // of a new one
	Names    []kit.Input
	Group    kit.Input
	Groups   []kit.Option
	Duties   kit.Input
	Keys     []kit.Option
	Further  []kit.Input // a duty that there is not yet
	Approval kit.Input
	Remove   *kit.Input // of one that there is
	From     kit.Input
}

// newReason is what the address of a reason that is to be added says instead of a code.
const newReason = "new"

func reasonPage(r *site.Request, q db.Reader) (templ.Component, error) {
	p, _, err := found(r, q)
	if err != nil {
		return nil, err
	}
	s, code := r.S, r.PathValue("reason")
	reasons := p.Reasons()
	at := slices.IndexFunc(reasons, func(c programmes.Closure) bool { return c.Code == code })
	var c programmes.Closure
	switch {
	case at >= 0:
		c = reasons[at]
	case code != newReason:
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	v := reasonView{Frame: r.Frame(s.T("programme.reason")), Problems: r.Problems, Back: "/programmes/" + p.Code, Version: p.Version,
		Action: "/programmes/" + p.Code + "/reasons/" + code, Group: r.Input("group", s.T("programme.field.group"), c.Group)}
	v.Names = []kit.Input{r.Input("bn", s.T("web.field.name_bn"), c.Bn), r.Input("en", s.T("web.field.name_en"), c.En)}
	v.Names[0].Lang, v.Names[1].Lang = "bn", "en"
	for _, g := range programmes.Groups() {
		v.Groups = append(v.Groups, kit.Option{Value: g, Label: s.T("programme.group." + g)})
	}
	v.Duties = kit.Input{Name: "duties", Label: s.T("programme.field.duties"), Hint: s.T("programme.duties_hint"), Error: r.Problems.On("duties")}
	for _, key := range p.DutyKeys() {
		d := p.Duty(key)
		v.Keys = append(v.Keys, kit.Option{Value: key, Label: pick(s, d.Bn, d.En), Chosen: r.Ticked("duties", key, slices.Contains(c.Duties, key))})
	}
	v.Further = []kit.Input{r.Input("duty_bn", s.T("programme.field.duty_bn"), ""), r.Input("duty_en", s.T("programme.field.duty_en"), "")}
	for i := range v.Further {
		v.Further[i].Optional = true
	}
	v.Approval = kit.Input{Name: "approval", Label: s.T("programme.field.approval")}
	if r.Ticked("approval", "yes", c.Approval) {
		v.Approval.Value = "yes"
	}
	if code == newReason {
		in := r.Input("code", s.T("programme.field.reason_code"), "")
		in.Hint = s.T("programme.code_hint")
		v.Code = &in
	} else {
		v.Remove = &kit.Input{Name: "remove", Label: s.T("programme.reason_remove"), Hint: s.T("programme.reason_remove_hint"), Value: r.Typed("remove", "")}
	}
	v.From = r.Input("from", s.T("programme.field.from"), s.Digits(typed(dates.Of(r.Now))))
	v.From.Hint = s.T("programme.from_hint")
	return reasonShown(v), nil
}

func setReason(r *site.Request, tx *db.Tx) (string, error) {
	if _, _, err := found(r, tx); err != nil {
		return "", err
	}
	from, err := day(r, "from")
	if err != nil {
		return "", err
	}
	p, err := base(r, tx, from)
	if err != nil {
		return "", err
	}
	p.Closures, p.Duties = p.Reasons(), maps.Clone(p.Duties)
	code := r.PathValue("reason")
	at := slices.IndexFunc(p.Closures, func(c programmes.Closure) bool { return c.Code == code })
	switch {
	case code == newReason:
		p.Closures = append(p.Closures, programmes.Closure{Code: r.PostFormValue("code")})
		at = len(p.Closures) - 1
	case at < 0:
		return "", fault.New(fault.NotFound, "fault.not_found")
	case r.PostFormValue("remove") == "yes":
		p.Closures = slices.Delete(p.Closures, at, at+1)
		if len(p.Closures) == 0 {
			return "", fault.New(fault.Invalid, "programme.reason_last").On("remove")
		}
		r.Say("saved")
		return "/programmes/" + p.Code, programmes.Set(r.Context(), tx, r.Who, p, from)
	}
	c := &p.Closures[at]
	c.Bn, c.En, c.Group, c.Approval = r.PostFormValue("bn"), r.PostFormValue("en"), r.PostFormValue("group"), r.PostFormValue("approval") == "yes"
	c.Duties = slices.Clone(r.PostForm["duties"])
	if d := (programmes.Duty{Bn: r.PostFormValue("duty_bn"), En: r.PostFormValue("duty_en")}); d != (programmes.Duty{}) {
		c.Duties = append(c.Duties, addDuty(&p, d))
	}
	r.Say("saved")
	return "/programmes/" + p.Code, programmes.Set(r.Context(), tx, r.Who, p, from)
}

// addDuty gives a programme a duty of its own, under a key of its own.
func addDuty(p *programmes.Programme, d programmes.Duty) (key string) {
	if p.Duties == nil {
		p.Duties = map[string]programmes.Duty{}
	}
	for n := 1; ; n++ {
		key = "own_" + strconv.Itoa(n)
		if _, taken := p.Duties[key]; !taken {
			p.Duties[key] = d
			return key
		}
	}
}
