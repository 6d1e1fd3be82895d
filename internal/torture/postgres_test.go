// SPDX-License-Identifier: Apache-2.0

package torture_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/seal"
)

// cluster is a PostgreSQL server of the test's own, as durable as it can be.
type cluster struct {
	bin, dir string
	port     int
	as       *syscall.Credential // PostgreSQL refuses root
	server   *exec.Cmd
}

func (c *cluster) url() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable&connect_timeout=5", c.port)
}

// newCluster makes a cluster and starts it. Where PostgreSQL is not wanted, or
// not installed, the test is skipped; in CI it fails.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	if os.Getenv("TEST_POSTGRES") == "" && os.Getenv("REQUIRE_POSTGRES") == "" {
		t.Skip("TEST_POSTGRES is not set")
	}
	bin := binaries()
	if bin == "" {
		if os.Getenv("REQUIRE_POSTGRES") != "" {
			t.Fatal("initdb is not installed")
		}
		t.Skip("initdb is not installed")
	}
	dir, err := os.MkdirTemp("", "fera-torture-")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{bin: bin, dir: dir}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Getuid() == 0 {
		if c.as, err = somebodyElse(); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chmod(dir, 0o700), os.Chown(dir, int(c.as.Uid), int(c.as.Gid))); err != nil {
			t.Fatal(err)
		}
	}
	initdb := c.command("initdb", "-D", dir+"/data", "-U", "postgres", "--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8")
	if text, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, text)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	c.start(t)
	t.Cleanup(func() { c.kill() })
	return c
}

// binaries is the directory of PostgreSQL's server programs, the newest of them.
func binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if text, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dir := strings.TrimSpace(string(text))
		if _, err := os.Stat(dir + "/initdb"); err == nil {
			return dir
		}
	}
	return ""
}

func somebodyElse() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// start starts the server and waits until it answers. One that was killed
// recovers first; the last of its helpers may still be on their way out.
func (c *cluster) start(t *testing.T) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for {
		c.server = c.command("postgres", "-D", c.dir+"/data", "-p", strconv.Itoa(c.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+c.dir,
			"-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on", "-c", "max_connections=100", "-c", "timezone=UTC")
		log, err := os.OpenFile(c.dir+"/log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		c.server.Stdout, c.server.Stderr = log, log
		err = c.server.Start()
		log.Close()
		if err != nil {
			t.Fatal(err)
		}
		gone := make(chan struct{})
		go func(cmd *exec.Cmd) { cmd.Wait(); close(gone) }(c.server)
		for answered := false; !answered; {
			select {
			case <-gone:
				answered = true
			case <-time.After(30 * time.Millisecond):
				if d, err := db.Open(context.Background(), c.url(), db.Options{}); err == nil {
					d.Close()
					return
				}
			}
			if time.Now().After(end) {
				text, _ := os.ReadFile(c.dir + "/log")
				t.Fatalf("PostgreSQL does not start:\n%s", text)
			}
		}
	}
}

// kill kills the server and everything it started, with SIGKILL.
func (c *cluster) kill() {
	pid := c.server.Process.Pid
	helpers := children(pid) // asked while it lives: afterwards they are nobody's
	syscall.Kill(pid, syscall.SIGKILL)
	for _, child := range helpers {
		syscall.Kill(child, syscall.SIGKILL)
	}
}

// children lists the processes that a process started, by what the kernel says.
func children(pid int) (all []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	for _, f := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(f); err == nil {
			all = append(all, n)
		}
	}
	return all
}

// The program is killed while eight register, and every third time the whole
// PostgreSQL server under it, which then has to recover.
func TestTorturePostgres(t *testing.T) {
	c := newCluster(t)
	d := open(t, c.url())
	if err := errors.Join(d.Migrate(t.Context()), seal.Prepare(t.Context(), d), d.Close()); err != nil {
		t.Fatal(err)
	}
	w, crashes := newWitness(), 0
	for i := range kills(t) {
		s := store{url: c.url(), keys: keyFile(t)}
		if i%3 == 2 {
			s.fault = func(*testing.T) { c.kill() }
			crashes++
		}
		w.round(t, s)
		if s.fault != nil {
			c.start(t)
		}
		w.check(t, s.url)
	}
	d = open(t, c.url())
	defer d.Close()
	w.whole(t, d)
	w.settle(t, d)
	w.whole(t, d)
	t.Logf("the server was killed %d times", crashes)
	if len(w.done) == 0 {
		t.Error("nobody was acknowledged: the test shows nothing")
	}
}
