-- Calls that have not ended, by their start: an entry is made when a call is registered, and goes with its end.
CREATE INDEX "call_unended" ON "call" ("started_at") WHERE "ended_at" IS NULL;

-- Messages to a desktop that have expired are found by their ids, which ascend with time.
DROP INDEX "agent_outbox_by_time";

-- Bytes of reports are packed, and say so by their first byte (packedBytes.ts): those that began like that are told apart.
UPDATE "report" SET "raw" = CAST(x'00' || "raw" AS BLOB) WHERE substr("raw", 1, 1) IN (x'00', x'01');

-- What may be one call, by day first: each new one was somewhere among all of its agent's years, a page of its own to read and to write.
DROP INDEX "candidate_by_parties";
CREATE INDEX "candidate_by_parties" ON "candidate" ("day", "user_id", "number_key");

-- A leg bears the name of its source call, and is found by that: only the registrations that name a call are found by their own.
UPDATE "candidate" SET "name" = NULL WHERE "role" = 'leg' AND "name" IS NOT NULL;

-- A line of the list is found by what it is called: by the name of its source call, or by the id that its own says.
DROP INDEX "portal_call_by_token";
