//! Reading what a conversation needs before it is shown. Runs beside the UI thread.

use tacit_client::view::{Move, Watched, apply};
use tacit_client::{Client, ConversationId, ConversationKind, Error, Expiry, Message, MessageId};
use tacit_ui::Access;
use tacit_wire::{AccountId, TimestampMs};
use tokio::sync::mpsc;

use super::names::Names;

/// So many steps back are made to reach the first unread message, of 20 rows each.
const LONGEST_WAY: usize = 60;

/// Whether the window reaches both ends of the conversation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Edges {
    pub(super) at_start: bool,
    pub(super) has_newer: bool,
}

pub(super) async fn edges(
    client: Client,
    id: ConversationId,
    ends: Option<(MessageId, MessageId)>,
) -> Result<Edges, Error> {
    let Some((first, last)) = ends else { return Ok(Edges { at_start: true, has_newer: false }) };
    let at_start = client.history(id, Some(first), 1).await?.is_empty();
    let newest = client.history(id, None, 1).await?;
    Ok(Edges { at_start, has_newer: newest.last().is_some_and(|newest| newest.id != last) })
}

pub(super) fn ends(messages: &[Message]) -> Option<(MessageId, MessageId)> {
    Some((messages.first()?.id, messages.last()?.id))
}

/// Who it is with, and what may be done.
pub(super) struct About {
    pub(super) peer: Option<AccountId>,
    pub(super) is_self: bool,
    pub(super) name: String,
    pub(super) access: Access,
    pub(super) draft: String,
    pub(super) read_until: TimestampMs,
    pub(super) marked_unread: bool,
    pub(super) muted_until: Option<TimestampMs>,
    pub(super) expiry: Expiry,
    /// Of everybody whom we know.
    pub(super) names: Names,
}

pub(super) async fn about(client: Client, id: ConversationId) -> Result<About, Error> {
    let conversation = client.conversation(id).await?;
    let peer = conversation.peer.account();
    let is_self = conversation.peer.kind() == ConversationKind::NoteToSelf;
    let contact = match peer.filter(|_| !is_self) {
        Some(peer) => client.contact(&peer).await?,
        None => None,
    };
    let access = match &contact {
        Some(contact) if contact.blocked => Access::Blocked,
        _ if conversation.request => Access::Request,
        Some(contact) if contact.approved && !contact.approved_me => Access::Waiting,
        _ => Access::Open,
    };
    let known = client.contacts().await?.into_iter().chain(contact.clone());
    let named = known.map(|contact| (contact.account, contact.shown_name().to_owned()));
    let names = Names::new(client.account_id(), client.display_name(), named).with_peer(peer);
    let name = contact.map(|contact| contact.shown_name().to_owned()).unwrap_or_default();
    Ok(About {
        peer,
        is_self,
        name,
        access,
        draft: conversation.draft,
        read_until: conversation.read_until,
        marked_unread: conversation.marked_unread,
        muted_until: conversation.muted_until,
        expiry: conversation.expiry,
        names,
    })
}

/// Everything that is read before a conversation is shown.
pub(super) struct Loaded {
    pub(super) about: About,
    pub(super) watched: Watched<Message>,
    pub(super) mover: mpsc::Sender<Move>,
    pub(super) edges: Edges,
}

pub(super) async fn load(client: Client, id: ConversationId) -> Result<Loaded, Error> {
    let about = about(client.clone(), id).await?;
    let (mut watched, mover) = client.watch_messages(id).await?;
    // Back to the first message that was not read, so that the conversation opens there.
    for _ in 0..LONGEST_WAY {
        let reaches = watched.snapshot.first().is_none_or(|first| first.sort_at <= about.read_until);
        if reaches || edges(client.clone(), id, ends(&watched.snapshot)).await?.at_start {
            break;
        }
        if mover.send(Move::Older).await.is_err() {
            break;
        }
        let Some(steps) = watched.changes.recv().await else { break };
        apply(&mut watched.snapshot, steps);
    }
    let edges = edges(client, id, ends(&watched.snapshot)).await?;
    Ok(Loaded { about, watched, mover, edges })
}
