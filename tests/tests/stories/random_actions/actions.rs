//! What people do, one thing at a time, each on the device that they have at hand, as far as it shows
//! what they would need for it.

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use tacit_client::{Client, DeleteFor, Draft, Error, Expiry, Message, MessageKind, Notify, State as Sent};
use tacit_tests::harness::Device;
use tacit_wire::{AccountId, TimestampMs};

use super::model::{BOB, DEVICES, Model, Said, account};
use super::state::{Field, State, key};

const EMOJI: [&str; 4] = ["👍", "❤️", "😂", "🎉"];
const DAY_S: u32 = 86_400;
/// Messages among which one is chosen to be answered, taken back and so on.
const RECENT: u32 = 30;

/// Three devices, what is known of them, and chance.
pub struct Stage {
    pub devices: [Device; DEVICES],
    pub model: Model,
    pub friends: Vec<AccountId>,
    pub rng: StdRng,
    /// Numbers what is written, so that all of it differs.
    pub counter: u64,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Send,
    Reply,
    React,
    UnsendForEveryone,
    UnsendForMe,
    DeleteHere,
    MarkRead,
    MarkUnread,
    Pin,
    Mute,
    Choose,
    Disappear,
    Nickname,
    Rename,
    Befriend,
    Unfriend,
    BlockFriend,
}

/// How often each happens.
const WEIGHTS: [(Action, u32); 17] = [
    (Action::Send, 30),
    (Action::Reply, 8),
    (Action::React, 12),
    (Action::UnsendForEveryone, 4),
    (Action::UnsendForMe, 4),
    (Action::DeleteHere, 4),
    (Action::MarkRead, 6),
    (Action::MarkUnread, 3),
    (Action::Pin, 5),
    (Action::Mute, 3),
    (Action::Choose, 3),
    (Action::Disappear, 2),
    (Action::Nickname, 5),
    (Action::Rename, 2),
    (Action::Befriend, 3),
    (Action::Unfriend, 2),
    (Action::BlockFriend, 2),
];

impl Stage {
    /// One of all actions.
    pub fn any_action(&mut self) -> Action {
        WEIGHTS.choose_weighted(&mut self.rng, |(_, weight)| *weight).unwrap().0
    }

    /// Does it on a device that is on; false when there is nothing that it could be done to.
    pub fn act(&mut self, device: usize, action: Action) -> bool {
        match action {
            Action::Send => self.send(device, false),
            Action::Reply => self.send(device, true),
            Action::React => self.react(device),
            Action::UnsendForEveryone => self.delete(device, DeleteFor::Everyone),
            Action::UnsendForMe => self.delete(device, DeleteFor::OurDevices),
            Action::DeleteHere => self.delete(device, DeleteFor::ThisDevice),
            Action::Rename => self.rename(device),
            Action::Disappear => self.disappear(device),
            Action::MarkRead => self.mark_read(device),
            // What follows is Ada's alone: Bob has one device.
            _ if device == BOB => false,
            Action::Befriend | Action::Unfriend | Action::BlockFriend => self.friend(device, action),
            Action::Nickname => self.nickname(device),
            Action::MarkUnread | Action::Pin | Action::Mute | Action::Choose => self.keep(device, action),
        }
    }

    fn run<T, F: Future<Output = T>>(&self, device: usize, work: impl FnOnce(Client) -> F) -> T {
        self.devices[device].run(work)
    }

    /// With whom: Ada writes to Bob or to herself, Bob to Ada.
    fn peer(&mut self, device: usize) -> AccountId {
        let to_self = self.rng.random_bool(0.2);
        if device != BOB && !to_self && !self.model.blocked { self.model.bob } else { self.model.ada }
    }

    fn bob_is_deaf(&self, device: usize) -> bool {
        device == BOB && self.model.blocked
    }

    /// A message of the conversation that can still be acted on, and that went out.
    fn message(&mut self, device: usize, peer: AccountId, mine: bool) -> Option<Message> {
        let recent = self.run(device, |client| async move {
            let Some(id) = client.find_conversation(&peer).await.unwrap() else { return Vec::new() };
            client.history(id, None, RECENT).await.unwrap()
        });
        let out = |message: &&Message| matches!(message.state, Sent::Received | Sent::Sent { .. });
        let usable = |message: &&Message| message.kind == MessageKind::Text && !message.deleted;
        let of = |message: &&Message| !mine || message.outgoing();
        let model = &mut self.model;
        let alone = |message: &&Message| model.find(&key(message)).is_some_and(|said| !said.collides);
        let usable: Vec<_> = recent.iter().filter(usable).filter(out).filter(of).filter(alone).collect();
        usable.choose(&mut self.rng).map(|message| (**message).clone())
    }

    fn send(&mut self, device: usize, answer: bool) -> bool {
        let peer = self.peer(device);
        let quoted = if answer { self.message(device, peer, false) } else { None };
        if answer && quoted.is_none() {
            return false;
        }
        self.counter += 1;
        let text = format!("message {}", self.counter);
        let draft = Draft { quote: quoted.as_ref().map(|message| message.id), ..Draft::text(&text) };
        let sent = self.run(device, |client| async move {
            let id = client.open_conversation(&peer).await.unwrap();
            let message = client.send(id, draft).await.unwrap();
            client.message(message).await.unwrap()
        });
        self.approves(device, peer);
        let collides = self.model.find(&key(&sent)).map(|other| other.collides = true).is_some();
        self.model.said.push(Said {
            key: key(&sent),
            collides,
            text,
            quote: quoted.as_ref().map(key),
            to_self: device != BOB && peer == self.model.ada,
            never_left: false,
            taken_back: [false; 2],
            unseen: [self.bob_is_deaf(device), false],
            removed: [false; DEVICES],
            reactions: Default::default(),
        });
        true
    }

    /// Writing to Bob, in whatever way, approves him.
    fn approves(&mut self, device: usize, peer: AccountId) {
        if device != BOB && peer == self.model.bob {
            self.model.write(device, peer, Field::Approved, Some(true.to_string()));
        }
    }

    fn react(&mut self, device: usize) -> bool {
        let peer = self.peer(device);
        let Some(message) = self.message(device, peer, false) else { return false };
        let emoji = *EMOJI.choose(&mut self.rng).unwrap();
        let me = self.devices[device].client().account_id();
        let is_set = message.reactions.iter().any(|group| group.emoji == emoji && group.senders.contains(&me));
        let done = self.run(device, |client| async move {
            if is_set { client.unreact(message.id, emoji).await } else { client.react(message.id, emoji).await }
        });
        match done {
            Err(Error::TooFast) => return false,
            // Somebody took it back a moment ago.
            Err(Error::Unknown { .. } | Error::Store { .. }) => return false,
            done => done.unwrap(),
        }
        self.approves(device, peer);
        let deaf = self.bob_is_deaf(device);
        let said = self.model.find(&key(&message)).unwrap();
        for reactions in said.reactions.iter_mut().skip(usize::from(deaf)) {
            let register = reactions.entry((me, emoji.to_owned())).or_default();
            register.write(device, (!is_set).then_some(()));
        }
        true
    }

    fn delete(&mut self, device: usize, scope: DeleteFor) -> bool {
        let peer = self.peer(device);
        let Some(message) = self.message(device, peer, scope == DeleteFor::Everyone) else { return false };
        let id = message.id;
        let done = self.run(device, |client| async move { client.delete_messages(&[id], scope).await });
        match done {
            Err(Error::Unknown { .. } | Error::Store { .. }) => return false,
            done => done.unwrap(),
        }
        let (whose, deaf) = (account(device), self.bob_is_deaf(device));
        let said = self.model.find(&key(&message)).unwrap();
        match scope {
            DeleteFor::ThisDevice => said.removed[device] = true,
            DeleteFor::OurDevices => said.taken_back[whose] = true,
            DeleteFor::Everyone if deaf => said.taken_back[1] = true,
            DeleteFor::Everyone => said.taken_back = [true; 2],
        }
        true
    }

    fn rename(&mut self, device: usize) -> bool {
        self.counter += 1;
        let name = format!("Name {}", self.counter);
        let chosen = name.clone();
        self.run(device, |client| async move { client.set_display_name(&chosen).await.unwrap() });
        if device != BOB {
            self.model.write(device, self.model.ada, Field::Name, Some(name));
        }
        true
    }

    fn disappear(&mut self, device: usize) -> bool {
        let peer = self.peer(device);
        let expiry = match self.rng.random_range(0..3_u32) {
            0 => Expiry::Off,
            days => Expiry::AfterSend { seconds: days * DAY_S },
        };
        let before = self.run(device, |client| async move {
            let id = client.find_conversation(&peer).await.unwrap()?;
            let before = client.conversation(id).await.unwrap();
            client.set_expiry(id, expiry).await.unwrap();
            Some(before.expiry)
        });
        let Some(before) = before else { return false };
        if device != BOB && before != expiry {
            self.model.write(device, peer, Field::Expiry, Some(format!("{expiry:?}")));
            self.approves(device, peer);
        }
        true
    }

    fn mark_read(&mut self, device: usize) -> bool {
        let peer = self.peer(device);
        let read = self.run(device, |client| async move {
            let id = client.find_conversation(&peer).await.unwrap()?;
            let was_marked = client.conversation(id).await.unwrap().marked_unread;
            client.mark_read(id, None).await.unwrap();
            Some((was_marked, client.conversation(id).await.unwrap()))
        });
        let Some((was_marked, read)) = read else { return false };
        if device != BOB {
            self.model.read(peer, read.read_until.0);
            if was_marked {
                self.model.write(device, peer, Field::MarkedUnread, Some(false.to_string()));
            }
        }
        true
    }

    /// Somebody with whom Ada has a conversation in the list of this device; herself too.
    fn listed(&mut self, device: usize) -> Option<AccountId> {
        let mut who = self.friends.clone();
        who.extend([self.model.bob, self.model.ada]);
        let listed = self.run(device, |client| async move {
            let mut listed = Vec::new();
            for who in who {
                let Some(id) = client.find_conversation(&who).await.unwrap() else { continue };
                if !client.conversation(id).await.unwrap().hidden {
                    listed.push(who);
                }
            }
            listed
        });
        listed.choose(&mut self.rng).copied()
    }

    /// Settings of a conversation.
    fn keep(&mut self, device: usize, action: Action) -> bool {
        let Some(who) = self.listed(device) else { return false };
        if who == self.model.ada && matches!(action, Action::Mute | Action::Choose) {
            return false; // of notes to self nobody is notified
        }
        let number = self.rng.random_range(0..3_usize);
        let [before, after] = self.run(device, |client| async move {
            let Some(id) = client.find_conversation(&who).await.unwrap() else { return [None, None] };
            let before = client.conversation(id).await.unwrap();
            let muted = (number > 0).then_some(TimestampMs(2_000_000_000_000 + number as u64 * 1_000));
            let notify = [Notify::All, Notify::Off, Notify::Mentions][number];
            let done = match action {
                Action::Pin => client.set_pinned(id, before.pinned == 0).await,
                Action::Mute => client.set_muted_until(id, muted).await,
                Action::Choose => client.set_notify(id, notify).await,
                _ => client.set_marked_unread(id, !before.marked_unread).await,
            };
            done.unwrap();
            [Some(before), client.conversation(id).await.ok()]
        });
        let (Some(before), Some(after)) = (before, after) else { return false };
        let show = |kept: &tacit_client::Conversation| match action {
            Action::Pin => (Field::Pinned, kept.pinned.to_string()),
            Action::Mute => (Field::Muted, format!("{:?}", kept.muted_until)),
            Action::Choose => (Field::Notify, format!("{:?}", kept.notify)),
            _ => (Field::MarkedUnread, kept.marked_unread.to_string()),
        };
        let (field, value) = show(&after);
        if show(&before).1 != value {
            self.model.write(device, who, field, Some(value));
        }
        true
    }

    fn nickname(&mut self, device: usize) -> bool {
        let Some(who) = self.listed(device).filter(|who| *who != self.model.ada) else { return false };
        self.counter += 1;
        let nickname = format!("Nick {}", self.counter);
        let chosen = nickname.clone();
        self.run(device, |client| async move { client.set_nickname(&who, &chosen).await.unwrap() });
        self.model.write(device, who, Field::Nickname, Some(nickname));
        true
    }

    /// People who never write, and who come and go.
    fn friend(&mut self, device: usize, action: Action) -> bool {
        let who = *self.friends.choose(&mut self.rng).unwrap();
        let before = self.run(device, |client| async move { State::of(&client, &[who]).await }).fields;
        let is_blocked = before.get(&(who, Field::Blocked)).is_some_and(|blocked| blocked == "true");
        self.run(device, |client| async move {
            match action {
                Action::Befriend => {
                    client.open_conversation(&who).await.unwrap();
                    client.accept(&who).await.unwrap();
                }
                Action::Unfriend => client.delete_contact(&who).await.unwrap(),
                _ => client.set_blocked(&who, !is_blocked).await.unwrap(),
            }
        });
        let after = self.run(device, |client| async move { State::of(&client, &[who]).await }).fields;
        self.model.write_all(device, who, &before, &after);
        if action == Action::Unfriend {
            self.model.remove(who);
        }
        true
    }
}
