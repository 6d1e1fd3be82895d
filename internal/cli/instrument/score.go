// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/words"
)

// Scoring says what is to be scored, and when it was filled in.
type Scoring struct {
	Name     string // of a questionnaire that ships, or a file
	Answers  string // the path of a JSON file
	Language string
	Day      string    // empty for
	Now      time.Time // the present
}

// outcome is what is printed.
type outcome struct {
	Name     string               `json:"name"`
	Version  string               `json:"version"`
	Status   instruments.Status   `json:"status"`
	Day      string               `json:"day"`
	Language string               `json:"language"`
	Complete bool                 `json:"complete"`
	Faults   []said               `json:"faults"`
	Scores   []instruments.Result `json:"scores"`
	Urgency  instruments.Level    `json:"urgency"`
	Alerts   []filling.Alarm      `json:"alerts"`
	Answers  map[string]string    `json:"answers"` // those that count, with what calculations came to
}

type said struct {
	Key     string `json:"key"`
	Fault   string `json:"fault"`
	Message string `json:"message"`
}

// Score prints the scores and alerts of a filled questionnaire, as JSON.
func Score(w io.Writer, s Scoring) error {
	d, err := definition(s.Name)
	if err != nil {
		return err
	}
	f, err := form(d)
	if err != nil {
		return err
	}
	now := s.Now.In(dates.Dhaka())
	if s.Day != "" {
		day, err := dates.Parse(s.Day)
		if err != nil || day.Day == 0 {
			return wrong("%q is not a day such as 2026-03-05.", s.Day)
		}
		now = day.Start().In(dates.Dhaka())
	}
	answers, err := readAnswers(s.Answers, f)
	if err != nil {
		return err
	}
	a := f.Begin(answers, filling.Occasion{Began: now, Now: now, Language: s.Language})
	out := outcome{Name: d.Name, Version: d.Version, Status: d.Status, Day: now.Format("2006-01-02"), Language: s.Language, Faults: []said{},
		Scores: a.Scores(), Urgency: a.Urgency(), Alerts: append([]filling.Alarm{}, a.Alarms()...), Answers: a.Given()}
	for _, x := range a.Faults() {
		message := x.Message.In(s.Language, d.Language)
		if message == "" {
			message = words.In(words.Lang(s.Language)).Fault(x.Fault)
		}
		out.Faults = append(out.Faults, said{x.Key, x.Fault.Key, message})
	}
	out.Complete = len(out.Faults) == 0
	return json.MarshalWrite(w, out, json.Deterministic(true), jsontext.WithIndent("  "))
}

// readAnswers reads a file of answers and refuses those to no question.
func readAnswers(path string, f *filling.Form) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, wrong("%s cannot be opened: %s.", path, cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 8<<20))
	if err != nil {
		return nil, wrong("%s cannot be read: %s.", path, cause(err))
	}
	var given map[string]any
	if err := json.Unmarshal(text, &given); err != nil {
		return nil, wrong("%s is not a JSON object of answers: %s.", path, err)
	}
	flat := map[string]string{}
	if err := flatten("", given, flat); err != nil {
		return nil, err
	}
	answers := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(flat)) {
		key, ok := f.Key(name)
		if !ok {
			return nil, wrong("There is no question %q in %s.", name, f.Definition().Name)
		}
		answers[key] = flat[name]
	}
	return answers, nil
}

// flatten lays answers out by their keys: a list of objects is a repeat, a list of words several choices.
func flatten(key string, v any, into map[string]string) error {
	switch v := v.(type) {
	case nil:
		into[key] = ""
	case string:
		into[key] = v
	case bool:
		into[key] = strconv.FormatBool(v)
	case float64:
		into[key] = strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		if len(v) == 0 && key != "" {
			into[key] = "" // an instance without an answer is one all the same
		}
		for name, inner := range v {
			at := name
			if key != "" {
				at = key + "/" + name
			}
			if err := flatten(at, inner, into); err != nil {
				return err
			}
		}
	case []any:
		return flattenList(key, v, into)
	}
	return nil
}

func flattenList(key string, all []any, into map[string]string) error {
	var chosen []string
	for i, v := range all {
		switch v := v.(type) {
		case map[string]any:
			if err := flatten(fmt.Sprintf("%s[%d]", key, i+1), v, into); err != nil {
				return err
			}
		case string:
			chosen = append(chosen, v)
		default:
			return wrong("%q is a list of neither choices nor objects.", key)
		}
	}
	if len(chosen) > 0 {
		into[key] = strings.Join(chosen, " ")
	}
	return nil
}
