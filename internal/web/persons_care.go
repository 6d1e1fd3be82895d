// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"fera/internal/web/guide"
	"fera/internal/web/people"
	"fera/internal/web/site"

	"github.com/a-h/templ"
	"github.com/skip2/go-qrcode"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/calls"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/procedures"
	"fera/internal/web/kit"
)

// lookAtPerson shows the record with its private part open, and enters the look.
func (s *Server) lookAtPerson(r *request, tx *db.Tx) (string, error) {
	private, err := persons.Look(r.Context(), tx, r.Who, r.personID())
	if err != nil {
		return "", err
	}
	v, err := r.personRecord(r.Context(), tx)
	if err != nil {
		return "", err
	}
	v.Private, v.QuickExit = &private, true
	if v.Papers, err = persons.Files(r.Context(), tx, r.Who, v.Person.ID, true); err != nil {
		return "", err
	}
	if !private.Until.IsZero() {
		v.GlassUntil = dates.Clock(r.S, private.Until)
	}
	r.Answer = personsPage(v)
	return "", nil
}

// revealNumber shows one number in full, once.
func (s *Server) revealNumber(r *request, tx *db.Tx) (string, error) {
	row, id := persons.Row(r.PostForm.Get("row")), r.PostForm.Get("id")
	number, err := calls.Reveal(r.Context(), tx, r.Who, persons.RowOf{Person: r.personID(), Row: row, ID: id}, r.PostForm.Get("anyway") == "yes")
	if f := fault.Of(err); f != nil && f.Field == "anyway" {
		v := personsAnywayView{Frame: r.Frame(r.S.T("person.shown")), ID: r.personID(), Row: string(row), At: id, Why: r.S.Fault(f)}
		v.QuickExit = true
		r.Answer = personsAnywayPage(v)
		return "", nil
	}
	if err != nil {
		return "", err
	}
	p, err := r.findPerson(tx)
	if err != nil {
		return "", err
	}
	v := personsNumberView{Frame: r.Frame(r.S.T("person.shown")), ID: p.ID, Number: number}
	v.QuickExit = true
	if row == persons.ContactRow {
		v.How, v.Tone = people.Safe(r.S, p)
	}
	r.Answer = personsNumber(v)
	return "", nil
}

func (s *Server) breakGlass(r *request, q db.Reader) (templ.Component, error) {
	v, _, err := r.personSheet(q, "person.glass", nil)
	return personsBreakPage(v), err
}

// doBreakGlass opens the private part and tells, in the same transaction, those who review it.
func (s *Server) doBreakGlass(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	if err := f.err(); err != nil {
		return "", err
	}
	id := r.personID()
	if _, err := persons.BreakGlass(r.Context(), tx, r.Who, id, f.Values.Get("reason")); err != nil {
		return "", err
	}
	scopes, err := people.ScopesOf(r.Request, tx, access.BreakGlass, id)
	if err != nil {
		return "", err
	}
	watchers, err := accounts.WhoHolds(r.Context(), tx, access.ReviewGlass, scopes...)
	if err != nil {
		return "", err
	}
	watchers = slices.DeleteFunc(watchers, func(user string) bool { return user == r.Who.ID })
	r.Say("person_glass")
	return personsPath(id), accounts.Tell(r.Context(), tx, watchers, "notice.glass_broken", "person:"+string(id))
}

func (s *Server) glassList(r *request, q db.Reader) (templ.Component, error) {
	v := personsGlassView{Frame: r.Frame(r.S.T("person.glass_list")), F: r.personsForm(nil)}
	v.At = v.F.Values.Get("opening")
	for i := range v.F.Problems {
		if v.F.Problems[i].Field == "finding" {
			v.F.Problems[i].Field = "finding_" + v.At
		}
	}
	all, err := access.Openings(r.Context(), q, r.Who, access.ReviewGlass, 100)
	for _, o := range all {
		one := personsOpening{Opening: o, When: dates.Near(r.S, o.OpenedAt, r.Now), Own: o.User == r.Who.ID}
		if !o.ReviewedAt.IsZero() {
			one.Reviewed = r.S.T("person.glass_reviewed_on", "when", dates.Near(r.S, o.ReviewedAt, r.Now), "finding", o.Finding)
		}
		v.Openings = append(v.Openings, one)
	}
	return personsGlassPage(v), err
}

func (s *Server) doReviewGlass(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	if err := f.err(); err != nil {
		return "", err
	}
	opening := f.Values.Get("opening")
	r.Say("person_reviewed")
	return "/glass", persons.ReviewGlass(r.Context(), tx, r.Who, persons.Review{Person: persons.ID(f.Values.Get("person")), Opening: opening, Finding: f.Values.Get("finding_" + opening)})
}

func (s *Server) assignPerson(r *request, q db.Reader) (templ.Component, error) {
	sheet, p, err := r.personSheet(q, "person.assign", nil)
	if err != nil {
		return nil, err
	}
	v := personsAssignView{personsFormView: sheet}
	users, err := accounts.ListUsers(r.Context(), q, r.Who, accounts.UserFilter{Limit: 200})
	if err != nil {
		return nil, err
	}
	scopes, err := people.ScopesOf(r.Request, q, access.AssignPerson, p.ID)
	if err != nil {
		return nil, err
	}
	named := map[string]string{}
	for _, u := range users {
		named[u.ID] = u.Name
		if !u.Disabled && !slices.Contains(scopes, access.OnCaseload(u.ID)) {
			v.Colleague = append(v.Colleague, kit.Option{Value: u.ID, Label: u.Name})
		}
	}
	for _, scope := range scopes {
		if user, ok := strings.CutPrefix(scope, access.OnCaseload("")); ok {
			name := named[user]
			if name == "" {
				name = r.S.T("person.assign_unknown")
			}
			v.Holders = append(v.Holders, kit.Option{Value: user, Label: name})
		}
	}
	return personsAssignPage(v), nil
}

func (s *Server) doAssignPerson(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	user, on := f.Values.Get("user"), !f.yes("off")
	if on {
		if _, err := accounts.FindUser(r.Context(), tx, r.Who, user); err != nil {
			return "", fault.New(fault.Invalid, "fault.bad_choice").On("user").Because(err)
		}
	}
	if err := f.err(); err != nil {
		return "", err
	}
	r.Say("person_unassigned")
	if on {
		r.Refuse()
		r.Say("person_assigned")
		if err := accounts.Tell(r.Context(), tx, []string{user}, "notice.person_assigned", "person:"+string(r.personID())); err != nil {
			return "", err
		}
	}
	return personsPath(r.personID(), "assign"), persons.Assign(r.Context(), tx, r.Who, persons.Assignment{Person: r.personID(), User: user, On: on})
}

func (s *Server) erasePerson(r *request, q db.Reader) (templ.Component, error) {
	v, _, err := r.personSheet(q, "person.erase", nil)
	return personsErasePage(v), err
}

// doErasePerson erases, and shows the receipt, which nobody can ask for again.
func (s *Server) doErasePerson(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	if !f.yes("sure") {
		f.wrong("sure", "person.erase_sure_needed")
	}
	if err := f.err(); err != nil {
		return "", err
	}
	e, err := procedures.Erase(r.Context(), tx, r.Who, r.personID(), f.Values.Get("reason"))
	if err != nil {
		return "", err
	}
	receipts := ""
	for _, one := range e {
		receipts += one.Receipt
	}
	r.Answer = personsReceiptPage(personsReceiptView{r.Frame(r.S.T("person.erase_done")), receipts})
	return "", nil
}

// linesOnPage is how many entries of a history one page shows.
const linesOnPage = 30

func (s *Server) personHistory(r *request, q db.Reader) (templ.Component, error) {
	id := r.personID()
	lines, err := persons.History(r.Context(), q, r.Who, id, audit.Filter{Before: r.URL.Query().Get("before"), Limit: linesOnPage})
	if err != nil {
		return nil, err
	}
	may, err := people.Reaches(r.Request, q, access.ChangePerson, id)
	v := personsTrail{Frame: r.Frame(r.S.T("person.history")), ID: id, Title: r.S.T("person.history"), Lead: r.S.T("person.history_lead"), Lines: personsEvents(r.S, id, r.Now, may, lines)}
	if len(lines) == linesOnPage {
		v.Older = personsPath(id, "history") + "?" + url.Values{"before": {lines[len(lines)-1].ID}}.Encode()
	}
	return personsTrailPage(v), err
}

func (s *Server) personLooks(r *request, q db.Reader) (templ.Component, error) {
	id := r.personID()
	lines, err := persons.Looks(r.Context(), q, r.Who, id)
	v := personsTrail{Frame: r.Frame(r.S.T("person.looks")), ID: id, Title: r.S.T("person.looks"), Lead: r.S.T("person.looks_lead"), Empty: r.S.T("person.looks_none"), Teach: r.S.T("person.looks_none_text")}
	for _, l := range lines {
		v.Lines = append(v.Lines, personsEvents(r.S, id, r.Now, false, []audit.Line{{At: l.At, Name: l.Name, Act: l.Act, Reason: l.Reason}})...)
	}
	return personsTrailPage(v), err
}

func (s *Server) printPerson(r *request, q db.Reader) (templ.Component, error) {
	v, p, err := r.personSheet(q, "person.print", nil)
	if err != nil {
		return nil, err
	}
	if may, err := p.Reached(r.Context(), q, r.Who, access.PrintPerson); err != nil || !may {
		return nil, errors.Join(err, fault.New(fault.NotFound, "fault.not_found"))
	}
	v.Papers = p.PapersAtHome()
	v.Guide, err = guide.For(r.Request, q, "person.print")
	return personsPrintPage(v), err
}

func personsPapersTone(said string) kit.Tone {
	if said == "no" {
		return kit.Danger
	}
	return kit.Good
}

func (s *Server) doPrintPerson(r *request, tx *db.Tx) (string, error) {
	p, err := persons.Print(r.Context(), tx, r.Who, r.personID())
	if err != nil {
		return "", err
	}
	if r.PostForm.Get("what") == "card" && p.PapersAtHome() == "no" {
		return "", p.MayCarry()
	}
	v := personsPaperView{Code: string(p.ID), Printed: dates.Format(r.S, dates.Of(r.Now))}
	v.Person, v.Now, v.Today = p, r.Now, dates.Of(r.Now)
	if r.PostForm.Get("what") == "card" {
		v.Frame = r.Frame(r.S.T("person.card_title"))
		r.Answer = personsCardPage(v)
		return "", nil
	}
	v.Frame = r.Frame(r.S.T("person.paper_title"))
	r.Answer = personsSummaryPage(v)
	return "", nil
}

// personCode is the code of the card: the record's number, and nothing else.
func (s *Server) personCode(r *request, q db.Reader) (templ.Component, error) {
	p, err := persons.FindCard(r.Context(), q, r.Who, r.personID())
	if err != nil {
		return nil, err
	}
	picture, err := qrcode.Encode(string(p.ID), qrcode.Medium, 360)
	return site.File{Kind: "image/png", Body: picture}, err
}

func (s *Server) personPhoto(r *request, q db.Reader) (templ.Component, error) {
	v, p, err := r.personSheet(q, "person.photo", url.Values{"operation": {ids.New(r.Now)}})
	if err != nil {
		return nil, err
	}
	v.Operation, v.Refused = v.F.Values.Get("operation"), !p.Agreed(persons.PurposePhoto)
	return personsPhotoPage(v, r.S.T("person.photo_lead", "max", files.Largest>>20)), nil
}

func (s *Server) doPersonPhoto(r *request) (string, error) {
	f := r.personsForm(nil)
	sent, err := r.SentFile()
	if err := errors.Join(err, f.err()); err != nil {
		return "", err
	}
	content, err := files.Read(files.Photo, sent)
	if err != nil {
		return "", err
	}
	r.Say("person_photo")
	return personsPath(r.personID()), s.DB.Write(r.Context(), func(tx *db.Tx) error {
		return persons.KeepPhoto(r.Context(), tx, r.Who, persons.Picture{Operation: f.Values.Get("operation"), Person: r.personID(), Content: content})
	})
}

// personPicture is the photograph, while she agrees to it.
func (s *Server) personPicture(r *request, q db.Reader) (templ.Component, error) {
	p, err := r.findPerson(q)
	if err != nil {
		return nil, err
	}
	if p.Photo == "" || !p.Agreed(persons.PurposePhoto) {
		return nil, fault.New(fault.NotFound, "file.not_found")
	}
	f, body, err := files.OpenPlain(r.Context(), q, r.Who, files.ID(p.Photo))
	return site.File{Kind: f.Type, Body: body}, err
}

func (s *Server) personDocument(r *request, q db.Reader) (templ.Component, error) {
	v, _, err := r.personSheet(q, "person.document_add", url.Values{"operation": {ids.New(r.Now)}})
	if err != nil {
		return nil, err
	}
	v.Operation = v.F.Values.Get("operation")
	return personsDocumentPage(v), nil
}

func (s *Server) doPersonDocument(r *request) (string, error) {
	f := r.personsForm(nil)
	sent, err := r.SentFile()
	if err := errors.Join(err, f.err()); err != nil {
		return "", err
	}
	content, err := files.Read(files.Document, sent)
	if err != nil {
		return "", err
	}
	r.Say("person_document")
	u := files.Upload{Operation: f.Values.Get("operation"), Person: string(r.personID()), Kind: files.Document, Protected: f.yes("protected"), Title: f.Values.Get("title"), Content: content}
	return personsPath(r.personID()), s.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := persons.AddFile(r.Context(), tx, r.Who, u)
		return err
	})
}

func (s *Server) personFile(r *request, q db.Reader) (templ.Component, error) {
	f, body, err := files.OpenPlain(r.Context(), q, r.Who, files.ID(r.PathValue("file")))
	return r.document(f, body, err)
}

// lookAtFile sends a protected document, and enters the look.
func (s *Server) lookAtFile(r *request, tx *db.Tx) (string, error) {
	f, body, err := files.Open(context.WithoutCancel(r.Context()), tx, r.Who, files.ID(r.PathValue("file")))
	r.Answer, err = r.document(f, body, err)
	return "", err
}

// document sends a document under a name that says nothing of whose it is.
func (r *request) document(f files.File, body []byte, err error) (templ.Component, error) {
	if err == nil && (f.Person != string(r.personID()) || f.Kind != files.Document) {
		err = fault.New(fault.NotFound, "file.not_found")
	}
	if err != nil {
		return nil, err
	}
	name := "document.jpg"
	if f.Type == "application/pdf" {
		name = "document.pdf"
	}
	return site.Download{File: site.File{Kind: f.Type, Body: body}, Name: name}, nil
}
