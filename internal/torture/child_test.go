// SPDX-License-Identifier: Apache-2.0

package torture_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/worldtest"
)

// The environment of a child: where the store and the key file are.
const (
	childStore = "TORTURE_STORE"
	childKeys  = "TORTURE_KEYS"
)

// TestMain is the program that is killed when it is started as a child.
func TestMain(m *testing.M) {
	if store := os.Getenv(childStore); store != "" {
		if err := work(store, os.Getenv(childKeys)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writers is how many register at the same time.
const writers = 8

// work registers people until it is killed. It says "begun", and the operation,
// before it begins an act, and "done", the operation and the person, after the
// store has answered.
func work(store, keys string) error {
	ctx := context.Background()
	ring, err := seal.LoadRing(keys, "", false)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, store, db.Options{Keys: ring})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(os.Stdout, format+"\n", args...)
	}
	say("ready")
	go func() {
		for {
			if _, err := audit.Seal(ctx, d); err != nil {
				say("refused %v", err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for {
				operation := ids.New(time.Now())
				say("begun %s", operation)
				id, err := register(ctx, d, operation)
				if err != nil {
					say("refused %v", err)
					time.Sleep(5 * time.Millisecond)
					continue
				}
				say("done %s %s", operation, id)
			}
		})
	}
	wg.Wait()
	return nil
}

// registration is the same for the same operation.
func registration(operation string) persons.Registration {
	r := worldtest.Rahima()
	r.Operation = operation
	r.Values[persons.NameLatin] = "Rahima " + operation[24:]
	r.Values[persons.Ethnicity] = "Garo"
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	return r
}

func register(ctx context.Context, d *db.DB, operation string) (id persons.ID, err error) {
	err = d.Write(ctx, func(tx *db.Tx) (err error) {
		id, err = persons.Register(ctx, tx, who(), registration(operation))
		return err
	})
	return id, err
}

func who() access.Actor { return worldtest.Amina() }
