//! `tacit account erase`.

use serde_json::json;
use tacit_client::Client;

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Erases the account here, and before that in the network if asked to. Where a node does not
/// confirm, nothing is erased here: it can be tried again.
pub async fn run(session: &Session, output: &Output, everywhere: bool) -> Result<(), Failure> {
    let client = session.open(false).await?;
    let (mut confirmed, mut of) = (0, 0);
    if everywhere {
        match from_nodes(&client).await {
            Ok(erased) => (confirmed, of) = erased,
            Err(failure) => {
                client.shutdown().await;
                return Err(failure);
            }
        }
    }
    client.erase().await?;
    let plain = if everywhere { format!("Erased here and at {confirmed} nodes.") } else { "Erased.".to_owned() };
    output.line(&json!({"erased": true, "confirmed": confirmed, "of": of}), &plain)
}

/// How many nodes confirmed, of so many; fails unless all did.
async fn from_nodes(client: &Client) -> Result<(usize, usize), Failure> {
    let erased = client.erase_network().await?;
    match erased.missing.len() {
        0 => Ok((erased.confirmed, erased.of)),
        missing => Err(Failure::new("not_confirmed", format!("{missing} of {} nodes didn't confirm.", erased.of))),
    }
}
