//! `tacit conversations`, `history` and what is done to conversations.

use std::time::Duration;

use serde_json::json;
use tacit_client::text::safe_display;
use tacit_client::{Client, ConversationId, Error, Folder, ListRow, State};

use crate::arguments::History;
use crate::describe::describe;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, account_id, close, message_id};

/// How long what goes out beside may take; what is left goes out with the next command.
pub const NOTICES: Duration = Duration::from_secs(15);

/// `conversations`: requests stand after the others.
pub async fn list(session: &Session, output: &Output) -> Result<(), Failure> {
    let client = session.open(false).await?;
    for folder in [Folder::Inbox, Folder::Requests] {
        for row in client.conversations(folder).await? {
            print_row(output, &row)?;
        }
    }
    client.shutdown().await;
    Ok(())
}

fn print_row(output: &Output, row: &ListRow) -> Result<(), Failure> {
    let id = row.conversation.peer.account().map(|account| account.to_string()).unwrap_or_default();
    let last = row.last.as_ref();
    let value = json!({
        "id": id,
        "kind": format!("{:?}", row.conversation.peer.kind()).to_lowercase(),
        "name": row.name,
        "request": row.conversation.request,
        "blocked": row.blocked,
        "unread": row.unread,
        "last": last.map(|last| json!({"text": last.preview, "sent_at": last.sent_at.0})),
    });
    let name = Some(safe_display(&row.name)).filter(|name| !name.is_empty()).unwrap_or(id);
    let preview = last.map(|last| last.preview.as_str()).unwrap_or_default();
    output.line(&value, &format!("{name} ({} unread): {preview}", row.unread))
}

/// `history`.
pub async fn history(session: &Session, output: &Output, history: &History) -> Result<(), Failure> {
    let before = history.before.as_deref().map(message_id).transpose()?;
    let client = session.open(false).await?;
    let conversation = find(&client, &history.id).await?;
    for message in client.history(conversation, before, history.limit).await? {
        let mut value = describe(&client, &message).await?;
        (value["state"], value["stored_on"], value["swarm_size"]) = match &message.state {
            State::Received => ("received".into(), json!(null), json!(null)),
            State::Queued => ("queued".into(), json!(null), json!(null)),
            State::Sending => ("sending".into(), json!(null), json!(null)),
            State::Sent { kept, of } => ("sent".into(), json!(kept), json!(of)),
            State::Failed { reason } => (json!("failed"), json!(null), json!(reason)),
        };
        let who = if message.outgoing() { "me" } else { "them" };
        output.line(&value, &format!("{who}: {}", message.text))?;
    }
    client.shutdown().await;
    Ok(())
}

/// `accept`.
pub async fn accept(session: &Session, output: &Output, id: &str) -> Result<(), Failure> {
    let who = account_id(id)?;
    let client = session.open(false).await?;
    client.accept(&who).await?;
    done(client, output, id).await
}

/// `block` and `unblock`.
pub async fn block(session: &Session, output: &Output, id: &str, blocked: bool) -> Result<(), Failure> {
    let who = account_id(id)?;
    let client = session.open(false).await?;
    client.set_blocked(&who, blocked).await?;
    done(client, output, id).await
}

/// `read`.
pub async fn read(session: &Session, output: &Output, id: &str) -> Result<(), Failure> {
    let client = session.open(false).await?;
    let conversation = find(&client, id).await?;
    client.mark_read(conversation, None).await?;
    client.settle(NOTICES).await?; // receipts, if the other side wants them
    done(client, output, id).await
}

/// `contact`.
pub async fn nickname(session: &Session, output: &Output, id: &str, nickname: &str) -> Result<(), Failure> {
    let who = account_id(id)?;
    let client = session.open(false).await?;
    client.set_nickname(&who, nickname).await?;
    done(client, output, id).await
}

pub async fn done(client: Client, output: &Output, id: &str) -> Result<(), Failure> {
    close(client).await?;
    output.line(&json!({"id": id, "done": true}), "Done.")
}

pub async fn find(client: &Client, id: &str) -> Result<ConversationId, Failure> {
    let found = client.find_conversation(&account_id(id)?).await?;
    Ok(found.ok_or(Error::Unknown { what: "conversation" })?)
}
