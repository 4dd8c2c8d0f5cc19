//! `tacit backup write` and `backup read`.

use std::path::Path;

use serde_json::json;
use tacit_client::{BackupControl, BackupKey, Client, Restored};

use crate::arguments::Backup;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// `backup …`. Ending the program leaves no half of a file; a restore goes on when it is read again.
pub async fn run(session: &Session, output: &Output, command: &Backup) -> Result<(), Failure> {
    match command {
        Backup::Write { file, passphrase_env } => write(session, output, file, key(passphrase_env.as_deref())?).await,
        Backup::Read { file, passphrase_env, phrase } => {
            read(session, output, file, key(passphrase_env.as_deref())?, phrase.as_deref()).await
        }
    }
}

async fn write(session: &Session, output: &Output, file: &Path, key: BackupKey) -> Result<(), Failure> {
    let client = session.open(false).await?;
    let control = BackupControl::default();
    let written = watched(output, &control, client.write_backup(file, key, &control)).await;
    client.shutdown().await;
    let written = written?;
    let value = json!({
        "file": file.display().to_string(),
        "messages": written.messages, "files": written.files, "bytes": written.bytes,
    });
    output
        .line(&value, &format!("{} messages and {} files in {} bytes", written.messages, written.files, written.bytes))
}

async fn read(
    session: &Session,
    output: &Output,
    file: &Path,
    key: BackupKey,
    phrase: Option<&str>,
) -> Result<(), Failure> {
    let folder = session.folder()?;
    let control = BackupControl::default();
    let (client, restored) = if folder.has_account() {
        let client = Client::open(folder, session.key(), session.options(false)).await?;
        let restored = watched(output, &control, client.read_backup(file, key, &control)).await;
        (client, restored)
    } else {
        let restore =
            Client::restore_backup(folder, session.key(), file, key, phrase, session.options(false), &control);
        watched(output, &control, restore).await?
    };
    let id = client.account_id().to_string();
    client.shutdown().await;
    let Restored { messages, files } = restored?;
    let value = json!({"account_id": id, "messages": messages, "files": files});
    output.line(&value, &format!("{messages} messages and {files} files were new."))
}

/// The account's own key, or what stands in a variable.
fn key(variable: Option<&str>) -> Result<BackupKey, Failure> {
    let Some(variable) = variable else { return Ok(BackupKey::Account) };
    match std::env::var(variable) {
        Ok(text) if !text.is_empty() => Ok(BackupKey::from_text(&text)),
        _ => Err(Failure::new("passphrase", format!("The variable {variable} is not set."))),
    }
}

/// Tells each tenth on the way.
async fn watched<T>(output: &Output, control: &BackupControl, work: impl Future<Output = T>) -> T {
    let mut progress = control.progress();
    let mut told = 0;
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Ok(()) = progress.changed() => {
                let now = *progress.borrow_and_update();
                let tenth = now.done.saturating_mul(10).checked_div(now.total).unwrap_or(0);
                if tenth > told {
                    told = tenth;
                    output.progress(&format!("{tenth}0 %"));
                }
            }
        }
    }
}
