//! The folder of a registrar: `identity.seed` (may be kept elsewhere between certifications),
//! `signing.seed`, `certificate`, `admitted.txt`, `rotations/`, and what was voted and agreed.

use std::path::Path;

use tacit_crypto::NodeKeys;
use tacit_edge::{read_or_make_seed, read_private, read_seed, write_private};
use tacit_wire::consensus::{Bytes32, Certificate, SignedConsensus};
use tacit_wire::{NodeId, TimestampMs};

use super::admission::Admission;
use super::vote::{Identity, Kept};
use crate::Error;

/// A signing key is certified for six months, ms.
const CERTIFIED: u64 = 183 * 86_400_000;
/// Its time begins so long before, for clocks.
const BEFORE: u64 = 86_400_000;

/// Makes keys, certificate and an empty list of admitted nodes; gives the identity key. What is
/// there stays.
///
/// # Errors
/// [`Error::File`] or [`Error::Edge`].
pub fn init(dir: &Path, now: TimestampMs) -> Result<NodeId, Error> {
    std::fs::create_dir_all(dir.join("rotations")).map_err(Error::file(dir))?;
    let identity = NodeKeys::from_seed(&*read_or_make_seed(&dir.join("identity.seed"))?);
    read_or_make_seed(&dir.join("signing.seed"))?;
    if !dir.join("certificate").exists() {
        certify(dir, now)?;
    }
    let list = dir.join("admitted.txt");
    if !list.exists() {
        let text = "# Admitted nodes: the key in hex, then the operator. A line * admits everybody.\n";
        std::fs::write(&list, text).map_err(Error::file(&list))?;
    }
    Ok(NodeId(identity.ed25519_public()))
}

/// Certifies the signing key for another six months; needs the identity key in the folder.
///
/// # Errors
/// [`Error::Registrar`] if a key is missing, [`Error::Edge`] if one cannot be read.
pub fn certify(dir: &Path, now: TimestampMs) -> Result<(), Error> {
    let identity = NodeKeys::from_seed(&*seed(dir, "identity.seed")?);
    let signing = NodeKeys::from_seed(&*seed(dir, "signing.seed")?);
    let key = NodeId(signing.ed25519_public());
    let certificate = Certificate::issue(&identity, key, now.minus_ms(BEFORE), now.plus_ms(CERTIFIED));
    write_private(&dir.join("certificate"), &certificate.bytes)?;
    Ok(())
}

/// Adds a node to the list of admitted ones; a running registrar sees it at once.
///
/// # Errors
/// [`Error::File`], or [`Error::Registrar`] if the list would be none then.
pub fn admit(dir: &Path, node: &NodeId, operator: Option<&str>) -> Result<(), Error> {
    let path = dir.join("admitted.txt");
    let mut text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(format!("{node} {}", operator.unwrap_or_default()).trim_end());
    text.push('\n');
    Admission::parse(&text).map_err(Error::Registrar)?;
    write_private(&path, text.as_bytes())?;
    Ok(())
}

fn seed(dir: &Path, name: &str) -> Result<impl std::ops::Deref<Target = [u8; 32]> + use<>, Error> {
    let path = dir.join(name);
    read_seed(&path)?.ok_or_else(|| Error::Registrar(format!("{} is missing: see `registrar init`", path.display())))
}

pub(super) fn identity(dir: &Path, url: &str) -> Result<Identity, Error> {
    let signing = NodeKeys::from_seed(&*seed(dir, "signing.seed")?);
    let bytes = read_private(&dir.join("certificate"))?.unwrap_or_default();
    let certificate = Certificate::parse(&bytes)
        .ok()
        .filter(|certificate| certificate.signing.0 == signing.ed25519_public())
        .ok_or_else(|| Error::Registrar("certificate does not fit signing.seed: see `registrar certify`".to_owned()))?;
    Ok(Identity { certificate, signing, url: url.to_owned() })
}

/// The list of admitted nodes, if it changed since `last`.
pub(super) fn admission(dir: &Path, last: &mut String) -> Result<Option<Admission>, Error> {
    let path = dir.join("admitted.txt");
    let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
    if *last == text {
        return Ok(None);
    }
    let admission = Admission::parse(&text).map_err(|why| Error::Registrar(format!("{}, {why}", path.display())))?;
    *last = text;
    Ok(Some(admission))
}

/// All files below `rotations`.
pub(super) fn rotations(dir: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(dir.join("rotations")) else { return Vec::new() };
    entries.filter_map(|entry| std::fs::read(entry.ok()?.path()).ok()).collect()
}

pub(super) fn kept(dir: &Path) -> Result<Kept, Error> {
    let consensus = read_private(&dir.join("consensus"))?;
    let signed = read_private(&dir.join("signed"))?.and_then(|bytes| {
        let (number, digest) = bytes.split_first_chunk::<8>()?;
        Some((u64::from_be_bytes(*number), Bytes32::try_from(digest).ok()?))
    });
    Ok(Kept {
        consensus: consensus.and_then(|bytes| SignedConsensus::parse(&bytes).ok()),
        vote: read_private(&dir.join("vote"))?,
        signed,
    })
}

pub(super) fn keep_signed(dir: &Path, number: u64, digest: &Bytes32) -> Result<(), Error> {
    Ok(write_private(&dir.join("signed"), &[&number.to_be_bytes(), digest.as_slice()].concat())?)
}

pub(super) fn keep(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    Ok(write_private(&dir.join(name), bytes)?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{START, id};
    use super::*;

    #[test]
    fn a_folder_is_made_once_and_can_be_used() {
        let dir = tempfile::tempdir().unwrap();
        let made = init(dir.path(), START).unwrap();
        assert_eq!(init(dir.path(), START).unwrap(), made);
        let who = identity(dir.path(), "https://r.example").unwrap();
        assert_eq!(who.certificate.registrar, made);
        assert!(who.certificate.is_valid_at(START) && !who.certificate.is_valid_at(START.plus_ms(CERTIFIED)));
        assert_eq!(kept(dir.path()).unwrap().signed, None);
        keep_signed(dir.path(), 7, &[9; 32]).unwrap();
        assert_eq!(kept(dir.path()).unwrap().signed, Some((7, [9; 32])));
    }

    #[test]
    fn the_identity_key_may_be_elsewhere_but_not_for_certifying() {
        let dir = tempfile::tempdir().unwrap();
        init(dir.path(), START).unwrap();
        std::fs::remove_file(dir.path().join("identity.seed")).unwrap();
        identity(dir.path(), "").unwrap();
        assert!(certify(dir.path(), START).unwrap_err().to_string().contains("identity.seed is missing"));
        std::fs::remove_file(dir.path().join("signing.seed")).unwrap();
        assert!(identity(dir.path(), "").is_err());
    }

    #[test]
    fn admitted_nodes_are_seen_at_once_and_a_bad_list_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        init(dir.path(), START).unwrap();
        let mut last = String::new();
        assert_eq!(admission(dir.path(), &mut last).unwrap(), Some(Admission::Listed(Default::default())));
        assert_eq!(admission(dir.path(), &mut last).unwrap(), None, "nothing changed");
        for number in 1..=5 {
            admit(dir.path(), &id(number), Some("Ann")).unwrap();
        }
        assert!(admit(dir.path(), &id(6), Some("Ann")).is_err(), "no operator has more than five");
        admit(dir.path(), &id(6), None).unwrap();
        let Some(Admission::Listed(listed)) = admission(dir.path(), &mut last).unwrap() else { panic!() };
        assert_eq!(listed.len(), 6);
    }
}
