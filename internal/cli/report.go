// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"os"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/counting"
	"fera/internal/projects"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/reports/papers"
	"fera/internal/words"
)

// reportCommands are fera report.
type reportCommands struct {
	List      reportListCommand `cmd:"" help:"List the reports that are kept."`
	Annual    annualReport      `cmd:"" help:"Count and print an annual report."`
	Quarterly quarterlyReport   `cmd:"" help:"Count and print a quarterly report."`
	Monthly   monthlyReport     `cmd:"" help:"Count and print a monthly report."`
}

// reportListCommand is fera report list.
type reportListCommand struct{ where }

// Help implements kong.HelpProvider.
func (reportListCommand) Help() string {
	return `Prints the number, the issue, the state, the kind, the time and the project of each report that people drafted or issued.

  fera report list --data /var/lib/fera`
}

// Run implements the command.
func (c *reportListCommand) Run(p *program) error {
	return p.looking(c.where, func(q db.Reader) error {
		all, err := reports.List(p.ctx, q, terminal(), reports.Filter{})
		if err != nil {
			return err
		}
		for _, r := range all {
			project := "-"
			if r.Project != "" {
				one, err := projects.Find(p.ctx, q, terminal(), r.Project)
				if err != nil {
					return err
				}
				project = one.Code
			}
			fmt.Fprintf(p.out, "%d\t%d\t%s\t%s\t%s\t%s\t%s\n", r.Number, r.Issue, r.State, r.Kind, r.Period, r.Audience, project)
		}
		return nil
	})
}

// reportCommand is what fera report annual and its siblings have in common.
type reportCommand struct {
	where
	Project  string `placeholder:"CODE" help:"Code of the project; without it the report is about all the work."`
	Period   string `required:"" placeholder:"MONTHS" help:"2023, 2023-Q2, 2023-05, or months as in 2022-12..2023-12."`
	Audience string `default:"exact" enum:"exact,inside,outside" help:"For whom: exact for who runs the server, inside or outside with the floors that hold there."`
	Lang     string `default:"en" enum:"en,bn" help:"In which language: en or bn."`
	Format   string `default:"text" enum:"text,pdf,xlsx,csv,json" help:"As text, pdf, xlsx, csv or json."`
	Out      string `placeholder:"FILE" help:"Where to write it (default: standard output)."`
}

// The three kinds, which differ in how long a time they are about.
type (
	annualReport    struct{ reportCommand }
	quarterlyReport struct{ reportCommand }
	monthlyReport   struct{ reportCommand }
)

// Run implements the command.
func (c *annualReport) Run(p *program) error { return c.write(p, content.Annual) }

// Run implements the command.
func (c *quarterlyReport) Run(p *program) error { return c.write(p, content.Quarterly) }

// Run implements the command.
func (c *monthlyReport) Run(p *program) error { return c.write(p, content.Monthly) }

// Help implements kong.HelpProvider.
func (reportCommand) Help() string {
	return `Counts a report out of the records as they are now, and prints it; nothing of it is kept. What was published of a project stands beside what
its records give, with "agrees" or by how much it differs. Of a project, whoever has the key file and the database is told exactly, also what is
protected; of all the work, what is protected is told from five people on. --audience outside makes the report as it may be given away.

  fera report annual --project manikganj-women --period 2022-12..2023-12
  fera report quarterly --period 2029-Q1 --audience inside --lang bn --format pdf --out report.pdf`
}

// write counts the report and writes it.
func (c *reportCommand) write(p *program, kind string) error {
	period, err := content.ReadPeriod(c.Period)
	if err == nil && !period.Fits(kind) {
		err = fault.New(fault.Invalid, "report.period_length")
	}
	if err != nil {
		return wrong(codeUsage, "%s", words.In(words.English).Fault(fault.Of(err)))
	}
	var said content.Content
	if err := p.within(c.where, func(st *store) error {
		if c.Project == "" {
			if _, err := counting.Follow(p.ctx, st.d); err != nil {
				return err
			}
		}
		return st.d.Read(p.ctx, func(q db.Reader) (err error) {
			said, err = c.count(p, q, reports.Wanted{Kind: kind, Period: period, Audience: content.Audience(c.Audience)})
			return err
		})
	}); err != nil {
		return err
	}
	lang, _ := words.ParseLang(c.Lang)
	var b bytes.Buffer
	if err := papers.Write(&b, papers.Format(c.Format), papers.Paper{Content: said, Money: true, Lang: lang}); err != nil {
		return err
	}
	if c.Out == "" {
		_, err := p.out.Write(b.Bytes())
		return err
	}
	if err := os.WriteFile(c.Out, b.Bytes(), 0o600); err != nil {
		return wrong(codeFailed, "The report cannot be written to %s: %s.", c.Out, plain(err))
	}
	fmt.Fprintf(p.out, "Written to %s.\n", c.Out)
	return nil
}

func (c *reportCommand) count(p *program, q db.Reader, w reports.Wanted) (content.Content, error) {
	if c.Project != "" {
		one, err := projects.ByCode(p.ctx, q, terminal(), c.Project)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			return content.Content{}, wrong(codeFailed, "There is no project %s. `fera project list` lists them.", c.Project)
		}
		if err != nil {
			return content.Content{}, err
		}
		w.Project = one.ID
	}
	return reports.Make(p.ctx, q, terminal(), w)
}
