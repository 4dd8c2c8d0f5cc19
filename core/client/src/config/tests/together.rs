//! Devices that go off and on and change what they like are equal in the end.

use rand::RngExt as _;
use rand::rngs::StdRng;
use tacit_store::{Expiry, Notify, Profile};

use super::devices::{Device, Swarm};
use crate::testing::{account, after, rng};

fn act(device: &mut Device, rng: &mut StdRng, step: u64) {
    let number = rng.random_range(2..=6);
    let who = account(number).1;
    let id = device.find(number).map(|found| found.id);
    let at = after(step);
    match (rng.random_range(0..13), id) {
        (0, _) => device.change(|tx| tx.set_display_name(&format!("Ada {step}"), 1_000 + step)),
        (1, _) => device.change(|tx| tx.set_nickname(&who, &format!("n{step}"), at)),
        (2, _) => device.change(|tx| tx.set_blocked(&who, step.is_multiple_of(2), at)),
        (3, _) => device.change(|tx| tx.set_approved(&who, true, at)),
        (4, _) => {
            let name = format!("P{step}");
            let profile = Profile { name: &name, updated_s: step, ..Profile::default() };
            device.change(|tx| tx.update_profile(&who, &profile, at).map(drop));
        }
        (5, _) => drop(device.open(number)),
        (6, Some(id)) => device.change(|tx| tx.set_pinned(id, i64::try_from(step).unwrap())),
        (7, Some(id)) => device.change(|tx| tx.set_expiry(id, Expiry::AfterSend { seconds: step as u32 + 1 })),
        (8, Some(id)) => device.change(|tx| tx.set_muted_until(id, Some(after(step * 1_000)))),
        (9, Some(id)) => device.change(|tx| tx.set_notify(id, Notify::Off)),
        (10, Some(id)) => device.change(|tx| tx.mark_read(id, at).map(drop)),
        (11, Some(id)) => device.change(|tx| tx.set_marked_unread(id, step.is_multiple_of(2))),
        (12, Some(id)) => device.change(|tx| tx.clear_conversation(id, at)),
        _ => {}
    }
}

fn story(seed: u64) {
    let mut rng = rng(seed);
    let mut swarm = Swarm::default();
    let mut devices = [Device::new(), Device::new(), Device::new()];
    for step in 1..=120 {
        let device = &mut devices[rng.random_range(0..3)];
        device.clock = step;
        act(device, &mut rng, step);
        match rng.random_range(0..8) {
            0 => device.sync(&mut swarm),
            1 => device.pull(&swarm),
            2 => device.take(),
            3 => {
                device.pull(&swarm);
                device.push_without_answer(&mut swarm);
            }
            _ => {}
        }
    }
    for _ in 0..6 {
        devices.iter_mut().for_each(|device| device.sync(&mut swarm));
    }
    let states = devices.each_ref().map(Device::state);
    assert_eq!(states[0], states[1], "seed {seed}");
    assert_eq!(states[1], states[2], "seed {seed}");
    assert!(devices.iter().all(|device| !device.store().config_is_dirty().unwrap()), "seed {seed}");
    let before: Vec<_> = swarm.boxes.values().flatten().map(|message| message.hash.clone()).collect();
    devices.iter_mut().for_each(|device| device.sync(&mut swarm));
    let after: Vec<_> = swarm.boxes.values().flatten().map(|message| message.hash.clone()).collect();
    assert_eq!(before, after, "seed {seed}: nobody answers anybody for ever");
    assert!(after.len() <= 4, "seed {seed}: {} messages are left", after.len());

    let mut restored = Device::new();
    restored.pull_as(&swarm, true);
    assert_eq!(restored.state(), states[0], "seed {seed}: restored");
}

#[test]
fn three_devices_are_equal_in_the_end() {
    (1..=12).for_each(story);
}
