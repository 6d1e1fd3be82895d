// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unwanted finds what ties a file to one machine or one place to download from.
// The names are put together here so that this file does not hold them.
var unwanted = regexp.MustCompile(strings.Join([]string{
	`(?:^|[^\w.])/work` + `/(?:main|shared|\.library)\b`, `\.\./` + `shared/`,
	`registry\.` + `npmjs\.org`, `registry\.` + `yarnpkg\.com`, `proxy\.` + `golang\.org`, `sum\.` + `golang\.org`, `goproxy\.` + `\w+`,
	`deb\.` + `debian\.org`, `archive\.` + `ubuntu\.com`, `pypi\.` + `org`, `repo1?\.` + `maven`, `static\.` + `crates\.io`,
}, "|"))

// resolved finds the addresses that npm would write into a lock file, and settings that name a registry.
var resolved = regexp.MustCompile(`"resolved"\s*:|(?m)^\s*(?:\S+:)?registry\s*=`)

// tied complains of each line of a text that names such a place.
func tied(path string, text []byte) (complaints []string) {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil // not text
	}
	npm := strings.HasSuffix(path, "package-lock.json") || strings.HasSuffix(path, ".npmrc")
	for n, line := range bytes.Split(text, []byte("\n")) {
		if m := unwanted.Find(line); m != nil {
			complaints = append(complaints, fmt.Sprintf("%s:%d: names %s", path, n+1, m))
		}
		if npm && resolved.Match(line) {
			complaints = append(complaints, fmt.Sprintf("%s:%d: names a registry: npm install --omit-lockfile-registry-resolved", path, n+1))
		}
	}
	return complaints
}

func TestNoFileIsTiedToAMachineOrARegistry(t *testing.T) {
	top, paths := tracked(t)
	for _, path := range paths {
		info, err := os.Lstat(filepath.Join(top, path))
		if err != nil || !info.Mode().IsRegular() || info.Size() > 4<<20 {
			continue // being removed, a link, or data
		}
		text, err := os.ReadFile(filepath.Join(top, path))
		if err != nil {
			t.Fatal(err)
		}
		report(t, tied(path, text))
	}
}

func TestATiedFileIsCaught(t *testing.T) {
	caught(t, tied("x.md", []byte("fine\nsee /work"+"/shared/data")), "x.md:2: names")
	caught(t, tied("x.sh", []byte("curl https://registry."+"npmjs.org/x")), "registry")
	caught(t, tied("package-lock.json", []byte(`{"resolved": "https://example.org/x.tgz"}`)), "names a registry")
	caught(t, tied(".npmrc", []byte("registry=https://example.org")), "names a registry")
	caught(t, tied("x.md", []byte("the network/work of a caseworker; https://example.org")))
}
