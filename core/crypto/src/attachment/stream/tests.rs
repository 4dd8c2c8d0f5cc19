use super::secretstream::{State, Tag};
use super::*;

const SEED: [u8; 32] = [8; 32];

fn data(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n * 7) as u8).collect()
}

fn sealed(size: usize) -> (Vec<u8>, Zeroizing<[u8; 32]>) {
    encrypt(&data(size), &SEED, Domain::Attachment).unwrap()
}

#[test]
fn pieces_of_any_size_give_the_same_upload_and_data() {
    for size in [0, 1, 4_054, 32_768, 100_000] {
        let (whole, key) = sealed(size);
        assert_eq!(whole.len(), encrypted_size(size));
        for piece in [1, 1_000, 32_768, 32_785, 70_000] {
            let mut hasher = Hasher::new(&SEED, Domain::Attachment).unwrap();
            data(size).chunks(piece).for_each(|part| hasher.push(part).unwrap());
            let plan = hasher.finish();
            assert_eq!(plan.key, key);
            assert_eq!(plan.encrypted_size(), whole.len());
            let mut encoder = plan.encoder();
            let mut upload = Vec::new();
            for part in data(size).chunks(piece) {
                encoder.push(part, &mut upload).unwrap();
            }
            encoder.finish(&mut upload).unwrap();
            assert!(upload == whole, "{size} in pieces of {piece}");

            let mut decoder = Decoder::new(&key);
            let mut out = Vec::new();
            for part in whole.chunks(piece) {
                decoder.push(part, &mut out).unwrap();
            }
            decoder.finish(&mut out).unwrap();
            assert!(out == data(size), "{size} in pieces of {piece}");
        }
    }
}

#[test]
fn the_largest_data_makes_the_largest_upload() {
    assert!(encrypted_size(MAX_DATA) <= crate::attachment::MAX_UPLOAD);
    assert!(encrypted_size(MAX_DATA + 1) > crate::attachment::MAX_UPLOAD);
    assert_eq!(encrypted_size(10_218_286), 10_223_616);
    let mut hasher = Hasher::new(&SEED, Domain::Attachment).unwrap();
    hasher.push(&[0]).unwrap();
    assert_eq!(hasher.push(&vec![0; MAX_DATA]), Err(Error::Size));
}

#[test]
fn files_and_pictures_have_different_keys() {
    let (file, file_key) = encrypt(b"x", &SEED, Domain::Attachment).unwrap();
    let (picture, picture_key) = encrypt(b"x", &SEED, Domain::Picture).unwrap();
    assert_ne!(file_key, picture_key);
    assert_eq!(file.len(), picture.len());
    assert_eq!(decrypt(&file, &picture_key), Err(Error::Decrypt));
    assert_eq!(decrypt(&picture, &picture_key).unwrap(), b"x");
}

#[test]
fn other_data_in_the_second_pass_is_noticed() {
    let mut hasher = Hasher::new(&SEED, Domain::Attachment).unwrap();
    hasher.push(b"four").unwrap();
    let plan = hasher.finish();
    let second = |data: &[u8]| {
        let mut encoder = plan.encoder();
        let mut out = Vec::new();
        encoder.push(data, &mut out)?;
        encoder.finish(&mut out)
    };
    assert_eq!(second(b"four"), Ok(()));
    assert_eq!(second(b"fout"), Err(Error::Changed));
    assert_eq!(second(b"fou"), Err(Error::Changed));
    assert_eq!(second(b"fours"), Err(Error::Changed));
    assert_eq!(second(b""), Err(Error::Changed));
}

#[test]
fn streams_without_their_end_or_with_more_are_refused() {
    // Two chunks, the first of them whole.
    let (upload, key) = sealed(60_000);
    let first = HEAD + SEALED_CHUNK;
    assert_eq!(decrypt(&upload[..first], &key), Err(Error::NoFinal));
    assert_eq!(decrypt(&upload[..first + 10], &key), Err(Error::Decrypt));
    assert_eq!(decrypt(&upload[..SHORTEST - 1], &key), Err(Error::TooShort));
    let mut out = Vec::new();
    let mut decoder = Decoder::new(&key);
    decoder.push(&upload[..30], &mut out).unwrap();
    assert_eq!(decoder.finish(&mut out), Err(Error::TooShort));

    // A last chunk that is whole, and one byte more.
    let mut state = State::new(&key, &[3; HEADER]);
    let mut text = vec![1; CHUNK];
    let (tag, mac) = state.push(Tag::Final, &mut text);
    let mut whole = [&[TYPE], &[3; HEADER][..], &[tag], &text, &mac].concat();
    assert_eq!(decrypt(&whole, &key).unwrap().len(), CHUNK - 1);
    whole.push(0);
    assert_eq!(decrypt(&whole, &key), Err(Error::DataAfterFinal));
}

#[test]
fn other_types_and_every_change_are_noticed() {
    let (upload, key) = sealed(10);
    for at in (0..upload.len()).step_by(7) {
        let mut changed = upload.clone();
        changed[at] ^= 1;
        let expected = if at == 0 { Error::UnknownType } else { Error::Decrypt };
        assert_eq!(decrypt(&changed, &key), Err(expected));
    }
}

#[test]
fn padding_ends_with_a_one() {
    for (text, expected) in [
        (vec![0, 0, 1, 5], Ok(vec![5])),
        (vec![1], Ok(vec![])),
        (vec![0, 2, 1], Err(Error::Padding)),
        (vec![0, 0, 0], Err(Error::Padding)),
    ] {
        let mut text = text;
        let mut state = State::new(&SEED, &[3; HEADER]);
        let (tag, mac) = state.push(Tag::Final, &mut text);
        let upload = [&[TYPE], &[3; HEADER][..], &[tag], &text, &mac].concat();
        assert_eq!(decrypt(&upload, &SEED), expected);
    }
}
