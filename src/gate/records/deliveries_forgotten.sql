-- Up to which day there was no room for all that somebody received; of later days all is there.
CREATE TABLE forgotten (one INTEGER PRIMARY KEY CHECK (one = 1), day INTEGER NOT NULL) STRICT;
