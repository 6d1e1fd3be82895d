// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fera/internal/db"
	"fera/internal/imports"
	"fera/internal/links"
	"fera/internal/sheets"
	"fera/internal/words"
)

// carry does the work that is to do and says what came of it.
func (i *importing) carry() error {
	b, err := i.work("Checking")
	if err != nil {
		return err
	}
	if b.State == imports.Checked {
		if goOn, err := i.checked(b); !goOn || err != nil {
			return err
		}
		if err := i.write(func(ctx context.Context, tx *db.Tx) error { return imports.Enter(ctx, tx, terminal(), i.id) }); err != nil {
			return err
		}
		if b, err = i.work("Entering"); err != nil {
			return err
		}
	}
	fmt.Fprintf(i.p.out, "%d people were entered. Take them back with: fera import persons --undo %s --reason WHY\n", b.Entered, i.id)
	if left := b.Wrong + b.Doubled; left > 0 {
		return wrong(codeLeftOut, "%d rows were left out.", left)
	}
	return nil
}

// checked says what the check found, and whether to go on.
func (i *importing) checked(b imports.Batch) (goOn bool, err error) {
	if i.c.Doubles == "enter" && b.Doubled > 0 {
		err := i.write(func(ctx context.Context, tx *db.Tx) error {
			return imports.Choose(ctx, tx, terminal(), imports.Choice{Batch: i.id, Enter: true})
		})
		if err != nil {
			return false, err
		}
		b.Doubled = 0
	}
	fmt.Fprintf(i.p.out, "%d rows: %d can be entered, %d are wrong, %d seem to be of people who are there already.\n", b.Total, b.Ready(), b.Wrong, b.Doubled)
	if b.Perhaps+b.Known > 0 {
		fmt.Fprintf(i.p.out, "Of those that can be entered, %d are perhaps there already, and %d are known to the network: ask the registry desk.\n", b.Perhaps, b.Known)
	}
	if err := i.troubles(b); err != nil {
		return false, err
	}
	left := b.Wrong + b.Doubled
	switch {
	case i.c.DryRun && left > 0:
		return false, errors.Join(i.drop(), wrong(codeLeftOut, "%d rows would be left out. Nobody was entered.", left))
	case i.c.DryRun:
		fmt.Fprintln(i.p.out, "Nobody was entered.")
		return false, i.drop()
	case left > 0 && !i.c.LeaveOut:
		return false, errors.Join(wrong(codeLeftOut, "Nobody was entered. Correct the rows, or enter the others with: fera import persons --resume %s --leave-out", i.id))
	}
	return true, nil
}

// troubles prints the first of the rows that will be left out, and writes all of
// them to a file.
func (i *importing) troubles(b imports.Batch) error {
	const most = 10
	printed := 0
	err := i.read(func(ctx context.Context, q db.Reader) error {
		for _, state := range []imports.RowState{imports.RowWrong, imports.RowDouble} {
			lines, err := imports.Lines(ctx, q, terminal(), imports.Wanted{Batch: i.id, State: state, Limit: most - printed})
			if err != nil {
				return err
			}
			for _, l := range lines {
				printed++
				fmt.Fprintf(i.p.out, "  row %d: %s\n", l.Number, l.Said(words.In(words.English), b.Plan))
			}
		}
		return nil
	})
	if left := b.Wrong + b.Doubled - printed; err == nil && left > 0 {
		fmt.Fprintf(i.p.out, "  and %d more; --errors FILE writes all of them.\n", left)
	}
	if err != nil || i.c.Errors == "" || b.Wrong+b.Doubled == 0 {
		return err
	}
	return i.writeErrors()
}

func (i *importing) writeErrors() (err error) {
	f, err := os.OpenFile(i.c.Errors, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // it holds what is known of people
	if err != nil {
		return wrong(codeFailed, "The file %s cannot be written: %s.", i.c.Errors, plain(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriter(f)
	to, err := sheets.NewCSV(out)
	if strings.EqualFold(filepath.Ext(i.c.Errors), ".xlsx") {
		out.Reset(f)
		to, err = sheets.NewXLSX(out, "Rows", i.st.set.Data)
	}
	if err != nil {
		return err
	}
	err = i.read(func(ctx context.Context, q db.Reader) error {
		return imports.WriteTroubles(ctx, q, terminal(), i.id, to)
	})
	return errors.Join(err, to.Close(), out.Flush())
}

func (i *importing) undo() error {
	i.id = imports.ID(i.c.Undo)
	if err := i.write(func(ctx context.Context, tx *db.Tx) error { return imports.Undo(ctx, tx, terminal(), i.id, i.c.Reason) }); err != nil {
		return err
	}
	b, err := i.work("Taking back")
	if err != nil {
		return err
	}
	fmt.Fprintf(i.p.out, "%d people were taken back.\n", b.Taken)
	if b.Clashes == 0 {
		return nil
	}
	return wrong(codeLeftOut, "%d were touched since they were entered and stay until somebody decides, on the page /imports/%s.", b.Clashes, i.id)
}

// work does the work in the background, or waits while a server does it, and
// shows how far it is.
func (i *importing) work(what string) (b imports.Batch, err error) {
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(i.p.ctx)
	defer stop()
	finder := links.NewFinder(i.st.d)
	go func() {
		for ctx.Err() == nil {
			if _, err := imports.WorkOn(ctx, i.st.d, finder, imports.Task{Holder: i.holder, Batch: i.id}); err != nil {
				done <- err
				return
			}
			time.Sleep(200 * time.Millisecond) // it is done, or a server does it
		}
		done <- ctx.Err()
	}()
	progress := i.p.progress(what)
	for {
		select {
		case err = <-done:
		case <-time.After(200 * time.Millisecond):
		}
		look := i.read(func(ctx context.Context, q db.Reader) (err error) {
			b, err = imports.Find(ctx, q, terminal(), i.id)
			return err
		})
		switch {
		case err != nil || look != nil:
			return b, errors.Join(err, look)
		case b.Failure != nil:
			return b, b.Failure
		case !b.State.Working():
			progress(1, 1)
			return b, nil
		case b.Total > 0:
			progress(b.Done, b.Total)
		}
	}
}
