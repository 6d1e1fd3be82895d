// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fera/internal/matching/index"
)

func unpacked(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := os.Open("../table/testdata/" + name + ".csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func idOf(n int) (id index.ID) {
	binary.BigEndian.PutUint64(id[:], uint64(n))
	return id
}

func numberOf(id index.ID) int { return int(binary.BigEndian.Uint64(id[:])) }

// simulated reads the simulated registrations, and who of them is who.
func simulated(t testing.TB) (records []*index.Record, person map[int]int) {
	t.Helper()
	person = map[int]int{}
	for _, row := range unpacked(t, "bd_synthetic_dev_20k.truth") {
		n, _ := strconv.Atoi(row[0])
		person[n], _ = strconv.Atoi(row[1])
	}
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	for _, row := range unpacked(t, "bd_synthetic_dev_20k") {
		n, _ := strconv.Atoi(row[0])
		r := &index.Record{ID: idOf(n), Name: row[1], Other: row[2], Father: row[3], Mother: row[4], Sex: strings.ToLower(row[5]), Village: row[9],
			NIDs: one(row[11]), Passports: one(row[12])}
		if row[10] != "" {
			r.Phones = []string{"+88" + row[10]}
		}
		for i, part := range strings.Split(row[6], "-") {
			v, _ := strconv.Atoi(part)
			*[]*int{&r.Birth.Year, &r.Birth.Month, &r.Birth.Day}[i] = v
		}
		if row[8] != "" { // D62U7 becomes upazila 706208
			r.Place = string(row[8][2]%8+'1') + "0" + row[8][1:3] + "0" + string(row[8][4]+1)
		}
		records = append(records, r)
	}
	return records, person
}

func build(t testing.TB, records []*index.Record) *index.Index {
	t.Helper()
	m, err := index.Default()
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.Build(slices.Values(records), len(records), m)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// trueOf counts the pairs of one person.
func trueOf(person map[int]int) (n int) {
	size := map[int]int{}
	for _, p := range person {
		n += size[p]
		size[p]++
	}
	return n
}

// The shipped model is what the simulated registrations teach; it is written anew with UPDATE_GOLDEN=1.
func TestTheShippedModelIsWhatWasLearned(t *testing.T) {
	records, _ := simulated(t)
	x, err := index.Build(slices.Values(records), len(records), index.Blank())
	if err != nil {
		t.Fatal(err)
	}
	m, err := x.Learn("simulated-2", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.From = "20,000 simulated registrations, without examples; no real register has been learned from"
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile("default.json", b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("default.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Error("default.json is not what is learned now: UPDATE_GOLDEN=1 go test ./internal/matching/index, and read the difference")
	}
}

func TestARegisterIsJoinedWithItself(t *testing.T) {
	records, person := simulated(t)
	x := build(t, records)
	found, right, sure, surelyRight, reached := 0, 0, 0, 0, 0
	err := x.Join(t.Context(), index.Joining{Least: -100, Workers: 2, Found: func(p index.Pair) error {
		same := person[numberOf(p.A)] == person[numberOf(p.B)]
		if same {
			reached++
		}
		if p.Bits >= 0 {
			found++
			right += one(same)
		}
		if p.P >= 0.99 && p.Doubt == index.NoDoubt {
			sure++
			surelyRight += one(same)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	all := float64(trueOf(person))
	precision, recall := float64(right)/float64(found), float64(right)/all
	f1 := 2 * precision * recall / (precision + recall)
	certain := float64(surelyRight) / float64(sure)
	t.Logf("F1 %.4f (P %.4f, R %.4f); at p 0.99 P %.4f, R %.4f; blocking recall %.4f", f1, precision, recall, certain, float64(surelyRight)/all,
		float64(reached)/all)
	if f1 < 0.98 || certain < 0.999 || float64(reached)/all < 0.995 {
		t.Error("want F1 0.98, precision 0.999 at p 0.99 and blocking recall 0.995 at least")
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
