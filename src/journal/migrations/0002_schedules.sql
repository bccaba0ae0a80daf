-- Format 2: runs that nobody sits in front of, schedules, and the fate of each of their slots.
--
-- Never edit this file: add the next one.

-- Nobody sits in front of an unattended run: a daemon takes it up.
ALTER TABLE run ADD COLUMN unattended INTEGER NOT NULL DEFAULT 0 CHECK (unattended IN (0, 1));
-- The slot that it runs for, by the name of the schedule and the instant.
ALTER TABLE run ADD COLUMN schedule TEXT;
ALTER TABLE run ADD COLUMN slot INTEGER CHECK ((slot IS NULL) = (schedule IS NULL));
ALTER TABLE run ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1 CHECK (attempt > 0);
-- Whether its schedule has drawn the consequences of its end.
ALTER TABLE run ADD COLUMN settled INTEGER NOT NULL DEFAULT 1 CHECK (settled IN (0, 1));

DROP INDEX run_wake;
DROP INDEX run_ready;
CREATE INDEX run_wake ON run (wake_at) WHERE unattended = 1 AND wake_at IS NOT NULL;
CREATE INDEX run_ready ON run (ready) WHERE unattended = 1 AND ready = 1;
-- Those that are executed, and those whose process has died.
CREATE INDEX run_begun ON run (state) WHERE unattended = 1 AND state = 'running';
CREATE UNIQUE INDEX run_slot ON run (schedule, slot, attempt) WHERE schedule IS NOT NULL;
CREATE INDEX run_unsettled ON run (ended_at) WHERE settled = 0 AND ended_at IS NOT NULL;
CREATE INDEX wait_kind ON wait (kind, since);

-- Every slot at or before `decided_until` has a fate, but for those from `forgotten_from` to
-- `forgotten_until`, whose runs were pruned. `version` grows with every change of the schedule and
-- its slots, so that nobody decides on what is no longer true.
CREATE TABLE schedule (
    name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    fingerprint TEXT NOT NULL,
    decided_until INTEGER NOT NULL,
    paused_at INTEGER,
    paused_by TEXT,
    pause_reason TEXT,
    -- The end of the pause above, when it is over.
    resumed_at INTEGER,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    seen_at INTEGER NOT NULL,
    forgotten_from INTEGER,
    forgotten_until INTEGER,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    CHECK ((paused_at IS NULL) = (pause_reason IS NULL)),
    CHECK ((forgotten_from IS NULL) = (forgotten_until IS NULL))
) STRICT, WITHOUT ROWID;

-- `queued` waits for its turn; the other fates are for good, but that a person may run afterwards
-- what was skipped or missed.
CREATE TABLE slot (
    schedule TEXT NOT NULL REFERENCES schedule (name),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('planned', 'triggered', 'backfilled')),
    due INTEGER NOT NULL,
    fate TEXT NOT NULL CHECK (fate IN ('queued', 'ran', 'late', 'skipped', 'missed')),
    reason TEXT,
    decided_at INTEGER NOT NULL,
    settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
    PRIMARY KEY (schedule, at),
    CHECK (settled = 0 OR fate <> 'queued'),
    CHECK (settled = 1 OR fate NOT IN ('skipped', 'missed')),
    CHECK (reason IS NOT NULL OR fate NOT IN ('skipped', 'missed'))
) STRICT, WITHOUT ROWID;

CREATE INDEX slot_open ON slot (schedule, at) WHERE settled = 0;
CREATE INDEX slot_queued ON slot (schedule, at) WHERE fate = 'queued';
CREATE INDEX slot_newest ON slot (at);

-- What people answered to human requests of Jobs, as far as it was said here; Duvo does not tell who
-- it was.
CREATE TABLE response (
    request TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    "by" TEXT,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
