// SPDX-License-Identifier: Apache-2.0

// Package config reads the settings of the program, once, when it starts.
//
// A setting may be given as a flag, in the environment and in a TOML file; the
// first of these that has it counts, and else its default. A name that is no
// setting is an error, for it is mostly a slip of the pen.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Settings are what can be set. The tag is the name of the flag and in the file;
// in the environment it is FERA_PASSPHRASE_FILE for passphrase-file.
type Settings struct {
	// Data is the directory that holds the key file, the list of erasures and,
	// without Database, the SQLite file.
	Data string `koanf:"data"`
	// Database is the address of a PostgreSQL database, or the path of a SQLite
	// file; empty for fera.db in Data.
	Database string `koanf:"database"`
	// Passphrase opens the key file. It has no flag, since the command line is
	// seen by all who use the machine.
	Passphrase string `koanf:"passphrase"`
	// PassphraseFile is a file whose first line is the passphrase.
	PassphraseFile string `koanf:"passphrase-file"`
	// Listen is the address on which pages and API are served.
	Listen string `koanf:"listen"`
	// Metrics is the address on which Prometheus may read counts; empty for none.
	Metrics string `koanf:"metrics"`
	// URL is what browsers call the installation, such as https://fera.example.org;
	// empty for http and Listen. It decides whether cookies need TLS.
	URL string `koanf:"url"`
	// Proxies are the addresses or networks of reverse proxies whose word on where
	// a request came from is taken, with commas between them.
	Proxies string `koanf:"proxies"`
	// Migrate brings an older PostgreSQL database up to date before serving.
	Migrate bool `koanf:"migrate"`
	// Log is the form of the log: text, json, or auto for text at a terminal.
	Log string `koanf:"log"`

	// SMSURL is the sendsms of a Kannel, or of what speaks as one; empty for none.
	SMSURL string `koanf:"sms-url"`
	// SMSUser and SMSPassword are how one is known there. The password has no flag.
	SMSUser     string `koanf:"sms-user"`
	SMSPassword string `koanf:"sms-password"`
	// SMSFrom is the number or name that messages come from; empty for the gateway's own.
	SMSFrom string `koanf:"sms-from"`
	// SMSDir is a directory into which messages are written instead, each to a file; empty for none.
	SMSDir string `koanf:"sms-dir"`
	// MailURL is a mail server for e-mail to organisations, smtp://host:587 or smtps://host:465; empty for none.
	MailURL string `koanf:"mail-url"`
	// MailFrom is the address that e-mails come from.
	MailFrom string `koanf:"mail-from"`
	// MailUser and MailPassword are how one is known there. The password has no flag.
	MailUser     string `koanf:"mail-user"`
	MailPassword string `koanf:"mail-password"`
	// MailRoots is a file of certificates (PEM) of those who vouch for the mail server; empty for those of the system.
	MailRoots string `koanf:"mail-roots"`
	// SMSSecret is what the gateway shares that hands over what comes in; empty: nothing comes in.
	SMSSecret string `koanf:"sms-secret"`
	// FiguresLicence is under which licence published figures may be used, as SPDX has it: CC-BY-4.0, CC0-1.0 or ODbL-1.0.
	FiguresLicence string `koanf:"figures-licence"`
	// HookPrivate lets endpoints be told that lie in this network or on this machine, and without TLS: for trying things out.
	HookPrivate bool `koanf:"hook-private"`
}

// Default are the settings that hold unless others are given.
func Default() Settings {
	return Settings{Data: "fera-data", Listen: "127.0.0.1:8080", Log: "auto", FiguresLicence: "CC-BY-4.0"}
}

// Sources are where settings come from.
type Sources struct {
	File  string            // path of a TOML file; empty for fera.toml in the data directory, if there is one
	Env   []string          // as of os.Environ
	Flags map[string]string // those that were given
}

// prefix begins the names of settings in the environment.
const prefix = "FERA_"

// fileVariable names the TOML file in the environment; it is no setting itself.
const fileVariable = "config"

// Load merges the sources, checks the result and reads the passphrase file.
func Load(from Sources) (Settings, error) {
	env := environment(from.Env)
	if from.File == "" {
		from.File = env[fileVariable]
	}
	delete(env, fileVariable)
	if problem := unknown(env, func(name string) string { return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }); problem != nil {
		return Settings{}, problem
	}
	k := koanf.New("\x00") // no setting has a part
	k.Load(given(values(Default())), nil)
	if err := loadFile(k, from, env); err != nil {
		return Settings{}, err
	}
	k.Load(given(env), nil)
	k.Load(given(from.Flags), nil)
	var s Settings
	if err := k.Unmarshal("", &s); err != nil {
		return Settings{}, fmt.Errorf("a setting has a value that it cannot have: %w", err)
	}
	return s.complete()
}

// given is a koanf provider of settings that are known already.
type given map[string]string

// ReadBytes implements koanf.Provider.
func (g given) ReadBytes() ([]byte, error) { return nil, errors.New("not in bytes") }

// Read implements koanf.Provider.
func (g given) Read() (map[string]any, error) {
	all := map[string]any{}
	for name, v := range g {
		all[name] = v
	}
	return all, nil
}

func environment(env []string) map[string]string {
	all := map[string]string{}
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		if rest, ours := strings.CutPrefix(name, prefix); ours {
			all[strings.ToLower(strings.ReplaceAll(rest, "_", "-"))] = value
		}
	}
	return all
}

func loadFile(k *koanf.Koanf, from Sources, env map[string]string) error {
	path := from.File
	if path == "" {
		dir := k.String("data")
		for _, more := range []map[string]string{env, from.Flags} {
			if d, ok := more["data"]; ok {
				dir = d
			}
		}
		path = filepath.Join(dir, "fera.toml")
		if _, err := os.Stat(path); err != nil {
			return nil // there need not be one
		}
	}
	own := koanf.New("\x00")
	if err := own.Load(file.Provider(path), toml.Parser()); err != nil {
		return fmt.Errorf("the settings file %s cannot be read: %w", path, err)
	}
	if problem := unknown(own.Raw(), func(name string) string { return name + " in " + path }); problem != nil {
		return problem
	}
	return k.Merge(own)
}

// Names are the names of all settings.
func Names() []string {
	var names []string
	for f := range reflect.TypeFor[Settings]().Fields() {
		names = append(names, f.Tag.Get("koanf"))
	}
	return names
}

func values(s Settings) map[string]string {
	all := map[string]string{}
	v := reflect.ValueOf(s)
	for i, name := range Names() {
		all[name] = fmt.Sprint(v.Field(i))
	}
	return all
}

func unknown[V any](settings map[string]V, called func(string) string) error {
	for name := range settings {
		if !slices.Contains(Names(), name) {
			return fmt.Errorf("%s is no setting; there are %s", called(name), strings.Join(Names(), ", "))
		}
	}
	return nil
}

// complete reads the passphrase from its file and checks what has a form.
func (s Settings) complete() (Settings, error) {
	if s.PassphraseFile != "" {
		text, err := os.ReadFile(s.PassphraseFile)
		if err != nil {
			return Settings{}, fmt.Errorf("the passphrase file cannot be read: %w", err)
		}
		s.Passphrase, _, _ = strings.Cut(string(text), "\n")
		if s.Passphrase = strings.TrimSuffix(s.Passphrase, "\r"); s.Passphrase == "" {
			return Settings{}, fmt.Errorf("the passphrase file %s is empty", s.PassphraseFile)
		}
	}
	if s.Data == "" {
		return Settings{}, errors.New("the data directory has no name; give --data")
	}
	if !slices.Contains([]string{"auto", "json", "text"}, s.Log) {
		return Settings{}, fmt.Errorf("log is auto, json or text, not %q", s.Log)
	}
	if !slices.Contains([]string{"CC-BY-4.0", "CC0-1.0", "ODbL-1.0"}, s.FiguresLicence) {
		return Settings{}, fmt.Errorf("figures-licence is CC-BY-4.0, CC0-1.0 or ODbL-1.0, not %q", s.FiguresLicence)
	}
	if s.SMSURL != "" && s.SMSDir != "" {
		return Settings{}, errors.New("messages leave by sms-url or into sms-dir, not both")
	}
	if s.SMSSecret != "" && len(s.SMSSecret) < leastSecret {
		return Settings{}, fmt.Errorf("sms-secret has to have %d characters or more", leastSecret)
	}
	return s, nil
}

// leastSecret is how short a secret may be.
const leastSecret = 16

// DatabaseURL is what to open: Database, or the SQLite file in Data.
func (s Settings) DatabaseURL() string {
	if s.Database != "" {
		return s.Database
	}
	return filepath.Join(s.Data, "fera.db")
}

// KeyFile is the file of the root key.
func (s Settings) KeyFile() string { return filepath.Join(s.Data, "fera.key") }

// LedgerFile is the file of the list of erasures.
func (s Settings) LedgerFile() string { return filepath.Join(s.Data, "erasures.jsonl") }
