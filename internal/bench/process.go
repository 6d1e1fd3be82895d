// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running fera serve.
type process struct {
	cmd     *exec.Cmd
	addr    string
	engine  string
	startup time.Duration // from the start of the process until it says that it is ready
}

func build(dir string) (string, error) {
	path := filepath.Join(dir, "fera")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./cmd/fera")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
}

func start(ctx context.Context, o options, t *table, where ...string) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{addr: l.Addr().String(), engine: "SQLite"}
	if strings.Contains(strings.Join(where, " "), "postgres://") {
		p.engine = "PostgreSQL"
	}
	l.Close()
	t.say("fera serve on %s", p.engine)
	p.cmd = exec.CommandContext(ctx, o.binary, append([]string{"serve", "--listen", p.addr}, where...)...)
	if os.Getenv("BENCH_LOG") != "" {
		p.cmd.Stderr = os.Stderr
	}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	err = until(ctx, 30*time.Second, func() bool {
		res, err := http.Get("http://" + p.addr + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	p.startup = time.Since(began)
	return p, err
}

// memory is the process's resident memory in bytes.
func (p *process) memory() int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")), 10, 64)
			return n * 1024
		}
	}
	return 0
}

func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
}
