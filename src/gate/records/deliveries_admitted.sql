-- 1: every rule but the one about evidence let it through, or persons did; 0: one did not, and only observed. Where nobody wrote that down, it
-- is known of projects that were used.
ALTER TABLE deliveries ADD COLUMN admitted INTEGER NOT NULL DEFAULT 0;
UPDATE deliveries SET admitted = 1 WHERE file IN (SELECT files.id FROM files JOIN uses USING (project));
