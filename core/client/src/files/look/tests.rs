//! Files that are not what they seem. Each stays a file that can be saved; none is shown.

use std::io::Cursor;
use std::time::Instant;

use super::*;

const VOICE: [(&str, &[u8]); 5] = [
    ("a.m4a", include_bytes!("../../../../media/tests/samples/tone.m4a")),
    ("a.mp3", include_bytes!("../../../../media/tests/samples/tone.mp3")),
    ("a.ogg", include_bytes!("../../../../media/tests/samples/tone.opus.ogg")),
    ("a.wav", include_bytes!("../../../../media/tests/samples/tone.wav")),
    ("a.flac", include_bytes!("../../../../media/tests/samples/tone.flac")),
];

/// A file as it stands in the cache, and what is made of it.
fn seen(bytes: &[u8], name: &str, role: AttachmentRole) -> (Look, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::of(dir.path());
    let new = super::super::attach::write(&cache, Cursor::new(bytes)).unwrap();
    let look = look(&cache, &new, name, role);
    let stored = StoredFile { id: tacit_store::FileId(0), name: new.name, key: new.key, size: new.size };
    (look, cache.open(&stored).unwrap().bytes().unwrap())
}

fn is_plain(look: &Look) -> bool {
    (look.width, look.height, look.duration_ms) == (0, 0, 0) && look.thumbnail.is_none() && look.waveform.is_empty()
}

#[test]
fn a_picture_of_60_000_by_60_000_pixels_is_a_file_like_any_other() {
    let side = [0xea, 0x60];
    let gif = [b"GIF89a".as_slice(), &[0x60, 0xea, 0x60, 0xea, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x2c]].concat();
    let gif = [gif.as_slice(), &[0, 0, 0, 0, 0x60, 0xea, 0x60, 0xea, 0, 2, 2, 0x0c, 0x0a, 0, 0x3b]].concat();
    let jpeg = [b"\xff\xd8\xff\xc0\0\x0b\x08".as_slice(), &side, &side, b"\x01\x01\x11\0\xff\xd9"].concat();
    for (bytes, name) in [(gif, "lake.gif"), (jpeg, "lake.jpg")] {
        let start = Instant::now();
        let (look, kept) = seen(&bytes, name, AttachmentRole::File);
        assert!(start.elapsed().as_secs() < 2, "{name}");
        assert!(is_plain(&look) && look.content_type == UNKNOWN, "{name}: {}", look.content_type);
        assert_eq!(kept, bytes, "it can be saved as it came");
    }
}

#[test]
fn drawings_and_pages_named_as_pictures_are_none() {
    for (bytes, content_type) in [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".as_slice(), "image/svg+xml"),
        (b"<!DOCTYPE html><script>alert(1)</script>".as_slice(), "text/html"),
        (b"just words".as_slice(), UNKNOWN),
        (b"\xff\xd8\xff\xe0 only the start of a photo".as_slice(), UNKNOWN),
    ] {
        let (look, kept) = seen(bytes, "holiday.jpg", AttachmentRole::File);
        assert!(is_plain(&look), "{content_type}");
        assert_eq!((look.content_type, kept.as_slice()), (content_type, bytes));
    }
}

#[test]
fn a_cut_voice_message_is_as_long_as_what_is_there_and_kept() {
    for (name, whole) in VOICE {
        let (look, _) = seen(whole, name, AttachmentRole::Voice);
        let duration = look.duration_ms;
        assert!(duration > 900 && look.waveform.len() == 40, "{name}: {duration}");
        for length in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
            let (look, kept) = seen(&whole[..length], name, AttachmentRole::Voice);
            assert!(look.duration_ms <= duration, "{name} cut at {length}: {}", look.duration_ms);
            assert!(length > whole.len() / 2 || look.duration_ms < duration, "{name} cut at {length}");
            assert_eq!(kept, whole[..length], "{name}");
        }
    }
}
