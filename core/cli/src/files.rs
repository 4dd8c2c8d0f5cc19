//! `tacit save` and `tacit trust`.

use std::path::Path;

use serde_json::json;
use tacit_client::{AttachmentRole, Client, Fetched, Message};

use crate::conversations::{done, find};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, message_id};

/// Fetches the files of a message and saves them.
pub async fn save(session: &Session, output: &Output, message: &str, folder: &Path) -> Result<(), Failure> {
    let id = message_id(message)?;
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::new("folder", format!("{}: {error}", folder.display())))?;
    let client = session.open(false).await?;
    let saved = match client.message(id).await {
        Ok(message) => save_all(&client, output, &message, folder).await,
        Err(error) => Err(error.into()),
    };
    client.shutdown().await;
    saved
}

async fn save_all(client: &Client, output: &Output, message: &Message, folder: &Path) -> Result<(), Failure> {
    for attachment in message.attachments.iter().filter(|attachment| attachment.role != AttachmentRole::Preview) {
        match client.fetch(attachment.id).await? {
            Fetched::Here(_) => {}
            Fetched::Waiting(why) => return Err(Failure::new("not_fetched", format!("Not here yet: {why}"))),
            Fetched::Failed(why) => return Err(Failure::new("file_failed", why)),
        }
        let path = client.save_attachment(attachment.id, folder).await?;
        let value = json!({"attachment": attachment.id.to_string(), "path": path.display().to_string()});
        output.line(&value, &format!("Saved as {}.", path.display()))?;
    }
    Ok(())
}

/// Says whether the files of a contact are fetched without being asked for.
pub async fn trust(session: &Session, output: &Output, id: &str, trusted: bool) -> Result<(), Failure> {
    let client = session.open(false).await?;
    let conversation = find(&client, id).await?;
    client.set_trusted(conversation, trusted).await?;
    done(client, output, id).await
}
