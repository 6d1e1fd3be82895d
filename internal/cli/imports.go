// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/imports"
	"fera/internal/lists"
	"fera/internal/offices"
	"fera/internal/persons"
)

// importCommands are fera import.
type importCommands struct {
	Persons importPersonsCommand `cmd:"" help:"Bring a list of people into the register, or take it back."`
}

// importPersonsCommand is fera import persons.
type importPersonsCommand struct {
	where
	File      string   `arg:"" optional:"" help:"The list: an Excel workbook (.xlsx), or text with any usual delimiter."`
	Office    string   `placeholder:"NAME" help:"Name or id of the office to which the people will belong."`
	Source    string   `placeholder:"NAME" help:"Who kept the list and asked for consent (default: the organisation of the office)."`
	Sheet     string   `placeholder:"NAME" help:"Sheet of the workbook (default: the first)."`
	Heading   int      `placeholder:"ROW" help:"Number of the row of headings (default: looked for)."`
	Map       []string `sep:"none" placeholder:"HEADING=TARGET" help:"What a column is about, where the proposal is wrong; HEADING= leaves it out. May be given several times."`
	Bijoy     string   `enum:",yes,no" default:"" placeholder:"yes|no" help:"Whether columns that seem to be typed for a font of Bijoy are: yes converts them, no leaves them."`
	Consent   []string `placeholder:"PURPOSE" help:"To what everybody in the list agreed: register, contact, coordinate, protected, photo."`
	Method    string   `placeholder:"WAY" help:"How: spoken, signed, thumbprint, recorded."`
	On        string   `placeholder:"DAY" help:"On which day they were asked, or the last of those days."`
	Statement string   `placeholder:"TEXT" help:"Who asked, and where the answers are written down."`
	Doubles   string   `enum:"leave,enter" default:"leave" help:"Rows of people who seem to be there already: leave or enter (default: leave)."`
	LeaveOut  bool     `help:"Enter the rows that are right although others are wrong or seem to be doubles."`
	Errors    string   `placeholder:"FILE" help:"Write the rows that are not entered there, as .csv or .xlsx, each with the reason."`
	DryRun    bool     `help:"Check everything and enter nobody."`
	Resume    string   `placeholder:"BATCH" help:"Go on with a list whose work was stopped."`
	Undo      string   `placeholder:"BATCH" help:"Take a whole list back. Whoever was touched since stays and is listed."`
	Reason    string   `placeholder:"TEXT" help:"Why it is taken back."`
}

// Help implements kong.HelpProvider.
func (importPersonsCommand) Help() string {
	var targets []string
	for _, g := range lists.Groups() {
		for _, t := range lists.Targets(g) {
			targets = append(targets, string(t))
		}
	}
	return `Reads the list, proposes what its columns are about, checks every row against the list itself and against the register, and then enters the people. Without
--leave-out nobody is entered when a row is wrong or seems to be of somebody who is there already. It can be stopped at any time and gone on with. It can
run beside a server.

Nobody is entered without consent. Say of everybody with --consent, --method, --on and --statement, or give columns: consent.register and so on.

A column can be about: ` + strings.Join(targets, ", ") + `. TARGET+bijoy says that it is typed for a font of Bijoy.

  fera import persons list.xlsx --office 'Head office' --consent register,contact --method signed --on 2026-10-01 \
      --statement 'Each signed a form at the airport desk; the forms are there.' --errors wrong.csv
  fera import persons --undo 019a… --reason 'the wrong list'`
}

// Run implements the command.
func (c *importPersonsCommand) Run(p *program) error {
	if given := count(c.File != "", c.Undo != "", c.Resume != ""); given != 1 {
		return wrong(codeUsage, "Name one file, or one batch with --undo or --resume.")
	}
	s, err := c.settings(p, nil)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{})
	if err != nil {
		return err
	}
	defer st.close()
	i := &importing{p: p, st: st, c: c, holder: ids.New(st.d.Now())}
	err = i.run()
	if i.id != "" && p.ctx.Err() != nil {
		return wrong(codeFailed, "Stopped. Go on with: fera import persons --resume %s", i.id)
	}
	if back, alone := p.alone(st); alone == nil {
		_, sealed := audit.Seal(p.ctx, st.d)
		err = errors.Join(err, sealed, back())
	}
	return err
}

func count(given ...bool) (n int) {
	for _, g := range given {
		if g {
			n++
		}
	}
	return n
}

// importing is one run of the command.
type importing struct {
	p      *program
	st     *store
	c      *importPersonsCommand
	holder string
	id     imports.ID
}

func (i *importing) run() error {
	switch {
	case i.c.Undo != "":
		return i.undo()
	case i.c.Resume != "":
		i.id = imports.ID(i.c.Resume)
	default:
		if err := i.send(); err != nil {
			return err
		}
		if err := i.plan(); err != nil {
			return errors.Join(err, i.drop())
		}
	}
	return i.carry()
}

func (i *importing) write(do func(ctx context.Context, tx *db.Tx) error) error {
	return i.st.d.Write(i.p.ctx, func(tx *db.Tx) error { return do(i.p.ctx, tx) })
}

func (i *importing) read(do func(ctx context.Context, q db.Reader) error) error {
	return i.st.d.Read(i.p.ctx, func(q db.Reader) error { return do(i.p.ctx, q) })
}

// drop forgets the file of a run that did not come to anything.
func (i *importing) drop() error {
	ctx := context.WithoutCancel(i.p.ctx)
	return i.st.d.Write(ctx, func(tx *db.Tx) error { return imports.Drop(ctx, tx, terminal(), i.id) })
}

func (i *importing) send() error {
	if i.c.Office == "" {
		return wrong(codeUsage, "Name the office to which the people will belong with --office.")
	}
	info, err := os.Stat(i.c.File)
	if err != nil {
		return wrong(codeUsage, "The file %s cannot be read: %s.", i.c.File, plain(err))
	}
	if info.Size() > imports.Largest {
		return wrong(codeUsage, "The file %s is too large: at most %d MB. Divide it.", i.c.File, imports.Largest>>20)
	}
	content, err := os.ReadFile(i.c.File)
	if err != nil {
		return wrong(codeUsage, "The file %s cannot be read: %s.", i.c.File, plain(err))
	}
	return i.write(func(ctx context.Context, tx *db.Tx) error {
		office, err := officeNamed(ctx, tx, i.c.Office)
		if err != nil {
			return err
		}
		if i.c.Source == "" {
			if i.c.Source, err = organisationOf(ctx, tx, office); err != nil {
				return err
			}
		}
		b, err := imports.Send(ctx, tx, terminal(), imports.Sending{Office: office, Source: i.c.Source, FileName: filepath.Base(i.c.File), Content: content})
		i.id = b.ID
		return err
	})
}

func organisationOf(ctx context.Context, q db.Reader, office string) (string, error) {
	o, err := offices.Find(ctx, q, terminal(), office)
	if err != nil {
		return "", err
	}
	org, err := offices.FindOrganisation(ctx, q, terminal(), o.Organisation)
	return org.Name("en"), err
}

// plan says what the columns are about and has every row checked.
func (i *importing) plan() error {
	var found imports.Proposal
	err := i.read(func(ctx context.Context, q db.Reader) (err error) {
		found, err = imports.Propose(ctx, q, terminal(), imports.From{Batch: i.id, Sheet: i.c.Sheet, Heading: i.c.Heading})
		return err
	})
	if err != nil {
		return err
	}
	plan := found.Plan()
	if err := plan.Parse(i.c.Map); err != nil {
		return wrong(codeUsage, "%s", sentence(err))
	}
	if err := i.bijoy(found, &plan); err != nil {
		return err
	}
	for _, purpose := range i.c.Consent {
		plan.Basis.Purposes = append(plan.Basis.Purposes, persons.Purpose(purpose))
	}
	plan.Basis.Method, plan.Basis.On, plan.Basis.Statement, plan.Language = i.c.Method, i.c.On, i.c.Statement, "en"
	if err := i.show(found, plan); err != nil {
		return err
	}
	return i.write(func(ctx context.Context, tx *db.Tx) error { return imports.Check(ctx, tx, terminal(), i.id, plan) })
}

func sentence(err error) string {
	_, text := explain(err)
	return text
}

// bijoy asks for a decision where text seems to be typed for a font of Bijoy.
func (i *importing) bijoy(found imports.Proposal, plan *lists.Plan) error {
	for n, c := range found.Columns {
		if !c.Bijoy || plan.Columns[n].Target == "" || strings.Contains(strings.Join(i.c.Map, "\n"), "+bijoy") {
			continue
		}
		switch i.c.Bijoy {
		case "":
			return wrong(codeUsage, "The column %s seems to be typed for a font of Bijoy: %q would be %q. Say --bijoy yes if that is right, else --bijoy no.", c.Heading, first(c.Sample), first(c.Plain))
		case "no":
			plan.Columns[n].Bijoy = false
		}
	}
	return nil
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func (i *importing) show(found imports.Proposal, plan lists.Plan) error {
	fmt.Fprintf(i.p.out, "Batch %s\n\n", i.id)
	t := tabwriter.NewWriter(i.p.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "COLUMN\tIS ABOUT\tKNOWN BY")
	for n, c := range plan.Columns {
		target, why := string(c.Target), found.Columns[n].Why
		if c.Target != found.Columns[n].Target {
			why = "--map"
		}
		if target == "" {
			target = "(left out)"
		}
		if c.Bijoy {
			target += " (Bijoy)"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", c.Heading, target, why)
	}
	for _, s := range found.Sheets {
		if len(found.Sheets) > 1 && s.Name != found.Sheet.Name {
			fmt.Fprintf(t, "\nThe sheet %s is left out.\n", s.Name)
		}
	}
	if n := len(found.Sheet.Merged); n > 0 {
		fmt.Fprintf(t, "\n%d ranges of cells are merged; only the first cell of each holds a value.\n", n)
	}
	fmt.Fprintln(t)
	return t.Flush()
}
