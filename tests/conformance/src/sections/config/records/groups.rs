//! Groups and communities that we are in.

use tacit_config::Config;
use tacit_config::community_url::CommunityUrl;
use tacit_config::groups::{self, Group, LegacyGroup, Membership, Room, Settings};
use tacit_crypto::NodeKeys;
use tacit_wire::AccountId;
use zeroize::Zeroizing;

use super::contacts::notify;
use crate::sections::case::Case;
use crate::sections::config::json::unmarked;

pub(super) fn set(case: &mut Case<'_, '_>, call: &str, config: &mut Config) -> Option<()> {
    match call {
        "set_community" => {
            let url = CommunityUrl::new(case.text("url")?, case.text("room")?, case.key("pubkey")?);
            let room = Room { url: case.ok("url", url)?, settings: settings(case)? };
            groups::set_room(config, &room);
            case.equal("read", Some(room.clone()), groups::room(config, room.url.base(), room.url.room()));
            Some(())
        }
        "erase_community" => {
            let erased = groups::erase_room(config, case.text("url")?, case.text("room")?);
            case.equal("erased", true, erased);
            Some(())
        }
        "set_group" => {
            let group = group(case)?;
            case.ok(call, groups::set_group(config, &group))
        }
        "set_legacy_group" => {
            let group = legacy(case)?;
            case.ok(call, groups::set_legacy_group(config, &group))?;
            let read: Vec<_> = groups::all_legacy_groups(config).collect();
            case.equal("read", vec![group], read);
            Some(())
        }
        _ => {
            case.fail(format_args!("unknown call {call}"));
            None
        }
    }
}

fn settings(case: &mut Case<'_, '_>) -> Option<Settings> {
    Some(Settings {
        priority: case.integer_or_0("priority")?,
        joined: case.integer_or_0("joined_at")?,
        notify: notify(case.integer_or_0("notifications")?),
        muted_until: case.integer_or_0("mute_until")?,
        invited: case.flag_or_not("invited")?,
    })
}

fn group(case: &mut Case<'_, '_>) -> Option<Group> {
    let id: AccountId = case.parsed("id")?;
    // The file writes seed and public key; we hold the seed.
    let seed = unmarked(case.text("secretkey")?).first_chunk::<32>().copied();
    let value = unmarked(case.text("auth_data")?);
    Some(Group {
        seed: seed.map(Zeroizing::new),
        signing_value: value.try_into().ok().map(Zeroizing::new),
        name: case.text("name")?.to_owned(),
        membership: match case.integer("removed_status")? {
            1 => Membership::Kicked,
            2 => Membership::Destroyed,
            _ => Membership::Active,
        },
        settings: settings(case)?,
        ..Group::new(id)
    })
}

fn legacy(case: &mut Case<'_, '_>) -> Option<LegacyGroup> {
    let accounts = |case: &mut Case<'_, '_>, key: &str| {
        let ids = case.texts(key)?.into_iter().map(str::parse).collect::<Result<_, _>>();
        case.ok(key, ids)
    };
    Some(LegacyGroup {
        id: case.parsed("id")?,
        name: case.text("name")?.to_owned(),
        keys: Some((case.key("enc_pubkey")?, Zeroizing::new(case.key("enc_seckey")?))),
        members: accounts(case, "members")?,
        admins: accounts(case, "admins")?,
        timer: case.integer("timer")?,
        settings: settings(case)?,
    })
}

/// The group that was set, as it is read then.
pub(super) fn read_back(case: &mut Case<'_, '_>, config: &Config) -> Option<()> {
    let id: AccountId = case.object("args")?.parsed("id")?;
    let group = groups::group(config, &id);
    let mut expected = case.object("read_back")?;
    let group = expected.ok("read_back", group.ok_or("there is no such group"))?;
    let seed = group.seed.as_ref().map_or_else(String::new, |seed| {
        hex::encode([&seed[..], &NodeKeys::from_seed(seed).ed25519_public()].concat())
    });
    let value = group.signing_value.as_ref().map_or_else(String::new, |value| hex::encode(&value[..]));
    for (field, got) in [("secretkey", &seed), ("auth_data", &value)] {
        let text = expected.text(field)?;
        expected.equal(field, text, got);
    }
    let status = expected.integer("removed_status")?;
    expected.equal("removed_status", status, group.membership as i64);
    for (field, membership) in [("kicked", Membership::Kicked), ("destroyed", Membership::Destroyed)] {
        let flag = expected.flag(field)?;
        expected.equal(field, flag, group.membership == membership);
    }
    Some(())
}
