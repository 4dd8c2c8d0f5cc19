//! Two devices of Ada and one of Bob, a thousand random actions in random order, each device going
//! off and on: afterwards Ada's devices are equal, and equal to what a model says.
//!
//! The seed is printed; `TACIT_SEED` runs one again.

mod actions;
mod model;
pub mod state;

use std::time::{Duration, Instant};

use actions::Stage;
use model::{BOB, DEVICES, Model};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use state::State;
use tacit_client::Client;
use tacit_tests::harness::{Device, LocalNetwork};
use tacit_wire::AccountId;

const ACTIONS: usize = 1_000;
/// Actions between two moments at which all are online and everything is compared.
const EPOCH: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn devices_are_equal_and_right_after_a_thousand_random_actions() {
    let seed = std::env::var("TACIT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("TACIT_SEED={seed}");
    let network = LocalNetwork::start(12, 2);
    let mut stage = Stage::set_up(&network, seed);
    let (mut done, mut start) = (0, Instant::now());
    while done < ACTIONS {
        done += stage.epoch(EPOCH.min(ACTIONS - done));
        let acted = start.elapsed();
        stage.settle();
        println!("{done} actions, the last ones in {acted:.1?}, equal after {:.1?}", start.elapsed());
        start = Instant::now();
        if done < ACTIONS {
            stage.decide();
            stage.settle();
        }
    }
}

impl Stage {
    fn set_up(network: &LocalNetwork, seed: u64) -> Self {
        let phone = Device::create(network.profile(), "Ada");
        let bob = Device::create(network.profile(), "Bob");
        phone.synced();
        let tablet = phone.twin(network.profile());
        let model = Model::new(phone.client().account_id(), bob.client().account_id());
        let friends = (2..6_u8).map(|number| AccountId::from_x25519(&[number; 32])).collect();
        let devices = [phone, tablet, bob];
        let rng = StdRng::seed_from_u64(seed);
        let mut stage = Self { devices, model, friends, rng, counter: 0 };
        let states = stage.states();
        stage.model.settle(&states);
        stage
    }

    /// So many actions; between them devices go off and on.
    fn epoch(&mut self, actions: usize) -> usize {
        let mut done = 0;
        while done < actions {
            let device = self.rng.random_range(0..DEVICES);
            if self.rng.random_bool(0.04) {
                self.toggle(device);
            }
            if self.devices[device].is_on() {
                let action = self.any_action();
                done += usize::from(self.act(device, action));
            }
        }
        done
    }

    fn toggle(&mut self, device: usize) {
        let device = &mut self.devices[device];
        if device.is_on() { device.off() } else { device.on() }
    }

    /// What is only clear when nothing is on its way: blocking Bob, removing the conversation with
    /// him or himself.
    fn decide(&mut self) {
        let device = self.rng.random_range(0..BOB);
        let bob = self.model.bob;
        let decisions = ["nothing", "block", "delete the conversation", "delete the contact"];
        let decision = if self.model.blocked { "unblock" } else { *decisions.choose(&mut self.rng).unwrap() };
        println!("device {device} decides: {decision}");
        let before = self.fields(device, bob);
        self.devices[device].run(|client| async move {
            let id = client.find_conversation(&bob).await.unwrap();
            match (decision, id) {
                ("block", _) => client.set_blocked(&bob, true).await.unwrap(),
                ("unblock", _) => client.set_blocked(&bob, false).await.unwrap(),
                ("delete the conversation", Some(id)) => client.delete_conversation(id).await.unwrap(),
                ("delete the contact", _) => client.delete_contact(&bob).await.unwrap(),
                _ => {}
            }
        });
        let after = self.fields(device, bob);
        self.model.write_all(device, bob, &before, &after);
        self.model.blocked = decision == "block";
        if decision.starts_with("delete") {
            self.model.forget_bob();
        }
    }

    fn fields(&self, device: usize, who: AccountId) -> state::Fields {
        self.devices[device].run(|client| async move { State::of(&client, &[who]).await }).fields
    }

    fn states(&self) -> [State; DEVICES] {
        let mut people = self.friends.clone();
        people.extend([self.model.ada, self.model.bob]);
        std::array::from_fn(|device| {
            let people = people.clone();
            self.devices[device].run(|client| async move { State::of(&client, &people).await })
        })
    }

    /// All come online, and everything comes to all: when a whole round of giving and taking changed
    /// nothing, and nothing is wrong.
    fn settle(&mut self) {
        for device in self.devices.iter_mut().filter(|device| !device.is_on()) {
            device.on();
        }
        let start = Instant::now();
        let mut before = None;
        loop {
            for device in &self.devices {
                device.run(give);
            }
            for device in &self.devices {
                device.run(|client| async move { client.fetch_all().await.map(drop).unwrap_or_default() });
            }
            let states = self.states();
            let wrong = self.model.check(&states);
            if wrong.is_empty() && before.as_ref() == Some(&states) {
                return self.model.settle(&states);
            }
            assert!(start.elapsed() < PATIENCE, "not equal:\n{}", wrong.join("\n"));
            before = Some(states);
        }
    }
}

/// Everything goes out.
async fn give(client: Client) {
    client.settle(PATIENCE).await.unwrap();
    client.synced(PATIENCE).await.unwrap();
}
