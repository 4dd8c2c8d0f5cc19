//! Starting and ending one app: a window, a runtime, an account folder.

use std::path::PathBuf;
use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::{Client, KeySource, Options};
use tacit_ui::App;
use tacit_wire::profile::NetworkProfile;
use zeroize::Zeroizing;

use crate::bridge::Bridge;
use crate::context::Context;
use crate::platform::Platform;
use crate::{
    about, app_lock, appearance, backup, chats, conversation, conversation_settings, create_account, emoji, erase_data,
    forward, home, lock, media, message_info, network, new_conversation, new_message, notifications, opening, outgoing,
    path, player, portraits, presence, privacy, profile_picture, qr, recorder, recovery_phrase, recovery_verify,
    restore, restore_backup, restoring, search, settings, shell, storage, trouble, viewer, welcome,
};

/// What an app is started with.
pub struct Start {
    /// The account's folder; made if it is not there.
    pub folder: PathBuf,
    /// The network; `None` takes the one that the account used last, for a new account the deployed
    /// one.
    pub network: Option<NetworkProfile>,
    /// Key of the database: 64 hex digits or a passphrase. `None`: a file in the folder.
    pub key: Option<Zeroizing<String>>,
}

impl Start {
    /// An account in a folder, with its key in a file beside it.
    pub fn new(folder: PathBuf, network: Option<NetworkProfile>) -> Self {
        Self { folder, network, key: None }
    }

    pub(crate) fn key(&self) -> KeySource {
        self.key.as_ref().map_or(KeySource::File, |text| KeySource::from_text(text))
    }

    /// How an account that is there is opened.
    pub(crate) fn options(&self) -> Options {
        Options { network: self.network.clone(), polling: true, limits: tacit_network::Config::default() }
    }

    /// How a new account is made.
    pub(crate) fn options_for_new(&self) -> Options {
        let network = self.network.clone().unwrap_or_else(NetworkProfile::session);
        Options { network: Some(network), ..self.options() }
    }
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system shows none.
    #[error("no window can be opened: {0}")]
    Window(#[from] slint::PlatformError),
    /// No threads.
    #[error("no threads can be started: {0}")]
    Threads(#[from] std::io::Error),
}

/// A running app. UI thread only; several may run in one process.
pub struct Tacit {
    window: App,
    context: Rc<Context>,
}

impl Tacit {
    /// Makes the window (not yet shown) and begins to open the account. The event loop need not run
    /// yet.
    ///
    /// # Errors
    /// When there can be no window or no threads; everything else is shown in the window.
    pub fn start(start: Start, platform: Rc<dyn Platform>) -> Result<Self, StartError> {
        let bridge = Bridge::start()?;
        let window = App::new()?;
        let context = Context::new(&window, bridge, platform, start);
        add_parts(&window, &context);
        opening::begin(&context);
        Ok(Self { window, context })
    }

    /// The window.
    pub fn window(&self) -> &App {
        &self.window
    }

    /// The open account; none before it was made or opened.
    pub fn client(&self) -> Option<Client> {
        self.context.account().map(|account| account.client)
    }

    /// Shows the window and runs the event loop until it is closed; then ends orderly.
    ///
    /// # Errors
    /// When the window or the loop fails.
    pub fn run(self) -> Result<(), StartError> {
        let result = self.window.run();
        self.close();
        Ok(result?)
    }

    /// Ends it: what is being typed is kept, the account closed, the window gone.
    pub fn close(self) {
        // A window that cannot be hidden is gone already.
        let _ = self.window.hide();
        opening::close_account(&self.context);
        self.context.forget_parts();
        self.context.bridge.stop();
    }
}

fn add_parts(window: &App, context: &Rc<Context>) {
    context.add(shell::Shell::attach(window, context));
    context.add(trouble::Trouble::attach(window, context));
    context.add(welcome::Welcome::attach(window, context));
    context.add(create_account::CreateAccount::attach(window, context));
    context.add(restore::Restore::attach(window, context));
    context.add(restoring::Restoring::attach(window, context));
    context.add(portraits::Portraits::attach(window, context));
    context.add(home::Home::attach(window, context));
    context.add(search::Search::attach(window, context));
    context.add(new_message::NewMessage::attach(window, context));
    let outgoing = outgoing::Outgoing::attach(window, context);
    context.add(Rc::clone(&outgoing) as Rc<dyn crate::part::Part>);
    context.add(conversation::Conversation::attach(window, context, outgoing));
    context.add(player::Player::attach(window, context));
    context.add(recorder::Recorder::attach(window, context));
    context.add(media::Media::attach(window, context));
    context.add(viewer::Viewer::attach(window, context));
    context.add(forward::Forward::attach(window, context));
    context.add(emoji::EmojiPicker::attach(window, context));
    context.add(message_info::MessageInfo::attach(window, context));
    context.add(settings::Settings::attach(window, context));
    context.add(qr::Qr::attach(window, context));
    context.add(recovery_phrase::RecoveryPhrase::attach(window, context));
    context.add(appearance::Appearance::attach(window, context));
    context.add(path::PathScreen::attach(window, context));
    context.add(network::NetworkScreen::attach(window, context));
    context.add(about::About::attach(window, context));
    context.add(presence::Presence::attach(window, context));
    context.add(lock::Lock::attach(window, context));
    context.add(app_lock::AppLock::attach(window, context));
    context.add(new_conversation::NewConversation::attach(window, context));
    context.add(conversation_settings::ConversationSettings::attach(window, context));
    context.add(privacy::Privacy::attach(window, context));
    context.add(chats::Chats::attach(window, context));
    context.add(notifications::Notifications::attach(window, context));
    context.add(recovery_verify::RecoveryVerify::attach(window, context));
    context.add(profile_picture::ProfilePicture::attach(window, context));
    context.add(storage::Storage::attach(window, context));
    context.add(backup::Backup::attach(window, context));
    context.add(restore_backup::RestoreBackup::attach(window, context));
    context.add(erase_data::EraseData::attach(window, context));
}
