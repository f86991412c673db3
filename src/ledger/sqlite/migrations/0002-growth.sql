-- Calls that have not ended, by their start: an entry is made when a call is registered, and goes with its end.
CREATE INDEX "call_unended" ON "call" ("started_at") WHERE "ended_at" IS NULL;
