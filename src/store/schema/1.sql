-- Schema 1. Times are microseconds UTC, booleans 0 or 1; JSON columns are written and read by model types.

-- One row: which store this is, and how many commits it has seen. `store.json` beside it says the same, so that a store
-- that lost some is told from one that is new.
CREATE TABLE meta (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    store TEXT NOT NULL,
    commits INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
    name TEXT NOT NULL PRIMARY KEY,
    -- The registry's spelling, where it differs from the normalized name.
    display TEXT,
    -- Identity of the registration: a Unix second, or minus the serial it was first listed at.
    birth INTEGER NOT NULL,
    -- Unix second of creation, once a feed has told it.
    created INTEGER,
    -- The highest serial known for the project; 0 while only RSS has told.
    serial INTEGER NOT NULL,
    -- The serial at which the index last listed it.
    listed INTEGER,
    presence INTEGER NOT NULL,
    first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    feed TEXT NOT NULL,
    event TEXT NOT NULL,
    serial INTEGER,
    at INTEGER,
    seen_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX sightings_by_name ON sightings (name);

CREATE TABLE sighting_counts (
    hour INTEGER NOT NULL,
    feed TEXT NOT NULL,
    event TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, feed, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE watches (
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    exposure TEXT,
    exposure_since INTEGER,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (kind, text)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
    key TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    watch TEXT NOT NULL,
    owner TEXT NOT NULL,
    tier TEXT NOT NULL,
    state TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- Has a notice carried it? Digest findings wait for theirs.
    told INTEGER NOT NULL,
    escalated INTEGER NOT NULL,
    -- When triage is to look it up next; null: nothing to look up.
    look_at INTEGER,
    looks INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_by_project ON findings (project);
CREATE INDEX findings_by_watch ON findings (watch);
CREATE INDEX findings_by_owner ON findings (owner, state);
CREATE INDEX findings_to_look_at ON findings (look_at) WHERE look_at IS NOT NULL;

CREATE TABLE finding_events (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    who TEXT,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX finding_events_by_key ON finding_events (key);

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    tier TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    settled_at INTEGER,
    body TEXT NOT NULL,
    UNIQUE (key, owner, channel)
) STRICT;
CREATE INDEX notices_due ON notices (channel, due_at) WHERE state = 'due';
CREATE INDEX notices_by_owner ON notices (owner, channel, created_at);

-- Who has taken a notice or refused it for good, so that a restart asks only the others. By what the notice is, not by its
-- row: a row's number may be used again.
CREATE TABLE recipients (
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    -- Null: accepted.
    refusal TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (key, owner, channel, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipients_by_time ON recipients (at);

-- Names that are none, as the registry sent them. Those settled by a person are kept, so that nobody is asked again.
CREATE TABLE unreadable (
    digest TEXT NOT NULL PRIMARY KEY,
    -- The feed that told it first.
    feed TEXT NOT NULL,
    text TEXT NOT NULL,
    judged TEXT,
    first_at INTEGER NOT NULL,
    settled_at INTEGER,
    settled_by TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX unreadable_open ON unreadable (feed, first_at) WHERE settled_at IS NULL;

CREATE TABLE health (
    ailment TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (ailment, since)
) STRICT, WITHOUT ROWID;

-- A row: this feed accounted for everything (or every survivor) in (from, to], by serial or, for RSS, by time.
CREATE TABLE coverage (
    feed TEXT NOT NULL,
    grade TEXT NOT NULL,
    from_serial INTEGER,
    to_serial INTEGER,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    PRIMARY KEY (feed, grade, from_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
