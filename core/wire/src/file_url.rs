//! URLs of files in messages and profiles (protocol: messages 6.5, files 2).

use std::fmt;

use thiserror::Error;

use crate::base64::hex_array;
use crate::profile::FILE_SERVER_ED25519;

/// Longest URL that is read, in bytes.
pub const MAX_URL: usize = 2_048;
const MAX_ID: usize = 64;
const DEFAULT_DOMAIN: &str = ".getsession.org";
/// The key of an older default server, still named by one library.
const OLD_KEY: &str = "da21e1d886c6fbaea313f75298bd64aab03a97ce985b46bb2dad9f2089c8ee59";

/// Where a file is, and how it is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUrl {
    /// Whether the server is reached by `https` from the last hop.
    pub https: bool,
    /// Host name in lower case, or address.
    pub host: String,
    /// If the URL names one.
    pub port: Option<u16>,
    /// Of the file.
    pub id: String,
    /// The server's Ed25519 key.
    pub server_ed25519: [u8; 32],
    /// In the stream form (fragment `d`), else in the legacy form.
    pub stream: bool,
}

/// Why a URL names no file that may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FileUrlError {
    /// No http or https URL.
    #[error("not a web address")]
    Url,
    /// Another path than `/file/{id}`.
    #[error("not the address of a file")]
    Path,
    /// No key of the server, or a malformed one.
    #[error("the address does not name the server's key")]
    ServerKey,
}

impl FileUrlError {
    /// The name of the kind of error in the test vectors.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Path => "path",
            Self::ServerKey => "server_key",
        }
    }
}

impl FileUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Self, FileUrlError> {
        if url.len() > MAX_URL {
            return Err(FileUrlError::Url);
        }
        let (scheme, rest) = url.split_once("://").ok_or(FileUrlError::Url)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(FileUrlError::Url),
        };
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').ok_or(FileUrlError::Url)?;
        let (host, port) = split_port(authority)?;
        let id = path
            .strip_prefix("file/")
            .or_else(|| path.strip_prefix("files/"))
            .filter(|id| is_id(id))
            .ok_or(FileUrlError::Path)?;
        let mut stream = false;
        let mut key = None;
        for part in fragment.split('&') {
            match part.split_once('=').unwrap_or((part, "")) {
                ("d", _) => stream = true,
                ("p", digits) => key = Some(digits),
                _ => {}
            }
        }
        let server_ed25519 = server_key(&host, key)?;
        Ok(Self { https, host, port, id: id.to_owned(), server_ed25519, stream })
    }

    /// Whether it lies on the public network's file server.
    #[must_use]
    pub fn is_default_server(&self) -> bool {
        self.server_ed25519 == FILE_SERVER_ED25519
    }

    /// The port to connect to.
    #[must_use]
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(if self.https { 443 } else { 80 })
    }
}

/// The key is left out for the default server: older clients fail on it.
impl fmt::Display for FileUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "/file/{}", self.id)?;
        let is_implied = self.is_default_server() && is_default_host(&self.host);
        let key = (!is_implied).then(|| format!("p={}", hex::encode(self.server_ed25519)));
        let stream = self.stream.then(|| "d".to_owned());
        let fragment: Vec<_> = stream.into_iter().chain(key).collect();
        if fragment.is_empty() { Ok(()) } else { write!(f, "#{}", fragment.join("&")) }
    }
}

fn split_port(authority: &str) -> Result<(String, Option<u16>), FileUrlError> {
    let (host, port) = match authority.split_once(':') {
        None => (authority, None),
        Some((host, digits)) => {
            let port = digits.parse().ok().filter(|port| *port != 0 && !digits.starts_with('+'));
            (host, Some(port.ok_or(FileUrlError::Url)?))
        }
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
        return Err(FileUrlError::Url);
    }
    Ok((host.to_ascii_lowercase(), port))
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(plain)
}

fn is_default_host(host: &str) -> bool {
    host.ends_with(DEFAULT_DOMAIN)
}

fn server_key(host: &str, named: Option<&str>) -> Result<[u8; 32], FileUrlError> {
    match named {
        Some(digits) if digits.eq_ignore_ascii_case(OLD_KEY) => Ok(FILE_SERVER_ED25519),
        Some(digits) => hex_array(digits).ok_or(FileUrlError::ServerKey),
        None if is_default_host(host) => Ok(FILE_SERVER_ED25519),
        None => Err(FileUrlError::ServerKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_only_look_like_the_default_need_a_key() {
        for host in ["getsession.org", "xgetsession.org", "filev2.getsession.org.example"] {
            let url = format!("http://{host}/file/1");
            assert_eq!(FileUrl::parse(&url), Err(FileUrlError::ServerKey), "{url}");
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        let wrong = [
            ("http://user@filev2.getsession.org/file/1", FileUrlError::Url),
            ("ftp://filev2.getsession.org/file/1", FileUrlError::Url),
            ("http://filev2.getsession.org:0/file/1", FileUrlError::Url),
            ("http://filev2.getsession.org", FileUrlError::Url),
            ("http://filev2.getsession.org/file/1?x", FileUrlError::Path),
            ("http://filev2.getsession.org/file/../1", FileUrlError::Path),
            ("http://filev2.getsession.org/file/1/2", FileUrlError::Path),
        ];
        for (url, error) in wrong {
            assert_eq!(FileUrl::parse(url), Err(error), "{url}");
        }
    }

    #[test]
    fn the_key_of_an_older_default_server_means_the_default_server() {
        let url = FileUrl::parse(&format!("http://filev2.getsession.org/file/1#p={OLD_KEY}")).unwrap();
        assert!(url.is_default_server());
        assert_eq!(url.to_string(), "http://filev2.getsession.org/file/1");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(url: String, tail in "(http://)?[a-z.:/#&=dp@é]{0,40}") {
            let _ = FileUrl::parse(&url);
            let _ = FileUrl::parse(&tail);
        }

        #[test]
        fn a_url_comes_back_as_it_was(
            https: bool, host in "[a-z]{1,9}(\\.getsession\\.org)?", port: Option<std::num::NonZeroU16>,
            id in "[A-Za-z0-9_-]{1,44}", server_ed25519: [u8; 32], stream: bool,
        ) {
            let url = FileUrl { https, host, port: port.map(Into::into), id, server_ed25519, stream };
            proptest::prop_assert_eq!(FileUrl::parse(&url.to_string()), Ok(url));
        }
    }
}
