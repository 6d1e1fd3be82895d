// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/api"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/offices"
)

// served is the API on a socket, as another system with a key of its own finds it.
type served struct {
	b    *testing.B
	at   string
	key  string
	http *http.Client
}

func serve(b *testing.B, clients int) *served {
	d := dbtest.Open(b, dbtest.SQLite(b), time.Now)
	s := httptest.NewServer(api.New(api.Options{DB: d, Actor: accounts.ByToken}))
	b.Cleanup(s.Close)
	return &served{b, s.URL + "/api/v1", keyOf(b, d), &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}}}
}

// keyOf adds a supervisor and gives her a key for persons.
func keyOf(b *testing.B, d *db.DB) (key string) {
	b.Helper()
	system := access.System(access.Permissions()...)
	dbtest.Write(b, d, func(tx *db.Tx) error {
		u, _, err := accounts.FirstAdministrator(b.Context(), tx, system, accounts.First{
			Addition:     accounts.Addition{Name: "Chandra", Login: "chandra", Language: "en"},
			Organisation: offices.Organisation{NameBn: "অপরাজিতা", NameEn: "Aparajita", Kind: offices.CivilSociety},
			Opening:      offices.Opening{NameBn: "কেন্দ্র", NameEn: "Centre", Kind: offices.HeadOffice, Place: "3026"},
		})
		if err != nil {
			return err
		}
		if err := accounts.GrantRole(b.Context(), tx, system, accounts.Held{User: u.ID, Role: access.Supervisor, Scope: access.AtOffice(u.Office)}); err != nil {
			return err
		}
		_, key, err = accounts.AddToken(b.Context(), tx, system, accounts.Token{Owner: u.ID, Name: "bench",
			Permissions: []access.Permission{access.RegisterPerson, access.ReadPersons}, EndsAt: tx.Now().Add(time.Hour)})
		return err
	})
	return key
}

func (s *served) do(method, path, body string, status int, header ...string) *http.Response {
	r, err := http.NewRequest(method, s.at+path, bytes.NewReader([]byte(body)))
	if err != nil {
		s.b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := s.http.Do(r)
	if err != nil {
		s.b.Error(err)
		return nil
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != status {
		s.b.Errorf("%d: %s", res.StatusCode, text)
	}
	return res
}

// lean is one connection that speaks just enough HTTP, so that the client costs
// little of the machine that is measured.
type lean struct {
	conn net.Conn
	in   *bufio.Reader
}

func (s *served) dial() *lean {
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(s.at, "http://"), "/api/v1"))
	if err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(func() { conn.Close() })
	return &lean{conn, bufio.NewReaderSize(conn, 16<<10)}
}

func (l *lean) get(path, key string) error {
	if _, err := fmt.Fprintf(l.conn, "GET /api/v1%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, key); err != nil {
		return err
	}
	length := 0
	for first := true; ; first = false {
		line, err := l.in.ReadSlice('\n')
		if err != nil || first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("%s %v", line, err)
		}
		if n, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(n)))
		}
		if len(line) == 2 {
			_, err := l.in.Discard(length)
			return err
		}
	}
}

// processor is how long this process has used a processor, client and all: on a
// machine shared with others it says more than the clock.
func processor() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkFind(b *testing.B) {
	const clients = 16
	s := serve(b, clients)
	var hers []string
	for range 2000 {
		hers = append(hers, s.do("POST", "/persons", rahima, 201).Header.Get("Location")[len("/api/v1"):])
	}
	var n atomic.Int64
	b.SetParallelism(clients / 2) // times two processors
	began := processor()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		l := s.dial()
		for pb.Next() {
			if err := l.get(hers[int(n.Add(1))%len(hers)], s.key); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(float64((processor()-began).Microseconds())/float64(b.N), "processor-µs/request")
}

func BenchmarkRegister(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			s := serve(b, clients)
			var n atomic.Int64
			began := processor()
			b.SetParallelism(max(1, clients/2))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					s.do("POST", "/persons", rahima, 201, "Idempotency-Key", fmt.Sprint(n.Add(1)))
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
			b.ReportMetric(float64((processor()-began).Microseconds())/float64(b.N), "processor-µs/request")
		})
	}
}
