//! What an operator may ask a running node, over a Unix socket in its folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::app::App;
use crate::{Error, VERSION};

fn socket(data_dir: &Path) -> PathBuf {
    data_dir.join("status.sock")
}

pub(crate) fn remove_socket(data_dir: &Path) {
    // It may never have been made.
    let _ = std::fs::remove_file(socket(data_dir));
}

/// Answers everyone who connects with one JSON object.
pub(crate) async fn serve(app: Arc<App>) {
    let path = socket(&app.config.data_dir);
    remove_socket(&app.config.data_dir);
    let listener = match UnixListener::bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, "no status socket: the path may be too long");
            return;
        }
    };
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = std::fs::Permissions::from_mode(0o600);
        if let Err(error) = std::fs::set_permissions(&path, private) {
            tracing::warn!(%error, "status socket");
            return;
        }
    }
    let started = Instant::now();
    while let Ok((mut stream, _)) = listener.accept().await {
        let text = format!("{}\n", report(&app, started).await);
        // Whoever asked may be gone.
        let _ = stream.write_all(text.as_bytes()).await;
    }
}

async fn report(app: &App, started: Instant) -> Value {
    let view = app.membership.view();
    let up = view.fellows().filter(|fellow| app.peers.is_up(fellow.ed25519)).count();
    let rates = app.metrics.rates();
    json!({
        "version": VERSION,
        "ed25519": app.id,
        "seconds_up": started.elapsed().as_secs(),
        "nodes": view.len(),
        "consensus": view.document().map(|_| view.number()),
        "swarm": view.own_swarm(),
        "members": view.members(view.own_swarm()).count(),
        "fellow_members_up": up,
        "database_bytes": app.store.size(),
        "writes_waiting": app.store.waiting().await,
        "write_groups": app.store.groups().await,
        "onion_bytes_free": app.guards.onion_bytes.left(),
        "stores_per_second": rates.stores,
        "retrieves_per_second": rates.retrieves,
        "onions_per_second": rates.onions,
    })
}

/// Asks the node that runs on this folder.
///
/// # Errors
/// [`Error::NotRunning`].
pub async fn ask(data_dir: &Path) -> Result<Value, Error> {
    let path = socket(data_dir);
    let read = async {
        let mut stream = UnixStream::connect(&path).await?;
        let mut text = Vec::new();
        (&mut stream).take(64 * 1024).read_to_end(&mut text).await?;
        serde_json::from_slice(&text).map_err(std::io::Error::other)
    };
    match read.await {
        Ok(report) => Ok(report),
        Err(source) => Err(Error::NotRunning { path, source }),
    }
}

/// Whether all members of the swarm answer, by a report of [`ask`].
///
/// # Errors
/// [`Error::Unhealthy`] with how many do not.
pub fn swarm_is_healthy(report: &Value) -> Result<(), Error> {
    let number = |name: &str| report.get(name).and_then(Value::as_u64);
    let unhealthy = |why: String| Err(Error::Unhealthy(why));
    match (number("members"), number("fellow_members_up")) {
        (Some(0), _) => unhealthy("the node is in no swarm".to_owned()),
        (Some(members), Some(up)) if up + 1 >= members => Ok(()),
        (Some(members), Some(up)) => unhealthy(format!("{up} of {} other members answer", members - 1)),
        _ => unhealthy("the node does not say".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swarm_is_healthy_when_all_its_members_answer() {
        let healthy = |members, up| swarm_is_healthy(&json!({"members": members, "fellow_members_up": up})).is_ok();
        assert!(healthy(3, 2) && healthy(1, 0));
        assert!(!healthy(3, 1) && !healthy(0, 0));
        assert!(swarm_is_healthy(&json!({})).is_err());
    }
}
