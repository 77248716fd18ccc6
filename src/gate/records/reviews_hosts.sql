-- Who asked: the user, '' where nobody had to log in, at a host, `unknown` where nobody knows it, '' where an earlier version wrote down the user
-- alone. What that wrote is a user, an address or `unknown`; no user has a colon or begins with a digit. `ci`: 1 where an installer said that it
-- runs in a build.
CREATE TABLE askers (
    review INTEGER NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    user TEXT NOT NULL,
    host TEXT NOT NULL,
    tool TEXT,
    ci INTEGER NOT NULL,
    first INTEGER,
    last INTEGER,
    times INTEGER NOT NULL,
    PRIMARY KEY (review, user, host)
) STRICT, WITHOUT ROWID;
INSERT INTO askers (review, user, host, tool, ci, first, last, times)
    SELECT review, CASE WHEN peer GLOB '[a-z]*' AND instr(peer, ':') = 0 AND peer <> 'unknown' THEN peer ELSE '' END,
        CASE WHEN peer GLOB '[a-z]*' AND instr(peer, ':') = 0 AND peer <> 'unknown' THEN '' ELSE peer END, tool, 0, first, last, times FROM peers;
DROP TABLE peers;
