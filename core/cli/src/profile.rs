//! `tacit profile` and `tacit avatar`.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tacit_client::Client;
use tokio::time::{Instant, sleep};

use crate::account::print;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, account_id, close};

/// What removes the picture.
const NONE: &str = "none";
/// Between two looks at what happens by itself.
const LOOK: Duration = Duration::from_millis(100);

/// `profile set`.
pub async fn set(
    session: &Session,
    output: &Output,
    name: Option<&str>,
    avatar: Option<&Path>,
    wait: u64,
) -> Result<(), Failure> {
    let picture = match avatar {
        None => None,
        Some(path) if path == Path::new(NONE) => Some(None),
        Some(path) => Some(Some(read(path)?)),
    };
    let client = session.open(false).await?;
    if let Some(name) = name {
        client.set_display_name(name).await?;
    }
    if let Some(picture) = picture {
        client.set_picture(picture).await?;
        let end = Instant::now() + Duration::from_secs(wait);
        while client.picture_pending().await? {
            if Instant::now() >= end {
                client.shutdown().await;
                let kept = "The picture is kept and is published with the next command that reaches the network.";
                return Err(Failure::new("picture_pending", kept));
            }
            sleep(LOOK).await;
        }
    }
    print(&client, output, false).await?;
    close(client).await
}

/// `avatar`.
pub async fn avatar(session: &Session, output: &Output, id: &str, file: &Path, wait: u64) -> Result<(), Failure> {
    let account = account_id(id)?;
    let client = session.open(false).await?;
    let end = Instant::now() + Duration::from_secs(wait);
    let found = loop {
        let found = client.picture(&account).await?;
        if found.is_some() || Instant::now() >= end {
            break found;
        }
        sleep(LOOK).await;
    };
    let saved = match found {
        Some(picture) => save(&client, picture, file).await,
        None => Err(Failure::new("no_picture", "There is no picture of this account here.")),
    };
    client.shutdown().await;
    saved?;
    output.line(&json!({"id": id, "path": file.display().to_string()}), &format!("Saved as {}.", file.display()))
}

async fn save(client: &Client, picture: tacit_client::FileId, file: &Path) -> Result<(), Failure> {
    let bytes = client.open_file(picture).await?.bytes();
    let written = bytes.and_then(|bytes| std::fs::write(file, bytes));
    written.map_err(|error| Failure::new("file", format!("{}: {error}", file.display())))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::new("file", format!("{}: {error}", path.display())))
}
