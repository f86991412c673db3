-- Which servers there are, and which of them does what: kept on PostgreSQL only, and declared for every store.

CREATE TABLE "node" (
  "number" INTEGER PRIMARY KEY,
  "url" TEXT,
  "version" TEXT NOT NULL,
  "started_at" INTEGER NOT NULL,
  "seen_at" INTEGER NOT NULL
) STRICT;

CREATE TABLE "lease" (
  "work" TEXT NOT NULL,
  "node" INTEGER,
  "token" INTEGER NOT NULL,
  "since" INTEGER NOT NULL,
  PRIMARY KEY ("work")
) STRICT, WITHOUT ROWID;
