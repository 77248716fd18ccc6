-- By user ('': nobody had to log in) and by the place of the host ('': an earlier version wrote down the user alone): a user or a place is what that wrote.
CREATE TABLE used (
    project TEXT NOT NULL,
    user TEXT NOT NULL,
    place TEXT NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (project, user, place)
) STRICT, WITHOUT ROWID;
INSERT INTO used (project, user, place, first)
    SELECT project, CASE WHEN client GLOB '[a-z]*' AND instr(client, ':') = 0 AND client <> 'unknown' THEN client ELSE '' END,
        CASE WHEN client GLOB '[a-z]*' AND instr(client, ':') = 0 AND client <> 'unknown' THEN '' ELSE client END, first FROM uses;
DROP TABLE uses;
ALTER TABLE used RENAME TO uses;
