//! Our own profile.

use tacit_config::{Config, profile};
use tacit_wire::TimestampMs;

use crate::sections::case::Case;

pub(super) fn set(case: &mut Case<'_, '_>, call: &str, config: &mut Config, now: TimestampMs) -> Option<()> {
    match call {
        "set_name" => {
            let set = profile::set_name(config, case.text("value")?, now);
            case.ok(call, set)?;
        }
        "set_profile_pic" => {
            let picture = case.picture("url", "key")?;
            case.ok(call, profile::set_picture(config, picture.as_ref(), now))?;
        }
        "set_reupload_profile_pic" => {
            let picture = case.picture("url", "key")?;
            let picture = case.ok("args", picture.ok_or("no picture"))?;
            case.ok(call, profile::set_picture_uploaded_again(config, &picture, now))?;
        }
        "set_blinded_msgreqs" => {
            let accepted = if case.json("value")?.is_null() { None } else { Some(case.flag("value")?) };
            profile::set_community_requests(config, accepted, now);
        }
        "set_animated_avatar" => {
            profile::set_feature(config, profile::ANIMATED_PICTURE, case.flag("value")?, now);
        }
        "set_nts_priority" => profile::set_priority(config, case.integer("value")?),
        "set_nts_expiry" => profile::set_timer(config, case.integer("seconds")?),
        _ => case.fail(format_args!("unknown call {call}")),
    }
    Some(())
}

/// What the config then says, where the case tells.
pub(super) fn read(case: &mut Case<'_, '_>, config: &Config) -> Option<()> {
    let profile = profile::read(config);
    if case.has("picture") {
        let url = case.text("picture")?;
        case.equal("picture", Some(url), profile.picture.as_ref().map(|picture| picture.url.as_str()));
    }
    if case.has("profile_updated") {
        let updated = case.integer("profile_updated")?;
        case.equal("profile_updated", updated, profile.updated);
    }
    Some(())
}
