//! Where the stories play: windows without a display, a clipboard of their own, folders that go.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};
use tacit_app::platform::{Later, Notice, Platform, PlatformError, Tapped};
use tacit_tests::demo::{self, Hand};

/// A device without a desktop.
#[derive(Default)]
pub struct Device {
    clipboard: RefCell<Option<String>>,
    /// The picture that the file chooser gives.
    pub picture: RefCell<Option<Vec<u8>>>,
    /// The files that the file chooser gives.
    pub files: RefCell<Vec<PathBuf>>,
    /// The folder that the file chooser gives.
    pub folder: RefCell<Option<PathBuf>>,
    /// The files that the system's programs were asked to open.
    pub opened: RefCell<Vec<PathBuf>>,
    /// The file, or the folder, that the file chooser gives.
    pub chosen: RefCell<Option<PathBuf>>,
    /// Notifications that are shown.
    pub notices: RefCell<Vec<Notice>>,
    /// What happens when one of them is tapped, by its tag.
    taps: RefCell<HashMap<String, Tapped>>,
    /// The count on the app's icon.
    pub badge: RefCell<u32>,
    /// Whether what was copied last was marked as sensitive.
    pub sensitive: RefCell<bool>,
}

impl Device {
    /// What the clipboard holds.
    pub fn clipboard_text(&self) -> Option<String> {
        self.clipboard.borrow().clone()
    }

    /// Taps the only notification.
    pub fn tap_notice(&self) {
        let tag = self.notices.borrow().first().unwrap().tag.clone();
        let tapped = self.taps.borrow_mut().remove(&tag).unwrap();
        tapped();
    }

    /// Copies something, as another program would.
    pub fn copy(&self, text: &str) {
        *self.clipboard.borrow_mut() = Some(text.to_owned());
    }
}

impl Platform for Device {
    fn clipboard(&self) -> Option<String> {
        self.clipboard.borrow().clone()
    }

    fn set_clipboard(&self, text: &str, sensitive: bool) -> Result<(), PlatformError> {
        *self.clipboard.borrow_mut() = Some(text.to_owned());
        *self.sensitive.borrow_mut() = sensitive;
        Ok(())
    }

    fn open_picture(&self) -> Later<Result<Option<Vec<u8>>, PlatformError>> {
        let picture = self.picture.borrow().clone();
        Box::pin(async move { Ok(picture) })
    }

    fn save_picture(&self, _name: &str, png: Vec<u8>) -> Later<Result<bool, PlatformError>> {
        *self.picture.borrow_mut() = Some(png);
        Box::pin(async { Ok(true) })
    }

    fn choose_files(&self, _pictures: bool) -> Later<Result<Vec<PathBuf>, PlatformError>> {
        let files = self.files.borrow().clone();
        Box::pin(async move { Ok(files) })
    }

    fn open_file(&self, path: &Path) -> Result<(), PlatformError> {
        self.opened.borrow_mut().push(path.to_owned());
        Ok(())
    }

    fn choose_file(&self) -> Later<Result<Option<PathBuf>, PlatformError>> {
        let chosen = self.chosen.borrow().clone();
        Box::pin(async move { Ok(chosen) })
    }

    fn choose_folder(&self) -> Later<Result<Option<PathBuf>, PlatformError>> {
        let folder = self.folder.borrow().clone().or_else(|| self.chosen.borrow().clone());
        Box::pin(async move { Ok(folder) })
    }

    fn notify(&self, notice: Notice, tapped: Tapped) -> Later<Result<(), PlatformError>> {
        self.taps.borrow_mut().insert(notice.tag.clone(), tapped);
        let mut notices = self.notices.borrow_mut();
        notices.retain(|shown| shown.tag != notice.tag);
        notices.push(notice);
        Box::pin(async { Ok(()) })
    }

    fn withdraw(&self, tag: &str) {
        self.notices.borrow_mut().retain(|shown| shown.tag != tag);
    }

    fn set_badge(&self, count: u32) {
        *self.badge.borrow_mut() = count;
    }

    fn open_url(&self, _url: &str) -> Result<(), PlatformError> {
        Err(PlatformError::Missing("browser"))
    }

    fn data_folder(&self) -> PathBuf {
        PathBuf::new()
    }
}

/// A stage: folders for accounts, and the network that they are in.
pub struct Stage {
    accounts: tempfile::TempDir,
    network: PathBuf,
}

impl Stage {
    /// `network` is the file of a network profile.
    pub fn new(network: &Path) -> Self {
        Self { accounts: tempfile::tempdir().unwrap(), network: network.to_owned() }
    }

    /// The folder of somebody's account.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.accounts.path().join(name)
    }

    /// The network is back: the accounts of another stage, on this one's network.
    pub fn with_accounts_of(&self, other: Self) -> Self {
        Self { accounts: other.accounts, network: self.network.clone() }
    }

    /// Opens somebody's app.
    pub fn open(&self, name: &'static str) -> Hand {
        self.open_on(name, Rc::default())
    }

    /// Opens somebody's app on a device that the story keeps.
    pub fn open_on(&self, name: &'static str, device: Rc<Device>) -> Hand {
        Hand::open(name, self.folder(name), &self.network, device)
    }
}

/// Plays a story.
pub fn play(story: impl Future<Output = ()> + 'static) {
    let options = TestingBackendOptions { mock_time: false, threading: true, renderer_name: Some("software".into()) };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
    demo::tell(story);
}

/// Leaves a picture in `target/shots`.
pub async fn shot(hand: &Hand, name: &str) {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/shots");
    demo::picture(hand, &target.join(format!("{name}.png"))).await;
}
