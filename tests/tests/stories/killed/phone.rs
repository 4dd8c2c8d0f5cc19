//! The phone whose program is killed while its owner changes settings. It is this same test program,
//! told by its environment; what it does stands in its journal, line by line, before and after.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rand::seq::IndexedRandom as _;
use serde::{Deserialize, Serialize};
use tacit_client::{Client, KeySource, Notify, Options, ProfileFolder};
use tacit_wire::profile::NetworkProfile;
use tacit_wire::{AccountId, TimestampMs};

use super::PATIENCE;

const FOLDER: &str = "TACIT_TEST_PHONE";
const NETWORK: &str = "TACIT_TEST_NETWORK";
const JOURNAL: &str = "TACIT_TEST_JOURNAL";
/// Who writes, so that there is something to read.
const BOB: &str = "TACIT_TEST_BOB";
/// Changes of one life.
const CHANGES: usize = 5;

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    /// The own name.
    Name,
    Nickname,
    Blocked,
    Pinned,
    Muted,
    Notify,
    MarkedUnread,
    /// How far a conversation was read, in milliseconds.
    Read,
}

/// A field, of whom, and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub who: String,
    pub field: Field,
    pub value: String,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Line {
    /// The account is open, and this is how it was found.
    Has(Change),
    /// This is about to be changed.
    Will(Change),
    /// It is; with the value that it came to.
    Done(Change),
    /// The swarm keeps all that was changed.
    Synced,
}

/// People of whom this phone changes settings.
pub fn friends() -> [AccountId; 3] {
    [2, 3, 4].map(|number| AccountId::from_x25519(&[number; 32]))
}

/// All that this phone changes, without values.
pub fn fields(me: &AccountId, bob: &AccountId) -> Vec<Change> {
    use Field::{Blocked, MarkedUnread, Muted, Name, Nickname, Notify, Pinned, Read};
    let of = |who: &AccountId, field| Change { who: who.to_string(), field, value: String::new() };
    let kept = [Nickname, Blocked, Pinned, Muted, Notify, MarkedUnread];
    let kept = friends().into_iter().flat_map(|who| kept.map(|field| of(&who, field)));
    kept.chain([of(me, Name), of(bob, Read)]).collect()
}

impl Change {
    /// One of all changes of these people, or of what `read` wrote.
    pub fn any(people: &[AccountId], me: &AccountId, read: Option<&AccountId>) -> Self {
        use Field::{Blocked, MarkedUnread, Muted, Name, Nickname, Notify, Pinned, Read};
        let mut rng = rand::rng();
        let fields = [Name, Nickname, Blocked, Pinned, Muted, Notify, MarkedUnread, Read];
        let field = *fields[..fields.len() - usize::from(read.is_none())].choose(&mut rng).unwrap();
        let friend = people.choose(&mut rng).unwrap();
        let number: u32 = rand::random_range(1..1_000_000);
        let who = match (field, read) {
            (Name, _) => me,
            (Read, Some(of)) => of,
            _ => friend,
        };
        let value = match field {
            Name | Nickname => format!("Name{number}"),
            Blocked | Pinned | MarkedUnread => number.is_multiple_of(2).to_string(),
            Muted => (2_000_000_000_000 + u64::from(number) * 1_000).to_string(),
            Notify => if number.is_multiple_of(2) { "Off" } else { "All" }.to_owned(),
            Read => String::new(),
        };
        Self { who: who.to_string(), field, value }
    }

    /// What it is about.
    pub fn key(&self) -> (String, Field) {
        (self.who.clone(), self.field)
    }

    /// Makes it so.
    pub async fn make(&self, client: &Client) {
        let value = self.value.as_str();
        if self.field == Field::Name {
            return client.set_display_name(value).await.unwrap();
        }
        let who = AccountId::parse(&self.who).unwrap();
        let id = client.open_conversation(&who).await.unwrap();
        let yes = value == "true";
        let made = match self.field {
            Field::Name | Field::Nickname => client.set_nickname(&who, value).await,
            Field::Blocked => client.set_blocked(&who, yes).await,
            Field::Pinned => client.set_pinned(id, yes).await,
            Field::Muted => client.set_muted_until(id, value.parse().ok().map(TimestampMs)).await,
            Field::Notify => client.set_notify(id, if value == "Off" { Notify::Off } else { Notify::All }).await,
            Field::MarkedUnread => client.set_marked_unread(id, yes).await,
            Field::Read => client.mark_read(id, None).await,
        };
        made.unwrap();
    }

    /// The same field as a device has it now.
    pub async fn as_it_is(&self, client: &Client) -> Self {
        if self.field == Field::Name {
            return Self { value: client.display_name(), ..self.clone() };
        }
        let who = AccountId::parse(&self.who).unwrap();
        let id = client.find_conversation(&who).await.unwrap().expect("a conversation");
        let kept = client.conversation(id).await.unwrap();
        let contact = client.contact(&who).await.unwrap();
        let value = match self.field {
            Field::Name | Field::Nickname => contact.unwrap().nickname,
            Field::Blocked => contact.unwrap().blocked.to_string(),
            Field::Pinned => (kept.pinned > 0).to_string(),
            Field::Muted => kept.muted_until.map_or_else(String::new, |until| until.0.to_string()),
            Field::Notify => format!("{:?}", kept.notify),
            Field::MarkedUnread => kept.marked_unread.to_string(),
            Field::Read => kept.read_until.0.to_string(),
        };
        Self { value, ..self.clone() }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} is {:?}", self.field, self.who, self.value)
    }
}

/// The command that runs the phone.
pub fn command(folder: &Path, network: &Path, journal: &Path, bob: &AccountId) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["killed::phone::the_phone", "--exact"]);
    command.env(FOLDER, folder).env(NETWORK, network).env(JOURNAL, journal).env(BOB, bob.to_string());
    command
}

/// The second process.
#[test]
fn the_phone() {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    if let (Some(folder), Some(network), Some(journal)) = (variable(FOLDER), variable(NETWORK), variable(JOURNAL)) {
        let bob = AccountId::parse(&std::env::var(BOB).unwrap()).unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(use_it(&folder, &network, &journal, &bob));
    }
}

async fn use_it(folder: &Path, network: &Path, journal: &Path, bob: &AccountId) {
    let mut journal = std::fs::OpenOptions::new().append(true).create(true).open(journal).unwrap();
    // One write a line: a kill may cut a line, never lose one that was written.
    let mut note = |line: Line| {
        let text = serde_json::to_string(&line).unwrap() + "\n";
        journal.write_all(text.as_bytes()).unwrap();
    };
    let network = NetworkProfile::parse(&std::fs::read(network).unwrap()).unwrap();
    let options = Options { network: Some(network), polling: true, limits: tacit_network::Config::default() };
    let client = Client::open(ProfileFolder::open(folder).unwrap(), KeySource::File, options).await.unwrap();
    let (people, me) = (friends(), client.account_id());
    for field in fields(&me, bob) {
        note(Line::Has(field.as_it_is(&client).await));
    }
    for _ in 0..CHANGES {
        let change = Change::any(&people, &me, Some(bob));
        note(Line::Will(change.clone()));
        change.make(&client).await;
        note(Line::Done(change.as_it_is(&client).await));
        if rand::random() {
            assert!(client.synced(PATIENCE).await.unwrap());
            note(Line::Synced);
        } else {
            // So that some changes fall into the pushes of others.
            tokio::time::sleep(Duration::from_millis(rand::random_range(0..200))).await;
        }
    }
    assert!(client.synced(PATIENCE).await.unwrap());
    note(Line::Synced);
    client.shutdown().await;
}
