// SPDX-License-Identifier: Apache-2.0

package near

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"fera/internal/db"
)

// Offer is a service at a location.
type Offer struct{ ID, Service string }

// Asked says which offers are wanted. What is empty is not asked.
type Asked struct {
	Need        string
	Services    string // SQL that selects the ids of the services, with its arguments
	Args        []any
	Limit, Skip int
}

// Offers returns a page of what is offered at locations now, in the order of the identifiers, and how much there is in all.
func Offers(ctx context.Context, q db.Reader, a Asked) (page []Offer, total int, err error) {
	where, values := `need = ? AND area = '*' AND location <> ''`, []any{a.Need}
	if a.Need == "" {
		where, values = `need = '*' AND area = '*' AND location <> ''`, nil // as the index has it
	}
	if a.Services != "" {
		where, values = where+` AND service_id IN (`+a.Services+`)`, append(values, a.Args...)
	}
	if err := q.QueryRow(ctx, `SELECT count(*) FROM directory_ways WHERE `+where, values...).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count offers: %w", err)
	}
	rows, err := q.Query(ctx, `SELECT offer_id, service_id FROM directory_ways WHERE `+where+` ORDER BY offer_id LIMIT ? OFFSET ?`, append(values, a.Limit, a.Skip)...)
	page, err = db.Collect(rows, err, func(row interface{ Scan(...any) error }) (o Offer, err error) { return o, row.Scan(&o.ID, &o.Service) })
	if err != nil {
		return nil, 0, fmt.Errorf("list offers: %w", err)
	}
	return page, total, nil
}

// ServiceOf returns the service of which an offer is; empty when it is not offered now.
func ServiceOf(ctx context.Context, q db.Reader, offer string) (service string, err error) {
	err = q.QueryRow(ctx, `SELECT service_id FROM directory_ways WHERE need = '*' AND area = '*' AND location <> '' AND offer_id = ?`, offer).Scan(&service)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return service, err
}
