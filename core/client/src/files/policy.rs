//! Which attachments are fetched without being asked for: none of strangers, and of others only
//! where that was said once (protocol: messages 4.5).

use tacit_store::{
    Attachment, AttachmentRole, AttachmentState, ConversationId, Error, NewAttachment, NewMessage, Store, Tx,
};
use tacit_wire::{AccountId, TimestampMs};

use crate::client::Client;
use crate::settings::{AutoDownload, Settings};

/// Kept by the platform: whether bytes cost something on the network at hand.
const METERED: &str = "metered";
/// Files end at their servers after this time, in ms: older ones are not fetched by themselves.
const KEPT_MS: u64 = 14 * 24 * 60 * 60 * 1_000;

/// What is known of whoever sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// Another device of ours.
    Ourselves,
    /// Accepted, and their files are to be fetched.
    Trusted,
    /// Anybody else.
    Other,
}

/// Whether something is fetched by itself.
fn wanted(sender: Sender, choice: AutoDownload, metered: bool) -> bool {
    match (sender, choice) {
        (Sender::Ourselves, _) => true,
        (Sender::Other, _) | (Sender::Trusted, AutoDownload::Never) => false,
        (Sender::Trusted, AutoDownload::Always) => true,
        (Sender::Trusted, AutoDownload::Unmetered) => !metered,
    }
}

fn choice(settings: &Settings, role: AttachmentRole, content_type: &str) -> AutoDownload {
    match (role, content_type.split('/').next()) {
        (AttachmentRole::Voice, _) | (_, Some("audio")) => settings.auto_download_sound,
        (AttachmentRole::Preview, _) | (_, Some("image")) => settings.auto_download_pictures,
        (_, Some("video")) => settings.auto_download_video,
        _ => settings.auto_download_files,
    }
}

/// The state in which an attachment of a message that came in begins.
pub(crate) fn state_of_received(
    tx: &Tx<'_>,
    me: &AccountId,
    message: &NewMessage<'_>,
    attachment: &NewAttachment,
) -> Result<AttachmentState, Error> {
    if attachment.state != AttachmentState::Idle {
        return Ok(attachment.state);
    }
    let sender = if message.author == *me {
        Sender::Ourselves
    } else {
        let accepted = tx.contact(&message.author)?.is_some_and(|contact| contact.approved && !contact.blocked);
        let trusted = accepted && tx.trusted(message.conversation)? == Some(true);
        if trusted { Sender::Trusted } else { Sender::Other }
    };
    let choice = choice(&Settings::load(tx)?, attachment.role, &attachment.content_type);
    let wanted = wanted(sender, choice, is_metered(tx)?);
    Ok(if wanted { AttachmentState::Moving } else { AttachmentState::Idle })
}

fn is_metered(tx: &Tx<'_>) -> Result<bool, Error> {
    Ok(tx.setting(METERED)?.as_deref() == Some("1"))
}

impl Client {
    /// Whether the files of a conversation are fetched without being asked for; `None` as long as
    /// nobody said so, which means no.
    ///
    /// # Errors
    /// [`crate::Error::Unknown`], those of the database.
    pub async fn trusts(&self, conversation: ConversationId) -> Result<Option<bool>, crate::Error> {
        self.inner.database.call(move |store| store.trusted(conversation)).await
    }

    /// Says whether the files of a conversation are fetched without being asked for. If so, those
    /// that came in the last days are fetched now, as the settings allow it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_trusted(&self, conversation: ConversationId, trusted: bool) -> Result<(), crate::Error> {
        let now = self.inner.now();
        let set = move |store: &mut Store| {
            store.write::<_, Error>(|tx| {
                tx.set_trusted(conversation, trusted)?;
                if trusted { want_waiting(tx, conversation, now) } else { Ok(()) }
            })
        };
        self.inner.database.call(set).await?;
        self.inner.files.wake.notify_one();
        self.inner.tell_messages(conversation);
        Ok(())
    }

    /// Tells whether bytes cost something on the network at hand.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_metered(&self, metered: bool) -> Result<(), crate::Error> {
        self.set_setting(METERED, if metered { "1" } else { "0" }).await
    }
}

fn want_waiting(tx: &Tx<'_>, conversation: ConversationId, now: TimestampMs) -> Result<(), Error> {
    let peer = tx.conversation(conversation)?.peer.account();
    let accepted = peer.map(|peer| tx.contact(&peer)).transpose()?.flatten();
    if !accepted.is_some_and(|contact| contact.approved && !contact.blocked) {
        return Ok(());
    }
    let (settings, metered) = (Settings::load(tx)?, is_metered(tx)?);
    let since = TimestampMs(now.0.saturating_sub(KEPT_MS));
    let is_wanted = |attachment: &Attachment| {
        wanted(Sender::Trusted, choice(&settings, attachment.role, &attachment.content_type), metered)
    };
    for attachment in tx.idle_attachments(conversation, since)?.iter().filter(|attachment| is_wanted(attachment)) {
        tx.want(attachment.id, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_strangers_is_fetched_and_of_ourselves_everything() {
        for choice in [AutoDownload::Always, AutoDownload::Unmetered, AutoDownload::Never] {
            for metered in [false, true] {
                assert!(!wanted(Sender::Other, choice, metered));
                assert!(wanted(Sender::Ourselves, choice, metered));
            }
        }
        assert!(wanted(Sender::Trusted, AutoDownload::Unmetered, false));
        assert!(!wanted(Sender::Trusted, AutoDownload::Unmetered, true));
        assert!(!wanted(Sender::Trusted, AutoDownload::Never, false));
    }

    #[test]
    fn each_sort_of_file_follows_its_own_choice() {
        let settings = Settings {
            auto_download_pictures: AutoDownload::Always,
            auto_download_sound: AutoDownload::Unmetered,
            auto_download_files: AutoDownload::Never,
            ..Settings::default()
        };
        let of = |role, content_type| choice(&settings, role, content_type);
        assert_eq!(of(AttachmentRole::File, "image/png"), AutoDownload::Always);
        assert_eq!(of(AttachmentRole::Voice, "application/octet-stream"), AutoDownload::Unmetered);
        assert_eq!(of(AttachmentRole::File, "audio/mpeg"), AutoDownload::Unmetered);
        assert_eq!(of(AttachmentRole::File, "application/zip"), AutoDownload::Never);
    }
}
