-- Version 1. Every index names the query that needs it.
CREATE TABLE account (                 -- goes when nothing refers to it any more
  id INTEGER PRIMARY KEY,
  pubkey BLOB NOT NULL UNIQUE CHECK (length(pubkey) = 33),  -- prefix + key
  space INTEGER NOT NULL               -- place on the ring, u64 as i64 with the top bit flipped: sorts as unsigned
) STRICT;
CREATE INDEX account_space ON account(space);               -- which accounts move when swarms change
CREATE TABLE proof (                   -- a user's signed request, shared by all rows it touched
  id INTEGER PRIMARY KEY,
  signed_text BLOB NOT NULL, signature BLOB NOT NULL CHECK (length(signature) = 64),
  signer BLOB NOT NULL CHECK (length(signer) = 32), subaccount BLOB, until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX proof_signature ON proof(signature);           -- the same request once more, by another way
CREATE INDEX proof_until ON proof(until_ms);                -- sweep
CREATE TABLE message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,                    -- order of arrival here; never reused
  account INTEGER NOT NULL REFERENCES account(id),
  ns INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
  stored_ms INTEGER NOT NULL,          -- the sender's timestamp: same on all members
  expiry_ms INTEGER NOT NULL,
  expiry_set_ms INTEGER NOT NULL,      -- when a user last changed the expiry; 0: as stored
  expiry_proof INTEGER REFERENCES proof(id),                -- null: as stored
  data BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_hash ON message(account, hash); -- store, delete, expire, last_hash
CREATE INDEX message_mailbox ON message(account, ns, seq);  -- retrieve
CREATE INDEX message_expiry ON message(expiry_ms);          -- expire 512 at a time
CREATE INDEX message_time ON message(stored_ms, account);   -- comparison between members
CREATE INDEX message_proof ON message(expiry_proof) WHERE expiry_proof IS NOT NULL;  -- sweep of proofs
CREATE TABLE usage (                   -- what a box holds; box 2147483647: all public namespaces together
  account INTEGER NOT NULL, box INTEGER NOT NULL, messages INTEGER NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY (account, box)
) STRICT, WITHOUT ROWID;
CREATE TABLE tombstone (               -- deleted or expired: keeps cursors valid
  account INTEGER NOT NULL REFERENCES account(id), hash BLOB NOT NULL CHECK (length(hash) = 32),
  ns INTEGER NOT NULL,
  seq INTEGER NOT NULL,                -- where it stood: a cursor on it still works
  deleted_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  proof INTEGER REFERENCES proof(id),  -- not null: its owner deleted it, and it must not come back
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_until ON tombstone(until_ms);        -- sweep
CREATE INDEX tombstone_time ON tombstone(deleted_ms, account) WHERE proof IS NOT NULL;  -- comparison between members
CREATE INDEX tombstone_owner ON tombstone(account) WHERE proof IS NOT NULL;          -- quota
CREATE INDEX tombstone_proof ON tombstone(proof) WHERE proof IS NOT NULL;            -- sweep of proofs
CREATE TABLE ending (                  -- when a message ends that is not here: not yet, or no more
  account INTEGER NOT NULL REFERENCES account(id), hash BLOB NOT NULL CHECK (length(hash) = 32),
  expiry_ms INTEGER NOT NULL, set_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  proof INTEGER NOT NULL REFERENCES proof(id), PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX ending_until ON ending(until_ms);              -- sweep
CREATE INDEX ending_time ON ending(set_ms, account);        -- comparison between members
CREATE INDEX ending_proof ON ending(proof);                 -- sweep of proofs
CREATE TABLE wiped (                   -- delete_before, delete_all: everything of ns up to here is gone
  account INTEGER NOT NULL REFERENCES account(id), ns INTEGER NOT NULL,  -- 2147483647: all, also those that are empty here
  before_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  proof INTEGER NOT NULL REFERENCES proof(id), PRIMARY KEY (account, ns)
) STRICT, WITHOUT ROWID;
CREATE INDEX wiped_until ON wiped(until_ms);                -- sweep
CREATE INDEX wiped_time ON wiped(before_ms, account);       -- comparison between members
CREATE INDEX wiped_proof ON wiped(proof);                   -- sweep of proofs
CREATE TABLE revocation (              -- of subaccounts: the later signed time wins
  account INTEGER NOT NULL REFERENCES account(id), token BLOB NOT NULL CHECK (length(token) = 36),
  revoked INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  proof INTEGER NOT NULL REFERENCES proof(id), PRIMARY KEY (account, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX revocation_time ON revocation(at_ms, account); -- comparison between members
CREATE INDEX revocation_proof ON revocation(proof);         -- sweep of proofs
CREATE TABLE hint (                    -- what a member missed
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  member BLOB NOT NULL CHECK (length(member) = 32), op BLOB NOT NULL, until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX hint_member ON hint(member, id);               -- what a member that came back is owed
CREATE INDEX hint_until ON hint(until_ms);                  -- sweep
CREATE TABLE owed (                    -- how much that is
  member BLOB PRIMARY KEY, hints INTEGER NOT NULL, bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER hint_kept AFTER INSERT ON hint BEGIN
  INSERT INTO owed (member, hints, bytes) VALUES (new.member, 1, length(new.op))
  ON CONFLICT (member) DO UPDATE SET hints = hints + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER hint_gone AFTER DELETE ON hint BEGIN
  UPDATE owed SET hints = hints - 1, bytes = bytes - length(old.op) WHERE member = old.member;
  DELETE FROM owed WHERE member = old.member AND hints <= 0;
END;
CREATE TABLE holding (                 -- which parts of the ring are kept here, and how far
  lo INTEGER PRIMARY KEY, hi INTEGER NOT NULL,              -- as account.space
  state TEXT NOT NULL CHECK (state IN ('whole', 'gaining', 'lost')),
  source BLOB, cursor BLOB,            -- gaining: from whom, and where the last page ended
  since_ms INTEGER, was_whole INTEGER  -- lost
) STRICT;
CREATE TABLE leaving (                 -- parts whose accounts are being removed
  lo INTEGER PRIMARY KEY, hi INTEGER NOT NULL
) STRICT;
CREATE TABLE kv (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;  -- generation, clean stop, sums
