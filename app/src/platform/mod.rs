//! What differs between systems, behind one trait: clipboard, files, notifications, the keystore.
//! Dark and light come from Slint. What a system lacks says so.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use tacit_client::Keystore;

#[cfg(target_os = "android")]
pub(crate) mod android;
#[cfg(not(any(target_os = "android", target_os = "ios")))]
mod desktop;
#[cfg(target_os = "ios")]
mod ios;
#[cfg(all(feature = "desktop", not(any(target_os = "android", target_os = "ios"))))]
mod notifier;

#[cfg(target_os = "android")]
pub use android::Android as System;
#[cfg(not(any(target_os = "android", target_os = "ios")))]
pub use desktop::Desktop as System;
#[cfg(target_os = "ios")]
pub use ios::Ios as System;

/// An answer that comes later, on the UI thread.
pub type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// Largest picture file that is opened, in bytes.
pub const LARGEST_PICTURE: u64 = 32 << 20;

/// Why a file or the clipboard could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The system has no such thing, or it does not answer.
    #[error("the system offers no {0}")]
    Missing(&'static str),
    /// It is larger than [`LARGEST_PICTURE`].
    #[error("the file is too large")]
    TooLarge,
    /// Reading or writing.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A notification as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// It replaces the one with the same tag.
    pub tag: String,
    /// The first line.
    pub title: String,
    /// What is said.
    pub body: String,
    /// Whether it may be heard.
    pub sound: bool,
}

/// What happens when a notification is tapped; called on any thread.
pub type Tapped = Box<dyn FnOnce() + Send>;

/// A system that the app runs on. All methods are called on the UI thread.
pub trait Platform {
    /// Text of the clipboard, if it holds some.
    fn clipboard(&self) -> Option<String>;
    /// Puts a text into the clipboard; a sensitive one is kept out of clipboard histories where the
    /// system knows how.
    ///
    /// # Errors
    /// [`PlatformError::Missing`] without a clipboard.
    fn set_clipboard(&self, text: &str, sensitive: bool) -> Result<(), PlatformError>;
    /// Lets the user choose a picture, and reads it. `None` when they chose none.
    fn open_picture(&self) -> Later<Result<Option<Vec<u8>>, PlatformError>>;
    /// Lets the user choose where to write a picture, and writes it. False when they chose nothing.
    fn save_picture(&self, name: &str, png: Vec<u8>) -> Later<Result<bool, PlatformError>>;
    /// Lets the user choose files, or only pictures and videos. Empty when they chose none.
    fn choose_files(&self, _pictures: bool) -> Later<Result<Vec<PathBuf>, PlatformError>> {
        missing("file chooser")
    }
    /// Lets the user choose a file. `None` when they chose none.
    fn choose_file(&self) -> Later<Result<Option<PathBuf>, PlatformError>> {
        missing("file chooser")
    }
    /// Lets the user choose a folder. `None` when they chose none.
    fn choose_folder(&self) -> Later<Result<Option<PathBuf>, PlatformError>> {
        missing("file chooser")
    }
    /// Files or a picture of the clipboard, if that is what it holds.
    fn clipboard_files(&self) -> Option<Clip> {
        None
    }
    /// Opens a file with the system's program for it.
    ///
    /// # Errors
    /// [`PlatformError::Missing`] without one.
    fn open_file(&self, _path: &Path) -> Result<(), PlatformError> {
        Err(PlatformError::Missing("program for this file"))
    }
    /// Opens an address in the system's browser.
    ///
    /// # Errors
    /// [`PlatformError::Missing`] without one.
    fn open_url(&self, url: &str) -> Result<(), PlatformError>;
    /// Folder for the accounts' data.
    fn data_folder(&self) -> PathBuf;
    /// Whether Enter sends; on phones it begins a line.
    fn enter_sends(&self) -> bool {
        true
    }
    /// Whether the system has a sheet for sharing.
    fn can_share(&self) -> bool {
        false
    }
    /// Hands a text to that sheet.
    ///
    /// # Errors
    /// [`PlatformError::Missing`] without one.
    fn share(&self, _text: &str) -> Result<(), PlatformError> {
        Err(PlatformError::Missing("share sheet"))
    }
    /// Shows a notification; says whether the system took it.
    fn notify(&self, _notice: Notice, _tapped: Tapped) -> Later<Result<(), PlatformError>> {
        missing("notifications")
    }
    /// Takes a notification away.
    fn withdraw(&self, _tag: &str) {}
    /// Shows a count on the app's icon; 0 for none.
    fn set_badge(&self, _count: u32) {}
    /// Opens the system's settings of notifications, or of the date.
    ///
    /// # Errors
    /// [`PlatformError::Missing`] without them.
    fn open_settings(&self, _of: SystemSettings) -> Result<(), PlatformError> {
        Err(PlatformError::Missing("settings of this kind"))
    }
    /// The keystore that asks for a fingerprint or a face, if there is one.
    fn keystore(&self) -> Option<Arc<dyn Keystore>> {
        None
    }
    /// What the device has.
    fn abilities(&self) -> Abilities {
        Abilities::default()
    }
    /// Forbids pictures of the screen, or allows them.
    fn set_screen_security(&self, _on: bool) {}
}

/// Settings of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemSettings {
    /// Of this app's notifications.
    Notifications,
    /// Date and time.
    Clock,
}

/// What a device may have or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Pictures of the screen can be forbidden.
    pub screen_security: bool,
    /// The keyboard can be asked to learn nothing.
    pub incognito_keyboard: bool,
    /// It vibrates.
    pub vibration: bool,
    /// Mobile networks cost more than others.
    pub mobile_network: bool,
    /// It has a camera that the app may use.
    pub camera: bool,
}

/// What a clipboard can hold besides text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clip {
    /// Files of this device.
    Files(Vec<PathBuf>),
    /// A picture: rows from the top, 4 bytes a pixel (red, green, blue, alpha).
    Picture {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// `width * height * 4` bytes.
        rgba: Vec<u8>,
    },
}

fn missing<T: 'static>(what: &'static str) -> Later<Result<T, PlatformError>> {
    Box::pin(async move { Err(PlatformError::Missing(what)) })
}

/// Puts colour emoji before the outline ones of the system's own fonts. Once, before the first
/// window is shown.
#[cfg(all(feature = "window", not(any(target_os = "android", target_os = "ios"))))]
pub fn prefer_colour_emoji() {
    use slint::fontique_011::{fontique, shared_collection};
    let mut fonts = shared_collection();
    let (inter, emoji) = (fonts.family_id("Inter"), fonts.family_id("Noto Color Emoji"));
    for family in [fontique::GenericFamily::SansSerif, fontique::GenericFamily::SystemUi] {
        let others: Vec<_> = fonts.generic_families(family).filter(|id| ![inter, emoji].contains(&Some(*id))).collect();
        fonts.set_generic_families(family, inter.into_iter().chain(emoji).chain(others));
    }
}

/// Phones choose their emoji font themselves.
#[cfg(not(all(feature = "window", not(any(target_os = "android", target_os = "ios")))))]
pub fn prefer_colour_emoji() {}
