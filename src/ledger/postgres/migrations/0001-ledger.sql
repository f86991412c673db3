-- What the rooms keep at version 1. Written from their entities (ddl.ts); from now on only migrations change it.

CREATE TABLE migration (
  version bigint PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL
);

-- One row: where the ledger stands. Each batch changes it, and finds room for its next version on the same page.
CREATE TABLE head (
  "only" boolean PRIMARY KEY CHECK ("only"),
  schema_version bigint NOT NULL,
  batch bigint NOT NULL,
  position bigint NOT NULL,
  now bigint NOT NULL,
  sequences text NOT NULL,
  residents text NOT NULL
) WITH (fillfactor = 20);
INSERT INTO head VALUES (true, 1, 0, 0, 0, '{}', '{}');

-- The newest batch of each node, looked up when the answer to a commit was lost.
CREATE TABLE writer (
  id text PRIMARY KEY,
  batch bigint NOT NULL,
  at bigint NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE "setting" (
  "key" text COLLATE "C" NOT NULL,
  "value" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("key")
);

CREATE TABLE "user" (
  "id" bigint NOT NULL,
  "login" text COLLATE "C" NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "password" text COLLATE "C",
  "roles" text COLLATE "C" NOT NULL,
  "active" boolean NOT NULL,
  "features" text COLLATE "C" NOT NULL,
  "managed_by" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "user_by_login" ON "user" ("login");

CREATE TABLE "extension" (
  "number" text COLLATE "C" NOT NULL,
  "from" bigint NOT NULL,
  "until" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  PRIMARY KEY ("number", "from")
);
CREATE INDEX "extension_by_number" ON "extension" ("number");
CREATE INDEX "extension_by_user" ON "extension" ("user_id");

CREATE TABLE "device" (
  "id" text COLLATE "C" NOT NULL,
  "from" bigint NOT NULL,
  "until" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  PRIMARY KEY ("id", "from")
);
CREATE INDEX "device_by_id" ON "device" ("id");
CREATE INDEX "device_by_user" ON "device" ("user_id");

CREATE TABLE "token" (
  "id" bigint NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "hash" text COLLATE "C" NOT NULL,
  "roles" text COLLATE "C" NOT NULL,
  "active" boolean NOT NULL,
  "managed_by" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "token_by_name" ON "token" ("name");
CREATE INDEX "token_by_hash" ON "token" ("hash");

CREATE TABLE "webhook" (
  "id" bigint NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "user_id" bigint NOT NULL,
  "code_hash" text COLLATE "C" NOT NULL,
  "scope" text COLLATE "C" NOT NULL,
  "source_id" bigint NOT NULL,
  "active" boolean NOT NULL,
  "managed_by" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "webhook_by_hash" ON "webhook" ("code_hash");
CREATE INDEX "webhook_by_user" ON "webhook" ("user_id");

CREATE TABLE "source" (
  "id" bigint NOT NULL,
  "key" text COLLATE "C" NOT NULL,
  "kind" text COLLATE "C" NOT NULL,
  "time_zone" text COLLATE "C" NOT NULL,
  "country" text COLLATE "C" NOT NULL,
  "area_code" text COLLATE "C",
  "outside_prefix" text COLLATE "C",
  "numbers" text COLLATE "C" NOT NULL,
  "abandon_seconds" bigint NOT NULL,
  "active" boolean NOT NULL,
  "managed_by" text COLLATE "C" NOT NULL,
  "settings" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "source_by_key" ON "source" ("key");
CREATE INDEX "source_by_kind" ON "source" ("kind");

CREATE TABLE "report" (
  "id" bigint NOT NULL,
  "source_id" bigint NOT NULL,
  "group" text COLLATE "C" NOT NULL,
  "key" text COLLATE "C" NOT NULL,
  "kind" text COLLATE "C" NOT NULL,
  "call_id" bigint NOT NULL,
  "received_at" bigint NOT NULL,
  "deliveries" bigint NOT NULL,
  "fact" text COLLATE "C" NOT NULL,
  "warnings" text COLLATE "C",
  "content_type" text COLLATE "C",
  "raw" bytea NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "report_by_group" ON "report" ("source_id", "group");
CREATE INDEX "report_by_call" ON "report" ("call_id");

CREATE TABLE "call" (
  "id" bigint NOT NULL,
  "source_id" bigint NOT NULL,
  "external_id" text COLLATE "C",
  "direction" text COLLATE "C" NOT NULL,
  "from" text COLLATE "C",
  "to" text COLLATE "C",
  "from_e164" text COLLATE "C",
  "to_e164" text COLLATE "C",
  "started_at" bigint NOT NULL,
  "day" bigint NOT NULL,
  "answered_at" bigint,
  "ended_at" bigint,
  "duration_seconds" bigint,
  "ring_seconds" bigint,
  "talk_seconds" bigint,
  "queue_wait_seconds" bigint,
  "outcome" text COLLATE "C" NOT NULL,
  "cause" text COLLATE "C",
  "disposition" text COLLATE "C",
  "user_id" bigint,
  "extension" text COLLATE "C",
  "queue" text COLLATE "C",
  "line" text COLLATE "C",
  "trunk_in" text COLLATE "C",
  "trunk_out" text COLLATE "C",
  "did" text COLLATE "C",
  "did_name" text COLLATE "C",
  "recording" text COLLATE "C",
  "cost_micros" bigint,
  "currency" text COLLATE "C",
  "vote" bigint,
  "failed_reason" text COLLATE "C",
  "note" text COLLATE "C",
  "links" text COLLATE "C",
  "legs" text COLLATE "C" NOT NULL,
  "strands" text COLLATE "C",
  PRIMARY KEY ("id")
);
CREATE INDEX "call_by_start" ON "call" ("started_at");
CREATE INDEX "call_by_user" ON "call" ("user_id" NULLS FIRST, "started_at") WHERE "user_id" IS NOT NULL;

CREATE TABLE "alias" (
  "id" bigint NOT NULL,
  "into" bigint NOT NULL,
  PRIMARY KEY ("id")
);

CREATE TABLE "pairable" (
  "id" bigint NOT NULL,
  "strand_id" bigint NOT NULL,
  "source_id" bigint NOT NULL,
  "role" text COLLATE "C" NOT NULL,
  "user_id" bigint NOT NULL,
  "number_key" text COLLATE "C" NOT NULL,
  "day" bigint NOT NULL,
  "started_at" bigint NOT NULL,
  "ended_at" bigint,
  "clocked" boolean NOT NULL,
  "direction" text COLLATE "C" NOT NULL,
  "name" text COLLATE "C",
  "tie" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "pairable_by_parties" ON "pairable" ("user_id", "number_key", "day");
CREATE INDEX "pairable_by_strand" ON "pairable" ("strand_id");
CREATE INDEX "pairable_by_name" ON "pairable" ("name" NULLS FIRST) WHERE "name" IS NOT NULL;

CREATE TABLE "pairing" (
  "id" bigint NOT NULL,
  "with_id" bigint NOT NULL,
  "leg_id" bigint NOT NULL,
  "at" bigint NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "pairing_by_with" ON "pairing" ("with_id");

CREATE TABLE "doubt" (
  "id" bigint NOT NULL,
  "with_id" bigint NOT NULL,
  "at" bigint NOT NULL,
  PRIMARY KEY ("id", "with_id")
);
CREATE INDEX "doubt_by_with" ON "doubt" ("with_id");
CREATE INDEX "doubt_by_id" ON "doubt" ("id");

CREATE TABLE "judgement" (
  "id" bigint NOT NULL,
  "with_id" bigint NOT NULL,
  "verdict" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id", "with_id")
);
CREATE INDEX "judgement_by_id" ON "judgement" ("id");
CREATE INDEX "judgement_by_with" ON "judgement" ("with_id");

CREATE TABLE "source_clock" (
  "source_id" bigint NOT NULL,
  "hours" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("source_id")
);

CREATE TABLE "settling" (
  "call_id" bigint NOT NULL,
  "ended_seen_at" bigint NOT NULL,
  "due_at" bigint,
  "settled_at" bigint,
  PRIMARY KEY ("call_id")
);
CREATE INDEX "settling_due" ON "settling" ("due_at" NULLS FIRST) WHERE "due_at" IS NOT NULL;

CREATE TABLE "quarantine" (
  "id" bigint NOT NULL,
  "source_id" bigint NOT NULL,
  "received_at" bigint NOT NULL,
  "reason" text COLLATE "C" NOT NULL,
  "problem" text COLLATE "C" NOT NULL,
  "state" text COLLATE "C" NOT NULL,
  "call_id" bigint,
  "content_type" text COLLATE "C",
  "digest" text COLLATE "C" NOT NULL,
  "raw" bytea NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "quarantine_by_digest" ON "quarantine" ("source_id", "digest");

CREATE TABLE "quarantine_tally" (
  "source_id" bigint NOT NULL,
  "reason" text COLLATE "C" NOT NULL,
  "waiting" bigint NOT NULL,
  "waiting_bytes" bigint NOT NULL,
  "ids" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("source_id", "reason")
);

CREATE TABLE "client" (
  "type" text COLLATE "C" NOT NULL,
  "id" bigint NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "phones" text COLLATE "C" NOT NULL,
  "number_keys" text COLLATE "C" NOT NULL,
  "responsible_id" bigint,
  "origin" text COLLATE "C",
  "made_by_call" bigint,
  "created_at" bigint NOT NULL,
  PRIMARY KEY ("type", "id")
);

CREATE TABLE "client_phone" (
  "number_key" text COLLATE "C" NOT NULL,
  "type" text COLLATE "C" NOT NULL,
  "id" bigint NOT NULL,
  PRIMARY KEY ("number_key", "type", "id")
);
CREATE INDEX "client_phone_by_number" ON "client_phone" ("number_key");

CREATE TABLE "registration" (
  "id" bigint NOT NULL,
  "token" text COLLATE "C" NOT NULL,
  "open_key" text COLLATE "C",
  "user_id" bigint NOT NULL,
  "type" bigint NOT NULL,
  "phone_number" text COLLATE "C" NOT NULL,
  "number_key" text COLLATE "C" NOT NULL,
  "line_number" text COLLATE "C",
  "external_call_id" text COLLATE "C",
  "call_list_id" bigint,
  "registered_at" bigint NOT NULL,
  "started_at" bigint NOT NULL,
  "start_stated" boolean NOT NULL,
  "client_type" text COLLATE "C",
  "client_id" bigint,
  "made" text COLLATE "C" NOT NULL,
  "shown_to" text COLLATE "C" NOT NULL,
  "finished_at" bigint,
  "finished_by" bigint,
  "duration_seconds" bigint,
  "status_code" text COLLATE "C",
  "failed_reason" text COLLATE "C",
  "cost_micros" bigint,
  "currency" text COLLATE "C",
  "vote" bigint,
  "activity_id" bigint,
  PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "registration_by_token" ON "registration" ("token");
CREATE INDEX "registration_by_open_key" ON "registration" ("open_key" NULLS FIRST) WHERE "open_key" IS NOT NULL;

CREATE TABLE "activity" (
  "id" bigint NOT NULL,
  "source_call_id" bigint NOT NULL,
  "client_type" text COLLATE "C" NOT NULL,
  "client_id" bigint NOT NULL,
  "responsible_id" bigint NOT NULL,
  "inbound" boolean NOT NULL,
  "started_at" bigint NOT NULL,
  "ended_at" bigint NOT NULL,
  "completed" boolean NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "activity_by_client" ON "activity" ("client_type", "client_id");

CREATE TABLE "message" (
  "id" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "source_call_id" bigint NOT NULL,
  "at" bigint NOT NULL,
  "inbound" boolean NOT NULL,
  "answered" boolean NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "message_by_user" ON "message" ("user_id");

CREATE TABLE "statistic_row" (
  "id" bigint NOT NULL,
  "portal_user_id" bigint,
  "portal_number" text COLLATE "C" NOT NULL,
  "phone_number" text COLLATE "C" NOT NULL,
  "phone_key" text COLLATE "C" NOT NULL,
  "call_token" text COLLATE "C" NOT NULL,
  "external_call_id" text COLLATE "C",
  "call_duration" bigint NOT NULL,
  "call_start" bigint NOT NULL,
  "call_vote" bigint,
  "cost_micros" bigint NOT NULL,
  "cost_currency" text COLLATE "C" NOT NULL,
  "failed_code" text COLLATE "C" NOT NULL,
  "failed_reason" text COLLATE "C" NOT NULL,
  "crm_entity_type" text COLLATE "C",
  "crm_entity_id" bigint,
  "crm_activity_id" bigint,
  "rest_app_id" bigint,
  "rest_app_name" text COLLATE "C",
  "transcript_id" bigint,
  "transcript_pending" boolean NOT NULL,
  "comment" text COLLATE "C",
  "record_file_id" bigint,
  "record_duration" bigint,
  "call_type" bigint NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "statistic_row_by_start" ON "statistic_row" ("call_start");
CREATE INDEX "statistic_row_by_user" ON "statistic_row" ("portal_user_id" NULLS FIRST, "call_start") WHERE "portal_user_id" IS NOT NULL;
CREATE INDEX "statistic_row_by_phone" ON "statistic_row" ("phone_key");
CREATE INDEX "statistic_row_by_token" ON "statistic_row" ("call_token");

CREATE TABLE "campaign" (
  "id" bigint NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "application_id" bigint NOT NULL,
  "group_name" text COLLATE "C" NOT NULL,
  "time_zone" text COLLATE "C" NOT NULL,
  "country" text COLLATE "C" NOT NULL,
  "active" boolean NOT NULL,
  "managed_by" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "campaign_by_name" ON "campaign" ("name");

CREATE TABLE "calling_list" (
  "id" bigint NOT NULL,
  "campaign_id" bigint NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "active" boolean NOT NULL,
  "places" bigint NOT NULL,
  "file_digest" text COLLATE "C",
  "file_rows" bigint NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "calling_list_by_campaign" ON "calling_list" ("campaign_id");
CREATE UNIQUE INDEX "calling_list_by_name" ON "calling_list" ("campaign_id", "name");

CREATE TABLE "record" (
  "id" bigint NOT NULL,
  "list_id" bigint NOT NULL,
  "application_id" bigint NOT NULL,
  "identity" text COLLATE "C" NOT NULL,
  "record_id" bigint,
  "chain_id" bigint NOT NULL,
  "chain_n" bigint NOT NULL,
  "contact_info" text COLLATE "C" NOT NULL,
  "contact_info_type" bigint NOT NULL,
  "record_type" bigint NOT NULL,
  "record_status" bigint NOT NULL,
  "call_result" bigint NOT NULL,
  "attempt" bigint NOT NULL,
  "dial_sched_time" bigint,
  "call_time" bigint,
  "daily_from" bigint NOT NULL,
  "daily_till" bigint NOT NULL,
  "time_zone" text COLLATE "C" NOT NULL,
  "agent_id" text COLLATE "C",
  "custom" text COLLATE "C" NOT NULL,
  "number_key" text COLLATE "C",
  "place" bigint NOT NULL,
  "lane_id" bigint,
  "due_at" bigint,
  "handle" bigint,
  "held_by" bigint,
  "held_device" text COLLATE "C",
  "retrieved_at" bigint,
  "completed_at" bigint,
  "completed_key" text COLLATE "C",
  "join_key" text COLLATE "C",
  "result_from" text COLLATE "C",
  "call_result_before" bigint NOT NULL,
  "attempt_before" bigint NOT NULL,
  "call_time_before" bigint,
  "call_id" bigint,
  "attempt_guid" text COLLATE "C",
  PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "record_by_identity" ON "record" ("list_id", "identity");
CREATE INDEX "record_by_chain" ON "record" ("list_id", "chain_id");
CREATE INDEX "record_by_place" ON "record" ("lane_id" NULLS FIRST, "place") WHERE "lane_id" IS NOT NULL;
CREATE INDEX "record_by_due" ON "record" ("due_at" NULLS FIRST) WHERE "due_at" IS NOT NULL;
CREATE INDEX "record_by_handle" ON "record" ("handle" NULLS FIRST, "application_id") WHERE "handle" IS NOT NULL;
CREATE INDEX "record_by_holder" ON "record" ("held_by" NULLS FIRST, "record_status") WHERE "held_by" IS NOT NULL;
CREATE INDEX "record_by_agent_number" ON "record" ("join_key" NULLS FIRST, "held_by" NULLS FIRST) WHERE "join_key" IS NOT NULL;
CREATE INDEX "record_by_number" ON "record" ("number_key" NULLS FIRST) WHERE "number_key" IS NOT NULL;

CREATE TABLE "lane" (
  "id" bigint NOT NULL,
  "list_id" bigint NOT NULL,
  "agent_id" text COLLATE "C" NOT NULL,
  "time_zone" text COLLATE "C" NOT NULL,
  "daily_from" bigint NOT NULL,
  "daily_till" bigint NOT NULL,
  "first" bigint NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "lane_by_agent" ON "lane" ("list_id", "agent_id");

CREATE TABLE "place_node" (
  "lane_id" bigint NOT NULL,
  "level" bigint NOT NULL,
  "node" bigint NOT NULL,
  "bits" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("lane_id", "level", "node")
);

CREATE TABLE "do_not_call" (
  "number_key" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("number_key")
);

CREATE TABLE "preview_session" (
  "user_id" bigint NOT NULL,
  "campaign_id" bigint NOT NULL,
  "device_id" text COLLATE "C" NOT NULL,
  "started_at" bigint NOT NULL,
  PRIMARY KEY ("user_id", "campaign_id")
);

CREATE TABLE "notice" (
  "id" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "at" bigint NOT NULL,
  "messages" text COLLATE "C" NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "notice_by_user" ON "notice" ("user_id");
CREATE INDEX "notice_by_time" ON "notice" ("at");

CREATE TABLE "fetch_job" (
  "id" bigint NOT NULL,
  "call_id" bigint NOT NULL,
  "report_id" bigint NOT NULL,
  "url" text COLLATE "C" NOT NULL,
  "name" text COLLATE "C",
  "asked_at" bigint NOT NULL,
  "attempts" bigint NOT NULL,
  "due_at" bigint,
  "state" text COLLATE "C" NOT NULL,
  "last_problem" text COLLATE "C",
  PRIMARY KEY ("id")
);
CREATE INDEX "fetch_job_due" ON "fetch_job" ("due_at" NULLS FIRST) WHERE "due_at" IS NOT NULL;
CREATE INDEX "fetch_job_by_call" ON "fetch_job" ("call_id");

CREATE TABLE "recording" (
  "id" bigint NOT NULL,
  "call_id" bigint NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "content_type" text COLLATE "C" NOT NULL,
  "bytes" bigint NOT NULL,
  "digest" text COLLATE "C" NOT NULL,
  "file" text COLLATE "C" NOT NULL,
  "asked_at" bigint NOT NULL,
  "at" bigint NOT NULL,
  PRIMARY KEY ("id")
);
CREATE INDEX "recording_by_call" ON "recording" ("call_id");

CREATE TABLE "rollup_quarter" (
  "quarter" bigint NOT NULL,
  "direction" text COLLATE "C" NOT NULL,
  "outcome" text COLLATE "C" NOT NULL,
  "calls" bigint NOT NULL,
  "duration_seconds" bigint NOT NULL,
  "ring_seconds" bigint NOT NULL,
  "talk_seconds" bigint NOT NULL,
  PRIMARY KEY ("quarter", "direction", "outcome")
) WITH (fillfactor = 70);

CREATE TABLE "rollup_user" (
  "day" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "direction" text COLLATE "C" NOT NULL,
  "outcome" text COLLATE "C" NOT NULL,
  "calls" bigint NOT NULL,
  "duration_seconds" bigint NOT NULL,
  "ring_seconds" bigint NOT NULL,
  "talk_seconds" bigint NOT NULL,
  PRIMARY KEY ("day", "user_id", "direction", "outcome")
) WITH (fillfactor = 70);

CREATE TABLE "rollup_line" (
  "day" bigint NOT NULL,
  "line" text COLLATE "C" NOT NULL,
  "direction" text COLLATE "C" NOT NULL,
  "outcome" text COLLATE "C" NOT NULL,
  "calls" bigint NOT NULL,
  "duration_seconds" bigint NOT NULL,
  "ring_seconds" bigint NOT NULL,
  "talk_seconds" bigint NOT NULL,
  PRIMARY KEY ("day", "line", "direction", "outcome")
) WITH (fillfactor = 70);

CREATE TABLE "rollup_queue" (
  "day" bigint NOT NULL,
  "queue" text COLLATE "C" NOT NULL,
  "direction" text COLLATE "C" NOT NULL,
  "outcome" text COLLATE "C" NOT NULL,
  "calls" bigint NOT NULL,
  "duration_seconds" bigint NOT NULL,
  "ring_seconds" bigint NOT NULL,
  "talk_seconds" bigint NOT NULL,
  "queue_wait_seconds" bigint NOT NULL,
  PRIMARY KEY ("day", "queue", "direction", "outcome")
) WITH (fillfactor = 70);

CREATE TABLE "rollup_source" (
  "day" bigint NOT NULL,
  "source_id" bigint NOT NULL,
  "direction" text COLLATE "C" NOT NULL,
  "outcome" text COLLATE "C" NOT NULL,
  "calls" bigint NOT NULL,
  "duration_seconds" bigint NOT NULL,
  "ring_seconds" bigint NOT NULL,
  "talk_seconds" bigint NOT NULL,
  "ring0" bigint NOT NULL,
  "ring1" bigint NOT NULL,
  "ring2" bigint NOT NULL,
  "ring3" bigint NOT NULL,
  "ring4" bigint NOT NULL,
  "ring5" bigint NOT NULL,
  "ring6" bigint NOT NULL,
  "ring7" bigint NOT NULL,
  "talk0" bigint NOT NULL,
  "talk1" bigint NOT NULL,
  "talk2" bigint NOT NULL,
  "talk3" bigint NOT NULL,
  "talk4" bigint NOT NULL,
  "talk5" bigint NOT NULL,
  "talk6" bigint NOT NULL,
  "talk7" bigint NOT NULL,
  PRIMARY KEY ("day", "source_id", "direction", "outcome")
) WITH (fillfactor = 70);

CREATE TABLE "journal" (
  "position" bigint NOT NULL,
  "at" bigint NOT NULL,
  "kind" text COLLATE "C" NOT NULL,
  "call_id" bigint,
  "data" text COLLATE "C",
  PRIMARY KEY ("position")
);
CREATE INDEX "journal_by_call" ON "journal" ("call_id" NULLS FIRST) WHERE "call_id" IS NOT NULL;
