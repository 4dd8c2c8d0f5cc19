//! What a device shows, in a form that can be compared: all that has to be the same on the devices of
//! an account. Drafts, the archive and what was removed on one device only stay out.

use std::collections::{BTreeMap, BTreeSet};

use tacit_client::{Client, Conversation, Expiry, Message, MessageKind};
use tacit_wire::AccountId;

/// Messages of a conversation that are read; a run makes fewer.
const ALL: u32 = 10_000;

/// Something that is synced of a person, of ourselves or of the conversation with either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Name,
    Nickname,
    Approved,
    Blocked,
    Listed,
    Pinned,
    Muted,
    Notify,
    Expiry,
    MarkedUnread,
}

/// All fields of an account as one device has them.
pub type Fields = BTreeMap<(AccountId, Field), String>;

/// How all devices name a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub sent_ms: u64,
    pub author: AccountId,
    pub is_line: bool,
}

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub text: String,
    pub deleted: bool,
    pub quote: Option<Key>,
    pub expiry: Expiry,
    pub reactions: BTreeSet<(AccountId, String)>,
}

/// A device's view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    pub fields: Fields,
    /// How far conversations were read.
    pub read: BTreeMap<AccountId, u64>,
    /// By whom the conversation is with.
    pub messages: BTreeMap<AccountId, BTreeMap<Key, Shown>>,
}

impl State {
    /// Reads what a device has of these people; our own ID stands for the note to self.
    pub async fn of(client: &Client, people: &[AccountId]) -> Self {
        let mut state = Self::default();
        for who in people {
            let id = client.find_conversation(who).await.unwrap();
            let conversation = match id {
                Some(id) => Some(client.conversation(id).await.unwrap()),
                None => None,
            };
            let fields = fields(client, who, conversation.as_ref()).await;
            state.fields.extend(fields.into_iter().map(|(field, value)| ((*who, field), value)));
            let Some(conversation) = conversation else { continue };
            if !conversation.hidden {
                state.read.insert(*who, conversation.read_until.0);
            }
            let messages = client.history(conversation.id, None, ALL).await.unwrap();
            let lines = [MessageKind::Text, MessageKind::TimerChanged];
            let shown = messages.iter().filter(|message| lines.contains(&message.kind));
            state.messages.insert(*who, shown.map(|message| (key(message), show(message))).collect());
        }
        state.messages.retain(|_, messages| !messages.is_empty());
        state
    }
}

async fn fields(client: &Client, who: &AccountId, conversation: Option<&Conversation>) -> Vec<(Field, String)> {
    let shown = conversation.filter(|conversation| !conversation.hidden);
    let mut fields = Vec::new();
    if *who == client.account_id() {
        fields.push((Field::Name, client.display_name()));
    } else {
        let Some(contact) = client.contact(who).await.unwrap() else { return fields };
        if !contact.approved && !contact.blocked && shown.is_none() {
            return fields;
        }
        fields.extend([
            (Field::Name, contact.name.clone()),
            (Field::Nickname, contact.nickname.clone()),
            (Field::Approved, contact.approved.to_string()),
            (Field::Blocked, contact.blocked.to_string()),
        ]);
    }
    fields.push((Field::Listed, shown.is_some().to_string()));
    if let Some(kept) = shown {
        fields.extend([
            (Field::Pinned, kept.pinned.to_string()),
            (Field::Muted, format!("{:?}", kept.muted_until)),
            (Field::Notify, format!("{:?}", kept.notify)),
            (Field::Expiry, format!("{:?}", kept.expiry)),
            (Field::MarkedUnread, kept.marked_unread.to_string()),
        ]);
    }
    fields
}

/// How a message is named.
pub fn key(message: &Message) -> Key {
    Key { sent_ms: message.sent_at.0, author: message.author, is_line: message.kind != MessageKind::Text }
}

fn show(message: &Message) -> Shown {
    let quote = message.quote.as_ref().map(|quote| quote.of);
    let reactions = message.reactions.iter();
    Shown {
        text: message.text.clone(),
        deleted: message.deleted,
        quote: quote.map(|of| Key { sent_ms: of.sent_at.0, author: of.author, is_line: false }),
        expiry: message.expiry,
        reactions: reactions
            .flat_map(|group| group.senders.iter().map(|sender| (*sender, group.emoji.clone())))
            .collect(),
    }
}
