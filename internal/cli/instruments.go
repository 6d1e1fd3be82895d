// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"time"

	"fera/internal/cli/instrument"
)

// instrumentCommands are fera instrument. They work on files and on what ships; only rescore opens the register.
type instrumentCommands struct {
	List  instrumentListCommand  `cmd:"" help:"List the questionnaires that ship."`
	Check instrumentCheckCommand `cmd:"" help:"Tell what is wrong with an XLSForm."`
	Show  instrumentShowCommand  `cmd:"" help:"Show a questionnaire: its questions, scores, source and status."`
	Score instrumentScoreCommand `cmd:"" help:"Work out the scores and alerts of a filled questionnaire, as JSON."`

	Rescore instrumentRescoreCommand `cmd:"" help:"Score old answers in the register by a version that is in use."`
}

// instrumentListCommand is fera instrument list.
type instrumentListCommand struct{}

// Help implements kong.HelpProvider.
func (instrumentListCommand) Help() string {
	return `Prints the names, with version, status and how many questions there are. Only active ones can be used with people.

  fera instrument list`
}

// Run implements the command.
func (instrumentListCommand) Run(p *program) error { return instrument.List(p.out) }

// instrumentCheckCommand is fera instrument check.
type instrumentCheckCommand struct {
	File     string `arg:"" type:"path" help:"The workbook (.xlsx)."`
	Language string `default:"en" enum:"en,bn" help:"In which language to say what is wrong: en or bn."`
}

// Help implements kong.HelpProvider.
func (instrumentCheckCommand) Help() string {
	return `Prints each problem with its sheet and row. What only says "advice" may stay; anything else has to be mended before the form can be
used, and the exit code is 8.

  fera instrument check household.xlsx
  fera instrument check household.xlsx --language bn`
}

// Run implements the command.
func (c *instrumentCheckCommand) Run(p *program) error {
	return refused(instrument.Check(p.out, c.File, c.Language))
}

// instrumentShowCommand is fera instrument show.
type instrumentShowCommand struct {
	Name     string `arg:"" help:"The name of one that ships, or a file (.xlsx or .json)."`
	Language string `default:"en" placeholder:"CODE" help:"In which language to show the questions (default: en)."`
	JSON     bool   `xor:"form" help:"Print the whole definition as JSON."`
	XLSForm  string `xor:"form" type:"path" placeholder:"FILE" name:"xlsform" help:"Write it as an XLSForm workbook."`
}

// Help implements kong.HelpProvider.
func (instrumentShowCommand) Help() string {
	return `Shows the questions with their options and scores, the scales with their bands, the alerts, where the text comes from and on what terms.

  fera instrument show phq9 --language bn
  fera instrument show phq9 --xlsform phq9.xlsx`
}

// Run implements the command.
func (c *instrumentShowCommand) Run(p *program) error {
	return refused(instrument.Show(p.out, c.Name, instrument.Showing{Language: c.Language, JSON: c.JSON, XLSForm: c.XLSForm}))
}

// instrumentScoreCommand is fera instrument score.
type instrumentScoreCommand struct {
	Name     string `arg:"" help:"The name of one that ships, or a file (.xlsx or .json)."`
	Answers  string `required:"" type:"path" placeholder:"FILE" help:"JSON object of answers by the names of the questions."`
	Language string `default:"bn" placeholder:"CODE" help:"The language in which it was filled in (default: bn)."`
	Day      string `placeholder:"DATE" help:"The day on which it was filled in; it decides which bands are in force (default: today)."`
}

// Help implements kong.HelpProvider.
func (instrumentScoreCommand) Help() string {
	return `The answers are {"phq9_1": 2, "needs": ["food", "work"], "people": [{"age": 7}]}: a repeat is a list of objects. Prints the scores with
what each answer gave and the bands that hold, the alerts, and what is wrong or missing. A questionnaire that may not be used with people
yet can be scored all the same.

  fera instrument score phq9 --answers answers.json --day 2026-03-05`
}

// Run implements the command.
func (c *instrumentScoreCommand) Run(p *program) error {
	return refused(instrument.Score(p.out, instrument.Scoring{Name: c.Name, Answers: c.Answers, Language: c.Language, Day: c.Day, Now: time.Now()}))
}

// refused gives a refusal its exit code.
func refused(err error) error {
	var r *instrument.Refusal
	switch {
	case !errors.As(err, &r):
		return err
	case r.Form:
		return wrong(codeForm, "%s", r.Text)
	}
	return wrong(codeUsage, "%s", r.Text)
}
