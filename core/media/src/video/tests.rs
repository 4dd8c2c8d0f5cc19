use proptest::prelude::*;

use super::*;

const TURNED: &[u8] = include_bytes!("../../tests/samples/turn.mp4");
const KEYS: &[u8] = include_bytes!("../../tests/samples/keys.mov");
const CLIP: &[u8] = include_bytes!("../../tests/samples/clip.webm");

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

fn atom(name: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes(), name, &body].concat()
}

/// A file with one track of `handler`, whose samples of 6, 6 and 9 bytes lie in two chunks.
fn camera(handler: &[u8]) -> Vec<u8> {
    let start = atom(b"ftyp", &[b"mp42"]);
    let media = atom(b"mdat", &[b"one111two222", b"between", b"three3333"]);
    let first = start.len() as u32 + 8;
    let numbers = |list: &[u32]| list.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
    let table = atom(
        b"stbl",
        &[
            &atom(b"stsz", &[&numbers(&[0, 0, 3, 6, 6, 9])]),
            &atom(b"stsc", &[&numbers(&[0, 2, 1, 2, 1, 2, 1, 1])]),
            &atom(b"stco", &[&numbers(&[0, 2, first, first + 19])]),
        ],
    );
    let name = atom(b"hdlr", &[&[0; 8], handler, &[0; 12], b"Maker of cameras\0"]);
    let track = atom(b"trak", &[&atom(b"mdia", &[&name, &atom(b"minf", &[&table])])]);
    [start, media, atom(b"moov", &[&atom(b"mvhd", &[&[0, 0, 0, 0], b"TIMETIME", &[0; 88]]), &track])].concat()
}

#[test]
fn a_container_tells_size_turn_and_length() {
    let turned = info(TURNED).unwrap();
    assert_eq!((turned.width, turned.height), (48, 64));
    assert!(turned.rotation == 90 || turned.rotation == 270);
    assert_eq!(turned.duration, Some(Duration::from_secs(1)));
    let straight = info(KEYS).unwrap();
    assert_eq!((straight.width, straight.height, straight.rotation), (64, 48, 0));
    let clip = info(CLIP).unwrap();
    assert_eq!((clip.width, clip.height, clip.rotation), (64, 48, 0));
    assert!(clip.duration.unwrap().abs_diff(Duration::from_secs(1)) < Duration::from_millis(50));
}

#[test]
fn place_and_device_are_blanked_and_all_else_stays_in_place() {
    for file in [TURNED, KEYS, CLIP] {
        assert!(holds(file, "SECRET"));
        let sent = strip(file.to_vec()).unwrap();
        for text in ["SECRET", "+52.5200", "Lavf", "Lavc", "com.apple", "Handler"] {
            // The encoder's mark within the picture's own data is not the container's.
            assert!(!holds(&sent, text) || text == "Lavc", "{text}");
        }
        assert_eq!(sent.len(), file.len());
        assert_eq!(info(&sent), info(file));
        assert_eq!(strip(sent.clone()).unwrap(), sent);
    }
}

#[test]
fn the_sound_of_a_stripped_video_still_plays() {
    for file in [TURNED, KEYS] {
        let (before, _) = crate::audio::decode(file.to_vec()).unwrap();
        let (after, error) = crate::audio::decode(strip(file.to_vec()).unwrap()).unwrap();
        assert_eq!((before.samples.len(), error), (after.samples.len(), None));
        assert!(before == after);
    }
}

#[test]
fn a_track_of_positions_is_blanked_with_its_samples() {
    let sent = strip(camera(b"meta")).unwrap();
    for text in ["one111", "two222", "three3333", "trak", "Maker", "TIME"] {
        assert!(!holds(&sent, text), "{text}");
    }
    assert!(holds(&sent, "between"));
    let sent = strip(camera(b"vide")).unwrap();
    for text in ["one111", "two222", "three3333", "trak"] {
        assert!(holds(&sent, text), "{text}");
    }
    assert!(!holds(&sent, "Maker") && !holds(&sent, "TIME"));
}

#[test]
fn what_is_no_video_is_refused() {
    for file in [b"".as_slice(), b"hello", b"\0\0\0\x08ftyp", b"\x1a\x45\xdf\xa3", &camera(b"meta")] {
        assert!(info(file).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cut_and_damaged_video_never_panics(
        which in 0..4_usize,
        cut: prop::sample::Index,
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut file = [TURNED, KEYS, CLIP, &camera(b"meta")][which].to_vec();
        file.truncate(cut.index(file.len() + 1).max(1));
        for (at, byte) in hits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = info(&file);
        let length = file.len();
        prop_assert!(strip(file).map_or(true, |sent| sent.len() == length));
    }
}
