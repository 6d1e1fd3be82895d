// SPDX-License-Identifier: Apache-2.0

package names

// Tokens gives the meaningful words of a name, folded and in order: without titles and initials unless nothing else remains,
// and with Nasiruddin as nasir and uddin.
func Tokens(name string) []string {
	tokens, _ := tokensOf(name, false)
	return tokens
}

// Sound gives the key of one word of Tokens, the same for its spellings in either script, "" for a word without sounds.
func Sound(token string) string { return tokenKey(token) }

// Sex guesses from the title before a name: "m" for Md or জনাব, "f" for Mst, মোছাঃ or Mrs, "" without such a title. It is a
// hint to ask by, never a value to store.
func Sex(name string) string {
	for _, t := range split(Fold(name)) {
		switch titles()[t] {
		case "mohammad", "sri":
			return "m"
		case "mosammat", "srimati":
			return "f"
		case "mr":
			if t == "mr" {
				return "m"
			}
			return "f"
		case "":
			return ""
		}
	}
	return ""
}
