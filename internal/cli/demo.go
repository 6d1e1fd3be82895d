// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pquerna/otp/totp"

	"fera/internal/accounts"
	"fera/internal/cli/figure"
	"fera/internal/config"
	"fera/internal/db"
	"fera/internal/indicators/counting"
	"fera/internal/simulate"
	"fera/internal/simulated"
)

// demoCommands are fera demo.
type demoCommands struct {
	Start demoCommand     `cmd:"" default:"withargs" set:"caseload=women" help:"Fill a store with a simulated district and serve it."`
	Code  demoCodeCommand `cmd:"" help:"Print the present code of the second factor."`
}

// demoCommand is fera demo.
type demoCommand struct {
	people
	Data   string `placeholder:"DIR" help:"Directory to keep the store in; made anew or that of an earlier demo (default: a temporary one, removed at the end)."`
	Listen string `placeholder:"ADDR" help:"Address to serve on (default: 127.0.0.1:8080, or a free port when that is taken)."`
}

// Help implements kong.HelpProvider.
func (demoCommand) Help() string {
	return `Makes a SQLite store with two organisations, a user for each role and a district full of people, and serves it until it is stopped. Nobody
in it exists. All users have one password and one second factor, so this is for looking around, never for real people.

  fera demo
  fera demo --persons 2000 --seed 7 --data /tmp/fera-demo`
}

// casesAtMost is how many cases a demonstration has at most; of few people it has one for each five.
const casesAtMost = 240

// settled is when the offices of a demonstration opened: before the first of its people was met, and before the year of which
// totals were published.
func settled(now time.Time) time.Time {
	const days = 230
	lately, year := now.AddDate(0, 0, -days), time.Date(2022, time.November, 15, 6, 0, 0, 0, time.UTC)
	if year.Before(lately) {
		return year
	}
	return lately
}

// askedOfEach is of how many people each caseworker asked questionnaires.
const askedOfEach = 25

// demoPassword is the password of all users of a demonstration.
const demoPassword = "shapla-nouka-megh"

// demoNote marks a directory as that of a demonstration, and keeps what is
// needed to sign in.
type demoNote struct {
	Password string `json:"password"`
	Seed     string `json:"seed"` // of the second factor, in base 32
	Filled   bool   `json:"filled"`
}

func demoFile(dir string) string { return filepath.Join(dir, "demo.json") }

func (n demoNote) save(dir string) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return os.WriteFile(demoFile(dir), text, 0o600)
}

func readDemo(dir string) (n demoNote, err error) {
	text, err := os.ReadFile(demoFile(dir))
	if err != nil {
		return n, err
	}
	return n, json.Unmarshal(text, &n)
}

// Run implements the command.
func (c *demoCommand) Run(p *program) (err error) {
	s := config.Default()
	s.Data, s.Log = c.Data, "json"
	if s.Data == "" {
		if s.Data, err = os.MkdirTemp("", "fera-demo-"); err != nil {
			return wrong(codeDatabase, "No temporary directory can be made: %s. Give one with --data.", plain(err))
		}
		defer os.RemoveAll(s.Data)
	}
	s.SMSDir = filepath.Join(s.Data, "messages")
	note, err := c.note(s.Data)
	if err != nil {
		return err
	}
	s.Listen = c.address(p)
	fmt.Fprintln(p.out, "This is a demonstration. Everybody in it is simulated; nobody in it exists.")
	if !note.Filled {
		if err := c.make(p, s, &note); err != nil {
			return err
		}
	}
	st, err := p.open(s, opening{make: true, migrate: true})
	if err != nil {
		return err
	}
	if err := simulated.Mark(p.ctx, st.d); err != nil { // one that was filled by an earlier version is not marked yet
		return errors.Join(err, st.close())
	}
	quiet := *p
	quiet.errs = &warnings{p.errs}
	return quiet.serve(st, func(address string) { p.introduce(address, s.Data, note) })
}

// note reads or begins the note of a directory, and refuses one that holds
// something else.
func (c *demoCommand) note(dir string) (demoNote, error) {
	note, err := readDemo(dir)
	if err == nil {
		return note, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return note, wrong(codeFailed, "%s cannot be read: %s.", demoFile(dir), plain(err))
	}
	if _, err := os.Stat(filepath.Join(dir, "fera.db")); err == nil {
		return note, wrong(codeFailed, "%s holds a store that is no demonstration. Choose another directory.", dir)
	}
	seed := make([]byte, 20)
	rand.Read(seed)
	return demoNote{Password: demoPassword, Seed: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seed)}, nil
}

// address is the one asked for, else the usual one, else any that is free.
func (c *demoCommand) address(p *program) string {
	if c.Listen != "" {
		return c.Listen
	}
	usual := config.Default().Listen
	l, err := listen(p.ctx, usual)
	if err != nil {
		return "127.0.0.1:0"
	}
	l.Close()
	return usual
}

// make fills a store by a clock that is moved, so that what is in it did not all happen today.
func (c *demoCommand) make(p *program, s config.Settings, note *demoNote) error {
	clock := simulate.NewClock(time.Now())
	st, err := p.open(s, opening{make: true, migrate: true, clock: clock.Now})
	if err != nil {
		return err
	}
	return errors.Join(c.fill(p, st, note, clock), st.close())
}

// fill adds the cast and the people. One that was interrupted half-way is not
// mended: its people would not be those of the seed.
func (c *demoCommand) fill(p *program, st *store, note *demoNote, clock *simulate.Clock) error {
	some := 0
	if err := st.d.Read(p.ctx, func(q db.Reader) error {
		users, err := accounts.ListUsers(p.ctx, q, terminal(), accounts.UserFilter{Limit: 1})
		some = len(users)
		return err
	}); err != nil {
		return err
	}
	if some > 0 {
		return wrong(codeFailed, "The demonstration in %s was interrupted while it was being filled. Remove the directory, or choose another.", st.set.Data)
	}
	if err := note.save(st.set.Data); err != nil {
		return err
	}
	now := clock.Now()
	clock.Set(settled(now))
	clerks, deciders, err := p.settleCast(st, &accounts.Credentials{Password: note.Password, Seed: note.Seed})
	if err != nil {
		return err
	}
	clock.Set(now)
	if err := p.fill(st, c.people, clerks, clock); err != nil {
		return err
	}
	if err := simulate.Ask(p.ctx, st.d, simulate.Options{Seed: c.Seed, Clerks: clerks}, askedOfEach); err != nil {
		return err
	}
	work := simulate.Options{Seed: c.Seed, Clerks: clerks, Deciders: deciders, Clock: clock, Progress: p.progress("Simulating casework")}
	if err := simulate.Work(p.ctx, st.d, work, min(casesAtMost, c.Persons/5)); err != nil {
		return err
	}
	year := simulate.Options{Seed: c.Seed, Clerks: clerks, Deciders: deciders, Clock: clock, Progress: p.progress("Reconstructing a published year")}
	if err := simulate.Year(p.ctx, st.d, year); err != nil {
		return err
	}
	if err := p.seedDirectory(st); err != nil {
		return err
	}
	if err := p.refer(st, work, min(referralsAtMost, c.Persons/10)); err != nil {
		return err
	}
	if err := simulate.Centre(p.ctx, st.d, work, appointmentsAtMost); err != nil {
		return err
	}
	if err := publishYears(p, st); err != nil {
		return err
	}
	note.Filled = true
	return note.save(st.set.Data)
}

// publishedYears is of how many finished years a demonstration has tables at /open.
const publishedYears = 4

// publishYears publishes the tables of the finished years, those in which there are enough.
func publishYears(p *program, st *store) error {
	if _, err := counting.Follow(p.ctx, st.d); err != nil {
		return err
	}
	for back := publishedYears; back > 0; back-- {
		if err := figure.Publish(p.ctx, st.d, io.Discard, figure.Publication{Year: st.d.Now().Year() - back}); err != nil {
			return err
		}
	}
	return nil
}

// introduce says where to look and how to get in.
func (p *program) introduce(address, dir string, note demoNote) {
	t := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "\nROLE\tLOGIN\tPASSWORD")
	for _, one := range cast() {
		if !one.spare {
			fmt.Fprintf(t, "%s\t%s\t%s\n", strings.ReplaceAll(string(one.role), "_", " "), one.login, note.Password)
		}
	}
	t.Flush()
	program, err := os.Executable()
	if err != nil {
		program = "fera"
	}
	fmt.Fprintf(p.out, `
Second factor, the same for all: type %s into an authenticator app, or ask in another terminal for the present code:

  %s demo code --data %s

All people are simulated: names, papers and telephones are made up, and none of their numbers can belong to anybody.

Fera serves at %s
ready
`, note.Seed, program, dir, address)
}

// demoCodeCommand is fera demo code.
type demoCodeCommand struct {
	Login string `arg:"" optional:"" help:"Whose code; the same for all, so it may be left out."`
	Data  string `required:"" placeholder:"DIR" help:"Directory of the demonstration."`
}

// Help implements kong.HelpProvider.
func (demoCodeCommand) Help() string {
	return `Prints the six digits that the sign-in of a demonstration asks for. Each holds for half a minute and counts once for each user.

  fera demo code --data /tmp/fera-demo`
}

// Run implements the command.
func (c *demoCodeCommand) Run(p *program) error {
	note, err := readDemo(c.Data)
	if err != nil {
		return wrong(codeFailed, "There is no demonstration in %s.", c.Data)
	}
	code, err := totp.GenerateCode(note.Seed, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, code)
	return nil
}
