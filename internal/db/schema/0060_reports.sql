-- +goose Up

-- A report, of a project or of the whole work of an organisation, about some months. While it is a draft its figures are those of the
-- last counting, without texts. A corrected issue is another row with the same number.
-- owner: reports
CREATE TABLE reports (
	id               $ID PRIMARY KEY,
	number           $INT NOT NULL,
	issue            $INT NOT NULL,
	corrects         $ID NOT NULL,
	organisation_id  $ID NOT NULL,
	office_id        $ID NOT NULL,
	project_id       $ID NOT NULL,
	kind             $KEY NOT NULL,
	from_month       $INT NOT NULL,
	to_month         $INT NOT NULL,
	template         $KEY NOT NULL,
	template_version $INT NOT NULL,
	audience         $KEY NOT NULL,
	state            $KEY NOT NULL,
	version          $INT NOT NULL,
	figures          TEXT NOT NULL,
	exact            $FLAG NOT NULL,
	counted_at       $TIME NOT NULL,
	user_name        TEXT NOT NULL,
	at               $TIME NOT NULL
) $TABLE;
CREATE UNIQUE INDEX reports_number ON reports (organisation_id, number, issue);
CREATE INDEX reports_project ON reports (project_id, from_month);

-- What was written in a section of a report: each version; the last one holds.
-- owner: reports
CREATE TABLE report_texts (
	report_id $ID NOT NULL REFERENCES reports (id),
	section   $KEY NOT NULL,
	number    $INT NOT NULL,
	text_bn   TEXT NOT NULL,
	text_en   TEXT NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL,
	PRIMARY KEY (report_id, section, number)
) $TABLE;

-- What a report said when it was issued, to the letter, with the hash of that and where the trail stood. Nothing here is ever changed.
-- owner: reports
CREATE TABLE report_issues (
	report_id $ID PRIMARY KEY REFERENCES reports (id),
	content   TEXT NOT NULL,
	hash      $KEY NOT NULL,
	position  $INT NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL
) $TABLE;

-- What was learnt, for a step of the work. One that is put forward is shown beside the guidance on that step once its report is issued.
-- owner: reports
CREATE TABLE report_lessons (
	id              $ID PRIMARY KEY,
	report_id       $ID NOT NULL REFERENCES reports (id),
	organisation_id $ID NOT NULL,
	topic           $KEY NOT NULL,
	text_bn         TEXT NOT NULL,
	text_en         TEXT NOT NULL,
	forward         $FLAG NOT NULL,
	struck          $FLAG NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL
) $TABLE;
CREATE INDEX report_lessons_topic ON report_lessons (organisation_id, topic, id);
CREATE INDEX report_lessons_report ON report_lessons (report_id, id);
