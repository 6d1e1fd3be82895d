-- +goose Up

-- A referral that another network brought, under a reference of its own. Of the reference and of what was sent only keyed hashes are
-- kept in clear: the reference itself is sealed with the rest under the key of the referral, which is destroyed when it is no longer needed.
-- owner: referrals
CREATE TABLE referral_arrivals (
	referral_id     $ID PRIMARY KEY REFERENCES referrals (id),
	organisation_id $ID NOT NULL,
	reference       $KEY NOT NULL,
	digest          TEXT NOT NULL,
	discarded_at    $TIME
) $TABLE;
CREATE UNIQUE INDEX referral_arrivals_reference ON referral_arrivals (organisation_id, reference);
CREATE INDEX referral_arrivals_organisation ON referral_arrivals (organisation_id, referral_id);
CREATE INDEX referral_arrivals_kept ON referral_arrivals (referral_id) WHERE discarded_at IS NULL;
