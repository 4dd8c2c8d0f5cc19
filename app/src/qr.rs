//! QR codes: our own on the screen, others from pictures.

use std::io::Cursor;
use std::rc::Rc;

use slint::{ComponentHandle as _, Image, Rgb8Pixel, SharedPixelBuffer};
use tacit_crypto::phrase;
use tacit_ui::{App, Person, Screen, SettingsState, ToastKind};
use tacit_wire::{AccountId, Prefix};
use zeroize::Zeroizing;

use crate::account::Account;
use crate::context::{Context, go};
use crate::part::Part;

/// Largest side of a picture that is looked at, in pixels.
const LARGEST_SIDE: u32 = 12_000;
/// Most memory that decoding a picture may take, in bytes.
const LARGEST_ALLOCATION: u64 = 256 << 20;
/// Codes are searched in a picture of at most this size.
const SEARCHED_SIDE: u32 = 2_048;
/// Light modules around a saved code, and pixels of a module.
const QUIET: usize = 4;
const MODULE: usize = 12;

/// A code as rows of dark and light; `None` for a text that no code holds.
fn modules(text: &str) -> Option<(usize, Vec<bool>)> {
    let code = fast_qr::QRBuilder::new(text).build().ok()?;
    let side = code.size;
    let dark = (0..side).flat_map(|y| code[y][..side].iter().map(|module| module.value())).collect();
    Some((side, dark))
}

/// A code, one pixel a module; empty for a text that no code holds.
pub(crate) fn image(text: &str) -> Image {
    let Some((side, dark)) = modules(text) else { return Image::default() };
    let side = u32::try_from(side).unwrap_or_default();
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(side, side);
    for (pixel, dark) in buffer.make_mut_slice().iter_mut().zip(dark) {
        let value = if dark { 0 } else { 255 };
        *pixel = Rgb8Pixel { r: value, g: value, b: value };
    }
    Image::from_rgb8(buffer)
}

/// A code as a PNG file, with the light border that readers need.
fn png(text: &str) -> Option<Vec<u8>> {
    let (side, dark) = modules(text)?;
    let size = u32::try_from((side + 2 * QUIET) * MODULE).ok()?;
    let picture = image::GrayImage::from_fn(size, size, |x, y| {
        let at = |n: u32| (n as usize / MODULE).checked_sub(QUIET).filter(|n| *n < side);
        let is_dark = at(x).zip(at(y)).is_some_and(|(x, y)| dark[y * side + x]);
        image::Luma([if is_dark { 0 } else { 255 }])
    });
    let mut file = Vec::new();
    picture.write_to(&mut Cursor::new(&mut file), image::ImageFormat::Png).ok()?;
    Some(file)
}

/// What a code said.
pub(crate) enum Scanned {
    /// Somebody's account.
    Account(AccountId),
    /// A secret: words, or a seed in hexadecimal.
    Phrase(Zeroizing<String>),
}

/// Why a picture gave nothing.
#[derive(Debug, PartialEq)]
enum Nothing {
    Unreadable,
    NoCode,
}

/// Decodes a picture within limits and looks for a code of ours in it.
fn scan(file: &[u8]) -> Result<Scanned, Nothing> {
    let mut reader =
        image::ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| Nothing::Unreadable)?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(LARGEST_ALLOCATION);
    reader.limits(limits);
    let mut picture = reader.decode().map_err(|_| Nothing::Unreadable)?;
    if picture.width().max(picture.height()) > SEARCHED_SIDE {
        picture = picture.thumbnail(SEARCHED_SIDE, SEARCHED_SIDE);
    }
    let grey = picture.to_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let mut searched = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey.as_raw()[y * width + x]);
    let texts = searched.detect_grids().into_iter().filter_map(|grid| grid.decode().ok());
    texts.filter_map(|(_, text)| understand(&Zeroizing::new(text))).next().ok_or(Nothing::NoCode)
}

fn understand(text: &str) -> Option<Scanned> {
    if let Ok(id) = AccountId::parse(text)
        && id.prefix() == Prefix::Account
    {
        return Some(Scanned::Account(id));
    }
    phrase::parse(text).is_ok().then(|| Scanned::Phrase(Zeroizing::new(text.to_owned())))
}

/// Lets the user choose a picture and hands over what its code says; says so when there is none.
pub(crate) fn from_picture(context: &Rc<Context>, found: impl FnOnce(Scanned) + 'static) {
    let (context, choosing) = (Rc::clone(context), context.platform.open_picture());
    go(async move {
        let file = match choosing.await {
            Ok(Some(file)) => file,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "no picture could be opened");
                return context.toast(ToastKind::CannotOpenFiles);
            }
        };
        // A decoder that panics ends its own task only.
        let scanning = async move { Ok(tokio::task::spawn_blocking(move || scan(&file)).await) };
        match context.bridge.call(scanning).await {
            Ok(Ok(Ok(scanned))) => found(scanned),
            Ok(Ok(Err(Nothing::NoCode))) => context.toast(ToastKind::NoCodeInPicture),
            Ok(Ok(Err(Nothing::Unreadable)) | Err(_)) | Err(_) => context.toast(ToastKind::PictureUnreadable),
        }
    });
}

/// Shows somebody's code.
pub(crate) fn show_of(context: &Context, person: Person) {
    context.with(|window| {
        let state = window.global::<SettingsState>();
        state.set_code(image(&person.id));
        state.set_code_of(person);
    });
    context.go(Screen::Qr);
}

/// The screen with a code: our own, or somebody's.
pub(crate) struct Qr {
    context: Rc<Context>,
}

impl Qr {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<SettingsState>();
        on!(state, part, on_open_qr, |this| this.context.go(Screen::Qr));
        on!(state, part, on_save_code, |this| this.save());
        part
    }

    /// The account ID whose code is on the screen.
    fn shown(&self) -> Option<String> {
        let of = self.context.window()?.global::<SettingsState>().get_code_of().id;
        if of.is_empty() { self.context.account().map(|account| account.id.to_hex()) } else { Some(of.into()) }
    }

    fn show_own(&self) {
        self.context.with(|window| {
            let state = window.global::<SettingsState>();
            let own = self.context.account().map(|account| image(&account.id.to_hex()));
            state.set_code(own.unwrap_or_default());
            state.set_code_of(Person::default());
        });
    }

    fn save(&self) {
        let Some(picture) = self.shown().and_then(|id| png(&id)) else { return };
        let (context, saving) = (Rc::clone(&self.context), self.context.platform.save_picture("tacit-id.png", picture));
        go(async move {
            if let Err(error) = saving.await {
                tracing::warn!(%error, "the picture could not be saved");
                context.toast(ToastKind::CannotOpenFiles);
            }
        });
    }
}

impl Part for Qr {
    fn account_opened(&self, _account: &Account) {
        self.show_own();
    }

    fn left(&self, from: Screen) {
        if from == Screen::Qr {
            self.show_own();
        }
    }

    fn account_closing(&self) {
        self.context.with(|window| window.global::<SettingsState>().set_code(Image::default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "pipeline abyss nouns cobra upgrade august apex venomous lullaby online cease cafe apex";

    #[test]
    fn what_we_write_we_can_read() {
        let id = AccountId::from_x25519(&[7; 32]);
        assert!(matches!(scan(&png(&id.to_hex()).unwrap()), Ok(Scanned::Account(found)) if found == id));
        let secret = png("506c079424c2232b8f3c4594f26396fe").unwrap();
        assert!(matches!(scan(&secret), Ok(Scanned::Phrase(_))));
        assert!(matches!(scan(&png(WORDS).unwrap()), Ok(Scanned::Phrase(words)) if *words == WORDS));
    }

    #[test]
    fn other_codes_and_other_files_are_told_apart() {
        assert_eq!(scan(&png("https://example.org").unwrap()).err(), Some(Nothing::NoCode));
        assert_eq!(scan(b"no picture").err(), Some(Nothing::Unreadable));
        assert_eq!(scan(&[]).err(), Some(Nothing::Unreadable));
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_refused() {
        // A valid PNG header of 60,000 × 60,000 pixels, and nothing behind it.
        let mut file = Vec::new();
        image::GrayImage::new(1, 1).write_to(&mut Cursor::new(&mut file), image::ImageFormat::Png).unwrap();
        file[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        assert_eq!(scan(&file).err(), Some(Nothing::Unreadable));
    }
}
