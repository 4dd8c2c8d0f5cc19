//! `tacit-node run`.

use std::path::Path;

use crate::{Config, Error, Node};

pub(super) async fn run(
    config: Option<&Path>,
    flags: Vec<(String, String)>,
    until_stdin_closes: bool,
) -> Result<(), Error> {
    let config = Config::load(config, std::env::vars().collect(), flags)?;
    tacit_edge::start_log(&config.log.level);
    let stopped = tacit_edge::until_stopped(until_stdin_closes);
    let node = Node::start(config).await?;
    tacit_edge::print_ready(&[("https", node.address().port()), ("peer", node.peer_address().port())]);
    let reason = stopped.await;
    tracing::info!(?reason, "stopping");
    node.shutdown().await?;
    reason?;
    Ok(())
}
