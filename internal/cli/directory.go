// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/hsds"
	"fera/internal/fault"
	"fera/internal/words"
)

// directoryCommands are fera directory.
type directoryCommands struct {
	Seed   directorySeedCommand   `cmd:"" help:"Add the public bodies that ship, where they are missing."`
	Import directoryImportCommand `cmd:"" help:"Take in a package of HSDS 3.0."`
	Export directoryExportCommand `cmd:"" help:"Write the directory as a package of HSDS 3.0."`
}

// directorySeedCommand is fera directory seed.
type directorySeedCommand struct{ where }

// Help implements kong.HelpProvider.
func (directorySeedCommand) Help() string {
	return `Adds the public bodies of Bangladesh that ship, with the source of each. Nobody has confirmed them, and they say so. What is in the directory
already stays as it is, however it was changed.

  fera directory seed --data /var/lib/fera`
}

// Run implements the command.
func (c *directorySeedCommand) Run(p *program) error {
	return p.within(c.where, func(st *store) error { return p.seedDirectory(st) })
}

// seedDirectory adds what ships and says how much that was.
func (p *program) seedDirectory(st *store) error {
	var o directory.Outcome
	err := st.d.Write(p.ctx, func(tx *db.Tx) (err error) {
		o, err = directory.Seed(p.ctx, tx, terminal())
		return err
	})
	if err == nil {
		fmt.Fprintf(p.out, "The directory has %d new entries; %d were there.\n", o.Added, o.Same)
	}
	return err
}

// within opens a store, does something with it and seals the trail.
func (p *program) within(w where, do func(st *store) error) error {
	s, err := w.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	err = do(st)
	if back, alone := p.alone(st); alone == nil {
		_, sealed := audit.Seal(p.ctx, st.d)
		err = errors.Join(err, sealed, back())
	}
	return err
}

// directoryImportCommand is fera directory import.
type directoryImportCommand struct {
	where
	File     string `arg:"" type:"path" help:"A zip file of tables, or JSON."`
	Source   string `placeholder:"TEXT" help:"Who keeps the directory that it is from (default: the name of the file)."`
	Language string `default:"en" enum:"en,bn" help:"In which language to say what is wrong: en or bn."`
}

// Help implements kong.HelpProvider.
func (directoryImportCommand) Help() string {
	return `Takes in organisations, services and locations of another directory, all of them or nothing. What is wrong is said with its file, row and field.
What is here already is changed, and its earlier version stays. Whom one speaks to is kept for those who sign in, and is not published.

  fera directory import package.zip --source 'Another directory' --data /var/lib/fera`
}

// Run implements the command.
func (c *directoryImportCommand) Run(p *program) error {
	file, err := os.Open(c.File)
	if err != nil {
		return wrong(codeUsage, "%s cannot be read: %s.", c.File, plain(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return wrong(codeUsage, "%s cannot be read: %s.", c.File, plain(err))
	}
	lang, _ := words.ParseLang(c.Language)
	speaker, source := words.In(lang), c.Source
	if source == "" {
		source = info.Name()
	}
	parts, err := hsds.Read(file, info.Size())
	if err != nil {
		return p.unfit(speaker, err)
	}
	taken, err := hsds.Take(parts, source)
	if err != nil {
		return p.unfit(speaker, err)
	}
	return p.within(c.where, func(st *store) error {
		var o directory.Outcome
		err := st.d.Write(p.ctx, func(tx *db.Tx) (err error) {
			o, err = directory.Import(p.ctx, tx, terminal(), taken.Arrival)
			return err
		})
		var refused *directory.Refused
		if errors.As(err, &refused) && fault.Of(refused.Err) != nil {
			err = taken.Say(refused.ID, fault.Of(refused.Err))
		}
		if err != nil {
			return p.unfit(speaker, err)
		}
		for _, n := range taken.Notes {
			fmt.Fprintln(p.out, speaker.Fault(n))
		}
		fmt.Fprintf(p.out, "%d entries are new, %d were changed, %d were the same.\n", o.Added, o.Changed, o.Same)
		return nil
	})
}

// unfit says everything that is wrong with a package.
func (p *program) unfit(s *words.Speaker, err error) error {
	first := fault.Of(err)
	if first == nil || first.Kind == fault.Internal {
		return err
	}
	var lines []string
	for _, f := range first.All() {
		lines = append(lines, s.Fault(f))
	}
	return wrong(codeFailed, "Nothing was taken in.\n%s", strings.Join(lines, "\n"))
}

// directoryExportCommand is fera directory export.
type directoryExportCommand struct {
	where
	File string `arg:"" type:"path" help:"Where to write it: a name that ends in .zip for tables, or in .json."`
}

// Help implements kong.HelpProvider.
func (directoryExportCommand) Help() string {
	return `Writes everything in the directory that is not withdrawn, without anybody at a partner and without agreements.

  fera directory export directory.zip --data /var/lib/fera`
}

// Run implements the command.
func (c *directoryExportCommand) Run(p *program) error {
	asJSON := strings.HasSuffix(strings.ToLower(c.File), ".json")
	if !asJSON && !strings.HasSuffix(strings.ToLower(c.File), ".zip") {
		return wrong(codeUsage, "Give a name that ends in .zip or .json.")
	}
	return p.within(c.where, func(st *store) (err error) {
		var parts *hsds.Package
		if err := st.d.Read(p.ctx, func(q db.Reader) error {
			all, err := directory.LeaveAll(p.ctx, q, terminal())
			parts = hsds.Give(all)
			return err
		}); err != nil {
			return err
		}
		file, err := os.Create(c.File)
		if err != nil {
			return wrong(codeUsage, "%s cannot be written: %s.", c.File, plain(err))
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		write := func(to io.Writer) error { return parts.WriteZip(to) }
		if asJSON {
			write = parts.WriteJSON
		}
		return write(file)
	})
}
