//! `tacit-node init`.

use std::path::Path;

use tacit_edge::config::template;
use tacit_wire::NodeId;

use super::unit::unit;
use crate::config::{KEYS, Limits};
use crate::{Error, keys};

pub(super) fn init(dir: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(dir).map_err(Error::file(dir))?;
    let keys = keys::load_or_make(dir)?;
    let path = dir.join("node.toml");
    let mut file = std::fs::File::create_new(&path).map_err(Error::file(&path))?;
    std::io::Write::write_all(&mut file, settings().as_bytes()).map_err(Error::file(&path))?;
    write_unit(dir)?;
    println!("wrote {} and tacit-node.service beside it", path.display());
    println!("this node is ed25519 {}", NodeId(keys.ed25519_public()));
    println!("     and x25519 {}", hex::encode(keys.x25519_public()));
    println!("next: put the network's profile beside it as network.json, then");
    println!("  tacit-node run --config {}", path.display());
    Ok(())
}

/// The unit by which systemd would run this program on this folder, as the folder's owner.
fn write_unit(dir: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let program = std::env::current_exe().map_err(Error::file(Path::new("/proc/self/exe")))?;
    let dir = dir.canonicalize().map_err(Error::file(dir))?;
    let owner = std::fs::metadata(&dir).map_err(Error::file(&dir))?.uid();
    let path = dir.join("tacit-node.service");
    std::fs::write(&path, unit(&program, &dir, owner)).map_err(Error::file(&path))
}

/// All settings, commented: what stands behind `#` is what counts without it.
fn settings() -> String {
    let limits = toml::Table::try_from(Limits::default()).unwrap_or_default();
    template("Settings of a Tacit service node.", KEYS, &["data_dir", "network"], |above, name| match (above, name) {
        ("", "data_dir") => "\".\"".to_owned(),
        ("", "network") => "\"network.json\"".to_owned(),
        ("", "listen") => "\"0.0.0.0:22021\"".to_owned(),
        ("", "peer_listen") => "\"0.0.0.0:22020\"".to_owned(),
        ("", "max_bytes") => (16_u64 << 30).to_string(),
        ("", "public_ip") => "\"203.0.113.7\"".to_owned(),
        ("", "public_port") => "22021".to_owned(),
        ("", "public_peer_port") => "22020".to_owned(),
        ("", "exit") => "\"any\"".to_owned(),
        ("", "exit_hosts") => "[\"*.example.org\"]".to_owned(),
        ("metrics", "listen") => "\"127.0.0.1:9100\"".to_owned(),
        ("metrics", _) => "false".to_owned(),
        ("log", _) => "\"info\"".to_owned(),
        _ => limits.get(name).map(ToString::to_string).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use tacit_edge::config::in_the_clear;

    use crate::Config;

    #[test]
    fn the_file_that_init_writes_is_read_and_every_line_of_it_could_be() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.toml");
        super::init(dir.path()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        Config::load(Some(&path), Vec::new(), Vec::new()).unwrap();

        std::fs::write(&path, in_the_clear(&text)).unwrap();
        Config::load(Some(&path), Vec::new(), Vec::new()).unwrap();
    }

    #[test]
    fn a_second_init_keeps_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        super::init(dir.path()).unwrap();
        let seed = std::fs::read(dir.path().join("node.seed")).unwrap();
        assert!(super::init(dir.path()).is_err());
        assert_eq!(std::fs::read(dir.path().join("node.seed")).unwrap(), seed);
    }
}
