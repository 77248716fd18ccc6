-- What was said of a file to a client, change by change, the newest ones: what was told at a mark is what stood then. `weight` of what stood from that
-- number on, NULL: nothing did; `cause` (JSON) as it began.
CREATE TABLE recall_turns (
    file INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    weight INTEGER,
    cause TEXT NOT NULL,
    PRIMARY KEY (file, peer, number)
) STRICT, WITHOUT ROWID;
-- Nobody wrote down when it began, nor as what: as little, so that what it has become since is told.
INSERT INTO recall_turns (file, peer, number, at, weight, cause) SELECT file, peer, began, 0, 0, cause FROM recalls;
INSERT OR REPLACE INTO recall_turns (file, peer, number, at, weight, cause)
    SELECT file, peer, number, at, CASE over WHEN 0 THEN weight END, cause FROM recalls;
ALTER TABLE recalls DROP COLUMN began;
