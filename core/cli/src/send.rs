//! `tacit send`.

use std::io::BufRead as _;
use std::time::Duration;

use serde_json::json;
use tacit_client::media::picture::Quality;
use tacit_client::{Client, ConversationId, Delivery, Draft, MessageId, SendAs, Source, State, Voice, Warning};

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
            let draft = draft(&client, output, send).await?;
            one(&client, output, conversation, draft).await
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

/// The message with its files, taken over into the account's folder.
async fn draft(client: &Client, output: &Output, send: &Send) -> Result<Draft, Failure> {
    let quote = send.quote.as_deref().map(message_id).transpose()?;
    let mut draft = Draft { quote, ..Draft::text(&send.text.join(" ")) };
    let how = match (send.as_file, send.original) {
        (true, _) => SendAs::File,
        (false, true) => SendAs::Picture(Quality::Original),
        (false, false) => SendAs::Picture(Quality::Standard),
    };
    for path in &send.file {
        let attached = client.attach(Source::Path(path.clone()), how).await?;
        if attached.warning == Some(Warning::MayTellPlace) {
            output.warn(&format!("{}: place and device of its making may stand in it.", path.display()));
        }
        draft.files.push(attached.file);
    }
    if let Some(path) = &send.voice {
        draft.files.push(client.attach_voice(Voice::File(Source::Path(path.clone()))).await?);
    }
    Ok(draft)
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
    tell(client, output, id).await
}

/// `retry`.
pub async fn retry(session: &Session, output: &Output, message: &str) -> Result<(), Failure> {
    let id = message_id(message)?;
    let client = session.open(false).await?;
    let told = async {
        client.retry(id).await?;
        tell(&client, output, id).await
    }
    .await;
    if told.is_ok() {
        client.settle(COPIES).await?;
    }
    client.shutdown().await;
    told
}

/// Says when the swarm keeps a message, or why not.
async fn tell(client: &Client, output: &Output, id: MessageId) -> Result<(), Failure> {
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
