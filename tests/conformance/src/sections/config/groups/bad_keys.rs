//! Messages with keys that are refused.

use super::{Story, message_hash};
use crate::sections::case::Case;

pub(super) fn run(story: &Story, step: &mut Case<'_, '_>) -> Option<()> {
    let message = if step.has("bytes") { step.bytes("bytes")? } else { changed(story, step)? };
    let user = story.users.get(step.text("user")?);
    let user = step.ok("user", user.ok_or("is nobody"))?;
    let mut device = step.ok("device", story.device(user, false))?;
    let before = device.keys.dump();
    let received = device.keys.receive(&message_hash("bad"), &message, 0, &mut device.info, &mut device.members);
    if step.has("error") {
        step.equal("error", true, received.is_err());
    } else {
        let found = step.flag("found")?;
        step.equal("found", Ok(found), received);
    }
    step.equal("unchanged", before, device.keys.dump());
    Some(())
}

/// A message of the story, changed as the name of the case says.
fn changed(story: &Story, step: &mut Case<'_, '_>) -> Option<Vec<u8>> {
    let case = step.text("case")?;
    let (name, change) = case.split_once(' ').unwrap_or((case, ""));
    let mut message = story.stored(step, name)?;
    let xor = |message: &mut Vec<u8>, at: usize| message.get_mut(at).map(|byte| *byte ^= 1);
    if change.contains("fifth byte from the end") {
        let at = message.len().checked_sub(5)?;
        xor(&mut message, at)?;
    } else if let Some((_, rest)) = change.split_once("with byte ") {
        let at = rest.split(' ').next().and_then(|number| number.parse().ok());
        let at = step.ok("case", at.ok_or("names no byte"))?;
        xor(&mut message, at)?;
    } else if change.contains("without its last byte") {
        message.pop();
    } else if change.contains("pair cut off") {
        let signature = b"1:~64:".len() + 64 + 1;
        message.truncate(message.len().checked_sub(signature)?);
        message.push(b'e');
    } else {
        step.fail("the change is not known");
        return None;
    }
    Some(message)
}
