-- What a ledger keeps at version 1: the tables of the engine, the journal, and those of every room. Released with 0.1.0 and never changed.

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

-- the journal

CREATE TABLE "journal" (
  "position" INTEGER PRIMARY KEY,
  "at" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "call_id" INTEGER,
  "data" TEXT
) STRICT;
CREATE INDEX "journal_by_call" ON "journal" ("call_id") WHERE "call_id" IS NOT NULL;

-- ledger

CREATE TABLE "consumer" (
  "name" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "within" INTEGER,
  "at" INTEGER NOT NULL,
  PRIMARY KEY ("name")
) STRICT, WITHOUT ROWID;

-- config

CREATE TABLE "setting" (
  "key" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("key")
) STRICT, WITHOUT ROWID;

-- people

CREATE TABLE "user" (
  "id" INTEGER PRIMARY KEY,
  "login" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "password" TEXT,
  "roles" TEXT NOT NULL,
  "active" INTEGER NOT NULL,
  "features" TEXT NOT NULL,
  "managed_by" TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX "user_by_login" ON "user" ("login");

CREATE TABLE "extension" (
  "number" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "from" INTEGER NOT NULL,
  "until" INTEGER NOT NULL,
  "user_id" INTEGER NOT NULL,
  PRIMARY KEY ("number", "source", "from")
) STRICT, WITHOUT ROWID;
CREATE INDEX "extension_by_user" ON "extension" ("user_id");

CREATE TABLE "device" (
  "id" TEXT NOT NULL,
  "from" INTEGER NOT NULL,
  "until" INTEGER NOT NULL,
  "user_id" INTEGER NOT NULL,
  PRIMARY KEY ("id", "from")
) STRICT, WITHOUT ROWID;
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

CREATE TABLE "webhook" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL,
  "user_id" INTEGER NOT NULL,
  "code_hash" TEXT NOT NULL,
  "scope" TEXT NOT NULL,
  "withheld" TEXT NOT NULL,
  "source_id" INTEGER NOT NULL,
  "active" INTEGER NOT NULL,
  "managed_by" TEXT NOT NULL
) STRICT;
CREATE INDEX "webhook_by_hash" ON "webhook" ("code_hash");

-- sources

CREATE TABLE "source" (
  "id" INTEGER PRIMARY KEY,
  "key" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "country" TEXT NOT NULL,
  "area_code" TEXT,
  "outside_prefix" TEXT,
  "numbers" TEXT NOT NULL,
  "short_seconds" INTEGER NOT NULL,
  "answer_within_seconds" INTEGER NOT NULL,
  "queue_thresholds" TEXT NOT NULL,
  "active" INTEGER NOT NULL,
  "managed_by" TEXT NOT NULL,
  "settings" TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX "source_by_key" ON "source" ("key");
CREATE INDEX "source_by_kind" ON "source" ("kind");

-- calls

CREATE TABLE "source_call" (
  "id" INTEGER PRIMARY KEY,
  "source_id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "external_id" TEXT,
  "call_id" INTEGER
) STRICT;
CREATE UNIQUE INDEX "source_call_by_name" ON "source_call" ("source_id", "name");
CREATE INDEX "source_call_by_external_id" ON "source_call" ("external_id") WHERE "external_id" IS NOT NULL;

CREATE TABLE "report" (
  "id" INTEGER PRIMARY KEY,
  "source_id" INTEGER NOT NULL,
  "source_call_id" INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "received_at" INTEGER NOT NULL,
  "deliveries" INTEGER NOT NULL,
  "fact" TEXT NOT NULL,
  "warnings" TEXT,
  "content_type" TEXT,
  "raw" BLOB NOT NULL,
  "historical" INTEGER NOT NULL
) STRICT;
CREATE INDEX "report_by_source_call" ON "report" ("source_call_id");

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
  "short" INTEGER NOT NULL,
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
  "legs" TEXT NOT NULL,
  "source_calls" TEXT,
  "records" TEXT,
  "ended_seen_at" INTEGER,
  "settles_at" INTEGER,
  "split_at" INTEGER,
  "historical" INTEGER NOT NULL
) STRICT;
CREATE INDEX "call_by_start" ON "call" ("started_at");
CREATE INDEX "call_by_settling" ON "call" ("settles_at", "id") WHERE "settles_at" IS NOT NULL;

CREATE TABLE "participation" (
  "call_id" INTEGER NOT NULL,
  "user_id" INTEGER NOT NULL,
  "role" TEXT NOT NULL,
  "started_at" INTEGER NOT NULL,
  "ring_seconds" INTEGER,
  "talk_seconds" INTEGER,
  PRIMARY KEY ("call_id", "user_id")
) STRICT, WITHOUT ROWID;
CREATE INDEX "participation_by_user" ON "participation" ("user_id", "started_at");

CREATE TABLE "queue_visit" (
  "call_id" INTEGER NOT NULL,
  "source_id" INTEGER NOT NULL,
  "queue" TEXT NOT NULL,
  "place" INTEGER NOT NULL,
  "started_at" INTEGER NOT NULL,
  "outcome" TEXT NOT NULL,
  "wait_seconds" INTEGER,
  PRIMARY KEY ("call_id", "source_id", "queue")
) STRICT, WITHOUT ROWID;
CREATE INDEX "queue_visit_by_queue" ON "queue_visit" ("queue", "started_at");

CREATE TABLE "candidate" (
  "id" INTEGER PRIMARY KEY,
  "source_call_id" INTEGER NOT NULL,
  "source_id" INTEGER NOT NULL,
  "role" TEXT NOT NULL,
  "user_id" INTEGER NOT NULL,
  "number_key" TEXT NOT NULL,
  "day" INTEGER NOT NULL,
  "started_at" INTEGER NOT NULL,
  "ended_at" INTEGER,
  "clocked" INTEGER NOT NULL,
  "direction" TEXT NOT NULL,
  "name" TEXT,
  "tie" TEXT NOT NULL
) STRICT;
CREATE INDEX "candidate_by_parties" ON "candidate" ("user_id", "number_key", "day");
CREATE INDEX "candidate_by_source_call" ON "candidate" ("source_call_id");
CREATE INDEX "candidate_by_name" ON "candidate" ("name") WHERE "name" IS NOT NULL;

CREATE TABLE "link" (
  "a" INTEGER NOT NULL,
  "b" INTEGER NOT NULL,
  "by" TEXT NOT NULL,
  "verdict" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "leg_id" INTEGER,
  "suspicion_id" INTEGER,
  PRIMARY KEY ("a", "b", "by")
) STRICT, WITHOUT ROWID;
CREATE INDEX "link_by_b" ON "link" ("b");
CREATE INDEX "link_by_suspicion" ON "link" ("suspicion_id") WHERE "suspicion_id" IS NOT NULL;

CREATE TABLE "unknown_numbers" (
  "source_id" INTEGER PRIMARY KEY,
  "seen" INTEGER NOT NULL,
  "latest" TEXT NOT NULL
) STRICT;

CREATE TABLE "source_clock" (
  "source_id" INTEGER PRIMARY KEY,
  "hours" TEXT NOT NULL
) STRICT;

CREATE TABLE "settling_line" (
  "id" INTEGER PRIMARY KEY,
  "at" INTEGER NOT NULL
) STRICT;

CREATE TABLE "former_call" (
  "id" INTEGER PRIMARY KEY,
  "settled_at" INTEGER NOT NULL,
  "historical" INTEGER NOT NULL
) STRICT;
CREATE INDEX "former_call_by_settling" ON "former_call" ("settled_at", "id");

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

CREATE TABLE "refold_run" (
  "id" INTEGER PRIMARY KEY,
  "at" INTEGER NOT NULL,
  "author" TEXT NOT NULL,
  "source_id" INTEGER NOT NULL,
  "from" INTEGER NOT NULL,
  "until" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "calls" INTEGER NOT NULL,
  "reports" INTEGER NOT NULL
) STRICT;
CREATE INDEX "refold_run_by_source" ON "refold_run" ("source_id");

CREATE TABLE "superseded_fact" (
  "run_id" INTEGER NOT NULL,
  "report_id" INTEGER NOT NULL,
  "fact" TEXT NOT NULL,
  "warnings" TEXT,
  PRIMARY KEY ("run_id", "report_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "moved_leg" (
  "source_id" INTEGER NOT NULL,
  "report_id" INTEGER NOT NULL,
  "source_call_id" INTEGER NOT NULL,
  PRIMARY KEY ("source_id", "report_id")
) STRICT, WITHOUT ROWID;

-- clients

CREATE TABLE "client" (
  "type" TEXT NOT NULL,
  "id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "phones" TEXT NOT NULL,
  "number_keys" TEXT NOT NULL,
  "responsible_id" INTEGER,
  "origin" TEXT,
  "made_by_call" INTEGER,
  "created_at" INTEGER NOT NULL,
  PRIMARY KEY ("type", "id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "client_phone" (
  "number_key" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "id" INTEGER NOT NULL,
  PRIMARY KEY ("number_key", "type", "id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "activity" (
  "id" INTEGER PRIMARY KEY,
  "source_call_id" INTEGER NOT NULL,
  "client_type" TEXT NOT NULL,
  "client_id" INTEGER NOT NULL,
  "responsible_id" INTEGER NOT NULL,
  "inbound" INTEGER NOT NULL,
  "started_at" INTEGER NOT NULL,
  "ended_at" INTEGER NOT NULL,
  "completed" INTEGER NOT NULL
) STRICT;
CREATE INDEX "activity_by_client" ON "activity" ("client_type", "client_id");

-- portal

CREATE TABLE "portal_call" (
  "id" INTEGER PRIMARY KEY,
  "webhook_id" INTEGER,
  "open" TEXT,
  "token" TEXT,
  "user_id" INTEGER,
  "type" INTEGER,
  "line" TEXT,
  "phone_number" TEXT,
  "number_key" TEXT,
  "external_call_id" TEXT,
  "started_at" INTEGER,
  "duration_seconds" INTEGER,
  "vote" INTEGER,
  "cost_micros" INTEGER,
  "currency" TEXT,
  "status_code" TEXT,
  "status_stated" INTEGER NOT NULL,
  "failed_reason" TEXT,
  "client_type" TEXT,
  "client_id" INTEGER,
  "activity_id" INTEGER,
  "note" TEXT,
  "recording_id" INTEGER
) STRICT;
CREATE UNIQUE INDEX "portal_call_by_token" ON "portal_call" ("token") WHERE "token" IS NOT NULL;
CREATE INDEX "portal_call_by_start" ON "portal_call" ("started_at") WHERE "started_at" IS NOT NULL;
CREATE INDEX "portal_call_by_user" ON "portal_call" ("user_id", "started_at") WHERE "user_id" IS NOT NULL;
CREATE INDEX "portal_call_by_phone" ON "portal_call" ("number_key") WHERE "number_key" IS NOT NULL;
CREATE INDEX "portal_call_by_external_id" ON "portal_call" ("external_call_id") WHERE "external_call_id" IS NOT NULL;

CREATE TABLE "message" (
  "id" INTEGER PRIMARY KEY,
  "user_id" INTEGER NOT NULL,
  "source_call_id" INTEGER NOT NULL,
  "at" INTEGER NOT NULL,
  "inbound" INTEGER NOT NULL,
  "answered" INTEGER NOT NULL
) STRICT;
CREATE INDEX "message_by_user" ON "message" ("user_id");

-- campaigns

CREATE TABLE "campaign" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL,
  "application_id" INTEGER NOT NULL,
  "group_name" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "country" TEXT NOT NULL,
  "active" INTEGER NOT NULL,
  "managed_by" TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX "campaign_by_name" ON "campaign" ("name");

CREATE TABLE "calling_list" (
  "id" INTEGER PRIMARY KEY,
  "campaign_id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "active" INTEGER NOT NULL,
  "places" INTEGER NOT NULL,
  "file_digest" TEXT,
  "file_rows" INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX "calling_list_by_name" ON "calling_list" ("campaign_id", "name");

CREATE TABLE "record" (
  "id" INTEGER PRIMARY KEY,
  "list_id" INTEGER NOT NULL,
  "application_id" INTEGER NOT NULL,
  "identity" TEXT NOT NULL,
  "record_id" INTEGER,
  "chain_id" INTEGER NOT NULL,
  "chain_n" INTEGER NOT NULL,
  "contact_info" TEXT NOT NULL,
  "contact_info_type" INTEGER NOT NULL,
  "record_type" INTEGER NOT NULL,
  "record_status" INTEGER NOT NULL,
  "call_result" INTEGER NOT NULL,
  "attempt" INTEGER NOT NULL,
  "dial_sched_time" INTEGER,
  "call_time" INTEGER,
  "daily_from" INTEGER NOT NULL,
  "daily_till" INTEGER NOT NULL,
  "time_zone" TEXT NOT NULL,
  "agent_id" TEXT,
  "custom" TEXT NOT NULL,
  "number_key" TEXT,
  "place" INTEGER NOT NULL,
  "lane_id" INTEGER,
  "due_at" INTEGER,
  "handle" INTEGER,
  "held_by" INTEGER,
  "held_device" TEXT,
  "retrieved_at" INTEGER,
  "completed_at" INTEGER,
  "completed_key" TEXT,
  "join_key" TEXT,
  "result_from" TEXT,
  "call_result_before" INTEGER NOT NULL,
  "attempt_before" INTEGER NOT NULL,
  "call_time_before" INTEGER,
  "call_id" INTEGER,
  "attempt_guid" TEXT
) STRICT;
CREATE UNIQUE INDEX "record_by_identity" ON "record" ("list_id", "identity");
CREATE INDEX "record_by_chain" ON "record" ("list_id", "chain_id");
CREATE INDEX "record_by_place" ON "record" ("lane_id", "place") WHERE "lane_id" IS NOT NULL;
CREATE INDEX "record_by_due" ON "record" ("due_at") WHERE "due_at" IS NOT NULL;
CREATE INDEX "record_by_handle" ON "record" ("handle", "application_id") WHERE "handle" IS NOT NULL;
CREATE INDEX "record_by_holder" ON "record" ("held_by", "record_status") WHERE "held_by" IS NOT NULL;
CREATE INDEX "record_by_agent_number" ON "record" ("join_key", "held_by") WHERE "join_key" IS NOT NULL;
CREATE INDEX "record_by_number" ON "record" ("number_key") WHERE "number_key" IS NOT NULL;

CREATE TABLE "lane" (
  "id" INTEGER PRIMARY KEY,
  "list_id" INTEGER NOT NULL,
  "agent_id" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "daily_from" INTEGER NOT NULL,
  "daily_till" INTEGER NOT NULL,
  "first" INTEGER NOT NULL
) STRICT;
CREATE INDEX "lane_by_agent" ON "lane" ("list_id", "agent_id");

CREATE TABLE "place_node" (
  "lane_id" INTEGER NOT NULL,
  "level" INTEGER NOT NULL,
  "node" INTEGER NOT NULL,
  "bits" TEXT NOT NULL,
  PRIMARY KEY ("lane_id", "level", "node")
) STRICT, WITHOUT ROWID;

CREATE TABLE "do_not_call" (
  "number_key" TEXT NOT NULL,
  PRIMARY KEY ("number_key")
) STRICT, WITHOUT ROWID;

CREATE TABLE "preview_session" (
  "user_id" INTEGER NOT NULL,
  "campaign_id" INTEGER NOT NULL,
  "device_id" TEXT NOT NULL,
  "started_at" INTEGER NOT NULL,
  PRIMARY KEY ("user_id", "campaign_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "agent_outbox" (
  "id" INTEGER PRIMARY KEY,
  "user_id" INTEGER NOT NULL,
  "at" INTEGER NOT NULL,
  "messages" TEXT NOT NULL
) STRICT;
CREATE INDEX "agent_outbox_by_user" ON "agent_outbox" ("user_id");
CREATE INDEX "agent_outbox_by_time" ON "agent_outbox" ("at");

-- recordings

CREATE TABLE "fetch_job" (
  "id" INTEGER PRIMARY KEY,
  "source_call_id" INTEGER NOT NULL,
  "report_id" INTEGER NOT NULL,
  "url" TEXT NOT NULL,
  "name" TEXT,
  "requested_at" INTEGER NOT NULL,
  "attempts" INTEGER NOT NULL,
  "due_at" INTEGER,
  "state" TEXT NOT NULL,
  "last_problem" TEXT
) STRICT;
CREATE INDEX "fetch_job_due" ON "fetch_job" ("due_at") WHERE "due_at" IS NOT NULL;
CREATE INDEX "fetch_job_by_source_call" ON "fetch_job" ("source_call_id");

CREATE TABLE "recording" (
  "id" INTEGER PRIMARY KEY,
  "source_call_id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "content_type" TEXT NOT NULL,
  "bytes" INTEGER NOT NULL,
  "digest" TEXT NOT NULL,
  "file" TEXT NOT NULL,
  "requested_at" INTEGER NOT NULL,
  "at" INTEGER NOT NULL
) STRICT;
CREATE INDEX "recording_by_source_call" ON "recording" ("source_call_id");

-- statistics

CREATE TABLE "rollup" (
  "day" INTEGER NOT NULL,
  "dimension" TEXT NOT NULL,
  "id" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "direction" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "currency" TEXT NOT NULL,
  "wait_bucket" INTEGER NOT NULL,
  "ring_bucket" INTEGER NOT NULL,
  "calls" INTEGER NOT NULL,
  "short" INTEGER NOT NULL,
  "rang_only" INTEGER NOT NULL,
  "talk_seconds" INTEGER NOT NULL,
  "ring_seconds" INTEGER NOT NULL,
  "wait_seconds" INTEGER NOT NULL,
  "cost_micros" INTEGER NOT NULL,
  PRIMARY KEY ("day", "dimension", "id", "name", "direction", "outcome", "currency", "wait_bucket", "ring_bucket")
) STRICT, WITHOUT ROWID;

-- nodes

CREATE TABLE "node" (
  "number" INTEGER PRIMARY KEY,
  "url" TEXT,
  "version" TEXT NOT NULL,
  "started_at" INTEGER NOT NULL,
  "seen_at" INTEGER NOT NULL,
  "dead_since" INTEGER
) STRICT;

CREATE TABLE "lease" (
  "job" TEXT NOT NULL,
  "node" INTEGER,
  "token" INTEGER NOT NULL,
  "since" INTEGER NOT NULL,
  PRIMARY KEY ("job")
) STRICT, WITHOUT ROWID;
