//! Android. The activity's own thread calls [`start`]; the exported name stands in a crate of its own.

use std::path::PathBuf;

use super::{Later, Platform, PlatformError};

/// The phone.
#[derive(Default)]
pub struct Android {
    folder: PathBuf,
}

impl Android {
    /// `folder` is the app's own one in the internal storage.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

/// Starts the app, once Slint knows the activity, and returns when it ended. `folder` is the
/// activity's internal data path.
pub fn start(folder: Option<PathBuf>) {
    let platform = Android::new(folder.unwrap_or_else(|| PathBuf::from(".")));
    let start = crate::Start::new(platform.data_folder(), None);
    // There is nobody to tell it to: the system shows that the app ended.
    let _ = crate::Tacit::start(start, std::rc::Rc::new(platform)).map(crate::Tacit::run);
}

impl Platform for Android {
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

    fn data_folder(&self) -> PathBuf {
        self.folder.join("account")
    }

    fn enter_sends(&self) -> bool {
        false
    }
}
