// SPDX-License-Identifier: Apache-2.0

// Package hsds exchanges the directory with others, as the Human Services Data Specification (Open Referral HSDS 3.0) has it:
// a package of tables (CSV files and datapackage.json in a zip archive) or JSON, in and out.
//
// A package is read whole and checked before anything is entered; what is wrong is said with its file, row and field. What a
// package says that the directory has no field for is kept beside the entry and goes out again. What the directory says that
// HSDS has no field for, such as texts in Bangla and codes of places, goes as attributes of a taxonomy of ours.
//
// What is named here after HSDS was written from its published schemas, which the tests hold it to.
package hsds

import (
	"slices"
	"strings"
	"sync"
)

// sort is what may stand in a column.
type sort string

const (
	text   sort = "text"
	uuid   sort = "uuid"
	number sort = "number"
	date   sort = "date"
	uri    sort = "uri"
	email  sort = "email"
	moment sort = "moment"
)

// column is one column of a table.
type column struct {
	name   string
	sort   sort
	needed bool
	is     []string // the values that there are, if they are few
	links  string   // the table whose row it names
}

// table is one table of HSDS: the name of its object, its file, and the member under which a parent holds its rows in JSON.
type table struct {
	object  string
	file    string
	member  string
	single  bool // a parent holds one of it
	columns []column
}

func (t *table) column(name string) *column {
	i := slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return &t.columns[i]
}

// tables are those of HSDS 3.0, parents first. A column is written name:sort, with ! if it is needed, >table if it names a row, and
// =a|b if the values are few.
var tables = sync.OnceValue(func() []*table {
	all := []*table{
		made("organization", "organizations.csv", "organization", "id! name! alternate_name description! email:email website:uri tax_status tax_id year_incorporated:number legal_status logo uri:uri parent_organization_id:uuid"),
		made("program", "programs.csv", "programs", "id! organization_id!>organization name! alternate_name description!"),
		made("service", "services.csv", "services", "id! organization_id!>organization program_id>program name! alternate_name description url:uri email:email status!=active|inactive|defunct|temporarily_closed interpretation_services application_process fees_description wait_time fees accreditations eligibility_description minimum_age:number maximum_age:number assured_date:date assurer_email:email licenses alert last_modified:moment"),
		made("location", "locations.csv", "location", "id! location_type!=physical|postal|virtual url:uri organization_id>organization name alternate_name description transportation latitude:number longitude:number external_identifier external_identifier_type"),
		made("service_at_location", "service_at_location.csv", "service_at_locations", "id! service_id!>service location_id!>location description"),
		made("address", "addresses.csv", "addresses", "id! location_id>location attention address_1! address_2 city! region state_province! postal_code country! address_type!=physical|postal|virtual"),
		made("phone", "phones.csv", "phones", "id! location_id>location service_id>service organization_id>organization contact_id>contact service_at_location_id>service_at_location number! extension:number type description"),
		made("contact", "contacts.csv", "contacts", "id! organization_id>organization service_id>service service_at_location_id>service_at_location location_id>location name title department email:email"),
		made("schedule", "schedules.csv", "schedules", "id! service_id>service location_id>location service_at_location_id>service_at_location valid_from:date valid_to:date dtstart:date timezone:number until:date count:number wkst=MO|TU|WE|TH|FR|SA|SU freq=WEEKLY|MONTHLY interval:number byday byweekno bymonthday byyearday description opens_at closes_at schedule_link:uri attending_type notes"),
		made("service_area", "service_areas.csv", "service_areas", "id! service_id>service name description extent extent_type uri"),
		made("language", "languages.csv", "languages", "id! service_id>service location_id>location phone_id>phone name code note"),
		made("accessibility", "accessibility.csv", "accessibility", "id! location_id>location description details url:uri"),
		made("cost_option", "cost_options.csv", "cost_options", "id! service_id!>service valid_from:date valid_to:date option currency amount:number amount_description"),
		made("funding", "funding.csv", "funding", "id! organization_id>organization service_id>service source"),
		made("required_document", "required_documents.csv", "required_documents", "id! service_id>service document uri:uri"),
		made("organization_identifier", "organization_identifiers.csv", "organization_identifiers", "id! organization_id!>organization identifier_scheme identifier_type! identifier!"),
		made("taxonomy", "taxonomies.csv", "taxonomy_detail", "id! name! description! uri:uri version"),
		made("taxonomy_term", "taxonomy_terms.csv", "taxonomy_term", "id! code name! description! parent_id:uuid taxonomy language taxonomy_id>taxonomy term_uri:uri"),
		made("attribute", "attributes.csv", "attributes", "id! link_id:uuid! taxonomy_term_id!>taxonomy_term link_type link_entity! value"),
		made("metadata", "metadata.csv", "metadata", "id! resource_id:uuid! resource_type! last_action_date! last_action_type! field_name! previous_value! replacement_value! updated_by!"),
		made("meta_table_description", "meta_table_descriptions.csv", "meta_table_descriptions", "id! name language character_set"),
	}
	for _, t := range all {
		t.single = slices.Contains([]string{"organization", "location", "taxonomy_term", "taxonomy"}, t.object)
	}
	return all
})

func made(object, file, member, columns string) *table {
	t := &table{object: object, file: file, member: member}
	for _, word := range strings.Fields(columns) {
		c := column{sort: text}
		word, is, _ := strings.Cut(word, "=")
		if is != "" {
			c.is = strings.Split(strings.ReplaceAll(is, "_", " "), "|")
		}
		word, c.links, _ = strings.Cut(word, ">")
		if strings.HasSuffix(word, "!") {
			word, c.needed = strings.TrimSuffix(word, "!"), true
		}
		name, kind, ok := strings.Cut(word, ":")
		if ok {
			c.sort = sort(kind)
		}
		if name == "id" || c.links != "" {
			c.sort = uuid
		}
		c.name = name
		t.columns = append(t.columns, c)
	}
	return t
}

func tableOf(object string) *table {
	for _, t := range tables() {
		if t.object == object {
			return t
		}
	}
	return nil
}
