-- Calls that have not ended, by their start: an entry is made when a call is registered, and goes with its end.
CREATE INDEX "call_unended" ON "call" ("started_at") WHERE "ended_at" IS NULL;

-- Messages to a desktop that have expired are found by their ids, which ascend with time.
DROP INDEX "agent_outbox_by_time";
