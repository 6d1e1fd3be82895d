// SPDX-License-Identifier: Apache-2.0

package xlsform

import (
	"regexp"
	"strings"

	"fera/internal/instruments"
)

// kind is what the type of a row says.
type kind struct {
	kind       instruments.Kind
	list       string
	other      bool
	end        bool   // of a group or repeat
	constraint string // that comes with the type
	advice     string // a key
}

var (
	selects = regexp.MustCompile(`(?i)^(select[ _]one[ _]from[ _]file|select[ _]multiple[ _]from[ _]file|select[ _]one[ _]external|add select one prompt using|add select multiple prompt using|select all that apply from|select all that apply|select[ _]multiple from|select[ _]multiple using|select[ _]one from|select[ _]one using|select[ _]multiple|select[ _]one|select1|rank|q select1|q select)(?:\s+(.*))?$`)
	others  = regexp.MustCompile(`(?i)\s+or[ _](?:specify[ _])?other$`)
	frames  = regexp.MustCompile(`(?i)^(begin|end)[ _]+(group|repeat|lgroup|looped group|loop)(?:\s.*)?$`)
)

// typeOf reads the type of a row. A problem is the key of the sentence that says why it cannot be used.
func typeOf(text, list string) (t kind, problem string) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return t, "xlsform.type_missing"
	}
	if m := frames.FindStringSubmatch(text); m != nil {
		return frame(strings.ToLower(m[1]), strings.ToLower(m[2]))
	}
	if m := selects.FindStringSubmatch(text); m != nil {
		return choice(strings.ToLower(strings.ReplaceAll(m[1], "_", " ")), m[2], list)
	}
	return simple(text)
}

func frame(which, what string) (t kind, problem string) {
	t.end = which == "end"
	switch what {
	case "group":
		t.kind = instruments.Group
	case "loop":
		return t, "xlsform.loop"
	default:
		t.kind = instruments.Repeat
	}
	return t, ""
}

func choice(how, list, beside string) (t kind, problem string) {
	if strings.Contains(how, "from file") {
		return t, "xlsform.from_file"
	}
	switch {
	case how == "rank":
		t.kind = instruments.Rank
	case strings.Contains(how, "one") || strings.Contains(how, "select1"):
		t.kind = instruments.SelectOne
	default:
		t.kind = instruments.SelectMany
	}
	if cut := others.FindStringIndex(list); cut != nil {
		t.other, list = true, list[:cut[0]]
	}
	if t.list = strings.TrimSpace(list); t.list == "" {
		t.list = beside
	}
	if t.list == "" {
		return t, "xlsform.list_unnamed"
	}
	return t, ""
}

// simple reads the types that take nothing, under the names that they have had.
func simple(text string) (t kind, problem string) {
	name := strings.ToLower(strings.ReplaceAll(text, "_", " "))
	name = strings.TrimSuffix(strings.TrimPrefix(name, "add "), " prompt")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "q "), "get ")
	if k, ok := kinds()[name]; ok {
		return k, ""
	}
	switch name {
	case "xml-external", "csv-external", "osm":
		return t, "xlsform.external"
	case "background-audio":
		return t, "xlsform.background_audio"
	}
	if strings.HasPrefix(name, "cascading select") {
		return t, "xlsform.cascading"
	}
	return t, "xlsform.type_unknown"
}

func kinds() map[string]kind {
	silent := func() kind { return kind{kind: instruments.Device, advice: "xlsform.device"} }
	return map[string]kind{
		"text": {kind: instruments.Text}, "string": {kind: instruments.Text}, "phone number": {kind: instruments.Text, constraint: `regex(., '^\d*$')`},
		"integer": {kind: instruments.Integer}, "int": {kind: instruments.Integer}, "decimal": {kind: instruments.Decimal},
		"percentage":                   {kind: instruments.Integer, constraint: "0 <= . and . <= 100"},
		"number of days in last month": {kind: instruments.Integer, constraint: "0 <= . and . <= 31"}, "number of days in last six months": {kind: instruments.Integer, constraint: "0 <= . and . <= 183"},
		"number of days in last year": {kind: instruments.Integer, constraint: "0 <= . and . <= 365"},
		"date":                        {kind: instruments.Date}, "time": {kind: instruments.Time}, "datetime": {kind: instruments.DateTime}, "date time": {kind: instruments.DateTime},
		"note": {kind: instruments.Note}, "calculate": {kind: instruments.Calculate}, "hidden": {kind: instruments.Hidden},
		"acknowledge": {kind: instruments.Acknowledge}, "trigger": {kind: instruments.Acknowledge}, "range": {kind: instruments.Range},
		"geopoint": {kind: instruments.Point}, "geotrace": {kind: instruments.Trace}, "geoshape": {kind: instruments.Shape}, "location": {kind: instruments.Point}, "gps": {kind: instruments.Point}, "barcode": {kind: instruments.Barcode},
		"image": {kind: instruments.Image}, "photo": {kind: instruments.Image}, "picture": {kind: instruments.Image}, "audio": {kind: instruments.Audio}, "video": {kind: instruments.Video}, "file": {kind: instruments.File},
		"start": {kind: instruments.Start}, "start time": {kind: instruments.Start}, "end": {kind: instruments.End}, "end time": {kind: instruments.End}, "today": {kind: instruments.Today}, "username": {kind: instruments.Username},
		"deviceid": silent(), "device id": silent(), "imei": silent(), "subscriberid": silent(), "subscriber id": silent(), "simserial": silent(), "sim id": silent(), "phonenumber": silent(), "email": silent(), "start-geopoint": silent(),
		"uri:deviceid": silent(), "uri:phonenumber": silent(), "uri:username": silent(), "uri:email": silent(), "uri:subscriberid": silent(), "uri:simserial": silent(),
		"audit": {advice: "xlsform.audit"},
	}
}
