//! How the last run ended, and names of runs, by which a copy of an old disk is noticed.

use tacit_sqlite::rusqlite::{Connection, OptionalExtension as _, Result};

use super::sums::Sums;

/// Names of two runs. A member that remembers neither of them of this node has seen a run that
/// this disk knows nothing of: it is a copy, or an older state, and must be compared as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    /// This run.
    pub this: [u8; 16],
    /// The one before on this disk; none: the disk is new.
    pub before: Option<[u8; 16]>,
}

/// What the last run left.
pub(super) struct Left {
    /// It ended in order.
    pub clean: bool,
    pub generation: Generation,
    pub sums: Sums,
}

/// Begins a run. From now on it counts as one that did not end in order.
pub(super) fn begin(c: &mut Connection, nonce: [u8; 16]) -> Result<Left> {
    let transaction = c.transaction()?;
    let clean: Option<Vec<u8>> = get(&transaction, "clean")?;
    let before = get(&transaction, "generation")?.and_then(|bytes| bytes.try_into().ok());
    transaction.execute("DELETE FROM kv WHERE key = 'clean'", [])?;
    set(&transaction, "generation", &nonce)?;
    transaction.commit()?;
    let sums = clean.as_deref().map(Sums::from_bytes).unwrap_or_default();
    Ok(Left { clean: clean.is_some(), generation: Generation { this: nonce, before }, sums })
}

/// Ends a run in order.
pub(super) fn end(c: &Connection, sums: &[u8]) -> Result<()> {
    set(c, "clean", sums)
}

fn get(c: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    c.query_row("SELECT value FROM kv WHERE key = ?1", [key], |row| row.get(0)).optional()
}

fn set(c: &Connection, key: &str, value: &[u8]) -> Result<()> {
    c.execute("INSERT OR REPLACE INTO kv (key, value) VALUES (?1, ?2)", (key, value))?;
    Ok(())
}
