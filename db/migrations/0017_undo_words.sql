-- What a write of ours changed of personal values, before and after, sealed by the key of the booking's guest: what undo goes by.
-- Null: nothing personal was changed, or it was written before this was kept. Unreadable once the person was erased.
ALTER TABLE crm_write ADD COLUMN words_of uuid REFERENCES person (id);
ALTER TABLE crm_write ADD COLUMN words bytea;
