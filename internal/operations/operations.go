// SPDX-License-Identifier: Apache-2.0

// Package operations makes every act repeatable: an act carries an operation id,
// minted by whoever asks for it. The same operation with the same content is
// answered "same"; other content under one id is a conflict.
package operations

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
)

// Lasts is how long an operation is remembered: longer than any device or
// system may wait before it sends an act again.
const Lasts = 90 * 24 * time.Hour

// Sweep forgets operations that nobody will send again.
func Sweep(ctx context.Context, d *db.DB) error {
	for {
		var n int64
		err := d.Maintain(ctx, func(tx *db.Tx) (err error) {
			n, err = tx.Exec(ctx, `DELETE FROM operations WHERE (actor_id, id) IN (SELECT actor_id, id FROM operations WHERE at < ? ORDER BY at LIMIT ?)`, tx.Now().Add(-Lasts), sweepAtOnce)
			return err
		})
		if err != nil {
			return fmt.Errorf("sweep operations: %w", err)
		}
		if n < sweepAtOnce {
			return nil
		}
	}
}

// sweepAtOnce is how many one transaction forgets, so that the desk does not wait.
const sweepAtOnce = 500

// Longest is the longest operation id accepted.
const Longest = 100

// Once looks up whether who has done this operation before. If so it returns the
// id of what the operation made. If not, the operation is entered under that id,
// in the act's own transaction. An empty id is an act that nobody will repeat.
func Once(ctx context.Context, tx *db.Tx, who access.Actor, id, subject string, content []byte) (earlier string, err error) {
	if id == "" {
		return "", nil
	}
	if len(id) > Longest {
		return "", fault.New(fault.Invalid, "fault.too_long").With("max", Longest).On("Idempotency-Key")
	}
	digest, err := digestOf(tx, content)
	if err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, `INSERT INTO operations (actor_id, id, digest, subject, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		who.ID, id, digest, subject, tx.Now())
	if err != nil || n > 0 {
		return "", err
	}
	var before string
	err = tx.QueryRow(ctx, `SELECT digest, subject FROM operations WHERE actor_id = ? AND id = ?`, who.ID, id).Scan(&before, &earlier)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("operation %s vanished", id)
	}
	if err != nil {
		return "", err
	}
	if before != digest {
		return "", fault.New(fault.Conflict, "operation.reused").On("Idempotency-Key")
	}
	return earlier, nil
}

// digestOf is a keyed hash: a plain one would let who reads the database guess
// what was sent, also of a person who was erased since.
func digestOf(tx *db.Tx, content []byte) (string, error) {
	keys, ok := tx.Keys().(interface{ MacKey() []byte })
	if !ok {
		return "", errors.New("the database was opened without its keys")
	}
	m := hmac.New(sha256.New, keys.MacKey())
	m.Write([]byte("operation\x00"))
	m.Write(content)
	return hex.EncodeToString(m.Sum(nil)[:16]), nil
}
