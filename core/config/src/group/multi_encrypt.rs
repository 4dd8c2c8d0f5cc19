//! One stored message for several recipients, as it tells those who were removed from a group
//! (protocol: config 13).

use rand_core::CryptoRng;
use tacit_crypto::group::keys::{NONCE, open as open_entry, seal as seal_entry};
use tacit_crypto::{AccountKeys, NodeKeys, multi};
use tacit_wire::AccountId;
use tacit_wire::bencode::loose::Reader;
use tacit_wire::bencode::write_bytes;
use zeroize::Zeroizing;

use crate::Error;

/// What separates the notice to removed members from other messages.
pub const KICKED_DOMAIN: &[u8] = b"SessionGroupKickedMessage";
/// Entries that are tried.
const MAX_ENTRIES: usize = 10_000;

/// Encrypts one message for all recipients or one for each, by their X25519 keys. With `pad`, the
/// number of entries is rounded up to a multiple of it. Draws 24 bytes from `rng`, the nonce, and
/// what it pads with.
///
/// # Errors
/// [`Error::Message`] when there are neither one nor as many messages as recipients;
/// [`Error::Crypto`] for a recipient's key that is of no use.
pub fn seal(
    messages: &[&[u8]],
    recipients: &[[u8; 32]],
    sender: &NodeKeys,
    domain: &[u8],
    pad: usize,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Error> {
    let first = match messages {
        [first, ..] if messages.len() == 1 || messages.len() == recipients.len() => *first,
        _ => return Err(Error::Message("not one message for all or for each")),
    };
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);
    let mut out = b"d".to_vec();
    write_bytes(b"#", &mut out);
    write_bytes(&nonce, &mut out);
    write_bytes(b"e", &mut out);
    out.push(b'l');
    for (recipient, message) in recipients.iter().zip(messages.iter().copied().chain(std::iter::repeat(first))) {
        let key = multi::key_for(sender, recipient, domain)?;
        write_bytes(&seal_entry(&key, &nonce, message)?, &mut out);
    }
    let entries = recipients.len().checked_next_multiple_of(pad).unwrap_or(recipients.len());
    for _ in recipients.len()..entries {
        // As long as a message, not as an entry: so do all programs.
        let mut junk = vec![0; first.len()];
        rng.fill_bytes(&mut junk);
        write_bytes(&junk, &mut out);
    }
    out.extend_from_slice(b"ee");
    Ok(out)
}

/// What the first entry says that is for us.
#[must_use]
pub fn open(
    data: &[u8],
    recipient: &AccountKeys,
    sender_ed25519: &[u8; 32],
    domain: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, entries) = read(data)?;
    let key = multi::key_of(recipient, sender_ed25519, domain).ok()?;
    entries.into_iter().find_map(|entry| open_entry(&key, &nonce, entry).ok())
}

fn read(data: &[u8]) -> Option<([u8; NONCE], Vec<&[u8]>)> {
    let mut reader = Reader::new(data, 2, MAX_ENTRIES);
    reader.enter(b'd')?;
    if reader.bytes()? != b"#" {
        return None;
    }
    let nonce = reader.bytes()?.try_into().ok()?;
    if reader.bytes()? != b"e" {
        return None;
    }
    reader.enter(b'l')?;
    let mut entries = Vec::new();
    while !reader.leave()? {
        entries.push(reader.bytes()?);
    }
    reader.leave()?.then_some((nonce, entries))
}

/// The notice to one who was removed from a group at this generation of its keys.
#[must_use]
pub fn kicked_notice(member: &AccountId, generation: i64) -> Vec<u8> {
    [member.key(), generation.to_string().as_bytes()].concat()
}

/// Whether an opened notice says that we were removed, at `newest` or later: the newest
/// generation of keys that we have.
#[must_use]
pub fn says_kicked(notice: &[u8], me: &AccountId, newest: Option<i64>) -> bool {
    let Some((key, digits)) = notice.split_first_chunk::<32>() else { return false };
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let generation = std::str::from_utf8(digits).ok().filter(|_| is_number).and_then(|text| text.parse::<i64>().ok());
    key == me.key() && generation.is_some_and(|generation| generation >= newest.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::somebody;

    #[test]
    fn only_a_notice_for_us_at_a_generation_not_past_kicks_us() {
        let notice = kicked_notice(&somebody(2), 5);
        assert!(says_kicked(&notice, &somebody(2), Some(5)));
        assert!(says_kicked(&notice, &somebody(2), None));
        assert!(!says_kicked(&notice, &somebody(2), Some(6)));
        assert!(!says_kicked(&notice, &somebody(3), Some(5)));
        assert!(!says_kicked(&notice[..32], &somebody(2), Some(5)));
        assert!(!says_kicked(&[&notice[..], b"x"].concat(), &somebody(2), Some(5)));
    }

    #[test]
    fn what_is_no_such_message_is_nothing() {
        for text in ["", "le", "d1:#1:x1:elee", "d1:#24:nnnnnnnnnnnnnnnnnnnnnnnn1:el"] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
