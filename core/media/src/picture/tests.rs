use std::time::{Duration, Instant};

use image::codecs::gif::{GifEncoder, Repeat};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

/// Stands for what must not be sent: a place, a name, a camera.
const SECRET: &[u8] = b"SECRET 52.5200N 13.4050E";

/// A ramp: red to the right, green downwards.
fn ramp(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 40]))
}

/// EXIF with an orientation and a text that must not be sent.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend_from_slice(&[0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend_from_slice(SECRET);
    exif
}

fn jpeg(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let plain = encode::jpeg(image).unwrap().bytes;
    let exif = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    let segment =
        |marker: u8, data: &[u8]| [&[0xff, marker], (data.len() as u16 + 2).to_be_bytes().as_slice(), data].concat();
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat();
    [&plain[..2], &segment(0xe1, &exif), &segment(0xe1, &xmp), &segment(0xfe, SECRET), &plain[2..], SECRET].concat()
}

fn png_chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let sum = crc32(&[name.as_slice(), data].concat());
    [&(data.len() as u32).to_be_bytes(), name.as_slice(), data, &sum.to_be_bytes()].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
    })
}

fn png(image: &DynamicImage, orientation: u8) -> Vec<u8> {
    let plain = encode::png(image).unwrap().bytes;
    let text = [b"Comment\0".as_slice(), SECRET].concat();
    let extra = [png_chunk(*b"tEXt", &text), png_chunk(*b"eXIf", &exif(orientation)), png_chunk(*b"prVt", SECRET)];
    [&plain[..33], &extra.concat(), &plain[33..], SECRET].concat()
}

fn webp(image: &RgbaImage, orientation: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
    encoder.set_exif_metadata(exif(orientation)).unwrap();
    encoder.set_icc_profile(SECRET.to_vec()).unwrap();
    encoder.encode(image, image.width(), image.height(), ExtendedColorType::Rgba8).unwrap();
    bytes
}

fn gif(frames: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for shade in 0..frames {
        let image = RgbaImage::from_pixel(8, 6, Rgba([shade * 50, 0, 0, 255]));
        let delay = image::Delay::from_numer_denom_ms(200, 1);
        encoder.encode_frame(image::Frame::from_parts(image, 0, 0, delay)).unwrap();
    }
    drop(encoder);
    let comment = [&[0x21, 0xfe, SECRET.len() as u8], SECRET, &[0]].concat();
    let xmp = [b"\x21\xff\x0bXMP DataXMP".as_slice(), &[SECRET.len() as u8], SECRET, &[0]].concat();
    bytes.pop();
    [bytes, comment, xmp, vec![0x3b], SECRET.to_vec()].concat()
}

fn holds_secret(bytes: &[u8]) -> bool {
    let marks = [&SECRET[..6], b"Exif", b"eXIf", b"EXIF", b"XMP", b"tEXt", b"ICCP", b"xap"];
    marks.iter().any(|mark| bytes.windows(mark.len()).any(|w| w == *mark))
}

#[test]
fn a_photo_is_sent_upright_and_without_its_place() {
    let photo = jpeg(&ramp(40, 20), 6);
    assert!(holds_secret(&photo));
    let sent = prepare(&photo, Quality::Original).unwrap();
    assert!(!holds_secret(&sent.bytes));
    assert_eq!((sent.content_type, sent.width, sent.height), ("image/jpeg", 20, 40));
    assert_eq!(dimensions(&photo).unwrap(), (20, 40));
    // Turned clockwise, what was at the left is on top: red grows downwards.
    let seen = thumbnail(&sent.bytes, 40).unwrap();
    let red = |x: usize, y: usize| seen.rgba[(y * 20 + x) * 4];
    assert!(red(10, 2) < 40 && red(10, 37) > 215);
}

#[test]
fn a_photo_that_needs_no_turning_loses_its_place_too() {
    let sent = prepare(&jpeg(&ramp(40, 20), 1), Quality::Standard).unwrap();
    assert!(!holds_secret(&sent.bytes));
    assert_eq!((sent.content_type, sent.width, sent.height), ("image/jpeg", 40, 20));
}

#[test]
fn a_png_loses_text_and_exif_and_keeps_its_pixels() {
    let noise = RgbaImage::from_fn(31, 17, |x, y| Rgba([(x * 8) as u8, (y * 15) as u8, (x * y) as u8, (y * 15) as u8]));
    for orientation in [1, 3] {
        let file = png(&DynamicImage::ImageRgba8(noise.clone()), orientation);
        let sent = prepare(&file, Quality::Standard).unwrap();
        assert!(!holds_secret(&sent.bytes));
        assert_eq!(thumbnail(&sent.bytes, 100), thumbnail(&file, 100));
    }
    let file = png(&DynamicImage::ImageRgba8(noise.clone()), 1);
    let stripped = strip::strip(&file, Format::Png).unwrap();
    assert!(!holds_secret(&stripped));
    assert_eq!(thumbnail(&stripped, 100).unwrap().rgba, noise.into_raw());
}

#[test]
fn a_webp_loses_exif_and_colour_profile() {
    let image = DynamicImage::ImageRgb8(ramp(30, 10)).into_rgba8();
    let file = webp(&image, 1);
    assert!(holds_secret(&file));
    let sent = prepare(&file, Quality::Original).unwrap();
    assert!(!holds_secret(&sent.bytes));
    assert_eq!(sent.content_type, "image/webp");
    assert_eq!(thumbnail(&sent.bytes, 100).unwrap().rgba, image.clone().into_raw());
    let turned = prepare(&webp(&image, 8), Quality::Original).unwrap();
    assert_eq!((turned.content_type, turned.width, turned.height), ("image/jpeg", 10, 30));
}

#[test]
fn wide_colours_of_phones_become_those_of_the_web() {
    let red = RgbaImage::from_pixel(4, 4, Rgba([200, 50, 50, 255]));
    let mut file = Vec::new();
    let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut file);
    encoder.set_icc_profile(b"\0D\0i\0s\0p\0l\0a\0y\0 \0P\x003".to_vec()).unwrap();
    encoder.encode(&red, 4, 4, ExtendedColorType::Rgba8).unwrap();
    let seen = thumbnail(&file, 10).unwrap().rgba;
    assert!(seen[0] > 210 && seen[1] < 40, "{:?}", &seen[..4]);
}

#[test]
fn a_gif_keeps_frames_and_loop_and_loses_comments() {
    let file = gif(3);
    assert!(holds_secret(&file));
    let sent = prepare(&file, Quality::Standard).unwrap();
    assert!(!holds_secret(&sent.bytes));
    assert!(sent.bytes.windows(11).any(|w| w == b"NETSCAPE2.0"));
    let before: Vec<Frame> = frames(&file, 100).unwrap().collect();
    let after: Vec<Frame> = frames(&sent.bytes, 100).unwrap().collect();
    assert_eq!((after.len(), after[0].delay), (3, Duration::from_millis(200)));
    assert_eq!(before, after);
}

#[test]
fn large_pictures_are_scaled_to_the_chosen_quality() {
    let photo = jpeg(&ramp(5000, 100), 1);
    for (quality, width, height) in [(Quality::Standard, 1600, 32), (Quality::Original, 4096, 82)] {
        let sent = prepare(&photo, quality).unwrap();
        assert_eq!((sent.width, sent.height), (width, height));
    }
    assert_eq!(prepare(&png(&DynamicImage::ImageRgb8(ramp(2000, 10)), 1), Quality::Standard).unwrap().height, 8);
}

#[test]
fn scaling_takes_the_mean_of_the_area() {
    let stripes =
        RgbaImage::from_fn(7, 7, |x, _| if x % 2 == 0 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 255, 0]) });
    let dot = scale::down(&stripes, 1);
    // See-through pixels give no colour.
    assert_eq!(dot.get_pixel(0, 0).0, [255, 0, 0, (255 * 4 / 7) as u8 + 1]);
    let grey = RgbaImage::from_pixel(1000, 700, Rgba([90, 91, 92, 255]));
    assert!(scale::down(&grey, 333).pixels().all(|p| p.0 == [90, 91, 92, 255]));
}

#[test]
fn profile_pictures_are_square() {
    let sent = profile_picture(&jpeg(&ramp(1300, 700), 1)).unwrap();
    assert_eq!((sent.content_type, sent.width, sent.height), ("image/jpeg", 600, 600));
    let small = profile_picture(&gif(2)).unwrap();
    assert_eq!((small.content_type, small.width, small.height), ("image/jpeg", 6, 6));
    let through = RgbaImage::from_pixel(9, 9, Rgba([1, 2, 3, 100]));
    assert_eq!(profile_picture(&png(&DynamicImage::ImageRgba8(through), 1)).unwrap().content_type, "image/webp");
}

#[test]
fn a_placeholder_is_small() {
    let soft = blurred(&jpeg(&ramp(300, 600), 1)).unwrap();
    assert_eq!((soft.width, soft.height, soft.rgba.len()), (16, 32, 16 * 32 * 4));
}

#[test]
fn a_picture_that_would_fill_memory_is_refused_at_once() {
    let side = 60_000_u32.to_be_bytes();
    let header = [&side[..], &side, &[8, 6, 0, 0, 0]].concat();
    let data = png_chunk(*b"IDAT", &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]);
    let huge_png = [b"\x89PNG\r\n\x1a\n".as_slice(), &png_chunk(*b"IHDR", &header), &data].concat();
    let mut huge_jpeg = jpeg(&ramp(16, 16), 1);
    let frame = huge_jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    huge_jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let mut huge_gif = gif(1);
    huge_gif[6..10].copy_from_slice(&[0x60, 0xea, 0x60, 0xea]);
    for file in [huge_png, huge_jpeg, huge_gif] {
        let start = Instant::now();
        assert!(matches!(prepare(&file, Quality::Original), Err(Error::TooLarge(_))));
        assert!(matches!(thumbnail(&file, 100), Err(Error::TooLarge(_))));
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn what_is_no_picture_is_refused() {
    for bytes in
        [b"".as_slice(), b"<svg/>", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"\xff\xd8\xff", b"BM......", b"\x89PNG\r\n\x1a\n"]
    {
        assert!(prepare(bytes, Quality::Standard).is_err());
        assert!(profile_picture(bytes).is_err());
        assert!(frames(bytes, 10).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn cut_and_damaged_pictures_never_panic(which in 0..4_usize, cut in 0..2000_usize, at in 0..2000_usize, byte: u8) {
        let image = DynamicImage::ImageRgb8(ramp(20, 12));
        let mut file = match which {
            0 => jpeg(&ramp(20, 12), 6),
            1 => png(&image, 3),
            2 => webp(&image.into_rgba8(), 1),
            _ => gif(2),
        };
        file.truncate(cut.max(20));
        if let Some(b) = file.get_mut(at) {
            *b = byte;
        }
        let _ = prepare(&file, Quality::Standard);
        let _ = blurred(&file);
        let _ = frames(&file, 10).map(Iterator::count);
    }

    #[test]
    fn any_bytes_after_a_signature_are_survived(start in 0..4_usize, rest: Vec<u8>) {
        let starts: [&[u8]; 4] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a"];
        let file = [starts[start], &rest].concat();
        let _ = prepare(&file, Quality::Standard);
        for format in [Format::Png, Format::WebP, Format::Gif] {
            let _ = strip::strip(&file, format);
        }
    }
}
