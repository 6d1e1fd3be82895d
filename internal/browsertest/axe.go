// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Axe returns what axe-core finds wrong with the page as it is now, in words,
// or "" if it finds nothing. It needs a page opened with Scripts.
//
// The browser runs axe-core on the test's behalf, not on the page's, so a
// content security policy does not stand in its way.
func (p *Page) Axe() string {
	p.t.Helper()
	if !p.scripts {
		p.t.Fatal("axe-core needs a page opened with Scripts")
	}
	p.Eval(p.axeSource(), nil)
	var found []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML, FailureSummary string }
	}
	p.Eval(`axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help,
		Nodes: v.nodes.map(n => ({HTML: n.html.slice(0, 300), FailureSummary: n.failureSummary}))})))`, &found)
	var b strings.Builder
	for _, v := range found {
		fmt.Fprintf(&b, "%s (%s): %s\n", v.ID, v.Impact, v.Help)
		for _, n := range v.Nodes {
			fmt.Fprintf(&b, "  %s\n    %s\n", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
		}
	}
	return b.String()
}

// axeSource reads axe-core from where the test run installs it.
func (p *Page) axeSource() string {
	p.t.Helper()
	folder, err := tools()
	p.must(err)
	source, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("REQUIRE_BROWSER") == "" {
		p.t.Skip("axe-core is not installed: run npm ci in internal/testtools")
	}
	p.must(err)
	return string(source) + "\n;null"
}

// tools returns the folder with the test run's npm packages.
func tools() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if ok && filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), "..", "testtools"), nil
	}
	// Built with -trimpath: look upwards from where the test runs.
	folder, err := os.Getwd()
	for err == nil && folder != filepath.Dir(folder) {
		if path := filepath.Join(folder, "internal", "testtools"); exists(path) {
			return path, nil
		}
		folder = filepath.Dir(folder)
	}
	return "", errors.New("internal/testtools is not above the working directory")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
