// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"context"
	"fmt"

	"fera/internal/db"
)

// rewrapAtOnce is how many keys one transaction wraps anew, so that a rotation
// never holds up the desk.
const rewrapAtOnce = 500

// RewrapRoot wraps everything under the root key anew, with the ring's newest
// key. It is run after Ring.Rotate and may be run again at any time.
func RewrapRoot(ctx context.Context, d *db.DB) (int, error) {
	return rewrap(ctx, d, root, root)
}

// RotateOrganisation gives an organisation a fresh key and wraps its persons'
// keys under it, a few hundred at a time. Values sealed under the persons' keys
// are not touched. A rotation that was cut short is finished by the next.
func RotateOrganisation(ctx context.Context, d *db.DB, organisation string) (int, error) {
	var old []string
	var fresh string
	err := d.Maintain(ctx, func(tx *db.Tx) error {
		var err error
		if old, err = keysOf(ctx, tx, organisation); err != nil {
			return err
		}
		if len(old) == 0 {
			return fmt.Errorf("organisation %s has no key yet", organisation)
		}
		fresh, err = newOrganisationKey(ctx, tx, organisation)
		return err
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, o := range old {
		n, err := rewrap(ctx, d, o, fresh)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// rewrap moves all keys from one parent to another, in order of subject.
func rewrap(ctx context.Context, d *db.DB, from, to string) (total int, err error) {
	after := ""
	for {
		n := 0
		last := after
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			n, last = 0, after
			subjects, err := under(ctx, tx, from, after)
			if err != nil {
				return err
			}
			for _, s := range subjects {
				key, err := unwrap(ctx, tx, s)
				if err != nil {
					return err
				}
				wrapped, err := wrap(ctx, tx, to, s, key)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `UPDATE seal_keys SET parent_id = ?, wrapped = ? WHERE subject_id = ?`, to, wrapped, s); err != nil {
					return err
				}
				n, last = n+1, s
			}
			return nil
		})
		total, after = total+n, last
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func under(ctx context.Context, q db.Reader, parent, after string) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT subject_id FROM seal_keys WHERE parent_id = ? AND subject_id > ? ORDER BY subject_id LIMIT ?`, parent, after, rewrapAtOnce)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s string, err error) {
		err = row.Scan(&s)
		return s, err
	})
}

// keysOf lists all keys that an organisation ever had and that still exist.
func keysOf(ctx context.Context, q db.Reader, organisation string) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT subject_id FROM seal_keys WHERE parent_id = ? AND subject_id > ? AND subject_id < ?`,
		root, organisation+"/", organisation+"0") // "0" follows "/"
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s string, err error) {
		err = row.Scan(&s)
		return s, err
	})
}
