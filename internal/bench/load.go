// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// figures are what a load gave.
type figures struct {
	done     int
	failed   int
	first    string // what the first failure said
	elapsed  time.Duration
	p50, p95 time.Duration
	p99      time.Duration
}

func (f figures) perSecond() float64 { return float64(f.done) / f.elapsed.Seconds() }

// load runs act from so many clients for a time. Each client has a number, and
// counts its own acts.
func load(clients int, lasts time.Duration, act func(client, n int) error) figures {
	var mu sync.Mutex
	var all []time.Duration
	f := figures{}
	var wg sync.WaitGroup
	start := time.Now()
	for c := range clients {
		wg.Go(func() {
			var mine []time.Duration
			for n := 0; time.Since(start) < lasts; n++ {
				began := time.Now()
				err := act(c, n)
				mine = append(mine, time.Since(began))
				if err != nil {
					mu.Lock()
					if f.failed++; f.first == "" {
						f.first = err.Error()
					}
					mu.Unlock()
				}
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	f.elapsed, f.done = time.Since(start), len(all)-f.failed
	if len(all) > 0 {
		slices.Sort(all)
		f.p50, f.p95, f.p99 = all[len(all)/2], all[len(all)*95/100], all[len(all)*99/100]
	}
	return f
}

// client is one keep-alive connection that speaks just enough HTTP, so that the
// measuring costs little of the machine that is measured.
type client struct {
	addr, bearer string
	conn         net.Conn
	in           *bufio.Reader
	out          []byte
}

func dial(addr, bearer string) (*client, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{addr: addr, bearer: bearer, conn: c, in: bufio.NewReaderSize(c, 16<<10)}, nil
}

// do sends a request and returns the status and the body.
func (c *client) do(method, path, key string, body []byte) (int, []byte, error) {
	b := append(c.out[:0], method...)
	b = append(b, ' ')
	b = append(b, path...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, c.addr...)
	if c.bearer != "" {
		b = append(b, "\r\nAuthorization: Bearer "...)
		b = append(b, c.bearer...)
	}
	if key != "" {
		b = append(b, "\r\nIdempotency-Key: "...)
		b = append(b, key...)
	}
	if body != nil {
		media := "application/json"
		if body[0] != '{' {
			media = "application/x-www-form-urlencoded"
		}
		b = append(b, "\r\nContent-Type: "+media+"\r\nContent-Length: "...)
		b = strconv.AppendInt(b, int64(len(body)), 10)
	}
	b = append(append(b, "\r\n\r\n"...), body...)
	c.out = b
	if _, err := c.conn.Write(b); err != nil {
		return 0, nil, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	return res.StatusCode, got, err
}

func (c *client) close() { c.conn.Close() }

// dialAll opens a connection for each client.
func dialAll(addr, bearer string, n int) ([]*client, func(), error) {
	var all []*client
	stop := func() {
		for _, c := range all {
			c.close()
		}
	}
	for range n {
		c, err := dial(addr, bearer)
		if err != nil {
			stop()
			return nil, nil, err
		}
		all = append(all, c)
	}
	return all, stop, nil
}

// want fails unless the answer has one status.
func want(status int) func(got int, body []byte, err error) error {
	return func(got int, body []byte, err error) error {
		if err != nil {
			return err
		}
		if got != status {
			return fmt.Errorf("answered %d, want %d: %.200s", got, status, body)
		}
		return nil
	}
}

// until waits for something to be so.
func until(ctx context.Context, lasts time.Duration, so func() bool) error {
	for end := time.Now().Add(lasts); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if so() {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.New("waited in vain")
}
