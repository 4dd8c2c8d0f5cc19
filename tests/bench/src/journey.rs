//! A message through three hops over loopback, against its four requests sent directly.

mod direct;
mod localnet;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use direct::Direct;
pub use direct::tls;
use localnet::Localnet;
use rand::Rng as _;
use tacit_network::{Config, Member, Network, NodeCache, PathInfo};
use tacit_wire::profile::NetworkProfile;
use tacit_wire::{AccountId, Namespace, ServiceNode, TimestampMs, rpc};

use crate::Rows;
use crate::measure::{Samples, seconds};
use crate::table::Row;

const NODES: usize = 12;
const SWARMS: usize = 2;
/// Bytes stored: the wrapped, sealed and padded form of a text of 320 bytes.
const STORED: usize = 640;
const TTL_MS: u64 = 24 * 60 * 60 * 1_000;
/// Mailboxes written to in turn, since nodes limit the rate of each.
const MAILBOXES: u8 = 16;
const WARM_UP: usize = 30;
const ROUNDS: usize = 300;
const BOUND: f64 = 1.5;

pub fn rows() -> Rows {
    let localnet = Localnet::start(NODES, SWARMS)?;
    let profile = NetworkProfile::parse(&std::fs::read(localnet.profile())?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows = runtime.block_on(measure(profile));
    drop(runtime);
    rows
}

async fn measure(profile: NetworkProfile) -> Rows {
    let network = Network::start(profile, Arc::new(Forgetful), Config::default())?;
    let journey = Journey::prepare(&network).await?;
    let (mut stored, mut asked) = (Samples::default(), Samples::default());
    for round in 0..WARM_UP + ROUNDS {
        let store = journey.store(round).await?;
        let ask = journey.ask(round).await?;
        if round >= WARM_UP {
            for (samples, (ours, reference)) in [(&mut stored, store), (&mut asked, ask)] {
                samples.ours.push(seconds(ours));
                samples.reference.push(seconds(reference));
            }
        }
    }
    network.shutdown().await;
    Ok(vec![
        Row::bounded("store a message through 3 hops", stored.pair(), BOUND),
        Row::free("  the same way, asking for `info`", asked.pair()),
    ])
}

/// What both sides use: the same paths, members and mailboxes, over connections that stay open.
struct Journey<'n> {
    network: &'n Network,
    direct: Direct,
    mailboxes: Vec<(AccountId, Vec<ServiceNode>)>,
}

impl<'n> Journey<'n> {
    async fn prepare(network: &'n Network) -> Result<Self, Box<dyn Error>> {
        let mut mailboxes = Vec::new();
        for number in 0..MAILBOXES {
            let account = AccountId::from_x25519(&[number + 1; 32]);
            mailboxes.push((account, network.swarm(&account).await?));
        }
        Ok(Self { network, direct: Direct::new()?, mailboxes })
    }

    /// One message each way: through three hops as the client does it, and its four requests
    /// directly.
    async fn store(&self, round: usize) -> Result<(Duration, Duration), Box<dyn Error>> {
        let (account, route) = self.route(round)?;
        let build =
            |data: Vec<u8>| move |now| rpc::Store::public(account, Namespace::MESSAGES, now, TTL_MS, data.clone());
        let (through, alone) = (build(message()), rpc::Request::Store(build(message())(self.network.now())).to_body());
        let hops_first = round.is_multiple_of(2);
        let mut ours = Duration::ZERO;
        if hops_first {
            ours = self.through_hops(&account, &through).await?;
        }
        let reference = self.four_requests(&route, &alone).await?;
        if !hops_first {
            ours = self.through_hops(&account, &through).await?;
        }
        Ok((ours, reference))
    }

    async fn through_hops(
        &self,
        account: &AccountId,
        build: &(impl Fn(TimestampMs) -> rpc::Store + Send + Sync),
    ) -> Result<Duration, Box<dyn Error>> {
        let start = Instant::now();
        self.network.store(account, build).await?;
        Ok(start.elapsed())
    }

    /// As [`Self::store`], with a question that needs no disk and no other members.
    async fn ask(&self, round: usize) -> Result<(Duration, Duration), Box<dyn Error>> {
        let (account, route) = self.route(round)?;
        let start = Instant::now();
        self.network.rpc(&account, Member::Any, |_, _| rpc::Request::Info).await?;
        let ours = start.elapsed();
        let reference = self.four_requests(&route, &rpc::Request::Info.to_body()).await?;
        Ok((ours, reference))
    }

    /// An onion request of one layer to each of the four in turn. The first three are asked for
    /// `info` in a request as long as `last`, which goes to the destination.
    async fn four_requests(&self, route: &[ServiceNode], last: &[u8]) -> Result<Duration, Box<dyn Error>> {
        let (destination, hops) = route.split_last().ok_or("an empty route")?;
        let filled = filled(last.len());
        let start = Instant::now();
        for hop in hops {
            self.direct.ask(hop, &filled).await?;
        }
        self.direct.ask(destination, last).await?;
        Ok(start.elapsed())
    }

    /// A mailbox, and a path that the client has open with a member of the mailbox's swarm that
    /// is not on it.
    fn route(&self, round: usize) -> Result<(AccountId, Vec<ServiceNode>), Box<dyn Error>> {
        let (account, swarm) = &self.mailboxes[round % self.mailboxes.len()];
        let paths: Vec<PathInfo> = self.network.status().borrow().paths.clone();
        let path = paths.get(round % paths.len().max(1)).ok_or("no path is open")?;
        let free: Vec<&ServiceNode> =
            swarm.iter().filter(|node| path.hops.iter().all(|hop| hop.ed25519 != node.ed25519)).collect();
        let member = free.get(round / 2 % free.len().max(1)).ok_or("no member is off the path")?;
        let mut route = path.hops.clone();
        route.push((*member).clone());
        Ok((*account, route))
    }
}

/// Bytes that no node has yet.
fn message() -> Vec<u8> {
    let mut data = vec![0; STORED];
    rand::rng().fill_bytes(&mut data);
    data
}

/// A question for `info` with at least `length` bytes.
fn filled(length: usize) -> Vec<u8> {
    let empty = r#"{"method":"info","params":{"fill":""}}"#.len();
    let fill = "x".repeat(length.saturating_sub(empty));
    format!(r#"{{"method":"info","params":{{"fill":"{fill}"}}}}"#).into_bytes()
}

/// A client that starts anew each time.
struct Forgetful;

impl NodeCache for Forgetful {
    fn load(&self) -> Option<Vec<u8>> {
        None
    }

    fn save(&self, _: &[u8]) {}
}
