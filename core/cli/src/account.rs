//! `tacit account …` and `tacit profile …`.

use std::time::Duration;

use serde_json::json;
use tacit_client::{Client, Folder, RestoreOutcome, RestoreProgress, RestoreStep};

use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, close};

/// `account create`.
pub async fn create(session: &Session, output: &Output, name: &str) -> Result<(), Failure> {
    let client = Client::create(session.folder()?, session.key(), name, session.options(false)).await?;
    print(&client, output, true).await?;
    close(client).await
}

/// `account restore`: the account, then what was restored.
pub async fn restore(session: &Session, output: &Output, phrase: &str, wait: Option<u64>) -> Result<(), Failure> {
    let client = Client::restore(session.folder()?, session.key(), phrase, session.options(false)).await?;
    print(&client, output, true).await?;
    if let Some(seconds) = wait {
        let progress = watch(&client, output, Duration::from_secs(seconds)).await;
        print_restored(&client, output, &progress).await?;
    }
    client.shutdown().await;
    Ok(())
}

/// Tells what is being fetched until it is here, or the time is over.
async fn watch(client: &Client, output: &Output, patience: Duration) -> RestoreProgress {
    let mut progress = client.restore_progress();
    let mut last = None;
    let done = tokio::time::timeout(patience, async {
        loop {
            let now = progress.borrow_and_update().clone();
            if last != Some(now.step) {
                output.progress(step(now.step));
                last = Some(now.step);
            }
            if matches!(now.outcome, Some(RestoreOutcome::Found | RestoreOutcome::Nothing))
                || progress.changed().await.is_err()
            {
                return;
            }
        }
    });
    if done.await.is_err() {
        output.progress("The rest comes with the next command.");
    }
    client.restore_progress().borrow().clone()
}

fn step(step: RestoreStep) -> &'static str {
    match step {
        RestoreStep::Path => "Building a path…",
        RestoreStep::Swarm => "Asking the swarm…",
        RestoreStep::Profile => "Reading the profile…",
        RestoreStep::Contacts => "Reading contacts…",
        RestoreStep::Groups => "Reading groups…",
        RestoreStep::Messages => "Fetching messages…",
        RestoreStep::Done => "Done.",
    }
}

async fn print_restored(client: &Client, output: &Output, progress: &RestoreProgress) -> Result<(), Failure> {
    let rows = client.conversations(Folder::Inbox).await?;
    let groups = client.groups().await?;
    let names = json!({
        "contacts": client.contacts().await?.iter().map(tacit_client::Contact::shown_name).collect::<Vec<_>>(),
        "groups": groups.groups.iter().map(|group| &group.name)
            .chain(groups.legacy.iter().map(|group| &group.name)).collect::<Vec<_>>(),
        "communities": client.communities().await?.iter().map(|room| room.url.room()).collect::<Vec<_>>(),
        "conversations": rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
    });
    let found = &progress.found;
    let outcome = match progress.outcome {
        Some(RestoreOutcome::Found) => "found",
        Some(RestoreOutcome::Nothing) => "nothing",
        Some(RestoreOutcome::Offline) => "offline",
        None => "unfinished",
    };
    let value = json!({
        "profile": {"name": found.name},
        "contacts": found.contacts, "groups": found.groups, "communities": found.communities,
        "conversations": found.conversations, "messages": found.messages,
        "names": names, "outcome": outcome,
    });
    let plain = format!(
        "{}: {} contacts, {} groups, {} communities, {} conversations, {} messages ({outcome})",
        found.name, found.contacts, found.groups, found.communities, found.conversations, found.messages
    );
    output.line(&value, &plain)
}

/// `account show`.
pub async fn show(session: &Session, output: &Output, secret: bool) -> Result<(), Failure> {
    let client = session.open(false).await?;
    print(&client, output, secret).await?;
    client.shutdown().await;
    Ok(())
}

pub async fn print(client: &Client, output: &Output, secret: bool) -> Result<(), Failure> {
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
