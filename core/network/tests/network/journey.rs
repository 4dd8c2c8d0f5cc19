//! What works: messages, restarts, networks that come and go, nodes that die.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tacit_network::{ConnectionState, Error, Member};
use tacit_wire::NodeId;

use crate::fake::{FakeNetwork, Manner};
use crate::{Disk, alice, connected, id, message, retrieve, start, until};

#[tokio::test]
async fn a_message_is_stored_by_the_whole_swarm_and_fetched_again() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    let keys = alice();
    let answer = network.store(&id(&keys), message(id(&keys), 1)).await.unwrap();
    assert_eq!(answer.receipts().count(), 6);
    let (node, body) = network.rpc(&id(&keys), Member::Any, |now, _| retrieve(&keys, now)).await.unwrap();
    assert_eq!(body["messages"][0]["hash"], answer.hash.as_str());
    assert!(fake.members(&id(&keys)).contains(&node));
    network.shutdown().await;
}

#[tokio::test]
async fn only_seeds_and_guards_are_ever_contacted() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    let status = connected(&network).await;
    let keys = alice();
    for number in 0..20 {
        network.store(&id(&keys), message(id(&keys), number)).await.unwrap();
    }
    let guards: HashSet<NodeId> = status.paths.iter().map(|p| p.hops[0].ed25519).collect();
    assert_eq!(fake.contacted(), guards);
    assert_eq!(fake.connections(), 2, "connections are used again");
    let direct = fake.world.direct.lock().unwrap().clone();
    for requests in direct.values() {
        let tests = requests.iter().filter(|path| *path == "/storage_rpc/v1").count();
        assert_eq!(tests, 1, "a guard is asked directly once, when it is tested");
    }
}

#[tokio::test]
async fn no_node_stands_on_both_paths() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    let status = connected(&network).await;
    let hops: Vec<NodeId> = status.paths.iter().flat_map(|p| p.hops.iter().map(|n| n.ed25519)).collect();
    assert_eq!(hops.len(), 6);
    assert_eq!(hops.iter().collect::<HashSet<_>>().len(), 6);
}

#[tokio::test]
async fn with_a_pool_on_disk_no_seed_is_needed_and_the_guards_stay() {
    let mut fake = FakeNetwork::start(12).await;
    let disk = Disk::default();
    let network = start(&fake.profile, &disk);
    let before = connected(&network).await;
    network.shutdown().await;
    fake.kill_seed();
    let network = start(&fake.profile, &disk);
    let keys = alice();
    network.store(&id(&keys), message(id(&keys), 1)).await.unwrap();
    let after = connected(&network).await;
    let guards = |status: &tacit_network::Status| -> HashSet<NodeId> {
        status.paths.iter().map(|p| p.hops[0].ed25519).collect()
    };
    assert_eq!(guards(&before), guards(&after));
}

#[tokio::test]
async fn without_network_it_starts_says_so_and_connects_when_the_network_is_there() {
    let mut fake = FakeNetwork::start(12).await;
    for node in fake.ids() {
        fake.kill(&node);
    }
    fake.kill_seed();
    let network = start(&fake.profile, &Disk::default());
    let status = until(&network, |s| s.state == ConnectionState::Offline && s.last_error.is_some()).await;
    assert_eq!(status.pool, 0);
    fake.revive().await;
    network.network_changed();
    let status = connected(&network).await;
    assert_eq!(status.last_error, None);
}

#[tokio::test]
async fn a_request_without_network_ends_as_offline() {
    let mut fake = FakeNetwork::start(4).await;
    for node in fake.ids() {
        fake.kill(&node);
    }
    fake.kill_seed();
    let network = start(&fake.profile, &Disk::default());
    let keys = alice();
    let error = network.store(&id(&keys), message(id(&keys), 1)).await.unwrap_err();
    assert_eq!(error, Error::Offline);
    assert!(error.is_temporary());
}

#[tokio::test]
async fn three_nodes_are_too_few_and_requests_say_so() {
    let fake = FakeNetwork::start(3).await;
    let network = start(&fake.profile, &Disk::default());
    let keys = alice();
    let error = network.store(&id(&keys), message(id(&keys), 1)).await.unwrap_err();
    assert_eq!(error, Error::TooFewNodes { known: 3, needed: 4 });
    assert_eq!(fake.contacted(), HashSet::new());
}

#[tokio::test]
async fn four_nodes_are_enough() {
    let fake = FakeNetwork::start(4).await;
    let network = start(&fake.profile, &Disk::default());
    let keys = alice();
    for number in 0..5 {
        network.store(&id(&keys), message(id(&keys), number)).await.unwrap();
    }
}

#[tokio::test]
async fn messages_get_through_while_three_of_twelve_nodes_die() {
    let mut fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    let status = connected(&network).await;
    let keys = alice();
    let mut late = 0;
    for number in 0..60 {
        if number == 20 {
            // A guard, a last hop of the other path, and a node that is on none.
            let on_path: Vec<NodeId> = status.paths.iter().flat_map(|p| p.hops.iter().map(|n| n.ed25519)).collect();
            let free = fake.ids().into_iter().find(|n| !on_path.contains(n)).unwrap();
            for dead in [on_path[0], on_path[5], free] {
                fake.kill(&dead);
            }
        }
        // What the outbox does: a message that failed is sent again.
        while network.store(&id(&keys), message(id(&keys), number)).await.is_err() {
            late += 1;
            assert!(late < 10, "too many messages had to be sent again");
        }
    }
    assert_eq!(fake.stored(), 60);
    let healed = connected(&network).await;
    assert!(healed.paths.iter().all(|p| p.hops.len() == 3));
}

#[tokio::test]
async fn a_hop_that_is_not_found_is_replaced_and_the_guard_stays() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    let before = connected(&network).await;
    let gone: Vec<NodeId> = before.paths.iter().map(|p| p.hops[1].ed25519).collect();
    for node in &gone {
        fake.set(node, Manner::Unlisted);
    }
    let keys = alice();
    network.store(&id(&keys), message(id(&keys), 1)).await.unwrap();
    let guards: HashSet<NodeId> = before.paths.iter().map(|p| p.hops[0].ed25519).collect();
    assert_eq!(fake.contacted(), guards);
    let without = |s: &tacit_network::Status| s.paths.iter().all(|p| p.hops.iter().all(|n| !gone.contains(&n.ed25519)));
    let after = until(&network, without).await;
    assert!(after.paths.iter().any(|p| before.paths.iter().any(|b| b.hops[2] == p.hops[1])));
}

#[tokio::test]
async fn a_clock_one_day_wrong_is_put_right() {
    let fake = FakeNetwork::start(12).await;
    let day = 86_400_000;
    fake.world.clock_ms.store(day, Ordering::SeqCst);
    *fake.world.strict_clock.lock().unwrap() = true;
    let network = start(&fake.profile, &Disk::default());
    let status = connected(&network).await;
    assert!(status.clock_is_wrong());
    assert!(status.clock_offset_ms.abs_diff(day) < 2_000);
    let keys = alice();
    network.store(&id(&keys), message(id(&keys), 1)).await.unwrap();
    // The clock is wrong the other way now: a node says so, and the offset follows.
    fake.world.clock_ms.store(-day, Ordering::SeqCst);
    network.store(&id(&keys), message(id(&keys), 2)).await.unwrap();
    until(&network, |s| s.clock_offset_ms < 0).await;
}

#[tokio::test]
async fn an_old_pool_is_refreshed_from_nodes_and_not_from_seeds() {
    let mut fake = FakeNetwork::start(12).await;
    let disk = Disk::default();
    let network = start(&fake.profile, &disk);
    connected(&network).await;
    network.shutdown().await;
    let text = String::from_utf8(disk.0.lock().unwrap().clone().unwrap()).unwrap();
    let mut snapshot: serde_json::Value = serde_json::from_str(&text).unwrap();
    let fetched = snapshot["fetched_at"].as_u64().unwrap();
    snapshot["fetched_at"] = (fetched - 3 * 3_600_000).into();
    snapshot["nodes"].as_array_mut().unwrap().pop();
    *disk.0.lock().unwrap() = Some(snapshot.to_string().into_bytes());
    fake.kill_seed();
    let network = start(&fake.profile, &disk);
    until(&network, |s| s.pool == 12).await;
}

#[tokio::test]
async fn the_sticky_member_answers_as_long_as_it_can() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    connected(&network).await;
    let keys = alice();
    let own = network.swarm(&id(&keys)).await.unwrap()[2].ed25519;
    for _ in 0..5 {
        let build = |now, node: &NodeId| {
            assert_eq!(*node, own);
            retrieve(&keys, now)
        };
        let (node, _) = network.rpc(&id(&keys), Member::Sticky(own), build).await.unwrap();
        assert_eq!(node, own);
    }
    fake.set(&own, Manner::Failing);
    let (node, _) = network.rpc(&id(&keys), Member::Sticky(own), |now, _| retrieve(&keys, now)).await.unwrap();
    assert_ne!(node, own);
}

#[tokio::test]
async fn a_swarm_that_moved_is_found_by_the_answer() {
    let fake = FakeNetwork::start(12).await;
    let network = start(&fake.profile, &Disk::default());
    connected(&network).await;
    let keys = alice();
    network.swarm(&id(&keys)).await.unwrap();
    fake.world.swap_swarms();
    network.store(&id(&keys), message(id(&keys), 1)).await.unwrap();
    let members: Vec<NodeId> = network.swarm(&id(&keys)).await.unwrap().iter().map(|n| n.ed25519).collect();
    assert_eq!(members, fake.members(&id(&keys)));
}

#[tokio::test]
async fn shutdown_ends_what_is_under_way_and_nothing_runs_on() {
    let fake = FakeNetwork::start(12).await;
    let disk = Disk::default();
    let network = start(&fake.profile, &disk);
    connected(&network).await;
    fake.set_all(Manner::Silent);
    let (other, keys) = (network.clone(), alice());
    let request = tokio::spawn(async move { other.store(&id(&keys), message(id(&keys), 1)).await });
    tokio::time::timeout(Duration::from_secs(2), async {
        while fake.world.direct.lock().unwrap().values().map(Vec::len).sum::<usize>() < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    tokio::time::timeout(Duration::from_secs(2), network.shutdown()).await.unwrap();
    assert_eq!(request.await.unwrap().unwrap_err(), Error::Closed);
    assert!(disk.0.lock().unwrap().is_some());
}

#[tokio::test]
async fn dropping_the_last_handle_frees_everything() {
    let fake = FakeNetwork::start(12).await;
    let disk = Disk::default();
    let network = start(&fake.profile, &disk);
    connected(&network).await;
    let mut status = network.status();
    drop(network.clone());
    assert!(status.has_changed().is_ok());
    drop(network);
    // The sender of the status is gone when the task is.
    let gone = async { while status.changed().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
}
