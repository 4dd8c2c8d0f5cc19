//! Guards and onion paths (protocol: network 3). Pure: chance comes in with each call, and time
//! is counted in answers.
//!
//! Kept true here: every path has exactly `length` different nodes, all of them in the pool; no
//! two of one path share a /24 unless the profile allows it; no node stands on two paths while
//! the network is large enough; the destination of a request is never on the route that carries
//! it. Middle and last nodes are never contacted directly.
//!
//! A guard that cannot be reached may be dead, or our own network may be: such failures are
//! *suspicions*, and turn into failures only when something else answers meanwhile. So an hour
//! without network costs no guard.

mod choose;

use std::collections::VecDeque;

use rand_core::CryptoRng;
use tacit_wire::{NodeId, ServiceNode};

use crate::pool::Pool;

/// Paths kept open at a time, each with a guard of its own.
pub(crate) const PATHS: usize = 2;
/// Failures after which a path is dropped with its guard.
pub(crate) const MAX_FAILURES: u8 = 3;
/// Guards given up lately, which are chosen again only when nobody else is left.
const RETIRED: usize = 16;

/// What the network profile says about paths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathRules {
    /// Hops of each path.
    pub length: usize,
    /// Never two hops of one path in one /24.
    pub distinct_subnets: bool,
}

/// Name of a path while it lives; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PathId(u64);

/// Too few usable nodes for a path and a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooFew {
    pub known: usize,
    pub needed: usize,
}

/// The nodes one request travels over.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub path: PathId,
    pub hops: Vec<ServiceNode>,
    /// Setbacks of the path when the request set out.
    setbacks: u32,
}

/// One path, guard first.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub id: PathId,
    pub hops: Vec<NodeId>,
    pub failures: u8,
    pub suspicions: u8,
    /// Failures and suspicions counted in its whole life.
    setbacks: u32,
    /// Has carried an answer at least once.
    pub proven: bool,
    /// Count of all answers when the first suspicion came up.
    suspect_since: u64,
    /// Its suspicions were set aside once, since nothing at all answered at the time.
    excused: bool,
}

impl Path {
    fn new(id: PathId, hops: Vec<NodeId>) -> Self {
        Self { id, hops, failures: 0, suspicions: 0, setbacks: 0, proven: false, suspect_since: 0, excused: false }
    }

    pub fn guard(&self) -> Option<&NodeId> {
        self.hops.first()
    }

    pub fn trouble(&self) -> u8 {
        self.failures.saturating_add(self.suspicions)
    }
}

/// Guards and paths.
pub(crate) struct Paths {
    rules: PathRules,
    guards: Vec<NodeId>,
    retired: VecDeque<NodeId>,
    /// Guards under test.
    reserved: Vec<NodeId>,
    paths: Vec<Path>,
    next_id: u64,
    answers: u64,
}

impl Paths {
    /// With the guards of an earlier run, in their order.
    pub fn new(rules: PathRules, guards: Vec<NodeId>) -> Self {
        Self {
            rules: PathRules { length: rules.length.max(1), ..rules },
            guards,
            retired: VecDeque::new(),
            reserved: Vec::new(),
            paths: Vec::new(),
            next_id: 0,
            answers: 0,
        }
    }

    pub fn guards(&self) -> &[NodeId] {
        &self.guards
    }

    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter()
    }

    pub fn get(&self, id: PathId) -> Option<&Path> {
        self.paths.iter().find(|p| p.id == id)
    }

    /// How many paths must be opened: two, and one more while all of them are suspects, so that
    /// a fresh guard can tell dead guards from a dead network.
    pub fn missing(&self) -> usize {
        let wanted = if self.all_suspect() && !self.paths.is_empty() { PATHS + 1 } else { PATHS };
        wanted.saturating_sub(self.paths.len())
    }

    /// Some path carries answers and nothing speaks against it.
    pub fn connected(&self) -> bool {
        self.paths.iter().any(|p| p.proven && p.suspicions == 0)
    }

    /// Opens a path behind a guard that passed its test, and keeps the guard.
    pub fn open(&mut self, guard: NodeId, pool: &Pool, rng: &mut impl CryptoRng) -> Result<PathId, TooFew> {
        self.enough(pool)?;
        if self.paths.iter().any(|p| p.guard() == Some(&guard)) || !pool.contains(&guard) {
            return Err(self.too_few(pool));
        }
        let hops = self.fill(vec![guard], None, None, pool, rng).ok_or(self.too_few(pool))?;
        self.next_id += 1;
        let id = PathId(self.next_id);
        self.paths.push(Path::new(id, hops));
        self.retired.retain(|r| *r != guard);
        self.keep_guard(guard);
        // One guard in reserve, which an earlier run used, is enough.
        while self.guards.len() > PATHS + 1 {
            let open = |g: &NodeId| self.paths.iter().any(|p| p.guard() == Some(g));
            let Some(spare) = self.guards.iter().position(|g| !open(g)) else { break };
            self.guards.remove(spare);
        }
        Ok(id)
    }

    /// Keeps a guard that is about to see the client's address, so that a restart goes back to it
    /// and to no other. False when it was kept before.
    pub fn keep_guard(&mut self, guard: NodeId) -> bool {
        let new = !self.guards.contains(&guard);
        if new {
            self.guards.push(guard);
        }
        new
    }

    /// Keeps guards under test off the paths that are opened meanwhile.
    pub fn reserve(&mut self, guards: &[NodeId]) {
        self.reserved = guards.to_vec();
    }

    /// A guard could not be opened: it did not pass its test although others answer.
    pub fn refuse_guard(&mut self, guard: &NodeId) {
        self.guards.retain(|g| g != guard);
        self.retire(*guard);
    }

    /// An answer came over this path, whatever it says. The failures of the path are forgiven,
    /// and suspicions against others are now failures: the network is up. Returns the nodes to
    /// count those failures against, one entry per failure.
    pub fn answered(&mut self, id: PathId) -> Vec<NodeId> {
        let was_down = self.all_suspect();
        if let Some(path) = self.paths.iter_mut().find(|p| p.id == id) {
            path.failures = 0;
            path.suspicions = 0;
            path.excused = false;
            path.proven = true;
        }
        let blamed = self.convict(was_down);
        // A third path, opened to tell dead guards from a dead network, goes when both are back.
        while self.paths.len() > PATHS && self.paths.iter().all(|p| p.trouble() == 0) {
            if let Some(extra) = self.paths.pop()
                && let Some(guard) = extra.guard()
            {
                self.guards.retain(|g| g != guard);
            }
        }
        blamed
    }

    /// Something other than a path answered (a seed, a guard under test): the network is up.
    pub fn network_is_up(&mut self) -> Vec<NodeId> {
        self.convict(self.all_suspect())
    }

    fn all_suspect(&self) -> bool {
        self.paths.iter().all(|p| p.suspicions > 0)
    }

    /// Turns suspicions into failures. Those from a time when nothing answered say little: the
    /// first time they are only kept as one doubt, so that the path is tried out again.
    fn convict(&mut self, was_down: bool) -> Vec<NodeId> {
        self.answers += 1;
        let answers = self.answers;
        let mut blamed = Vec::new();
        for path in self.paths.iter_mut().filter(|p| p.suspicions > 0 && answers > p.suspect_since) {
            if was_down && !path.excused {
                path.excused = true;
                path.suspicions = 1;
                path.suspect_since = answers;
                continue;
            }
            for _ in 0..path.suspicions {
                blamed.extend(path.hops.iter().skip(1));
            }
            path.failures = path.failures.saturating_add(path.suspicions);
            path.suspicions = 0;
            path.excused = false;
        }
        self.drop_failed(&mut blamed);
        blamed
    }

    /// Whether a failure on this route tells something new. Of requests that were under way
    /// together over one path and fail together, only the first counts.
    pub fn is_news(&self, route: &Route) -> bool {
        self.get(route.path).is_some_and(|path| path.setbacks == route.setbacks)
    }

    /// The path failed in a way that only the path explains. Returns the nodes to count a
    /// failure against: the guard only when the path is dropped.
    pub fn failed(&mut self, id: PathId) -> Vec<NodeId> {
        let mut blamed = Vec::new();
        if let Some(path) = self.paths.iter_mut().find(|p| p.id == id) {
            path.failures = path.failures.saturating_add(1);
            path.setbacks = path.setbacks.wrapping_add(1);
            blamed.extend(path.hops.iter().skip(1));
        }
        self.drop_failed(&mut blamed);
        blamed
    }

    /// The guard did not answer at all: dead, or our own network is.
    pub fn unreachable(&mut self, id: PathId) {
        let answers = self.answers;
        if let Some(path) = self.paths.iter_mut().find(|p| p.id == id) {
            if path.suspicions == 0 {
                path.suspect_since = answers;
            }
            path.suspicions = path.suspicions.saturating_add(1).min(MAX_FAILURES);
            path.setbacks = path.setbacks.wrapping_add(1);
        }
    }

    fn drop_failed(&mut self, blamed: &mut Vec<NodeId>) {
        let dropped: Vec<Path> = self.paths.extract_if(.., |p| p.failures >= MAX_FAILURES).collect();
        for path in dropped {
            if let Some(guard) = path.guard() {
                self.refuse_guard(guard);
                blamed.push(*guard);
            }
        }
    }

    fn retire(&mut self, guard: NodeId) {
        self.retired.retain(|r| *r != guard);
        self.retired.push_back(guard);
        if self.retired.len() > RETIRED {
            self.retired.pop_front();
        }
    }

    /// A node of the path, not its guard, is unknown to the one before it: it goes, and a new one
    /// is appended at the end. This counts as a failure too, or a guard could refuse hops until
    /// only its friends are left. False when the node is no such hop.
    pub fn replace_hop(&mut self, id: PathId, gone: &NodeId, pool: &Pool, rng: &mut impl CryptoRng) -> bool {
        let Some(at) = self.paths.iter().position(|p| p.id == id) else { return false };
        let Some(path) = self.paths.get(at) else { return false };
        if !path.hops.iter().skip(1).any(|hop| hop == gone) {
            return false;
        }
        let rest: Vec<NodeId> = path.hops.iter().filter(|hop| *hop != gone).copied().collect();
        let filled = self.fill(rest, Some(*gone), Some(id), pool, rng);
        match (filled, self.paths.get_mut(at)) {
            (Some(hops), Some(path)) => {
                path.hops = hops;
                path.failures = path.failures.saturating_add(1);
            }
            _ => {
                self.paths.remove(at);
            }
        }
        self.drop_failed(&mut Vec::new());
        true
    }

    /// A node left the pool: it leaves all paths, and takes the path along whose guard it was.
    pub fn remove_node(&mut self, gone: &NodeId, pool: &Pool, rng: &mut impl CryptoRng) {
        if self.guards.contains(gone) {
            self.refuse_guard(gone);
        }
        self.paths.retain(|p| p.guard() != Some(gone));
        let touched: Vec<(PathId, u8)> =
            self.paths.iter().filter(|p| p.hops.contains(gone)).map(|p| (p.id, p.failures)).collect();
        for (id, failures) in touched {
            self.replace_hop(id, gone, pool, rng);
            // The path is not at fault that a node left the network.
            if let Some(path) = self.paths.iter_mut().find(|p| p.id == id) {
                path.failures = failures;
            }
        }
    }

    /// After a new list: nodes that it does not hold leave the paths.
    pub fn reconcile(&mut self, pool: &Pool, rng: &mut impl CryptoRng) {
        let gone: Vec<NodeId> =
            self.paths.iter().flat_map(|p| p.hops.iter()).filter(|hop| !pool.contains(hop)).copied().collect();
        for node in gone {
            self.remove_node(&node, pool, rng);
        }
        self.guards.retain(|guard| pool.contains(guard));
    }
}

#[cfg(test)]
mod tests;
