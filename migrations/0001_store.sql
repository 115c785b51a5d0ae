-- The log.
CREATE TABLE events (
    seq            INTEGER PRIMARY KEY, -- its place; given by the writer, never twice
    id             BLOB    NOT NULL UNIQUE,
    app            TEXT    NOT NULL,
    event_type     TEXT    NOT NULL,
    received_at    INTEGER NOT NULL, -- Unix milliseconds, as everywhere
    -- The greatest received_at so far. It never goes back, so the place of a moment is found by halving.
    latest         INTEGER NOT NULL,
    verdict_ok     INTEGER,          -- NULL: nobody judged
    verdict_scheme TEXT,
    verdict_reason TEXT,
    method         TEXT    NOT NULL,
    target         TEXT    NOT NULL,
    remote         TEXT    NOT NULL,
    headers        BLOB    NOT NULL, -- the raw block: case, order and repeats as they were
    body           BLOB    NOT NULL  -- last, so that looking at the other columns never reads it
) STRICT;
CREATE INDEX events_by_app ON events (app);
CREATE INDEX events_by_type ON events (event_type);
CREATE INDEX events_late ON events (latest - received_at) WHERE latest > received_at;
CREATE INDEX events_invalid ON events (verdict_ok) WHERE verdict_ok = 0;

-- The last place given out when events were last removed, which may be beyond the last that is left.
CREATE TABLE log_end (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO log_end VALUES (1, 0);

-- The queue. Narrow: a settlement rewrites only such a row.
CREATE TABLE deliveries (
    event    INTEGER NOT NULL, -- events.seq
    place    INTEGER NOT NULL, -- 0, 1, ... in the order they were made
    id       BLOB    NOT NULL UNIQUE,
    endpoint BLOB    NOT NULL,
    state    INTEGER NOT NULL, -- 0 pending, 1 in flight, 2 delivered, 3 dead
    due_at   INTEGER,          -- the next try, or the end of the lease; NULL when there is nothing to do
    fence    INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (event, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (event) WHERE state < 2;
CREATE INDEX deliveries_dead ON deliveries (event) WHERE state = 3;

CREATE TABLE attempts (
    seq             INTEGER PRIMARY KEY,
    event           INTEGER NOT NULL, -- events.seq
    id              BLOB    NOT NULL,
    delivery        BLOB    NOT NULL,
    endpoint        BLOB    NOT NULL,
    number          INTEGER NOT NULL,
    method          TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    started_at      INTEGER NOT NULL,
    duration_us     INTEGER NOT NULL,
    next_attempt_at INTEGER,
    error_kind      TEXT,             -- NULL: there was an answer, and the columns below are its
    error_message   TEXT,
    status          INTEGER,
    truncated       INTEGER,
    headers         BLOB,
    body            BLOB
) STRICT;
CREATE INDEX attempts_by_event ON attempts (event);

CREATE TABLE apps (
    name       TEXT    NOT NULL PRIMARY KEY,
    id         BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
    app   TEXT    NOT NULL, -- apps.name
    place INTEGER NOT NULL, -- 0 is the newest
    text  TEXT    NOT NULL,
    PRIMARY KEY (app, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoints (
    app        TEXT    NOT NULL,
    uid        TEXT    NOT NULL,
    id         BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    tls        INTEGER,          -- NULL: host is the path of a unix socket
    host       TEXT    NOT NULL,
    port       INTEGER,
    path       TEXT    NOT NULL,
    query      TEXT,
    userinfo   TEXT,
    PRIMARY KEY (app, uid)
) STRICT, WITHOUT ROWID;

-- How far each listener has come.
CREATE TABLE listeners (
    name     TEXT    NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
