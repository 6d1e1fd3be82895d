// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"fera/internal/db"
)

// Whoever knows the address of some pages is let in. What was asked for there and never made is counted by network, with means of the
// sign-in and so generously that a village behind one address may mistype what it likes. What was made is answered all the same: it
// cannot be guessed, and nobody is shut out by what her neighbours, or their telephones, try.
func missing(network string) counter {
	return counter{"x:" + network, 100, time.Minute, 15 * time.Minute}
}

// pressing counts how often one thing is used by whoever holds its address.
func pressing(address string) counter {
	return counter{"u:" + hashToken(address), 40, 15 * time.Minute, time.Hour}
}

// Missed counts that something was asked for from a network that nobody made, or that is no more. It returns for how long the network
// is to be refused; while it is, nothing is written.
func Missed(ctx context.Context, d *db.DB, network string) (waits time.Duration, err error) {
	c := missing(network)
	err = d.Read(ctx, func(q db.Reader) (err error) {
		waits, err = c.left(ctx, q)
		return err
	})
	if err != nil || waits > 0 {
		return waits, err
	}
	if err = d.Maintain(ctx, func(tx *db.Tx) error { return c.count(ctx, tx) }); err != nil {
		return 0, fmt.Errorf("count what was missed: %w", err)
	}
	return 0, nil
}

// Pressed counts that what is at a secret address was used, and returns for how long it is to be refused when that was too often.
func Pressed(ctx context.Context, tx *db.Tx, address string) (waits time.Duration, err error) {
	c := pressing(address)
	if waits, err = c.left(ctx, tx); err != nil || waits > 0 {
		return waits, err
	}
	return 0, c.count(ctx, tx)
}

// left returns how long a counter refuses still.
func (c counter) left(ctx context.Context, q db.Reader) (time.Duration, error) {
	var until time.Time
	err := q.QueryRow(ctx, `SELECT until FROM sign_in_failures WHERE counter = ?`, c.name).Scan(db.Time(&until))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return max(until.Sub(q.Now()), 0), err
}

// NetworkOf is the /24 or /64 that an address lies in: as much as is kept of where somebody comes from.
func NetworkOf(from netip.Addr) string {
	from = from.Unmap().WithZone("")
	bits := 64
	if from.Is4() {
		bits = 24
	}
	near, err := from.Prefix(bits)
	if err != nil {
		return "?"
	}
	return near.String()
}
