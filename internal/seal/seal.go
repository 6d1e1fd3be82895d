// SPDX-License-Identifier: Apache-2.0

// Package seal encrypts what must not be read from the disk.
//
// Each person has a data key of her own. It is wrapped by her organisation's
// key, and that by the root key, which lives in a file beside the database.
// Destroying the person's key makes everything sealed under it unreadable for
// good, in every copy. A sealed value is tied to its place (table, column, row),
// so one that is moved does not open.
//
// It defends against the thief of a disk or a backup and against who reads the
// database. It does not defend against who holds the running server.
package seal

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
)

// System is the subject whose key seals secrets that belong to no person, such
// as the seeds of second factors.
const System = "system"

// blind is the subject whose key makes blind indexes.
const blind = "blind"

// root is the parent of organisations' and the system's keys.
const root = "root"

func publicOf(seed []byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}

// Prepare makes the keys that the program itself needs, once for a database.
func Prepare(ctx context.Context, d *db.DB) error {
	return d.Maintain(ctx, func(tx *db.Tx) error {
		for _, subject := range []string{System, blind} {
			if err := makeKey(ctx, tx, root, subject); err != nil {
				return fmt.Errorf("prepare keys: %w", err)
			}
		}
		return nil
	})
}

// NewKey makes the data key of a subject under an organisation's key, which is
// made first when it is the organisation's first.
func NewKey(ctx context.Context, tx *db.Tx, organisation, subject string) error {
	var parent string
	err := tx.QueryRow(ctx, `SELECT key_id FROM seal_current WHERE organisation_id = ?`, organisation).Scan(&parent)
	if errors.Is(err, sql.ErrNoRows) {
		parent, err = newOrganisationKey(ctx, tx, organisation)
	}
	if err != nil {
		return fmt.Errorf("find key of organisation: %w", err)
	}
	return makeKey(ctx, tx, parent, subject)
}

func newOrganisationKey(ctx context.Context, tx *db.Tx, organisation string) (string, error) {
	id := organisation + "/" + ids.New(tx.Now())
	if err := makeKey(ctx, tx, root, id); err != nil {
		return "", err
	}
	_, err := tx.Exec(ctx, `INSERT INTO seal_current (organisation_id, key_id) VALUES (?, ?)
		ON CONFLICT (organisation_id) DO UPDATE SET key_id = excluded.key_id`, organisation, id)
	return id, err
}

func makeKey(ctx context.Context, tx *db.Tx, parent, subject string) error {
	key := make([]byte, 32)
	rand.Read(key)
	wrapped, err := wrap(ctx, tx, parent, subject, key)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO seal_keys (subject_id, parent_id, wrapped, made_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		subject, parent, wrapped, tx.Now())
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Memo(keyOf(subject), func() (any, error) { return subtle.NewAESGCM(key) })
	return err
}

// keyOf is the name under which a transaction remembers a subject's key.
type keyOf string

// ErrErased says that the subject's key was destroyed, or never was.
var ErrErased = errors.New("the key is gone")

func cipherOf(ctx context.Context, q db.Reader, subject string) (tink.AEAD, error) {
	c, err := q.Memo(keyOf(subject), func() (any, error) {
		key, err := unwrap(ctx, q, subject)
		if err != nil {
			return nil, err
		}
		return subtle.NewAESGCM(key)
	})
	if err != nil {
		return nil, err
	}
	return c.(tink.AEAD), nil
}

func unwrap(ctx context.Context, q db.Reader, subject string) ([]byte, error) {
	var parent string
	var wrapped []byte
	err := q.QueryRow(ctx, `SELECT parent_id, wrapped FROM seal_keys WHERE subject_id = ?`, subject).Scan(&parent, &wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrErased
	}
	if err != nil {
		return nil, err
	}
	if parent == root {
		return ringOf(q).Unwrap(wrapped, subject)
	}
	c, err := organisationCipher(ctx, q, parent)
	if err != nil {
		return nil, err
	}
	return c.Decrypt(wrapped, []byte(subject))
}

func wrap(ctx context.Context, q db.Reader, parent, subject string, key []byte) ([]byte, error) {
	if parent == root {
		return ringOf(q).Wrap(key, subject)
	}
	c, err := organisationCipher(ctx, q, parent)
	if err != nil {
		return nil, err
	}
	return c.Encrypt(key, []byte(subject))
}

// organisationCipher unwraps an organisation's key once for the life of the ring.
func organisationCipher(ctx context.Context, q db.Reader, id string) (tink.AEAD, error) {
	ring := ringOf(q)
	ring.mu.Lock()
	c, ok := ring.known[id]
	ring.mu.Unlock()
	if ok {
		return c, nil
	}
	key, err := unwrap(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if c, err = subtle.NewAESGCM(key); err != nil {
		return nil, err
	}
	ring.mu.Lock()
	ring.known[id] = c
	ring.mu.Unlock()
	return c, nil
}

func ringOf(q db.Reader) *Ring {
	r, ok := q.Keys().(*Ring)
	if !ok {
		panic("seal: the database was opened without its keys")
	}
	return r
}

// Seal encrypts plain under the subject's key, for one place ("table.column:row").
func Seal(ctx context.Context, q db.Reader, subject, place string, plain []byte) ([]byte, error) {
	c, err := cipherOf(ctx, q, subject)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", place, err)
	}
	return c.Encrypt(plain, []byte(subject+"|"+place))
}

// Open decrypts what Seal made for the same subject and place. It returns
// ErrErased when the subject's key was destroyed.
func Open(ctx context.Context, q db.Reader, subject, place string, sealed []byte) ([]byte, error) {
	c, err := cipherOf(ctx, q, subject)
	if err != nil {
		return nil, err
	}
	plain, err := c.Decrypt(sealed, []byte(subject+"|"+place))
	if err != nil {
		return nil, fault.New(fault.Internal, "fault.internal").Because(fmt.Errorf("open %s: the sealed value does not belong here", place))
	}
	return plain, nil
}

// Blind returns a keyed hash of a normal form, by which an exact number can be
// found without being stored. Only for fields with at least ten thousand
// possible values; sixteen bytes, in base 32.
func Blind(ctx context.Context, q db.Reader, field, normal string) (string, error) {
	ring := ringOf(q)
	ring.mu.Lock()
	key := ring.blind
	ring.mu.Unlock()
	if key == nil {
		var err error
		if key, err = unwrap(ctx, q, blind); err != nil {
			return "", fmt.Errorf("blind %s: %w", field, err)
		}
		ring.mu.Lock()
		ring.blind = key
		ring.mu.Unlock()
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(field + "\x00" + normal))
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(m.Sum(nil)[:16]), nil
}
