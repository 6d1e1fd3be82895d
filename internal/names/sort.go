// SPDX-License-Identifier: Apache-2.0

package names

import (
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// collators are pooled because one collator serves one goroutine at a time.
var collators = sync.OnceValue(func() *sync.Pool {
	return &sync.Pool{New: func() any { return collate.New(language.Bengali) }}
})

// SortKey gives bytes that order names as the Unicode collation for Bangla
// does: store them beside the name and order by them. Latin names come before
// Bangla ones, letter case does not split them.
func SortKey(s string) []byte {
	c := collators().Get().(*collate.Collator)
	defer collators().Put(c)
	var buf collate.Buffer
	return append([]byte(nil), c.KeyFromString(&buf, Clean(s))...)
}
