use super::*;
use crate::testing::Scripted;
use hmac::Mac;

fn sealed(data: &[u8]) -> (Vec<u8>, Secrets) {
    encrypt(data, &mut Scripted::counting()).unwrap()
}

fn opened(upload: &[u8], secrets: &Secrets, size: usize) -> Result<Vec<u8>, Error> {
    decrypt(upload, secrets.key.as_ref(), Some(&secrets.digest), size)
}

/// Remakes MAC and digest after a change, as a malicious sender could.
fn resealed(body: &[u8], key: &[u8; KEY]) -> (Vec<u8>, Secrets) {
    let (_, mut mac) = halves(key);
    mac.update(body);
    let upload = [body, &mac.finalize().into_bytes()].concat();
    let secrets = Secrets { key: Zeroizing::new(*key), digest: digest(&upload) };
    (upload, secrets)
}

#[test]
fn pieces_of_any_size_give_the_same_upload_and_data() {
    let data: Vec<u8> = (0..10_000u32).map(|n| n as u8).collect();
    let (whole, secrets) = sealed(&data);
    for piece in [1, 15, 16, 17, 1000, 9_999] {
        let mut encoder = Encoder::new(&mut Scripted::counting());
        let mut upload = Vec::new();
        for part in data.chunks(piece) {
            encoder.push(part, &mut upload).unwrap();
        }
        encoder.finish(&mut upload).unwrap();
        assert!(upload == whole, "pieces of {piece}");

        let digest = Some(&secrets.digest[..]);
        let mut decoder = Decoder::new(secrets.key.as_ref(), digest, data.len()).unwrap();
        let mut out = Vec::new();
        for part in whole.chunks(piece) {
            decoder.push(part, &mut out);
        }
        decoder.finish(&mut out).unwrap();
        assert!(out == data, "pieces of {piece}");
    }
}

#[test]
fn sizes_grow_by_a_twentieth_and_never_below_the_data() {
    for (size, padded) in [
        (0, 541),
        (541, 541),
        (542, 568),
        (1_000_000, 1_041_743),
        (9_000_000, 9_360_076),
        (MAX_DATA - 1, MAX_DATA),
        (MAX_DATA, MAX_DATA),
        (MAX_DATA + 1, MAX_DATA + 1),
    ] {
        assert_eq!(padded_size(size), padded);
    }
    let data = vec![0; MAX_DATA];
    assert_eq!(sealed(&data).0.len(), crate::attachment::MAX_UPLOAD);
}

#[test]
fn what_no_receiver_takes_is_not_sent() {
    let mut rng = Scripted::counting();
    assert_eq!(encrypt(b"", &mut rng).err(), Some(Error::Size));
    let mut encoder = Encoder::new(&mut rng);
    let mut out = Vec::new();
    encoder.push(&[0], &mut out).unwrap();
    let huge = vec![0; MAX_DATA];
    assert_eq!(encoder.push(&huge, &mut out), Err(Error::Size));
}

#[test]
fn every_change_is_noticed() {
    let (upload, secrets) = sealed(b"data");
    for at in 0..upload.len() {
        let mut changed = upload.clone();
        changed[at] ^= 1;
        assert_eq!(opened(&changed, &secrets, 4), Err(Error::Mac));
    }
    for end in 0..upload.len() {
        let error = opened(&upload[..end], &secrets, 4).unwrap_err();
        let expected = if end < SHORTEST { Error::TooShort } else { Error::Mac };
        assert_eq!(error, expected);
    }
}

#[test]
fn digest_key_and_size_must_be_right() {
    let (upload, secrets) = sealed(b"data");
    let key = secrets.key.as_ref();
    assert_eq!(decrypt(&upload, key, None, 4), Err(Error::Digest));
    assert_eq!(decrypt(&upload, key, Some(&[0; 32]), 4), Err(Error::Digest));
    assert_eq!(decrypt(&upload, key, Some(&[]), 4), Err(Error::Digest));
    assert_eq!(decrypt(&upload, &[0; 63], None, 4), Err(Error::KeySize));
    assert_eq!(opened(&upload, &secrets, 0), Err(Error::Size));
    assert_eq!(opened(&upload, &secrets, 542), Err(Error::Size));
    assert_eq!(opened(&upload, &secrets, usize::MAX), Err(Error::Size));
    assert_eq!(opened(&upload, &secrets, 541).unwrap().len(), 541);
}

#[test]
fn authentic_nonsense_is_refused() {
    let key = [4; KEY];
    for size in [16, 17, 31, 33, 47] {
        let (upload, secrets) = resealed(&vec![9; size], &key);
        assert_eq!(opened(&upload, &secrets, 1), Err(Error::Decrypt), "{size}");
    }
    // Another last block: its padding no longer ends as it should.
    let (upload, secrets) = sealed(b"data");
    let mut body = upload[..upload.len() - MAC].to_vec();
    let end = body.len();
    body[end - 17] ^= 0x80;
    let (upload, secrets) = resealed(&body, &secrets.key);
    assert_eq!(opened(&upload, &secrets, 4), Err(Error::Decrypt));
}
