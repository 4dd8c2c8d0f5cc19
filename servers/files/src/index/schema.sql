-- Version 1. Every index names the query that needs it.
CREATE TABLE file (                    -- a row is here exactly as long as its bytes are whole
  id TEXT PRIMARY KEY,
  size INTEGER NOT NULL, uploaded_ms INTEGER NOT NULL, expiry_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX file_expiry ON file(expiry_ms);              -- expire, oldest
CREATE TABLE claim (                   -- bytes of this name come or go right now: nobody else may touch them
  id TEXT PRIMARY KEY,
  going INTEGER NOT NULL CHECK (going IN (0, 1))          -- 0: an upload writes them; 1: they are to be deleted
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_going ON claim(id) WHERE going = 1;    -- going
CREATE TABLE total (                   -- kept by the triggers below, so that nobody has to count
  one INTEGER PRIMARY KEY CHECK (one = 1), files INTEGER NOT NULL, bytes INTEGER NOT NULL
) STRICT;
INSERT INTO total VALUES (1, 0, 0);
CREATE TRIGGER file_comes AFTER INSERT ON file BEGIN
  UPDATE total SET files = files + 1, bytes = bytes + new.size;
END;
CREATE TRIGGER file_goes AFTER DELETE ON file BEGIN
  UPDATE total SET files = files - 1, bytes = bytes - old.size;
END;
