//! Asks our own swarm for messages: one member with that member's cursor while it answers, and a
//! second one at the start, on resume and once an hour, since members can lag
//! (protocol: messages 5.1).

pub(crate) mod schedule;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tacit_network::Member;
use tacit_store::Mailbox;
use tacit_wire::rpc::{self, BatchAnswer, RetrieveAnswer};
use tacit_wire::{MessageHash, Namespace, NodeId, TimestampMs};
use tokio::sync::Notify;

use crate::Error;
use crate::client::{Client, Inner};
use crate::inbox::Fetched;

/// Half of what a node gives at the most, for the messages' namespace.
const MAX_SIZE: i32 = -2;

/// Which member we ask, and when the second was asked last.
#[derive(Default)]
pub(crate) struct Poller {
    member: Mutex<Option<NodeId>>,
    second_asked: Mutex<Option<Instant>>,
    wake: Notify,
    /// One round at a time: cursors are read before and kept after it.
    round: tokio::sync::Mutex<()>,
}

impl Poller {
    /// Asks at once, and a second member too.
    pub(crate) fn wake(&self) {
        self.second_asked.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.wake.notify_one();
    }

    fn preferred(&self) -> Member {
        self.member.lock().unwrap_or_else(PoisonError::into_inner).map_or(Member::Any, Member::Sticky)
    }

    fn second_is_due(&self) -> bool {
        let asked = *self.second_asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_none_or(|at| at.elapsed() >= schedule::SECOND_MEMBER_EVERY)
    }
}

impl Client {
    /// Fetches until the swarm has nothing more. Returns how many messages were new.
    ///
    /// # Errors
    /// Those of the network and the database; what came before the error is kept.
    pub async fn fetch_all(&self) -> Result<u32, Error> {
        self.inner.poller.second_asked.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut new = 0;
        loop {
            let round = self.inner.poll_round().await?;
            new += round.new;
            if !round.more {
                return Ok(new);
            }
        }
    }
}

/// Runs until it is cancelled.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut failures = 0_u32;
    loop {
        match inner.poll_round().await {
            Ok(round) if round.more => continue,
            Ok(_) => failures = 0,
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::debug!(code = error.code(), failures, "the swarm could not be asked");
            }
        }
        let visible = inner.visible.load(Ordering::Relaxed);
        let wait = schedule::wait(visible, failures, &mut rand::rng());
        let mut status = inner.network.status();
        status.mark_unchanged();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = inner.poller.wake.notified() => failures = 0,
            // Whatever changed: while it failed, a change of the network is worth a try.
            _ = status.changed(), if failures > 0 => {}
        }
    }
}

struct Round {
    new: u32,
    more: bool,
}

struct Page {
    fetched: Fetched,
    more: bool,
}

impl Inner {
    async fn poll_round(&self) -> Result<Round, Error> {
        let _one_at_a_time = self.poller.round.lock().await;
        let cursors = self.cursors().await?;
        let first = self.fetch(self.poller.preferred(), &cursors).await?;
        *self.poller.member.lock().unwrap_or_else(PoisonError::into_inner) = Some(first.fetched.node);
        let mut more = first.more;
        let mut pages = vec![first.fetched];
        if self.poller.second_is_due() {
            let second = self.fetch(Member::Except(pages[0].node), &cursors).await;
            // Nobody else may answer now; the first member's messages count all the same.
            if let Ok(second) = second.inspect_err(|e| tracing::debug!(code = e.code(), "no second member")) {
                more |= second.more;
                pages.push(second.fetched);
            }
            if !more {
                *self.poller.second_asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
        }
        Ok(Round { new: self.take_in(pages).await?, more })
    }

    async fn fetch(&self, member: Member, cursors: &HashMap<NodeId, MessageHash>) -> Result<Page, Error> {
        let build = |now: TimestampMs, node: &NodeId| {
            let last = cursors.get(node).cloned();
            let retrieve = rpc::Retrieve::signed(&self.keys, Namespace::MESSAGES, last, Some(MAX_SIZE), now);
            rpc::Request::Batch(vec![Ok(rpc::Request::Retrieve(retrieve))])
        };
        let (node, body) = self.network.rpc(&self.me, member, build).await?;
        let answer: BatchAnswer = rpc::answer_from(body)?;
        let part = answer.results.into_iter().next().filter(|part| part.code == 200);
        let part =
            part.ok_or(tacit_network::Error::NoAnswer { tries: 1, last: "the node refused to give messages" })?;
        let RetrieveAnswer { messages, more, .. } = rpc::answer_from(part.body)?;
        // A node that says that there is more and gives nothing would be asked for ever.
        let more = more && !messages.is_empty();
        Ok(Page { fetched: Fetched { node, messages }, more })
    }

    /// How far each member of our swarm was read; cursors of nodes that left are forgotten.
    async fn cursors(&self) -> Result<HashMap<NodeId, MessageHash>, Error> {
        let members: Vec<NodeId> = self.network.swarm(&self.me).await?.iter().map(|node| node.ed25519).collect();
        let me = self.me;
        self.database
            .call(move |store| {
                let mailbox = Mailbox { account: me, namespace: Namespace::MESSAGES };
                store.write(|tx| tx.keep_cursors_of(&me, &members))?;
                let read = |node: &NodeId| Ok(store.last_hash(node, &mailbox)?.map(|hash| (*node, hash)));
                let cursors: Result<Vec<_>, tacit_store::Error> = members.iter().map(read).collect();
                Ok::<_, tacit_store::Error>(cursors?.into_iter().flatten().collect())
            })
            .await
    }
}
