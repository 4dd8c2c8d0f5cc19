//! Pictures and sounds for the poses, drawn here so that none has to be shipped.

use slint::{Image, Rgb8Pixel, SharedPixelBuffer};
use tacit_ui::{Attachment, AttachmentKind, Transfer, Voice};

use super::list;

/// Hills before a sky, in one of some moods.
pub fn landscape(width: u32, height: u32, mood: usize) -> Image {
    let moods = [
        ([62, 84, 148], [246, 190, 132], [88, 66, 74]),
        ([70, 130, 190], [214, 232, 244], [52, 92, 74]),
        ([44, 32, 72], [214, 108, 128], [40, 30, 58]),
        ([120, 150, 160], [236, 226, 206], [98, 104, 90]),
        ([18, 24, 50], [70, 92, 140], [14, 18, 34]),
    ];
    let (sky, low, hill) = moods[mood % moods.len()];
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    let mix = |a: i32, b: i32, share: f32| (a as f32 + (b - a) as f32 * share.clamp(0., 1.)) as u8;
    for (i, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = ((i as u32 % width) as f32 / width as f32, (i as u32 / width) as f32 / height as f32);
        let wave =
            |phase: f32, tall: f32| (x * 6. + phase + mood as f32).sin() * tall + (x * 17. + phase).sin() * tall * 0.2;
        let mut shade = y * 1.4;
        let (mut from, mut to) = (sky, low);
        if y > 0.58 + wave(0.4, 0.06) {
            (from, to, shade) = (low, hill, 0.45);
        }
        if y > 0.72 + wave(2.1, 0.07) {
            shade = 0.75;
        }
        if y > 0.88 + wave(4.2, 0.05) {
            shade = 1.;
        }
        let sun = ((x - 0.68).powi(2) + ((y - 0.34) * height as f32 / width as f32).powi(2)).sqrt();
        if sun < 0.07 && shade < 0.9 {
            (from, to, shade) = ([255, 246, 226], [255, 246, 226], 0.);
        }
        *pixel =
            Rgb8Pixel { r: mix(from[0], to[0], shade), g: mix(from[1], to[1], shade), b: mix(from[2], to[2], shade) };
    }
    Image::from_rgb8(buffer)
}

/// A picture that is here.
pub fn photo(id: &str, width: u32, height: u32, mood: usize) -> Attachment {
    Attachment {
        id: id.into(),
        kind: AttachmentKind::Picture,
        name: format!("{id}.jpg").into(),
        size: "1.2 MB".into(),
        type_name: "JPEG".into(),
        width: width as i32 * 4,
        height: height as i32 * 4,
        picture: landscape(width, height, mood),
        has_picture: true,
        ..Default::default()
    }
}

pub fn photos(count: usize) -> slint::ModelRc<Attachment> {
    list((0..count).map(|i| photo(&format!("p{count}-{i}"), 160, 120, i)).collect())
}

/// A picture that is not here yet.
pub fn missing(id: &str, transfer: Transfer, progress: f32) -> Attachment {
    Attachment { picture: Image::default(), has_picture: false, transfer, progress, ..photo(id, 160, 120, 0) }
}

pub fn film(id: &str) -> Attachment {
    Attachment {
        kind: AttachmentKind::Video,
        duration: "0:18".into(),
        type_name: "MP4".into(),
        ..photo(id, 160, 90, 1)
    }
}

pub fn file(id: &str, name: &str, kind: AttachmentKind, size: &str, type_name: &str) -> Attachment {
    Attachment {
        id: id.into(),
        kind,
        name: name.into(),
        size: size.into(),
        type_name: type_name.into(),
        ..Default::default()
    }
}

pub fn voice(id: &str, length: &str) -> Voice {
    let bar = |i: i32| (0.25 + 0.75 * ((i as f32 * 0.9).sin() * (i as f32 * 0.23).cos()).abs()).min(1.);
    Voice { id: id.into(), bars: list((0..40).map(bar).collect()), length: length.into(), ..Default::default() }
}
