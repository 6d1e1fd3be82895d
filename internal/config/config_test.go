// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fera/internal/config"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A flag goes before the environment, that before the file, that before the default.
func TestTheNearestSourceWins(t *testing.T) {
	path := write(t, "fera.toml", "listen = 'file'\nmetrics = 'file'\nurl = 'file'\nmigrate = true\n")
	s, err := config.Load(config.Sources{File: path,
		Env:   []string{"FERA_LISTEN=env", "FERA_METRICS=env", "HOME=x"},
		Flags: map[string]string{"listen": "flag"}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != "flag" || s.Metrics != "env" || s.URL != "file" || !s.Migrate || s.Data != config.Default().Data {
		t.Errorf("got %+v", s)
	}
}

func TestAFileInTheDataDirectoryIsFound(t *testing.T) {
	path := write(t, "fera.toml", "listen = 'file'\n")
	for name, from := range map[string]config.Sources{
		"by flag":        {Flags: map[string]string{"data": filepath.Dir(path)}},
		"by environment": {Env: []string{"FERA_DATA=" + filepath.Dir(path)}},
		"by name":        {Env: []string{"FERA_CONFIG=" + path}},
	} {
		s, err := config.Load(from)
		if err != nil || s.Listen != "file" {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestThePassphraseIsTheFirstLineOfItsFile(t *testing.T) {
	for text, want := range map[string]string{"open sesame\n": "open sesame", "a b\r\nmore": "a b", " padded ": " padded "} {
		s, err := config.Load(config.Sources{Flags: map[string]string{"passphrase-file": write(t, "pass", text)}})
		if err != nil || s.Passphrase != want {
			t.Errorf("%q: %q, %v", text, s.Passphrase, err)
		}
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for want, from := range map[string]config.Sources{
		"FERA_LISTN is no setting":  {Env: []string{"FERA_LISTN=x"}},
		"lisen in ":                 {File: write(t, "fera.toml", "lisen = 'x'\n")},
		"cannot be read":            {File: write(t, "fera.toml", "listen = \n")},
		"no/such/file":              {File: "no/such/file"},
		"log is auto":               {Flags: map[string]string{"log": "xml"}},
		"passphrase file":           {Flags: map[string]string{"passphrase-file": "no/such/file"}},
		"is empty":                  {Flags: map[string]string{"passphrase-file": write(t, "pass", "\n")}},
		"value that it cannot have": {Env: []string{"FERA_MIGRATE=perhaps"}},
		"data directory":            {Flags: map[string]string{"data": ""}},
	} {
		if _, err := config.Load(from); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestPlacesFollowFromTheDataDirectory(t *testing.T) {
	s := config.Settings{Data: "d"}
	if s.DatabaseURL() != "d/fera.db" || s.KeyFile() != "d/fera.key" || s.LedgerFile() != "d/erasures.jsonl" {
		t.Errorf("got %s, %s, %s", s.DatabaseURL(), s.KeyFile(), s.LedgerFile())
	}
	if s.Database = "postgres://x/y"; s.DatabaseURL() != s.Database {
		t.Errorf("got %s", s.DatabaseURL())
	}
}
