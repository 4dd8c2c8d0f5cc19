//! Messages in a group (protocol: config 11).

use tacit_wire::group_message;
use tacit_wire::proto::{Content, DataMessage};

use super::Story;
use crate::sections::case::{Case, Scripted};

/// What others wrote: opened, and written alike but for nonce and compression.
pub(super) fn written(story: &Story, step: &mut Case<'_, '_>) -> Option<()> {
    if !step.has("ciphertext") {
        return too_long(story, step);
    }
    let sender = story.users.get(step.text("sender")?);
    let sender = step.ok("sender", sender.ok_or("is nobody"))?;
    let plain = step.bytes("plain")?;
    let length = step.number("plain_len")?;
    step.equal("plain_len", length, plain.len());
    let inner = step.bytes("inner_without_padding")?;
    let ours = group_message::dictionary(&plain, sender, story.id.key());
    if step.flag("compress")? && !ours.windows(3).any(|window| window == b"1:z") {
        step.equal("inner_without_padding", &inner, &ours);
    }
    let ciphertext = step.bytes("ciphertext")?;
    let length = step.number("len")?;
    step.equal("len", length, ciphertext.len());
    let key: [u8; 32] = step.array("key")?;
    let padding = step.number("padding")?;
    let opened = step.ok("open", tacit_crypto::group::open(&ciphertext, [&key]))?;
    step.equal("inner_without_padding", &inner, &opened.dictionary);
    let whole = inner.len() + 40;
    step.equal("padding", length, if padding == 0 { whole } else { whole.next_multiple_of(padding) });
    if padding > 0 {
        let sealed = tacit_crypto::group::seal(&inner, &key, &mut Scripted::new(&[&ciphertext[..24]]));
        step.equal("ciphertext", Ok(&ciphertext), sealed.as_ref());
    }
    opened_as(story, step, &ciphertext, &[key])
}

/// What others stored, good and bad.
pub(super) fn opened(story: &Story, step: &mut Case<'_, '_>) -> Option<()> {
    if step.has("ciphertext") {
        let ciphertext = step.bytes("ciphertext")?;
        let key = step.array("key")?;
        return opened_as(story, step, &ciphertext, &[key]);
    }
    // Only described: so many bytes, or any.
    let length = step.text("case")?.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(300);
    opened_as(story, step, &vec![0x5a; length], &[[7; 32]])
}

fn opened_as(story: &Story, step: &mut Case<'_, '_>, data: &[u8], keys: &[[u8; 32]]) -> Option<()> {
    let opened = group_message::open(data, keys, story.id.key());
    if step.has("error") {
        step.equal("error", true, opened.is_err());
        return Some(());
    }
    let opened = step.ok("open", opened)?;
    step.equal_hex("from", opened.sender.as_bytes())?;
    step.equal_hex("plain", &opened.envelope)
}

/// A text of so many bytes is not written at all.
fn too_long(story: &Story, step: &mut Case<'_, '_>) -> Option<()> {
    let length = step.text("case")?.split(' ').next().and_then(|number| number.parse().ok());
    let length = step.ok("case", length.ok_or("says no length"))?;
    let content = Content {
        data_message: Some(DataMessage { body: Some("a".repeat(length)), ..DataMessage::default() }),
        sig_timestamp: Some(1),
        ..Content::default()
    };
    let sender = story.users.values().next();
    let sender = step.ok("sender", sender.ok_or("nobody is there"))?;
    let encoded = group_message::encode(&content, sender, &story.id, &[7; 32], &mut Scripted::new(&[]));
    step.equal("error", step.has("error"), encoded.is_err());
    Some(())
}
