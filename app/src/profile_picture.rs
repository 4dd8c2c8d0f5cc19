//! Our own picture: shown wherever we are, the sheet profile-picture and the screen crop-picture.

use std::cell::RefCell;
use std::io::Cursor;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use image::{DynamicImage, ImageDecoder as _, ImageReader};
use slint::{ComponentHandle as _, Image, Rgba8Pixel, SharedPixelBuffer};
use tacit_client::{Client, Error, Event};
use tacit_ui::{App, HomeState, PictureUpload, ProfilePictureState, Screen, SettingsState, ToastKind};
use tacit_wire::AccountId;
use tokio::sync::broadcast::error::RecvError;

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::part::Part;

/// Largest side of a picture that is opened, and most memory that decoding it may take, in bytes.
const LARGEST_SIDE: u32 = 12_000;
const LARGEST_ALLOCATION: u64 = 256 << 20;
/// Largest side of the picture that is cropped.
const SHOWN_SIDE: u32 = 2_048;
/// Side of what is published, in pixels.
const SIDE: u32 = 600;

/// Decodes a picture within limits, upright, not larger than it is shown.
pub(crate) fn open(file: Vec<u8>) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(LARGEST_ALLOCATION);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let turned = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if picture.width().max(picture.height()) > SHOWN_SIDE {
        picture = picture.thumbnail(SHOWN_SIDE, SHOWN_SIDE);
    }
    if let Some(turned) = turned {
        picture.apply_orientation(turned);
    }
    Some(picture)
}

/// A square of a picture as a file without anything but pixels; a square that lies outside is
/// moved inside.
fn cut(picture: &DynamicImage, left: i32, top: i32, side: i32) -> Option<Vec<u8>> {
    let shorter = picture.width().min(picture.height());
    let side = u32::try_from(side).unwrap_or(shorter).clamp(1, shorter.max(1));
    let inside = |at: i32, length: u32| u32::try_from(at).unwrap_or_default().min(length - side);
    let (left, top) = (inside(left, picture.width()), inside(top, picture.height()));
    let square = picture.crop_imm(left, top, side, side);
    let square = if side > SIDE { square.thumbnail_exact(SIDE, SIDE) } else { square };
    let mut file = Vec::new();
    DynamicImage::from(square.to_rgb8()).write_to(&mut Cursor::new(&mut file), image::ImageFormat::Png).ok()?;
    Some(file)
}

fn image_of(picture: &DynamicImage) -> Image {
    let pixels = picture.to_rgba8();
    Image::from_rgba8(SharedPixelBuffer::<Rgba8Pixel>::clone_from_slice(&pixels, pixels.width(), pixels.height()))
}

/// The sheet and the screen.
pub(crate) struct ProfilePicture {
    me: Weak<Self>,
    context: Rc<Context>,
    /// What is being cropped.
    chosen: RefCell<Option<Arc<DynamicImage>>>,
    following: RefCell<Option<Task>>,
}

impl ProfilePicture {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            chosen: RefCell::default(),
            following: RefCell::default(),
        });
        let state = window.global::<ProfilePictureState>();
        state.set_has_camera(context.platform.abilities().camera);
        on!(state, part, on_choose, |this| this.choose());
        on!(state, part, on_remove, |this| this.publish(None, ToastKind::PictureRemoved));
        on!(state, part, on_retry, |this| this.retry());
        on!(state, part, on_save, |this, left, top, side| this.save(left, top, side));
        part
    }

    fn choose(&self) {
        let (me, context, choosing) =
            (Weak::clone(&self.me), Rc::clone(&self.context), self.context.platform.open_picture());
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
            let opening = async move { Ok(tokio::task::spawn_blocking(move || open(file)).await.ok().flatten()) };
            let opened = context.bridge.call(opening).await;
            let Some(this) = me.upgrade() else { return };
            match opened {
                Ok(Some(picture)) => this.crop(picture),
                _ => context.toast(ToastKind::PictureUnreadable),
            }
        });
    }

    fn crop(&self, picture: DynamicImage) {
        self.context.with(|window| window.global::<ProfilePictureState>().set_picture(image_of(&picture)));
        *self.chosen.borrow_mut() = Some(Arc::new(picture));
        self.context.go(Screen::CropPicture);
    }

    fn set_busy(&self, busy: bool) {
        self.context.with(|window| window.global::<ProfilePictureState>().set_busy(busy));
    }

    fn save(&self, left: i32, top: i32, side: i32) {
        let (Some(picture), Some(this)) = (self.chosen.borrow().clone(), self.me.upgrade()) else { return };
        self.set_busy(true);
        go(async move {
            let cutting = async move {
                Ok(tokio::task::spawn_blocking(move || cut(&picture, left, top, side)).await.ok().flatten())
            };
            let square = this.context.bridge.call(cutting).await.ok().flatten();
            this.set_busy(false);
            match square {
                Some(square) => {
                    this.context.back();
                    this.publish(Some(square), ToastKind::PictureSaved);
                }
                None => this.context.toast(ToastKind::PictureUnreadable),
            }
        });
    }

    /// Shows the picture at once; it is published when there is a connection.
    fn publish(&self, picture: Option<Vec<u8>>, done: ToastKind) {
        let Some(this) = self.me.upgrade() else { return };
        self.context.close_sheet();
        go(async move {
            let setting =
                this.context.call(move |account| async move { account.client.set_picture(picture).await }).await;
            match setting {
                Ok(()) => {
                    this.context.toast(done);
                    if let Some(account) = this.context.account() {
                        this.context.tell(|part| part.profile_changed(&account));
                    }
                }
                Err(error) => this.context.report(&error),
            }
        });
    }

    /// What we chose is uploaded by itself; a network that just came back is told of at once.
    fn retry(&self) {
        self.context.close_sheet();
        if let Some(account) = self.context.account() {
            account.client.network_changed();
        }
    }

    /// Reads the picture again, and whether others can see it.
    fn refresh(&self) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let read = context.call(|account| read(account.client, account.id)).await;
            let (Ok((pixels, pending)), Some(this)) = (read, me.upgrade()) else { return };
            this.show(pixels, pending);
        });
    }

    fn show(&self, pixels: Option<SharedPixelBuffer<Rgba8Pixel>>, pending: bool) {
        let has = pixels.is_some();
        let picture = pixels.map(Image::from_rgba8).unwrap_or_default();
        self.context.with(|window| {
            let state = window.global::<SettingsState>();
            state.set_picture(picture.clone());
            state.set_has_picture(has);
            state.set_upload(if pending { PictureUpload::Uploading } else { PictureUpload::None });
            window.global::<HomeState>().set_own_picture(picture);
        });
    }

    /// Follows what other devices of ours choose, and the upload.
    fn follow(&self, account: &Account) {
        let (me, mut events) = (Weak::clone(&self.me), account.client.events());
        *self.following.borrow_mut() = Some(Task::run(async move {
            loop {
                match events.recv().await {
                    Ok(Event::Conversations) | Err(RecvError::Lagged(_)) => {
                        let Some(this) = me.upgrade() else { return };
                        this.refresh();
                    }
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }));
    }
}

/// Our picture, if we have one, and whether it is not yet where others can see it.
async fn read(client: Client, me: AccountId) -> Result<(Option<SharedPixelBuffer<Rgba8Pixel>>, bool), Error> {
    let pending = client.picture_pending().await?;
    let Some(file) = client.picture(&me).await? else { return Ok((None, pending)) };
    let reader = client.open_file(file).await?;
    let reading = move || {
        let picture = open(reader.bytes().ok()?)?.thumbnail(SIDE, SIDE).to_rgba8();
        Some(SharedPixelBuffer::clone_from_slice(&picture, picture.width(), picture.height()))
    };
    Ok((tokio::task::spawn_blocking(reading).await.ok().flatten(), pending))
}

impl Part for ProfilePicture {
    fn account_opened(&self, account: &Account) {
        self.refresh();
        self.follow(account);
    }

    fn account_closing(&self) {
        self.following.borrow_mut().take();
        self.show(None, false);
    }

    fn left(&self, from: Screen) {
        if from == Screen::CropPicture {
            self.chosen.borrow_mut().take();
            self.context.with(|window| window.global::<ProfilePictureState>().set_picture(Image::default()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: u32, height: u32) -> Vec<u8> {
        let mut file = Vec::new();
        let picture = DynamicImage::new_rgb8(width, height);
        picture.write_to(&mut Cursor::new(&mut file), image::ImageFormat::Png).unwrap();
        file
    }

    #[test]
    fn a_square_is_cut_wherever_it_was_dragged() {
        let picture = open(file(900, 700)).unwrap();
        for (left, top, side) in [(0, 0, 700), (500, 300, 400), (-9, 9_000, 20), (0, 0, -1), (0, 0, i32::MAX)] {
            let square = image::load_from_memory(&cut(&picture, left, top, side).unwrap()).unwrap();
            assert!(square.width() == square.height() && square.width() <= SIDE);
        }
    }

    #[test]
    fn a_large_picture_is_scaled_and_nonsense_is_refused() {
        assert_eq!(open(file(4_096, 1_024)).map(|picture| (picture.width(), picture.height())), Some((2_048, 512)));
        assert!(open(b"no picture".to_vec()).is_none());
    }
}
