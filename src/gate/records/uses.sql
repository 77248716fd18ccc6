-- Who uses a project: when each client first received what was admitted, for as many clients as are ever counted. Times are microseconds UTC.
CREATE TABLE uses (
    project TEXT NOT NULL,
    client TEXT NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (project, client)
) STRICT, WITHOUT ROWID;
-- When anybody last did.
CREATE TABLE projects (project TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
