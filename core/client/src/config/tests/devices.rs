//! A device, and the boxes that all devices of the account read and write.

use std::collections::BTreeMap;

use tacit_config::{Config, Kind};
use tacit_store::{Conversation, ConversationId, Peer, Store, Tx};
use tacit_wire::message_hash::message_hash;
use tacit_wire::rpc::StoredMessage;
use tacit_wire::{AccountId, MessageHash, NodeId, TimestampMs};

use crate::config::merge::{Boxed, Given, merge};
use crate::config::push::{Batch, confirm, prepare};
use crate::config::{Owner, take};
use crate::testing::{Home, account, after};

/// What nodes keep, by kind, in the order of arrival.
#[derive(Default)]
pub(super) struct Swarm {
    pub(super) boxes: BTreeMap<Kind, Vec<StoredMessage>>,
}

impl Swarm {
    pub(super) fn put(&mut self, kind: Kind, hash: MessageHash, data: Vec<u8>, timestamp: TimestampMs) {
        let kept = self.boxes.entry(kind).or_default();
        if kept.iter().all(|message| message.hash != hash) {
            kept.push(StoredMessage { hash, timestamp, expiration: timestamp.plus_ms(1_000_000_000), data });
        }
    }

    pub(super) fn count(&self) -> usize {
        self.boxes.values().map(Vec::len).sum()
    }
}

pub(super) struct Device {
    pub(super) home: Home,
    owner: Owner,
    /// Milliseconds since the tests' beginning.
    pub(super) clock: u64,
}

impl Device {
    pub(super) fn new() -> Self {
        let home = Home::new();
        let owner = Owner { keys: home.keys.clone(), me: home.me };
        Self { home, owner, clock: 0 }
    }

    pub(super) fn now(&self) -> TimestampMs {
        after(self.clock)
    }

    pub(super) fn change(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<(), tacit_store::Error>) {
        self.home.store.write(work).unwrap();
    }

    /// Reads all boxes in full, as a device does that talks to a node for the first time.
    pub(super) fn pull(&mut self, swarm: &Swarm) {
        self.pull_as(swarm, false);
    }

    pub(super) fn pull_as(&mut self, swarm: &Swarm, restoring: bool) -> u32 {
        let boxes = swarm
            .boxes
            .iter()
            .map(|(kind, messages)| Boxed { namespace: kind.namespace(), messages: messages.clone() });
        let given = vec![Given { node: NodeId([1; 32]), boxes: boxes.collect() }];
        let now = self.now();
        merge(&mut self.home.store, &self.owner, given, restoring, now).unwrap().skipped
    }

    pub(super) fn make_missing(&mut self) {
        let now = self.now();
        take::make_missing(&mut self.home.store, &self.owner, now).unwrap();
    }

    pub(super) fn take(&mut self) {
        let now = self.now();
        take::take(&mut self.home.store, &self.owner, now).unwrap();
    }

    pub(super) fn push(&mut self, swarm: &mut Swarm) {
        self.take();
        let now = self.now();
        let mut batch = prepare(&mut self.home.store, &self.owner, &[], now).unwrap();
        assert_eq!(batch.failed, None);
        for one in &mut batch.outgoing {
            for data in &one.messages {
                let hash = message_hash(&self.home.me, one.kind.namespace(), data);
                one.stored.push(hash.clone());
                swarm.put(one.kind, hash, data.clone(), one.changed);
            }
        }
        for kept in swarm.boxes.values_mut() {
            kept.retain(|message| !batch.obsolete.contains(&message.hash));
        }
        confirm(&mut self.home.store, &self.owner, &batch.outgoing, Some(&batch.obsolete), now).unwrap();
    }

    /// Tries to push with contacts that no number of parts can hold.
    pub(super) fn push_with_contacts_too_large(&mut self) -> Batch {
        let noise: Vec<u8> =
            (0..250_000_u32).flat_map(|n| tacit_crypto::blake2b::hash256(&[&n.to_be_bytes()])).collect();
        let mailbox = self.owner.mailbox(Kind::Contacts);
        let row = self.home.store.config(&mailbox).unwrap().unwrap();
        let mut contacts = Config::load(Kind::Contacts, &self.owner.keys, &row.dump).unwrap();
        contacts.assign(&[b"x"], &noise[..]);
        self.change(|tx| tx.set_config(&mailbox, &contacts.dump()));
        let now = self.now();
        prepare(&mut self.home.store, &self.owner, &[], now).unwrap()
    }

    /// Pushes, and the program ends before the answer.
    pub(super) fn push_without_answer(&mut self, swarm: &mut Swarm) {
        self.take();
        let now = self.now();
        for one in prepare(&mut self.home.store, &self.owner, &[], now).unwrap().outgoing {
            for data in one.messages {
                let hash = message_hash(&self.home.me, one.kind.namespace(), &data);
                swarm.put(one.kind, hash, data, one.changed);
            }
        }
    }

    pub(super) fn sync(&mut self, swarm: &mut Swarm) {
        self.pull(swarm);
        self.push(swarm);
    }

    pub(super) fn store(&self) -> &Store {
        &self.home.store
    }

    pub(super) fn peer(&self, number: u8) -> Peer {
        crate::sending::peer_of(&self.home.me, &account(number).1)
    }

    pub(super) fn find(&self, number: u8) -> Option<Conversation> {
        let id = self.store().conversation_with(&self.peer(number)).unwrap()?;
        Some(self.store().conversation(id).unwrap())
    }

    pub(super) fn open(&mut self, number: u8) -> ConversationId {
        let (peer, now) = (self.peer(number), self.now());
        self.home.store.write::<_, tacit_store::Error>(|tx| tx.open_conversation(&peer, now)).unwrap()
    }

    pub(super) fn contact(&self, who: &AccountId) -> tacit_store::Contact {
        self.store().contact(who).unwrap().unwrap()
    }

    /// All that has to be the same on all devices, in words.
    pub(super) fn state(&self) -> BTreeMap<String, String> {
        let mut state = BTreeMap::new();
        state.insert("name".to_owned(), self.store().account().unwrap().unwrap().display_name);
        for number in 1..=9 {
            let who = account(number).1;
            if let Some(c) = self.store().contact(&who).unwrap().filter(|_| number != 1) {
                let known = c.approved || c.blocked || self.find(number).is_some_and(|c| !c.hidden);
                let text = format!("{} {} {} {} {}", c.name, c.nickname, c.approved, c.approved_me, c.blocked);
                state.extend(known.then(|| (format!("contact {number}"), text)));
            }
            // Of a hidden one only that it is hidden goes to the others; none at all is the same.
            if let Some(c) = self.find(number).filter(|c| !c.hidden) {
                let text = format!(
                    "pinned {} {:?} {:?} {:?} read {} marked {}",
                    c.pinned, c.expiry, c.muted_until, c.notify, c.read_until.0, c.marked_unread
                );
                state.insert(format!("conversation {number}"), text);
            }
        }
        state
    }
}
