//! Boxes of our own swarm as one member gives them, from where each was left
//! (protocol: messages 5.1).

use std::collections::HashMap;

use tacit_network::Member;
use tacit_store::Mailbox;
use tacit_wire::rpc::{self, BatchAnswer, RetrieveAnswer, StoredMessage};
use tacit_wire::{MessageHash, Namespace, NodeId, TimestampMs};

use crate::Error;
use crate::client::Inner;

/// The config boxes, in the order in which they are handled.
const CONFIGS: [Namespace; 4] = [Namespace::PROFILE, Namespace::CONTACTS, Namespace::VOLATILE, Namespace::GROUPS];
/// … and the messages, which come after them.
const ALL: [Namespace; 5] =
    [Namespace::PROFILE, Namespace::CONTACTS, Namespace::VOLATILE, Namespace::GROUPS, Namespace::MESSAGES];

/// Pages of config boxes that are read in one round: what is there at once is merged at once.
const MAX_PAGES: usize = 16;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Configs and messages.
    All,
    /// Configs alone.
    Configs,
}

impl Scope {
    pub(super) fn namespaces(self) -> &'static [Namespace] {
        match self {
            Self::All => &ALL,
            Self::Configs => &CONFIGS,
        }
    }
}

/// Part of what a node gives at the most that one box may take: −n is the n-th part.
fn max_size(namespace: Namespace) -> i32 {
    if namespace == Namespace::MESSAGES { -2 } else { -8 }
}

/// What one box held.
pub(super) struct Box {
    pub(super) namespace: Namespace,
    pub(super) messages: Vec<StoredMessage>,
    pub(super) more: bool,
}

/// What one node gave. Boxes that it did not answer for are missing.
pub(super) struct Page {
    pub(super) node: NodeId,
    pub(super) boxes: Vec<Box>,
}

impl Page {
    /// Whether it answered for all of these boxes, and config boxes to their ends.
    pub(super) fn is_complete(&self, asked: &[Namespace]) -> bool {
        asked.iter().all(|namespace| {
            let given = self.boxes.iter().find(|given| given.namespace == *namespace);
            given.is_some_and(|given| !given.more || *namespace == Namespace::MESSAGES)
        })
    }
}

/// How far each member was read.
pub(super) type Cursors = HashMap<(NodeId, Namespace), MessageHash>;

impl Inner {
    /// One page of each box, of config boxes all there is.
    pub(super) async fn fetch(&self, member: Member, asked: &[Namespace], mut cursors: Cursors) -> Result<Page, Error> {
        let mut page = self.fetch_page(member, asked, &cursors).await?;
        for _ in 1..MAX_PAGES {
            let unread = |given: &&mut Box| given.more && given.namespace != Namespace::MESSAGES;
            let rest: Vec<Namespace> = page.boxes.iter_mut().filter(unread).map(|given| given.namespace).collect();
            if rest.is_empty() {
                break;
            }
            for given in &page.boxes {
                let last = given.messages.last().map(|message| message.hash.clone());
                cursors.extend(last.map(|hash| ((page.node, given.namespace), hash)));
            }
            let next = self.fetch_page(Member::Sticky(page.node), &rest, &cursors).await?;
            if next.node != page.node {
                break; // another one answered, in an order of its own
            }
            for given in next.boxes {
                if let Some(before) = page.boxes.iter_mut().find(|before| before.namespace == given.namespace) {
                    before.messages.extend(given.messages);
                    before.more = given.more;
                }
            }
        }
        Ok(page)
    }

    async fn fetch_page(&self, member: Member, asked: &[Namespace], cursors: &Cursors) -> Result<Page, Error> {
        let build = |now: TimestampMs, node: &NodeId| {
            let retrieve = |namespace: &Namespace| {
                let last = cursors.get(&(*node, *namespace)).cloned();
                let size = Some(max_size(*namespace));
                rpc::Request::Retrieve(rpc::Retrieve::signed(&self.keys, *namespace, last, size, now))
            };
            rpc::Request::Batch(asked.iter().map(retrieve).collect())
        };
        let (node, body) = self.network.rpc(&self.me, member, build).await?;
        let answer: BatchAnswer = rpc::answer_from(body)?;
        let answered = asked.iter().zip(answer.results).filter(|(_, part)| part.code == 200);
        let boxes = answered.filter_map(|(namespace, part)| {
            let RetrieveAnswer { messages, more, .. } = rpc::answer_from(part.body).ok()?;
            // A node that says that there is more and gives nothing would be asked for ever.
            let more = more && !messages.is_empty();
            Some(Box { namespace: *namespace, messages, more })
        });
        let boxes: Vec<Box> = boxes.collect();
        if boxes.is_empty() {
            return Err(tacit_network::Error::NoAnswer { tries: 1, last: "the node refused to give messages" }.into());
        }
        Ok(Page { node, boxes })
    }

    /// How far each member of our swarm was read; cursors of nodes that left are forgotten.
    pub(super) async fn cursors(&self) -> Result<Cursors, Error> {
        let members: Vec<NodeId> = self.network.swarm(&self.me).await?.iter().map(|node| node.ed25519).collect();
        let me = self.me;
        self.database
            .call(move |store| {
                store.write(|tx| tx.keep_cursors_of(&me, &members))?;
                let mut cursors = Cursors::new();
                for node in members {
                    for namespace in ALL {
                        let last = store.last_hash(&node, &Mailbox { account: me, namespace })?;
                        cursors.extend(last.map(|hash| ((node, namespace), hash)));
                    }
                }
                Ok::<_, tacit_store::Error>(cursors)
            })
            .await
    }
}
