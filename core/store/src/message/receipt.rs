//! Which nodes keep a message of ours, as far as they said.

use tacit_sqlite::rusqlite::params;
use tacit_wire::{NodeId, TimestampMs};

use crate::column::{Columns, ms};
use crate::{Error, MessageId, Queries, Tx};

/// What a member of the recipient's swarm said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeReceipt {
    /// Which member.
    pub node: NodeId,
    /// Why it does not keep the message; `None` when it does.
    pub failure: Option<String>,
    /// When it said so.
    pub at: TimestampMs,
}

impl Queries {
    /// What the members of the swarm said of a message of ours; empty when it was sent by another
    /// device, or not yet.
    ///
    /// # Errors
    /// Those of the database.
    pub fn receipts(&self, message: MessageId) -> Result<Vec<NodeReceipt>, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT node, failure, at_ms FROM node_receipt WHERE message = ?1 ORDER BY node")?;
        let rows = statement.query_map([message], |row| {
            let mut columns = Columns::of(row);
            let (node, failure) = (NodeId(columns.take()?), columns.take::<String>()?);
            Ok(NodeReceipt { node, failure: Some(failure).filter(|text| !text.is_empty()), at: columns.time()? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Keeps what members said. One that has it keeps it, whatever it says to another try; those
    /// that are no longer named have left the swarm. Returns how many keep it.
    pub(crate) fn keep_receipts(&self, message: MessageId, members: &[NodeReceipt]) -> Result<u32, Error> {
        let known = self.receipts(message)?;
        self.connection.prepare_cached("DELETE FROM node_receipt WHERE message = ?1")?.execute([message])?;
        let mut insert = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO node_receipt(message, node, failure, at_ms) VALUES(?1, ?2, ?3, ?4)",
        )?;
        let mut kept = 0;
        for said in members {
            let before = known.iter().find(|known| known.node == said.node && known.failure.is_none());
            let receipt = before.unwrap_or(said);
            let failure = receipt.failure.as_deref().unwrap_or_default();
            insert.execute(params![message, receipt.node.as_bytes(), failure, ms(receipt.at)])?;
            kept += u32::from(receipt.failure.is_none());
        }
        Ok(kept)
    }
}
