//! What must hold after everything has come to all devices. Where two devices of the account changed
//! the same thing without a common moment in between, the last value of either may stand.

use std::collections::{BTreeMap, BTreeSet};

use tacit_wire::AccountId;

use super::state::{Field, Fields, Key, Shown, State};

/// Devices: two of Ada, one of Bob.
pub const DEVICES: usize = 3;
/// Bob's.
pub const BOB: usize = 2;

/// Whose device it is: 0 Ada's, 1 Bob's.
pub fn account(device: usize) -> usize {
    usize::from(device == BOB)
}

/// A value that several devices may set.
#[derive(Debug, Clone, Default)]
pub struct Register<V> {
    settled: Option<V>,
    written: Vec<(usize, Option<V>)>,
}

impl<V: Clone + PartialEq> Register<V> {
    /// A device sets it.
    pub fn write(&mut self, device: usize, value: Option<V>) {
        self.written.push((device, value));
    }

    /// Whether it may be this now: the last value of a device, or the settled one if none set any.
    fn allows(&self, value: Option<&V>) -> bool {
        let last = |device: usize| self.written.iter().rev().find(|(by, _)| *by == device);
        let mut last = (0..DEVICES).filter_map(last).peekable();
        match last.peek() {
            None => self.settled.as_ref() == value,
            Some(_) => last.any(|(_, last)| last.as_ref() == value),
        }
    }

    fn settle(&mut self, value: Option<V>) {
        *self = Self { settled: value, written: Vec::new() };
    }
}

/// A message that was written, and what became of it.
#[derive(Debug, Clone)]
pub struct Said {
    pub key: Key,
    /// Both devices of Ada wrote one in the same millisecond: to the protocol they are one, and each
    /// device shows the one that it had first.
    pub collides: bool,
    pub text: String,
    pub quote: Option<Key>,
    /// Written by Ada to herself.
    pub to_self: bool,
    /// It was removed before it went out.
    pub never_left: bool,
    /// Taken back, for Ada and for Bob.
    pub taken_back: [bool; 2],
    /// Nothing of it is to be seen by Ada, or by Bob: they blocked, or removed the conversation.
    pub unseen: [bool; 2],
    /// Removed on one device.
    pub removed: [bool; DEVICES],
    /// Emoji as Ada and as Bob see them.
    pub reactions: [BTreeMap<(AccountId, String), Register<()>>; 2],
}

impl Said {
    fn is_on(&self, device: usize) -> bool {
        let whose = account(device);
        let gone = self.to_self && (whose == 1 || self.taken_back[0]);
        !(gone || self.never_left || self.unseen[whose] || self.removed[device])
    }
}

/// The people, and everything that was done.
pub struct Model {
    pub ada: AccountId,
    pub bob: AccountId,
    pub said: Vec<Said>,
    fields: BTreeMap<(AccountId, Field), Register<String>>,
    /// How far was read, at least.
    read: BTreeMap<AccountId, u64>,
    /// Who was taken out of the contacts, and by which devices something else of them was changed.
    removed: BTreeSet<AccountId>,
    touched: BTreeSet<(AccountId, usize)>,
    pub blocked: bool,
}

impl Model {
    pub fn new(ada: AccountId, bob: AccountId) -> Self {
        Self {
            ada,
            bob,
            said: Vec::new(),
            fields: BTreeMap::new(),
            read: BTreeMap::new(),
            removed: BTreeSet::new(),
            touched: BTreeSet::new(),
            blocked: false,
        }
    }

    /// A device of Ada's sets a field.
    pub fn write(&mut self, device: usize, who: AccountId, field: Field, value: Option<String>) {
        self.touched.insert((who, device));
        self.fields.entry((who, field)).or_default().write(device, value);
    }

    /// A device of Ada's changed all that differs between these.
    pub fn write_all(&mut self, device: usize, who: AccountId, before: &Fields, after: &Fields) {
        let keys: BTreeSet<_> =
            before.keys().chain(after.keys()).filter(|key| before.get(key) != after.get(key)).collect();
        if after.is_empty() {
            self.remove(who);
        }
        for (_, field) in keys {
            self.write(device, who, *field, after.get(&(who, *field)).cloned());
        }
    }

    /// A device of Ada's took somebody out of the contacts.
    pub fn remove(&mut self, who: AccountId) {
        self.removed.insert(who);
    }

    /// Ada removed the conversation with Bob.
    pub fn forget_bob(&mut self) {
        self.read.remove(&self.bob);
        for said in self.said.iter_mut().filter(|said| !said.to_self) {
            said.unseen[0] = true;
        }
    }

    pub fn read(&mut self, who: AccountId, up_to: u64) {
        let read = self.read.entry(who).or_default();
        *read = (*read).max(up_to);
    }

    pub fn find(&mut self, key: &Key) -> Option<&mut Said> {
        self.said.iter_mut().find(|said| said.key == *key)
    }

    /// What is wrong about these states of the three devices; nothing, if all came to all.
    pub fn check(&self, states: &[State; DEVICES]) -> Vec<String> {
        let mut wrong = Vec::new();
        self.compare(states, &mut wrong);
        self.check_fields(&states[0], &mut wrong);
        for (device, state) in states.iter().enumerate() {
            self.check_messages(device, state, &mut wrong);
        }
        wrong
    }

    /// Everything holds: what comes later is compared with this.
    pub fn settle(&mut self, states: &[State; DEVICES]) {
        let state = &states[0];
        let keys: BTreeSet<_> = self.fields.keys().chain(state.fields.keys()).copied().collect();
        for key in keys {
            self.fields.entry(key).or_default().settle(state.fields.get(&key).cloned());
        }
        self.read.clone_from(&state.read);
        self.removed.clear();
        self.touched.clear();
        for said in &mut self.said {
            for (whose, reactions) in said.reactions.iter_mut().enumerate() {
                let mut devices = states.iter().enumerate().filter(|(device, _)| account(*device) == whose);
                let shown = devices.find_map(|(_, state)| state.messages.values().find_map(|all| all.get(&said.key)));
                let Some(shown) = shown else { continue };
                for (of, register) in reactions {
                    register.settle(shown.reactions.contains(of).then_some(()));
                }
            }
        }
    }

    /// The two devices of one account are equal.
    fn compare(&self, states: &[State; DEVICES], wrong: &mut Vec<String>) {
        let [phone, tablet, _] = states;
        differences("field", &phone.fields, &tablet.fields, wrong);
        differences("read mark", &phone.read, &tablet.read, wrong);
        let without_removed = |state: &State, peer: &AccountId| -> BTreeMap<Key, Shown> {
            let removed = |said: &Said| said.removed[0] || said.removed[1] || said.taken_back[0] || said.collides;
            let removed = |key: &Key| self.said.iter().any(|said| said.key == *key && removed(said));
            let messages = state.messages.get(peer).into_iter().flatten();
            messages.filter(|(key, _)| !removed(key)).map(|(key, shown)| (*key, shown.clone())).collect()
        };
        for peer in [self.bob, self.ada] {
            differences("message", &without_removed(phone, &peer), &without_removed(tablet, &peer), wrong);
        }
    }

    fn check_fields(&self, state: &State, wrong: &mut Vec<String>) {
        let writers: BTreeSet<usize> = self.touched.iter().map(|(_, device)| *device).collect();
        let apart = writers.len() > 1;
        for ((who, field), register) in &self.fields {
            let concurrent = self.touched.range((*who, 0)..=(*who, BOB)).count() > 1;
            // What is written brings conversations into the list, and Bob's name comes from Bob.
            let by_messages = match field {
                Field::Listed => [self.ada, self.bob].contains(who),
                Field::Name => *who == self.bob,
                _ => false,
            };
            let value = state.fields.get(&(*who, *field));
            // What was out of the list comes back with what the configs kept of it.
            let unwritten = [self.ada, self.bob].contains(who) && register.written.is_empty();
            let back = register.settled.is_none() && (apart || unwritten);
            let is_open = by_messages || back || concurrent && self.removed.contains(who);
            if !is_open && !register.allows(value) {
                wrong.push(format!("{field:?} of {who} is {value:?}, not of {register:?}"));
            }
        }
        for (who, at_least) in &self.read {
            let read = state.read.get(who);
            if read.is_some_and(|read| read < at_least) {
                wrong.push(format!("read of {who} is {read:?}, not {at_least}"));
            }
        }
    }

    fn check_messages(&self, device: usize, state: &State, wrong: &mut Vec<String>) {
        let peer = |said: &Said| match (account(device), said.to_self) {
            (0, true) | (1, _) => self.ada,
            _ => self.bob,
        };
        let mut known = BTreeSet::new();
        for said in &self.said {
            known.insert(said.key);
            if said.collides {
                continue;
            }
            let shown = state.messages.get(&peer(said)).and_then(|messages| messages.get(&said.key));
            match (said.is_on(device), shown) {
                (false, None) => {}
                // A device that was off while it came and went never had it.
                (true, None) if said.taken_back[account(device)] => {}
                (true, Some(shown)) => self.check_message(device, said, shown, wrong),
                (expected, _) => wrong.push(format!("device {device}: {} is there: {}", said.text, !expected)),
            }
        }
        for key in state.messages.values().flat_map(BTreeMap::keys) {
            if !key.is_line && !known.contains(key) {
                wrong.push(format!("device {device}: nobody wrote {key:?}"));
            }
        }
    }

    fn check_message(&self, device: usize, said: &Said, shown: &Shown, wrong: &mut Vec<String>) {
        let whose = account(device);
        if said.taken_back[whose] {
            if !shown.deleted || !shown.text.is_empty() || !shown.reactions.is_empty() || shown.quote.is_some() {
                wrong.push(format!("device {device}: {} was taken back, not {shown:?}", said.text));
            }
            return;
        }
        if shown.deleted || shown.text != said.text || shown.quote != said.quote {
            wrong.push(format!("device {device}: {said:?} is {shown:?}"));
        }
        let mut known = 0;
        for (of, register) in &said.reactions[whose] {
            let set = shown.reactions.contains(of);
            known += usize::from(set);
            if !register.allows(set.then_some(&())) {
                wrong.push(format!("device {device}: {of:?} under {} is {set}, not {register:?}", said.text));
            }
        }
        if known != shown.reactions.len() {
            wrong.push(format!("device {device}: under {} nobody set all of {:?}", said.text, shown.reactions));
        }
    }
}

fn differences<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    what: &str,
    one: &BTreeMap<K, V>,
    other: &BTreeMap<K, V>,
    wrong: &mut Vec<String>,
) {
    let keys: BTreeSet<&K> = one.keys().chain(other.keys()).collect();
    for key in keys.into_iter().filter(|key| one.get(key) != other.get(key)) {
        wrong.push(format!("{what} {key:?}: phone {:?}, tablet {:?}", one.get(key), other.get(key)));
    }
}
