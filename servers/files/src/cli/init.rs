//! `tacit-files init`.

use std::path::Path;

use tacit_edge::config::template;

use crate::config::{KEYS, Limits};
use crate::{Error, server};

pub(super) fn init(dir: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(dir).map_err(Error::file(dir))?;
    let keys = server::keys(dir)?;
    let path = dir.join("files.toml");
    let mut file = std::fs::File::create_new(&path).map_err(Error::file(&path))?;
    std::io::Write::write_all(&mut file, settings().as_bytes()).map_err(Error::file(&path))?;
    println!("wrote {}", path.display());
    println!("URLs of files end in #p={}", hex::encode(keys.ed25519_public()));
    println!("onion key, as network profiles name it: x25519 {}", hex::encode(keys.x25519_public()));
    println!("next: tacit-files run --config {}", path.display());
    Ok(())
}

/// All settings, commented: what stands behind `#` is what counts without it.
fn settings() -> String {
    let limits = toml::Table::try_from(Limits::default()).unwrap_or_default();
    template("Settings of a Tacit file server.", KEYS, &["data_dir"], |above, name| match (above, name) {
        ("", "data_dir") => "\".\"".to_owned(),
        ("", "listen") => "\"0.0.0.0:80\"".to_owned(),
        ("", "metrics_listen") => "\"127.0.0.1:9100\"".to_owned(),
        ("", "storage") => "\"disk\"".to_owned(),
        ("", "ids") => "\"content\"".to_owned(),
        ("", "server_number" | "server_bits") => "0".to_owned(),
        ("", "max_file_bytes") => "10000000".to_owned(),
        ("", "max_bytes") => (16_u64 << 30).to_string(),
        ("", "ttl_seconds" | "max_ttl_seconds") => (21 * 86_400).to_string(),
        ("", "full_ttl_seconds") => (3 * 86_400).to_string(),
        ("", "versions") => "\"versions.json\"".to_owned(),
        ("s3", "region") => "\"us-east-1\"".to_owned(),
        ("s3", "allow_http") => "false".to_owned(),
        ("s3", _) => "\"\"".to_owned(),
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
        let path = dir.path().join("files.toml");
        super::init(dir.path()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        Config::load(Some(&path), Vec::new(), Vec::new()).unwrap();
        std::fs::write(&path, in_the_clear(&text)).unwrap();
        Config::load(Some(&path), Vec::new(), Vec::new()).unwrap();
        assert!(super::init(dir.path()).is_err(), "a second one keeps what is there");
    }
}
