//! How far conversations were read, to and from the config of read states (protocol: config 8.3).

use tacit_config::Kind;
use tacit_config::volatile::{self, ReadState};
use tacit_store::{Conversation, Dirty, Error};
use tacit_wire::{AccountId, TimestampMs};

use super::{Configs, written};
use crate::sending::peer_of;

/// Writes how far the conversation with an account was read. What another device read counts too.
/// Of a conversation that was removed nothing stays: another one with the same person begins anew.
pub(super) fn write(configs: &mut Configs<'_>, account: &AccountId, now: TimestampMs) -> Result<(), Error> {
    let conversation = conversation(configs, account)?;
    let config = configs.get(Kind::Volatile)?;
    let which = volatile::Conversation::Person(*account);
    let Some(conversation) = conversation else {
        volatile::erase(config, &which);
        return Ok(());
    };
    let before = volatile::get(config, &which).unwrap_or_default();
    let state = ReadState {
        last_read: conversation.read_until.max(before.last_read),
        unread: conversation.marked_unread,
        pro: before.pro,
    };
    written(volatile::set(config, &which, &state, now));
    // One that was just made takes what was known already, as other devices do.
    configs.tx.apply_read(conversation.id, state.last_read, state.unread).map(drop)
}

/// Takes a state that changed into the tables.
pub(super) fn apply(configs: &mut Configs<'_>, account: &AccountId, state: &ReadState) -> Result<(), Error> {
    let Some(conversation) = conversation(configs, account)? else { return Ok(()) };
    configs.tx.apply_read(conversation.id, state.last_read, state.unread)?;
    if conversation.read_until > state.last_read {
        configs.again.push(Dirty::ReadState(*account));
    }
    Ok(())
}

/// Takes what is known of a conversation that was just made.
pub(super) fn apply_to_new(configs: &mut Configs<'_>, account: &AccountId) -> Result<(), Error> {
    let which = volatile::Conversation::Person(*account);
    match volatile::get(configs.get(Kind::Volatile)?, &which) {
        Some(state) => apply(configs, account, &state),
        None => Ok(()),
    }
}

fn conversation(configs: &Configs<'_>, account: &AccountId) -> Result<Option<Conversation>, Error> {
    let tx = configs.tx;
    tx.conversation_with(&peer_of(&configs.owner.me, account))?.map(|id| tx.conversation(id)).transpose()
}
