//! `tacit send`.

use std::io::BufRead as _;
use std::time::Duration;

use serde_json::json;
use tacit_client::{Client, ConversationId, Delivery, Draft, State};

use crate::arguments::Send;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, account_id, close, message_id};

/// How long copies for our own devices may take; what is left goes out with the next command.
const COPIES: Duration = Duration::from_secs(5);

/// Sends one text, or each line of standard input, and says of each when the swarm keeps it.
pub async fn run(session: &Session, output: &Output, send: &Send) -> Result<(), Failure> {
    let recipient = account_id(&send.id)?;
    let client = session.open(false).await?;
    let sent = async {
        let conversation = client.open_conversation(&recipient).await?;
        if send.lines {
            lines(&client, output, conversation).await
        } else {
            let quote = send.quote.as_deref().map(message_id).transpose()?;
            one(&client, output, conversation, Draft { quote, ..Draft::text(&send.text.join(" ")) }).await
        }
    }
    .await;
    if sent.is_ok() {
        // Copies for our other devices go out after the message itself.
        client.settle(COPIES).await?;
        return close(client).await;
    }
    client.shutdown().await;
    sent
}

async fn lines(client: &Client, output: &Output, conversation: ConversationId) -> Result<(), Failure> {
    let (sender, mut texts) = tokio::sync::mpsc::channel(16);
    // Reading a terminal or pipe blocks; the thread ends with the input or the program.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = texts.recv().await {
        let text = line.map_err(|error| Failure::new("input", format!("Standard input cannot be read: {error}")))?;
        one(client, output, conversation, Draft::text(&text)).await?;
    }
    Ok(())
}

async fn one(client: &Client, output: &Output, conversation: ConversationId, draft: Draft) -> Result<(), Failure> {
    let id = client.send(conversation, draft).await?;
    match client.delivery(id).await? {
        Delivery::Stored(message) => {
            let (kept, of) = match message.state {
                State::Sent { kept, of } => (kept, of),
                _ => (0, 0),
            };
            let hash = message.hash.map(|hash| hash.to_string());
            let value = json!({"message_id": id.to_string(), "hash": hash, "stored_on": kept, "swarm_size": of});
            output.line(&value, &format!("Kept by {kept} of {of} nodes."))
        }
        Delivery::Waiting(error) => {
            let code = tacit_client::Error::from(error.clone()).code();
            let kept = "The message is kept and goes out with the next command that reaches the network.";
            Err(Failure::new(code, format!("Not sent yet: {error}. {kept}")))
        }
        Delivery::Failed(reason) => Err(Failure::new("not_sent", format!("Not sent: {reason}."))),
    }
}
