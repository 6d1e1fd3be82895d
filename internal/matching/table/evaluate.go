// SPDX-License-Identifier: Apache-2.0

package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fera/internal/matching/model"
)

// Truth is which rows are of one person, as pairs of rows.
type Truth map[uint64]bool

// TruthOf reads the truth about the rows with some ids: a table of an id and a cluster, or of two ids that belong together.
func TruthOf(t *Table, ids []string) (Truth, error) {
	if len(t.Columns) < 2 {
		return nil, errors.New("the truth needs two columns: two ids, or an id and a cluster")
	}
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		if _, twice := at[id]; twice {
			return nil, fmt.Errorf("two rows have the id %q", id)
		}
		at[id] = i
	}
	if c := clusterColumn(t, at); c >= 0 {
		return fromClusters(t, at, c)
	}
	truth := Truth{}
	for row := range t.Rows() {
		a, known := at[t.Columns[0][row]]
		b, also := at[t.Columns[1][row]]
		if !known || !also {
			return nil, fmt.Errorf("row %d of the truth names a row that the file does not have", row+1)
		}
		if a != b {
			truth[pairOf(int32(a), int32(b))] = true
		}
	}
	return truth, nil
}

// clusterColumn finds the column that says which rows are one person, or -1 if there are two ids instead: by its heading, or
// because only the other column holds ids, or because that one names every row once.
func clusterColumn(t *Table, ids map[string]int) int {
	for i, h := range t.Heads {
		switch plain(h) {
		case "cluster", "cluster_id", "person", "person_id", "entity", "entity_id", "group", "ent_id", "label", "truth":
			return i
		}
	}
	named := func(i int) bool {
		return slices.ContainsFunc(headWords(t.Heads[i]), func(w string) bool { return w == "id" || w == "ids" })
	}
	if len(t.Heads) > 2 || named(0) && named(1) {
		return -1
	}
	var known [2]int
	var once [2]bool
	for i := range known {
		seen := map[string]bool{}
		for _, v := range t.Columns[i] {
			seen[v] = true
			if _, ok := ids[v]; ok {
				known[i]++
			}
		}
		once[i] = len(seen) == t.Rows()
	}
	for i := range known {
		if known[i] == t.Rows() && (known[1-i] < t.Rows() || once[i] && t.Rows() == len(ids)) {
			return 1 - i
		}
	}
	return -1
}

func fromClusters(t *Table, at map[string]int, column int) (Truth, error) {
	id := 0
	if column == 0 {
		id = 1
	}
	members := map[string][]int{}
	for row := range t.Rows() {
		i, known := at[t.Columns[id][row]]
		if !known {
			return nil, fmt.Errorf("row %d of the truth names a row that the file does not have", row+1)
		}
		if c := t.Columns[column][row]; c != "" {
			members[c] = append(members[c], i)
		}
	}
	truth := Truth{}
	for _, rows := range members {
		for i := range rows {
			for j := range i {
				truth[pairOf(int32(rows[i]), int32(rows[j]))] = true
			}
		}
	}
	return truth, nil
}

// Quality is how well something was found.
type Quality struct {
	Found     int     `json:"found"`
	Right     int     `json:"right"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Report is what an evaluation found.
type Report struct {
	Rows int `json:"rows"`
	True int `json:"pairs_true"`
	Quality
	Certain   Quality `json:"at_p_0_99"`       // decisions for which p is at least 0.99
	Pairwise  Quality `json:"pairs_by_p_0_50"` // by each pair's own p, before groups are made
	Pairs     int     `json:"candidate_pairs"`
	Blocking  float64 `json:"blocking_recall"`
	Estimated float64 `json:"estimated_matches"` // what the model believes the number of true pairs to be

	Fields []Compared `json:"fields"`
}

// sure is log2 of the odds at p = 0.99.
const sure = 6.6293566200796095

// Evaluate compares what was found with the truth. Of two files, only pairs across them count.
func (l *Linkage) Evaluate(truth Truth) Report {
	across := func(p uint64) bool {
		a, b := rowsOf(p)
		return l.Source == nil || l.Source[a] != l.Source[b]
	}
	for p := range truth {
		if !across(p) {
			delete(truth, p)
		}
	}
	r := Report{Rows: len(l.IDs), True: len(truth), Pairs: len(l.Candidates), Fields: l.Fields,
		Estimated: l.Model.Matches * l.pairs(len(l.IDs))}
	reached := 0
	for _, p := range l.Candidates {
		if truth[p] {
			reached++
		}
	}
	r.Blocking = share(reached, len(truth))
	grouped := map[uint64]bool{}
	for _, g := range l.Groups {
		for i := range g {
			for j := range i {
				if p := pairOf(int32(g[i]), int32(g[j])); across(p) {
					grouped[p] = true
					r.Quality.count(truth[p])
				}
			}
		}
	}
	for _, k := range l.Links {
		p := pairOf(int32(k.A), int32(k.B))
		if k.Bits >= 0 {
			r.Pairwise.count(truth[p])
		}
		if k.Bits >= sure && grouped[p] {
			r.Certain.count(truth[p])
		}
	}
	for _, q := range []*Quality{&r.Quality, &r.Certain, &r.Pairwise} {
		q.settle(len(truth))
	}
	return r
}

func (q *Quality) count(right bool) {
	q.Found++
	if right {
		q.Right++
	}
}

func (q *Quality) settle(all int) {
	q.Precision, q.Recall = share(q.Right, q.Found), share(q.Right, all)
	if q.Right > 0 {
		q.F1 = 2 * q.Precision * q.Recall / (q.Precision + q.Recall)
	}
}

// share is a part of a whole; of nothing, all.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// Pair gives the rows of one candidate.
func Pair(candidate uint64) (a, b int) { return rowsOf(candidate) }

// Explain says why two rows are or are not taken for one person.
func (l *Linkage) Explain(a, b int) model.Explanation {
	return l.scorer.Explain(l.evidence(a, b, nil))
}

// ParseMap reads what a user says of columns: "theirs=ours,other=exact". Ours is the name of a known field or a comparator.
func ParseMap(spec string, t *Table) (map[string]Kind, error) {
	asked := map[string]Kind{}
	for part := range strings.SplitSeq(spec, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		theirs, ours, ok := strings.Cut(part, "=")
		i := t.Column(strings.TrimSpace(theirs))
		if !ok || i < 0 {
			return nil, fmt.Errorf("--map %q: write theirs=ours, where theirs is a heading of the file (%s)", part, strings.Join(t.Heads, ", "))
		}
		kind := asKind(strings.TrimSpace(ours))
		if kind == "" {
			return nil, fmt.Errorf("--map %q: %q is neither a field nor one of exact, name, text, number, date, ignore", part, ours)
		}
		asked[t.Heads[i]] = kind
	}
	return asked, nil
}

func asKind(ours string) Kind {
	switch k := Kind(ours); k {
	case Exact, Person, Text, Number, Day, Ignore, ID, Source, Given, Surname, Kin, Sex, Year, Month, DayOf, Age, Phone, NID, Paper, Email, Place, Address:
		return k
	}
	return ofHead(headWords(ours))
}
