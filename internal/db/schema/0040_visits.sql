-- +goose Up

-- The day of the last visit to her that was noted, empty before the first; a visit is class 2.
ALTER TABLE cases ADD COLUMN visited_on $KEY NOT NULL DEFAULT '';
DROP INDEX cases_board;
CREATE INDEX cases_board ON cases (office_id, worker_id, worker_name, status, risk, due_on, touched_at, visited_on) WHERE ended_at IS NULL;
