//! Members that missed something, or lost everything, have it again.

use tacit_wire::Namespace;
use tacit_wire::rpc::{Delete, Request, Retrieve, RetrieveAnswer};

use crate::harness::{Net, Person, eventually, now, texts};

/// What a node shows, ascending; none while it is not ready.
async fn shown(net: &Net, node: usize, who: &Person) -> Option<Vec<String>> {
    let request = Retrieve::signed(&who.keys, Namespace::MESSAGES, None, None, now());
    let (status, answer) = net.ask(node, &Request::Retrieve(request)).await;
    let answer: RetrieveAnswer = serde_json::from_value(answer).ok().filter(|_| status == 200)?;
    let mut texts = texts(answer);
    texts.sort();
    Some(texts)
}

async fn shows(net: &Net, node: usize, who: &Person, expected: &[&str]) -> bool {
    shown(net, node, who).await.is_some_and(|texts| texts == expected)
}

#[tokio::test]
async fn a_member_that_was_away_gets_what_it_missed_and_drops_what_was_deleted() {
    let mut net = Net::start(4, 1).await;
    let bob = Person::new(1);
    let gone = net.store(0, &bob, "to be deleted").await;
    net.store(0, &bob, "before").await;
    net.stop_node(3).await;
    net.store(1, &bob, "meanwhile").await;
    let delete = Delete::signed(&bob.keys, vec![gone], false);
    assert_eq!(net.ask(2, &Request::Delete(delete)).await.0, 200);
    net.start_node(3).await;
    let (net, bob) = (&net, &bob);
    eventually("it has caught up", || shows(net, 3, bob, &["before", "meanwhile"])).await;
    for node in 0..3 {
        assert!(shows(net, node, bob, &["before", "meanwhile"]).await);
    }
}

#[tokio::test]
async fn a_member_with_a_new_disk_is_filled_again() {
    let mut net = Net::start(4, 1).await;
    let people: Vec<_> = (1..6).map(Person::new).collect();
    for person in &people {
        net.store(0, person, "first").await;
        let gone = net.store(0, person, "to be deleted").await;
        net.store(1, person, "second").await;
        let delete = Delete::signed(&person.keys, vec![gone], false);
        assert_eq!(net.ask(0, &Request::Delete(delete)).await.0, 200);
    }
    net.stop_node(2).await;
    net.lose_disk(2);
    net.start_node(2).await;
    let net = &net;
    for person in &people {
        eventually("it has everything again", || shows(net, 2, person, &["first", "second"])).await;
    }
}
