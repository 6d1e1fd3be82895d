// SPDX-License-Identifier: Apache-2.0

package op

import (
	"github.com/go-json-experiment/json"

	keys "fera/internal/operations"
)

// Done reports whether who did an act under this key before.
func (c *Call) Done() (bool, error) {
	if c.Key == "" {
		return false, nil
	}
	var n int
	err := c.Tx.QueryRow(c.Ctx, `SELECT count(*) FROM operations WHERE actor_id = ? AND id = ?`, c.Who.ID, c.Key).Scan(&n)
	return n > 0, err
}

// Repeated reports whether who did this act under this key before, and otherwise enters it; on a subject that the act itself
// checks, in the same transaction.
func (c *Call) Repeated(subject string) (bool, error) {
	if c.Key == "" {
		return false, nil
	}
	content, err := json.Marshal(map[string]any{"path": c.R.URL.Path, "body": c.Body}, json.Deterministic(true))
	if err != nil {
		return false, err
	}
	earlier, err := keys.Once(c.Ctx, c.Tx, c.Who, c.Key, subject, content)
	if earlier != "" {
		c.Tx.Allowed()
		c.Tx.Recorded() // the trail has the act already
	}
	return earlier != "", err
}

// Setting makes an operation of an act and of the list that is shown after it.
func Setting(act func(*Call) error, show func(*Call) (Answer, error)) func(*Call) (Answer, error) {
	return func(c *Call) (Answer, error) {
		replayed, err := c.Repeated(c.Op.Name)
		if err == nil && !replayed {
			err = act(c)
		}
		if err != nil {
			return Answer{}, err
		}
		a, err := show(c)
		a.Status, a.Replayed = c.Op.Answers(), replayed
		return a, err
	}
}
