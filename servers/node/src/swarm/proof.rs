//! Whether a user's request says what a record says.
//!
//! Requests were in time when a member took them; here only the signature and the text count, so
//! that a replay can repeat what the user once asked for and nothing else (protocol: network 5).

use tacit_wire::rpc::{Access, Auth, Subaccount, SubaccountToken};
use tacit_wire::{MessageHash, Namespaces, TimestampMs, signing};

use super::merge::Expiry;
use super::record::{Fact, Record};
use crate::store::Proof;

/// Characters of a hash, and of a time.
const HASH: usize = 43;
const TIME: usize = 13;
const TOKEN: usize = 36;
/// What a request reaches that deletes all: messages of clocks that are ahead. It has no list.
const SWEEP_REACH_MS: u64 = 2 * 60 * 1000;
/// No message lives longer.
const LONGEST_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Whether the owner of the account, or somebody whom the owner allowed it, asked for this.
#[must_use]
pub fn proves(record: &Record) -> bool {
    let Some(proof) = record.proof() else { return false };
    let text = proof.signed_text.as_slice();
    let needed = match &record.fact {
        Fact::Message { hash, expiry, .. } | Fact::Expiry { hash, expiry, .. } => sets_end(text, hash, *expiry),
        Fact::Tombstone { hash, deleted_ms, .. } => deletes(text, hash, *deleted_ms).then_some(Access::DELETE),
        Fact::Wiped { ns, before_ms, .. } => wipes(text, *ns, *before_ms).then_some(Access::DELETE),
        Fact::Revocation { token, revocation, .. } => {
            return revokes(text, token, revocation.at_ms, revocation.revoked) && is_owners(record, proof);
        }
    };
    needed.is_some_and(|needed| auth(proof, record).is_some_and(|auth| auth.allows(&record.account, text, needed)))
}

/// The account itself signed it.
fn is_owners(record: &Record, proof: &Proof) -> bool {
    proof.subaccount.is_none()
        && auth(proof, record).is_some_and(|auth| auth.allows(&record.account, &proof.signed_text, Access(0)))
}

fn auth(proof: &Proof, record: &Record) -> Option<Auth> {
    let (subaccount, issuer) = match &proof.subaccount {
        None => (None, proof.signer),
        Some(bytes) => {
            let (token, rest) = bytes.split_first_chunk::<TOKEN>()?;
            let (signature, rest) = rest.split_first_chunk::<64>()?;
            (Some(Subaccount { token: SubaccountToken(*token), signature: *signature }), rest.try_into().ok()?)
        }
    };
    // Only the key of an account differs from its ID.
    let pubkey_ed25519 = (issuer != *record.account.key()).then_some(issuer);
    Some(Auth { signature: proof.signature, pubkey_ed25519, subaccount })
}

fn deletes(text: &[u8], hash: &[u8; 32], deleted_ms: u64) -> bool {
    if let Some(hashes) = text.strip_prefix(b"delete").filter(|rest| rest.first() != Some(&b'_')) {
        return names(hashes, hash);
    }
    let Some(rest) = text.strip_prefix(b"delete_all") else { return false };
    let time = rest.len().checked_sub(TIME).and_then(|at| rest.get(at..)).and_then(number);
    time.is_some_and(|time| time.abs_diff(deleted_ms) <= SWEEP_REACH_MS)
}

fn wipes(text: &[u8], ns: Namespaces, before_ms: u64) -> bool {
    let before = TimestampMs(before_ms);
    text == signing::delete_all(ns, before) || text == signing::delete_before(ns, before)
}

/// What it takes to set this end, if the text says so.
fn sets_end(text: &[u8], hash: &[u8; 32], expiry: Expiry) -> Option<Access> {
    let rest = text.strip_prefix(b"expire")?;
    if let Some(rest) = rest.strip_prefix(b"_all") {
        let ends = rest.len().checked_sub(TIME).and_then(|at| rest.get(at..)).and_then(number);
        return (ends == Some(expiry.expires_ms)).then_some(Access::DELETE);
    }
    let (rest, needed) = match (rest.strip_prefix(b"shorten"), rest.strip_prefix(b"extend")) {
        (Some(rest), _) => (rest, Access::DELETE),
        (_, Some(rest)) => (rest, Access::WRITE),
        // Without a direction: a subaccount that may not delete has only asked for more.
        _ => (rest, Access::WRITE),
    };
    let each = rest.len().is_multiple_of(TIME + HASH).then_some(rest.len() / (TIME + HASH));
    let one = rest.len().checked_sub(TIME).filter(|left| left % HASH == 0).map(|_| 1);
    let said = |times: usize| {
        let (times, hashes) = rest.split_at_checked(times * TIME)?;
        let text = MessageHash::from_bytes(hash);
        let at = hashes.chunks_exact(HASH).position(|named| named == text.as_str().as_bytes())?;
        let times: Vec<&[u8]> = times.chunks_exact(TIME).collect();
        number(times.get(at).or(times.first())?)
    };
    let cut = |ends: u64| ends.min(expiry.set_ms.saturating_add(LONGEST_MS));
    let says = |times: Option<usize>| times.and_then(said).is_some_and(|ends| cut(ends) == expiry.expires_ms);
    (says(each) || says(one)).then_some(needed)
}

fn revokes(text: &[u8], token: &[u8; TOKEN], at_ms: u64, revoked: bool) -> bool {
    let start = if revoked {
        signing::revoke_subaccount(TimestampMs(at_ms), &[])
    } else {
        signing::unrevoke_subaccount(TimestampMs(at_ms), &[])
    };
    text.strip_prefix(&start[..]).is_some_and(|tokens| {
        tokens.len().is_multiple_of(TOKEN) && tokens.chunks_exact(TOKEN).any(|named| named == token)
    })
}

fn names(hashes: &[u8], hash: &[u8; 32]) -> bool {
    let text = MessageHash::from_bytes(hash);
    hashes.len().is_multiple_of(HASH) && hashes.chunks_exact(HASH).any(|named| named == text.as_str().as_bytes())
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

#[cfg(test)]
mod tests;
