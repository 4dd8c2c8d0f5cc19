use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use proptest::prelude::*;
use tacit_crypto::attachment::stream;
use tacit_store::FileId;

use super::*;

fn written(cache: &Cache, data: &[u8]) -> StoredFile {
    let mut writer = cache.create().unwrap();
    writer.write_all(data).unwrap();
    let new = writer.finish().unwrap();
    StoredFile { id: FileId(1), name: new.name, key: new.key, size: new.size }
}

fn data(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n / 7) as u8).collect()
}

#[test]
fn what_is_written_is_read_and_stands_in_the_stream_form() {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::of(dir.path());
    for size in [0, 1, CHUNK - 2, CHUNK - 1, CHUNK, 2 * CHUNK - 1, 2 * CHUNK, 100_000] {
        let data = data(size);
        let file = written(&cache, &data);
        assert!(cache.open(&file).unwrap().bytes().unwrap() == data, "{size}");
        let raw = fs::read(dir.path().join("files").join(&file.name)).unwrap();
        if size > 0 {
            assert!(stream::decrypt(&raw, &file.key).unwrap() == data, "{size}");
            assert!(size < 32 || !raw.windows(32).any(|part| part == &data[..32]), "nothing stands in the clear");
        }
    }
}

#[test]
fn a_file_is_read_from_any_place() {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::of(dir.path());
    let data = data(150_000);
    let mut reader = cache.open(&written(&cache, &data)).unwrap();
    for at in [149_990, 0, 70_000, 32_767, 32_766, 150_000] {
        reader.seek(SeekFrom::Start(at as u64)).unwrap();
        let mut got = [0; 100];
        let count = (150_000 - at).min(100);
        reader.read_exact(&mut got[..count]).unwrap();
        assert_eq!(got[..count], data[at..at + count], "{at}");
    }
    assert_eq!(reader.seek(SeekFrom::End(-1)).unwrap(), 149_999);
    assert!(reader.seek(SeekFrom::Start(9)).is_ok() && reader.seek(SeekFrom::Current(-10)).is_err());
}

#[test]
fn what_was_changed_or_cut_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::of(dir.path());
    let file = written(&cache, &data(70_000));
    let path = dir.path().join("files").join(&file.name);
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[40_000] ^= 1;
    for (bad, what) in [
        (flipped, "flipped"),
        (whole[..HEAD + 2 * SEALED_CHUNK].to_vec(), "cut at a chunk"),
        (whole[..60_000].to_vec(), "cut within"),
        (Vec::new(), "empty"),
    ] {
        fs::write(&path, bad).unwrap();
        let read = cache.open(&file).and_then(FileReader::bytes);
        assert!(read.is_err(), "{what}");
    }
}

#[test]
fn what_was_given_up_leaves_nothing_and_what_no_row_names_is_swept_away() {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::of(dir.path());
    let mut writer = cache.create().unwrap();
    writer.write_all(b"half").unwrap();
    drop(writer);
    let names = || -> Vec<String> {
        let entries = fs::read_dir(dir.path().join("files")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert!(names().is_empty());

    let (kept, lost) = (written(&cache, b"kept"), written(&cache, b"lost"));
    for id in [7, 8] {
        append(&cache.fetched(AttachmentId(id)).unwrap()).unwrap();
    }
    let swept = cache.sweep(&[kept.name.clone()].into(), &[AttachmentId(7)].into()).unwrap();
    let mut left = names();
    left.sort();
    let mut expected = vec![kept.name, "fetched-7".to_owned()];
    expected.sort();
    assert_eq!((swept, left), (2, expected));
    assert!(!dir.path().join("files").join(lost.name).exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_walk_through_a_file_reads_what_stands_there(size in 1_usize..140_000, walk in prop::collection::vec((any::<u32>(), 1_usize..5_000), 1..12)) {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::of(dir.path());
        let data = data(size);
        let mut reader = cache.open(&written(&cache, &data)).unwrap();
        for (at, length) in walk {
            let at = at as usize % size;
            reader.seek(SeekFrom::Start(at as u64)).unwrap();
            let mut got = Vec::new();
            (&mut reader).take(length as u64).read_to_end(&mut got).unwrap();
            prop_assert!(got == data[at..(at + length).min(size)]);
        }
    }
}
