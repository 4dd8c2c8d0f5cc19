//! Encrypting and decrypting files, in both forms, against their bare primitives one after the
//! other on as many bytes.

use std::error::Error;
use std::hint::black_box;

use aes::Aes256;
use aes::cipher::array::Array;
use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use blake2::Blake2bMac;
use blake2::digest::consts::U56;
use blake2::digest::{FixedOutput as _, Update};
use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _, Tag};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use tacit_crypto::attachment::stream::Domain;
use tacit_crypto::attachment::{legacy, stream};

use crate::Rows;
use crate::measure::in_turns;
use crate::table::Row;

/// A little below 10 MB, the largest that fits an upload in both forms.
const SIZES: [(&str, usize, usize); 2] = [("1 MB", 1_000_000, 120), ("10 MB", 9_950_000, 24)];
/// 0.8 of their throughput.
const BOUND: f64 = 1.25;
const CHUNK: usize = 32_768;

pub fn rows() -> Rows {
    let mut rows = Vec::new();
    for (name, size, rounds) in SIZES {
        let data: Vec<u8> = (0..size).map(|at| (at / 3 % 251) as u8).collect();
        let mut buffer = vec![0; legacy::encrypted_size(size).max(stream::encrypted_size(size))];
        rows.extend(deterministic(name, &data, &mut buffer, rounds)?);
        rows.extend(deployed(name, &data, &mut buffer, rounds)?);
    }
    Ok(rows)
}

/// BLAKE2b over the data, then XChaCha20-Poly1305 in chunks.
fn deterministic(name: &str, data: &[u8], buffer: &mut [u8], rounds: usize) -> Rows {
    let seed = [5; 32];
    let (upload, key) = stream::encrypt(data, &seed, Domain::Attachment)?;
    if stream::decrypt(&upload, &key)? != data {
        return Err("the stream form does not come back".into());
    }
    let padded = &mut buffer[..data.len() + stream::padding(data.len())];
    let encrypting = in_turns(
        rounds,
        1,
        || stream::encrypt(black_box(data), &seed, Domain::Attachment),
        || {
            hash(black_box(data), &seed);
            seal(padded)
        },
    );
    let decrypting = in_turns(rounds, 1, || stream::decrypt(black_box(&upload), &key), || seal(padded));
    let twice = in_turns(
        rounds,
        1,
        || in_two_passes(data, &seed).is_ok(),
        || {
            hash(black_box(data), &seed);
            hash(black_box(data), &seed);
            seal(padded)
        },
    );
    Ok(vec![
        Row::bounded(format!("encrypt a file in the stream form, {name}"), encrypting, BOUND),
        Row::bounded("  in pieces, checked in both passes", twice, BOUND),
        Row::bounded("  decrypt it", decrypting, BOUND),
    ])
}

/// As data is encrypted that is not held in memory.
fn in_two_passes(data: &[u8], seed: &[u8; 32]) -> Result<usize, Box<dyn Error>> {
    let mut hasher = stream::Hasher::new(seed, Domain::Attachment)?;
    data.chunks(2 * CHUNK).try_for_each(|piece| hasher.push(piece))?;
    let plan = hasher.finish();
    let (mut encoder, mut out, mut length) = (plan.encoder(), Vec::with_capacity(4 * CHUNK), 0);
    for piece in data.chunks(2 * CHUNK) {
        encoder.push(piece, &mut out)?;
        length += black_box(&out).len();
        out.clear();
    }
    encoder.finish(&mut out)?;
    Ok(length + out.len())
}

/// AES-256-CBC, then HMAC-SHA256, then SHA-256 over what came out.
fn deployed(name: &str, data: &[u8], buffer: &mut [u8], rounds: usize) -> Rows {
    let (upload, secrets) = legacy::encrypt(data, &mut rand::rng())?;
    let (key, digest) = (secrets.key.as_slice(), Some(secrets.digest.as_slice()));
    if legacy::decrypt(&upload, key, digest, data.len())? != data {
        return Err("the deployed form does not come back".into());
    }
    let text = &mut buffer[..legacy::encrypted_size(data.len())];
    let encrypting = in_turns(
        rounds,
        1,
        || legacy::encrypt(black_box(data), &mut rand::rng()),
        || {
            let (blocks, _) = Array::slice_as_chunks_mut(text);
            cbc::Encryptor::<Aes256>::new(&[1; 32].into(), &[2; 16].into()).encrypt_blocks(blocks);
            digests(text)
        },
    );
    let decrypting = in_turns(
        rounds,
        1,
        || legacy::decrypt(black_box(&upload), key, digest, data.len()),
        || {
            let (blocks, _) = Array::slice_as_chunks_mut(text);
            cbc::Decryptor::<Aes256>::new(&[1; 32].into(), &[2; 16].into()).decrypt_blocks(blocks);
            digests(text)
        },
    );
    Ok(vec![
        Row::bounded(format!("encrypt a file in the deployed form, {name}"), encrypting, BOUND),
        Row::bounded("  decrypt it", decrypting, BOUND),
    ])
}

fn hash(data: &[u8], key: &[u8; 32]) -> Option<[u8; 56]> {
    let mut hash = Blake2bMac::<U56>::new_with_salt_and_personal(Some(key), &[], &[]).ok()?;
    Update::update(&mut hash, data);
    Some(hash.finalize_fixed().into())
}

/// Each chunk under a nonce of its own. Opening costs the same.
fn seal(data: &mut [u8]) -> usize {
    let cipher = XChaCha20Poly1305::new(&[3; 32].into());
    let mut nonce = XNonce::default();
    let mut tags = 0;
    for chunk in data.chunks_mut(CHUNK) {
        nonce[0] = nonce[0].wrapping_add(1);
        let tag: Option<Tag<XChaCha20Poly1305>> = cipher.encrypt_inout_detached(&nonce, &[], chunk.into()).ok();
        tags += usize::from(black_box(tag).is_some());
    }
    tags
}

fn digests(text: &[u8]) -> ([u8; 32], [u8; 32]) {
    let mut mac = Hmac::<Sha256>::new(&[0; 64].into());
    hmac::Mac::update(&mut mac, text);
    (mac.finalize().into_bytes().into(), Sha256::digest(text).into())
}
