-- Times are microseconds UTC, truths 0 and 1. No number of a review is given out twice (AUTOINCREMENT).
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    version TEXT NOT NULL,
    -- 0 open, 1 approved, 2 rejected, 3 matured
    state INTEGER NOT NULL,
    files_key TEXT NOT NULL,
    more_files INTEGER NOT NULL,
    project_since INTEGER,
    first_asked INTEGER NOT NULL,
    last_asked INTEGER NOT NULL,
    times_asked INTEGER NOT NULL,
    first_peer TEXT NOT NULL,
    more_peers INTEGER NOT NULL,
    closed INTEGER
) STRICT;
CREATE UNIQUE INDEX one_open ON reviews (project, version) WHERE state = 0;
CREATE INDEX by_state ON reviews (state, id);
CREATE TABLE files (
    review INTEGER NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    filename TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded INTEGER,
    PRIMARY KEY (review, filename)
) STRICT, WITHOUT ROWID;
CREATE TABLE peers (
    review INTEGER NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    peer TEXT NOT NULL,
    PRIMARY KEY (review, peer)
) STRICT, WITHOUT ROWID;
CREATE TABLE steps (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    review INTEGER NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    uid INTEGER,
    by TEXT NOT NULL,
    -- 0 approve, 1 reject, 2 reopen
    act INTEGER NOT NULL,
    reason TEXT NOT NULL,
    until INTEGER,
    files_key TEXT NOT NULL
) STRICT;
CREATE INDEX by_review ON steps (review);
-- What had to make room for others.
CREATE TABLE dropped (one INTEGER PRIMARY KEY CHECK (one = 1), reviews INTEGER NOT NULL, last INTEGER) STRICT;
INSERT INTO dropped (one, reviews, last) VALUES (1, 0, NULL);
