//! `tacit-node run`.

use tacit_edge::Supervisor;

use crate::{Config, Error, Node};

pub(super) async fn run(config: Config, until_stdin_closes: bool) -> Result<(), Error> {
    tacit_edge::start_log(&config.log.level);
    let supervisor = Supervisor::from_environment();
    let stopped = tacit_edge::until_stopped(until_stdin_closes);
    let node = Node::start_under(config, supervisor.clone()).await?;
    let mut ports = vec![("https", node.address().port()), ("peer", node.peer_address().port())];
    ports.extend(node.metrics_address().map(|address| ("metrics", address.port())));
    tacit_edge::print_ready(&ports);
    supervisor.ready();
    let reason = stopped.await;
    supervisor.stopping();
    tracing::info!(?reason, "stopping");
    node.shutdown().await?;
    reason?;
    Ok(())
}
