-- +goose Up

-- What is still to be said by message about a referral: to a provider without accounts, or to her. It is dealt with within a minute.
-- owner: referrals
CREATE TABLE referral_letters (
	id          $ID PRIMARY KEY,
	referral_id $ID NOT NULL REFERENCES referrals (id),
	kind        TEXT NOT NULL
) $TABLE;

-- Which answers to messages were dealt with, so that none is taken twice.
-- owner: referrals
CREATE TABLE referral_answers (
	id          $ID PRIMARY KEY,
	referral_id $ID NOT NULL,
	at          $TIME NOT NULL
) $TABLE;
