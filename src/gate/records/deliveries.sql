-- A row for a file, a client and a day (of UTC, since 1970), whatever the number of times: years of them are some gigabytes.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    version TEXT,
    filename TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    UNIQUE (project, filename, sha256)
) STRICT;
CREATE TABLE peers (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE deliveries (
    file INTEGER NOT NULL,
    day INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (file, day, peer)
) STRICT, WITHOUT ROWID;
