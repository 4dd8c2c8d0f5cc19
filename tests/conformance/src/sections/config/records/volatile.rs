//! Read states.

use tacit_config::Config;
use tacit_config::community_url::CommunityUrl;
use tacit_config::volatile::{self, Conversation, ProSeen, ReadState};
use tacit_wire::TimestampMs;

use crate::sections::case::Case;

pub(super) fn set(case: &mut Case<'_, '_>, call: &str, config: &mut Config, now: TimestampMs) -> Option<()> {
    let conversation = match call {
        "set_1to1" => Conversation::Person(case.parsed("session_id")?),
        "set_group" => Conversation::Group(case.parsed("id")?),
        "set_legacy_group" => Conversation::LegacyGroup(case.parsed("id")?),
        "set_blinded" => Conversation::Blinded(case.parsed("id")?),
        "set_community" => {
            let url = CommunityUrl::new(case.text("url")?, case.text("room")?, case.key("pubkey")?);
            Conversation::Room(case.ok("url", url)?)
        }
        "erase_community" => {
            let url = CommunityUrl::new(case.text("url")?, case.text("room")?, [0; 32]);
            let room = Conversation::Room(case.ok("url", url)?);
            case.equal("erased", true, volatile::erase(config, &room));
            return Some(());
        }
        "prune" => {
            volatile::prune(config, now);
            return Some(());
        }
        _ => {
            case.fail(format_args!("unknown call {call}"));
            return None;
        }
    };
    let last_read = if case.has("last_read") { "last_read" } else { "last_read_ms" };
    let pro = if case.has("pro_hash") {
        Some(ProSeen { expires: TimestampMs(case.number("pro_expiry_ms")? as u64), hash: case.key("pro_hash")? })
    } else {
        None
    };
    let state =
        ReadState { last_read: TimestampMs(case.number(last_read)? as u64), unread: case.flag_or_not("unread")?, pro };
    case.ok(call, volatile::set(config, &conversation, &state, now))?;
    // Old reads are not written: then there may be nothing to read.
    if let Some(read) = volatile::get(config, &conversation) {
        case.equal("unread", state.unread, read.unread);
        case.equal("listed", 1, volatile::all(config).filter(|(_, state)| *state == read).count().min(1));
    }
    Some(())
}
