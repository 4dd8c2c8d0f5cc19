//! What a person is about to send.

use tacit_store::{Attachment, AttachmentRole, FileId, Invitation, Message, MessageId, Preview};
use tacit_wire::content::MAX_ATTACHMENTS;

use crate::Error;
use crate::text::{TextError, check_length};

/// A message before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The text; may be empty where there is something else. Kept exactly as it stands.
    pub text: String,
    /// The message of the same conversation that it answers.
    pub quote: Option<MessageId>,
    /// At most 32 files, and at most one picture of the preview.
    pub files: Vec<OutgoingFile>,
    /// Preview of a link that stands in the text.
    pub preview: Option<Preview>,
    /// An invitation into a community; it goes alone.
    pub invitation: Option<Invitation>,
}

/// A file to send: its bytes lie in the account's folder already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingFile {
    /// The bytes.
    pub file: FileId,
    /// What it is for.
    pub role: AttachmentRole,
    /// MIME type.
    pub content_type: String,
    /// Name without folders.
    pub file_name: String,
    /// In pixels; 0 if it has none.
    pub width: u32,
    /// In pixels; 0 if it has none.
    pub height: u32,
    /// In ms; 0 if it has none.
    pub duration_ms: u32,
    /// Said beneath it.
    pub caption: String,
    /// A small picture of it.
    pub thumbnail: Option<FileId>,
    /// Of sound: 40 levels.
    pub waveform: Vec<u8>,
}

impl Draft {
    /// A plain text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// What a message holds, without what it answers. Files that are not here are left out.
    pub(super) fn forwarding(message: &Message) -> Self {
        let file = |attachment: &Attachment| {
            Some(OutgoingFile {
                file: attachment.file?,
                role: attachment.role,
                content_type: attachment.content_type.clone(),
                file_name: attachment.file_name.clone(),
                width: attachment.width,
                height: attachment.height,
                duration_ms: attachment.duration_ms,
                caption: attachment.caption.clone(),
                thumbnail: attachment.thumbnail,
                waveform: attachment.waveform.clone(),
            })
        };
        Self {
            text: message.text.clone(),
            quote: None,
            files: message.attachments.iter().filter_map(file).collect(),
            preview: message.preview.clone(),
            invitation: message.invitation.clone(),
        }
    }

    /// Whether it can be sent.
    pub(super) fn check(&self) -> Result<(), Error> {
        check_length(&self.text)?;
        let previews = self.files.iter().filter(|file| file.role == AttachmentRole::Preview).count();
        let files = self.files.len() - previews;
        if self.text.trim().is_empty() && files == 0 && self.invitation.is_none() {
            return Err(TextError::Empty.into());
        }
        if files > MAX_ATTACHMENTS || previews > 1 {
            return Err(Error::TooManyFiles);
        }
        Ok(())
    }
}
