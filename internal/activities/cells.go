// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
)

// Unknown stands in a cell for what was not counted. It is a part like the others and never left out.
const Unknown = "unknown"

// Sexes returns the parts by sex, in the order in which they are shown.
func Sexes() []string { return []string{"female", "male", "other", Unknown} }

// Ages returns the parts by age.
func Ages() []string { return []string{"0_17", "18_24", "25_34", "35_49", "50_up", Unknown} }

// Disabilities returns the parts by disability.
func Disabilities() []string { return []string{"yes", "no", Unknown} }

// Cell is how many of one sex, age and disability were there.
type Cell struct {
	Sex        string `json:"sex"`
	Age        string `json:"age"`
	Disability string `json:"disability"`
	People     int    `json:"people"`
}

func (c Cell) key() string { return c.Sex + " " + c.Age + " " + c.Disability }

// gather checks cells and puts those of the same parts together; empty parts are unknown.
func gather(all []Cell) (some []Cell, f *fault.Error) {
	total := 0
	for _, c := range all {
		c.Sex, c.Age, c.Disability = cmp.Or(c.Sex, Unknown), cmp.Or(c.Age, Unknown), cmp.Or(c.Disability, Unknown)
		if !slices.Contains(Sexes(), c.Sex) || !slices.Contains(Ages(), c.Age) || !slices.Contains(Disabilities(), c.Disability) {
			return nil, fault.New(fault.Invalid, "fault.bad_choice").On("cells")
		}
		if c.People < 0 || c.People > mostPeople {
			return nil, fault.New(fault.Invalid, "fault.bad_number").On("cells")
		}
		total += c.People
		if i := slices.IndexFunc(some, func(o Cell) bool { return o.key() == c.key() }); i >= 0 {
			some[i].People += c.People
		} else if c.People > 0 {
			some = append(some, c)
		}
	}
	if total > mostPeople {
		return nil, fault.New(fault.Invalid, "fault.bad_number").On("cells")
	}
	slices.SortFunc(some, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(slices.Index(Sexes(), a.Sex), slices.Index(Sexes(), b.Sex)), cmp.Compare(slices.Index(Ages(), a.Age), slices.Index(Ages(), b.Age)),
			cmp.Compare(slices.Index(Disabilities(), a.Disability), slices.Index(Disabilities(), b.Disability)))
	})
	return some, nil
}

func sum(all []Cell) (n int) {
	for _, c := range all {
		n += c.People
	}
	return n
}

// BySex returns how many of each sex there were; all of them together are the sum.
func BySex(all []Cell) map[string]int {
	parts := map[string]int{}
	for _, c := range all {
		parts[c.Sex] += c.People
	}
	return parts
}

// band is the part by age of somebody whose birth is known as far as it is, on a day.
func band(birth, on dates.Partial) string {
	if birth.IsZero() {
		return Unknown
	}
	least, most := birth.Age(on)
	if a, b := bandOf(least), bandOf(most); a == b {
		return a
	}
	return Unknown
}

func bandOf(age int) string {
	switch {
	case age < 18:
		return "0_17"
	case age < 25:
		return "18_24"
	case age < 35:
		return "25_34"
	case age < 50:
		return "35_49"
	}
	return "50_up"
}

func (a Act) keepCells(ctx context.Context, tx *db.Tx, cells []Cell) error {
	if _, err := tx.Exec(ctx, `DELETE FROM activity_cells WHERE activity_id = ?`, string(a.ID)); err != nil {
		return fmt.Errorf("keep cells: %w", err)
	}
	if len(cells) == 0 {
		return nil
	}
	args := make([]any, 0, 5*len(cells))
	for _, c := range cells {
		args = append(args, string(a.ID), c.Sex, c.Age, c.Disability, c.People)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO activity_cells (activity_id, sex, age, disability, people) VALUES `+db.Values(len(cells), 5), args...); err != nil {
		return fmt.Errorf("keep cells: %w", err)
	}
	return nil
}

func cellsOf(ctx context.Context, q db.Reader, id ID) ([]Cell, error) {
	rows, err := q.Query(ctx, `SELECT sex, age, disability, people FROM activity_cells WHERE activity_id = ?`, string(id))
	all, err := db.Collect(rows, err, scanCell)
	if err != nil {
		return nil, fmt.Errorf("read cells: %w", err)
	}
	all, _ = gather(all)
	return all, nil
}

func scanCell(row interface{ Scan(...any) error }) (c Cell, err error) {
	err = row.Scan(&c.Sex, &c.Age, &c.Disability, &c.People)
	return c, err
}
