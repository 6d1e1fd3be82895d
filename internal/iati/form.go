// SPDX-License-Identifier: Apache-2.0

package iati

import "encoding/xml"

// The elements of the file, each with its parts in the order that the schema asks for.

type activities struct {
	XMLName    xml.Name    `xml:"iati-activities"`
	Version    string      `xml:"version,attr"`
	Generated  string      `xml:"generated-datetime,attr"`
	Activities []*activity `xml:"iati-activity"`
}

type activity struct {
	Updated      string             `xml:"last-updated-datetime,attr"`
	Lang         string             `xml:"xml:lang,attr"`
	Currency     string             `xml:"default-currency,attr,omitempty"`
	ID           string             `xml:"iati-identifier"`
	Reporter     reportingOrg       `xml:"reporting-org"`
	Title        text               `xml:"title"`
	Descriptions []description      `xml:"description"`
	Partners     []participatingOrg `xml:"participating-org"`
	Others       []otherIdentifier  `xml:"other-identifier"`
	Status       coded              `xml:"activity-status"`
	Dates        []activityDate     `xml:"activity-date"`
	Scope        coded              `xml:"activity-scope"`
	Country      country            `xml:"recipient-country"`
	Locations    []location         `xml:"location"`
	Sectors      []sector           `xml:"sector"`
	Markers      []policyMarker     `xml:"policy-marker"`
	Budgets      []budget           `xml:"budget"`
	Transactions []transaction      `xml:"transaction"`
	Documents    []documentLink     `xml:"document-link"`
	Results      []result           `xml:"result"`
}

type narrative struct {
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

type text struct {
	Narratives []narrative `xml:"narrative"`
}

type description struct {
	Type       string      `xml:"type,attr"`
	Narratives []narrative `xml:"narrative"`
}

type coded struct {
	Code string `xml:"code,attr"`
}

type reportingOrg struct {
	Ref        string      `xml:"ref,attr"`
	Type       string      `xml:"type,attr"`
	Narratives []narrative `xml:"narrative"`
}

type participatingOrg struct {
	Ref        string      `xml:"ref,attr,omitempty"`
	Type       string      `xml:"type,attr,omitempty"`
	Role       string      `xml:"role,attr"`
	Narratives []narrative `xml:"narrative"`
}

type org struct {
	Ref        string      `xml:"ref,attr,omitempty"`
	Type       string      `xml:"type,attr,omitempty"`
	Narratives []narrative `xml:"narrative"`
}

type otherIdentifier struct {
	Ref  string `xml:"ref,attr"`
	Type string `xml:"type,attr"`
}

type activityDate struct {
	Date string `xml:"iso-date,attr"`
	Type string `xml:"type,attr"`
}

type country struct {
	Code       string `xml:"code,attr"`
	Percentage string `xml:"percentage,attr"`
}

type location struct {
	Ref       string `xml:"ref,attr"`
	Reach     coded  `xml:"location-reach"`
	Name      text   `xml:"name"`
	Point     *point `xml:"point"`
	Exactness *coded `xml:"exactness"`
	Class     coded  `xml:"location-class"`
	Feature   coded  `xml:"feature-designation"`
}

type point struct {
	System string `xml:"srsName,attr"`
	At     string `xml:"pos"`
}

type sector struct {
	Vocabulary string `xml:"vocabulary,attr"`
	Code       string `xml:"code,attr"`
	Percentage string `xml:"percentage,attr,omitempty"`
}

type policyMarker struct {
	Vocabulary   string `xml:"vocabulary,attr"`
	Code         string `xml:"code,attr"`
	Significance string `xml:"significance,attr"`
}

type isoDate struct {
	Date string `xml:"iso-date,attr"`
}

type value struct {
	Currency string `xml:"currency,attr"`
	Date     string `xml:"value-date,attr"`
	Amount   string `xml:",chardata"`
}

type budget struct {
	Type   string  `xml:"type,attr"`
	Status string  `xml:"status,attr"`
	Start  isoDate `xml:"period-start"`
	End    isoDate `xml:"period-end"`
	Value  value   `xml:"value"`

	sum int64
}

type transaction struct {
	Type        coded   `xml:"transaction-type"`
	Date        isoDate `xml:"transaction-date"`
	Value       value   `xml:"value"`
	Description *text   `xml:"description"`
	Provider    *org    `xml:"provider-org"`
	Receiver    *org    `xml:"receiver-org"`
}

type documentLink struct {
	URL      string   `xml:"url,attr"`
	Format   string   `xml:"format,attr"`
	Title    text     `xml:"title"`
	Category coded    `xml:"category"`
	Language *coded   `xml:"language"`
	Date     *isoDate `xml:"document-date"`
}

type result struct {
	Type       string      `xml:"type,attr"`
	Aggregates string      `xml:"aggregation-status,attr"`
	Title      text        `xml:"title"`
	Indicators []indicator `xml:"indicator"`
}

type indicator struct {
	Measure    string    `xml:"measure,attr"`
	Ascending  string    `xml:"ascending,attr"`
	Aggregates string    `xml:"aggregation-status,attr"`
	Title      text      `xml:"title"`
	Baseline   *baseline `xml:"baseline"`
	Periods    []period  `xml:"period"`
}

type placeRef struct {
	Ref string `xml:"ref,attr"`
}

type dimension struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type baseline struct {
	Date      string     `xml:"iso-date,attr"`
	Year      string     `xml:"year,attr"`
	Value     string     `xml:"value,attr"`
	Locations []placeRef `xml:"location"`
	Comment   *text      `xml:"comment"`
}

type period struct {
	Start   isoDate `xml:"period-start"`
	End     isoDate `xml:"period-end"`
	Targets []mark  `xml:"target"`
	Actuals []mark  `xml:"actual"`
}

type mark struct {
	Value      string      `xml:"value,attr"`
	Locations  []placeRef  `xml:"location"`
	Dimensions []dimension `xml:"dimension"`
	Comment    *text       `xml:"comment"`
}
