//! People.

use tacit_config::contacts::{self, BlindedContact, Contact};
use tacit_config::value::Value;
use tacit_config::{Config, Expiry, Notify};
use tacit_wire::AccountId;

use crate::sections::case::Case;

pub(super) fn set(case: &mut Case<'_, '_>, call: &str, config: &mut Config) -> Option<()> {
    match call {
        "set" => {
            let contact = contact(case)?;
            case.ok(call, contacts::set(config, &contact))
        }
        "set_blinded" => {
            let contact = blinded(case)?;
            case.ok(call, contacts::set_blinded(config, &contact))?;
            case.equal("read", 1, contacts::all_blinded(config).filter(|read| *read == contact).count());
            Some(())
        }
        _ => {
            case.fail(format_args!("unknown call {call}"));
            None
        }
    }
}

fn contact(case: &mut Case<'_, '_>) -> Option<Contact> {
    let id: AccountId = case.parsed("session_id")?;
    let timer = u32::try_from(case.integer_or_0("exp_seconds")?).unwrap_or(0);
    Some(Contact {
        name: case.text_or_empty("name")?.to_owned(),
        nickname: case.text_or_empty("nickname")?.to_owned(),
        picture: case.picture("pic_url", "pic_key")?,
        profile_updated: case.integer_or_0("profile_updated")?,
        approved: case.flag_or_not("approved")?,
        approved_me: case.flag_or_not("approved_me")?,
        blocked: case.flag_or_not("blocked")?,
        notify: notify(case.integer_or_0("notifications")?),
        muted_until: case.integer_or_0("mute_until")?,
        priority: case.integer_or_0("priority")?,
        expiry: match case.integer_or_0("exp_mode")? {
            1 => Expiry::AfterSend(timer),
            2 => Expiry::AfterRead(timer),
            _ => Expiry::Off,
        },
        created: case.integer_or_0("created")?,
        features: features(case)?,
        ..Contact::new(id)
    })
}

fn features(case: &mut Case<'_, '_>) -> Option<std::collections::BTreeSet<i64>> {
    if !case.has("features") {
        return Some(Default::default());
    }
    let list = case.json("features")?.as_array();
    let bits = list.and_then(|list| list.iter().map(serde_json::Value::as_i64).collect());
    case.ok("features", bits.ok_or("is no list of integers"))
}

fn blinded(case: &mut Case<'_, '_>) -> Option<BlindedContact> {
    Some(BlindedContact {
        base_url: case.text("base_url")?.to_owned(),
        server_key: case.key("pubkey")?,
        id: case.parsed("id")?,
        name: case.text("name")?.to_owned(),
        picture: case.picture("pic_url", "pic_key")?,
        profile_updated: case.integer_or_0("profile_updated")?,
        priority: case.integer_or_0("priority")?,
        created: case.integer_or_0("created")?,
        features: features(case)?,
    })
}

pub(super) fn notify(number: i64) -> Notify {
    match number {
        1 => Notify::All,
        2 => Notify::Off,
        3 => Notify::Mentions,
        _ => Notify::Default,
    }
}

/// The record that was set, as it is read then.
pub(super) fn read_back(case: &mut Case<'_, '_>, config: &Config) -> Option<()> {
    let mut expected = case.object("read_back")?;
    let id: AccountId = expected.parsed("session_id")?;
    let got = contacts::get(config, &id);
    let got = expected.ok("read_back", got.ok_or("there is no such contact"))?;
    compare(&mut expected, &got)
}

/// Records of any content: what is read of them, and what is listed.
pub(super) fn read(case: &mut Case<'_, '_>, config: &Config) -> Option<()> {
    let listed: Vec<String> = contacts::all(config).map(|contact| contact.id.to_hex()).collect();
    let expected: Vec<String> = case.texts("listed")?.into_iter().map(str::to_owned).collect();
    case.equal("listed", expected, listed);
    let size = case.number("size")?;
    let there = config.get(&[b"c"]).and_then(Value::as_dict).map_or(0, std::collections::BTreeMap::len);
    case.equal("size", size, there);
    if case.json("record")?.is_null() {
        case.equal("record", 0, contacts::all(config).count());
        return Some(());
    }
    let mut expected = case.object("record")?;
    let id: AccountId = expected.parsed("session_id")?;
    let got = contacts::get(config, &id);
    let got = expected.ok("record", got.ok_or("there is no such contact"))?;
    compare(&mut expected, &got)
}

fn compare(expected: &mut Case<'_, '_>, got: &Contact) -> Option<()> {
    let picture = got.picture.clone();
    let (url, key) = picture.map_or_else(Default::default, |picture| (picture.url.clone(), hex::encode(picture.key)));
    let texts = [("name", &got.name), ("nickname", &got.nickname), ("pic_url", &url), ("pic_key", &key)];
    for (field, got) in texts {
        let text = expected.text(field)?;
        expected.equal(field, text, got);
    }
    for (field, got) in [("approved", got.approved), ("approved_me", got.approved_me), ("blocked", got.blocked)] {
        let flag = expected.flag(field)?;
        expected.equal(field, flag, got);
    }
    let (mode, timer) = match got.expiry {
        Expiry::Off => (0, 0),
        Expiry::AfterSend(seconds) => (1, seconds),
        Expiry::AfterRead(seconds) => (2, seconds),
    };
    let integers = [
        ("priority", got.priority),
        ("notifications", got.notify as i64),
        ("mute_until", got.muted_until),
        ("exp_mode", mode),
        ("exp_seconds", timer.into()),
        ("created", got.created),
    ];
    for (field, got) in integers {
        let number = expected.integer(field)?;
        expected.equal(field, number, got);
    }
    Some(())
}
