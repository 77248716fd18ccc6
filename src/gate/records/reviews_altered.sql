-- How the file contradicts what its index said before: 0 other bytes under its name, 1 an earlier date. NULL: not at all.
ALTER TABLE files ADD COLUMN altered INTEGER;
