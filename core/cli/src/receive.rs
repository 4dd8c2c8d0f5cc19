//! `tacit receive`.

use std::time::Duration;

use serde_json::json;
use tacit_client::text::safe_display;
use tacit_client::{Client, Event, MessageId};
use tacit_wire::AccountId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, timeout_at};

use crate::arguments::Receive;
use crate::describe::{describe, describe_event};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Far enough away for "no limit".
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Setting with the last message that was printed: a program that is ended between receiving and
/// printing, or after `count` of more, goes on behind it.
const PRINTED: &str = "received_up_to";
/// Messages that are read from the database at once.
const PAGE: u32 = 256;

/// Prints events: until `count` messages, else for `wait` seconds, else until the swarm has no more.
pub async fn run(session: &Session, output: &Output, receive: &Receive) -> Result<(), Failure> {
    let waits = receive.follow || receive.wait.is_some() || receive.count.is_some();
    let client = session.open(waits).await?;
    let result = print_all(&client, output, receive, waits).await;
    client.shutdown().await;
    result
}

async fn print_all(client: &Client, output: &Output, receive: &Receive, waits: bool) -> Result<(), Failure> {
    let mut events = client.events();
    let printed = client.setting(PRINTED).await?.and_then(|text| text.parse().ok()).unwrap_or(MessageId(0));
    let mut printer = Printer { output, client, printed, left: receive.count.unwrap_or(usize::MAX) };
    printer.print_arrived().await?; // what an earlier run did not come to
    if waits {
        let patience = receive.wait.map_or(FOREVER, Duration::from_secs);
        printer.follow(&mut events, Instant::now() + patience).await
    } else {
        printer.fetch(&mut events).await
    }
}

struct Printer<'a> {
    output: &'a Output,
    client: &'a Client,
    printed: MessageId,
    left: usize,
}

impl Printer<'_> {
    async fn fetch(&mut self, events: &mut Receiver<Event>) -> Result<(), Failure> {
        let client = self.client;
        let fetch = client.fetch_all();
        tokio::pin!(fetch);
        let fetched = loop {
            tokio::select! {
                fetched = &mut fetch => break fetched,
                event = events.recv() => self.print(event.ok(), events).await?,
            }
        };
        self.print(None, events).await?;
        fetched.map(drop).map_err(Failure::from)
    }

    async fn follow(&mut self, events: &mut Receiver<Event>, end: Instant) -> Result<(), Failure> {
        while self.left > 0 {
            match timeout_at(end, events.recv()).await {
                Err(_) | Ok(Err(RecvError::Closed)) => break,
                // Who lags misses notices, never messages: those are read from the database.
                Ok(event) => self.print(event.ok(), events).await?,
            }
        }
        Ok(())
    }

    /// Prints this event and all that wait behind it: requests stand before their messages.
    async fn print(&mut self, first: Option<Event>, events: &mut Receiver<Event>) -> Result<(), Failure> {
        let mut next = first;
        loop {
            match next {
                Some(Event::Request { from, .. }) => self.print_request(&from).await?,
                Some(Event::Skipped { count }) => {
                    let value = json!({"event": "skipped", "count": count});
                    self.output.line(&value, &format!("{count} messages could not be used"))?;
                }
                Some(event) => self.print_event(&event).await?,
                None => {}
            }
            next = match events.try_recv() {
                Ok(event) => Some(event),
                Err(TryRecvError::Lagged(_)) => None,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            };
        }
        self.print_arrived().await
    }

    /// Something that is no message: it stands after the messages that came before it.
    async fn print_event(&mut self, event: &Event) -> Result<(), Failure> {
        let Some((value, plain)) = describe_event(self.client, event).await? else { return Ok(()) };
        self.print_arrived().await?;
        if self.left > 0 {
            self.left -= 1;
            self.output.line(&value, &plain)?;
        }
        Ok(())
    }

    async fn print_request(&self, from: &AccountId) -> Result<(), Failure> {
        let name = self.client.contact(from).await?.map(|contact| contact.name).unwrap_or_default();
        let name = safe_display(&name);
        let plain = format!("{} wants to write to you", if name.is_empty() { from.to_string() } else { name });
        self.output.line(&json!({"event": "request", "from": from.to_string()}), &plain)
    }

    async fn print_arrived(&mut self) -> Result<(), Failure> {
        while self.left > 0 {
            let page = PAGE.min(u32::try_from(self.left).unwrap_or(PAGE));
            let messages = self.client.arrived_after(self.printed, page).await?;
            let Some(last) = messages.last().map(|message| message.id) else { break };
            for message in &messages {
                let value = describe(self.client, message).await?;
                let plain = format!("{}: {}", value["from"].as_str().unwrap_or_default(), message.text);
                self.output.line(&value, &plain)?;
            }
            self.left -= messages.len();
            self.printed = last;
            self.client.set_setting(PRINTED, &last.to_string()).await?;
        }
        Ok(())
    }
}
