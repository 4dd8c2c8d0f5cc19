//! A node's disk: durable stores against bare SQLite, polls and reads as the store grows, memory
//! and start with a million messages.

mod bare;
mod clients;
mod filled;
mod process;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bare::Bare;
use clients::Clients;
use filled::{Filled, NS};
use process::Process;
use tacit_node::store::{Query, Settings, Store};
use tokio::runtime::Runtime;

use crate::Rows;
use crate::measure::{Pair, Samples, in_turns, seconds};
use crate::table::Row;

/// Stores that wait at once, and clients.
const WAITING: usize = 256;
const ROUNDS: usize = 8;
/// Bare stores of a round, each in a transaction of its own.
const BARE: usize = 300;
/// Stores of each of those that wait, in a round.
const EACH: usize = 40;
const MOST_BYTES: u64 = 1 << 40;
/// Asks for the sizes with a store of 10^7 too: `TACIT_BENCH_ROWS=10000000`.
const LARGEST: &str = "TACIT_BENCH_ROWS";

pub fn rows() -> Rows {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut rows = vec![
        Row::bounded("store durably, 256 waiting", writer(&runtime)?, 1.0 / 6.0),
        Row::bounded("store durably, 256 clients", clients(&runtime)?, 1.0 / 3.0),
    ];
    let mut sizes = vec![10_000, 1_000_000];
    let largest: u32 = std::env::var(LARGEST).ok().and_then(|rows| rows.parse().ok()).unwrap_or_default();
    if largest > 1_000_000 {
        sizes.push(largest);
    }
    let sizes: Vec<Filled> =
        sizes.into_iter().map(|rows| runtime.block_on(Filled::new(rows))).collect::<Result<_, _>>()?;
    for large in &sizes[1..] {
        rows.push(Row::bounded(
            format!("poll, nothing new, of {} against {}", large.rows, sizes[0].rows),
            polls(&runtime, large, &sizes[0])?,
            1.5,
        ));
        rows.push(Row::bounded(format!("read 100 messages of {}", large.rows), reads(&runtime, large)?, 2.0));
    }
    rows.extend(runtime.block_on(whole(&sizes[1]))?);
    Ok(rows)
}

fn open(dir: &std::path::Path) -> Result<Store, Box<dyn Error>> {
    Ok(Store::open(dir, Settings::new(MOST_BYTES, [7; 16]))?)
}

/// The store alone.
fn writer(runtime: &Runtime) -> Result<Pair, Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let store = Arc::new(open(dir.path())?);
    let mut bare = Bare::new()?;
    in_rounds(&mut bare, || {
        let messages: Vec<_> = (0..WAITING).map(|_| filled::puts(EACH)).collect();
        let start = Instant::now();
        runtime.block_on(async {
            let tasks: Vec<_> = messages
                .into_iter()
                .map(|messages| {
                    let store = Arc::clone(&store);
                    tokio::spawn(async move {
                        for message in messages {
                            store.put(message, filled::now()).await?;
                        }
                        Ok::<_, tacit_node::store::StoreError>(())
                    })
                })
                .collect();
            for task in tasks {
                task.await??;
            }
            Ok::<_, Box<dyn Error>>(())
        })?;
        Ok(start.elapsed())
    })
}

/// The same through TLS, HTTP and JSON, with a signed receipt for each.
fn clients(runtime: &Runtime) -> Result<Pair, Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let node = Process::start(dir.path())?;
    let mut clients = runtime.block_on(Clients::connect(node.port, WAITING))?;
    let mut bare = Bare::new()?;
    in_rounds(&mut bare, || {
        let requests: Vec<_> = (0..WAITING).map(|_| filled::requests(EACH)).collect();
        let start = Instant::now();
        clients = runtime.block_on(std::mem::take(&mut clients).ask(requests))?;
        Ok(start.elapsed())
    })
}

/// Seconds of one store each.
fn in_rounds(
    bare: &mut Bare,
    mut ours: impl FnMut() -> Result<Duration, Box<dyn Error>>,
) -> Result<Pair, Box<dyn Error>> {
    let mut samples = Samples::default();
    for _ in 0..ROUNDS {
        samples.reference.push(seconds(bare.store(filled::puts(BARE))?) / BARE as f64);
        samples.ours.push(seconds(ours()?) / (WAITING * EACH) as f64);
    }
    Ok(samples.pair())
}

fn polls(runtime: &Runtime, large: &Filled, small: &Filled) -> Result<Pair, Box<dyn Error>> {
    let poll = |filled: &Filled| -> Result<_, Box<dyn Error>> {
        let store = open(&filled.dir())?;
        let queries = filled.sample.clone();
        let mut turn = 0;
        Ok(move || {
            turn += 1;
            let (account, last) = &queries[turn % queries.len()];
            let query = Query {
                account: *account,
                namespace: NS,
                after: Some(last.clone()),
                max_count: 256,
                max_size: 1 << 20,
            };
            runtime.block_on(store.retrieve(query, filled::now())).map(|page| page.messages.len())
        })
    };
    let (mut ours, mut reference) = (poll(large)?, poll(small)?);
    if ours()? + reference()? > 0 {
        return Err("a poll found something".into());
    }
    Ok(in_turns(2_000, 8, ours, reference))
}

fn reads(runtime: &Runtime, filled: &Filled) -> Result<Pair, Box<dyn Error>> {
    let store = open(&filled.dir())?;
    let reader = bare::Reader::open(&filled.dir())?;
    let sample = &filled.sample;
    let (mut a, mut b) = (0, 0);
    let mut ours = || {
        a += 1;
        let (account, _) = &sample[a % sample.len()];
        let query =
            Query { account: *account, namespace: NS, after: None, max_count: usize::MAX, max_size: usize::MAX };
        runtime.block_on(store.retrieve(query, filled::now())).map(|page| page.messages.len())
    };
    let mut reference = || {
        b += 1;
        reader.read(&sample[b % sample.len()].0).map(|messages| messages.len())
    };
    let (found, expected) = (ours()?, reference()?);
    if found != expected || found < 90 {
        return Err(format!("{found} messages where bare SQLite finds {expected}").into());
    }
    Ok(in_turns(600, 4, ours, reference))
}

/// A process with a million messages: how long it takes to answer, also after it was killed, and
/// its largest memory while it is read and written.
async fn whole(filled: &Filled) -> Rows {
    let two_seconds = |took: Duration| Pair { ours: seconds(took), reference: 2.0 };
    let node = Process::start(filled.folder())?;
    let orderly = node.took;
    let clients = Clients::connect(node.port, 16).await?;
    clients.ask((0..16).map(|_| filled::requests(20)).collect()).await?;
    node.kill()?;
    let node = Process::start(filled.folder())?;
    let killed = node.took;
    let mut clients = Clients::connect(node.port, 16).await?;
    for _ in 0..10 {
        let requests = (0..16).map(|_| filled::requests(30)).collect();
        clients = clients.ask(requests).await?;
        clients = clients.ask((0..16).map(|client| filled.questions(client)).collect()).await?;
    }
    let memory = Pair { ours: node.memory()?, reference: 200e6 };
    Ok(vec![
        Row::bounded(format!("start with {} messages", filled.rows), two_seconds(orderly), 1.0),
        Row::bounded("  after it was killed", two_seconds(killed), 1.0),
        Row::memory("  memory under load, at its most", memory, 1.0),
    ])
}
