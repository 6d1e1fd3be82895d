// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"context"
	"encoding/json"

	"fera/internal/db"
)

// JSON seals a value, written as JSON, under the subject's key, for one place.
func JSON(ctx context.Context, q db.Reader, subject, place string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return Seal(ctx, q, subject, place, text)
}

// FromJSON opens into v what JSON sealed for the same subject and place.
func FromJSON(ctx context.Context, q db.Reader, at Place, v any) error {
	text, err := Open(ctx, q, at.Subject, at.Name, at.Sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// Place is a sealed value with where it belongs.
type Place struct {
	Subject, Name string
	Sealed        []byte
}
