//! The provider through its C functions, as SQLCipher calls it, against published vectors.

use std::mem::MaybeUninit;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn int(length: usize) -> c_int {
    c_int::try_from(length).unwrap()
}

/// The provider as `tacit_cipher_setup` fills it in.
fn provider() -> Provider {
    let mut provider = MaybeUninit::uninit();
    // SAFETY: the memory is one provider's.
    assert_eq!(unsafe { tacit_cipher_setup(provider.as_mut_ptr()) }, OK);
    // SAFETY: filled in by the call above.
    unsafe { provider.assume_init() }
}

fn hmac_of(algorithm: c_int, key: &[u8], first: &[u8], second: Option<&[u8]>) -> Option<Vec<u8>> {
    let provider = provider();
    let mut out = vec![0; usize::try_from((provider.get_hmac_sz)(ptr::null_mut(), algorithm)).unwrap()];
    let (second, second_length) = second.map_or((ptr::null(), 7), |s| (s.as_ptr(), int(s.len())));
    // SAFETY: pointers and lengths are those of live slices.
    let result = unsafe {
        (provider.hmac)(
            ptr::null_mut(),
            algorithm,
            key.as_ptr(),
            int(key.len()),
            first.as_ptr(),
            int(first.len()),
            second,
            second_length,
            out.as_mut_ptr(),
        )
    };
    (result == OK).then_some(out)
}

#[test]
fn hmac_gives_the_tags_of_rfc_4231() {
    let cases: [(Vec<u8>, Vec<u8>, &str, &str); 4] = [
        (
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
             daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
        (
            vec![0xaa; 20],
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39\
             bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
        ),
        (
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352\
             6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
        ),
    ];
    for (key, data, sha256, sha512) in cases {
        assert_eq!(hmac_of(1, &key, &data, None), Some(hex(sha256)));
        assert_eq!(hmac_of(2, &key, &data, None), Some(hex(sha512)));
        // In two buffers, as pages and their numbers are.
        let (head, tail) = data.split_at(data.len() / 2);
        assert_eq!(hmac_of(2, &key, head, Some(tail)), Some(hex(sha512)));
    }
}

fn kdf_of(algorithm: c_int, pass: &[u8], salt: &[u8], rounds: c_int, length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length];
    // SAFETY: pointers and lengths are those of live slices.
    let result = unsafe {
        (provider().kdf)(
            ptr::null_mut(),
            algorithm,
            pass.as_ptr(),
            int(pass.len()),
            salt.as_ptr(),
            int(salt.len()),
            rounds,
            int(length),
            out.as_mut_ptr(),
        )
    };
    (result == OK).then_some(out)
}

#[test]
fn kdf_gives_the_keys_of_rfc_7914_and_of_published_sha512_vectors() {
    // RFC 7914, section 11.
    assert_eq!(
        kdf_of(1, b"passwd", b"salt", 1, 64),
        Some(hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
                  49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"))
    );
    // RFC 6070's inputs under HMAC-SHA-512.
    assert_eq!(
        kdf_of(2, b"password", b"salt", 1, 64),
        Some(hex("867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252\
                  c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce"))
    );
    assert_eq!(
        kdf_of(2, b"password", b"salt", 4096, 64),
        Some(hex("d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5\
                  143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5"))
    );
}

fn cipher_of(mode: c_int, key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0xee; data.len()];
    // SAFETY: pointers and lengths are those of live slices.
    let result = unsafe {
        (provider().cipher)(
            ptr::null_mut(),
            mode,
            key.as_ptr(),
            int(key.len()),
            iv.as_ptr(),
            data.as_ptr(),
            int(data.len()),
            out.as_mut_ptr(),
        )
    };
    (result == OK).then_some(out)
}

/// NIST SP 800-38A, F.2.5 and F.2.6.
const KEY: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
const IV: &str = "000102030405060708090a0b0c0d0e0f";
const PLAIN: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                     30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const SEALED: &str = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
                      39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b";

#[test]
fn cipher_gives_the_blocks_of_sp_800_38a() {
    let iv: [u8; 16] = hex(IV).try_into().unwrap();
    assert_eq!(cipher_of(MODE_ENCRYPT, &hex(KEY), &iv, &hex(PLAIN)), Some(hex(SEALED)));
    assert_eq!(cipher_of(MODE_DECRYPT, &hex(KEY), &iv, &hex(SEALED)), Some(hex(PLAIN)));
}

#[test]
fn cipher_works_in_place() {
    let (key, iv) = (hex(KEY), hex(IV));
    let mut buffer = hex(PLAIN);
    let (data, length) = (buffer.as_mut_ptr(), int(buffer.len()));
    // SAFETY: one live buffer as input and output, which the function allows.
    let result = unsafe {
        (provider().cipher)(ptr::null_mut(), MODE_ENCRYPT, key.as_ptr(), 32, iv.as_ptr(), data, length, data)
    };
    assert_eq!((result, buffer), (OK, hex(SEALED)));
}

#[test]
fn random_fills_the_whole_buffer() {
    let mut buffer = [0_u8; 64];
    let provider = provider();
    // SAFETY: a live buffer of that length.
    let result = unsafe { (provider.random)(ptr::null_mut(), buffer.as_mut_ptr().cast(), 64) };
    assert_eq!(result, OK);
    assert!(buffer.chunks(16).all(|part| part.iter().any(|byte| *byte != 0)));
}

#[test]
fn what_it_says_of_itself_is_what_the_format_needs() {
    let provider = provider();
    let none = ptr::null_mut();
    assert_eq!((provider.get_key_sz)(none), 32);
    assert_eq!((provider.get_iv_sz)(none), 16);
    assert_eq!((provider.get_block_sz)(none), 16);
    assert_eq!([0, 1, 2, 3].map(|number| (provider.get_hmac_sz)(none, number)), [20, 32, 64, 0]);
    assert_eq!((provider.fips_status)(none), 0);
    assert_eq!((provider.add_random)(none, ptr::null(), 0), OK);
    assert_eq!((provider.ctx_init)(ptr::null_mut()), OK);
    assert_eq!((provider.ctx_free)(ptr::null_mut()), OK);
}

#[test]
fn bad_arguments_are_refused() {
    let iv = [0; 16];
    // SHA-1 and unknown digests.
    assert_eq!(hmac_of(0, b"key", b"data", None), None);
    assert_eq!(hmac_of(3, b"key", b"data", None), None);
    assert_eq!(kdf_of(0, b"pass", b"salt", 1, 32), None);
    // Rounds and lengths out of range.
    assert_eq!(kdf_of(2, b"pass", b"salt", 0, 32), None);
    assert_eq!(kdf_of(2, b"pass", b"salt", -1, 32), None);
    assert_eq!(kdf_of(2, b"pass", b"salt", 1, DERIVED_MAX + 1), None);
    // Keys of other sizes, half blocks, modes that don't exist.
    assert_eq!(cipher_of(MODE_ENCRYPT, &[1; 16], &iv, &[0; 32]), None);
    assert_eq!(cipher_of(MODE_ENCRYPT, &[1; 32], &iv, &[0; 31]), None);
    assert_eq!(cipher_of(MODE_DECRYPT, &[1; 32], &iv, &[0; 17]), None);
    assert_eq!(cipher_of(2, &[1; 32], &iv, &[0; 32]), None);
    // Null pointers and negative lengths.
    let provider = provider();
    let (none, null, byte) = (ptr::null_mut(), ptr::null(), [0_u8; 64]);
    let mut out = [0_u8; 64];
    let (bytes, out) = (byte.as_ptr(), out.as_mut_ptr());
    // SAFETY: null pointers and negative lengths are what is tested; others are live buffers.
    unsafe {
        assert_eq!(tacit_cipher_setup(ptr::null_mut()), FAILED);
        assert_eq!((provider.random)(none, ptr::null_mut(), 8), FAILED);
        assert_eq!((provider.random)(none, out.cast(), -1), FAILED);
        assert_eq!((provider.hmac)(none, 2, null, 32, bytes, 8, null, 0, out), FAILED);
        assert_eq!((provider.hmac)(none, 2, bytes, 32, null, 8, null, 0, out), FAILED);
        assert_eq!((provider.hmac)(none, 2, bytes, -1, bytes, 8, null, 0, out), FAILED);
        assert_eq!((provider.hmac)(none, 2, bytes, 8, bytes, 8, null, 0, none.cast()), FAILED);
        assert_eq!((provider.kdf)(none, 2, null, 8, bytes, 8, 1, 32, out), FAILED);
        assert_eq!((provider.kdf)(none, 2, bytes, 8, bytes, 8, 1, 32, none.cast()), FAILED);
        assert_eq!((provider.kdf)(none, 2, bytes, 8, bytes, 8, 1, -32, out), FAILED);
        assert_eq!((provider.cipher)(none, 1, bytes, 32, null, bytes, 16, out), FAILED);
        assert_eq!((provider.cipher)(none, 1, bytes, 32, bytes, null, 16, out), FAILED);
        assert_eq!((provider.cipher)(none, 1, null, 32, bytes, bytes, 16, out), FAILED);
        assert_eq!((provider.cipher)(none, 1, bytes, 32, bytes, bytes, -16, out), FAILED);
    }
}

#[test]
fn a_panic_becomes_a_failure() {
    assert_eq!(guarded(|| panic!("on purpose")), FAILED);
}
