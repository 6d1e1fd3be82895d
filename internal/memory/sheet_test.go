// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"errors"
	"strings"
	"testing"

	"fera/internal/memory"
)

// A sheet is made once, also by many who ask at the same time, and not kept when it could not be made.
func TestASheetIsMadeOnce(t *testing.T) {
	var s memory.Sheet
	if _, err := s.Text(func() ([]byte, error) { return nil, errors.New("no ink") }); err == nil {
		t.Error("a sheet that could not be made has a text")
	}
	want, made := strings.Repeat("the same again ", 1000), 0
	got := make(chan string, 8)
	for range cap(got) {
		go func() {
			text, err := s.Text(func() ([]byte, error) { made++; return []byte(want), nil })
			if err != nil {
				t.Error(err)
			}
			got <- string(text)
		}()
	}
	for range cap(got) {
		if text := <-got; text != want {
			t.Errorf("a sheet says %d bytes, want %d", len(text), len(want))
		}
	}
	if made != 1 {
		t.Errorf("it was made %d times", made)
	}
}
