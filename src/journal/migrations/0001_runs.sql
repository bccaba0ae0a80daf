-- Format 1: runs, what they are made of, what they did, and what they wait for.
--
-- Times are nanoseconds since 1970, in UTC. A value above 4 KiB lies in `blob`, once, however often
-- it occurs; the column beside it then points there. Never edit this file: add the next one.

CREATE TABLE owner (
    id TEXT NOT NULL PRIMARY KEY,
    pid INTEGER NOT NULL CHECK (pid >= 0),
    host TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys are never used twice, so that a pruned run is not taken for a new one.
CREATE TABLE run (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE CHECK (id <> ''),
    script TEXT NOT NULL,
    root TEXT NOT NULL,
    arguments TEXT NOT NULL,
    sealed_arguments BLOB,
    engine TEXT NOT NULL,
    world TEXT NOT NULL,
    limits TEXT NOT NULL,
    deadline INTEGER,
    parent TEXT,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN (
        'queued', 'running', 'waiting', 'paused', 'uncertain', 'diverged',
        'done', 'failed', 'cancelled'
    )),
    started_at INTEGER,
    ended_at INTEGER,
    wake_at INTEGER,
    ready INTEGER NOT NULL DEFAULT 0 CHECK (ready IN (0, 1)),
    reason TEXT,
    exit INTEGER,
    result TEXT,
    problem TEXT,
    ordered TEXT CHECK (ordered IN ('cancel', 'pause')),
    cancelled_at INTEGER CHECK (cancelled_at >= 0),
    owner TEXT,
    CHECK ((ended_at IS NULL) = (state NOT IN ('done', 'failed', 'cancelled')))
) STRICT;

CREATE INDEX run_newest ON run (created_at);
CREATE INDEX run_wake ON run (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX run_ready ON run (ready) WHERE ready = 1;
CREATE INDEX run_owner ON run (owner) WHERE owner IS NOT NULL;

CREATE TABLE source (
    key INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE run_source (
    run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    place INTEGER NOT NULL CHECK (place >= 0),
    name TEXT NOT NULL,
    source INTEGER NOT NULL REFERENCES source (key),
    PRIMARY KEY (run, place),
    UNIQUE (run, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_source_source ON run_source (source);

-- `packed` is compressed where it is shorter than `size`, and plain where it is as long.
CREATE TABLE blob (
    key INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    size INTEGER NOT NULL CHECK (size >= length(packed)),
    packed BLOB NOT NULL
) STRICT;

CREATE TABLE step (
    run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    ticket INTEGER NOT NULL CHECK (ticket >= 0),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    source TEXT NOT NULL,
    line INTEGER NOT NULL CHECK (line >= 0),
    column INTEGER NOT NULL CHECK (column >= 0),
    request TEXT,
    request_blob INTEGER REFERENCES blob (key),
    mutates INTEGER NOT NULL CHECK (mutates IN (0, 1)),
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    resend INTEGER NOT NULL DEFAULT 0 CHECK (resend IN (0, 1)),
    done_seq INTEGER CHECK (done_seq >= 0),
    done_at INTEGER,
    note TEXT,
    ok INTEGER CHECK (ok IN (0, 1)),
    form TEXT,
    body BLOB,
    body_blob INTEGER REFERENCES blob (key),
    sealed BLOB,
    PRIMARY KEY (run, ticket),
    CHECK ((request IS NULL) <> (request_blob IS NULL)),
    CHECK ((done_seq IS NULL) = (done_at IS NULL)),
    CHECK ((done_seq IS NULL) = (ok IS NULL)),
    CHECK ((done_seq IS NULL) = (form IS NULL)),
    CHECK ((done_seq IS NOT NULL) = ((body IS NOT NULL) + (body_blob IS NOT NULL)))
) STRICT, WITHOUT ROWID;

CREATE INDEX step_request_blob ON step (request_blob) WHERE request_blob IS NOT NULL;
CREATE INDEX step_body_blob ON step (body_blob) WHERE body_blob IS NOT NULL;

CREATE TABLE line (
    run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    key TEXT NOT NULL,
    level TEXT,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (run, number),
    UNIQUE (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE wait (
    run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    ticket INTEGER NOT NULL CHECK (ticket >= 0),
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    since INTEGER NOT NULL,
    wake_at INTEGER,
    PRIMARY KEY (run, ticket)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT,
    value_blob INTEGER REFERENCES blob (key),
    "by" TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (run, name),
    CHECK ((value IS NULL) <> (value_blob IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX event_value_blob ON event (value_blob) WHERE value_blob IS NOT NULL;
