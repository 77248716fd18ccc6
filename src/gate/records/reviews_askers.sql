-- What each address asked with, as far as it says, when first and last, and how often. NULL: an earlier version did not write that down.
ALTER TABLE peers ADD COLUMN tool TEXT;
ALTER TABLE peers ADD COLUMN first INTEGER;
ALTER TABLE peers ADD COLUMN last INTEGER;
ALTER TABLE peers ADD COLUMN times INTEGER NOT NULL DEFAULT 0;
CREATE INDEX by_project ON reviews (project);
