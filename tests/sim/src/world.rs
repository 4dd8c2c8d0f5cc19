//! Everything that is simulated, and the order in which it happens.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rand::{RngExt as _, SeedableRng as _};
use tacit_node::swarm::{Action, Event, Machine, Message, Reply, Settings, View};
use tacit_wire::{AccountId, NodeId, SwarmId, swarm};

use crate::bug::Bug;
use crate::client::{Attempt, Client};
use crate::disk::{Disk, Quirks};
use crate::faults::Fault;
use crate::history::{Outcome, Violation};
use crate::ledger::{Ledger, Mailbox};
use crate::network::Network;
use crate::node::{Life, Node};
use crate::plan::{EPOCH, Plan, QUIET};
use crate::proof;

pub(crate) type Rng = rand::rngs::Xoshiro256PlusPlus;

/// A history with more events than this has gone astray.
const MOST_STEPS: u64 = 3_000_000;

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    Tick { node: usize, life: u64 },
    Asked { from: usize, to: usize, call: u64, message: Message },
    Replied { node: usize, life: u64, token: u64, reply: Reply },
    TimedOut { node: usize, life: u64, token: u64 },
    Written { node: usize, life: u64 },
    Restart { node: usize },
    ViewArrives { node: usize },
    Client(Client),
    Fault(Fault),
    Quiet,
    End,
}

struct Planned(u64, u64, Happening);

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}
impl Eq for Planned {}
impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

pub(crate) struct World {
    pub seed: u64,
    pub bug: Option<Bug>,
    pub trace: bool,
    pub plan: Plan,
    pub rng: Rng,
    /// True time, ms since 1970.
    pub now: u64,
    pub step: u64,
    heap: BinaryHeap<Reverse<Planned>>,
    planned: u64,
    pub nodes: Vec<Node>,
    /// All states of the network so far.
    pub views: Vec<View>,
    pub network: Network,
    pub ledger: Ledger,
    pub attempts: BTreeMap<u64, Attempt>,
    pub last_attempt: u64,
    pub power_cut_armed: bool,
    pub is_quiet: bool,
    pub confirmed: u64,
    pub violation: Option<Violation>,
    fingerprint: u64,
}

/// Prints what happens, if that is wanted.
macro_rules! trace {
    ($world:expr, $($text:tt)*) => {
        if $world.trace {
            println!("{:>6} {:>9.3} {}", $world.step, ($world.now - crate::plan::EPOCH) as f64 / 1000.0, format_args!($($text)*));
        }
    };
}
pub(crate) use trace;

impl World {
    pub(crate) fn new(seed: u64, bug: Option<Bug>, trace: bool) -> Self {
        let mut rng = Rng::seed_from_u64(seed);
        let plan = Plan::draw(&mut rng);
        let count = plan.swarms * plan.members + plan.spares;
        let mut view = View { no: 1, ..View::default() };
        for n in 0..plan.swarms {
            let members = (0..plan.members).map(|m| node_id(n * plan.members + m)).collect();
            view.swarms.insert(SwarmId(rng.random_range(0..u64::MAX)), members);
        }
        view.spare = (plan.swarms * plan.members..count).map(node_id).collect();
        let liar = plan.liar.then(|| rng.random_range(0..count));
        let nodes = (0..count).map(|n| new_node(n, liar == Some(n), bug, &view)).collect();
        let mailboxes = (0..plan.accounts).map(|_| new_mailbox(&mut rng)).collect();
        Self {
            seed,
            bug,
            trace,
            network: Network::new(&plan, count),
            plan,
            rng,
            now: EPOCH,
            step: 0,
            heap: BinaryHeap::new(),
            planned: 0,
            nodes,
            views: vec![view],
            ledger: Ledger { mailboxes, ..Ledger::default() },
            attempts: BTreeMap::new(),
            last_attempt: 0,
            power_cut_armed: false,
            is_quiet: false,
            confirmed: 0,
            violation: None,
            fingerprint: 0,
        }
    }

    pub(crate) fn run(mut self) -> Outcome {
        trace!(self, "{:?}", self.plan);
        for node in 0..self.nodes.len() {
            self.start(node, false);
        }
        self.plan_clients();
        self.plan_faults();
        self.at(EPOCH + self.plan.active, Happening::Quiet);
        self.at(EPOCH + self.plan.active + QUIET, Happening::End);
        while let Some(Reverse(Planned(time, number, happening))) = self.heap.pop() {
            self.now = time;
            self.step += 1;
            self.fingerprint = (self.fingerprint ^ time ^ number << 44).wrapping_mul(0x0100_0000_01B3);
            if matches!(happening, Happening::End) {
                self.check_end();
                break;
            }
            self.happen(happening);
            if self.step > MOST_STEPS {
                self.broken("I7", "it never comes to rest".to_owned());
            }
            if self.violation.is_some() {
                break;
            }
        }
        Outcome {
            violation: self.violation,
            steps: self.step,
            confirmed: self.confirmed,
            fingerprint: self.fingerprint,
        }
    }

    pub(crate) fn broken(&mut self, promise: &'static str, detail: String) {
        let (seed, step) = (self.seed, self.step);
        self.violation.get_or_insert(Violation { seed, step, promise, detail });
    }

    pub(crate) fn at(&mut self, time: u64, happening: Happening) {
        self.planned += 1;
        self.heap.push(Reverse(Planned(time, self.planned, happening)));
    }

    pub(crate) fn after(&mut self, ms: u64, happening: Happening) {
        self.at(self.now + ms, happening);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tick { node, life } => {
                let now = self.now;
                if let Some(l) = self.alive(node, life)
                    && l.tick == now
                {
                    l.tick = u64::MAX;
                    self.tell(node, Event::Tick);
                }
            }
            Happening::Asked { from, to, call, message } => {
                let from = self.nodes[from].id;
                trace!(self, "{to} is asked by {from:?}: {message:?}");
                self.tell(to, Event::Asked { from, call, message });
            }
            Happening::Replied { node, life, token, reply } => self.replied(node, life, token, Some(reply)),
            Happening::TimedOut { node, life, token } => self.replied(node, life, token, None),
            Happening::Written { node, life } => self.written(node, life),
            Happening::Restart { node } => {
                if self.nodes[node].life.is_none() && !self.nodes[node].vanished {
                    self.start(node, false);
                }
            }
            Happening::ViewArrives { node } => self.view_arrives(node),
            Happening::Client(client) => self.client(client),
            Happening::Fault(fault) => self.fault(fault),
            Happening::Quiet => self.quiet(),
            Happening::End => (),
        }
    }

    fn alive(&mut self, node: usize, life: u64) -> Option<&mut Life> {
        self.nodes[node].life.as_mut().filter(|l| l.number == life)
    }

    fn replied(&mut self, node: usize, life: u64, token: u64, reply: Option<Reply>) {
        if self.alive(node, life).is_some_and(|l| l.calls.remove(&token)) {
            trace!(self, "{node} gets for {token}: {reply:?}");
            self.tell(node, Event::Replied { token, reply });
        }
    }

    fn written(&mut self, node: usize, life: u64) {
        if self.alive(node, life).is_none() {
            return;
        }
        let n = &mut self.nodes[node];
        let (wall, full) = (n.wall(self.now), n.full);
        let (done, again) = n.disk.finish(wall, full);
        if again {
            self.plan_write(node);
        }
        for (token, kept) in done {
            self.tell(node, Event::Committed { token, receipt: kept.then(bytes::Bytes::new) });
        }
    }

    fn plan_write(&mut self, node: usize) {
        let took =
            if self.nodes[node].slow_disk { self.rng.random_range(200..4000) } else { self.rng.random_range(1..15) };
        if let Some(life) = &self.nodes[node].life {
            let life = life.number;
            self.after(took, Happening::Written { node, life });
        }
    }

    /// Starts a node that does not run.
    pub(crate) fn start(&mut self, node: usize, clean: bool) {
        let seed = self.rng.random();
        let now = self.now;
        let n = &mut self.nodes[node];
        n.lives += 1;
        let mut settings = Settings::new(proof::proves);
        settings.keep_ms = self.plan.keep;
        settings.fault = self.bug.and_then(Bug::fault);
        let time = tacit_node::swarm::Now { up: 0, wall: n.wall(now) };
        let recovered = n.disk.recovered(clean);
        let (machine, actions) = Machine::start(time, n.id, settings, seed, n.views.clone(), recovered);
        let number = n.lives;
        n.life = Some(Life { number, machine, started: now, tick: u64::MAX, calls: Default::default() });
        trace!(self, "{node} starts");
        self.perform(node, actions);
        let wait = self.rng.random_range(0..5000);
        self.after(wait, Happening::ViewArrives { node });
    }

    pub(crate) fn tell(&mut self, node: usize, event: Event) {
        let n = &mut self.nodes[node];
        let time = n.time(self.now);
        let Some(life) = &mut n.life else { return };
        let actions = life.machine.handle(time, event);
        self.perform(node, actions);
    }

    fn perform(&mut self, node: usize, mut actions: Vec<Action>) {
        while !actions.is_empty() {
            let mut further = Vec::new();
            for action in actions {
                match action {
                    Action::Call { token, to, message, timeout_ms } => self.call(node, token, to, &message, timeout_ms),
                    Action::Reply { to, call, reply } => self.reply(node, to, call, reply),
                    Action::Commit { token, writes } => {
                        trace!(self, "{node} writes {writes:?}");
                        if self.nodes[node].disk.write(token, writes) {
                            self.plan_write(node);
                        }
                    }
                    Action::Read { token, query } => {
                        let n = &mut self.nodes[node];
                        let found = n.disk.read(n.wall(self.now), query);
                        let time = n.time(self.now);
                        if let Some(life) = &mut n.life {
                            further.extend(life.machine.handle(time, Event::Read { token, found }));
                        }
                    }
                    Action::Answer { request, members } => self.answered(node, request, Some(&members)),
                    Action::WrongSwarm { request } => self.answered(node, request, None),
                }
            }
            actions = further;
        }
        self.plan_tick(node);
    }

    fn plan_tick(&mut self, node: usize) {
        let n = &mut self.nodes[node];
        let time = n.time(self.now);
        let Some(life) = &mut n.life else { return };
        let next = life.machine.next_tick(time).saturating_add(life.started);
        if next < life.tick {
            life.tick = next;
            let life = life.number;
            self.at(next, Happening::Tick { node, life });
        }
    }

    fn call(&mut self, node: usize, token: u64, to: NodeId, message: &Message, timeout: u64) {
        let Some(life) = &mut self.nodes[node].life else { return };
        let life_number = life.number;
        life.calls.insert(token);
        self.after(timeout, Happening::TimedOut { node, life: life_number, token });
        let Some(to) = self.index(&to) else { return };
        let call = life_number << 40 | token;
        for delay in self.network.fate(&mut self.rng, node, to).into_iter().flatten() {
            self.after(delay, Happening::Asked { from: node, to, call, message: message.clone() });
        }
    }

    fn reply(&mut self, node: usize, to: NodeId, call: u64, reply: Reply) {
        let Some(to) = self.index(&to) else { return };
        let (life, token) = (call >> 40, call & ((1 << 40) - 1));
        if let Some(delay) = self.network.fate(&mut self.rng, node, to)[0] {
            self.after(delay, Happening::Replied { node: to, life, token, reply });
        }
    }

    pub(crate) fn index(&self, id: &NodeId) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == *id)
    }

    /// The network as it is now.
    pub(crate) fn view(&self) -> &View {
        &self.views[self.views.len() - 1]
    }
}

fn node_id(n: usize) -> NodeId {
    NodeId([n as u8 + 1; 32])
}

fn new_node(n: usize, liar: bool, bug: Option<Bug>, view: &View) -> Node {
    let quirks = Quirks {
        no_tombstones: bug == Some(Bug::NoTombstones),
        drops_messages: liar,
        cursor_by_time: bug == Some(Bug::CursorByTime),
    };
    Node {
        id: node_id(n),
        life: None,
        lives: 0,
        disk: Disk::new(quirks),
        snapshot: None,
        lost: Vec::new(),
        clock: 0,
        liar,
        vanished: false,
        full: false,
        slow_disk: false,
        views: (view.clone(), View::default()),
    }
}

fn new_mailbox(rng: &mut Rng) -> Mailbox {
    let id = AccountId::from_x25519(&rng.random());
    Mailbox {
        id,
        space: swarm::space(&id),
        hashes: Vec::new(),
        cursors: BTreeMap::new(),
        seen: BTreeMap::new(),
        wipes: Vec::new(),
        wished_wipes: Vec::new(),
        revocations: Vec::new(),
    }
}
