//! What is done to messages: reactions, unsends, receipts; and typing, timers, settings.

use serde_json::json;
use tacit_client::{DeleteFor, Expiry};

use crate::conversations::{NOTICES, done, find};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, message_id};

/// `react` and `unreact`.
pub async fn react(
    session: &Session,
    output: &Output,
    message: &str,
    emoji: &str,
    removed: bool,
) -> Result<(), Failure> {
    let id = message_id(message)?;
    let client = session.open(false).await?;
    let set = if removed { client.unreact(id, emoji).await } else { client.react(id, emoji).await };
    set?;
    client.settle(NOTICES).await?;
    done(client, output, message).await
}

/// What `unsend` is asked for.
pub fn scope(mine: bool, here: bool) -> DeleteFor {
    match (mine, here) {
        (_, true) => DeleteFor::ThisDevice,
        (true, false) => DeleteFor::OurDevices,
        (false, false) => DeleteFor::Everyone,
    }
}

/// `unsend`.
pub async fn unsend(session: &Session, output: &Output, messages: &[String], scope: DeleteFor) -> Result<(), Failure> {
    let ids = messages.iter().map(|message| message_id(message)).collect::<Result<Vec<_>, _>>()?;
    let client = session.open(false).await?;
    client.delete_messages(&ids, scope).await?;
    client.settle(NOTICES).await?;
    done(client, output, &messages.join(" ")).await
}

/// `typing`.
pub async fn typing(session: &Session, output: &Output, id: &str, started: bool) -> Result<(), Failure> {
    let client = session.open(false).await?;
    let conversation = find(&client, id).await?;
    let told = client.tell_typing(conversation, started).await?;
    client.shutdown().await;
    let plain = if told { "Told." } else { "Not told: turn typing_indicators on, and be accepted by them." };
    output.line(&json!({"id": id, "told": told}), plain)
}

/// `disappear`.
pub async fn disappear(session: &Session, output: &Output, id: &str, when: &str) -> Result<(), Failure> {
    let expiry = parse(when)?;
    let client = session.open(false).await?;
    let conversation = find(&client, id).await?;
    client.set_expiry(conversation, expiry).await?;
    client.settle(NOTICES).await?;
    done(client, output, id).await
}

fn parse(when: &str) -> Result<Expiry, Failure> {
    let seconds = |text: &str| text.parse().ok();
    let parsed = match when.split_once(':') {
        None => (when == "off").then_some(Expiry::Off),
        Some(("read", text)) => seconds(text).map(|seconds| Expiry::AfterRead { seconds }),
        Some(("send", text)) => seconds(text).map(|seconds| Expiry::AfterSend { seconds }),
        Some(_) => None,
    };
    parsed.ok_or_else(|| Failure::new("timer", "Say off, read:SECONDS or send:SECONDS."))
}

/// `receipts`: a line for each member of the recipient's swarm.
pub async fn receipts(session: &Session, output: &Output, message: &str, again: bool) -> Result<(), Failure> {
    let id = message_id(message)?;
    let client = session.open(false).await?;
    if again && client.store_again(id).await? {
        output.progress("Storing it again…");
        client.stored_again(id, NOTICES).await?;
    }
    for receipt in client.receipts(id).await? {
        let said = receipt.failure.as_deref().unwrap_or("keeps it");
        let value = json!({"node": receipt.node.to_string(), "kept": receipt.failure.is_none(),
            "failure": receipt.failure, "at": receipt.at.0});
        output.line(&value, &format!("{}: {said}", receipt.node))?;
    }
    client.shutdown().await;
    Ok(())
}

/// `setting`.
pub async fn setting(session: &Session, output: &Output, key: &str, value: Option<&str>) -> Result<(), Failure> {
    let client = session.open(false).await?;
    if let Some(value) = value {
        client.set_setting(key, value).await?;
    }
    let now = client.setting(key).await?;
    client.shutdown().await;
    output.line(&json!({"key": key, "value": now}), now.as_deref().unwrap_or("not set"))
}
