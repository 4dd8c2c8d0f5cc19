//! Files with secrets: mode 600, written whole or not at all.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::Error;

/// Writes a file that only its owner can read; an older one is replaced in one step.
///
/// # Errors
/// [`Error::File`] if the system refuses.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let temporary = std::path::PathBuf::from(name);
    let write = || -> std::io::Result<()> {
        let _ = std::fs::remove_file(&temporary);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        match path.parent() {
            Some(parent) if parent != Path::new("") => std::fs::File::open(parent)?.sync_all(),
            _ => Ok(()),
        }
    };
    write().map_err(|source| Error::file(path, source))
}

/// Reads a file with a secret; `None` if there is no such file.
///
/// # Errors
/// [`Error::Exposed`] if group or others may read it, [`Error::File`] if the system refuses.
pub fn read_private(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let metadata = match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|source| Error::file(path, source))?,
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Error::Exposed(path.to_owned()));
    }
    std::fs::read(path).map(Some).map_err(|source| Error::file(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_private_and_an_exposed_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seed");
        assert!(read_private(&path).unwrap().is_none());
        write_private(&path, b"old").unwrap();
        write_private(&path, b"new").unwrap();
        assert_eq!(read_private(&path).unwrap().unwrap(), b"new");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_private(&path), Err(Error::Exposed(_))));
    }
}
