//! The cryptography provider that SQLCipher calls, in place of OpenSSL.
//!
//! SQLCipher is compiled with `SQLCIPHER_CRYPTO_CUSTOM=tacit_cipher_setup` (`.cargo/config.toml`)
//! and calls that function once to learn the others. Each of them checks lengths and pointers,
//! answers 0 for success or 1 for failure, and never unwinds into C.

use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::slice;

use zeroize::Zeroizing;

use crate::primitives::{self, BLOCK_LENGTH, Digest, KEY_LENGTH};

type Context = *mut c_void;

const OK: c_int = 0;
const FAILED: c_int = 1;
/// SQLCipher's name for encryption; decryption is 0.
const MODE_ENCRYPT: c_int = 1;
const MODE_DECRYPT: c_int = 0;
/// No derived key is longer than this; bounds a length that comes from C.
const DERIVED_MAX: usize = 512;

/// `struct sqlcipher_provider` of SQLCipher 4, field by field.
#[repr(C)]
pub struct Provider {
    init: Option<extern "C" fn() -> c_int>,
    shutdown: Option<extern "C" fn()>,
    get_provider_name: extern "C" fn(Context) -> *const c_char,
    add_random: extern "C" fn(Context, *const c_void, c_int) -> c_int,
    random: unsafe extern "C" fn(Context, *mut c_void, c_int) -> c_int,
    hmac: unsafe extern "C" fn(Context, c_int, *const u8, c_int, *const u8, c_int, *const u8, c_int, *mut u8) -> c_int,
    kdf: unsafe extern "C" fn(Context, c_int, *const u8, c_int, *const u8, c_int, c_int, c_int, *mut u8) -> c_int,
    cipher: unsafe extern "C" fn(Context, c_int, *const u8, c_int, *const u8, *const u8, c_int, *mut u8) -> c_int,
    get_cipher: extern "C" fn(Context) -> *const c_char,
    get_key_sz: extern "C" fn(Context) -> c_int,
    get_iv_sz: extern "C" fn(Context) -> c_int,
    get_block_sz: extern "C" fn(Context) -> c_int,
    get_hmac_sz: extern "C" fn(Context, c_int) -> c_int,
    ctx_init: extern "C" fn(*mut Context) -> c_int,
    ctx_free: extern "C" fn(*mut Context) -> c_int,
    fips_status: extern "C" fn(Context) -> c_int,
    get_provider_version: extern "C" fn(Context) -> *const c_char,
    next: *mut Provider,
}

/// Fills in the provider; SQLCipher calls it when SQLite starts.
///
/// # Safety
/// `provider` is null or points to writable memory for one [`Provider`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tacit_cipher_setup(provider: *mut Provider) -> c_int {
    if provider.is_null() {
        return FAILED;
    }
    // SAFETY: not null, and by this function's contract writable for a whole `Provider`; `write`
    // reads nothing of the uninitialised memory there.
    unsafe {
        provider.write(Provider {
            init: None,
            shutdown: None,
            get_provider_name,
            add_random,
            random,
            hmac,
            kdf,
            cipher,
            get_cipher,
            get_key_sz: key_length,
            get_iv_sz: block_length,
            get_block_sz: block_length,
            get_hmac_sz,
            ctx_init: context_nothing,
            ctx_free: context_nothing,
            fips_status,
            get_provider_version,
            next: ptr::null_mut(),
        });
    }
    OK
}

/// Runs `work` so that neither failure nor panic gets past it.
fn guarded(work: impl FnOnce() -> Option<()>) -> c_int {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Some(())) => OK,
        Ok(None) | Err(_) => FAILED,
    }
}

/// What C passed as pointer and length. Null stands for nothing only with length 0.
///
/// # Safety
/// If not null, `data` is readable for `length` bytes, and nobody writes them during `'a`.
unsafe fn input<'a>(data: *const u8, length: c_int) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    if data.is_null() {
        return if length == 0 { Some(&[]) } else { None };
    }
    // SAFETY: not null, length not negative; the rest is this function's contract.
    Some(unsafe { slice::from_raw_parts(data, length) })
}

extern "C" fn get_provider_name(_: Context) -> *const c_char {
    c"rustcrypto".as_ptr()
}

extern "C" fn get_provider_version(_: Context) -> *const c_char {
    c"1".as_ptr()
}

extern "C" fn get_cipher(_: Context) -> *const c_char {
    c"aes-256-cbc".as_ptr()
}

/// The system's generator needs no seeding from outside.
extern "C" fn add_random(_: Context, _: *const c_void, _: c_int) -> c_int {
    OK
}

extern "C" fn key_length(_: Context) -> c_int {
    32
}

extern "C" fn block_length(_: Context) -> c_int {
    16
}

/// Also SHA-1's size, though the function itself is refused: SQLCipher sizes buffers by it.
extern "C" fn get_hmac_sz(_: Context, algorithm: c_int) -> c_int {
    match algorithm {
        0 => 20,
        1 => 32,
        2 => 64,
        _ => 0,
    }
}

/// The provider keeps no context.
extern "C" fn context_nothing(_: *mut Context) -> c_int {
    OK
}

extern "C" fn fips_status(_: Context) -> c_int {
    0
}

/// # Safety
/// `buffer` is null or writable for `length` bytes.
unsafe extern "C" fn random(_: Context, buffer: *mut c_void, length: c_int) -> c_int {
    guarded(|| {
        let length = usize::try_from(length).ok()?;
        if buffer.is_null() {
            return None;
        }
        let buffer = buffer.cast::<u8>();
        // SAFETY: not null and writable for `length` bytes by contract; zeroed first, so that
        // the slice over it never shows uninitialised memory.
        let out = unsafe {
            ptr::write_bytes(buffer, 0, length);
            slice::from_raw_parts_mut(buffer, length)
        };
        getrandom::fill(out).ok()
    })
}

/// # Safety
/// Each input is null or readable for its length; `out` is null or writable for the digest.
#[allow(clippy::too_many_arguments, reason = "SQLCipher's signature")]
unsafe extern "C" fn hmac(
    _: Context,
    algorithm: c_int,
    key: *const u8,
    key_length: c_int,
    first: *const u8,
    first_length: c_int,
    second: *const u8,
    second_length: c_int,
    out: *mut u8,
) -> c_int {
    guarded(|| {
        let digest = Digest::from_number(algorithm)?;
        if key.is_null() || first.is_null() || out.is_null() {
            return None;
        }
        // A null second buffer means that there is none, whatever its length says.
        let second_length = if second.is_null() { 0 } else { second_length };
        // SAFETY: by contract readable for their lengths; the tag is written only after the
        // last use of these slices.
        let tag = unsafe {
            let parts = [input(first, first_length)?, input(second, second_length)?];
            primitives::hmac(digest, input(key, key_length)?, &parts)?
        };
        // SAFETY: `out` is writable for the digest's length; `tag` is our own and longer.
        unsafe { ptr::copy_nonoverlapping(tag.as_ptr(), out, digest.length()) };
        Some(())
    })
}

/// # Safety
/// Each input is null or readable for its length; `out` is null or writable for `out_length`.
#[allow(clippy::too_many_arguments, reason = "SQLCipher's signature")]
unsafe extern "C" fn kdf(
    _: Context,
    algorithm: c_int,
    pass: *const u8,
    pass_length: c_int,
    salt: *const u8,
    salt_length: c_int,
    rounds: c_int,
    out_length: c_int,
    out: *mut u8,
) -> c_int {
    guarded(|| {
        let digest = Digest::from_number(algorithm)?;
        let rounds = u32::try_from(rounds).ok()?;
        let out_length = usize::try_from(out_length).ok()?;
        if out.is_null() || out_length > DERIVED_MAX {
            return None;
        }
        let mut derived = Zeroizing::new([0; DERIVED_MAX]);
        let derived = derived.get_mut(..out_length)?;
        // SAFETY: by contract readable for their lengths; `out` is written only afterwards.
        unsafe {
            let pass = input(pass, pass_length)?;
            let salt = input(salt, salt_length)?;
            primitives::pbkdf2(digest, pass, salt, rounds, derived)?;
        }
        // SAFETY: `out` is writable for `out_length` bytes; `derived` is our own and as long.
        unsafe { ptr::copy_nonoverlapping(derived.as_ptr(), out, out_length) };
        Some(())
    })
}

/// # Safety
/// `key` is null or readable for `key_length`, `iv` for 16, `data` for `length` bytes; `out` is
/// null or writable for `length` bytes and overlaps neither `key` nor `iv`.
#[allow(clippy::too_many_arguments, reason = "SQLCipher's signature")]
unsafe extern "C" fn cipher(
    _: Context,
    mode: c_int,
    key: *const u8,
    key_length: c_int,
    iv: *const u8,
    data: *const u8,
    length: c_int,
    out: *mut u8,
) -> c_int {
    guarded(|| {
        let encrypt = match mode {
            MODE_ENCRYPT => true,
            MODE_DECRYPT => false,
            _ => return None,
        };
        let length = usize::try_from(length).ok()?;
        if data.is_null() || out.is_null() || iv.is_null() {
            return None;
        }
        // SAFETY: by contract readable for these lengths and apart from `out`.
        let (key, iv) = unsafe { (input(key, key_length)?, slice::from_raw_parts(iv, BLOCK_LENGTH)) };
        if key.len() != KEY_LENGTH {
            return None;
        }
        // SAFETY: `data` is readable and `out` writable for `length` bytes. `copy` allows them
        // to overlap and initialises `out` before a slice is made of it; `data` is not used
        // any more after that.
        let buffer = unsafe {
            ptr::copy(data, out, length);
            slice::from_raw_parts_mut(out, length)
        };
        primitives::aes_cbc(encrypt, key, iv, buffer)
    })
}

#[cfg(test)]
mod tests;
