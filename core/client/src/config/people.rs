//! People: contacts and the conversations with them, to and from the contacts config
//! (protocol: config 8.2, messages 4.10).

use tacit_config::contacts::{self, Contact};
use tacit_config::{Expiry as ConfigExpiry, Kind, Notify as ConfigNotify, Picture};
use tacit_store::{Conversation, Dirty, Error, Expiry, Notify, Peer, SyncedContact, SyncedSettings};
use tacit_wire::{AccountId, TimestampMs};

use super::{Configs, reading, written};

/// Priority of a conversation that is not shown.
pub(super) const HIDDEN: i64 = -1;

/// Writes what the tables say of a person into the config. Who is neither a contact nor blocked nor
/// in the list goes out of it.
pub(super) fn write(configs: &mut Configs<'_>, account: &AccountId) -> Result<(), Error> {
    let (tx, me) = (configs.tx, configs.owner.me);
    let contact = tx.contact(account)?.filter(|contact| contact.account != me);
    let Some(contact) = contact else { return Ok(()) };
    let conversation = tx.conversation_with(&Peer::person(account))?.map(|id| tx.conversation(id)).transpose()?;
    let config = configs.get(Kind::Contacts)?;
    let Some(mut record) = contacts::get(config, account) else {
        // Strangers in groups and declined requests are nobody's contacts.
        if contact.approved || contact.blocked || conversation.is_some() {
            let mut record = Contact::new(*account);
            record.created = seconds(contact.created);
            fill(&mut record, &contact, conversation.as_ref());
            written(contacts::set(config, &record));
        }
        return Ok(());
    };
    if contact.approved || contact.blocked || conversation.is_some() {
        fill(&mut record, &contact, conversation.as_ref());
        written(contacts::set(config, &record));
    } else {
        contacts::erase(config, account);
    }
    Ok(())
}

fn fill(record: &mut Contact, contact: &tacit_store::Contact, conversation: Option<&Conversation>) {
    record.name.clone_from(&contact.name);
    record.nickname.clone_from(&contact.nickname);
    record.picture = picture(&contact.picture_url, &contact.picture_key);
    record.profile_updated = i64::try_from(contact.profile_updated_s).unwrap_or(i64::MAX);
    (record.approved, record.approved_me, record.blocked) = (contact.approved, contact.approved_me, contact.blocked);
    let Some(conversation) = conversation else {
        record.priority = HIDDEN;
        return;
    };
    record.priority = priority(conversation);
    record.expiry = match conversation.expiry {
        Expiry::Off => ConfigExpiry::Off,
        Expiry::AfterRead { seconds } => ConfigExpiry::AfterRead(seconds),
        Expiry::AfterSend { seconds } => ConfigExpiry::AfterSend(seconds),
    };
    record.muted_until = conversation.muted_until.map_or(0, seconds);
    record.notify = match conversation.notify {
        Notify::Default => ConfigNotify::Default,
        Notify::All => ConfigNotify::All,
        Notify::Off => ConfigNotify::Off,
        Notify::Mentions => ConfigNotify::Mentions,
    };
}

pub(super) fn picture(url: &str, key: &[u8]) -> Option<Picture> {
    let key = key.try_into().ok()?;
    (!url.is_empty()).then(|| Picture { url: url.to_owned(), key })
}

pub(super) fn priority(conversation: &Conversation) -> i64 {
    if conversation.hidden { HIDDEN } else { conversation.pinned.max(0) }
}

/// Seconds; larger ones than this, in the year 2255, would be taken for milliseconds.
fn seconds(time: TimestampMs) -> i64 {
    i64::try_from(time.0 / 1_000).unwrap_or(i64::MAX).min(9_000_000_000)
}

/// Takes a record that changed into the tables. `at` is when it changed, as well as that is known.
pub(super) fn apply(
    configs: &mut Configs<'_>,
    record: &Contact,
    at: TimestampMs,
    now: TimestampMs,
) -> Result<(), Error> {
    if record.id == configs.owner.me {
        return Ok(());
    }
    let (tx, account) = (configs.tx, record.id);
    let contact = synced(record);
    tx.apply_contact(&contact, now)?;
    let peer = Peer::person(&account);
    let before = tx.conversation_with(&peer)?;
    let id = tx.open_conversation(&peer, now)?;
    if before.is_none() {
        reading::apply_to_new(configs, &account)?;
    }
    let mut hidden = record.priority < 0;
    if hidden {
        tx.set_removed(Some(&account), at)?;
        if before.is_some() && !tx.conversation(id)?.hidden {
            // What is newer than the removal was not meant.
            tx.clear_conversation(id, at)?;
            hidden = tx.conversation(id)?.hidden;
        }
    }
    let current = tx.conversation(id)?;
    tx.apply_settings(id, &settings(record, hidden, &current))?;
    let is_older = tx.contact(&account)?.is_some_and(|kept| kept.profile_updated_s > contact.profile_updated_s);
    if is_older || hidden != (record.priority < 0) {
        configs.again.push(Dirty::Contact(account));
    }
    Ok(())
}

fn synced(record: &Contact) -> SyncedContact {
    let picture = record.picture.as_ref();
    SyncedContact {
        account: record.id,
        name: record.name.clone(),
        nickname: record.nickname.clone(),
        profile_updated_s: record.profile_updated.unsigned_abs(),
        picture_url: picture.map(|picture| picture.url.clone()).unwrap_or_default(),
        picture_key: picture.map(|picture| picture.key.to_vec()).unwrap_or_default(),
        approved: record.approved,
        approved_me: record.approved_me,
        blocked: record.blocked,
    }
}

fn settings(record: &Contact, hidden: bool, current: &Conversation) -> SyncedSettings {
    SyncedSettings {
        pinned: record.priority.max(0),
        hidden,
        expiry: match record.expiry {
            ConfigExpiry::Off => Expiry::Off,
            ConfigExpiry::AfterRead(seconds) => Expiry::AfterRead { seconds },
            ConfigExpiry::AfterSend(seconds) => Expiry::AfterSend { seconds },
        },
        muted_until: muted_until(record.muted_until, current.muted_until),
        notify: match record.notify {
            ConfigNotify::Default => Notify::Default,
            ConfigNotify::All => Notify::All,
            ConfigNotify::Off => Notify::Off,
            ConfigNotify::Mentions => Notify::Mentions,
        },
    }
}

/// Seconds become milliseconds; the time that is here stays if it is the same second.
fn muted_until(record: i64, current: Option<TimestampMs>) -> Option<TimestampMs> {
    if record <= 0 {
        return None;
    }
    let same = current.filter(|current| seconds(*current) == record);
    Some(same.unwrap_or(TimestampMs(record.unsigned_abs().saturating_mul(1_000))))
}

/// Takes a person out of the tables whose record is gone.
pub(super) fn remove(
    configs: &mut Configs<'_>,
    account: &AccountId,
    at: TimestampMs,
    now: TimestampMs,
) -> Result<(), Error> {
    let tx = configs.tx;
    tx.set_removed(Some(account), at)?;
    tx.reset_contact(account)?;
    let Some(id) = tx.conversation_with(&Peer::person(account))? else { return Ok(()) };
    tx.clear_conversation(id, at)?;
    if tx.conversation(id)?.hidden {
        return tx.delete_conversation(id);
    }
    // They wrote again meanwhile: that is a new request.
    tx.set_approved_me(account, true, now)?;
    configs.again.push(Dirty::Contact(*account));
    Ok(())
}
