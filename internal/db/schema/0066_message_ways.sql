-- +goose Up

-- What a gateway carries, as words with a blank between: sms, email.
ALTER TABLE message_gateways ADD COLUMN ways TEXT NOT NULL DEFAULT '';

-- What waits about something, to be dropped when there is nothing to say any more.
CREATE INDEX messages_about ON messages (subject, kind) WHERE state = 'waiting';
