-- Files of PyPI that its pages listed no more when they were last looked at.
CREATE TABLE removed (file INTEGER PRIMARY KEY) STRICT;
