//! Who may use the transport between nodes.

use std::time::Duration;

use tacit_node::{Config, Node};
use tacit_wire::rpc::{Request, StoreAnswer};

use crate::harness::{Net, Person, client, eventually};

#[tokio::test]
async fn a_client_without_a_key_of_the_network_is_not_let_in() {
    let net = Net::start(1, 1).await;
    let url = format!("https://127.0.0.1:{}/peer/1/ping", net.node(0).peer_port);
    assert!(client().post(url).timeout(Duration::from_secs(5)).send().await.is_err());
}

#[tokio::test]
async fn a_node_that_lost_its_key_is_nobody() {
    let mut net = Net::start(2, 1).await;
    net.stop_node(1).await;
    let planned = &net.plan.nodes()[1];
    std::fs::remove_file(planned.dir.join("node.seed")).unwrap();
    let config = Config::load(Some(&planned.config()), Vec::new(), Vec::new()).unwrap();
    let error = Node::start(config).await.err().unwrap().to_string();
    assert!(error.contains("does not name this node"), "{error}");
}

#[tokio::test]
async fn another_key_at_a_members_address_gets_no_message() {
    let mut net = Net::start(3, 1).await;
    let bob = Person::new(1);
    // Node 2 takes the address of node 1.
    net.stop_node(1).await;
    net.stop_node(2).await;
    let file = net.plan.nodes()[2].config();
    let mut config = Config::load(Some(&file), Vec::new(), Vec::new()).unwrap();
    config.peer_listen.set_port(net.node(1).peer_port);
    net.nodes[2] = Some(Node::start(config).await.unwrap());
    let (status, answer) = net.ask(0, &Request::Store(bob.message("for members"))).await;
    assert_eq!(status, 200);
    let answer: StoreAnswer = serde_json::from_value(answer).unwrap();
    assert_eq!(answer.receipts().count(), 1);
    assert!(net.texts(2, &bob).await.is_empty());
}

#[tokio::test]
async fn connections_are_made_again_after_a_restart() {
    let mut net = Net::start(2, 1).await;
    let bob = Person::new(1);
    for _ in 0..3 {
        net.stop_node(1).await;
        net.start_node(1).await;
        let net = &net;
        let bob = &bob;
        eventually("both members confirm", || async {
            let (_, answer) = net.ask(0, &Request::Store(bob.message("again"))).await;
            let answer: StoreAnswer = serde_json::from_value(answer).unwrap();
            answer.receipts().count() == 2
        })
        .await;
    }
}
