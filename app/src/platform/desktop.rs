//! Linux, Windows and macOS.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Clip, LARGEST_PICTURE, Later, Platform, PlatformError};

/// The desktop's clipboard, file dialogs and folders.
#[derive(Default)]
pub struct Desktop {
    /// Kept open: on X11 whoever copied has to answer those who paste.
    #[cfg(feature = "desktop")]
    clipboard: std::cell::RefCell<Option<arboard::Clipboard>>,
    #[cfg(feature = "desktop")]
    notifier: std::cell::OnceCell<super::notifier::Notifier>,
}

impl Desktop {
    #[cfg(feature = "desktop")]
    fn with_clipboard<T>(&self, work: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>) -> Option<T> {
        let mut clipboard = self.clipboard.borrow_mut();
        if clipboard.is_none() {
            *clipboard = arboard::Clipboard::new().ok();
        }
        clipboard.as_mut().and_then(|clipboard| work(clipboard).ok())
    }
}

impl Platform for Desktop {
    #[cfg(feature = "desktop")]
    fn clipboard(&self) -> Option<String> {
        self.with_clipboard(arboard::Clipboard::get_text)
    }

    #[cfg(not(feature = "desktop"))]
    fn clipboard(&self) -> Option<String> {
        None
    }

    #[cfg(feature = "desktop")]
    fn set_clipboard(&self, text: &str, sensitive: bool) -> Result<(), PlatformError> {
        let done = self.with_clipboard(|clipboard| match sensitive {
            true => discreet(clipboard.set()).text(text),
            false => clipboard.set_text(text),
        });
        done.ok_or(PlatformError::Missing("clipboard"))
    }

    #[cfg(not(feature = "desktop"))]
    fn set_clipboard(&self, _text: &str, _sensitive: bool) -> Result<(), PlatformError> {
        Err(PlatformError::Missing("clipboard"))
    }

    #[cfg(feature = "desktop")]
    fn open_picture(&self) -> Later<Result<Option<Vec<u8>>, PlatformError>> {
        Box::pin(async {
            let dialog = rfd::AsyncFileDialog::new().add_filter("", &["png", "jpg", "jpeg", "webp", "gif"]);
            let Some(chosen) = dialog.pick_file().await else { return Ok(None) };
            if std::fs::metadata(chosen.path())?.len() > LARGEST_PICTURE {
                return Err(PlatformError::TooLarge);
            }
            Ok(Some(chosen.read().await))
        })
    }

    #[cfg(not(feature = "desktop"))]
    fn open_picture(&self) -> Later<Result<Option<Vec<u8>>, PlatformError>> {
        Box::pin(async { Err(PlatformError::Missing("file chooser")) })
    }

    #[cfg(feature = "desktop")]
    fn save_picture(&self, name: &str, png: Vec<u8>) -> Later<Result<bool, PlatformError>> {
        let dialog = rfd::AsyncFileDialog::new().set_file_name(name);
        Box::pin(async move {
            let Some(chosen) = dialog.save_file().await else { return Ok(false) };
            chosen.write(&png).await?;
            Ok(true)
        })
    }

    #[cfg(not(feature = "desktop"))]
    fn save_picture(&self, _name: &str, _png: Vec<u8>) -> Later<Result<bool, PlatformError>> {
        Box::pin(async { Err(PlatformError::Missing("file chooser")) })
    }

    #[cfg(feature = "desktop")]
    fn choose_files(&self, pictures: bool) -> Later<Result<Vec<PathBuf>, PlatformError>> {
        const MEDIA: [&str; 10] = ["png", "jpg", "jpeg", "webp", "gif", "mp4", "m4v", "mov", "webm", "mkv"];
        let dialog = rfd::AsyncFileDialog::new();
        let dialog = if pictures { dialog.add_filter("", &MEDIA) } else { dialog };
        Box::pin(async move {
            let chosen = dialog.pick_files().await.unwrap_or_default();
            Ok(chosen.iter().map(|file| file.path().to_owned()).collect())
        })
    }

    #[cfg(feature = "desktop")]
    fn choose_file(&self) -> Later<Result<Option<PathBuf>, PlatformError>> {
        let chosen = rfd::AsyncFileDialog::new().pick_file();
        Box::pin(async move { Ok(chosen.await.map(|file| file.path().to_owned())) })
    }

    #[cfg(feature = "desktop")]
    fn choose_folder(&self) -> Later<Result<Option<PathBuf>, PlatformError>> {
        let chosen = rfd::AsyncFileDialog::new().pick_folder();
        Box::pin(async move { Ok(chosen.await.map(|folder| folder.path().to_owned())) })
    }

    #[cfg(feature = "desktop")]
    fn clipboard_files(&self) -> Option<Clip> {
        let files = self.with_clipboard(|clipboard| clipboard.get().file_list()).filter(|files| !files.is_empty());
        files.map(Clip::Files).or_else(|| {
            let picture = self.with_clipboard(arboard::Clipboard::get_image)?;
            let (width, height) = (u32::try_from(picture.width).ok()?, u32::try_from(picture.height).ok()?);
            Some(Clip::Picture { width, height, rgba: picture.bytes.into_owned() })
        })
    }

    fn open_file(&self, path: &Path) -> Result<(), PlatformError> {
        open_with_system(path.as_os_str(), "program for this file")
    }

    #[cfg(feature = "desktop")]
    fn notify(&self, notice: super::Notice, tapped: super::Tapped) -> Later<Result<(), PlatformError>> {
        self.notifier.get_or_init(super::notifier::Notifier::start).show(notice, tapped)
    }

    #[cfg(feature = "desktop")]
    fn withdraw(&self, tag: &str) {
        if let Some(notifier) = self.notifier.get() {
            notifier.withdraw(tag);
        }
    }

    fn open_url(&self, url: &str) -> Result<(), PlatformError> {
        open_with_system(url.as_ref(), "browser")
    }

    fn data_folder(&self) -> PathBuf {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = || variable("HOME").unwrap_or_else(|| PathBuf::from("."));
        if cfg!(target_os = "macos") {
            return home().join("Library/Application Support/Tacit");
        }
        if cfg!(windows) {
            return variable("LOCALAPPDATA").unwrap_or_else(home).join("Tacit");
        }
        variable("XDG_DATA_HOME").unwrap_or_else(|| home().join(".local/share")).join("tacit")
    }
}

fn open_with_system(what: &std::ffi::OsStr, missing: &'static str) -> Result<(), PlatformError> {
    let mut command = if cfg!(windows) { Command::new("explorer") } else { Command::new(opener()) };
    command.arg(what).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut opener = command.spawn().map_err(|_| PlatformError::Missing(missing))?;
    // Somebody has to hear of its end.
    std::thread::spawn(move || opener.wait());
    Ok(())
}

fn opener() -> &'static str {
    if cfg!(target_os = "macos") { "open" } else { "xdg-open" }
}

#[cfg(all(feature = "desktop", target_os = "linux"))]
fn discreet(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

#[cfg(all(feature = "desktop", target_os = "macos"))]
fn discreet(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

#[cfg(all(feature = "desktop", windows))]
fn discreet(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtWindows::exclude_from_history(set)
}
