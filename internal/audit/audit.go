// SPDX-License-Identifier: Apache-2.0

// Package audit keeps the trail of acts and of looks at protected data. Entries
// are only ever added.
//
// An entry is written in the act's own transaction. It says who did what to
// which record, when, and which fields changed; never what they held. The values,
// and the reason given for an act on a person, are stored beside it, sealed under
// the person's key, and the entry holds their salted hash, so that erasing a
// person leaves the trail whole.
//
// Within a second after the commit one sealer gives each entry a position and
// chains it to the one before; see sealer.go. Until then a keyed hash protects it.
package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/seal"
)

// Entry is what an act says of itself.
type Entry struct {
	Subject string   // "person:<id>", "user:<id>": what the act was done to
	Person  string   // the person the values are about; empty when they are about none
	Before  any      // the record before, a struct or map; nil when there was none
	After   any      // the record after; nil when none is left
	Reason  string   // why, where the actor had to say
	Named   []string // instead of Before and After: which fields, without what they held; for a look, or for values sealed elsewhere
}

// macKeeper is the part of the key ring that the trail needs.
type macKeeper interface{ MacKey() []byte }

// Record enters an act in the trail, in the transaction that does it.
func Record(ctx context.Context, tx *db.Tx, who access.Actor, act access.Permission, e Entry) error {
	before, after, err := changed(e.Before, e.After)
	if err != nil {
		return fmt.Errorf("record %s: %w", act, err)
	}
	row := stored{id: newID(tx), at: tx.Now(), actor: who.ID, name: who.Name, office: who.Office,
		act: string(act), subject: e.Subject, person: e.Person, fields: fieldsOf(e.Named, before, after), reason: e.Reason}
	v := values{Before: before, After: after}
	if e.Person != "" && e.Reason != "" && act != access.ErasePerson && act != access.WithdrawPerson {
		v.Reason, row.reason = e.Reason, reasonSealed // what is typed there may be about her
	}
	if len(before)+len(after) > 0 || v.Reason != "" {
		if err := keepValues(ctx, tx, &row, v); err != nil {
			return fmt.Errorf("record %s: %w", act, err)
		}
	}
	row.mac = row.sign(tx)
	_, err = tx.Exec(ctx, `INSERT INTO audit_entries (id, at, actor_id, actor_name, office_id, act, subject, person_id, fields, reason, digest, mac)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		row.id, row.at, row.actor, row.name, row.office, row.act, row.subject, nullable(row.person), row.fields, row.reason, row.digest, row.mac)
	if err != nil {
		return fmt.Errorf("record %s: %w", act, err)
	}
	tx.Recorded()
	return nil
}

// made is the name under which a transaction remembers how many entries it made.
type made struct{}

// newID makes the identifier of an entry. Those of one transaction keep their order.
func newID(tx *db.Tx) string {
	n, err := tx.Memo(made{}, func() (any, error) { return new(int), nil })
	if err != nil {
		panic(err) // it cannot fail
	}
	count := n.(*int)
	*count++
	return ids.Nth(tx.Now(), *count)
}

// values is what is sealed beside an entry. The salt keeps equal values from
// having equal hashes.
type values struct {
	Salt   string                     `json:"salt"`
	Before map[string]json.RawMessage `json:"before,omitempty"`
	After  map[string]json.RawMessage `json:"after,omitempty"`
	Reason string                     `json:"reason,omitempty"`
}

// reasonSealed stands in the entry for a reason that is sealed beside it. The
// reason for erasing or withdrawing somebody stays readable, since her key does not.
const reasonSealed = "(sealed)"

func keepValues(ctx context.Context, tx *db.Tx, row *stored, v values) error {
	salt := make([]byte, 16)
	rand.Read(salt)
	v.Salt = base64.RawStdEncoding.EncodeToString(salt)
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	row.digest = base64.RawStdEncoding.EncodeToString(sum[:])
	sealed, err := seal.Seal(ctx, tx, row.keyOf(), "audit_values:"+row.id, text)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit_values (entry_id, key_of, sealed) VALUES (?, ?, ?)`, row.id, row.keyOf(), sealed)
	return err
}

// stored is an entry as it lies in the table.
type stored struct {
	id                           string
	at                           time.Time
	actor, name, office          string
	act, subject, person, fields string
	reason, digest               string
	mac                          []byte
	position                     int64
	chain                        []byte
}

// keyOf is the subject under whose key the values beside the entry are sealed.
func (s stored) keyOf() string {
	if s.person == "" {
		return seal.System
	}
	return s.person
}

// leaf is the entry's text for hashing: every column that says something, each
// with its length before it, so that no two entries have the same text.
func (s stored) leaf() []byte {
	var b bytes.Buffer
	for _, part := range []string{s.id, s.at.UTC().Format("2006-01-02T15:04:05.000Z"), s.actor, s.name, s.office, s.act, s.subject, s.person, s.fields, s.reason, s.digest} {
		b.WriteString(strconv.Itoa(len(part)))
		b.WriteByte(':')
		b.WriteString(part)
	}
	return b.Bytes()
}

func (s stored) sign(q db.Reader) []byte {
	keeper, ok := q.Keys().(macKeeper)
	if !ok {
		panic("audit: the database was opened without its keys")
	}
	m := hmac.New(sha256.New, keeper.MacKey())
	m.Write(s.leaf())
	return m.Sum(nil)[:16]
}

// changed compares two records as JSON objects and keeps the fields that differ.
func changed(before, after any) (old, fresh map[string]json.RawMessage, err error) {
	if old, err = object(before); err != nil {
		return nil, nil, err
	}
	if fresh, err = object(after); err != nil {
		return nil, nil, err
	}
	for name, v := range fresh {
		if bytes.Equal(old[name], v) {
			delete(old, name)
			delete(fresh, name)
		}
	}
	return old, fresh, nil
}

func object(v any) (map[string]json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("an entry needs an object: %w", err)
	}
	for name, v := range m {
		if s := string(v); s == "null" || s == `""` || s == "[]" || s == "{}" || s == "0" || s == "false" {
			delete(m, name) // what is empty was not said
		}
	}
	return m, nil
}

func fieldsOf(names []string, maps ...map[string]json.RawMessage) string {
	for _, m := range maps {
		for name := range m {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
