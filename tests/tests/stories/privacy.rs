//! What a watcher on the wire sees.

use std::collections::{BTreeMap, BTreeSet};

use tacit_tests::harness::{Capture, LocalNetwork, Person};

#[test]
fn clients_talk_to_their_guards_and_the_seed_alone_and_nothing_is_readable() {
    let network = LocalNetwork::start_logging(12, 2, "trace");
    let capture = Capture::start();
    let alice = Person::join(network.profile(), "Alice Capulet");
    let bob = Person::join(network.profile(), "Bob Montague");
    for n in 0..10 {
        alice.send(&bob.id, &format!("a secret rendezvous {n}")).unwrap();
    }
    assert_eq!(bob.receive().iter().filter(|e| e.event == "message").count(), 10);
    let guards: BTreeSet<u16> = [&alice, &bob].into_iter().flat_map(guard_ports).collect();
    let packets = capture.finish();

    let https: BTreeSet<u16> = network.nodes().iter().map(|node| node.https_port).collect();
    let contacted: BTreeSet<u16> = packets
        .iter()
        .filter(|p| p.opens && (https.contains(&p.to) || p.to == network.seed_port()))
        .map(|p| p.to)
        .collect();
    let mut allowed = guards.clone();
    allowed.insert(network.seed_port());
    assert!(!guards.is_empty() && guards.len() <= 4, "two guards each: {guards:?}");
    assert!(contacted.is_subset(&allowed), "contacted {contacted:?}, allowed {allowed:?}");
    assert!(contacted.contains(&network.seed_port()), "the capture saw the start");

    // One stream of bytes a direction and connection, so that nothing hides across two packets.
    let mut streams = BTreeMap::<(u16, u16), Vec<u8>>::new();
    for packet in packets {
        streams.entry((packet.from, packet.to)).or_default().extend(packet.payload);
    }
    let seen: usize = streams.values().map(Vec::len).sum();
    assert!(seen > 100_000, "the capture saw the traffic: {seen} bytes");
    let secrets: Vec<Vec<u8>> = [&alice.id, &bob.id]
        .into_iter()
        .flat_map(|id| [id.clone().into_bytes(), id[2..].to_uppercase().into_bytes(), hex::decode(&id[2..]).unwrap()])
        .chain([b"rendezvous".to_vec(), b"Capulet".to_vec(), b"Montague".to_vec()])
        .collect();
    for secret in &secrets {
        for (ends, stream) in &streams {
            let found = stream.windows(secret.len()).any(|window| window.eq_ignore_ascii_case(secret));
            assert!(!found, "{:?} is readable between ports {ends:?}", String::from_utf8_lossy(secret));
        }
    }
    let logs = network.logs().to_lowercase();
    for secret in secrets.iter().filter_map(|secret| std::str::from_utf8(secret).ok()) {
        assert!(!logs.contains(&secret.to_lowercase()), "{secret} is in the nodes' logs");
    }
    for person in [&alice, &bob] {
        assert_nothing_readable_on_disk(person, &secrets);
    }
}

fn guard_ports(person: &Person) -> Vec<u16> {
    let paths = person.ask(&["path"]).unwrap();
    let paths = paths[0]["paths"].as_array().unwrap();
    paths.iter().map(|path| path["hops"][0]["port"].as_u64().unwrap() as u16).collect()
}

fn assert_nothing_readable_on_disk(person: &Person, secrets: &[Vec<u8>]) {
    for file in std::fs::read_dir(person.folder()).unwrap().flatten().filter(|f| f.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window.eq_ignore_ascii_case(secret));
            assert!(!found, "{:?} is readable in {}", String::from_utf8_lossy(secret), file.path().display());
        }
    }
}
