-- Notes about a booking's outcome: the ledger knows them like any other record of a CRM.

ALTER TABLE crm_link DROP CONSTRAINT crm_link_type_check;
ALTER TABLE crm_link ADD CONSTRAINT crm_link_type_check
  CHECK (type IN ('person', 'appointment', 'opportunity', 'lead', 'note'));
