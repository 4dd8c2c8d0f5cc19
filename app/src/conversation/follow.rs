//! Following the database while a conversation is open.

use std::rc::Weak;
use std::time::Duration;

use slint::{ComponentHandle as _, TimerMode};
use tacit_client::view::{Watched, apply};
use tacit_client::{Client, ConversationId, Event, Message};
use tacit_ui::ConversationState;
use tokio::sync::broadcast::error::RecvError;

use super::Conversation;
use super::load::{about, edges, ends};

/// Steps of transfers that are shown together.
const STEP: Duration = Duration::from_millis(100);

/// Keeps what is open as the database has it, until it is closed.
pub(super) async fn follow(me: Weak<Conversation>, id: ConversationId, client: Client, mut watched: Watched<Message>) {
    let mut events = client.events();
    loop {
        tokio::select! {
            steps = watched.changes.recv() => {
                let (Some(steps), Some(this)) = (steps, me.upgrade()) else { return };
                let mut messages = this.with_open(|open| open.messages.clone()).unwrap_or_default();
                apply(&mut messages, steps);
                let looking = edges(client.clone(), id, ends(&messages));
                let Ok(edges) = this.context.bridge.call(looking).await else { return };
                let jumped = this.with_open(|open| {
                    open.take(messages, edges);
                    open.aim.is_some_and(|aim| open.message(aim).is_some())
                });
                if jumped == Some(true) {
                    this.begin_rows();
                }
                this.look();
                this.look_for_named();
                this.arrive();
            }
            event = events.recv() => {
                let news = match event {
                    Ok(Event::Transfer { message, .. }) => {
                        let Some(this) = me.upgrade() else { return };
                        if this.with_open(|open| open.message(message).is_some()) == Some(true) {
                            this.render_soon();
                        }
                        false
                    }
                    Ok(Event::Typing { conversation, from, typing }) if conversation == id => {
                        let Some(this) = me.upgrade() else { return };
                        this.show_typing(&from, typing);
                        false
                    }
                    Ok(Event::Conversations | Event::Request { .. }) | Err(RecvError::Lagged(_)) => true,
                    Ok(_) => false,
                    Err(RecvError::Closed) => return,
                };
                if news && !refresh_about(&me, id, &client).await {
                    return;
                }
            }
        }
    }
}

/// False when the conversation is gone.
async fn refresh_about(me: &Weak<Conversation>, id: ConversationId, client: &Client) -> bool {
    let Some(this) = me.upgrade() else { return false };
    let asking = about(client.clone(), id);
    match this.context.bridge.call(asking).await {
        Ok(about) if this.open_id() == Some(id) => {
            this.with_open(|open| open.about = about);
            this.show_about();
            this.render();
            true
        }
        Ok(_) => true,
        // Deleted, here or from the list.
        Err(_) => {
            if this.open_id() == Some(id) {
                this.close_and_leave();
            }
            false
        }
    }
}

impl Conversation {
    /// Files move: one look serves many of their steps.
    fn render_soon(&self) {
        if self.moving.running() {
            return;
        }
        let me = Weak::clone(&self.me);
        self.moving.start(TimerMode::SingleShot, STEP, move || {
            if let Some(this) = me.upgrade() {
                this.render();
            }
        });
    }

    fn show_typing(&self, from: &tacit_wire::AccountId, typing: bool) {
        if self.with_open(|open| open.about.peer == Some(*from)) == Some(true) {
            self.context.with(|window| window.global::<ConversationState>().set_typing(typing));
        }
    }
}
