//! What is done with a message's files: fetched, opened, saved.

use std::path::PathBuf;
use std::rc::{Rc, Weak};

use tacit_client::{Attachment, AttachmentId, Client, Error, Message, MessageId};
use tacit_ui::{AttachmentKind as Kind, DialogKind, ToastKind};

use super::Conversation;
use crate::context::go;
use crate::files::{attachment_of, is_visual, kind};
use crate::platform::PlatformError;

/// Folder within the account's for files that other programs show.
pub(crate) const OPENED: &str = "opened";

impl Conversation {
    fn attachment_at(&self, message: &str, file: &str) -> Option<(Message, Attachment)> {
        let (message, id) = (self.message_at(message)?, attachment_of(file)?);
        let file = message.attachments.iter().find(|file| file.id == id)?.clone();
        Some((message, file))
    }

    /// ↓ and ↻: what is ours goes up again, everything else comes.
    pub(super) fn load_file(&self, message: &str, file: &str) {
        let Some((message, file)) = self.attachment_at(message, file) else { return };
        if message.assembling {
            let id = message.id;
            return self.context.run(None, move |account| async move { account.client.retry(id).await.map(drop) });
        }
        let id = file.id;
        self.context.run(None, move |account| async move { account.client.download(id).await });
        if !message.outgoing() {
            self.ask_for_trust();
        }
    }

    /// Once in a conversation: whether what comes from there is fetched without a tap.
    fn ask_for_trust(&self) {
        let Some(id) = self.open_id().filter(|_| self.peer().is_some()) else { return };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let known = context.call(move |account| async move { account.client.trusts(id).await }).await;
            let asks = matches!(known, Ok(None));
            let Some(this) = me.upgrade().filter(|this| asks && this.open_id() == Some(id)) else { return };
            let answered = Rc::clone(&context);
            let name = this.name();
            context.ask_either(DialogKind::FetchFiles, &name, move |trusted| {
                answered.run(None, move |account| async move { account.client.set_trusted(id, trusted).await });
            });
        });
    }

    /// A download stops; what is being uploaded never went out, and goes.
    pub(super) fn cancel_transfer(&self, message: &str, file: &str) {
        let Some((message, file)) = self.attachment_at(message, file) else { return };
        if message.assembling {
            return self.ask_to_delete_messages(&[message]);
        }
        let id = file.id;
        self.context.run(None, move |account| async move { account.client.cancel_download(id).await });
    }

    /// Pictures are looked at here, everything else by the system's programs.
    pub(super) fn open_attachment(&self, message: &str, file: &str) {
        let Some((message, file)) = self.attachment_at(message, file) else { return };
        let kind = kind(&file.content_type, &file.file_name);
        if is_visual(kind) && kind != Kind::Video {
            return self.context.tell(|part| part.view_media(message.conversation, file.id));
        }
        self.context.open_file(&file);
    }

    pub(super) fn save(&self, key: &str) {
        self.context.save_files(self.message_at(key).as_slice());
    }

    pub(super) fn save_selected(&self) {
        let selected = self.selected();
        self.end_selection();
        self.context.save_files(&selected);
    }
}

impl crate::context::Context {
    /// Lets the system's program show a file; one that can do harm is asked about.
    pub(crate) fn open_file(self: &Rc<Self>, file: &Attachment) {
        let (context, id) = (Rc::clone(self), file.id);
        if kind(&file.content_type, &file.file_name) == Kind::Program {
            return self.ask(DialogKind::OpenProgram, &file.file_name, move || context.open_outside(id));
        }
        self.open_outside(id);
    }

    fn open_outside(self: &Rc<Self>, id: AttachmentId) {
        let context = Rc::clone(self);
        go(async move {
            match context.call(move |account| copy_out(account.client, id)).await {
                Ok(path) => {
                    if let Err(error) = context.platform.open_file(&path) {
                        context.refuse(&error);
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    /// Saves all files of messages where somebody chooses, and tells their senders.
    pub(crate) fn save_files(self: &Rc<Self>, messages: &[Message]) {
        let files: Vec<(MessageId, AttachmentId, bool)> = messages
            .iter()
            .flat_map(|message| message.attachments.iter().map(move |file| (message, file)))
            .filter(|(_, file)| file.role != tacit_client::AttachmentRole::Preview)
            .map(|(message, file)| (message.id, file.id, !message.outgoing()))
            .collect();
        if files.is_empty() {
            return;
        }
        let (context, chosen) = (Rc::clone(self), self.platform.choose_folder());
        go(async move {
            let folder = match chosen.await {
                Ok(Some(folder)) => folder,
                Ok(None) => return,
                Err(PlatformError::Missing(_)) => return context.toast(ToastKind::CannotOpenFiles),
                Err(error) => return context.refuse(&error),
            };
            match context.call(move |account| save(account.client, files, folder)).await {
                Ok(()) => context.toast(ToastKind::Saved),
                Err(error) => context.report(&error),
            }
        });
    }
}

/// Into a folder that only this account's owner can look into, emptied whenever the account opens.
async fn copy_out(client: Client, id: AttachmentId) -> Result<PathBuf, Error> {
    let folder = client.folder().join(OPENED);
    let made = folder.clone();
    tokio::task::spawn_blocking(move || private_folder(&made))
        .await
        .map_err(|_| Error::Closed)?
        .map_err(|source| Error::Folder { path: folder.clone(), source })?;
    client.save_attachment(id, &folder).await
}

fn private_folder(path: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

async fn save(client: Client, files: Vec<(MessageId, AttachmentId, bool)>, folder: PathBuf) -> Result<(), Error> {
    for (_, file, _) in &files {
        client.save_attachment(*file, &folder).await?;
    }
    let mut told: Vec<MessageId> = files.iter().filter(|(.., received)| *received).map(|(id, ..)| *id).collect();
    told.dedup();
    for message in told {
        client.media_saved(message).await?;
    }
    Ok(())
}
