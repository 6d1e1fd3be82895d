// SPDX-License-Identifier: Apache-2.0

package outreach

import (
	"net/url"

	"github.com/a-h/templ"

	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/web/fields"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// anew stands in the address of a kind for one that there is not yet.
const anew = "new"

type kindsView struct {
	kit.Frame
	Rows []kit.Row
}

func kinds(r *site.Request, q db.Reader) (templ.Component, error) {
	v := kindsView{Frame: r.Frame(r.S.T("activity.kinds"))}
	all, err := activities.Kinds(r.Context(), q, dates.Of(r.Now))
	for _, k := range all {
		var tags []kit.Tag
		if k.Estimate {
			tags = append(tags, kit.Tag{Text: r.S.T("activity.estimate")})
		}
		if k.Ended {
			tags = append(tags, kit.Tag{Text: r.S.T("activity.kind_ended"), Tone: kit.Attention})
		}
		v.Rows = append(v.Rows, kit.Row{Href: "/activity-kinds/" + url.PathEscape(k.Code), Cells: []templ.Component{kit.Text(k.Name(string(r.S.Lang()))), kit.Text(r.S.T("activity.group." + k.Group)),
			kit.Text(r.S.T("activity.way." + string(k.Way))), kit.Pills(tags)}})
	}
	return kindsPage(v), err
}

func kindForm(r *site.Request, q db.Reader) (templ.Component, error) {
	code := r.PathValue("code")
	k := activities.Kind{Group: "outreach", Way: activities.Event}
	title := r.S.T("activity.kind_new")
	if code != anew {
		all, err := activities.KindVersions(r.Context(), q, r.Who, code)
		if err != nil {
			return nil, err
		}
		k, title = all[0].Kind, r.S.T("activity.kind_change")
	}
	f := fields.New(r, title, "/activity-kinds/"+url.PathEscape(code), "/activity-kinds")
	f.Lead = r.S.T("activity.kind_lead")
	if code == anew {
		f.Line("code", "activity.kind_code", "")
	}
	f.Line("name_bn", "activity.kind_bn", k.NameBn)
	f.Line("name_en", "activity.kind_en", k.NameEn)
	f.Select("group", "activity.group", k.Group, "activity.group.", activities.Groups()...)
	f.Put(kit.Choice(r.S, f.In("way", "activity.way", string(k.Way)), wayOptions(f)))
	f.Check("estimate", "activity.kind_estimate", k.Estimate)
	f.Check("ended", "activity.kind_ended", k.Ended)
	f.Date("from", "activity.kind_from", dates.Of(r.Now), false)
	return fields.Page(f), nil
}

func setKind(r *site.Request, tx *db.Tx) (string, error) {
	k := activities.Kind{Code: r.PathValue("code"), NameBn: r.PostForm.Get("name_bn"), NameEn: r.PostForm.Get("name_en"), Group: r.PostForm.Get("group"), Way: activities.Way(r.PostForm.Get("way")),
		Estimate: r.PostForm.Get("estimate") == "yes", Ended: r.PostForm.Get("ended") == "yes"}
	if k.Code == anew {
		k.Code = r.PostForm.Get("code")
		if known, err := activities.KindVersions(r.Context(), tx, r.Who, k.Code); err == nil && len(known) > 0 {
			return "", fault.New(fault.Conflict, "service.code_taken").On("code")
		}
	} else if _, err := activities.KindVersions(r.Context(), tx, r.Who, k.Code); err != nil {
		return "", err
	}
	from, err := dates.Parse(r.PostForm.Get("from"))
	if err != nil {
		return "", fault.New(fault.Invalid, "date.unreadable").On("from")
	}
	r.Say("activity_kind_set")
	return "/activity-kinds", activities.SetKind(r.Context(), tx, r.Who, k, from)
}
