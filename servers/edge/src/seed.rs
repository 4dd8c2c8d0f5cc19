//! A server's key: the seed of an Ed25519 key in a private file, as 64 hexadecimal digits.

use std::path::Path;

use zeroize::Zeroizing;

use crate::{Error, read_private, write_private};

/// Reads the seed; `None` if there is no such file.
///
/// # Errors
/// [`Error::Exposed`], [`Error::File`], or [`Error::Seed`] if the file holds something else.
pub fn read_seed(path: &Path) -> Result<Option<Zeroizing<[u8; 32]>>, Error> {
    let Some(bytes) = read_private(path)? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, &mut seed[..]).map_err(|_| Error::Seed(path.to_owned()))?;
    Ok(Some(seed))
}

/// Reads the seed, or makes one if there is none.
///
/// # Errors
/// As [`read_seed`]; [`Error::Random`] if the system gives no randomness.
pub fn read_or_make_seed(path: &Path) -> Result<Zeroizing<[u8; 32]>, Error> {
    if let Some(seed) = read_seed(path)? {
        return Ok(seed);
    }
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut seed[..]).map_err(|_| Error::Random)?;
    let text = Zeroizing::new(hex::encode(&seed[..]));
    write_private(path, text.as_bytes())?;
    Ok(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_comes_back_and_nonsense_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.seed");
        assert!(read_seed(&path).unwrap().is_none());
        let made = read_or_make_seed(&path).unwrap();
        assert_eq!(*read_or_make_seed(&path).unwrap(), *made);
        write_private(&path, b"nonsense").unwrap();
        assert!(read_seed(&path).unwrap_err().to_string().contains("server.seed"));
    }
}
