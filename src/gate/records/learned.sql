-- Projects that a person vouches for.
CREATE TABLE learned (
    project TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    uid INTEGER,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    source TEXT NOT NULL
) STRICT, WITHOUT ROWID;
