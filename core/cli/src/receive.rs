//! `tacit receive`.

use std::time::Duration;

use serde_json::{Value, json};
use tacit_client::{Client, Event, Message, MessageKind};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, timeout_at};

use crate::arguments::Receive;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Far enough away for "no limit".
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Prints events: until `count` of them, else for `wait` seconds, else until the swarm has no more.
pub async fn run(session: &Session, output: &Output, receive: &Receive) -> Result<(), Failure> {
    let waits = receive.follow || receive.wait.is_some() || receive.count.is_some();
    let client = session.open(waits).await?;
    let mut events = client.events();
    let mut printer = Printer { output, client: &client, left: receive.count.unwrap_or(usize::MAX) };
    let result = if waits {
        let patience = receive.wait.map_or(FOREVER, Duration::from_secs);
        printer.follow(&mut events, Instant::now() + patience).await
    } else {
        printer.fetch(&mut events).await
    };
    client.shutdown().await;
    result
}

struct Printer<'a> {
    output: &'a Output,
    client: &'a Client,
    left: usize,
}

impl Printer<'_> {
    async fn fetch(&mut self, events: &mut Receiver<Event>) -> Result<(), Failure> {
        // Events are printed while they come, so that a full mailbox outruns no listener.
        let client = self.client;
        let fetch = client.fetch_all();
        tokio::pin!(fetch);
        let fetched = loop {
            tokio::select! {
                fetched = &mut fetch => break fetched,
                event = events.recv() => self.print(event.map_err(lost)?).await?,
            }
        };
        loop {
            match events.try_recv() {
                Ok(event) => self.print(event).await?,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Err(TryRecvError::Lagged(count)) => return Err(lost(RecvError::Lagged(count))),
            }
        }
        fetched.map(drop).map_err(Failure::from)
    }

    async fn follow(&mut self, events: &mut Receiver<Event>, end: Instant) -> Result<(), Failure> {
        while self.left > 0 {
            match timeout_at(end, events.recv()).await {
                Err(_) => break,
                Ok(event) => self.print(event.map_err(lost)?).await?,
            }
        }
        Ok(())
    }

    async fn print(&mut self, event: Event) -> Result<(), Failure> {
        let (value, plain) = match event {
            Event::Request { from, .. } => {
                let name = self.client.contact(&from).await?.map(|contact| contact.name).unwrap_or_default();
                let plain = format!("{} wants to write to you", if name.is_empty() { from.to_string() } else { name });
                (json!({"event": "request", "from": from.to_string()}), plain)
            }
            Event::Received(message) => {
                let value = describe(self.client, &message).await?;
                let plain = format!("{}: {}", value["from"].as_str().unwrap_or_default(), message.text);
                (value, plain)
            }
            Event::Skipped { count } => {
                (json!({"event": "skipped", "count": count}), format!("{count} messages could not be used"))
            }
            Event::Messages { .. } | Event::Conversations | Event::NotDelivered { .. } => return Ok(()),
        };
        self.left = self.left.saturating_sub(1);
        self.output.line(&value, &plain)
    }
}

/// A message as JSON, also in `tacit history`.
pub async fn describe(client: &Client, message: &Message) -> Result<Value, Failure> {
    let peer = client.conversation(message.conversation).await?.peer;
    Ok(json!({
        "event": "message",
        "kind": match message.kind {
            MessageKind::Text => "text",
            MessageKind::RequestAccepted => "request_accepted",
        },
        "id": message.id.to_string(),
        "hash": message.hash.as_ref().or(message.copy_hash.as_ref()).map(ToString::to_string),
        "from": message.author.to_string(),
        "conversation": peer.account().map(|account| account.to_string()),
        "sent_at": message.sent_at.0,
        "text": message.text,
        "attachments": [],
        "quote": null,
        "expires_at": message.expires_at.map(|at| at.0),
    }))
}

fn lost(_: RecvError) -> Failure {
    Failure::new("events_lost", "More arrived than could be printed; all of it is in the history.")
}
