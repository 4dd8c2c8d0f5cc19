//! Profile pictures: an avatar on the screen asks for the one it shows, and only those are decoded.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Image};
use tacit_client::{ConversationId, Event, FileId, Portrait};
use tacit_ui::{App, Portraits as State};
use tacit_wire::AccountId;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::account::Account;
use crate::context::{Context, Task};
use crate::home::conversation_of;
use crate::part::Part;

/// Sides of pictures in pixels: avatars of about one size share what is decoded.
const SIDES: [u32; 3] = [128, 256, 512];
/// Changes within this time are looked at together.
const GATHER: Duration = Duration::from_millis(100);

/// Whose picture lies where.
#[derive(Default, PartialEq)]
struct Known {
    people: HashMap<AccountId, FileId>,
    conversations: HashMap<ConversationId, FileId>,
}

impl Known {
    fn new(portraits: &[Portrait]) -> Self {
        let with = |portrait: &Portrait| Some((portrait.conversation?, portrait.file));
        Self {
            people: portraits.iter().map(|portrait| (portrait.account, portrait.file)).collect(),
            conversations: portraits.iter().filter_map(with).collect(),
        }
    }

    /// `who`: an account ID, or the key of a conversation.
    fn file(&self, who: &str) -> Option<FileId> {
        match conversation_of(who) {
            Some(id) => self.conversations.get(&id).copied(),
            None => self.people.get(&AccountId::parse(who).ok()?).copied(),
        }
    }
}

/// The side of a picture for an avatar of so many logical pixels.
fn side(size: f32, scale: f32) -> u32 {
    let pixels = size * scale;
    SIDES.into_iter().find(|side| *side as f32 >= pixels).unwrap_or(SIDES[SIDES.len() - 1])
}

/// The pictures of all people who have one.
pub(crate) struct Portraits {
    me: Weak<Self>,
    context: Rc<Context>,
    known: RefCell<Known>,
    following: RefCell<Option<Task>>,
}

impl Portraits {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            known: RefCell::default(),
            following: RefCell::default(),
        });
        let me = Weak::clone(&part.me);
        window
            .global::<State>()
            .on_of(move |who, size, _turn| me.upgrade().and_then(|this| this.picture(&who, size)).unwrap_or_default());
        part
    }

    fn picture(&self, who: &str, size: f32) -> Option<Image> {
        let file = self.known.borrow().file(who)?;
        let scale = self.context.window()?.window().scale_factor();
        self.context.round_picture(file, side(size, scale))
    }

    /// All avatars ask again.
    fn turn(&self) {
        self.context.with(|window| {
            let state = window.global::<State>();
            state.set_turn(state.get_turn().wrapping_add(1));
        });
    }

    fn know(&self, known: Known) {
        if *self.known.borrow() != known {
            *self.known.borrow_mut() = known;
            self.turn();
        }
    }
}

/// Reads them all at once, again when something changed.
async fn follow(me: Weak<Portraits>, context: Rc<Context>, mut events: Receiver<Event>) {
    loop {
        let portraits = context.call(|account| async move { account.client.portraits().await }).await;
        match (portraits, me.upgrade()) {
            (_, None) => return,
            (Ok(portraits), Some(this)) => this.know(Known::new(&portraits)),
            (Err(error), _) => tracing::warn!(code = error.code(), "the profile pictures cannot be read"),
        }
        loop {
            match events.recv().await {
                Ok(Event::Conversations) | Err(RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            }
        }
        crate::time::pause(GATHER).await;
        events = events.resubscribe();
    }
}

impl Part for Portraits {
    fn account_opened(&self, account: &Account) {
        let following = follow(Weak::clone(&self.me), Rc::clone(&self.context), account.client.events());
        *self.following.borrow_mut() = Some(Task::run(following));
    }

    fn account_closing(&self) {
        self.following.borrow_mut().take();
        self.know(Known::default());
    }

    fn pictures_ready(&self) {
        self.turn();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_found_by_account_and_by_conversation() {
        let [ines, mara] = [1, 2].map(|number| AccountId::from_x25519(&[number; 32]));
        let portrait = |account, conversation, file| Portrait { account, conversation, file: FileId(file) };
        let known = Known::new(&[portrait(ines, Some(ConversationId(7)), 3), portrait(mara, None, 4)]);
        assert_eq!([known.file("7"), known.file(&ines.to_hex())], [Some(FileId(3)); 2]);
        assert_eq!(known.file(&mara.to_hex()), Some(FileId(4)));
        assert_eq!(["", "8", "x", "05ab"].map(|who| known.file(who)), [None; 4]);
    }

    #[test]
    fn a_picture_is_as_sharp_as_its_place() {
        assert_eq!([side(36., 1.), side(52., 2.), side(84., 2.), side(104., 9.)], [128, 128, 256, 512]);
    }
}
