// SPDX-License-Identifier: Apache-2.0

// Package cli is the terminal: the commands of fera and how they fail. It is
// also where everything is put together, in serve.
package cli

import (
	"context"
	"io"

	"github.com/alecthomas/kong"

	"fera/internal/config"
)

// program is what every command is given.
type program struct {
	ctx  context.Context
	env  []string
	out  io.Writer // what was asked for
	errs io.Writer // what went wrong, and the log
}

// commands is the grammar of the command line.
type commands struct {
	Serve     serveCommand      `cmd:"" help:"Serve the pages and the API."`
	Demo      demoCommands      `cmd:"" help:"Serve a simulated district, to look around in."`
	Simulate  simulateCommand   `cmd:"" help:"Register people who do not exist."`
	Link      linkCommands      `cmd:"" help:"Find the records that are about one person."`
	Import    importCommands    `cmd:"" help:"Bring lists of people into the register."`
	Directory directoryCommands `cmd:"" help:"The directory of services: what ships, and the exchange with other directories."`
	Referral  referralCommands  `cmd:"" help:"Referrals: what is counted of them."`
	Project   projectCommands   `cmd:"" help:"Projects, and what is published of them."`
	Report    reportCommands    `cmd:"" help:"Reports of projects and of the whole, counted from the records."`
	Figures   figureCommands    `cmd:"" help:"Figures: show one, and count everything anew."`
	Export    exportCommand     `cmd:"" help:"Write a list to a file: XLSX, CSV or JSON Lines."`
	Migrate   migrateCommand    `cmd:"" help:"Bring the database up to date."`
	Move      moveCommand       `cmd:"" help:"Move everything from SQLite to PostgreSQL."`
	User      userCommands      `cmd:"" help:"Users and the roles they hold."`
	Token     tokenCommands     `cmd:"" help:"Keys for other systems that use the API."`
	Keys      keysCommands      `cmd:"" help:"The keys under which protected data are sealed."`
	Verify    verifyCommand     `cmd:"" help:"Check that nobody has altered the trail."`

	Instrument instrumentCommands `cmd:"" help:"Questionnaires: those that ship, and XLSForms of one's own."`

	Version versionCommand `cmd:"" help:"Say which program this is."`
}

const description = `Fera (ফেরা) keeps the register of migrants who come home to Bangladesh, for the organisations that help them.

Every setting can also be given in the environment (FERA_LISTEN for --listen) and in a TOML file (fera.toml in the data directory, or
--config); a flag goes before the environment, the environment before the file.

Exit codes: 0 done, 1 failed, 2 the command line or a setting is wrong, 3 the trail does not hold, 4 the database is newer than the
program, 5 the database cannot be reached or opened, 6 the address is in use, 7 the key file is missing or does not open, 8 a questionnaire
cannot be used as it is, 9 rows of a list were left out.`

// Run carries out one command and returns the exit code of the program.
func Run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	p := &program{ctx: ctx, env: env, out: stdout, errs: stderr}
	answered := false // kong has printed help
	parser, err := kong.New(&commands{}, kong.Name("fera"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(int) { answered = true }), kong.Vars{"caseload": "mixed"}, kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	if err != nil {
		return p.fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if answered {
		return codeDone
	}
	if err != nil {
		return p.fail(wrong(codeUsage, "%s. `fera --help` lists the commands, `fera COMMAND --help` explains one.", err))
	}
	return p.fail(command.Run(p))
}

// where says which store a command is about.
type where struct {
	Data           string `placeholder:"DIR" help:"Directory of the key file, the list of erasures and the SQLite file (default: fera-data)."`
	Database       string `placeholder:"URL" help:"postgres://… or the path of a SQLite file (default: fera.db in the data directory)."`
	PassphraseFile string `placeholder:"FILE" help:"File whose first line opens the key file; or set FERA_PASSPHRASE."`
	Config         string `placeholder:"FILE" help:"TOML file of settings (default: fera.toml in the data directory, if there)."`
}

// settings merges what a command was given with the environment and the file.
func (w where) settings(p *program, more map[string]string) (config.Settings, error) {
	given := map[string]string{"data": w.Data, "database": w.Database, "passphrase-file": w.PassphraseFile}
	for name, v := range more {
		given[name] = v
	}
	for name, v := range given {
		if v == "" {
			delete(given, name) // not given
		}
	}
	s, err := config.Load(config.Sources{File: w.Config, Env: p.env, Flags: given})
	if err != nil {
		return s, wrong(codeUsage, "%s.", err)
	}
	return s, nil
}
