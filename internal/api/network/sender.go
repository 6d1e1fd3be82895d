// SPDX-License-Identifier: Apache-2.0

package network

import (
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
)

// never is the day by which nothing is due.
const never = cases.Never

// sending are the operations of who works on a case. What is of class 3 is read by a look, which is in the trail; so is it when an act
// on such a referral is answered with it.
func sending() []op.Operation {
	const one = "/cases/{id}/referrals/{row}"
	view, paged := op.Holds[referralView](), []string{"limit", "cursor"}
	all := []op.Operation{
		{Name: "list_referral_fields", Method: http.MethodGet, Path: "/referrals/fields", Params: []string{"need"}, Out: op.Holds[op.Page[shareable]](), Show: listFields},
		{Name: "draft_referral", Path: "/cases/{id}/referrals", In: op.Sent[newReferral](), Status: http.StatusCreated, Own: true, Act: draft, Show: drafted, Example: `{"service": "01900000-0000-7000-8000-000000000005",
 "need": "loan", "urgency": "weeks", "share": ["birth", "home"], "typed": {"ask": "a loan for a sewing machine"}, "papers": ["nid"]}`},
		{Name: "list_referrals", Method: http.MethodGet, Path: "/cases/{id}/referrals", Need: access.ReadCases, Params: paged, Out: op.Holds[op.Page[referralView]](), Show: listReferrals},
		{Name: "look_at_referrals", Method: http.MethodGet, Path: "/cases/{id}/referrals/protected", Need: access.ReadProtected, Params: paged, Out: op.Holds[op.Page[referralView]](), Show: lookAtReferrals},
		{Name: "revoke_referrals", Path: "/cases/{id}/referrals/revoke", In: op.Sent[revokingAll](), Out: op.Holds[revoked](), Act: revokeAll, Show: showRevoked, Example: `{"why": "she does not want to any more"}`},
		{Name: "find_referral", Method: http.MethodGet, Path: one, Need: access.ReadCases, Show: findReferral},
		{Name: "look_at_referral", Method: http.MethodGet, Path: one + "/protected", Need: access.ReadProtected, Show: lookAtReferral},
		{Name: "list_referral_events", Method: http.MethodGet, Path: one + "/events", Need: access.ReadCases, Out: op.Holds[op.Page[referralEvent]](), Show: listEvents},
		{Name: "preview_referral", Method: http.MethodGet, Path: one + "/preview", Out: op.Holds[preview](), Show: previewReferral},
		{Name: "change_referral", Method: http.MethodPut, Path: one, In: op.Sent[referralChange](), Act: redraft, Example: `{"version": 1, "service": "01900000-0000-7000-8000-000000000005",
 "need": "loan", "urgency": "days", "typed": {"ask": "a loan for a sewing machine and cloth"}, "anyway": "the bank copies her papers itself"}`},
		{Name: "send_referral", Path: one + "/send", In: op.Sent[referralSending](), Act: send, Example: `{"version": 2, "agreed": true, "method": "spoken", "language": "bn"}`},
		{Name: "withdraw_referral", Path: one + "/withdraw", In: op.Sent[referralEnding](), Act: ends(referrals.Withdraw), Example: `{"version": 3, "why": "she has found work"}`},
		{Name: "revoke_referral", Path: one + "/revoke", In: op.Sent[referralEnding](), Act: ends(referrals.Revoke), Example: `{"version": 3}`},
		{Name: "hear_referral", Path: one + "/hear", In: op.Sent[hearing](), Act: hear, Example: `{"version": 6, "act": "deny", "way": "call", "words": "nobody gave me anything"}`},
		{Name: "close_referral", Path: one + "/close", In: op.Sent[referralEnding](), Act: ends(referrals.Close), Example: `{"version": 7}`},
		{Name: "make_referral_link", Path: one + "/link", In: op.Sent[linkWanted](), Out: op.Holds[link](), Status: http.StatusCreated, Unkeyed: true, Show: makeLink, Example: `{"purpose": "answer"}`},
	}
	for i := range all {
		o := &all[i]
		if o.Need == "" {
			o.Need = access.SendReferral
		}
		if o.Out.None() {
			o.Out = view
		}
		if o.Show == nil {
			o.Show = lookAtReferral
		}
	}
	return all
}

// referralView is a referral as who sent it sees it.
type referralView struct {
	ID             string            `json:"id"`
	Number         string            `json:"number"`
	Case           string            `json:"case"`
	Person         string            `json:"person"`
	Office         string            `json:"office"`
	By             string            `json:"by"`
	Organisation   string            `json:"organisation"`
	HasAccounts    bool              `json:"has_accounts"`
	Protected      bool              `json:"protected"`
	Whole          bool              `json:"whole"`
	Need           string            `json:"need"`
	Service        string            `json:"service"`
	Location       string            `json:"location,omitempty"`
	Urgency        string            `json:"urgency"`
	State          string            `json:"state"`
	Outcome        string            `json:"outcome,omitempty"`
	Answer         string            `json:"answer,omitempty"`
	Tries          int               `json:"tries"`
	Rounds         int               `json:"rounds"`
	Silent         bool              `json:"silent"`
	DueOn          string            `json:"due_on,omitempty"`
	DraftedAt      time.Time         `json:"drafted_at"`
	Since          time.Time         `json:"since"`
	SentAt         time.Time         `json:"sent_at,omitzero"`
	ReceivedAt     time.Time         `json:"received_at,omitzero"`
	DecidedAt      time.Time         `json:"decided_at,omitzero"`
	MeetsAt        time.Time         `json:"meets_at,omitzero"`
	Where          string            `json:"where,omitempty"`
	ToldAt         time.Time         `json:"told_at,omitzero"`
	AnsweredAt     time.Time         `json:"answered_at,omitzero"`
	AcknowledgedAt time.Time         `json:"acknowledged_at,omitzero"`
	EndedAt        time.Time         `json:"ended_at,omitzero"`
	Share          []string          `json:"share"`
	Sheet          map[string]string `json:"sheet"`
	Papers         []string          `json:"papers"`
	Missing        []string          `json:"missing"`
	Anyway         string            `json:"anyway,omitempty"`
	Agreement      *agreement        `json:"agreement,omitempty"`
	Possible       []string          `json:"possible"`
	Links          []string          `json:"links"`
	Version        int               `json:"version"`
}

// agreement is what she agreed to.
type agreement struct {
	Method   string    `json:"method"`
	Language string    `json:"language"`
	Fields   []string  `json:"fields"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

func viewOf(r referrals.Referral) referralView {
	v := referralView{string(r.ID), r.Number, string(r.Case), string(r.Person), r.FromOffice, r.By, r.Organisation, r.Partner != "", r.Protected, r.Sheet != nil && !r.Veiled, r.Need, r.Service, r.Location, r.Urgency,
		string(r.State), string(r.Outcome), r.Answer, r.Tries, r.Rounds, r.Silent, due(r.DueOn), r.DraftedAt, r.Since, r.SentAt, r.ReceivedAt, r.DecidedAt, r.MeetsAt, r.Where, r.ToldAt,
		r.AnsweredAt, r.Acknowledged, r.EndedAt, listed(r.Fields), shown(r.Sheet), listed(r.Papers), listed(r.Missing), r.Anyway, nil, plain(course.Possible(r.Standing(), course.Sender)), plain(r.Passable()), r.Version}
	if k := r.Consent; !k.At.IsZero() {
		v.Agreement = &agreement{k.Method, k.Language, listed(k.Fields), k.By, k.At}
	}
	return v
}

// due is a day, or nothing where nothing is due.
func due(day string) string {
	if day == never {
		return ""
	}
	return day
}

// listed is a list that is [] when it is empty.
func listed(some []string) []string { return append([]string{}, some...) }

func shown(s sharing.Sheet) map[string]string {
	if s == nil {
		return map[string]string{}
	}
	return s
}

// shareable is what may be shared for a need.
type shareable struct {
	Code   string `json:"code"`
	Stage  string `json:"stage"`
	Typed  bool   `json:"typed"`
	Always bool   `json:"always"`
	Class  int    `json:"class"`
}

// listFields says what may be shared for a need; for none, all that is ever shared.
func listFields(c *op.Call) (any, error) {
	need, err := c.Text("need")
	if err != nil {
		return nil, err
	}
	fields := sharing.Fields()
	if need != "" {
		if !sharing.Knows(need) {
			return nil, fault.New(fault.Invalid, "referral.need_unknown").On("need")
		}
		fields = sharing.For(need)
	}
	return op.Page[shareable]{Items: op.Each(fields, func(f sharing.Field) shareable {
		return shareable{f.Code, string(f.Stage), f.Typed, slices.Contains(sharing.Always(), f.Code), max(f.Class, 2)}
	})}, nil
}

// drafted shows what was made.
func drafted(c *op.Call) (any, error) { return look(c, referrals.ID(c.MadeID())) }

// look shows a referral on the case of the path, whatever its class.
func look(c *op.Call, id referrals.ID) (any, error) {
	r, err := referrals.LookAt(c.Ctx, c.Tx, c.Who, id)
	if err == nil && string(r.Case) != c.Path("id") {
		err = notFound()
	}
	if err != nil {
		return nil, err
	}
	return viewOf(r), nil
}

func notFound() error { return fault.New(fault.NotFound, "referral.not_found") }

func referralID(c *op.Call) (referrals.ID, error) {
	if _, err := op.PathID[cases.ID](c, "id", "case.not_found"); err != nil {
		return "", err
	}
	return op.PathID[referrals.ID](c, "row", "referral.not_found")
}

func lookAtReferral(c *op.Call) (any, error) {
	id, err := referralID(c)
	if err != nil {
		return nil, err
	}
	return look(c, id)
}

// found is a referral of class 2 on the case of the path.
func found(c *op.Call) (r referrals.Referral, err error) {
	id, err := referralID(c)
	if err != nil {
		return r, err
	}
	r, err = referrals.Find(c.Ctx, c.Q, c.Who, id)
	if err == nil && string(r.Case) != c.Path("id") {
		err = notFound()
	}
	return r, err
}

func findReferral(c *op.Call) (any, error) {
	r, err := found(c)
	if err != nil {
		return nil, err
	}
	return viewOf(r), nil
}

func listReferrals(c *op.Call) (any, error) {
	return parts(c, func(of cases.ID, p cases.Part) ([]referrals.Referral, error) {
		return referrals.List(c.Ctx, c.Q, c.Who, of, p)
	})
}

func lookAtReferrals(c *op.Call) (any, error) {
	return parts(c, func(of cases.ID, p cases.Part) ([]referrals.Referral, error) {
		return referrals.Look(c.Ctx, c.Tx, c.Who, of, p)
	})
}

// parts shows a part of a list of which the latest comes first.
func parts(c *op.Call, list func(cases.ID, cases.Part) ([]referrals.Referral, error)) (any, error) {
	of, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return nil, err
	}
	limit, err := c.Limit(50, 200)
	if err != nil {
		return nil, err
	}
	_, before, err := cursor(c, false)
	if err != nil {
		return nil, err
	}
	all, err := list(of, cases.Part{Before: before, Limit: limit})
	p := op.Page[referralView]{Items: op.Each(all, viewOf)}
	if len(all) == limit {
		p.Next = c.Next(string(all[limit-1].ID))
	}
	return p, err
}

// referralEvent is one thing that was done with a referral.
type referralEvent struct {
	Act   string    `json:"act"`
	State string    `json:"state"`
	Side  string    `json:"side"`
	Way   string    `json:"way,omitempty"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Why   string    `json:"why,omitempty"`
}

func eventOf(e referrals.Event) referralEvent {
	return referralEvent{string(e.Act), string(e.State), string(e.Side), e.Way, e.ByName, e.At, e.Why}
}

func listEvents(c *op.Call) (any, error) {
	r, err := found(c)
	if err != nil {
		return nil, err
	}
	all, err := referrals.Events(c.Ctx, c.Q, c.Who, r.ID)
	return op.Page[referralEvent]{Items: op.Each(all, eventOf)}, err
}

// preview is what would be shared if a draft were sent now.
type preview struct {
	Request  map[string]string `json:"request"`
	Accepted map[string]string `json:"accepted"`
}

func previewReferral(c *op.Call) (any, error) {
	r, err := found(c)
	if err != nil {
		return nil, err
	}
	if r.State != course.Drafted {
		return nil, fault.New(fault.Conflict, "referral.not_now")
	}
	sheet, err := referrals.Preview(c.Ctx, c.Q, c.Who, r)
	return preview{shown(sheet.At(sharing.Request)), shown(sheet)}, err
}
