-- What a person changes in a CRM comes back. `attempted`: what writes of ours without an answer may have left in the record.
-- `held`: fields that both sides changed; what the CRM shows of them stays until a person has decided.

ALTER TABLE crm_link ADD COLUMN attempted jsonb NOT NULL DEFAULT '[]';
ALTER TABLE crm_link ADD COLUMN held text[] NOT NULL DEFAULT '{}';
