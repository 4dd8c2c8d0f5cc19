//! When messages end that are not here: not yet, or no more. Without that an older copy, whose end
//! is later, would come back.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result, params};
use tacit_wire::TimestampMs;

use super::rows::{Account, REMEMBER_MS, ms, time};
use super::tx::Tx;
use crate::swarm::merge::Expiry;
use crate::swarm::record::Mark;

/// A user's decision, with its proof.
#[derive(Clone, Copy)]
pub(super) struct Ending {
    pub expiry: Expiry,
    pub proof: i64,
}

pub(super) const ENDING: &str = "SELECT expiry_ms, set_ms, proof FROM ending WHERE account = ?1 AND hash = ?2";

pub(super) fn find(c: &Connection, account: &Account, hash: &[u8; 32]) -> Result<Option<Ending>> {
    c.prepare_cached(ENDING)?
        .query_row(params![account.id, &hash[..]], |row| {
            let expiry = Expiry { expires_ms: time(row.get(0)?).0, set_ms: time(row.get(1)?).0 };
            Ok(Ending { expiry, proof: row.get(2)? })
        })
        .optional()
}

/// Keeps a decision, unless a later one is known.
pub(super) fn remember(tx: &Tx<'_>, account: &Account, hash: &[u8; 32], new: Ending) -> Result<()> {
    if let Some(known) = find(tx, account, hash)? {
        if known.expiry >= new.expiry {
            return Ok(());
        }
        tx.went(&account.key, Mark::Expiry { hash, expiry: known.expiry });
    }
    tx.came(&account.key, Mark::Expiry { hash, expiry: new.expiry });
    let until = TimestampMs(new.expiry.set_ms).plus_ms(REMEMBER_MS);
    tx.prepare_cached(
        "INSERT OR REPLACE INTO ending (account, hash, expiry_ms, set_ms, until_ms, proof)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        account.id,
        &hash[..],
        ms(TimestampMs(new.expiry.expires_ms)),
        ms(TimestampMs(new.expiry.set_ms)),
        ms(until),
        new.proof
    ])?;
    Ok(())
}

/// The message is here now, or deleted: its end needs no row of its own.
pub(super) fn forget(tx: &Tx<'_>, account: &Account, hash: &[u8; 32]) -> Result<()> {
    let Some(known) = find(tx, account, hash)? else { return Ok(()) };
    tx.went(&account.key, Mark::Expiry { hash, expiry: known.expiry });
    tx.prepare_cached("DELETE FROM ending WHERE account = ?1 AND hash = ?2")?
        .execute(params![account.id, &hash[..]])?;
    Ok(())
}
