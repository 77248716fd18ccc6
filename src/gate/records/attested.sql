-- Publishers of whom something was received here: as JSON, and when the first was. Times are microseconds UTC.
CREATE TABLE received (
    project TEXT NOT NULL,
    publisher TEXT NOT NULL,
    proven TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (project, publisher)
) STRICT, WITHOUT ROWID;
-- Files of which it is proven that one of those published them.
CREATE TABLE attested (sha256 TEXT PRIMARY KEY, proven TEXT NOT NULL) STRICT, WITHOUT ROWID;
