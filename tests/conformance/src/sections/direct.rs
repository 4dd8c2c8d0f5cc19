//! Padding, and direct messages built and received (protocol: messages 2.1, 2.2).

use serde_json::Value;
use tacit_crypto::seal;
use tacit_wire::envelope::{self, ReceiveError};
use tacit_wire::proto::{self, Content, Message};
use tacit_wire::{AccountId, TimestampMs, base64, padding as pad};

use super::case::{Case, Scripted};
use crate::report::Report;

/// Pads and cuts padding.
pub fn padding(section: &Value, report: &mut Report) {
    let mut section = Case::new("padding", section, report);
    section.each_of("pad", |case| {
        let content = case.bytes("content")?;
        let length = case.number("length")?;
        case.equal("length", length, content.len());
        let padded = pad::pad(&content);
        let padded_length = case.number("padded_length")?;
        case.equal("padded_length", padded_length, padded.len());
        case.equal("start", Some(&content[..]), padded.get(..content.len()));
        case.equal_hex("tail", padded.get(content.len()..).unwrap_or_default())?;
        case.equal("unpadded again", content, pad::unpad(&padded).to_vec());
        Some(())
    });
    section.each_of("unpad", |case| {
        let input = case.bytes("input")?;
        case.equal_hex("output", pad::unpad(&input))
    });
}

/// Builds a direct message from its parts, byte for byte, and receives it.
pub fn direct(section: &Value, report: &mut Report) {
    let mut case = Case::new("direct", section, report);
    // None: a field was missing, which is in the report already.
    let _: Option<()> = build(&mut case);
}

fn build(case: &mut Case<'_, '_>) -> Option<()> {
    let sender = case.account("sender_seed16")?;
    let recipient: AccountId = case.parsed("recipient")?;
    let timestamp = TimestampMs(case.number("timestamp")? as u64);
    let bytes = case.bytes("content")?;
    let content: Content = case.ok("content", proto::decode(&bytes))?;
    case.equal("sigTimestamp", Some(timestamp.0), content.sig_timestamp);
    case.equal_hex("content", &content.encode_to_vec())?;
    let padded = pad::pad(&bytes);
    case.equal_hex("padded", &padded)?;
    let ephemeral: [u8; 32] = case.array("ephemeral_secret")?;
    let sealed = seal(&padded, &sender, recipient.key(), &mut Scripted::new(&[&ephemeral]));
    let sealed = case.ok("seal", sealed)?;
    case.equal_hex("sealed", &sealed)?;
    let pro_sig = case.array("pro_sig")?;
    let envelope = envelope::direct_envelope(sealed, timestamp, &pro_sig);
    case.equal_hex("envelope", &envelope)?;
    let wrapper = envelope::wrap(&envelope);
    case.equal_hex("wrapper", &wrapper)?;
    let store_data = case.text("store_data")?;
    case.equal("store_data", store_data, &base64::encode(&wrapper));
    case.equal("unwrapped", Ok(envelope), envelope::unwrap(&wrapper));

    // The whole in one call differs from the vector only by the decoy signature at its end.
    let mut rng = Scripted::new(&[&ephemeral]);
    let whole = case.ok("encode", envelope::encode_direct(&content, &sender, &recipient, &mut rng))?;
    let equal_up_to = wrapper.len().saturating_sub(64 + 2);
    case.equal("length", wrapper.len(), whole.len());
    let without_end = |wrapper: &[u8]| {
        // Behind the envelope stand two bytes: requestId.
        wrapper.get(..equal_up_to).map(<[u8]>::to_vec)
    };
    case.equal("encoded in one call", without_end(&wrapper), without_end(&whole));
    Some(())
}

/// Receives stored bytes: gives sender, timestamp and content, or fails for the given reason.
pub fn direct_receive(section: &Value, report: &mut Report) {
    Case::new("direct_receive", section, report).each(|case| {
        let me = case.account("recipient_seed16")?;
        let received = envelope::decode_direct(&case.base64("stored_base64")?, &me);
        if case.has("error") {
            return case.equal_error(received.map_err(|error: ReceiveError| error.kind()));
        }
        let received = case.ok("receive", received)?;
        case.equal_hex("sender", received.sender.as_bytes())?;
        case.equal_hex("sender_ed25519", &received.sender_ed25519)?;
        let timestamp = case.number("timestamp")?;
        case.equal("timestamp", timestamp as u64, received.timestamp.0);
        case.equal_hex("content", &received.content_bytes)?;
        let parsed: Content = case.ok("content", proto::decode(&received.content_bytes))?;
        case.equal("content as received", parsed.encode_to_vec(), received.content.encode_to_vec());
        case.equal("signed timestamp", parsed.sig_timestamp.is_some(), received.timestamp_is_signed);
        Some(())
    });
}
