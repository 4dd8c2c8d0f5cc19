//! Clearing all data: in the network, and here.

use std::sync::{Mutex, PoisonError};

use tacit_network::Member;
use tacit_wire::rpc::{DeleteAll, DeleteAllAnswer, Request};
use tacit_wire::{Namespaces, NodeId};

use crate::Error;
use crate::client::Client;
use crate::profile::ProfileFolder;

/// What the swarm said to the request to delete everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Nodes that proved that they deleted it.
    pub confirmed: usize,
    /// Nodes that keep it no more as far as is known, of so many.
    pub of: usize,
    /// Those that did not confirm.
    pub missing: Vec<NodeId>,
}

impl Client {
    /// Has all nodes of our swarm delete everything that they keep for the account: messages and
    /// configuration. Those that did not confirm are asked once more, one by one. From then on the
    /// account does nothing by itself, so that nothing is stored again: repeat this, then
    /// [`Client::erase`] or [`Client::shutdown`].
    ///
    /// # Errors
    /// Those of the network, when no node answered at all.
    pub async fn erase_network(&self) -> Result<Erased, Error> {
        self.inner.end_tasks().await;
        let members = self.inner.network.swarm(&self.inner.me).await?;
        let members: Vec<NodeId> = members.iter().map(|node| node.ed25519).collect();
        let mut confirmed = self.delete_all(Member::Any).await?;
        for member in &members {
            if !confirmed.contains(member) {
                // One that does not answer is reported as missing.
                let more = self.delete_all(Member::Sticky(*member)).await.unwrap_or_default();
                confirmed.extend(more);
            }
        }
        let missing: Vec<_> = members.iter().filter(|member| !confirmed.contains(member)).copied().collect();
        Ok(Erased { confirmed: members.len() - missing.len(), of: members.len(), missing })
    }

    /// Asks one member, which asks the others; gives those whose signature says that they did it.
    async fn delete_all(&self, member: Member) -> Result<Vec<NodeId>, Error> {
        // Each try is signed with a time of its own, and receipts name it.
        let asked = Mutex::new(Vec::new());
        let build = |now, _: &NodeId| {
            let request = DeleteAll::signed(&self.inner.keys, Namespaces::All, now);
            asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
            Request::DeleteAll(request)
        };
        let (_, answer) = self.inner.network.rpc(&self.inner.me, member, build).await?;
        let answer: DeleteAllAnswer = serde_json::from_value(answer)
            .map_err(|_| tacit_network::Error::NoAnswer { tries: 1, last: "an unreadable answer to delete_all" })?;
        let asked = asked.into_inner().unwrap_or_else(PoisonError::into_inner);
        let signed = |node: &NodeId, receipt: &tacit_wire::rpc::DeleteAllReceipt| {
            asked.iter().any(|request| receipt.is_signed_by(node, request))
        };
        Ok(answer.receipts().filter(|(node, receipt)| signed(node, receipt)).map(|(node, _)| *node).collect())
    }

    /// Closes the account and removes everything of it from this device: keys first, so that what
    /// follows can't be read even if this ends in between. The next opening of the folder
    /// completes it.
    ///
    /// # Errors
    /// [`Error::Folder`] when something can't be removed.
    pub async fn erase(self) -> Result<(), Error> {
        let path = self.folder().to_owned();
        self.shutdown().await;
        let erase = move || ProfileFolder::open(&path)?.erase();
        tokio::task::spawn_blocking(erase).await.map_err(|_| Error::Closed)?
    }
}
