-- Version 1. Every index names the query that needs it.
CREATE TABLE account (                 -- never deleted while anything refers to it
  id INTEGER PRIMARY KEY,
  pubkey BLOB NOT NULL UNIQUE CHECK (length(pubkey) = 33),  -- prefix + key
  space INTEGER NOT NULL               -- swarm space, u64 as i64 with the top bit flipped: sorts as unsigned
) STRICT;
CREATE INDEX account_space ON account(space);               -- which accounts move when swarms change
CREATE TABLE proof (                   -- a user's signed request, shared by all rows it touched
  id INTEGER PRIMARY KEY,
  signed_text BLOB NOT NULL, signature BLOB NOT NULL CHECK (length(signature) = 64),
  signer BLOB NOT NULL CHECK (length(signer) = 32), subaccount BLOB, until_ms INTEGER NOT NULL
) STRICT;
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
CREATE INDEX message_time ON message(stored_ms, account);   -- hour buckets of the comparison between members
CREATE INDEX message_proof ON message(expiry_proof) WHERE expiry_proof IS NOT NULL;  -- sweep of proofs
CREATE TABLE tombstone (               -- deleted or expired: keeps cursors valid
  account INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32), ns INTEGER NOT NULL,
  seq INTEGER NOT NULL,                -- where it stood: a cursor on it still works
  deleted_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  proof INTEGER REFERENCES proof(id),  -- not null: its owner deleted it, and it must not come back
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_until ON tombstone(until_ms);        -- sweep
CREATE INDEX tombstone_proof ON tombstone(proof) WHERE proof IS NOT NULL;            -- sweep of proofs
CREATE TABLE wiped (                   -- delete_before, delete_all: everything of ns up to here is gone
  account INTEGER NOT NULL, ns INTEGER NOT NULL,            -- ns 2147483647: all, also those that are empty here
  before_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  proof INTEGER NOT NULL REFERENCES proof(id), PRIMARY KEY (account, ns)
) STRICT, WITHOUT ROWID;
CREATE INDEX wiped_until ON wiped(until_ms);                -- sweep
CREATE INDEX wiped_proof ON wiped(proof);                   -- sweep of proofs
CREATE TABLE subaccount (              -- revocations: last writer by signed time wins
  pubkey BLOB NOT NULL, token BLOB NOT NULL, revoked INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY (pubkey, token)
) STRICT, WITHOUT ROWID;
CREATE TABLE hint (id INTEGER PRIMARY KEY, member BLOB NOT NULL, op BLOB NOT NULL, until_ms INTEGER NOT NULL) STRICT;
CREATE INDEX hint_member ON hint(member, id);               -- what a member that came back is owed
CREATE TABLE transfer (range_lo INTEGER, range_hi INTEGER, peer BLOB, consensus INTEGER, cursor BLOB, state TEXT NOT NULL) STRICT;
CREATE TABLE kv (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;  -- clean stop, later consensus
