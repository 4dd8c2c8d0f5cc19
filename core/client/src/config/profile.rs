//! Our own profile and the note to self, to and from the profile config (protocol: config 8.1).

use tacit_config::{Kind, profile};
use tacit_store::{Error, Expiry, OwnProfile, Peer, SyncedSettings};
use tacit_wire::TimestampMs;

use super::people::{HIDDEN, picture, priority};
use super::{Configs, written};

/// Writes what the tables say into the config.
pub(super) fn write(configs: &mut Configs<'_>) -> Result<(), Error> {
    let (tx, me) = (configs.tx, configs.owner.me);
    let Some(account) = tx.account()? else { return Ok(()) };
    let note = tx.conversation_with(&Peer::note_to_self(&me))?.map(|id| tx.conversation(id)).transpose()?;
    let config = configs.get(Kind::Profile)?;
    let updated = TimestampMs(account.profile_updated_s.saturating_mul(1_000));
    written(profile::set_name(config, &account.display_name, updated));
    let ours = picture(&account.picture_url, &account.picture_key);
    if profile::read(config).picture != ours {
        // The same picture uploaded again leaves the time of the profile alone.
        let again = ours.as_ref().filter(|_| account.picture_uploaded.0 / 1_000 > account.profile_updated_s);
        written(match again {
            Some(picture) => profile::set_picture_uploaded_again(config, picture, account.picture_uploaded),
            None => profile::set_picture(config, ours.as_ref(), updated),
        });
    }
    profile::set_priority(config, note.as_ref().map_or(HIDDEN, priority));
    if let Some(note) = note {
        profile::set_timer(config, timer(note.expiry));
    }
    Ok(())
}

fn timer(expiry: Expiry) -> i64 {
    match expiry {
        Expiry::Off => 0,
        Expiry::AfterRead { seconds } | Expiry::AfterSend { seconds } => seconds.into(),
    }
}

/// Takes the config into the tables. `at` is when it changed.
pub(super) fn apply(configs: &mut Configs<'_>, at: TimestampMs, now: TimestampMs) -> Result<(), Error> {
    let profile = profile::read(configs.get(Kind::Profile)?);
    let (tx, me) = (configs.tx, configs.owner.me);
    let picture = profile.picture.as_ref();
    tx.apply_profile(&OwnProfile {
        name: profile.name.clone(),
        updated_s: profile.updated.unsigned_abs(),
        picture_url: picture.map(|picture| picture.url.clone()).unwrap_or_default(),
        picture_key: picture.map(|picture| picture.key.to_vec()).unwrap_or_default(),
    })?;
    let peer = Peer::note_to_self(&me);
    let hidden = profile.priority < 0;
    let id = match tx.conversation_with(&peer)? {
        None if hidden => return Ok(()),
        None => tx.open_conversation(&peer, now)?,
        Some(id) => id,
    };
    let current = tx.conversation(id)?;
    if hidden && !current.hidden {
        tx.set_removed(Some(&me), at)?;
    }
    let seconds = u32::try_from(profile.timer).unwrap_or(u32::MAX);
    let settings = SyncedSettings {
        pinned: profile.priority.max(0),
        hidden,
        expiry: if seconds == 0 { Expiry::Off } else { Expiry::AfterSend { seconds } },
        muted_until: current.muted_until,
        notify: current.notify,
    };
    tx.apply_settings(id, &settings).map(drop)
}
