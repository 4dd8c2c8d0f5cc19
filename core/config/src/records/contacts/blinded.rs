//! People of whom we only know the blinded ID of one community server.

use std::collections::BTreeSet;
use std::fmt;

use tacit_wire::{AccountId, Prefix, name};

use super::{
    Editor, Picture, array, checked_picture, dict, features, flag, integer, picture, positive, seconds, short_name,
};
use crate::value::Dict;
use crate::{Config, Error, community_url};

const BLINDED: &[u8] = b"b";

/// Somebody on a community server. `Debug` shows the start of the ID only.
#[derive(Clone, PartialEq, Eq)]
pub struct BlindedContact {
    /// The server, as [`community_url`] writes its base.
    pub base_url: String,
    /// The server's X25519 key.
    pub server_key: [u8; 32],
    /// Prefix 15 or 25.
    pub id: AccountId,
    /// Their name, possibly empty.
    pub name: String,
    /// Their picture.
    pub picture: Option<Picture>,
    /// Seconds since 1970 of their profile's last change.
    pub profile_updated: i64,
    /// The conversation: −1 hidden, 0 usual, above that pinned.
    pub priority: i64,
    /// Seconds since 1970 when the record was made.
    pub created: i64,
    /// Bit numbers of features.
    pub features: BTreeSet<i64>,
}

impl fmt::Debug for BlindedContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlindedContact").field("id", &self.id).finish_non_exhaustive()
    }
}

/// All records, by server and ID.
pub fn all_blinded(config: &Config) -> impl Iterator<Item = BlindedContact> {
    let servers = dict(config.data(), BLINDED).into_iter().flatten();
    let servers = servers.filter_map(|(url, server)| {
        let (url, server) = (std::str::from_utf8(url).ok()?, server.as_dict()?);
        Some((url, array(server, b"#")?, dict(server, b"R")?))
    });
    servers.flat_map(|(url, server_key, records)| {
        records.iter().filter_map(move |(key, record)| read(url, server_key, key, record.as_dict()?))
    })
}

fn read(base_url: &str, server_key: [u8; 32], key: &[u8], record: &Dict) -> Option<BlindedContact> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(key, &mut bytes).ok()?;
    let prefix = if flag(record, b"y") { Prefix::Blinded15 } else { Prefix::Blinded25 };
    Some(BlindedContact {
        base_url: base_url.to_owned(),
        server_key,
        id: AccountId::new(prefix, &bytes),
        name: short_name(record, b"n"),
        picture: picture(record, b"p", b"q"),
        profile_updated: positive(record, b"t"),
        priority: integer(record, b"+"),
        created: seconds(positive(record, b"j")),
        features: features(record),
    })
}

/// Writes a record.
///
/// # Errors
/// [`Error::Id`], [`Error::CommunityUrl`], [`Error::TooLong`] for the address of the picture.
pub fn set_blinded(config: &mut Config, contact: &BlindedContact) -> Result<(), Error> {
    let is_legacy = match contact.id.prefix() {
        Prefix::Blinded15 => true,
        Prefix::Blinded25 => false,
        _ => return Err(Error::Id),
    };
    let base_url = community_url::parse_base(&contact.base_url)?;
    checked_picture(contact.picture.as_ref())?;
    Editor::new(config, &[BLINDED, base_url.as_bytes()]).set(b"#", contact.server_key.as_slice());
    let key = hex::encode(contact.id.key());
    let mut record = Editor::new(config, &[BLINDED, base_url.as_bytes(), b"R", key.as_bytes()]);
    record.set(b"n", name::cut(&contact.name));
    record.picture(b"p", b"q", contact.picture.as_ref());
    record.positive(b"t", contact.profile_updated);
    record.nonzero(b"+", contact.priority);
    record.flag(b"y", is_legacy);
    record.positive(b"j", seconds(contact.created));
    record.features(&contact.features);
    Ok(())
}

/// Erases a record, and its server with the last one. Says whether there was one.
pub fn erase_blinded(config: &mut Config, base_url: &str, id: &AccountId) -> bool {
    let key = hex::encode(id.key());
    let records: [&[u8]; 3] = [BLINDED, base_url.as_bytes(), b"R"];
    let erased = config.erase(&[records[0], records[1], records[2], key.as_bytes()]);
    if erased && config.get(&records).is_none() {
        config.erase(&records[..2]);
    }
    erased
}
