// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"context"
	"errors"
	"fmt"

	"fera/internal/db"
	"fera/internal/indicators/facts"
)

// Forget takes what is counted of a record, and of those that are of one person
// with it, out of the totals. It comes before the record's key is destroyed; what
// is left of her is counted again when the trail is followed.
func Forget(ctx context.Context, tx *db.Tx, record string) error {
	records, _, err := together(ctx, tx, []string{record})
	if err != nil {
		return fmt.Errorf("forget what was counted: %w", err)
	}
	before, err := keptOf(ctx, tx, records)
	if errors.Is(err, errLost) {
		return nil // its key is gone already: all is counted anew when the trail is followed
	}
	if err != nil {
		return fmt.Errorf("forget what was counted: %w", err)
	}
	change := facts.Totals{}
	if err := exchange(ctx, tx, change, before, nil); err != nil {
		return err
	}
	return apply(ctx, tx, change)
}
