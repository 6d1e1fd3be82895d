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

// answer does the operation: by itself, or the act once and then what is shown.
func (o *Operation) answer(c *Call) (Answer, error) {
	if o.Do != nil {
		return o.Do(c)
	}
	c.Made = "" // this may be the second time
	replayed, err := o.act(c)
	if err != nil {
		return Answer{}, err
	}
	body, err := o.Show(c)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Status: o.Answers(), Body: body, Replayed: replayed}
	if file, is := body.([]byte); is {
		a.Body, a.File = nil, file
	}
	if c.Made != "" {
		a.Location = Prefix + c.Made
	}
	if p, ok := body.(interface{ Following() string }); ok {
		a.Next = p.Following()
	}
	return a, nil
}

// act does the act, if there is one, unless it was done under this key before.
func (o *Operation) act(c *Call) (replayed bool, err error) {
	switch {
	case o.Act == nil:
		return false, nil
	case o.Own:
		if replayed, err = c.Done(); err == nil {
			err = o.Act(c)
		}
	default:
		if replayed, err = c.Repeated(o.Name); err == nil && !replayed {
			err = o.Act(c)
		}
	}
	return replayed, err
}
