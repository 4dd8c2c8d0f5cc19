//! Addresses of files (protocol: messages 6.5).

use serde_json::Value;
use tacit_wire::file_url::{FileUrl, FileUrlError};

use super::case::Case;
use crate::report::Report;

/// Reads each, or refuses it for the given reason.
pub fn file_urls(section: &Value, report: &mut Report) {
    Case::new("file_urls", section, report).each(|case| {
        let url = FileUrl::parse(case.text("url")?);
        if case.has("error") {
            return case.equal_error(url.map_err(FileUrlError::kind));
        }
        let url = case.ok("parse", url)?;
        let (id, host) = (case.text("id")?, case.text("host")?);
        case.equal("id", id, &url.id);
        case.equal("host", host, &url.host);
        case.equal_hex("server_ed25519", &url.server_ed25519)?;
        let stream = case.flag("stream")?;
        case.equal("stream", stream, url.stream);
        let port = if case.has("port") { Some(case.number("port")?) } else { None };
        case.equal("port", port, url.port.map(usize::from));
        let https = case.text("url")?.starts_with("https:");
        case.equal("https", https, url.https);
        case.equal("written and read again", Ok(&url), FileUrl::parse(&url.to_string()).as_ref());
        Some(())
    });
}
