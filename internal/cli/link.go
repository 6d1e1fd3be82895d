// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"os"
	"time"

	"fera/internal/matching/table"
	"fera/internal/memory"
)

// linkCommands are the commands of fera link.
type linkCommands struct {
	Evaluate evaluateCommand `cmd:"" help:"Measure how well records of one person are found in a file."`
	Run      linkRunCommand  `cmd:"" help:"Compare the whole register with itself."`
}

// evaluateCommand is fera link evaluate.
type evaluateCommand struct {
	File  string `arg:"" help:"CSV with a heading, an id column and what is known of each record; may be packed with gzip."`
	Truth string `required:"" placeholder:"FILE" help:"CSV that says which records are of one person: two ids, or an id and a cluster."`
	Map   string `placeholder:"SPEC" help:"What columns are, as theirs=ours,… where ours is a field or exact, name, text, number, date or ignore."`
	Model string `placeholder:"FILE" help:"Where to write what was learned, as JSON."`
}

// Help implements kong.HelpProvider.
func (evaluateCommand) Help() string {
	return `Links the records of the file with one another as the register would, without looking at the truth, then compares. The answer is JSON. What
a column holds is guessed from its heading and its values: given_name, surname, name, father_name, mother_name, birth_date, birth_year,
sex, phone, nid, passport, place, postcode, address, email, occupation and the like. A column called source with two values means two
files; then only pairs across them count.

  fera link evaluate people.csv.gz --truth truth.csv
  fera link evaluate people.csv --truth truth.csv --map 'nom=surname,code=exact,note=ignore'`
}

// evaluation is what the command prints.
type evaluation struct {
	table.Report
	Seconds float64 `json:"seconds"`
	Peak    int64   `json:"peak_memory_bytes"`
}

// Run implements the command.
func (c *evaluateCommand) Run(p *program) error {
	began := time.Now()
	records, err := readTable(c.File)
	if err != nil {
		return err
	}
	known, err := readTable(c.Truth)
	if err != nil {
		return err
	}
	kinds, err := table.ParseMap(c.Map, records)
	if err != nil {
		return wrong(codeUsage, "%s.", err)
	}
	found, err := table.Link(records, table.Options{Kinds: kinds})
	if err != nil {
		return wrong(codeFailed, "%s: %s.", c.File, err)
	}
	truth, err := table.TruthOf(known, found.IDs)
	if err != nil {
		return wrong(codeFailed, "%s: %s.", c.Truth, err)
	}
	answer := evaluation{Report: found.Evaluate(truth), Seconds: time.Since(began).Seconds(), Peak: memory.Peak()}
	if err := c.writeModel(found); err != nil {
		return err
	}
	e := json.NewEncoder(p.out)
	e.SetIndent("", "  ")
	return e.Encode(answer)
}

func (c *evaluateCommand) writeModel(found *table.Linkage) error {
	if c.Model == "" {
		return nil
	}
	f, err := os.Create(c.Model)
	if err != nil {
		return wrong(codeFailed, "The model cannot be written: %s.", err)
	}
	if err := found.Model.Write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func readTable(path string) (*table.Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, wrong(codeFailed, "%s.", err)
	}
	defer f.Close()
	t, err := table.Read(f)
	if err != nil {
		return nil, wrong(codeFailed, "%s: %s.", path, err)
	}
	return t, nil
}
