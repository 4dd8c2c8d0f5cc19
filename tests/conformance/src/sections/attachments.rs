//! Files in both forms (protocol: messages 6.2, 6.3).

use serde_json::Value;
use tacit_crypto::attachment::stream::{Domain, Hasher};
use tacit_crypto::attachment::{legacy, stream};

use super::case::{Case, Scripted};
use crate::report::Report;

/// AES-CBC and HMAC, as all deployed clients send.
pub fn attachment_legacy(section: &Value, report: &mut Report) {
    let mut all = Case::new("attachment_legacy", section, report);
    all.each_of("cases", |case| {
        let plaintext = case.bytes("plaintext")?;
        let size = case.number("size")?;
        case.equal("size", size, plaintext.len());
        let padded = case.number("padded_size")?;
        case.equal("padded_size", padded, legacy::padded_size(size));
        let mut rng = Scripted::new(&[&case.bytes("key")?, &case.bytes("iv")?]);
        let (upload, secrets) = case.ok("encrypt", legacy::encrypt(&plaintext, &mut rng))?;
        let encrypted_size = case.number("encrypted_size")?;
        case.equal("encrypted_size", encrypted_size, upload.len());
        case.equal_hex("encrypted", &upload)?;
        case.equal_hex("digest", &secrets.digest)?;
        let digest = Some(&secrets.digest[..]);
        let data = case.ok("decrypt", legacy::decrypt(&upload, secrets.key.as_ref(), digest, size))?;
        case.equal_hex("plaintext", &data)
    });
    all.each_of("padded_sizes", |case| {
        let (size, padded) = (case.number("size")?, case.number("padded")?);
        case.equal("padded", padded, legacy::padded_size(size));
        Some(())
    });
    if let Some(largest) = all.number("largest") {
        all.equal("largest", largest, legacy::MAX_DATA);
    }
    all.each_of("bad", |case| {
        let (upload, key) = (case.bytes("encrypted")?, case.bytes("key")?);
        let (digest, size) = (case.bytes("digest")?, case.number("size")?);
        let digest = Some(&digest[..]).filter(|digest| !digest.is_empty());
        case.equal_error(legacy::decrypt(&upload, &key, digest, size).map_err(|error| error.kind()))
    });
}

/// The deterministic form.
pub fn attachment_stream(section: &Value, report: &mut Report) {
    let mut all = Case::new("attachment_stream", section, report);
    let (Some(seed), Some(rule)) = (all.array("ed25519_seed"), all.text("plaintext_rule")) else {
        return;
    };
    all.equal("plaintext_rule", "byte i is (7 * i) mod 256", rule);
    all.each_of("cases", |case| stream_case(case, &seed));
    all.each_of("good", |case| {
        let data = stream::decrypt(&case.bytes("encrypted")?, &case.array("key")?);
        let data = case.ok("decrypt", data)?;
        case.equal_hex("plaintext", &data)
    });
    all.each_of("bad", |case| {
        let upload = if case.has("made_from") { truncated(case, &seed)? } else { case.bytes("encrypted")? };
        let data = stream::decrypt(&upload, &case.array("key")?);
        case.equal_error(data.map_err(|error| error.kind()))
    });
    all.each_of("sizes", |case| {
        let (size, encrypted_size) = (case.number("size")?, case.number("encrypted_size")?);
        case.equal("encrypted_size", encrypted_size, stream::encrypted_size(size));
        Some(())
    });
}

fn stream_case(case: &mut Case<'_, '_>, seed: &[u8; 32]) -> Option<()> {
    let size = case.number("size")?;
    let domain = domain(case.text("domain")?);
    let domain = case.ok("domain", domain.ok_or("is not known"))?;
    let data = plaintext(size);
    let hashed = Hasher::new(seed, domain).and_then(|mut hasher| hasher.push(&data).map(|()| hasher));
    let plan = case.ok("hash", hashed)?.finish();
    case.equal_hex("key", plan.key.as_ref())?;
    case.equal_hex("header", plan.header())?;
    let padding = case.number("padding")?;
    case.equal("padding", padding, stream::padding(size));
    let encrypted_size = case.number("encrypted_size")?;
    case.equal("encrypted_size", encrypted_size, plan.encrypted_size());

    let (upload, key) = case.ok("encrypt", stream::encrypt(&data, seed, domain))?;
    case.equal("the upload's size", encrypted_size, upload.len());
    case.equal_hex("sha256", &legacy::digest(&upload))?;
    if case.has("encrypted") {
        case.equal_hex("encrypted", &upload)?;
    }
    let opened = stream::decrypt(&upload, &key);
    case.equal("decrypt", Ok(data), opened);
    Some(())
}

/// "size N, DOMAIN, truncated to the given size".
fn truncated(case: &mut Case<'_, '_>, seed: &[u8; 32]) -> Option<Vec<u8>> {
    let made_from = case.text("made_from")?;
    let parsed = made_from.strip_prefix("size ").and_then(|rest| {
        let (size, rest) = rest.split_once(", ")?;
        let name = rest.strip_suffix(", truncated to the given size")?;
        Some((size.parse().ok()?, domain(name)?))
    });
    let (size, domain) = case.ok("made_from", parsed.ok_or("is not understood"))?;
    let encrypted = stream::encrypt(&plaintext(size), seed, domain);
    let (mut upload, key) = case.ok("encrypt", encrypted)?;
    case.equal_hex("key", key.as_ref())?;
    let cut = case.number("size")?;
    case.equal("something is cut off", true, cut < upload.len());
    upload.truncate(cut);
    Some(upload)
}

fn domain(name: &str) -> Option<Domain> {
    match name {
        "attachment" => Some(Domain::Attachment),
        "profile_pic" => Some(Domain::Picture),
        _ => None,
    }
}

fn plaintext(size: usize) -> Vec<u8> {
    (0u8..=255).cycle().map(|byte| byte.wrapping_mul(7)).take(size).collect()
}
