// SPDX-License-Identifier: Apache-2.0

package kit

import "fera/internal/words"

// spoken is a text with the language it is in.
type spoken struct {
	Lang string
	Text string
}

// namesOf gives both names of a record, the one in the reader's script first.
func namesOf(s *words.Speaker, h Header) []spoken {
	names := []spoken{{"bn", h.NameBn}, {"en", h.NameEn}}
	if s.Lang() == words.English {
		names[0], names[1] = names[1], names[0]
	}
	shown := names[:0]
	for _, name := range names {
		if name.Text != "" {
			shown = append(shown, name)
		}
	}
	return shown
}
