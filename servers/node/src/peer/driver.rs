//! Drives the swarm's machine: gives it the time and what happens, and does what it says with the
//! disk and the connections to other nodes.

mod actions;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tacit_wire::NodeId;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::app::App;
use crate::membership;
use crate::store::StoreError;
use crate::swarm::ownership::Intervals;
use crate::swarm::proof::proves;
use crate::swarm::{Event, Machine, Message, Now, Record, Recovered, Reply, Settings, View};

/// Waiting events; who asks when it is full is told that the node is busy.
const QUEUE: usize = 4096;
/// How often it is looked whether the network has changed.
const LOOK: Duration = Duration::from_secs(1);

enum Input {
    Event(Event),
    Asked { from: NodeId, message: Message, reply: oneshot::Sender<Reply> },
}

/// The machine's ear.
#[derive(Clone)]
pub(crate) struct Swarm {
    events: mpsc::Sender<Input>,
    /// Parts of the ring that are being filled, by others that have them.
    filling: Arc<RwLock<Intervals>>,
}

/// Its other end, for [`run`].
pub(crate) struct Ear(mpsc::Receiver<Input>);

impl Swarm {
    pub(crate) fn new() -> (Self, Ear) {
        let (events, ear) = mpsc::channel(QUEUE);
        (Self { events, filling: Arc::default() }, Ear(ear))
    }

    /// Another node asks; none: the node is too busy, or stops.
    pub(crate) async fn ask(&self, from: NodeId, message: Message) -> Option<Reply> {
        let (reply, answer) = oneshot::channel();
        self.events.try_send(Input::Asked { from, message, reply }).ok()?;
        answer.await.ok()
    }

    /// A member has missed changes that others have.
    pub(crate) fn missed(&self, member: NodeId, records: Vec<Record>) {
        // Comparison finds what is not kept here.
        let _ = self.events.try_send(Input::Event(Event::Missed { member, records }));
    }

    /// Whether what belongs at a place of the ring is still on its way here.
    pub(crate) fn is_filling(&self, space: u64) -> bool {
        self.filling.read().unwrap_or_else(PoisonError::into_inner).contains(space)
    }
}

/// Runs as long as the node does.
pub(crate) async fn run(app: Arc<App>, mut ear: Ear) {
    let mut driver = match Driver::start(&app).await {
        Ok(driver) => driver,
        Err(error) => return tracing::error!(%error, "members cannot be kept equal"),
    };
    let mut look = tokio::time::interval(LOOK);
    loop {
        let tick = driver.began + Duration::from_millis(driver.machine.next_tick(driver.now(&app)));
        let input = tokio::select! {
            input = ear.0.recv() => input,
            () = tokio::time::sleep_until(tick) => Some(Input::Event(Event::Tick)),
            _ = look.tick() => driver.change().map(Input::Event).or(Some(Input::Event(Event::Tick))),
        };
        let Some(input) = input else { return };
        driver.take(input);
    }
}

struct Driver {
    app: Arc<App>,
    machine: Machine,
    began: Instant,
    seen: Arc<membership::View>,
    no: u64,
    last_call: u64,
    /// Who waits for a reply, by call.
    waiting: HashMap<u64, oneshot::Sender<Reply>>,
    commits: mpsc::UnboundedSender<actions::Commit>,
}

impl Driver {
    async fn start(app: &Arc<App>) -> Result<Self, StoreError> {
        let owed = app.store.owed().await?;
        let recovered = Recovered {
            holdings: app.store.holdings().await?,
            hints: owed.into_iter().map(|(member, owed)| (member, owed.count, owed.bytes)).collect(),
            clean: app.store.was_clean(),
        };
        let seen = app.membership.view();
        let now = Now { up: 0, wall: app.now().0 };
        let views = (view(&seen, 1), View::default());
        let (machine, first) = Machine::start(now, app.id, Settings::new(proves), rand::random(), views, recovered);
        let commits = actions::commit_in_order(app);
        let mut driver = Self {
            app: Arc::clone(app),
            machine,
            began: Instant::now(),
            seen,
            no: 1,
            last_call: 0,
            waiting: HashMap::new(),
            commits,
        };
        driver.perform(first);
        Ok(driver)
    }

    fn now(&self, app: &App) -> Now {
        let up = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { up, wall: app.now().0 }
    }

    /// The network, if it has changed.
    fn change(&mut self) -> Option<Event> {
        let seen = self.app.membership.view();
        if Arc::ptr_eq(&seen, &self.seen) {
            return None;
        }
        self.no += 1;
        let event = Event::View(view(&seen, self.no));
        self.seen = seen;
        Some(event)
    }

    fn take(&mut self, input: Input) {
        let event = match input {
            Input::Event(event) => event,
            Input::Asked { from, message, reply } => {
                self.last_call += 1;
                self.waiting.insert(self.last_call, reply);
                Event::Asked { from, call: self.last_call, message }
            }
        };
        let now = self.now(&self.app);
        let actions = self.machine.handle(now, event);
        self.perform(actions);
        let filling = self.machine.filling();
        let mut known = self.app.swarm.filling.write().unwrap_or_else(PoisonError::into_inner);
        if *known != filling {
            *known = filling;
        }
    }
}

/// The network as the machine sees it.
fn view(seen: &membership::View, no: u64) -> View {
    let mut view = View { no, ..View::default() };
    for node in seen.nodes() {
        match node.swarm.filter(|swarm| *swarm != tacit_wire::SwarmId::NONE) {
            Some(swarm) => view.swarms.entry(swarm).or_default().push(node.ed25519),
            None => view.spare.push(node.ed25519),
        }
    }
    view
}
