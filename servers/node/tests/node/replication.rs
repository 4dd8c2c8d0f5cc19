//! All members of a swarm have what was acknowledged; absent ones are named.

use tacit_wire::rpc::{Request, StoreAnswer};

use crate::harness::{Net, Person, eventually};

#[tokio::test]
async fn every_member_serves_what_one_took() {
    let net = Net::start(8, 2).await;
    for number in 1..5 {
        let person = Person::new(number);
        let members = net.members(&person.id());
        assert_eq!(members.len(), 4);
        for (turn, member) in members.iter().enumerate() {
            net.store(*member, &person, &format!("number {turn}")).await;
        }
        for member in members {
            assert_eq!(net.texts(member, &person).await.len(), 4);
        }
    }
}

#[tokio::test]
async fn an_absent_member_is_reported_and_the_others_keep_the_message() {
    let mut net = Net::start(4, 1).await;
    let bob = Person::new(1);
    net.store(0, &bob, "before").await;
    net.stop_node(3).await;
    let (status, answer) = net.ask(0, &Request::Store(bob.message("without you"))).await;
    assert_eq!(status, 200);
    let absent = net.node(3).ed25519;
    assert_eq!(answer["swarm"][absent.to_hex()]["failed"], true);
    assert_eq!(answer["swarm"][absent.to_hex()]["timeout"], true);
    let answer: StoreAnswer = serde_json::from_value(answer).unwrap();
    assert_eq!(answer.receipts().count(), 3);
    for node in [0, 1, 2] {
        assert_eq!(net.texts(node, &bob).await.len(), 2);
    }
    net.start_node(3).await;
    let net = &net;
    let bob = &bob;
    eventually("the member that came back takes part again", || async {
        let (_, answer) = net.ask(0, &Request::Store(bob.message("welcome"))).await;
        let answer: StoreAnswer = serde_json::from_value(answer).unwrap();
        answer.receipts().count() == 4
    })
    .await;
    assert_eq!(net.texts(3, bob).await[0], "before", "it has what it had");
}

#[tokio::test]
async fn stores_from_many_hands_arrive_everywhere_exactly_once() {
    let net = std::sync::Arc::new(Net::start(4, 1).await);
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let net = std::sync::Arc::clone(&net);
            tokio::spawn(async move { net.store(n % 4, &Person::new(1), &format!("{n}")).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for node in 0..4 {
        let mut texts = net.texts(node, &Person::new(1)).await;
        texts.sort_by_key(|text| text.parse::<u32>().unwrap());
        assert_eq!(texts, (0..40).map(|n| n.to_string()).collect::<Vec<_>>());
    }
}
