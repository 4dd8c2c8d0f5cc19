//! iOS. The program's `main` is the entry, as on desktops.

use std::path::PathBuf;

use super::{Later, Platform, PlatformError};

/// The phone.
#[derive(Default)]
pub struct Ios;

impl Platform for Ios {
    fn clipboard(&self) -> Option<String> {
        None
    }

    fn set_clipboard(&self, _text: &str, _sensitive: bool) -> Result<(), PlatformError> {
        Err(PlatformError::Missing("clipboard"))
    }

    fn open_picture(&self) -> Later<Result<Option<Vec<u8>>, PlatformError>> {
        Box::pin(async { Err(PlatformError::Missing("file chooser")) })
    }

    fn save_picture(&self, _name: &str, _png: Vec<u8>) -> Later<Result<bool, PlatformError>> {
        Box::pin(async { Err(PlatformError::Missing("file chooser")) })
    }

    fn open_url(&self, _url: &str) -> Result<(), PlatformError> {
        Err(PlatformError::Missing("browser"))
    }

    /// `HOME` is the app's container.
    fn data_folder(&self) -> PathBuf {
        let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
        home.join("Library/Application Support/account")
    }

    fn enter_sends(&self) -> bool {
        false
    }
}
