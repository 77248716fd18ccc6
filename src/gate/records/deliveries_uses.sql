-- Who uses a project: when a client first received what was admitted, for as many clients as are ever counted.
CREATE TABLE uses (
    project TEXT NOT NULL,
    client TEXT NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (project, client)
) STRICT, WITHOUT ROWID;
