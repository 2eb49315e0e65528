-- schema.sql - what the file of state holds, and how its parts hang together.
--
-- One SQLite database, umlauf.db, is the whole memory of an engine. It has two halves.
--
-- The first half is what happened, and is never changed:
--
--   record    one row a record: its number, its body (the bytes of data/record.c), and the chain
--             hash = SHA-256(hash of the record before || body); before number 1 stand 32 zero
--             bytes. Numbers begin at 1 and have no gaps. Nothing else has an index here, because
--             locality decides the speed: rows are only ever added at the end. A run is read
--             backwards: run.last names its last record, each body names its run's previous one.
--   payload   the data of a record (an input, an output, a form) under the record's number, as
--             JSON text. The body holds SHA-256(salt || data), so a payload can be erased, row
--             and salt, and the chain still verifies. The salt keeps a guess from being checked
--             against the digest that stays.
--   checkpoint  from time to time the number and hash of the last record, signed with the
--             engine's Ed25519 key (journal.key in the data directory; journal.pub verifies).
--             The same lines stand in checkpoints.jsonl beside the database, so that a tail cut
--             off the database is seen. What is signed, letter by letter, is told in checkpoint.h.
--
-- The second half says where things stand. It is written in the same transaction as the records
-- that imply it, and can be made again from them at any time (rebuild.c does, and compares):
--
--   flow      a version of a flow, under the number of its flow-added record, whose payload holds
--             the source. family is the number of the first version with that namespace and name:
--             what lists filter by.
--   run       a run, under the number of its first record, so that new rows land at the end and
--             `order by number desc` is "newest first". The active and the troubled ones have
--             partial indexes; the many that completed do not weigh on them.
--   wait      what a run waits for. until_ms is 0 without a time; the index finds what is due.
--   work_item what a person has to do. offered and completed are numbers of records, in whose
--             payloads title, case and decision are found; completed is 0 before.
--   event     which events are known. The key is the first 16 bytes of
--             SHA-256(source || 0x00 || key); number is the event's first event-received record.
--   tally     how many runs of a flow are in a status; kept so that no overview has to count.
--   pace      how many runs began, completed, faulted in each slot of 75 seconds (slot = at_ms
--             / 75,000): a 48th of an hour, so that any number of hours has 48 equal steps.
--
-- Apart from both: user, token, session belong to engine/access (access_store.h); what is changed
-- in users and tokens leaves access-changed records. meta holds the lane: the name of this chain.
--
-- Times are milliseconds since 1970 (UTC), 0 where there is none; ids are the 16 bytes of the UUID;
-- the numbers of statuses and states stand in data/standing.h, of waits likewise.
--
-- user_version is the version of this page. A later one comes with a numbered migration (db.c);
-- an older program refuses a newer file.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE payload (
    number INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    data TEXT NOT NULL
) STRICT;

CREATE TABLE checkpoint (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    key TEXT NOT NULL,
    signature BLOB NOT NULL
) STRICT;

CREATE TABLE flow (
    number INTEGER PRIMARY KEY,
    family INTEGER NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    title TEXT NOT NULL
) STRICT;

CREATE INDEX flow_by_name ON flow (namespace, name);

CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    flow INTEGER NOT NULL REFERENCES flow (number),
    family INTEGER NOT NULL,
    status INTEGER NOT NULL,
    in_doubt INTEGER NOT NULL,
    position INTEGER NOT NULL,
    last INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL
) STRICT;

-- 7 is completed. The flow stands in it so that the flows in use are found without the rows.
CREATE INDEX run_by_status ON run (status, number, flow) WHERE status <> 7;
CREATE INDEX run_in_doubt ON run (number) WHERE in_doubt = 1;
CREATE INDEX run_by_family ON run (family, number);

CREATE TABLE wait (
    run INTEGER NOT NULL REFERENCES run (number),
    slot INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (run, slot)
) STRICT, WITHOUT ROWID;

CREATE INDEX wait_by_time ON wait (until_ms, run) WHERE until_ms > 0;

CREATE TABLE work_item (
    offered INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    run INTEGER NOT NULL REFERENCES run (number),
    frame INTEGER NOT NULL,
    task INTEGER NOT NULL,
    state INTEGER NOT NULL,
    decides INTEGER NOT NULL,
    role TEXT NOT NULL,
    claimed_by TEXT NOT NULL,
    position INTEGER NOT NULL,
    offered_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    completed INTEGER NOT NULL
) STRICT;

CREATE INDEX work_by_run ON work_item (run);
-- 1 and 2 are open and taken: the inboxes, soonest due first, what has no date last.
CREATE INDEX work_by_due ON work_item
    (iif(due_ms = 0, 9223372036854775807, due_ms), offered, state, role) WHERE state <= 2;
CREATE INDEX work_by_end ON work_item (ended_ms, offered, state, role) WHERE state > 2;

CREATE TABLE event (
    key BLOB PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
    flow INTEGER NOT NULL,
    status INTEGER NOT NULL,
    in_doubt INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    PRIMARY KEY (flow, status, in_doubt)
) STRICT, WITHOUT ROWID;

CREATE TABLE pace (
    slot INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    faulted INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
    name TEXT PRIMARY KEY,
    roles TEXT NOT NULL,
    password TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    disabled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    label TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX token_by_user ON token (user);

CREATE TABLE session (
    hash BLOB PRIMARY KEY,
    user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_user ON session (user);
CREATE INDEX session_by_end ON session (expires_ms);
