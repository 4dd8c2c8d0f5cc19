//! What other programs keep of a group's keys.

use tacit_config::group::keys::GroupKeys;
use tacit_wire::bencode::loose::{Reader, Value};

use super::{Device, Story, message_hash};
use crate::sections::case::Case;

/// Compares our dump with theirs, and goes on from theirs.
pub(super) fn run(story: &Story, step: &mut Case<'_, '_>, name: &str, device: &mut Device) -> Option<()> {
    let theirs = renamed(&step.bytes("dump")?);
    let theirs = step.ok("dump", theirs.ok_or("is malformed"))?;
    step.equal("dump", hex::encode(&theirs), hex::encode(device.keys.dump()));
    let account = step.ok("dev", story.users.get(name).ok_or("is nobody's"))?;
    let signer = device.keys.is_admin().then_some(&story.group);
    device.keys = step.ok("dump", GroupKeys::load(&story.id, account, signer, &theirs))?;
    device.keys.equip(&mut device.info, &mut device.members);
    Some(())
}

/// The dump with our hashes in place of names.
fn renamed(dump: &[u8]) -> Option<Vec<u8>> {
    let Value::Dictionary(mut entries) = Reader::new(dump, 4, 10_000).value()? else { return None };
    for (_, value) in entries.iter_mut().filter(|(key, _)| key == b"A") {
        let Value::List(generations) = value else { return None };
        for generation in generations {
            let Value::List(list) = generation else { return None };
            for entry in list {
                if let Value::Bytes(name) = entry {
                    let hash = message_hash(std::str::from_utf8(name).ok()?);
                    *name = hash.as_str().as_bytes().to_vec();
                }
            }
        }
    }
    let mut out = Vec::new();
    Value::Dictionary(entries).write(&mut out);
    Some(out)
}
