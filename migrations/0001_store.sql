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
    -- NULL unless somebody asked for attempts of their own:
    otherwise INTEGER, -- what happens if the one asked for fails: -1 dead, -2 delivered, else the next try
    again    INTEGER,  -- 1: another was asked for while one was under way
    asked    INTEGER,  -- how many of the attempts were asked for
    PRIMARY KEY (event, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (event) WHERE state < 2;
CREATE INDEX deliveries_dead ON deliveries (event) WHERE state = 3;
CREATE INDEX deliveries_dead_at ON deliveries (endpoint, event) WHERE state = 3;

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
    manual          INTEGER,          -- 1: somebody asked for it
    headers         BLOB,
    body            BLOB
) STRICT;
CREATE INDEX attempts_by_event ON attempts (event);
CREATE INDEX attempts_by_endpoint ON attempts (endpoint, id); -- an id begins with its time
CREATE INDEX attempts_failed ON attempts (endpoint, id) WHERE status IS NULL OR status < 200 OR status >= 300;

-- How far each listener has come.
CREATE TABLE listeners (
    name     TEXT    NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
    id         BLOB    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE, -- never changes; what events and endpoints belong to
    uid        TEXT    UNIQUE,
    title      TEXT    NOT NULL,
    metadata   TEXT    NOT NULL, -- JSON, as all lists and maps below
    rate_limit INTEGER,
    secrets    TEXT    NOT NULL, -- the newest first
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Apps and endpoints that were removed, until nothing of them is left.
CREATE TABLE removed_apps (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE removed_endpoints (
    id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoints (
    id           BLOB    NOT NULL PRIMARY KEY,
    app          TEXT    NOT NULL, -- apps.name
    kind         INTEGER NOT NULL, -- 0 registered, 1 listener, 2 replay
    uid          TEXT,
    tls          INTEGER,          -- NULL: host is the path of a unix socket
    host         TEXT    NOT NULL,
    port         INTEGER,
    path         TEXT    NOT NULL,
    query        TEXT,
    userinfo     TEXT,
    url          TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    event_types  TEXT,             -- NULL: all
    channels     TEXT    NOT NULL,
    rate_limit   INTEGER,
    disabled_at  INTEGER,
    disabled_by  TEXT,
    metadata     TEXT    NOT NULL,
    headers      BLOB    NOT NULL,
    secrets      TEXT    NOT NULL, -- the current one first: text, since when, until when
    scheme       TEXT    NOT NULL,
    ordered      INTEGER NOT NULL,
    redirects    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX endpoints_by_app ON endpoints (app, id);
CREATE UNIQUE INDEX endpoints_by_uid ON endpoints (app, uid) WHERE uid IS NOT NULL;

-- Endpoints that have failed since they last took something.
CREATE TABLE failing (
    endpoint      BLOB    NOT NULL PRIMARY KEY,
    failing_since INTEGER NOT NULL,
    failures      INTEGER NOT NULL,
    dead_since    INTEGER,
    deaths        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
    endpoint  BLOB    NOT NULL,
    hour      INTEGER NOT NULL, -- since 1970
    succeeded INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    recovered INTEGER NOT NULL,
    dead      INTEGER NOT NULL,
    latency   TEXT    NOT NULL, -- steps and how many are in each
    PRIMARY KEY (endpoint, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX tallies_by_hour ON tallies (hour);

CREATE TABLE event_types (
    name          TEXT    NOT NULL PRIMARY KEY,
    description   TEXT    NOT NULL,
    schemas       TEXT    NOT NULL,
    archived      INTEGER NOT NULL,
    deprecated    INTEGER NOT NULL,
    feature_flags TEXT    NOT NULL,
    "group"       TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the maker of an event said about it; events that nothing was said about have no row.
CREATE TABLE messages (
    event         INTEGER PRIMARY KEY, -- events.seq
    app           TEXT    NOT NULL,
    uid           TEXT,
    channels      TEXT    NOT NULL,
    tags          TEXT    NOT NULL,
    payload_until INTEGER,
    expunged      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_uid ON messages (app, uid) WHERE uid IS NOT NULL;
CREATE INDEX messages_ending ON messages (payload_until) WHERE payload_until IS NOT NULL;

CREATE TABLE tokens (
    id            BLOB    NOT NULL PRIMARY KEY,
    hash          BLOB    NOT NULL UNIQUE,
    label         TEXT    NOT NULL,
    rights        TEXT    NOT NULL,
    app           TEXT,
    feature_flags TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER
) STRICT;
CREATE INDEX tokens_by_app ON tokens (app, id);
CREATE INDEX tokens_ending ON tokens (expires_at) WHERE expires_at IS NOT NULL;

-- Answers to give again; seq is their order, so the oldest are found without an index.
CREATE TABLE records (
    seq     INTEGER PRIMARY KEY,
    key     BLOB    NOT NULL UNIQUE,
    request BLOB    NOT NULL,
    at      INTEGER NOT NULL,
    event   BLOB,              -- the event that was made; NULL: the columns below are the answer
    status  INTEGER,
    headers BLOB,
    body    BLOB
) STRICT;
