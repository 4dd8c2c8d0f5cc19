//! Which columns of which tables are saved, and how each row is taken in again.

/// A kind of row. The numbers stand in backup files and are never given to something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Whose backup it is: one row.
    Account = 1,
    /// Choices of the device.
    Setting = 2,
    /// Dumps of config objects.
    Config = 3,
    /// Conversations that were taken out of the list.
    Removed = 4,
    /// Everyone met.
    Contact = 5,
    /// Conversations, with drafts and what is local about them.
    Conversation = 6,
    /// What was taken back before it came.
    EarlyUnsend = 7,
    /// Messages, in the order in which they came.
    Message = 8,
    /// Previews of links.
    Preview = 9,
    /// Invitations into communities.
    Invitation = 10,
    /// Attachments, without their bytes.
    Attachment = 11,
    /// Reactions.
    Reaction = 12,
    /// Which nodes keep a message.
    Receipt = 13,
    /// Profile pictures, without their bytes.
    Picture = 14,
    /// Files whose encrypted bytes follow.
    File = 15,
    /// What names the last file.
    FileUse = 16,
}

/// What a message is known by in every database of the account.
const KEY: &str = "c.kind AS conversation_kind, c.peer AS conversation_peer, a.account AS author,
    m.sent_ms AS sent_ms, m.kind AS message_kind";
const JOINED: &str = "CROSS JOIN message m ON m.id = t.message
    CROSS JOIN conversation c ON c.id = m.conversation CROSS JOIN contact a ON a.id = m.author";
/// The message with that key, unless it was taken back.
const FOUND: &str =
    "(SELECT m.id FROM message m WHERE m.deleted = 0 AND m.kind = :message_kind AND m.sent_ms = :sent_ms
    AND m.conversation = (SELECT id FROM conversation WHERE kind = :conversation_kind AND peer = :conversation_peer)
    AND m.author = (SELECT id FROM contact WHERE account = :author))";
/// What is left of a setting's key when it belongs to the device or to the program.
const DEVICE_SETTINGS: &str =
    "'network', 'metered', 'picture_renewed_ms', 'clock_offset_ms', 'received_up_to', 'search_left', 'search_total',
     'search_condensed', 'search_condensing'";

impl Table {
    /// All whose rows are read by pages, in the order in which they must be taken in.
    pub const PAGED: [Self; 14] = [
        Self::Account,
        Self::Setting,
        Self::Config,
        Self::Removed,
        Self::Contact,
        Self::Conversation,
        Self::EarlyUnsend,
        Self::Message,
        Self::Preview,
        Self::Invitation,
        Self::Attachment,
        Self::Reaction,
        Self::Receipt,
        Self::Picture,
    ];

    /// The table with a number; `None` for one of a later version.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::PAGED.into_iter().chain([Self::File, Self::FileUse]).find(|table| *table as u8 == number)
    }

    /// Whether its first column is a place; other tables are small and come as a whole.
    pub(super) fn is_paged(self) -> bool {
        matches!(
            self,
            Self::Contact
                | Self::Conversation
                | Self::Message
                | Self::Preview
                | Self::Invitation
                | Self::Attachment
                | Self::Reaction
                | Self::Receipt
                | Self::File
        )
    }

    /// The query: the place in the table first, then what is saved. ?1 is the place after which,
    /// ?2 how many, ?3 since when receipts count; of [`Self::FileUse`] ?1 is the file.
    pub(super) fn select(self) -> String {
        match self {
            Self::Account => "SELECT 0, seed, display_name, profile_updated_s, created_ms, last_sent_ms, picture_url,
                picture_key, picture_uploaded_ms FROM account WHERE ?1 < 0"
                .to_owned(),
            Self::Setting => format!(
                "SELECT 0, key, value FROM setting
                 WHERE ?1 < 0 AND key NOT IN ({DEVICE_SETTINGS}) AND key NOT LIKE 'restore:%'"
            ),
            Self::Config => "SELECT 0, account, namespace, dump, changed_ms, obsolete FROM config WHERE ?1 < 0".to_owned(),
            Self::Removed => "SELECT 0, peer, until_ms FROM removed WHERE ?1 < 0".to_owned(),
            Self::EarlyUnsend => "SELECT 0, author, sent_ms, received_ms FROM early_unsend WHERE ?1 < 0".to_owned(),
            Self::Picture => "SELECT 0, url, key, state FROM picture WHERE ?1 < 0".to_owned(),
            Self::Contact => "SELECT id, account, name, nickname, profile_updated_s, picture_url, picture_key, approved,
                approved_me, blocked, created_ms FROM contact WHERE id > ?1 ORDER BY id LIMIT ?2"
                .to_owned(),
            Self::Conversation => "SELECT id, kind, peer, name, request, hidden, archived, pinned, marked_unread,
                muted_until_ms, expiry_mode, expiry_s, draft, created_ms, active_ms, read_ms, notify, trusted
                FROM conversation WHERE id > ?1 ORDER BY id LIMIT ?2"
                .to_owned(),
            Self::Message => format!(
                "SELECT m.id, {KEY}, m.outgoing, m.sort_ms, m.received_ms, m.body, m.state, m.kept, m.kept_of, m.failure,
                   m.hash, m.copy_hash, m.expiry_mode, m.expiry_s, m.expires_ms, m.quote_author, m.quote_sent_ms,
                   m.deleted, m.mention, m.peer_read_ms
                 FROM message m CROSS JOIN conversation c ON c.id = m.conversation CROSS JOIN contact a ON a.id = m.author
                 WHERE m.id > ?1 ORDER BY m.id LIMIT ?2"
            ),
            Self::Preview => by_message("t.url, t.title FROM preview t", "t.message"),
            Self::Invitation => by_message("t.url, t.name FROM invitation t", "t.message"),
            Self::Attachment => by_message(
                "t.position, t.role, t.content_type, t.file_name, t.size, t.width, t.height, t.duration_ms, t.caption,
                 t.url, t.key, t.digest, t.expires_ms, t.state, t.failure, t.waveform, t.played FROM attachment t",
                "t.id",
            ),
            Self::Reaction => "SELECT t.id, c.kind AS conversation_kind, c.peer AS conversation_peer, t.target_author,
                t.target_sent_ms, s.account AS sender, t.emoji, t.sent_ms, t.removed, t.received_ms
                FROM reaction t CROSS JOIN conversation c ON c.id = t.conversation CROSS JOIN contact s ON s.id = t.sender
                WHERE t.id > ?1 ORDER BY t.id LIMIT ?2"
                .to_owned(),
            Self::Receipt => format!(
                "SELECT t.message, {KEY}, t.node, t.failure, t.at_ms FROM node_receipt t {JOINED}
                 WHERE t.message > ?1 AND m.received_ms >= ?3 ORDER BY t.message, t.node LIMIT ?2"
            ),
            Self::File => "SELECT id, name, key, size, created_ms FROM file WHERE id > ?1 ORDER BY id LIMIT ?2".to_owned(),
            Self::FileUse => format!(
                "SELECT 0, 0 AS role, {KEY}, t.position, NULL AS url, NULL AS key FROM attachment t {JOINED} WHERE t.file = ?1
                 UNION ALL
                 SELECT 0, 1, {KEY}, t.position, NULL, NULL FROM attachment t {JOINED} WHERE t.thumbnail = ?1
                 UNION ALL
                 SELECT 0, 2, NULL, NULL, NULL, NULL, NULL, NULL, url, key FROM picture WHERE file = ?1
                 UNION ALL
                 SELECT 0, 3, NULL, NULL, NULL, NULL, NULL, NULL, picture_url, picture_key FROM account WHERE picture_file = ?1"
            ),
        }
    }

    /// How a row is taken in; names are those of its values, `:_…` come from [`super::Restore`].
    /// What is there already stays, unless this is newer by a time of its own.
    pub(super) fn insert(self) -> Vec<String> {
        let one = |sql: &str| vec![sql.to_owned()];
        match self {
            Self::Account => one("UPDATE account SET
                display_name = iif(:profile_updated_s > profile_updated_s OR display_name = '', :display_name, display_name),
                picture_url = iif(:profile_updated_s > profile_updated_s, :picture_url, picture_url),
                picture_key = iif(:profile_updated_s > profile_updated_s, :picture_key, picture_key),
                picture_uploaded_ms = iif(:profile_updated_s > profile_updated_s, :picture_uploaded_ms, picture_uploaded_ms),
                profile_updated_s = max(profile_updated_s, :profile_updated_s),
                created_ms = min(created_ms, :created_ms), last_sent_ms = max(last_sent_ms, :last_sent_ms)"),
            Self::Setting => vec![format!(
                "INSERT INTO setting(key, value) SELECT :key, :value
                 WHERE :key NOT IN ({DEVICE_SETTINGS}) AND :key NOT LIKE 'restore:%' ON CONFLICT DO NOTHING"
            )],
            Self::Config => one("INSERT INTO config(account, namespace, dump, changed_ms, obsolete)
                VALUES(:account, :namespace, :dump, :changed_ms, coalesce(:obsolete, '')) ON CONFLICT DO NOTHING"),
            Self::Removed => one("INSERT INTO removed(peer, until_ms) VALUES(:peer, :until_ms)
                ON CONFLICT DO UPDATE SET until_ms = max(until_ms, :until_ms)"),
            Self::Contact => one("INSERT INTO contact(account, name, nickname, profile_updated_s, picture_url, picture_key,
                  approved, approved_me, blocked, created_ms)
                VALUES(:account, :name, :nickname, :profile_updated_s, :picture_url, :picture_key,
                  :approved, :approved_me, :blocked, :created_ms)
                ON CONFLICT DO UPDATE SET
                  name = iif(:profile_updated_s > profile_updated_s OR name = '', :name, name),
                  picture_url = iif(:profile_updated_s > profile_updated_s OR name = '', :picture_url, picture_url),
                  picture_key = iif(:profile_updated_s > profile_updated_s OR name = '', :picture_key, picture_key),
                  profile_updated_s = max(profile_updated_s, :profile_updated_s),
                  nickname = iif(nickname = '', :nickname, nickname),
                  blocked = iif(approved = 0 AND approved_me = 0, :blocked, blocked),
                  approved = max(approved, :approved), approved_me = max(approved_me, :approved_me),
                  created_ms = min(created_ms, :created_ms)"),
            Self::Conversation => one("INSERT INTO conversation(kind, peer, name, request, hidden, archived, pinned,
                  marked_unread, muted_until_ms, expiry_mode, expiry_s, draft, created_ms, active_ms, read_ms, notify,
                  trusted)
                VALUES(:kind, :peer, :name, :request, :hidden, :archived, :pinned, :marked_unread, :muted_until_ms,
                  :expiry_mode, :expiry_s, :draft, :created_ms, :active_ms, :read_ms, :notify, coalesce(:trusted, 0))
                ON CONFLICT DO UPDATE SET draft = iif(draft = '' AND active_ms <= :active_ms, :draft, draft), created_ms = min(created_ms, :created_ms),
                  active_ms = max(active_ms, :active_ms), read_ms = max(read_ms, :read_ms),
                  request = min(request, :request)"),
            Self::EarlyUnsend => one("INSERT INTO early_unsend(author, sent_ms, received_ms)
                VALUES(:author, :sent_ms, :received_ms) ON CONFLICT DO NOTHING"),
            // What waited to be sent then is not sent from here: perhaps it was, by then.
            Self::Message => one("INSERT INTO message(id, conversation, author, kind, outgoing, sent_ms, sort_ms, received_ms,
                  body, state, kept, kept_of, failure, hash, copy_hash, expiry_mode, expiry_s, expires_ms,
                  quote_author, quote_sent_ms, deleted, mention, peer_read_ms)
                SELECT :_id, c.id, a.id, :message_kind, :outgoing, :sent_ms, :sort_ms, :received_ms,
                  :body, iif(:state = 1, 4, :state), :kept, :kept_of,
                  iif(:state = 1, 'It was not sent before the backup was made.', :failure),
                  :hash, :copy_hash, :expiry_mode, :expiry_s, :expires_ms,
                  :quote_author, :quote_sent_ms, :deleted, :mention, :peer_read_ms
                FROM conversation c CROSS JOIN contact a
                WHERE c.kind = :conversation_kind AND c.peer = :conversation_peer AND a.account = :author
                  AND (:expires_ms IS NULL OR :expires_ms > :_now)
                  AND (:deleted = 1 OR NOT EXISTS
                        (SELECT 1 FROM early_unsend e WHERE e.author = :author AND e.sent_ms = :sent_ms))
                ON CONFLICT DO NOTHING"),
            Self::Preview => vec![format!("INSERT INTO preview(message, url, title)
                SELECT x.id, :url, :title FROM message x WHERE x.id = {FOUND} ON CONFLICT DO NOTHING")],
            Self::Invitation => vec![format!("INSERT INTO invitation(message, url, name)
                SELECT x.id, :url, :name FROM message x WHERE x.id = {FOUND} ON CONFLICT DO NOTHING")],
            // What came in has its bytes when its file follows; what went out is at the server.
            Self::Attachment => vec![format!("INSERT INTO attachment(message, position, role, content_type, file_name, size,
                  width, height, duration_ms, caption, url, key, digest, expires_ms, state, failure, waveform, played)
                SELECT x.id, :position, :role, :content_type, :file_name, :size, :width, :height, :duration_ms, :caption,
                  :url, :key, :digest, :expires_ms,
                  iif(x.outgoing = 1, iif(:state = 1, 3, :state), iif(:state IN (1, 2), 0, :state)),
                  :failure, :waveform, :played
                FROM message x WHERE x.id = {FOUND} ON CONFLICT DO NOTHING")],
            Self::Reaction => one("INSERT INTO reaction(conversation, target_author, target_sent_ms, message, sender, emoji,
                  sent_ms, removed, received_ms)
                SELECT c.id, :target_author, :target_sent_ms,
                  (SELECT m.id FROM message m WHERE m.conversation = c.id AND m.kind = 0 AND m.sent_ms = :target_sent_ms
                     AND m.author = (SELECT id FROM contact WHERE account = :target_author)),
                  s.id, :emoji, :sent_ms, :removed, :received_ms
                FROM conversation c CROSS JOIN contact s
                WHERE c.kind = :conversation_kind AND c.peer = :conversation_peer AND s.account = :sender
                ON CONFLICT DO UPDATE SET sent_ms = excluded.sent_ms, removed = excluded.removed
                  WHERE excluded.sent_ms > reaction.sent_ms"),
            Self::Receipt => vec![format!("INSERT INTO node_receipt(message, node, failure, at_ms)
                SELECT x.id, :node, :failure, :at_ms FROM message x WHERE x.id = {FOUND} ON CONFLICT DO NOTHING")],
            Self::Picture => one("INSERT INTO picture(url, key, state)
                VALUES(:url, :key, iif(:state IN (1, 2), 0, :state)) ON CONFLICT DO NOTHING"),
            Self::File => one("INSERT INTO file(name, key, size, created_ms) VALUES(:name, :key, :size, :created_ms)"),
            Self::FileUse => vec![
                format!("UPDATE attachment SET file = :_file, state = 2
                    WHERE :role = 0 AND message = {FOUND} AND position = :position AND file IS NULL"),
                format!("UPDATE attachment SET thumbnail = :_file
                    WHERE :role = 1 AND message = {FOUND} AND position = :position AND thumbnail IS NULL"),
                "UPDATE picture SET file = :_file, state = 2
                    WHERE :role = 2 AND url = :url AND key = :key AND file IS NULL"
                    .to_owned(),
                "UPDATE account SET picture_file = :_file
                    WHERE :role = 3 AND picture_url = :url AND picture_key = :key AND picture_file IS NULL"
                    .to_owned(),
            ],
        }
    }
}

fn by_message(columns_from: &str, place: &str) -> String {
    format!("SELECT {place}, {KEY}, {columns_from} {JOINED} WHERE {place} > ?1 ORDER BY {place} LIMIT ?2")
}
