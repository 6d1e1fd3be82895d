// SPDX-License-Identifier: Apache-2.0

package procedures_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/services"
	"fera/internal/worldtest"
)

// lubna supervises beside Chandra.
func lubna() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000012", Name: "Lubna", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.Supervisor, access.OfOrganisation(worldtest.Aparajita))
	return a
}

// signature is a picture as a telephone takes it.
func signature(t *testing.T) files.Content {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	c, err := files.Read(files.Document, b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A woman returns in distress. She is screened, sheltered, counselled, gets legal advice and a plan with her mother, and starts a
// shop with a grant that two others allow; it is reviewed, the case is closed, and taken up again. At each step Basil, of
// another organisation, tries the same, and to him there is nothing. In the end the trail holds.
func TestAWomanReturns(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d, lubna())
		ctx, amina, basil, chandra := t.Context(), worldtest.Amina(), worldtest.Basil(), worldtest.Chandra()
		var p persons.ID
		var id cases.ID
		var mother string
		var signed files.ID
		var grant services.ID
		r := worldtest.Rahima()
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		r.Relations = []persons.Relation{{Relation: "mother", Name: "Ayesha Khatun", LivesWith: true}}
		r.Journeys = []persons.Journey{{Country: "SA", Returned: dates.Partial{Year: 2030, Month: 3, Day: 4}, Circumstances: &persons.Circumstances{Happened: []string{"beaten"}, Account: "so it was"}}}
		dbtest.Write(t, d, func(tx *db.Tx) (err error) { p, err = persons.Register(ctx, tx, amina, r); return err })
		give := func(who access.Actor, tx *db.Tx, g services.Giving) error {
			g.Case = id
			given, err := services.Log(ctx, tx, who, g)
			if g.Amount > 0 && err == nil {
				grant = given
			}
			return err
		}
		shop := plans.Goal{Dimension: plans.Economic, Level: plans.Family, Words: "a shop with my mother", Steps: []plans.Step{{What: "rent the room", Who: "returnee", By: dates.Partial{Year: 2030, Month: 4, Day: 1}}}}
		sleep := plans.Goal{Dimension: plans.Psychosocial, Level: plans.Individual, Words: "to sleep", Steps: []plans.Step{{What: "talk", Who: "worker", By: dates.Partial{Year: 2030, Month: 4, Day: 1}}}}
		say := func(who access.Actor, tx *db.Tx) error {
			all, err := cases.Approvals(ctx, tx, who, id)
			if err != nil {
				return err
			}
			_, err = cases.Say(ctx, tx, who, cases.Deciding{Approval: all[len(all)-1].ID, Yes: true})
			return err
		}
		for _, step := range []struct {
			name string
			by   access.Actor
			days int
			do   func(who access.Actor, tx *db.Tx) error
		}{
			{"opens the case", amina, 0, func(who access.Actor, tx *db.Tx) error {
				opened, err := cases.Open(ctx, tx, who, cases.Opening{Person: p, Programme: "reintegration", Origin: "airport", Why: "came home with nothing"})
				if err == nil {
					id = opened
				}
				return err
			}},
			{"takes it", amina, 0, func(who access.Actor, tx *db.Tx) error { return cases.TakeUp(ctx, tx, who, id, 0) }},
			{"rates it", amina, 0, func(who access.Actor, tx *db.Tx) error {
				return cases.Rate(ctx, tx, who, cases.Rating{Case: id, Risk: cases.Critical, Why: "she was beaten, and the agent knows where she lives"})
			}},
			{"shelters her", amina, 0, func(who access.Actor, tx *db.Tx) error {
				return give(who, tx, services.Giving{Code: "shelter_night", Quantity: 3})
			}},
			{"counsels her", amina, 1, func(who access.Actor, tx *db.Tx) error {
				return give(who, tx, services.Giving{Code: "counselling_individual", Notes: "she spoke of the house"})
			}},
			{"gives legal advice", amina, 1, func(who access.Actor, tx *db.Tx) error { return give(who, tx, services.Giving{Code: "legal_advice"}) }},
			{"makes the mother a client", amina, 1, func(who access.Actor, tx *db.Tx) error {
				her, err := persons.Find(ctx, tx, who, p)
				if err != nil {
					return err
				}
				mother, err = cases.Include(ctx, tx, who, id, her.Relations[0].ID)
				return err
			}},
			{"draws the plan", amina, 1, func(who access.Actor, tx *db.Tx) error {
				shop.Client = mother
				_, err := plans.Draw(ctx, tx, who, plans.Drawing{Case: id, Goals: []plans.Goal{shop, sleep}})
				return err
			}},
			{"keeps what she signed", amina, 0, func(who access.Actor, tx *db.Tx) error {
				f, err := persons.AddFile(ctx, tx, who, files.Upload{Person: string(p), Kind: files.Document, Title: "plan", Content: signature(t)})
				if err == nil {
					signed = f
				}
				return err
			}},
			{"agrees on the plan", amina, 0, func(who access.Actor, tx *db.Tx) error {
				return plans.Agree(ctx, tx, who, plans.Agreement{Case: id, Version: 1, How: "paper", File: signed})
			}},
			{"starts it", amina, 1, func(who access.Actor, tx *db.Tx) error { return cases.Begun(ctx, tx, who, id, 0) }},
			{"asks for the grant", amina, 1, func(who access.Actor, tx *db.Tx) error {
				return give(who, tx, services.Giving{Code: "business_grant", Amount: 3_000_000, Conditions: []string{"returned", "business_plan"}, Papers: []string{"nid"}, Remark: "shelves and first goods"})
			}},
			{"allows it", chandra, 1, say},
			{"allows it too", lubna(), 0, say},
			{"pays it", amina, 1, func(who access.Actor, tx *db.Tx) error {
				return services.Pay(ctx, tx, who, services.Paying{Service: grant, Receipt: "R-17"})
			}},
			{"reviews the plan", amina, 90, func(who access.Actor, tx *db.Tx) error {
				all, err := plans.Reviews(ctx, tx, who, id)
				if err != nil {
					return err
				}
				return plans.Hold(ctx, tx, who, plans.Reviewing{Case: id, Review: all[0].ID, Found: "the shop feeds four"})
			}},
			{"closes the case", amina, 90, func(who access.Actor, tx *db.Tx) error {
				_, err := cases.Shut(ctx, tx, who, cases.Closing{Case: id, Code: "goals_reached", Duties: []string{"prepared", "last_review", "where_to_turn"}, Why: "she stands on her own feet"})
				return err
			}},
			{"opens it again", amina, 60, func(who access.Actor, tx *db.Tx) error {
				return cases.TakeUpAgain(ctx, tx, who, cases.Reopening{Case: id, Why: "the flood took the shop"})
			}},
		} {
			clock.Move(time.Duration(step.days)*24*time.Hour + time.Minute)
			if err := d.Write(ctx, func(tx *db.Tx) error { return step.do(basil, tx) }); err == nil || fault.KindOf(err) != fault.NotFound {
				t.Errorf("Basil %s: %v, want that there is nothing", step.name, err)
			}
			if err := d.Write(ctx, func(tx *db.Tx) error { return step.do(step.by, tx) }); err != nil {
				t.Fatalf("%s %s: %v", step.by.Name, step.name, err)
			}
		}
		if n, err := audit.Seal(ctx, d); err != nil || n < 20 {
			t.Errorf("sealed %d entries, %v", n, err)
		}
		if err := d.Read(ctx, func(q db.Reader) error {
			c, err := cases.Find(ctx, q, chandra, id)
			if err != nil || c.Status != cases.Assigned || c.Openings != 2 {
				t.Errorf("in the end the case is %+v, %v", c, err)
			}
			report, err := audit.Verify(ctx, q)
			if err == nil && (!report.Holds() || report.Entries < 20) {
				t.Errorf("the trail does not hold: %+v", report)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
