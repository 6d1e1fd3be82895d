// SPDX-License-Identifier: Apache-2.0

// Package browsertest lets a test use the program as a person does: through
// a real browser, by the words on the page.
//
// It drives Chromium, one process for each test binary and one page with its
// own cookies and cache for each Open. Things are named by what is written on
// them, their label, or a CSS selector; a call waits until the thing is there,
// and fails the test with what the page shows if it does not come.
//
// Where there is no Chromium the test is skipped, or fails if REQUIRE_BROWSER
// is set, as it is in the full test run.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

const profilePrefix = "fera-browser-"

// errNoBrowser says that there is nothing to drive, which may be no fault of the program.
var errNoBrowser = errors.New("no browser")

// chromium starts the browser at its first call, for all tests of the binary.
// The operating system ends it together with the test binary.
var chromium = sync.OnceValues(start)

func start() (context.Context, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	sweep()
	profile := filepath.Join(os.TempDir(), profilePrefix+strconv.Itoa(os.Getpid()))
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.Headless,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.NoSandbox, chromedp.DisableGPU}
	for _, name := range []string{
		"disable-background-networking", "disable-breakpad", "disable-client-side-phishing-detection",
		"disable-component-update", "disable-default-apps", "disable-dev-shm-usage", "disable-domain-reliability",
		"disable-extensions", "disable-popup-blocking", "disable-quic", "disable-renderer-backgrounding",
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-sync",
		"hide-scrollbars", "metrics-recording-only", "mute-audio", "no-pings", "use-mock-keychain",
	} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	flags = append(flags, chromedp.Flag("disable-features", "BackForwardCache,Translate,OptimizationHints,MediaRouter,AutofillServerCommunication"),
		chromedp.Flag("password-store", "basic"))
	allocator, _ := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, _ := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
}

// find returns the path of a Chromium.
func find() (string, error) {
	if os.Getenv("NO_BROWSER") != "" {
		return "", fmt.Errorf("%w: NO_BROWSER is set", errNoBrowser)
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: Chromium is not installed; CHROMIUM may name its path", errNoBrowser)
}

// sweep removes the profiles of test runs that are over.
func sweep() {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), profilePrefix+"*"))
	for _, profile := range old {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(profile), profilePrefix))
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			os.RemoveAll(profile)
		}
	}
}

// running returns the browser, or skips the test where there is none and none is required.
func running(t testing.TB) context.Context {
	t.Helper()
	ctx, err := chromium()
	if errors.Is(err, errNoBrowser) && os.Getenv("REQUIRE_BROWSER") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}
