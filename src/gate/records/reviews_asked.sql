-- 1: somebody asked for this file since the review began; 0 as well where an earlier version did not write that down.
ALTER TABLE files ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
