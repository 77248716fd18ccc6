-- By person: where two have to agree, two have to vouch. -1: nobody knows who.
CREATE TABLE vouched (
    project TEXT NOT NULL,
    uid INTEGER NOT NULL,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (project, uid)
) STRICT, WITHOUT ROWID;
INSERT INTO vouched (project, uid, at, by, version, sha256, source)
    SELECT project, ifnull(uid, -1), at, by, version, sha256, source FROM learned;
DROP TABLE learned;
