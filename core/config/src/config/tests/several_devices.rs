//! Devices that go their own ways and meet again.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tacit_wire::message_hash::message_hash;
use tacit_wire::{AccountId, MessageHash};

use super::*;

/// What the swarm keeps.
type Swarm = BTreeMap<MessageHash, Vec<u8>>;

#[derive(Debug, Clone)]
enum Action {
    Set(u8, String),
    Erase(u8),
    Pull,
    Push,
    /// Pushed, and the answer is lost.
    PushUnheard,
    /// Pushed, and nothing arrives.
    PushLost,
    Restart,
}

fn action() -> impl Strategy<Value = (usize, Action)> {
    let action = prop_oneof![
        4 => (2..6_u8, "[a-d]").prop_map(|(person, name)| Action::Set(person, name)),
        2 => (2..6_u8).prop_map(Action::Erase),
        3 => Just(Action::Pull),
        3 => Just(Action::Push),
        1 => Just(Action::PushUnheard),
        1 => Just(Action::PushLost),
        1 => Just(Action::Restart),
    ];
    (0..3_usize, action)
}

fn pull(device: &mut Config, swarm: &Swarm) {
    let messages: Vec<_> = swarm.iter().map(|(hash, data)| (hash.clone(), data.clone())).collect();
    device.merge(&messages, NOW);
}

fn push(device: &mut Config, swarm: &mut Swarm, heard: bool) {
    if !device.needs_push() {
        return;
    }
    let owner = AccountId::from_x25519(&keys(1).x25519_public());
    let push = device.push(NOW).unwrap();
    let name = |data: &Vec<u8>| message_hash(&owner, Kind::Contacts.namespace(), data);
    let hashes: Vec<_> = push.messages.iter().map(name).collect();
    swarm.extend(hashes.iter().cloned().zip(push.messages));
    push.obsolete.iter().for_each(|hash| {
        swarm.remove(hash);
    });
    if heard {
        device.confirm(push.seqno, &hashes);
    }
}

fn act(device: &mut Config, action: &Action, swarm: &mut Swarm) {
    match action {
        Action::Set(person, name) => {
            let contact = Contact { name: name.clone(), ..Contact::new(somebody(*person)) };
            contacts::set(device, &contact).unwrap();
        }
        Action::Erase(person) => {
            contacts::erase(device, &somebody(*person));
        }
        Action::Pull => pull(device, swarm),
        Action::Push => push(device, swarm, true),
        Action::PushUnheard => push(device, swarm, false),
        Action::PushLost => {
            if device.needs_push() {
                device.push(NOW).unwrap();
            }
        }
        Action::Restart => *device = Config::load(Kind::Contacts, &keys(1), &device.dump()).unwrap(),
    }
}

proptest! {
    #[test]
    fn all_end_alike_and_fall_silent(actions in prop::collection::vec(action(), 0..60)) {
        let mut devices = [(); 3].map(|()| config(Kind::Contacts));
        let mut swarm = Swarm::new();
        for (device, action) in &actions {
            act(&mut devices[*device], action, &mut swarm);
        }
        for round in 0.. {
            prop_assert!(round < 12, "they never fall silent");
            let mut pushed = false;
            for device in &mut devices {
                pull(device, &swarm);
                pushed |= device.needs_push();
                push(device, &mut swarm, true);
            }
            if !pushed {
                break;
            }
        }
        let [first, others @ ..] = &mut devices;
        for other in others {
            prop_assert_eq!(first.to_bytes(), other.to_bytes());
        }
        // What is stored is enough for a new device.
        let mut new = config(Kind::Contacts);
        pull(&mut new, &swarm);
        prop_assert_eq!(new.to_bytes(), first.to_bytes());
    }
}
