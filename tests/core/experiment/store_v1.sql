-- A store as version 1 wrote it, with a run of its own and a variant: never changed, so that such files are read for ever.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1414683221;
PRAGMA user_version = 1;
BEGIN;
CREATE TABLE experiment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  name TEXT,
  file TEXT,
  settings TEXT,
  began TEXT NOT NULL
) STRICT;
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  experiment INTEGER REFERENCES experiment (id),
  variant TEXT,
  label TEXT,
  repeat INTEGER NOT NULL DEFAULT 0,
  cut_off TEXT NOT NULL DEFAULT '',
  began TEXT NOT NULL,
  seconds REAL,
  version TEXT,
  profile TEXT,
  company TEXT,
  as_of TEXT,
  settings_sha256 TEXT,
  data_sha256 TEXT,
  settings TEXT,
  manifest TEXT,
  customers INTEGER NOT NULL,
  scored INTEGER NOT NULL,
  listed INTEGER NOT NULL,
  whole INTEGER NOT NULL,
  CHECK ((experiment IS NULL) = (variant IS NULL)),
  UNIQUE (experiment, variant, repeat, cut_off)
) STRICT;
CREATE TABLE criterion (
  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  dimension TEXT,
  plugin TEXT,
  weight REAL,
  better INTEGER NOT NULL,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE measure (
  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value REAL,
  low REAL,
  high REAL,
  better INTEGER NOT NULL,
  PRIMARY KEY (run, name)
) STRICT;
CREATE TABLE customer (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE standing (
  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  customer INTEGER NOT NULL REFERENCES customer (id),
  rank INTEGER,
  score REAL,
  listed INTEGER NOT NULL,
  reason TEXT,
  measured BLOB,
  PRIMARY KEY (run, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX standing_listed ON standing (run, rank) WHERE listed;
INSERT INTO experiment VALUES (1, 'e0', 'weights', 'weights.yaml', '{"vary": 1}', '2026-01-02T03:04:05Z');
INSERT INTO run VALUES (1, NULL, NULL, NULL, 0, '', '2026-01-02T03:04:05Z', 1.5, '0.1.0', '/acme/profile.yaml', 'Acme',
  '2026-01-01', 'aa', 'bb', '{"tarazu": "1"}', '{"tarazu": "0.1.0"}', 3, 3, 1, 1);
INSERT INTO run VALUES (2, 1, 'v1', 'dimensions.financial=0.5', 4, '2025-06-01', '2026-01-02T03:05:05Z', 0.5, '0.1.0',
  '/acme/profile.yaml', 'Acme', '2025-06-01', 'cc', 'dd', '{"tarazu": "1"}', NULL, 3, 3, 1, 0);
INSERT INTO criterion VALUES (1, 0, 'spend', 'financial', 'monetary', 1.0, 1);
INSERT INTO measure VALUES (2, 'share_captured', 0.25, 0.125, 0.5, 1);
INSERT INTO customer VALUES (1, 'ann'), (2, 'bob'), (3, 'cid');
INSERT INTO standing VALUES (1, 1, 1, 0.75, 1, 'rank 1 is within the limit of 1', x'0000000000002440');
INSERT INTO standing VALUES (1, 2, 2, 0.5, 0, NULL, x'0000000000001440');
INSERT INTO standing VALUES (1, 3, 3, 0.25, 0, NULL, x'000000000000f87f');
INSERT INTO standing VALUES (2, 2, 1, 0.5, 1, 'rank 1 is within the limit of 1', NULL);
COMMIT;
