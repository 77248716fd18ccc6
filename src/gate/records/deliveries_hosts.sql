-- Who received something: the user, '' where nobody had to log in, at a host, `unknown` where nobody knows it, '' where an earlier version wrote
-- down the user alone. What that wrote is a user, an address or `unknown`; no user has a colon or begins with a digit.
CREATE TABLE requesters (id INTEGER PRIMARY KEY, user TEXT NOT NULL, host TEXT NOT NULL, UNIQUE (user, host)) STRICT;
INSERT INTO requesters (id, user, host)
    SELECT id, CASE WHEN address GLOB '[a-z]*' AND instr(address, ':') = 0 AND address <> 'unknown' THEN address ELSE '' END,
        CASE WHEN address GLOB '[a-z]*' AND instr(address, ':') = 0 AND address <> 'unknown' THEN '' ELSE address END FROM peers;
DROP TABLE peers;
ALTER TABLE requesters RENAME TO peers;
