// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mail server that cannot be one is refused when the program starts, in words, and the password stands in none of them.
func TestServeRefusesAMailServerThatIsNone(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "roots.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, env := range map[string][]string{
		"has to look like smtp://":         {"FERA_MAIL_URL=mail.example.org", "FERA_MAIL_FROM=fera@example.org"},
		"need an address":                  {"FERA_MAIL_URL=smtp://mail.example.org:587"},
		"holds no certificate":             {"FERA_MAIL_URL=smtp://mail.example.org:587", "FERA_MAIL_FROM=fera@example.org", "FERA_MAIL_ROOTS=" + empty},
		"certificates for the mail server": {"FERA_MAIL_URL=smtp://mail.example.org:587", "FERA_MAIL_FROM=fera@example.org", "FERA_MAIL_ROOTS=" + filepath.Join(dir, "none.pem")},
	} {
		s := runIn(t, append(env, "FERA_MAIL_USER=fera", "FERA_MAIL_PASSWORD=zq-secret"), "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
		if s.code != 2 || !strings.Contains(s.errs, want) || strings.Contains(s.errs, "zq-secret") {
			t.Errorf("%v: code %d, %q, want %q", env, s.code, s.errs, want)
		}
	}
}
