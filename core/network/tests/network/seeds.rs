//! The first list of nodes, from seeds good and bad.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tacit_network::{ConnectionState, Error, Network};
use tacit_wire::profile::Seed;

use crate::fake::{FakeNetwork, Manner};
use crate::{Disk, config, connected, start, until};

#[tokio::test]
async fn a_seed_with_another_certificate_or_key_is_told_nothing() {
    for wrong in ["key", "certificate"] {
        let mut fake = FakeNetwork::start(12).await;
        let seed = &mut fake.profile.seeds[0];
        match wrong {
            "key" => seed.pin_spki_sha256 = Some(tacit_wire::base64::encode([1; 32])),
            _ => seed.pin_cert_sha256 = Some("11".repeat(32)),
        }
        let network = start(&fake.profile, &Disk::default());
        let offline = |s: &tacit_network::Status| s.state == ConnectionState::Offline && s.last_error.is_some();
        let status = until(&network, offline).await;
        assert_eq!(status.last_error.unwrap(), "a seed is unreachable or not the right one");
        assert_eq!(fake.world.seed_requests.load(Ordering::SeqCst), 0);
        assert_eq!(status.pool, 0);
    }
}

#[tokio::test]
async fn without_pins_any_certificate_is_good() {
    let mut fake = FakeNetwork::start(12).await;
    fake.profile.seeds[0].pin_spki_sha256 = None;
    fake.profile.seeds[0].pin_cert_sha256 = None;
    connected(&start(&fake.profile, &Disk::default())).await;
}

#[tokio::test]
async fn pins_and_addresses_that_cannot_be_read_are_refused_at_the_start() {
    let fake = FakeNetwork::start(1).await;
    let mut pin = fake.profile.clone();
    pin.seeds[0].pin_cert_sha256 = Some("not hex".to_owned());
    let mut plain = fake.profile.clone();
    plain.seeds[0].url = "http://127.0.0.1:1".to_owned();
    for profile in [pin, plain] {
        let result = Network::start(profile, Arc::new(Disk::default()), config());
        assert!(matches!(result.err(), Some(Error::Profile(_))));
    }
}

#[tokio::test]
async fn one_good_seed_among_dead_ones_is_enough() {
    let mut fake = FakeNetwork::start(12).await;
    for port in [1, 2] {
        let url = format!("https://127.0.0.1:{port}");
        fake.profile.seeds.insert(0, Seed { url, pin_spki_sha256: None, pin_cert_sha256: None });
    }
    connected(&start(&fake.profile, &Disk::default())).await;
}

#[tokio::test]
async fn bad_lists_are_refused_and_asked_for_again() {
    let manners = [
        Manner::NotJson,
        Manner::Garbage,
        Manner::Endless,
        Manner::Huge,
        Manner::Stalled,
        Manner::OddStatus,
        Manner::Redirect,
        Manner::Silent,
    ];
    for manner in manners {
        let fake = FakeNetwork::start(12).await;
        fake.set_seed(manner);
        let network = start(&fake.profile, &Disk::default());
        let status = until(&network, |s| s.last_error.is_some()).await;
        assert_eq!(status.pool, 0, "{manner:?}");
        fake.set_seed(Manner::Honest);
        connected(&network).await;
    }
}
