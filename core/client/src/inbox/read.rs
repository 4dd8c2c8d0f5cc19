//! From stored bytes to what they ask for: opened, verified, sorted by kind, bounded.

use tacit_crypto::AccountKeys;
use tacit_store::{Expiry, MessageKind, MessageRef};
use tacit_wire::content::{self, Dropped, Expiration, Kind};
use tacit_wire::envelope::{self, Direct};
use tacit_wire::{AccountId, Prefix, TimestampMs};

use super::kinds::{
    Profile, Reaction, Visible, parse_extraction, parse_profile, parse_reaction, parse_typing, parse_unsend,
    parse_visible,
};

/// A message that is one: from whom, to whom, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incoming {
    /// Who signed it.
    pub(crate) from: AccountId,
    /// Whose conversation it belongs to: the sender's, or of what another device of ours sent the
    /// one whom that went to.
    pub(crate) peer: AccountId,
    /// T.
    pub(crate) sent_at: TimestampMs,
    /// How it disappears.
    pub(crate) expiry: Expiry,
    /// How its sender appears.
    pub(crate) profile: Option<Profile>,
    /// What it asks for.
    pub(crate) what: What,
}

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// To be shown.
    Visible(Box<Visible>),
    /// An emoji under a message.
    Reaction(Reaction),
    /// A line that says that messages now disappear so.
    TimerChange,
    /// Messages of ours were read.
    Read(Vec<TimestampMs>),
    /// Starts or stops typing.
    Typing(bool),
    /// A message shall go.
    Unsend(MessageRef),
    /// A line that says that something was saved.
    Notice(MessageKind),
    /// Our request was accepted.
    Accepted,
}

/// Opens, verifies and sorts one message of namespace 0 (protocol: messages 2.2); else why it
/// cannot be used.
pub(crate) fn read(data: &[u8], keys: &AccountKeys, me: &AccountId) -> Result<Incoming, &'static str> {
    let direct = envelope::decode_direct(data, keys).map_err(|error| error.kind())?;
    let kind = content::classify(&direct.content, direct.timestamp).map_err(dropped_name)?;
    let ours = direct.sender == *me;
    if ours && !kind.is_accepted_from_self() {
        return Err("own_control");
    }
    let target = direct.content.data_message.as_ref().and_then(|message| message.sync_target.as_deref());
    let peer = match target {
        // A copy names whom it went to; only our own devices may send us copies.
        Some(_) if !ours => return Err("foreign_copy"),
        target if ours => recipient(target, me)?,
        _ => direct.sender,
    };
    let what = what(&kind, ours, me)?;
    Ok(Incoming {
        from: direct.sender,
        peer,
        sent_at: direct.timestamp,
        expiry: expiry(&direct, peer == *me),
        profile: parse_profile(&direct.content),
        what,
    })
}

fn what(kind: &Kind<'_>, ours: bool, me: &AccountId) -> Result<What, &'static str> {
    match kind {
        Kind::Visible(message) => parse_visible(message, me).map(Box::new).map(What::Visible),
        Kind::Reaction(reaction) => parse_reaction(reaction).map(What::Reaction),
        Kind::TimerChange(_) => Ok(What::TimerChange),
        Kind::ReadReceipt(receipt) => Ok(What::Read(receipt.timestamp.iter().map(|at| TimestampMs(*at)).collect())),
        Kind::Typing(typing) => Ok(What::Typing(parse_typing(typing))),
        Kind::Unsend(request) => parse_unsend(request).map(What::Unsend),
        Kind::DataExtraction(notice) => Ok(What::Notice(parse_extraction(notice))),
        Kind::RequestResponse(_) if ours => Err("own_control"),
        Kind::RequestResponse(response) if response.is_approved => Ok(What::Accepted),
        Kind::RequestResponse(_) => Err("request_declined"),
        Kind::GroupControl(_) | Kind::Call(_) => Err("later_kind"),
    }
}

/// Whom something of ours went to; ourselves where it does not say.
fn recipient(target: Option<&str>, me: &AccountId) -> Result<AccountId, &'static str> {
    match target.filter(|target| !target.is_empty()) {
        None => Ok(*me),
        Some(target) => AccountId::parse(target).ok().filter(|id| id.prefix() == Prefix::Account).ok_or("sync_target"),
    }
}

/// What goes to ourselves was read when it was sent (protocol: messages 4.9).
fn expiry(direct: &Direct, to_self: bool) -> Expiry {
    match content::expiration(&direct.content) {
        Expiration::Off => Expiry::Off,
        Expiration::AfterRead(seconds) if !to_self => Expiry::AfterRead { seconds },
        Expiration::AfterRead(seconds) | Expiration::AfterSend(seconds) => Expiry::AfterSend { seconds },
    }
}

fn dropped_name(dropped: Dropped) -> &'static str {
    match dropped {
        Dropped::Nothing => "nothing",
        Dropped::Empty => "empty",
        Dropped::Flags => "flags",
        Dropped::Attachments => "attachments",
        Dropped::Reaction => "reaction",
        Dropped::Receipt => "receipt",
        Dropped::Typing => "typing",
        Dropped::Call => "call",
    }
}

#[cfg(test)]
mod tests;
