-- 1: from the private index; 0: from PyPI; NULL: nobody wrote that down.
ALTER TABLE files ADD COLUMN private INTEGER;
-- Files that turned out to be bad, by client: what is said of them (JSON), whether that is over (1), and the most that
-- was told. `number` is of the last change of which
-- somebody has to hear, `began` of the one by which it was told first, `at` when that change was. A change for many clients at once has one number.
CREATE TABLE recalls (
    file INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    cause TEXT NOT NULL,
    over INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    began INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (file, peer)
) STRICT, WITHOUT ROWID;
CREATE INDEX recalls_by_number ON recalls (number);
-- No number is given out twice, whatever is forgotten.
CREATE TABLE recall_numbers (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL);
INSERT INTO recall_numbers (one, last) VALUES (1, 0);
-- Projects that PyPI had in quarantine when it was last asked for them.
CREATE TABLE quarantined (project TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
