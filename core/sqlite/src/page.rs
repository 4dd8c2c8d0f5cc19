//! Authentication of single pages of an encrypted file, without SQLite.
//!
//! SQLCipher answers "not a database" both for a wrong key and for a damaged first page. Other
//! pages tell them apart: each carries a tag of its own under the same key.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use zeroize::Zeroizing;

use crate::primitives::{self, Digest};

/// SQLCipher 4's page size, and what each page reserves at its end: initialisation vector and
/// tag, 80 bytes together.
const PAGE: usize = 4096;
const TAG: usize = 64;
const SALT: usize = 16;
/// The salt of the tag's key is the file's salt with each byte flipped by this.
const TAG_SALT_MASK: u8 = 0x3a;
const TAG_KEY_ROUNDS: u32 = 2;
/// How many pages are tried: one sound page is proof enough.
const PAGES_TRIED: u32 = 16;

/// Whether any of the first pages after page 1 verifies under `key`: then the key is right, and
/// an error on opening means that the first page is damaged. A file of one page, or one whose
/// first 16 bytes (the salt) are damaged, proves nothing: `false`.
///
/// # Errors
/// When the file can't be read.
pub fn any_page_verifies(path: &Path, key: &[u8; 32]) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut salt = [0; SALT];
    if !read_whole(&mut file, &mut salt)? {
        return Ok(false);
    }
    let Some(tag_key) = tag_key(key, &salt) else {
        return Ok(false);
    };
    file.seek(SeekFrom::Start(PAGE as u64))?;
    let mut page = vec![0; PAGE];
    for number in 2..2 + PAGES_TRIED {
        if !read_whole(&mut file, &mut page)? {
            break;
        }
        if page_verifies(&tag_key, number, &page) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn tag_key(key: &[u8; 32], salt: &[u8; SALT]) -> Option<Zeroizing<[u8; 32]>> {
    let tag_salt = salt.map(|byte| byte ^ TAG_SALT_MASK);
    let mut tag_key = Zeroizing::new([0; 32]);
    primitives::pbkdf2(Digest::Sha512, key, &tag_salt, TAG_KEY_ROUNDS, tag_key.as_mut())?;
    Some(tag_key)
}

fn page_verifies(tag_key: &[u8; 32], number: u32, page: &[u8]) -> bool {
    let (content, tag) = page.split_at(page.len() - TAG);
    let computed = primitives::hmac(Digest::Sha512, tag_key, &[content, &number.to_le_bytes()]);
    // Not a secret comparison: who can time this has the file and not the key.
    computed.is_some_and(|computed| computed.as_slice() == tag)
}

/// Fills the buffer; `false` when the file ends before.
fn read_whole(file: &mut File, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
