// SPDX-License-Identifier: Apache-2.0

package listings

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/geo"
)

// Look is one way in which the directory is read, with what is different each time.
type Look struct {
	What string
	Read func(ctx context.Context, q db.Reader, n int) error
}

// place is where somebody lives who looks for help: every third time in the capital, where there is most.
func place(n int, kind geo.Kind) string {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	if n%3 == 0 {
		if kind == geo.District {
			return capital
		}
		all := geo.Children(capital)
		return all[r.IntN(len(all))].Code
	}
	divisions := geo.Children("")
	districts := geo.Children(divisions[r.IntN(len(divisions))].Code)
	district := districts[r.IntN(len(districts))]
	if kind == geo.District {
		return district.Code
	}
	all := geo.Children(district.Code)
	return all[r.IntN(len(all))].Code
}

func need(n int) string { return listing.Needs()[n%len(listing.Needs())].Code }

// Looks are those that are measured without HTTP and drawing: what a page or an act reads, in a snapshot of its own.
func Looks() []Look {
	keeper := access.System(access.ReadDirectory, access.ManageDirectory)
	sought := func(w func(n int) near.Wanted) func(context.Context, db.Reader, int) error {
		return func(ctx context.Context, q db.Reader, n int) error {
			found, err := directory.Seek(ctx, q, w(n))
			return some(len(found), err)
		}
	}
	listed := func(f func(n int) directory.Filter) func(context.Context, db.Reader, int) error {
		return func(ctx context.Context, q db.Reader, n int) error {
			found, _, err := directory.Page(ctx, q, keeper, f(n))
			return some(len(found), err)
		}
	}
	return []Look{
		{"a need in an upazila", sought(func(n int) near.Wanted {
			return near.Wanted{Need: need(n), Place: place(n, geo.Upazila), Limit: 26}
		})},
		{"a need in a district", sought(func(n int) near.Wanted {
			return near.Wanted{Need: need(n), Place: place(n, geo.District), Limit: 26}
		})},
		{"a need, no place", sought(func(n int) near.Wanted { return near.Wanted{Need: need(n), Limit: 26} })},
		{"anything in a district", sought(func(n int) near.Wanted { return near.Wanted{Place: place(n, geo.District), Limit: 26} })},
		{"for a woman of 30, with room, 100 of them", sought(func(n int) near.Wanted {
			return near.Wanted{Need: need(n), Place: place(n, geo.Upazila), Sex: "female", Age: 30, Free: true, Limit: 100}
		})},
		{"list of a keeper, two words of a name", listed(func(n int) directory.Filter {
			return directory.Filter{Kind: listing.OfService, Words: words(n), Limit: 41}
		})},
		{"list of a keeper, one word that thousands have", listed(func(n int) directory.Filter {
			return directory.Filter{Kind: listing.OfService, Words: []string{"training", "made", "legal", "সহায়তা", "চাকরি"}[n%5], Limit: 41}
		})},
		{"list of a keeper, need and district", listed(func(n int) directory.Filter {
			return directory.Filter{Kind: listing.OfService, Need: need(n), Place: place(n, geo.District), Limit: 41}
		})},
		{"list of a keeper, all that is due", listed(func(int) directory.Filter {
			return directory.Filter{Kind: listing.OfService, Fresh: "due", Limit: 41}
		})},
	}
}

// words begins two words of a service of which there are some.
func words(n int) string {
	needs := listing.Needs()
	return needs[n%len(needs)].En + " " + fmt.Sprint(10+n*37%90)
}

func some(n int, err error) error {
	if err == nil && n == 0 {
		return fmt.Errorf("nothing was there")
	}
	return err
}

// Ask is a request to the running program.
type Ask struct {
	What string
	Make func(n int) (method, path string, form []byte)
}

// Asks are those that are measured over HTTP, whole.
func Asks(services int) []Ask {
	const perPage = 50
	return []Ask{
		{"public page /help, a need in a district", func(n int) (string, string, []byte) {
			return "POST", "/help", []byte(url.Values{"need": {need(n)}, "district": {place(n, geo.District)}}.Encode())
		}},
		{"/hsds/v3/services, any page of 50", func(n int) (string, string, []byte) {
			return "GET", fmt.Sprintf("/hsds/v3/services?page=%d", 1+n*7919%(services/perPage)), nil
		}},
		{"/hsds/v3/services, two words of which thousands have each", func(n int) (string, string, []byte) {
			words := strings.Fields(listing.Needs()[n%len(listing.Needs())].En)
			return "GET", "/hsds/v3/services?search=" + url.QueryEscape(words[0]+" "+words[len(words)-1]), nil
		}},
	}
}
