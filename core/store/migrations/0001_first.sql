-- Times are milliseconds since 1970 unless the name ends in _s. An index's comment names the
-- query that it serves.

CREATE TABLE account (                  -- one row: whose database this is
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seed BLOB NOT NULL CHECK (length(seed) = 16),
  display_name TEXT NOT NULL,
  profile_updated_s INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  last_sent_ms INTEGER NOT NULL DEFAULT 0          -- last T that was given out; the next is larger
) STRICT;

CREATE TABLE contact (                  -- everyone met: contacts, members, strangers, ourselves
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account BLOB NOT NULL UNIQUE CHECK (length(account) = 33),
  name TEXT NOT NULL DEFAULT '',                   -- as they call themselves
  nickname TEXT NOT NULL DEFAULT '',               -- as we call them
  profile_updated_s INTEGER NOT NULL DEFAULT 0,    -- their time of the profile, only newer ones are taken
  picture_url TEXT NOT NULL DEFAULT '',
  picture_key BLOB NOT NULL DEFAULT x'',
  approved INTEGER NOT NULL DEFAULT 0,             -- by us
  approved_me INTEGER NOT NULL DEFAULT 0,          -- by them, or they wrote to us
  blocked INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL
) STRICT;
-- Contacts.contacts: those whom we approved
CREATE INDEX contact_approved ON contact(id) WHERE approved = 1;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),   -- 0 person, 1 note to self, 2 group, 3 room
  peer BLOB NOT NULL CHECK (length(peer) = 33),
  name TEXT NOT NULL DEFAULT '',                   -- of groups and rooms; people's names stand in contact
  request INTEGER NOT NULL DEFAULT 0,              -- they wrote and we have not approved them
  hidden INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  pinned INTEGER NOT NULL DEFAULT 0,               -- larger stands higher
  marked_unread INTEGER NOT NULL DEFAULT 0,
  muted_until_ms INTEGER,
  expiry_mode INTEGER NOT NULL DEFAULT 0 CHECK (expiry_mode BETWEEN 0 AND 2),  -- 0 off, 1 after read, 2 after send
  expiry_s INTEGER NOT NULL DEFAULT 0,
  draft TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  active_ms INTEGER NOT NULL,                      -- sort time of the newest message, or creation
  read_ms INTEGER NOT NULL DEFAULT 0               -- everything up to this sort time is read
) STRICT;
-- Tx.conversation: the one with this peer
CREATE UNIQUE INDEX conversation_peer ON conversation(kind, peer);
-- Conversations.conversations: a folder, newest first
CREATE INDEX conversation_list ON conversation(request, hidden, archived, pinned DESC, active_ms DESC, id DESC);

CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,            -- shown outside, never given out again
  conversation INTEGER NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
  author INTEGER NOT NULL REFERENCES contact(id),
  kind INTEGER NOT NULL,
  outgoing INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL,                        -- T as the author says, 64 bits of any value
  sort_ms INTEGER NOT NULL,                        -- T, or when received if T lies in the future
  received_ms INTEGER NOT NULL,
  body TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (0, 1, 3, 4)),  -- 0 received, 1 queued, 3 sent, 4 failed
  kept INTEGER NOT NULL DEFAULT 0,                 -- nodes that keep it …
  kept_of INTEGER NOT NULL DEFAULT 0,              -- … of so many
  failure TEXT NOT NULL DEFAULT '',
  hash TEXT,                                       -- where it was delivered: our swarm or theirs
  copy_hash TEXT,                                  -- of our own copy of an outgoing one
  expiry_mode INTEGER NOT NULL DEFAULT 0 CHECK (expiry_mode BETWEEN 0 AND 2),
  expiry_s INTEGER NOT NULL DEFAULT 0,
  expires_ms INTEGER                               -- removed at this time
) STRICT;
-- Tx.insert_message: each once
CREATE UNIQUE INDEX message_once ON message(conversation, author, sent_ms, kind);
-- Messages.messages: a page before or after a cursor; the list's last message
CREATE INDEX message_order ON message(conversation, sort_ms, id);
-- Conversations.conversations: how many are unread
CREATE INDEX message_unread ON message(conversation, sort_ms) WHERE outgoing = 0 AND kind = 0;
-- Tx.purge_expired
CREATE INDEX message_expiry ON message(expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE outbox (                   -- what nodes have yet to store, byte for byte
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER REFERENCES message(id) ON DELETE CASCADE,
  recipient BLOB NOT NULL CHECK (length(recipient) = 33),
  namespace INTEGER NOT NULL,
  data BLOB NOT NULL,
  ttl_ms INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL,
  purpose INTEGER NOT NULL CHECK (purpose BETWEEN 0 AND 2),  -- 0 deliver, 1 copy to self, 2 request response
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),      -- 0 waiting, 1 stored below quorum, 2 failed, 3 held until delivery
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_ms INTEGER NOT NULL,
  last_error TEXT NOT NULL DEFAULT '',
  kept INTEGER NOT NULL DEFAULT 0,
  kept_of INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Tx.claim_due: the first in each recipient's line
CREATE INDEX outbox_line ON outbox(recipient, sent_ms, id) WHERE state = 0;
-- Tx.claim_due: those to store again
CREATE INDEX outbox_again ON outbox(next_try_ms) WHERE state = 1;
-- Outbox.outbox_of: rows of a message; its deletion
CREATE INDEX outbox_message ON outbox(message) WHERE message IS NOT NULL;

CREATE TABLE seen_hash (                -- never handled twice, though nodes repeat
  account BLOB NOT NULL, namespace INTEGER NOT NULL, hash TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (account, namespace, hash)
) STRICT, WITHOUT ROWID;
-- Tx.purge_expired
CREATE INDEX seen_hash_expiry ON seen_hash(expires_ms);

CREATE TABLE last_hash (                -- how far each node's box was read
  account BLOB NOT NULL, namespace INTEGER NOT NULL, node BLOB NOT NULL CHECK (length(node) = 32),
  hash TEXT NOT NULL,
  PRIMARY KEY (account, namespace, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE skipped (                  -- how many received messages could not be used, by reason
  reason TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE node_cache (               -- the network's snapshot, opaque here
  id INTEGER PRIMARY KEY CHECK (id = 1),
  snapshot BLOB NOT NULL
) STRICT;

CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
