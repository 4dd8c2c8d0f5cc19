//! `tacit path` and `tacit network …`.

use std::time::Duration;

use serde_json::{Value, json};
use tacit_client::{Client, ConnectionState, PathInfo};
use tokio::time::timeout;

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// How long a connection may take before the state is printed as it is.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long the second path may take after the first.
const SECOND_PATH: Duration = Duration::from_secs(5);

/// `path`: both paths, or the one that there is.
pub async fn path(session: &Session, output: &Output) -> Result<(), Failure> {
    let client = session.open(false).await?;
    connected(&client).await;
    let mut status = client.network().status();
    let _ = timeout(SECOND_PATH, status.wait_for(|status| status.paths.len() > 1)).await;
    let status = status.borrow_and_update().clone();
    client.shutdown().await;
    let plain = status.paths.iter().map(describe_plain).collect::<Vec<_>>().join("\n");
    output.line(&json!({"paths": status.paths.iter().map(describe).collect::<Vec<_>>()}), &plain)
}

/// `network status`.
pub async fn status(session: &Session, output: &Output) -> Result<(), Failure> {
    let client = session.open(false).await?;
    connected(&client).await;
    let swarm = client.network().swarm(&client.account_id()).await.unwrap_or_default();
    let status = client.network().status().borrow().clone();
    let skipped = client.skipped().await?;
    client.shutdown().await;
    let state = match status.state {
        ConnectionState::Connected => "connected",
        ConnectionState::Connecting { .. } => "connecting",
        ConnectionState::Offline => "offline",
    };
    let members: Vec<_> = swarm.iter().map(|node| node.ed25519.to_string()).collect();
    let value = json!({
        "state": state,
        "pool": status.pool,
        "paths": status.paths.iter().map(describe).collect::<Vec<_>>(),
        "swarm": members,
        "clock_offset_ms": status.clock_offset_ms,
        "last_error": status.last_error,
        "alarm": status.alarm,
        "skipped": skipped.into_iter().map(|(reason, count)| (reason, json!(count))).collect::<serde_json::Map<_, _>>(),
    });
    output.line(&value, &format!("{state}, {} nodes known, {} keep your messages", status.pool, members.len()))
}

/// `network flush`: ends when nothing waits in the outbox.
pub async fn flush(session: &Session, output: &Output, wait: u64) -> Result<(), Failure> {
    let client = session.open(false).await?;
    let emptied = client.settle(Duration::from_secs(wait)).await;
    client.shutdown().await;
    if emptied? {
        output.line(&json!({"waiting": 0}), "Nothing waits.")
    } else {
        Err(Failure::new("waiting", "Some messages still wait; they go out by themselves."))
    }
}

/// Waits for a connection, but not for ever.
async fn connected(client: &Client) {
    let mut status = client.network().status();
    let _ = timeout(PATIENCE, status.wait_for(|status| status.state == ConnectionState::Connected)).await;
}

fn describe(path: &PathInfo) -> Value {
    let hops = path
        .hops
        .iter()
        .map(|node| json!({"ip": node.ip.to_string(), "port": node.https_port, "ed25519": node.ed25519.to_string()}));
    json!({"hops": hops.collect::<Vec<_>>(), "failures": path.failures})
}

fn describe_plain(path: &PathInfo) -> String {
    let hops = path.hops.iter().map(|node| format!("{}:{}", node.ip, node.https_port));
    std::iter::once("you".to_owned()).chain(hops).collect::<Vec<_>>().join(" → ")
}
