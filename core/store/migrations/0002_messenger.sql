-- What people do in a chat, synced configuration, files and search.

-- Message: what its kind alone does not say.
ALTER TABLE message ADD COLUMN quote_author BLOB CHECK (length(quote_author) = 33);  -- whom it answers …
ALTER TABLE message ADD COLUMN quote_sent_ms INTEGER;                                -- … and the T of what it answers
ALTER TABLE message ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;      -- taken back: a placeholder without content
ALTER TABLE message ADD COLUMN mention INTEGER NOT NULL DEFAULT 0;      -- names us, or answers a message of ours
ALTER TABLE message ADD COLUMN peer_read_ms INTEGER;                    -- ours: when the other side said that it was read
ALTER TABLE message ADD COLUMN assembling INTEGER NOT NULL DEFAULT 0;   -- ours: files are being uploaded, nothing is sealed yet
ALTER TABLE message ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;        -- which tables to look into: 1 attachment, 2 preview, 4 invitation, 8 reaction
-- Messages.assembling: what waits for uploads, in order of T
CREATE INDEX message_assembling ON message(sent_ms) WHERE assembling = 1;
-- Messages.by_author: the target of quotes, reactions, receipts and of taking back
CREATE INDEX message_target ON message(author, sent_ms);
-- Conversations.conversations: how many are unread; what was taken back is not
DROP INDEX message_unread;
CREATE INDEX message_unread ON message(conversation, sort_ms) WHERE outgoing = 0 AND kind = 0 AND deleted = 0;
-- Queries.unread_mentions: the way from one to the next
CREATE INDEX message_mention ON message(conversation, sort_ms, id)
  WHERE mention = 1 AND outgoing = 0 AND kind = 0 AND deleted = 0;
-- Messages.read_untimed: those whose time is to begin once they are read
CREATE INDEX message_untimed ON message(conversation, sort_ms)
  WHERE expiry_mode = 1 AND expires_ms IS NULL AND outgoing = 0;

CREATE TABLE node_receipt (             -- which nodes keep a message of ours, as far as they said
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  node BLOB NOT NULL CHECK (length(node) = 32),
  failure TEXT NOT NULL DEFAULT '',                -- empty: it keeps it
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (message, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE preview (                  -- of the first link of a text, made by its sender
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT ''                   -- its picture is an attachment of role 2
) STRICT;

CREATE TABLE invitation (               -- into a community
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE reaction (                 -- state of each (target, sender, emoji): the action with the greatest T counts
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation INTEGER NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
  target_author BLOB NOT NULL CHECK (length(target_author) = 33),
  target_sent_ms INTEGER NOT NULL,
  message INTEGER REFERENCES message(id) ON DELETE CASCADE,   -- the target, once it is here
  sender INTEGER NOT NULL REFERENCES contact(id),
  emoji TEXT NOT NULL,
  sent_ms INTEGER NOT NULL,                        -- T of the last action
  removed INTEGER NOT NULL DEFAULT 0,
  received_ms INTEGER NOT NULL
) STRICT;
-- Tx.react: one row each
CREATE UNIQUE INDEX reaction_once ON reaction(conversation, target_author, target_sent_ms, sender, emoji);
-- Reactions.of_message
CREATE INDEX reaction_message ON reaction(message) WHERE message IS NOT NULL;
-- Tx.purge_expired: targets that never came
CREATE INDEX reaction_early ON reaction(received_ms) WHERE message IS NULL;

CREATE TABLE early_unsend (             -- taken back before it came here: its content is never shown
  author BLOB NOT NULL CHECK (length(author) = 33),
  sent_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  PRIMARY KEY (author, sent_ms)
) STRICT, WITHOUT ROWID;
-- Tx.purge_expired
CREATE INDEX early_unsend_age ON early_unsend(received_ms);

CREATE TABLE mailbox_change (           -- what our own swarm has yet to be told of its messages
  hash TEXT PRIMARY KEY,
  expires_ms INTEGER,                              -- keep it no longer than this; none: delete it
  message INTEGER,                                 -- whose timer this is; it may be gone
  next_try_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- MailboxChanges.due
CREATE INDEX mailbox_change_due ON mailbox_change(next_try_ms);

CREATE TRIGGER preview_part AFTER INSERT ON preview BEGIN
  UPDATE message SET parts = parts | 2 WHERE id = new.message;
END;
CREATE TRIGGER invitation_part AFTER INSERT ON invitation BEGIN
  UPDATE message SET parts = parts | 4 WHERE id = new.message;
END;
CREATE TRIGGER reaction_part AFTER INSERT ON reaction WHEN new.message IS NOT NULL BEGIN
  UPDATE message SET parts = parts | 8 WHERE id = new.message;
END;
CREATE TRIGGER reaction_met AFTER UPDATE OF message ON reaction WHEN new.message IS NOT NULL BEGIN
  UPDATE message SET parts = parts | 8 WHERE id = new.message;
END;

-- Files: what lies encrypted in the folder `files` beside the database, and what is to be moved.
CREATE TABLE file (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,                       -- in the folder: 32 random hex digits
  key BLOB NOT NULL CHECK (length(key) = 32),      -- stream form under this key, used for nothing else
  size INTEGER NOT NULL,                           -- plaintext, bytes
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE attachment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),      -- 0 file, 1 voice message, 2 picture of a link preview
  content_type TEXT NOT NULL,
  file_name TEXT NOT NULL,                         -- safe to show and to save under
  size INTEGER NOT NULL,                           -- plaintext, bytes, as its sender says
  width INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL DEFAULT 0,
  duration_ms INTEGER NOT NULL DEFAULT 0,
  caption TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',                    -- empty until it is uploaded
  key BLOB NOT NULL DEFAULT x'',
  digest BLOB NOT NULL DEFAULT x'',
  expires_ms INTEGER,                              -- at the file server, if it said so
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),    -- 0 not wanted yet, 1 waiting or moving, 2 done, 3 failed, 4 gone from the server
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_ms INTEGER NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT '',
  file INTEGER REFERENCES file(id),                -- the bytes, once they are here
  thumbnail INTEGER REFERENCES file(id),           -- made here, small
  waveform BLOB NOT NULL DEFAULT x'',              -- of sound: 40 levels, 0 to 255
  played INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER attachment_part AFTER INSERT ON attachment BEGIN
  UPDATE message SET parts = parts | 1 WHERE id = new.message;
END;
-- Attachments.of_message
CREATE UNIQUE INDEX attachment_message ON attachment(message, position);
-- Attachments.due: what is to be moved next
CREATE INDEX attachment_due ON attachment(next_try_ms) WHERE state = 1;
CREATE INDEX attachment_file ON attachment(file) WHERE file IS NOT NULL;
CREATE INDEX attachment_thumbnail ON attachment(thumbnail) WHERE thumbnail IS NOT NULL;

CREATE TABLE picture (                  -- profile pictures of all accounts, by address and key
  url TEXT NOT NULL,
  key BLOB NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),    -- as attachment.state
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_ms INTEGER NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT '',
  file INTEGER REFERENCES file(id),
  PRIMARY KEY (url, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_due ON picture(next_try_ms) WHERE state = 1;
CREATE INDEX picture_file ON picture(file) WHERE file IS NOT NULL;

-- Our own profile picture.
ALTER TABLE account ADD COLUMN picture_url TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN picture_key BLOB NOT NULL DEFAULT x'';
ALTER TABLE account ADD COLUMN picture_uploaded_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN picture_file INTEGER REFERENCES file(id);
ALTER TABLE account ADD COLUMN picture_pending INTEGER NOT NULL DEFAULT 0;  -- the file is chosen and not yet uploaded

-- Files that a row no longer names. Those that no other row names are removed; whoever takes a file into use
-- before its row is made is safe, since only what was in use stands here.
CREATE TABLE unused_file (
  file INTEGER PRIMARY KEY REFERENCES file(id) ON DELETE CASCADE
) STRICT;
CREATE TRIGGER attachment_gone AFTER DELETE ON attachment BEGIN
  INSERT INTO unused_file SELECT id FROM file WHERE id IN (old.file, old.thumbnail) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER attachment_let_go AFTER UPDATE OF file, thumbnail ON attachment
    WHEN old.file IS NOT new.file OR old.thumbnail IS NOT new.thumbnail BEGIN
  INSERT INTO unused_file SELECT id FROM file WHERE id IN (old.file, old.thumbnail) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER picture_gone AFTER DELETE ON picture BEGIN
  INSERT INTO unused_file SELECT id FROM file WHERE id = old.file ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER picture_let_go AFTER UPDATE OF file ON picture WHEN old.file IS NOT new.file BEGIN
  INSERT INTO unused_file SELECT id FROM file WHERE id = old.file ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER account_let_go AFTER UPDATE OF picture_file ON account WHEN old.picture_file IS NOT new.picture_file BEGIN
  INSERT INTO unused_file SELECT id FROM file WHERE id = old.picture_file ON CONFLICT DO NOTHING;
END;

-- Whether the files of a conversation are fetched without being asked for: 0 nobody said, 1 yes, 2 no.
ALTER TABLE conversation ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0 CHECK (trusted BETWEEN 0 AND 2);

-- Synced configuration: the state of each config object, opaque here.
CREATE TABLE config (
  account BLOB NOT NULL CHECK (length(account) = 33),      -- ours, later groups
  namespace INTEGER NOT NULL,
  dump BLOB NOT NULL,
  changed_ms INTEGER NOT NULL DEFAULT 0,           -- last change: made here, or time at the swarm of a message merged
  extended_ms INTEGER NOT NULL DEFAULT 0,          -- when its messages' lifetime was last extended
  obsolete TEXT NOT NULL DEFAULT '',               -- hashes to be deleted at the nodes with the next push, a line each
  PRIMARY KEY (account, namespace)
) STRICT, WITHOUT ROWID;
CREATE TABLE removed (                  -- taken out of the list: what was written until then does not bring it back
  peer BLOB PRIMARY KEY CHECK (length(peer) IN (0, 33)),   -- empty: whoever was not known when the account was restored
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE conversation ADD COLUMN notify INTEGER NOT NULL DEFAULT 0 CHECK (notify BETWEEN 0 AND 3);  -- 0 default, 1 all, 2 off, 3 mentions
-- Conversations.list: those marked by hand as unread and mentions are looked up with message_unread.

-- What stands in which tab of a conversation's gallery. Links come with Tx.index_text, attachments by triggers.
CREATE TABLE gallery (
  conversation INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),      -- 0 pictures and videos, 1 files, 2 links, 3 voice
  sort_ms INTEGER NOT NULL,                                -- of the message
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,                               -- of the attachment; 0 for links
  PRIMARY KEY (conversation, kind, sort_ms, message, position)
) STRICT, WITHOUT ROWID;
-- message removed, attachment changed
CREATE INDEX gallery_message ON gallery(message);
CREATE TRIGGER gallery_new AFTER INSERT ON attachment WHEN new.role <> 2 BEGIN
  INSERT INTO gallery SELECT m.conversation,
      iif(new.role = 1, 3, iif(new.content_type LIKE 'image/%' OR new.content_type LIKE 'video/%', 0, 1)),
      m.sort_ms, m.id, new.position
    FROM message m WHERE m.id = new.message ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER gallery_changed AFTER UPDATE OF role, content_type ON attachment WHEN new.role <> 2 BEGIN
  DELETE FROM gallery WHERE message = new.message AND position = new.position AND kind <> 2;
  INSERT INTO gallery SELECT m.conversation,
      iif(new.role = 1, 3, iif(new.content_type LIKE 'image/%' OR new.content_type LIKE 'video/%', 0, 1)),
      m.sort_ms, m.id, new.position
    FROM message m WHERE m.id = new.message ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER gallery_gone AFTER DELETE ON attachment BEGIN
  DELETE FROM gallery WHERE message = old.message AND position = old.position AND kind <> 2;
END;

-- Search. Its rows are written beside the message's, since words of unspaced scripts are set apart first.
CREATE VIRTUAL TABLE message_text USING fts5(
  body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2", prefix='2 3');
CREATE TRIGGER message_text_gone AFTER DELETE ON message BEGIN
  DELETE FROM message_text WHERE rowid = old.id;
END;
CREATE TRIGGER message_text_taken_back AFTER UPDATE OF deleted ON message WHEN new.deleted = 1 BEGIN
  DELETE FROM message_text WHERE rowid = new.id;
  DELETE FROM gallery WHERE message = new.id;
END;
-- Queries.search: which words begin alike
CREATE VIRTUAL TABLE message_term USING fts5vocab(message_text, instance);
-- Tx.index_more: messages that were there before the index
INSERT INTO setting(key, value) SELECT 'search_left', max(id) FROM message HAVING max(id) IS NOT NULL;
INSERT INTO setting(key, value) SELECT 'search_total', value FROM setting WHERE key = 'search_left';

-- What changed here and is not yet in a config object: written by the triggers below in the same transaction as
-- the change, taken away by the one that puts it into the object. (OR IGNORE would not hold here: the clause of
-- the outer statement goes before it.)
CREATE TABLE config_dirty (
  namespace INTEGER NOT NULL,                      -- 2 profile, 3 contacts, 4 read state
  key BLOB NOT NULL,                               -- the account; empty for 2
  PRIMARY KEY (namespace, key)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER account_dirty AFTER UPDATE OF display_name, profile_updated_s, picture_url, picture_key ON account BEGIN
  INSERT INTO config_dirty VALUES(2, x'') ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER contact_dirty AFTER UPDATE OF name, nickname, profile_updated_s, picture_url, picture_key,
    approved, approved_me, blocked ON contact BEGIN
  INSERT INTO config_dirty VALUES(3, new.account) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER conversation_dirty AFTER UPDATE OF pinned, hidden, expiry_mode, expiry_s, muted_until_ms, notify
    ON conversation WHEN new.kind <= 1 BEGIN
  INSERT INTO config_dirty SELECT iif(new.kind = 1, 2, 3), iif(new.kind = 1, x'', new.peer) WHERE true ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER conversation_made AFTER INSERT ON conversation WHEN new.kind <= 1 BEGIN
  INSERT INTO config_dirty SELECT iif(new.kind = 1, 2, 3), iif(new.kind = 1, x'', new.peer) WHERE true ON CONFLICT DO NOTHING;
  INSERT INTO config_dirty VALUES(4, new.peer) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER conversation_gone AFTER DELETE ON conversation WHEN old.kind <= 1 BEGIN
  INSERT INTO config_dirty SELECT iif(old.kind = 1, 2, 3), iif(old.kind = 1, x'', old.peer) WHERE true ON CONFLICT DO NOTHING;
  INSERT INTO config_dirty VALUES(4, old.peer) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER read_dirty AFTER UPDATE OF read_ms, marked_unread ON conversation WHEN new.kind <= 1 BEGIN
  INSERT INTO config_dirty VALUES(4, new.peer) ON CONFLICT DO NOTHING;
END;
