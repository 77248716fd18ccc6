-- When a client first had all of the file on that day, as every rule or persons let it through; NULL: it had not, or nobody wrote that down.
ALTER TABLE deliveries ADD COLUMN used INTEGER;
