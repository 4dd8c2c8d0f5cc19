//! `tacit account …` and `tacit profile …`.

use std::time::Duration;

use serde_json::json;
use tacit_client::{Client, Folder};

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// `account create`.
pub async fn create(session: &Session, output: &Output, name: &str) -> Result<(), Failure> {
    let client = Client::create(session.folder()?, session.key(), name, session.options(false)).await?;
    print(&client, output, true).await?;
    client.shutdown().await;
    Ok(())
}

/// `account restore`: the account, then what was restored.
pub async fn restore(session: &Session, output: &Output, phrase: &str, wait: Option<u64>) -> Result<(), Failure> {
    let client = Client::restore(session.folder()?, session.key(), phrase, session.options(false)).await?;
    print(&client, output, true).await?;
    if let Some(seconds) = wait {
        output.progress("Asking the swarm…");
        match tokio::time::timeout(Duration::from_secs(seconds), client.fetch_all()).await {
            Ok(fetched) => drop(fetched?),
            Err(_) => output.progress("The swarm has more; the rest comes with the next receive."),
        }
        let rows = client.conversations(Folder::Inbox).await?;
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        let value = json!({
            "profile": {"name": client.display_name()},
            "contacts": rows.iter().filter(|row| row.approved).count(),
            "groups": 0, "communities": 0,
            "conversations": rows.len(), "names": names,
        });
        output.line(&value, &format!("{} conversations", rows.len()))?;
    }
    client.shutdown().await;
    Ok(())
}

/// `account show`.
pub async fn show(session: &Session, output: &Output, secret: bool) -> Result<(), Failure> {
    let client = session.open(false).await?;
    print(&client, output, secret).await?;
    client.shutdown().await;
    Ok(())
}

/// `profile set`.
pub async fn set_name(session: &Session, output: &Output, name: &str) -> Result<(), Failure> {
    let client = session.open(false).await?;
    client.set_display_name(name).await?;
    print(&client, output, false).await?;
    client.shutdown().await;
    Ok(())
}

async fn print(client: &Client, output: &Output, secret: bool) -> Result<(), Failure> {
    let id = client.account_id().to_string();
    let mut value = json!({"account_id": id, "name": client.display_name()});
    let mut plain = format!("Account ID: {id}");
    if secret {
        let phrases = client.phrases().await?;
        value["phrase"] = phrases.session13.as_str().into();
        value["phrase_bip39"] = phrases.bip39.as_str().into();
        plain += &format!("\nRecovery phrase: {}\nThe same in 12 words: {}", *phrases.session13, *phrases.bip39);
    }
    output.line(&value, &plain)
}
