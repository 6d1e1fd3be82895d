// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"net/http"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/shelters"
	"fera/internal/words"
)

// stayOperations are those on the stays of a case. All of them open what is protected, so all are in the trail.
func stayOperations() []op.Operation {
	return []op.Operation{
		{Name: "look_at_stays", Method: http.MethodGet, Path: "/stays", Need: access.ReadProtected, Out: op.Holds[op.Page[stayView]](), Do: on(nil, lookAtStays)},
		{Name: "ask_for_beds", Path: "/stays", Need: access.PlaceInShelter, In: op.Sent[newStays](), Out: op.Holds[op.Page[stayView]](), Status: http.StatusCreated, Do: on(askForBeds, lookAtStays),
			Example: `{"division": "30", "nights": 10, "guests": [{"called_as": "Rina"}], "needs": "she has diabetes", "take": false}`},
		{Name: "act_on_stay", Path: "/stays/{row}", Need: access.PlaceInShelter, In: op.Sent[stayAct](), Out: op.Holds[op.Page[stayView]](), Do: on(actOnStay, lookAtStays),
			Example: `{"version": 2, "do": "extend", "day": "2026-12-20", "why": "he looks for her still"}`},
		{Name: "look_at_stay_place", Method: http.MethodGet, Path: "/stays/{row}/place", Need: access.ReadProtected, Out: op.Holds[placeOfShelter](), Do: on(nil, lookAtStayPlace)},
	}
}

// shelterOperations are those of who keeps or oversees shelters, and of who looks for a bed.
func shelterOperations() []op.Operation {
	keeps := access.ManageShelter
	return []op.Operation{
		{Name: "count_free_beds", Method: http.MethodGet, Path: "/beds", Need: access.PlaceInShelter, Params: []string{"on", "nights"}, Out: op.Holds[op.Page[shelters.Vacancy]](), Do: countFreeBeds},
		{Name: "list_shelters", Method: http.MethodGet, Path: "/shelters", Need: keeps, Out: op.Holds[op.Page[shelterView]](), Do: listShelters},
		{Name: "read_shelter_board", Method: http.MethodGet, Path: "/shelters/{id}/board", Need: keeps, Params: []string{"on", "nights"}, Out: op.Holds[shelterBoard](), Do: readShelterBoard},
		{Name: "look_at_shelter_place", Method: http.MethodGet, Path: "/shelters/{id}/place", Need: keeps, Out: op.Holds[placeOfShelter](), Writes: true, Do: lookAtShelterPlace},
		{Name: "look_at_guest", Method: http.MethodGet, Path: "/shelters/{id}/guests/{row}", Need: keeps, Out: op.Holds[stayView](), Writes: true, Do: lookAtGuest},
		{Name: "act_on_guest", Method: http.MethodPost, Path: "/shelters/{id}/guests/{row}", Need: keeps, Keyed: true, In: op.Sent[stayAct](), Out: op.Holds[stayView](), Writes: true, Do: actOnGuest,
			Example: `{"version": 2, "do": "leave", "day": "2026-12-20", "why": "in hospital"}`},
	}
}

// stayView is a stay, to who may know of it.
type stayView struct {
	ID         string        `json:"id"`
	Ref        string        `json:"ref"`
	Code       string        `json:"code"`
	State      string        `json:"state"`
	Client     string        `json:"client,omitempty"`
	Shelter    string        `json:"shelter,omitempty"`
	Bed        string        `json:"bed,omitempty"`
	Sex        string        `json:"sex"`
	AgeGroup   string        `json:"age_group"`
	Accessible bool          `json:"accessible"`
	From       dates.Partial `json:"from"`
	Until      dates.Partial `json:"until,omitzero"`
	BackOn     dates.Partial `json:"back_on,omitzero"`
	CalledAs   string        `json:"called_as,omitempty"`
	Needs      string        `json:"needs,omitempty"`
	Leaving    *leaving      `json:"leaving,omitempty"`
	Possible   []string      `json:"possible"`
	Version    int           `json:"version"`
}

func stayOf(c *op.Call, s shelters.Stay) (stayView, error) {
	v := stayView{ID: string(s.ID), Ref: s.Ref, Code: s.Code(), State: string(s.State), Client: s.Client, Shelter: s.House, Bed: s.In(), Sex: string(s.Sex), AgeGroup: string(s.Age), Accessible: s.Accessible,
		From: s.From, Until: s.Until, BackOn: s.BackOn, CalledAs: s.CalledAs, Needs: s.Needs, Possible: []string{}, Version: s.Version}
	if p := s.Plan; p != nil {
		v.Leaving = &leaving{p.To, p.Where, p.With, p.Safe, p.Risks, p.Support, p.FollowUp}
	}
	_, possible, err := shelters.PossibleNow(c.Ctx, c.Q, c.Who, s.ID)
	if fault.KindOf(err) == fault.NotFound {
		err = nil // by the glass she sees it, and may do nothing
	}
	for _, a := range possible {
		v.Possible = append(v.Possible, string(a))
	}
	return v, err
}

func lookAtStays(c *op.Call, id cases.ID) (any, error) {
	all, err := shelters.LookAtStays(c.Ctx, c.Tx, c.Who, id)
	if err != nil {
		return nil, err
	}
	p := op.Page[stayView]{Items: []stayView{}}
	for _, s := range all {
		v, err := stayOf(c, s)
		if err != nil {
			return nil, err
		}
		p.Items = append(p.Items, v)
	}
	return p, nil
}

// newStays asks for beds for those who come together.
type newStays struct {
	Division string        `json:"division"`
	From     dates.Partial `json:"from,omitzero"`
	Nights   int           `json:"nights,omitzero"`
	Guests   []newGuest    `json:"guests"`
	Needs    string        `json:"needs,omitempty"`
	Take     bool          `json:"take"`
}

// newGuest is one of them.
type newGuest struct {
	Client     string `json:"client,omitempty"`
	Sex        string `json:"sex,omitempty"`
	AgeGroup   string `json:"age_group,omitempty"`
	Accessible bool   `json:"accessible,omitzero"`
	CalledAs   string `json:"called_as,omitempty"`
}

func askForBeds(c *op.Call, id cases.ID) error {
	b := c.Body.(*newStays)
	made, err := shelters.Ask(c.Ctx, c.Tx, c.Who, shelters.Asking{Case: id, Division: b.Division, From: b.From, Nights: b.Nights, Needs: b.Needs, Guests: op.Each(b.Guests, func(g newGuest) shelters.Guest {
		return shelters.Guest{Client: g.Client, Sex: persons.Sex(g.Sex), Age: shelters.Age(g.AgeGroup), Accessible: g.Accessible, CalledAs: g.CalledAs}
	})})
	if err != nil || !b.Take {
		return err
	}
	return shelters.FindBed(c.Ctx, c.Tx, c.Who, shelters.Acting{Stay: made[0]})
}

// stayAct is one act on a stay; see Possible of the stay for their names.
type stayAct struct {
	Version int           `json:"version"`
	Do      string        `json:"do"`
	Day     dates.Partial `json:"day,omitzero"`
	Why     string        `json:"why,omitempty"`
	Bed     string        `json:"bed,omitempty"`
	Leaving *leaving      `json:"leaving,omitempty"`
}

// Check implements op.Checked.
func (b *stayAct) Check() *fault.Error { return op.Based(b.Version) }

// leaving is how somebody leaves a shelter.
type leaving struct {
	Destination string        `json:"destination"`
	Where       string        `json:"where"`
	With        string        `json:"with,omitempty"`
	Safe        string        `json:"safe"`
	Risks       string        `json:"risks,omitempty"`
	Support     string        `json:"support,omitempty"`
	FollowUp    dates.Partial `json:"follow_up,omitzero"`
}

// do does the act on a stay.
func (b *stayAct) do(c *op.Call, id shelters.StayID) error {
	a := shelters.Acting{Stay: id, Version: b.Version}
	because, in := shelters.Reasoned{Acting: a, Why: b.Why, Day: b.Day}, shelters.Placing{Acting: a, Bed: b.Bed, Why: b.Why}
	switch shelters.Act(b.Do) {
	case shelters.Take:
		return shelters.FindBed(c.Ctx, c.Tx, c.Who, a)
	case shelters.Place:
		return shelters.PutIn(c.Ctx, c.Tx, c.Who, in)
	case shelters.Arrive:
		return shelters.Admit(c.Ctx, c.Tx, c.Who, a)
	case shelters.Extend:
		return shelters.Prolong(c.Ctx, c.Tx, c.Who, because)
	case shelters.Move:
		return shelters.Rehouse(c.Ctx, c.Tx, c.Who, in)
	case shelters.Leave:
		return shelters.GoAway(c.Ctx, c.Tx, c.Who, because)
	case shelters.Return:
		return shelters.ComeBack(c.Ctx, c.Tx, c.Who, a)
	case shelters.Gone:
		return shelters.NoteGone(c.Ctx, c.Tx, c.Who, because)
	case shelters.Undo:
		return shelters.TakeOut(c.Ctx, c.Tx, c.Who, because)
	case shelters.Cancel:
		return shelters.CallOff(c.Ctx, c.Tx, c.Who, because)
	case shelters.Discharge:
		if b.Leaving == nil {
			return fault.New(fault.Invalid, "fault.needed").On("leaving")
		}
		l := b.Leaving
		return shelters.SeeOff(c.Ctx, c.Tx, c.Who, shelters.Discharging{Acting: a, Language: words.Bangla,
			Plan: shelters.Plan{To: l.Destination, Where: l.Where, With: l.With, Safe: l.Safe, Risks: l.Risks, Support: l.Support, FollowUp: l.FollowUp}})
	}
	return fault.New(fault.Invalid, "fault.bad_choice").On("do")
}

// stayIn reads which stay of a case is meant.
func stayIn(c *op.Call, of cases.ID) (shelters.StayID, error) {
	if _, err := cases.Find(c.Ctx, c.Q, c.Who, of); err != nil {
		return "", err
	}
	id, err := op.PathID[shelters.StayID](c, "row", "shelter.stay_not_found")
	if err != nil {
		return "", err
	}
	s, _, err := shelters.PossibleNow(c.Ctx, c.Q, c.Who, id)
	if err == nil && s.Case != of {
		err = fault.New(fault.NotFound, "shelter.stay_not_found")
	}
	return id, err
}

func actOnStay(c *op.Call, of cases.ID) error {
	id, err := stayIn(c, of)
	if err != nil {
		return err
	}
	return c.Body.(*stayAct).do(c, id)
}

// placeOfShelter is where a shelter is.
type placeOfShelter struct {
	Address    string `json:"address"`
	Telephone  string `json:"telephone"`
	Directions string `json:"directions,omitempty"`
}

func lookAtStayPlace(c *op.Call, of cases.ID) (any, error) {
	id, err := stayIn(c, of)
	if err != nil {
		return nil, err
	}
	_, at, err := shelters.LookForStay(c.Ctx, c.Tx, c.Who, id)
	return placeOfShelter{at.Address, at.Telephone, at.Directions}, err
}

func countFreeBeds(c *op.Call) (op.Answer, error) {
	from, err := c.Day("on")
	if err != nil {
		return op.Answer{}, err
	}
	nights, err := c.Number("nights", 1, 1, 365)
	if err != nil {
		return op.Answer{}, err
	}
	all, err := shelters.Free(c.Ctx, c.Q, c.Who, from, nights)
	return op.Answer{Body: op.Page[shelters.Vacancy]{Items: op.Each(all, func(v shelters.Vacancy) shelters.Vacancy { return v })}}, err
}

// shelterView is a shelter, without where it is.
type shelterView struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Division    string `json:"division"`
	UsualNights int    `json:"usual_nights"`
	MoreNights  int    `json:"more_nights"`
	Shared      bool   `json:"shared"`
	Runs        bool   `json:"runs"`
	Closed      bool   `json:"closed"`
}

func shelterOf(s shelters.Shelter) shelterView {
	return shelterView{string(s.ID), s.Name, s.Division, s.Days, s.Extension, s.Shared, s.Runs, !s.ClosedAt.IsZero()}
}

func listShelters(c *op.Call) (op.Answer, error) {
	all, err := shelters.List(c.Ctx, c.Q, c.Who)
	return op.Answer{Body: op.Page[shelterView]{Items: op.Each(all, shelterOf)}}, err
}

// holdView is somebody who has a bed or waits for one, without who it is.
type holdView struct {
	Ref        string        `json:"ref,omitempty"`
	Code       string        `json:"code,omitempty"`
	State      string        `json:"state"`
	Sex        string        `json:"sex,omitempty"`
	AgeGroup   string        `json:"age_group,omitempty"`
	Accessible bool          `json:"accessible,omitzero"`
	From       dates.Partial `json:"from,omitzero"`
	Until      dates.Partial `json:"until,omitzero"`
}

func holdOf(h shelters.Hold) holdView {
	return holdView{h.Ref, h.Code(), string(h.State), string(h.Sex), string(h.Age), h.Accessible, h.From, h.Until}
}

// bedLine is a bed on the board: for each night where who lies in it stands, or nothing.
type bedLine struct {
	ID         string   `json:"id"`
	Room       string   `json:"room"`
	Serves     string   `json:"serves"`
	Bed        string   `json:"bed"`
	Accessible bool     `json:"accessible"`
	Unused     bool     `json:"unused"`
	Taken      []string `json:"taken"`
}

// shelterBoard is the beds of a shelter for some nights.
type shelterBoard struct {
	Shelter shelterView     `json:"shelter"`
	Nights  []dates.Partial `json:"nights"`
	Beds    []bedLine       `json:"beds"`
	Here    []holdView      `json:"here"`
	Wanted  []holdView      `json:"wanted"`
}

func readShelterBoard(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[shelters.ID](c, "id", "shelter.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	from, err := c.Day("on")
	if err != nil {
		return op.Answer{}, err
	}
	nights, err := c.Number("nights", 7, 1, 31)
	if err != nil {
		return op.Answer{}, err
	}
	b, err := shelters.ReadBoard(c.Ctx, c.Q, c.Who, shelters.Viewing{Shelter: id, From: from, Days: nights})
	v := shelterBoard{Shelter: shelterOf(b.Shelter), Nights: b.Days, Here: op.Each(b.Now, holdOf), Wanted: op.Each(b.Wanted, holdOf), Beds: []bedLine{}}
	for _, l := range b.Lines {
		line := bedLine{l.Bed.ID, l.Room.Label, string(l.Room.Serves), l.Bed.Label, l.Bed.Accessible, l.Bed.Unused, nil}
		for _, h := range l.Nights {
			state := ""
			if h != nil {
				state = string(h.State)
			}
			line.Taken = append(line.Taken, state)
		}
		v.Beds = append(v.Beds, line)
	}
	return op.Answer{Body: v}, err
}

func lookAtShelterPlace(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[shelters.ID](c, "id", "shelter.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	at, err := shelters.Look(c.Ctx, c.Tx, c.Who, id)
	return op.Answer{Body: placeOfShelter{at.Address, at.Telephone, at.Directions}}, err
}

// reference reads the reference of a hold in the path.
func reference(c *op.Call) (string, error) {
	ref := c.Path("row")
	if len(ref) > 40 || ref == "" {
		return "", fault.New(fault.NotFound, "shelter.stay_not_found")
	}
	for _, r := range ref {
		if (r < '0' || r > '9') && (r < 'A' || r > 'V') {
			return "", fault.New(fault.NotFound, "shelter.stay_not_found")
		}
	}
	return ref, nil
}

func lookAtGuest(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[shelters.ID](c, "id", "shelter.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	ref, err := reference(c)
	if err != nil {
		return op.Answer{}, err
	}
	s, err := shelters.LookAtGuest(c.Ctx, c.Tx, c.Who, id, ref)
	if err != nil {
		return op.Answer{}, err
	}
	v, err := stayOf(c, s)
	return op.Answer{Body: v}, err
}

// actOnGuest does an act of a keeper. When it took the stay out of her sight, as when it waits for a bed of any shelter again, the answer is empty.
func actOnGuest(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[shelters.ID](c, "id", "shelter.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	ref, err := reference(c)
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Repeated(ref)
	if err != nil {
		return op.Answer{}, err
	}
	if !replayed {
		s, err := shelters.LookAtGuest(c.Ctx, c.Tx, c.Who, id, ref)
		if err != nil {
			return op.Answer{}, err
		}
		if err := c.Body.(*stayAct).do(c, s.ID); err != nil {
			return op.Answer{}, err
		}
	}
	a, err := lookAtGuest(c)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return op.Answer{Status: http.StatusNoContent, Replayed: replayed}, nil
	}
	a.Replayed = replayed
	return a, err
}
