// SPDX-License-Identifier: Apache-2.0

// Package instrument does the work of fera instrument: it lists, checks, shows and scores questionnaires. It reads files and
// what ships, and knows neither flags nor the register.
package instrument

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/questionnaires"
	"fera/internal/words"
	"fera/internal/xlsform"
)

// Refusal is a sentence for whoever sits at the terminal.
type Refusal struct {
	Form bool // it is the questionnaire that cannot be used; else what was asked for
	Text string
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

func wrong(format string, args ...any) error { return &Refusal{false, fmt.Sprintf(format, args...)} }

func unusable(format string, args ...any) error { return &Refusal{true, fmt.Sprintf(format, args...)} }

// List prints the questionnaires that ship.
func List(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tVERSION\tSTATUS\tQUESTIONS\tTITLE")
	for _, d := range questionnaires.List() {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", d.Name, d.Version, d.Status, asked(d), d.Title.In("en"))
	}
	return t.Flush()
}

func asked(d *instruments.Definition) (n int) {
	d.Walk(func(i *instruments.Item, _ []*instruments.Item) {
		if i.Kind.Asked() {
			n++
		}
	})
	return n
}

// Check prints what is wrong with a workbook, in a language; it refuses one that cannot be used.
func Check(w io.Writer, path, lang string) error {
	form, err := readForm(path)
	if err != nil {
		return err
	}
	made, problems := form.Check()
	speaker := words.In(words.Lang(lang))
	refused := 0
	for _, problem := range problems {
		if !problem.Advice {
			refused++
		}
		fmt.Fprintln(w, line(problem, speaker.Fault(problem.Fault)))
	}
	if made == nil {
		return unusable("%s cannot be used as it is: %d to mend, %d pieces of advice.", filepath.Base(path), refused, len(problems)-refused)
	}
	d := made.Definition()
	fmt.Fprintf(w, "%s, version %q, can be used: %d questions, %d languages, %d scales, %d pieces of advice.\n", d.Name, d.Version, asked(d), len(d.Languages), len(d.Scales), len(problems))
	return nil
}

// line writes a problem as a person looks for it.
func line(p instruments.Problem, sentence string) string {
	where := p.Sheet
	if p.Row > 0 {
		where += fmt.Sprintf(", row %d", p.Row)
	}
	if p.Column != "" {
		where += ", " + p.Column
	}
	if p.Item != "" {
		where += " (" + p.Item + ")"
	}
	if p.Advice {
		where = "advice: " + where
	}
	return where + ": " + sentence
}

func readForm(path string) (*xlsform.Form, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, wrong("%s cannot be opened: %s.", path, cause(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, wrong("%s is not a file.", path)
	}
	return xlsform.Read(file, info.Size(), strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
}

// cause is the end of an error of a file, without the path that was said already.
func cause(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+2:]
}

// definition finds a questionnaire: one that ships, by its name, or one in a file, by its path.
func definition(name string) (*instruments.Definition, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		form, err := readForm(name)
		if err != nil {
			return nil, err
		}
		if made, problems := form.Check(); made == nil {
			return nil, unusable("%s cannot be used as it is: `fera instrument check %s` tells why (%d problems).", name, name, len(problems))
		}
		return form.Definition, nil
	case ".json":
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, wrong("%s cannot be opened: %s.", name, cause(err))
		}
		d, err := instruments.Decode(text)
		if err != nil {
			return nil, unusable("%s is no questionnaire: %s.", name, err)
		}
		return d, nil
	}
	d, err := questionnaires.Find(name)
	if err != nil {
		return nil, wrong("There is no questionnaire %q. `fera instrument list` names those that ship; a file ends in .xlsx or .json.", name)
	}
	return d, nil
}

// Showing says how a questionnaire is to be shown: for people, as JSON, or as a workbook.
type Showing struct {
	Language string
	JSON     bool
	XLSForm  string // the path of the workbook
}

// Show shows the questionnaire of a name or a file.
func Show(w io.Writer, name string, how Showing) error {
	d, err := definition(name)
	if err != nil {
		return err
	}
	switch {
	case how.JSON:
		text, err := d.Encode()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n", text)
		return err
	case how.XLSForm != "":
		var b bytes.Buffer
		if err := xlsform.Write(&b, d); err != nil {
			return err
		}
		if err := os.WriteFile(how.XLSForm, b.Bytes(), 0o644); err != nil {
			return wrong("%s cannot be written: %s.", how.XLSForm, cause(err))
		}
		return nil
	}
	show(w, d, how.Language)
	return nil
}

// show writes a questionnaire for a person to read.
func show(w io.Writer, d *instruments.Definition, lang string) {
	fmt.Fprintf(w, "%s\n%s, version %s, %s\n", d.Title.In(lang, d.Language), d.Name, d.Version, d.Status)
	about := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s: %s\n", name, text)
		}
	}
	about("source", d.Source)
	about("licence", d.Licence)
	for _, l := range d.Languages {
		about("language", strings.TrimSpace(fmt.Sprintf("%s %s %s", l.Code, l.Origin, l.Note)))
	}
	about("caution", d.Caution.In(lang, d.Language))
	about("administered by", strings.Join(d.Administers, ", "))
	if d.MinimumAge > 0 {
		about("from the age of", fmt.Sprint(d.MinimumAge))
	}
	about("once per", d.OncePer)
	d.Walk(func(i *instruments.Item, within []*instruments.Item) {
		showItem(w, d, i, strings.Repeat("  ", len(within)), lang)
	})
	for _, s := range d.Scales {
		fmt.Fprintf(w, "\nscale %s: %s, %g to %g, missing answers: %s. %s\n", s.Name, s.Method, s.Lowest, s.Highest, s.Missing, s.Note)
		for _, cut := range s.Cuts {
			var bands []string
			for _, b := range cut.Bands {
				bands = append(bands, fmt.Sprintf("%s from %g", b.Name, b.From))
			}
			fmt.Fprintf(w, "  %s: %s. %s\n", cut.Name, strings.Join(bands, ", "), cut.Note)
		}
	}
}

func showItem(w io.Writer, d *instruments.Definition, i *instruments.Item, margin, lang string) {
	fmt.Fprintf(w, "\n%s%s [%s] %s\n", margin, i.Name, i.Kind, i.Label.In(lang, d.Language))
	for _, logic := range [][2]string{{"relevant", i.Relevant}, {"required", i.Required}, {"constraint", i.Constraint}, {"calculation", i.Calculation}, {"choice_filter", i.Filter}} {
		if logic[1] != "" {
			fmt.Fprintf(w, "%s  %s: %s\n", margin, logic[0], logic[1])
		}
	}
	if list := d.FindList(i.List); list != nil {
		for _, o := range list.Options {
			fmt.Fprintf(w, "%s  %s  %s\n", margin, o.Name, o.Label.In(lang, d.Language))
		}
	}
	if i.Alert != nil {
		fmt.Fprintf(w, "%s  alert, %s, when %s: %s\n", margin, i.Alert.Level, i.Alert.When, i.Alert.Message.In(lang, d.Language))
	}
}

// form makes a form of a definition, or says that it cannot be.
func form(d *instruments.Definition) (*filling.Form, error) {
	f, problems := filling.New(d)
	if f != nil {
		return f, nil
	}
	for _, problem := range problems {
		if !problem.Advice {
			return nil, unusable("%s cannot be used as it is. %s", d.Name, line(problem, words.In(words.English).Fault(problem.Fault)))
		}
	}
	return nil, unusable("%s cannot be used as it is.", d.Name)
}
