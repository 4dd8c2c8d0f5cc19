//! Addresses of community rooms (protocol: config 8.5).

use std::fmt;

use crate::Error;

/// Longest base URL, in bytes.
pub const MAX_BASE: usize = 267;
/// Longest name of a room, in bytes.
pub const MAX_ROOM: usize = 64;
const QUERY: &str = "?public_key=";
const BASE32Z: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// A room on a server.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommunityUrl {
    base: String,
    room: String,
    key: [u8; 32],
}

impl CommunityUrl {
    /// A room from its parts.
    ///
    /// # Errors
    /// [`Error::CommunityUrl`].
    pub fn new(base: &str, room: &str, key: [u8; 32]) -> Result<Self, Error> {
        Ok(Self { base: parse_base(base)?, room: parse_room(room)?.to_owned(), key })
    }

    /// The full form, as people pass it around.
    ///
    /// # Errors
    /// [`Error::CommunityUrl`] says which part is wrong.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let (address, key) = url.rsplit_once(QUERY).ok_or(Error::CommunityUrl("no public key"))?;
        let key = parse_key(key).ok_or(Error::CommunityUrl("the public key is malformed"))?;
        let (base, room) =
            address.rsplit_once("/r/").or_else(|| address.rsplit_once('/')).ok_or(Error::CommunityUrl("no room"))?;
        Self::new(base, room, key)
    }

    /// Scheme, host, and port if it is not the usual one; lower case, no slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The room as it was written.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.room
    }

    /// The room as configs name it.
    #[must_use]
    pub fn room_key(&self) -> String {
        self.room.to_ascii_lowercase()
    }

    /// The server's X25519 key.
    #[must_use]
    pub fn server_key(&self) -> &[u8; 32] {
        &self.key
    }
}

/// The full form.
impl fmt::Display for CommunityUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{QUERY}{}", self.base, self.room, hex::encode(self.key))
    }
}

/// Shows that it is one, not which.
impl fmt::Debug for CommunityUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommunityUrl")
    }
}

/// The base of a URL in its one form.
///
/// # Errors
/// [`Error::CommunityUrl`].
pub fn parse_base(url: &str) -> Result<String, Error> {
    let url = url.to_ascii_lowercase();
    let (scheme, rest, usual) = match url.split_once("://") {
        Some(("http", rest)) => ("http", rest, 80),
        Some(("https", rest)) => ("https", rest, 443),
        _ => return Err(Error::CommunityUrl("it begins with http:// or https://")),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, parse_port(port).ok_or(Error::CommunityUrl("the port is malformed"))?),
        None => (rest, 0),
    };
    if !is_host(host) {
        return Err(Error::CommunityUrl("the host is malformed"));
    }
    let port = if port == 0 || port == usual { String::new() } else { format!(":{port}") };
    let base = format!("{scheme}://{host}{port}");
    if base.len() > MAX_BASE {
        return Err(Error::CommunityUrl("it is too long"));
    }
    Ok(base)
}

fn parse_port(port: &str) -> Option<u16> {
    port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok())?
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() >= 4 && host.contains('.') && host.split('.').all(is_label)
}

fn parse_room(room: &str) -> Result<&str, Error> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if room.is_empty() || room.len() > MAX_ROOM || !room.bytes().all(is_known) {
        return Err(Error::CommunityUrl("the room is malformed"));
    }
    Ok(room)
}

fn parse_key(text: &str) -> Option<[u8; 32]> {
    match text.len() {
        64 => hex::decode(text).ok()?.try_into().ok(),
        43 => tacit_wire::base64::decode_array(text),
        44 => tacit_wire::base64::decode_array(text.strip_suffix('=')?),
        52 => base32z(text),
        _ => None,
    }
}

/// 52 letters of five bits; the last carries one bit that counts.
fn base32z(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    let (mut bits, mut held, mut at) = (0u32, 0, 0);
    for letter in text.bytes().map(|byte| byte.to_ascii_lowercase()) {
        let value = BASE32Z.iter().position(|known| *known == letter)?;
        bits = bits << 5 | u32::try_from(value).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            *out.get_mut(at)? = (bits >> held & 0xff) as u8;
            bits &= (1 << held) - 1;
            at += 1;
        }
    }
    (at == 32 && bits == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_the_key_is_the_same_room() {
        let key = "a9ff9163e0b7130515543a906f34f957cf0c08ca6392915402facdccd79d17f5";
        let hex = CommunityUrl::parse(&format!("HTTP://Chat.Example.org:80/r/Room?public_key={key}")).unwrap();
        assert_eq!(hex.to_string(), format!("http://chat.example.org/Room?public_key={key}"));
        for other in [
            "qf+RY+C3EwUVVDqQbzT5V88MCMpjkpFUAvrNzNedF/U=",
            "qf+RY+C3EwUVVDqQbzT5V88MCMpjkpFUAvrNzNedF/U",
            "i893na9yshjokfkw8keg6p83k98oangkcqjjniyn9mgh3ih7n94o",
        ] {
            let url = format!("http://chat.example.org/Room?public_key={other}");
            assert_eq!(CommunityUrl::parse(&url).as_ref(), Ok(&hex), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(url in "\\PC{0,60}") {
            let url = format!("https://{url}?public_key={}", "ab".repeat(32));
            if let Ok(parsed) = CommunityUrl::parse(&url) {
                prop_assert_eq!(CommunityUrl::parse(&parsed.to_string()), Ok(parsed));
            }
        }
    }
}
