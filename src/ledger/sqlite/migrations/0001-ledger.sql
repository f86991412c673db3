-- What the rooms keep at version 1. Written from their entities (ddl.ts); from now on only migrations change it.

CREATE TABLE migration (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL
) STRICT;

-- One row: where the ledger stands.
CREATE TABLE head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  position INTEGER NOT NULL,
  now INTEGER NOT NULL,
  sequences TEXT NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, 0, '{}');

CREATE TABLE "setting" (
  "key" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("key")
) STRICT, WITHOUT ROWID;

CREATE TABLE "user" (
  "id" INTEGER PRIMARY KEY,
  "login" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "password" TEXT,
  "roles" TEXT NOT NULL,
  "active" INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX "user_by_login" ON "user" ("login");

CREATE TABLE "extension" (
  "number" TEXT NOT NULL,
  "from" INTEGER NOT NULL,
  "until" INTEGER NOT NULL,
  "user_id" INTEGER NOT NULL,
  PRIMARY KEY ("number", "from")
) STRICT, WITHOUT ROWID;
CREATE INDEX "extension_by_number" ON "extension" ("number");
CREATE INDEX "extension_by_user" ON "extension" ("user_id");

CREATE TABLE "device" (
  "id" TEXT NOT NULL,
  "from" INTEGER NOT NULL,
  "until" INTEGER NOT NULL,
  "user_id" INTEGER NOT NULL,
  PRIMARY KEY ("id", "from")
) STRICT, WITHOUT ROWID;
CREATE INDEX "device_by_id" ON "device" ("id");
CREATE INDEX "device_by_user" ON "device" ("user_id");

CREATE TABLE "token" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "roles" TEXT NOT NULL,
  "active" INTEGER NOT NULL,
  "managed_by" TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX "token_by_name" ON "token" ("name");
CREATE INDEX "token_by_hash" ON "token" ("hash");

CREATE TABLE "source" (
  "id" INTEGER PRIMARY KEY,
  "key" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "country" TEXT NOT NULL,
  "area_code" TEXT,
  "outside_prefix" TEXT,
  "numbers" TEXT NOT NULL,
  "abandon_seconds" INTEGER NOT NULL,
  "active" INTEGER NOT NULL,
  "managed_by" TEXT NOT NULL,
  "settings" TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX "source_by_key" ON "source" ("key");
CREATE INDEX "source_by_kind" ON "source" ("kind");

CREATE TABLE "report" (
  "id" INTEGER PRIMARY KEY,
  "source_id" INTEGER NOT NULL,
  "group" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "call_id" INTEGER NOT NULL,
  "received_at" INTEGER NOT NULL,
  "deliveries" INTEGER NOT NULL,
  "fact" TEXT NOT NULL,
  "warnings" TEXT,
  "content_type" TEXT,
  "raw" BLOB NOT NULL
) STRICT;
CREATE INDEX "report_by_group" ON "report" ("source_id", "group");
CREATE INDEX "report_by_call" ON "report" ("call_id");

CREATE TABLE "call" (
  "id" INTEGER PRIMARY KEY,
  "source_id" INTEGER NOT NULL,
  "external_id" TEXT,
  "direction" TEXT NOT NULL,
  "from" TEXT,
  "to" TEXT,
  "from_e164" TEXT,
  "to_e164" TEXT,
  "started_at" INTEGER NOT NULL,
  "day" INTEGER NOT NULL,
  "answered_at" INTEGER,
  "ended_at" INTEGER,
  "duration_seconds" INTEGER,
  "ring_seconds" INTEGER,
  "talk_seconds" INTEGER,
  "queue_wait_seconds" INTEGER,
  "outcome" TEXT NOT NULL,
  "cause" TEXT,
  "disposition" TEXT,
  "user_id" INTEGER,
  "extension" TEXT,
  "queue" TEXT,
  "line" TEXT,
  "trunk_in" TEXT,
  "trunk_out" TEXT,
  "did" TEXT,
  "did_name" TEXT,
  "recording" TEXT,
  "cost_micros" INTEGER,
  "currency" TEXT,
  "vote" INTEGER,
  "failed_reason" TEXT,
  "note" TEXT,
  "links" TEXT,
  "legs" TEXT NOT NULL
) STRICT;
CREATE INDEX "call_by_start" ON "call" ("started_at");
CREATE INDEX "call_by_user" ON "call" ("user_id", "started_at") WHERE "user_id" IS NOT NULL;

CREATE TABLE "settling" (
  "call_id" INTEGER PRIMARY KEY,
  "ended_seen_at" INTEGER NOT NULL,
  "due_at" INTEGER,
  "settled_at" INTEGER
) STRICT;
CREATE INDEX "settling_due" ON "settling" ("due_at") WHERE "due_at" IS NOT NULL;

CREATE TABLE "quarantine" (
  "id" INTEGER PRIMARY KEY,
  "source_id" INTEGER NOT NULL,
  "received_at" INTEGER NOT NULL,
  "reason" TEXT NOT NULL,
  "problem" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "call_id" INTEGER,
  "content_type" TEXT,
  "digest" TEXT NOT NULL,
  "raw" BLOB NOT NULL
) STRICT;
CREATE INDEX "quarantine_by_digest" ON "quarantine" ("source_id", "digest");

CREATE TABLE "quarantine_tally" (
  "source_id" INTEGER NOT NULL,
  "reason" TEXT NOT NULL,
  "waiting" INTEGER NOT NULL,
  "waiting_bytes" INTEGER NOT NULL,
  "ids" TEXT NOT NULL,
  PRIMARY KEY ("source_id", "reason")
) STRICT, WITHOUT ROWID;

CREATE TABLE "rollup_quarter" (
  "quarter" INTEGER NOT NULL,
  "direction" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "calls" INTEGER NOT NULL,
  "duration_seconds" INTEGER NOT NULL,
  "ring_seconds" INTEGER NOT NULL,
  "talk_seconds" INTEGER NOT NULL,
  PRIMARY KEY ("quarter", "direction", "outcome")
) STRICT, WITHOUT ROWID;

CREATE TABLE "rollup_user" (
  "day" INTEGER NOT NULL,
  "user_id" INTEGER NOT NULL,
  "direction" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "calls" INTEGER NOT NULL,
  "duration_seconds" INTEGER NOT NULL,
  "ring_seconds" INTEGER NOT NULL,
  "talk_seconds" INTEGER NOT NULL,
  PRIMARY KEY ("day", "user_id", "direction", "outcome")
) STRICT, WITHOUT ROWID;

CREATE TABLE "rollup_line" (
  "day" INTEGER NOT NULL,
  "line" TEXT NOT NULL,
  "direction" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "calls" INTEGER NOT NULL,
  "duration_seconds" INTEGER NOT NULL,
  "ring_seconds" INTEGER NOT NULL,
  "talk_seconds" INTEGER NOT NULL,
  PRIMARY KEY ("day", "line", "direction", "outcome")
) STRICT, WITHOUT ROWID;

CREATE TABLE "rollup_queue" (
  "day" INTEGER NOT NULL,
  "queue" TEXT NOT NULL,
  "direction" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "calls" INTEGER NOT NULL,
  "duration_seconds" INTEGER NOT NULL,
  "ring_seconds" INTEGER NOT NULL,
  "talk_seconds" INTEGER NOT NULL,
  "queue_wait_seconds" INTEGER NOT NULL,
  PRIMARY KEY ("day", "queue", "direction", "outcome")
) STRICT, WITHOUT ROWID;

CREATE TABLE "rollup_source" (
  "day" INTEGER NOT NULL,
  "source_id" INTEGER NOT NULL,
  "direction" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "calls" INTEGER NOT NULL,
  "duration_seconds" INTEGER NOT NULL,
  "ring_seconds" INTEGER NOT NULL,
  "talk_seconds" INTEGER NOT NULL,
  "ring0" INTEGER NOT NULL,
  "ring1" INTEGER NOT NULL,
  "ring2" INTEGER NOT NULL,
  "ring3" INTEGER NOT NULL,
  "ring4" INTEGER NOT NULL,
  "ring5" INTEGER NOT NULL,
  "ring6" INTEGER NOT NULL,
  "ring7" INTEGER NOT NULL,
  "talk0" INTEGER NOT NULL,
  "talk1" INTEGER NOT NULL,
  "talk2" INTEGER NOT NULL,
  "talk3" INTEGER NOT NULL,
  "talk4" INTEGER NOT NULL,
  "talk5" INTEGER NOT NULL,
  "talk6" INTEGER NOT NULL,
  "talk7" INTEGER NOT NULL,
  PRIMARY KEY ("day", "source_id", "direction", "outcome")
) STRICT, WITHOUT ROWID;

CREATE TABLE "journal" (
  "position" INTEGER PRIMARY KEY,
  "at" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "call_id" INTEGER,
  "data" TEXT
) STRICT;
CREATE INDEX "journal_by_call" ON "journal" ("call_id") WHERE "call_id" IS NOT NULL;

