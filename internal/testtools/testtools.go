// SPDX-License-Identifier: Apache-2.0

// Package testtools starts what tests need that is not written in Go.
package testtools

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Client is the program under test, as the provider knows it.
type Client struct {
	ID, Secret string
	Redirects  []string // where the browser may be sent back to
}

// Provider starts an OpenID Connect provider that nobody here wrote, for as long
// as the test runs, and returns its issuer. The accounts are the claims of each
// person by the login name to type; any password will do.
//
// Where Node or the packages are missing the test is skipped, or fails if
// REQUIRE_BROWSER is set, as it is in the full test run.
func Provider(t testing.TB, client Client, accounts map[string]map[string]any) (issuer string) {
	t.Helper()
	settings, err := json.Marshal(map[string]any{"client": client, "accounts": accounts})
	if err != nil {
		t.Fatal(err)
	}
	folder := folder(t)
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "oidc-provider")); err != nil {
		lack(t, "oidc-provider is not installed: run npm ci in internal/testtools")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		lack(t, "node is not installed")
	}
	cmd := exec.Command(node, "provider.mjs")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "SETTINGS="+string(settings), "NODE_ENV=test")
	var said locked
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider did not start: %v\n%s", err, said.String())
	}
	return strings.TrimSpace(line)
}

// lack skips the test, or fails it where nothing may be missing.
func lack(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("REQUIRE_BROWSER") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// folder finds this folder, also in a test built with -trimpath.
func folder(t testing.TB) string {
	t.Helper()
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return filepath.Dir(file)
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		path := filepath.Join(at, "internal", "testtools")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatal("internal/testtools is not above the working directory")
	return ""
}

// locked is a buffer that a process may write while the test reads.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
