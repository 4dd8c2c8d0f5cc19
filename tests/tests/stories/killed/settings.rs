//! A phone on which settings are changed, while a tablet of the same account is on: by the `tacit`
//! program a command at a time, and by one that stays open and changes a few in a row.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use tacit_config::Kind;
use tacit_tests::harness::{Device, LocalNetwork, Stranger, eventually};
use tacit_wire::{AccountId, Namespace, TimestampMs};

use super::phone::{self, Change, Field, Line};
use super::{Life, PATIENCE, Tally, any_moment, keys, kills, live};
use crate::random_actions::state::State;
use crate::restore_at_scale::lists;

/// Lives between two looks at everything.
const ROUND: usize = 10;

/// When it was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    BeforeItsFirstChange,
    Changing,
    Changed,
    Synced,
    Finished,
}

/// Values that may stand: what a change said that was done, or one that was begun after it.
#[derive(Default)]
struct Model {
    allowed: BTreeMap<(String, Field), Vec<String>>,
    read_until: u64,
    /// What happened, for a story that fails.
    history: Vec<String>,
}

impl Model {
    fn will(&mut self, change: &Change) {
        if change.field != Field::Read {
            self.allowed.entry(change.key()).or_default().push(change.value.clone());
        }
    }

    fn done(&mut self, change: &Change) {
        if change.field == Field::Read {
            self.read_until = self.read_until.max(change.value.parse().unwrap());
        } else {
            self.allowed.insert(change.key(), vec![change.value.clone()]);
        }
    }

    fn found(&mut self, change: &Change) {
        if change.field == Field::Read {
            assert!(change.value.parse::<u64>().unwrap() >= self.read_until, "{change}");
        } else {
            let allowed = &self.allowed[&change.key()];
            let told = || self.history[self.history.len().saturating_sub(60)..].join("\n");
            assert!(allowed.contains(&change.value), "{change}, not of {allowed:?}:\n{}", told());
        }
        self.done(change);
    }
}

struct Story {
    network: LocalNetwork,
    phone: Device,
    tablet: Device,
    bob: Device,
    model: Model,
    stranger: Stranger,
    words: String,
}

impl Story {
    fn begin() -> Self {
        let network = LocalNetwork::start(12, 2);
        let phone = Device::create(network.profile(), "Ada");
        let bob = Device::create(network.profile(), "Bob");
        let people = phone::friends().into_iter().chain([tablets_friend(), bob.client().account_id()]);
        for who in people {
            phone.run(|client| async move {
                client.open_conversation(&who).await.unwrap();
                client.accept(&who).await.unwrap();
            });
        }
        phone.synced();
        let words = phone.run(|client| async move { client.phrases().await.unwrap().session13.to_string() });
        let tablet = phone.twin(network.profile());
        let stranger = Stranger::join(network.profile());
        // Groups and communities that another program joined: nothing here changes them.
        let keys = keys(&words);
        for message in lists(&keys).push(TimestampMs(stranger.now())).unwrap().messages {
            stranger.store_as(&keys, Namespace::GROUPS, &message);
        }
        let mut story = Self { network, phone, tablet, bob, model: Model::default(), stranger, words };
        for field in story.fields() {
            let value = story.phone.run(|client| async move { field.as_it_is(&client).await });
            story.model.done(&value);
        }
        story.phone.off();
        story
    }

    fn fields(&self) -> Vec<Change> {
        phone::fields(&self.tablet.client().account_id(), &self.bob.client().account_id())
    }

    /// Something to be read.
    fn bob_writes(&self) {
        let ada = self.tablet.client().account_id();
        self.bob.run(|client| async move {
            let id = client.open_conversation(&ada).await.unwrap();
            client.send_text(id, "hello").await.unwrap();
        });
    }

    fn command(&self, journal: &Path) -> Command {
        let bob = self.bob.client().account_id();
        phone::command(self.phone.folder(), self.network.profile(), journal, &bob)
    }

    /// Takes over what the journal says of a life.
    fn learn(&mut self, life: &Life, journal: &Path) -> Phase {
        let text = std::fs::read_to_string(journal).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut phase = Phase::BeforeItsFirstChange;
        self.model.history.push("a life".to_owned());
        for line in whole.lines().map(|line| serde_json::from_str::<Line>(line).unwrap()) {
            if !matches!(line, Line::Has(_)) {
                self.model.history.push(format!("{line:?}"));
            }
            phase = match line {
                Line::Has(change) => {
                    self.model.found(&change);
                    phase
                }
                Line::Will(change) => {
                    self.model.will(&change);
                    Phase::Changing
                }
                Line::Done(change) => {
                    self.model.found(&change);
                    self.model.done(&change);
                    Phase::Changed
                }
                Line::Synced => Phase::Synced,
            };
        }
        if life.finished { Phase::Finished } else { phase }
    }

    /// One command that changes something.
    fn one_command(&mut self) -> (Change, Command) {
        let (me, bob) = (self.tablet.client().account_id(), self.bob.client().account_id());
        let is_command =
            |change: &Change| matches!(change.field, Field::Name | Field::Nickname | Field::Blocked | Field::Read);
        let any = || Change::any(&phone::friends(), &me, Some(&bob));
        let change = std::iter::repeat_with(any).find(is_command).unwrap();
        let (who, value) = (change.who.as_str(), change.value.as_str());
        let mut command = self.phone.command(self.network.profile());
        match change.field {
            Field::Name => command.args(["profile", "set", "--name", value]),
            Field::Nickname => command.args(["contact", who, "--nickname", value]),
            Field::Blocked => command.args([if value == "true" { "block" } else { "unblock" }, who]),
            _ => command.args(["read", who]),
        };
        (change, command)
    }

    fn live_a_command(&mut self, usual: std::time::Duration) -> Phase {
        let (change, mut command) = self.one_command();
        self.model.will(&change);
        let life = live(&mut command, any_moment(usual));
        self.model.history.push(format!("a command, finished: {}: {change}", life.finished));
        if (life.finished || life.said.iter().any(|line| line.contains("\"done\""))) && change.field != Field::Read {
            self.model.done(&change);
        }
        if life.finished { Phase::Finished } else { Phase::Changing }
    }

    /// The phone comes on, and everything comes to both devices: they are equal and right, and the
    /// swarm keeps one message of each config.
    fn look(&mut self) {
        self.phone.on();
        self.phone.synced();
        self.await_equal();
        for field in self.fields() {
            for device in [&self.phone, &self.tablet] {
                let field = field.clone();
                self.model.found(&device.run(|client| async move { field.as_it_is(&client).await }));
            }
        }
        let joined = [&self.phone, &self.tablet].map(|device| {
            device.run(|client| async move { (client.groups().await.unwrap(), client.communities().await.unwrap()) })
        });
        assert_eq!(joined[0].0.groups.len() + joined[0].0.legacy.len() + joined[0].1.len(), 40);
        assert_eq!(joined[0], joined[1]);
        let keys = keys(&self.words);
        for kind in Kind::ACCOUNT {
            eventually(&format!("one message of {kind:?}"), PATIENCE, || {
                let stored = self.stranger.retrieve_everywhere(&keys, kind.namespace());
                stored.iter().all(|messages| messages.len() == 1).then_some(())
            });
        }
        self.model.history.push("all was equal".to_owned());
        self.phone.off();
        self.the_tablet_changes_something();
    }

    fn await_equal(&self) {
        let people = self.people();
        eventually("equal devices", PATIENCE, || {
            let states = [&self.phone, &self.tablet].map(|device| {
                let people = people.clone();
                device.run(|client| async move {
                    client.fetch_all().await.unwrap();
                    State::of(&client, &people).await
                })
            });
            (states[0] == states[1]).then_some(())
        });
    }

    fn people(&self) -> Vec<AccountId> {
        let me = self.tablet.client().account_id();
        phone::friends().into_iter().chain([me, self.bob.client().account_id(), tablets_friend()]).collect()
    }

    /// Which the phone does not know of when it goes on.
    fn the_tablet_changes_something(&self) {
        let any = || Change::any(&[tablets_friend()], &tablets_friend(), None);
        let change = std::iter::repeat_with(any).find(|change| change.field != Field::Name).unwrap();
        self.tablet.run(|client| async move { change.make(&client).await });
        self.tablet.synced();
    }
}

/// Whom only the tablet renames, pins, mutes.
fn tablets_friend() -> AccountId {
    AccountId::from_x25519(&[9; 32])
}

#[test]
fn killed_at_any_moment_of_changing_settings_nothing_is_lost_and_nothing_left_over() {
    let mut story = Story::begin();
    let folder = tempfile::tempdir().unwrap();
    let mut journal = folder.path().join("usual");
    let life = live(&mut story.command(&journal), PATIENCE);
    assert_eq!(story.learn(&life, &journal), Phase::Finished);
    let (change, mut command) = story.one_command();
    story.model.will(&change);
    let one = live(&mut command, PATIENCE);
    println!("a life takes {:.2?}, one of a single command {:.2?}", life.took, one.took);
    let mut usual = life.took;

    let mut tallies = [Tally::new(), Tally::new()];
    for number in 0..kills() {
        story.bob_writes();
        if number % 3 == 2 {
            tallies[1].count(story.live_a_command(one.took));
        } else {
            journal = folder.path().join(number.to_string());
            let life = live(&mut story.command(&journal), any_moment(usual));
            tallies[0].count(story.learn(&life, &journal));
            usual = if life.finished { life.took } else { usual };
        }
        if number % ROUND == ROUND - 1 {
            story.look();
        }
    }
    story.look();
}
