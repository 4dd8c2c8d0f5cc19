//! Asks our own swarm for messages: one member with that member's cursor while it answers, and a
//! second one at the start, on resume and once an hour, since members can lag
//! (protocol: messages 5.1).

mod fetch;
pub(crate) mod schedule;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tacit_network::Member;
use tacit_wire::{Namespace, NodeId};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::Error;
use crate::client::{Client, Inner};
use crate::config::{Boxed, Given};
use crate::inbox::Fetched;

pub(crate) use fetch::Scope;
use fetch::{Box, Page};

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
            let round = self.inner.poll_round(Scope::All).await?;
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
        match inner.poll_round(Scope::All).await {
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

/// What came of one round.
pub(crate) struct Round {
    /// Messages that were new.
    pub(crate) new: u32,
    /// Whether there are more messages.
    pub(crate) more: bool,
    /// Members that answered for everything.
    pub(crate) complete: usize,
}

impl Inner {
    /// Asks one member, a second one when that is due, and takes in what they gave: configs first,
    /// then messages. A box that was not answered for is left for the next round.
    pub(crate) async fn poll_round(&self, scope: Scope) -> Result<Round, Error> {
        let _one_at_a_time = self.poller.round.lock().await;
        let cursors = self.cursors().await?;
        let first = self.fetch(self.poller.preferred(), scope.namespaces(), cursors.clone()).await?;
        *self.poller.member.lock().unwrap_or_else(PoisonError::into_inner) = Some(first.node);
        let mut pages = vec![first];
        if scope == Scope::All && self.poller.second_is_due() {
            let second = self.fetch(Member::Except(pages[0].node), scope.namespaces(), cursors).await;
            // Nobody else may answer now; the first member's messages count all the same.
            pages.extend(second.inspect_err(|e| tracing::debug!(code = e.code(), "no second member")));
            if pages.len() == 2 && !pages.iter().flat_map(|page| &page.boxes).any(|given| given.more) {
                *self.poller.second_asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
        }
        self.take_pages(pages, scope.namespaces()).await
    }

    /// Asks every member for some boxes at once, to see early what one of them alone may have.
    pub(crate) async fn ask_all(self: &Arc<Self>, asked: &'static [Namespace]) -> Result<Round, Error> {
        let _one_at_a_time = self.poller.round.lock().await;
        let cursors = self.cursors().await?;
        let mut asking = JoinSet::new();
        for node in self.network.swarm(&self.me).await? {
            let (inner, cursors) = (Arc::clone(self), cursors.clone());
            asking.spawn(async move { inner.fetch(Member::Sticky(node.ed25519), asked, cursors).await });
        }
        let (mut pages, mut failed) = (Vec::<Page>::new(), None);
        while let Some(answer) = asking.join_next().await {
            match answer.map_err(|_| Error::Closed)? {
                // Another one may have answered in the place of one that is gone.
                Ok(page) if pages.iter().any(|before| before.node == page.node) => {}
                Ok(page) => pages.push(page),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if pages.is_empty() => Err(error),
            _ => self.take_pages(pages, asked).await,
        }
    }

    async fn take_pages(&self, pages: Vec<Page>, asked: &[Namespace]) -> Result<Round, Error> {
        let complete = pages.iter().filter(|page| page.is_complete(asked)).count();
        let (mut configs, mut messages, mut more) = (Vec::new(), Vec::new(), false);
        for Page { node, boxes } in pages {
            let mut given = Given { node, boxes: Vec::new() };
            for Box { namespace, messages: found, more: rest } in boxes {
                if namespace == Namespace::MESSAGES {
                    more |= rest;
                    messages.push(Fetched { node, messages: found });
                } else {
                    given.boxes.push(Boxed { namespace, messages: found });
                }
            }
            configs.push(given);
        }
        self.take_configs(configs).await?;
        if complete > 0 && Scope::Configs.namespaces().iter().all(|namespace| asked.contains(namespace)) {
            self.sync.pulled();
        }
        let new = self.take_in(messages).await?;
        if complete == 0 {
            return Err(tacit_network::Error::NoAnswer { tries: 1, last: "the node refused to give messages" }.into());
        }
        Ok(Round { new, more, complete })
    }
}
