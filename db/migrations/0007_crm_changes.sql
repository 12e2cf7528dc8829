-- What a CRM's webhooks need: the bookings of a record by the CRM's own id, and the creates whose id is not known yet.

CREATE INDEX crm_link_by_crm_id ON crm_link (connection, type, crm_id) WHERE crm_id IS NOT NULL;
CREATE INDEX crm_link_unsettled ON crm_link (connection, type) WHERE state IN ('intent', 'unknown');
