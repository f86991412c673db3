-- Which servers there are, and which of them does what.

CREATE TABLE "node" (
  "number" bigint NOT NULL,
  "url" text COLLATE "C",
  "version" text COLLATE "C" NOT NULL,
  "started_at" bigint NOT NULL,
  "seen_at" bigint NOT NULL,
  PRIMARY KEY ("number")
);

CREATE TABLE "lease" (
  "work" text COLLATE "C" NOT NULL,
  "node" bigint,
  "token" bigint NOT NULL,
  "since" bigint NOT NULL,
  PRIMARY KEY ("work")
);
