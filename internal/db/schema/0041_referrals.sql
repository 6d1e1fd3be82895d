-- +goose Up

-- What was asked of a provider for somebody, and where that stands. Need, service and place are empty in clear where they are of
-- class 3; they and all that is shared are sealed under the person's key, or under the referral's own where another network sent it
-- and no person is known. Due_on is the day by which whoever's turn it is has to act, 9999-12-31 for none.
-- owner: referrals
CREATE TABLE referrals (
	id              $ID PRIMARY KEY,
	number          $KEY NOT NULL,
	case_id         $ID NOT NULL,
	person_id       $ID NOT NULL,
	registration_id $ID NOT NULL,
	from_organisation $ID NOT NULL,
	from_office     $ID NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	to_organisation $ID NOT NULL,
	to_partner      $ID NOT NULL,
	need            $KEY NOT NULL,
	service_id      $ID NOT NULL,
	protected       $FLAG NOT NULL,
	district        $KEY NOT NULL,
	urgency         TEXT NOT NULL,
	state           $KEY NOT NULL,
	outcome         TEXT NOT NULL,
	answer          TEXT NOT NULL,
	tries           $INT NOT NULL,
	rounds          $INT NOT NULL,
	silent          $FLAG NOT NULL,
	due_on          $KEY NOT NULL,
	alarm_to        TEXT NOT NULL,
	alarm_at        $TIME,
	drafted_at      $TIME NOT NULL,
	since_at        $TIME NOT NULL,
	sent_at         $TIME,
	received_at     $TIME,
	decided_at      $TIME,
	meets_at        $TIME,
	told_at         $TIME,
	answered_at     $TIME,
	acknowledged_at $TIME,
	ended_at        $TIME,
	sealed          $BYTES,
	version         $INT NOT NULL
) $TABLE;
CREATE UNIQUE INDEX referrals_number ON referrals (number);
CREATE INDEX referrals_case ON referrals (case_id, id);
CREATE INDEX referrals_person ON referrals (person_id, id);
CREATE INDEX referrals_inbox ON referrals (to_partner, state, due_on, id);
CREATE INDEX referrals_outbox ON referrals (from_office, state, due_on, id);
CREATE INDEX referrals_provider ON referrals (to_organisation, state, due_on, id);
CREATE INDEX referrals_alarm ON referrals (alarm_at) WHERE alarm_at IS NOT NULL;

-- What was done with a referral, in order, by which side; why, sealed.
-- owner: referrals
CREATE TABLE referral_events (
	id          $ID NOT NULL,
	referral_id $ID NOT NULL REFERENCES referrals (id),
	act         TEXT NOT NULL,
	state       TEXT NOT NULL,
	side        TEXT NOT NULL,
	way         TEXT NOT NULL,
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL,
	sealed      $BYTES,
	PRIMARY KEY (referral_id, id)
) $PACKED;

-- A link by which somebody without an account does one thing with one referral. Of the link itself only a keyed hash is kept.
-- owner: referrals
CREATE TABLE referral_passes (
	id          $KEY PRIMARY KEY,
	referral_id $ID NOT NULL REFERENCES referrals (id),
	purpose     TEXT NOT NULL,
	made_by     TEXT NOT NULL,
	at          $TIME NOT NULL,
	ends_at     $TIME NOT NULL,
	opened_at   $TIME,
	spent_at    $TIME,
	spent_on    TEXT NOT NULL
) $TABLE;
CREATE INDEX referral_passes_referral ON referral_passes (referral_id, at);

-- How many referrals came how far, by the month in which they were sent: by need and home district, and by provider; and in how
-- many days, by need, by district and, for whole years, by provider. Which of these a row is, its part says. It is kept with each
-- act and says of nobody who it was.
-- owner: referrals
CREATE TABLE referral_flows (
	part   $KEY NOT NULL,
	period $KEY NOT NULL,
	named  $ID NOT NULL,
	beside $KEY NOT NULL,
	step   $KEY NOT NULL,
	days   $INT NOT NULL,
	n      $INT NOT NULL,
	PRIMARY KEY (part, named, period, beside, step, days)
) $PACKED;
