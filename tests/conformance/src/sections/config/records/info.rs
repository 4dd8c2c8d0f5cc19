//! What a group is.

use tacit_config::Config;
use tacit_config::group::info;

use crate::sections::case::Case;

pub(super) fn set(case: &mut Case<'_, '_>, call: &str, config: &mut Config) -> Option<()> {
    let mut info = info::read(config);
    match call {
        "set_name" => case.text("value")?.clone_into(&mut info.name),
        "set_description" => case.text("value")?.clone_into(&mut info.description),
        "set_profile_pic" => info.picture = case.picture("url", "key")?,
        "set_times" => {
            info.timer = case.integer_or_0("expiry")?;
            info.created = case.integer_or_0("created")?;
            info.delete_before = case.integer_or_0("delete_before")?;
            info.delete_attachments_before = case.integer_or_0("delete_attach_before")?;
        }
        "destroy" => return case.ok(call, info::destroy(config)),
        _ => {
            case.fail(format_args!("unknown call {call}"));
            return None;
        }
    }
    case.ok(call, info::set(config, &info))?;
    case.equal("read", info, info::read(config));
    Some(())
}
