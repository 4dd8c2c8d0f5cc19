//! Networks that are down, slow or wrong.

use std::process::Command;
use std::time::{Duration, SystemTime};

use tacit_tests::harness::{LocalNetwork, Person, program};

#[test]
fn with_all_seeds_down_the_pool_on_disk_is_enough() {
    let network = LocalNetwork::start(12, 2);
    let mut alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    alice.send(&bob.id, "while the seed is up").unwrap();

    alice.use_network(&network.profile_without_seeds());
    alice.send(&bob.id, "from the pool on disk").unwrap();
    assert_eq!(bob.receive_texts(), ["while the seed is up", "from the pool on disk"]);
}

#[test]
fn without_any_network_the_account_opens_and_the_message_waits() {
    let network = LocalNetwork::start(12, 2);
    let bob = Person::join(network.profile(), "Bob");
    let mut alice = Person::join(&network.profile_without_seeds(), "Alice");

    let refused = alice.send(&bob.id, "are you there?").unwrap_err();
    assert_eq!(refused.error, "offline");
    assert!(refused.message.contains("goes out"), "it says that the message is kept: {}", refused.message);
    assert_eq!(alice.history(&bob.id), ["are you there?"]);

    alice.use_network(network.profile());
    alice.send(&bob.id, "now I am").unwrap();
    assert_eq!(bob.receive_texts(), ["are you there?", "now I am"]);
}

#[test]
fn somebody_whose_clock_is_a_day_ahead_still_writes_in_the_present() {
    let network = LocalNetwork::start(12, 2);
    let alice = tempfile::tempdir().unwrap();
    let bob = Person::join(network.profile(), "Bob");
    let tomorrow = |arguments: &[&str]| {
        let mut command = Command::new("faketime");
        command.args(["-f", "+1d"]).arg(program("tacit")).arg("--profile").arg(alice.path()).arg("--json");
        let output =
            command.arg("--network").arg(network.profile()).args(arguments).output().expect("faketime is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };

    tomorrow(&["account", "create", "--name", "Alice"]);
    tomorrow(&["send", &bob.id, "is it late?"]);
    let message = bob.receive().into_iter().find(|e| e.event == "message").unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let sent = Duration::from_millis(message.sent_at);
    assert!(now.abs_diff(sent) < Duration::from_secs(120), "sent at {sent:?}, now {now:?}");
    let offset = tomorrow(&["network", "status"])["clock_offset_ms"].as_i64().unwrap();
    assert!((offset + 86_400_000).abs() < 60_000, "the offset is known: {offset}");
}
