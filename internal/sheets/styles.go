// SPDX-License-Identifier: Apache-2.0

package sheets

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
	"github.com/xuri/nfp"
)

// style is what of a cell's looks says something about its value.
type style struct {
	date  precision
	bijoy bool // drawn with a font of Bijoy
}

// precision is how much of a date a format shows.
type precision int

const (
	noDate precision = iota
	yearOnly
	monthOnly
	dayOnly
	dayAndTime
	timeOnly
)

func (w *workbook) readStyles(name string) error {
	var s struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Fonts []struct {
			Name struct {
				Val string `xml:"val,attr"`
			} `xml:"name"`
		} `xml:"fonts>font"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
			Font   int `xml:"fontId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.decode(name, &s); err != nil {
		return err
	}
	dates := map[int]precision{}
	for _, f := range s.Formats {
		dates[f.ID] = shows(f.Code)
	}
	for _, c := range s.Cells {
		date, own := dates[c.Format]
		if !own {
			date = builtIn(c.Format)
		}
		w.styles = append(w.styles, style{date, c.Font >= 0 && c.Font < len(s.Fonts) && bijoyFont(s.Fonts[c.Font].Name.Val)})
	}
	return nil
}

// bijoyFont tells the fonts of Bijoy from those with similar names that draw
// Unicode.
func bijoyFont(name string) bool {
	name = strings.ToUpper(strings.ReplaceAll(name, " ", ""))
	return strings.HasSuffix(name, "MJ") && !strings.HasSuffix(name, "OMJ")
}

// builtIn is what the formats show that have a number only. 27 to 36 and 50 to
// 58 are dates of East Asian editions.
func builtIn(id int) precision {
	switch {
	case id == 17:
		return monthOnly
	case id >= 14 && id <= 16, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return dayOnly
	case id == 22:
		return dayAndTime
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return timeOnly
	}
	return noDate
}

// shows finds out which parts of a date a format of somebody's own shows.
func shows(code string) precision {
	if len(code) > 255 { // longer than any program lets one type
		return noDate
	}
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return noDate
	}
	var year, month, day, hour, minutes bool
	for _, t := range sections[0].Items {
		if t.TType != nfp.TokenTypeDateTimes && t.TType != nfp.TokenTypeElapsedDateTimes {
			continue
		}
		switch c := strings.ToLower(t.TValue); {
		case strings.HasPrefix(c, "y"), strings.HasPrefix(c, "e"), strings.HasPrefix(c, "b"):
			year = true
		case strings.HasPrefix(c, "d"):
			day = true
		case strings.HasPrefix(c, "h"), strings.HasPrefix(c, "s"), t.TType == nfp.TokenTypeElapsedDateTimes:
			hour = true
		case strings.HasPrefix(c, "mmm"):
			month = true
		case strings.HasPrefix(c, "m"):
			month, minutes = true, true
		}
	}
	switch {
	case hour && (day || year):
		return dayAndTime
	case hour:
		return timeOnly
	case day || minutes && !year && !month:
		return dayOnly
	case month:
		return monthOnly
	case year:
		return yearOnly
	}
	return noDate
}

// lastDay is 31 December 9999 as Excel counts days.
const lastDay = 2958466

// asDate writes a count of days as the date that its format shows.
func (w *workbook) asDate(raw string, p precision) (string, bool) {
	days, err := strconv.ParseFloat(raw, 64)
	if err != nil || days < 0 || days >= lastDay {
		return "", false
	}
	at, err := excelize.ExcelDateToTime(days, w.from1904)
	if err != nil {
		return "", false
	}
	switch p {
	case yearOnly:
		return at.Format("2006"), true
	case monthOnly:
		return at.Format("2006-01"), true
	case timeOnly:
		return at.Format("15:04"), true
	case dayAndTime:
		if at.Format("15:04:05") != "00:00:00" {
			return at.Format("2006-01-02 15:04"), true
		}
	}
	return at.Format("2006-01-02"), true
}

// kept is how many digits of a number Excel keeps.
const kept = 15

// asNumber writes a number in full, never with an exponent, and says whether
// digits of it were lost.
func asNumber(raw string) (text string, lost bool) {
	raw = strings.TrimSpace(raw)
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || len(raw) > 40 || f > 1e21 || f < -1e21 {
		return raw, err == nil
	}
	if whole := f == float64(int64(f)) && f < 1e18 && f > -1e18; whole {
		text = strconv.FormatInt(int64(f), 10)
	} else if exact, ok := new(big.Rat).SetString(raw); ok && exact.IsInt() {
		text = exact.Num().String()
	} else {
		// 0.1 + 0.2 is 0.30000000000000004 in the file and 0.3 on the screen.
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', kept, 64), 64)
		return strconv.FormatFloat(rounded, 'f', -1, 64), false
	}
	return text, len(strings.TrimLeft(text, "-")) > kept
}
