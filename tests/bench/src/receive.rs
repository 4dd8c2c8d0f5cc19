//! Receiving what waited: pages as a node gives them, opened, sorted, and kept in the encrypted
//! database with all its indexes and the search.

mod bare;
mod waiting;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use tacit_client::take_in_page;
use tacit_store::{DatabaseKey, Peer, Store};
use tacit_wire::rpc::{self, BatchAnswer, RetrieveAnswer, StoredMessage};
use tacit_wire::{NodeId, TimestampMs};
use zeroize::Zeroizing;

use crate::Rows;
use crate::measure::{Pair, Samples};
use crate::table::Row;
use waiting::{NOW, Waiting};

/// Says to measure the memory of one run in a process of its own.
pub const ALONE: &str = "--receive-alone";
const MESSAGES: u32 = 10_000;
/// So many that the database's page cache is full.
const MANY: u32 = 40_000;
const MORE: u32 = 80_000;
/// The page cache, and three times an answer: as bytes, as JSON, as messages.
const MEMORY: f64 = 16.8e6 + 3.0 * 3.9e6;
const ROUNDS: usize = 3;
/// 2,000 a second.
const SECONDS_EACH: f64 = 1.0 / 2_000.0;
const KEY: [u8; 32] = [9; 32];

/// How many messages were kept.
type Kept = Result<usize, Box<dyn Error>>;

pub fn rows() -> Rows {
    let name = format!("receive {MESSAGES} messages, each");
    if thread_seconds().is_none() {
        return Ok(vec![Row::Skipped { name: "receive messages", reason: "the system does not tell a thread's time" }]);
    }
    let waiting = Waiting::seal(MESSAGES)?;
    let mut samples = Samples::default();
    for _ in 0..ROUNDS {
        samples.ours.push(timed(&waiting, receive)?);
        samples.reference.push(timed(&waiting, bare::receive)?);
    }
    let pair = samples.pair();
    let (few, many, more) = (grown(MESSAGES)?, grown(MANY)?, grown(MORE)?);
    Ok(vec![
        Row::bounded(name, pair, 2.0),
        Row::bounded("  against 2,000 a second", Pair { reference: SECONDS_EACH, ..pair }, 1.0),
        Row::memory(format!("  memory, {MESSAGES} messages"), Pair { ours: few, reference: MEMORY }, 1.0),
        Row::memory(format!("  memory, {MORE} against {MANY}"), Pair { ours: more, reference: many }, 1.2),
    ])
}

/// Seconds on the processor that one message takes.
fn timed(waiting: &Waiting, work: fn(&Waiting, &Path) -> Kept) -> Result<f64, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("account.db");
    account(waiting, &path)?;
    let start = thread_seconds().unwrap_or_default();
    let kept = work(waiting, &path)?;
    let took = thread_seconds().unwrap_or_default() - start;
    if kept != waiting.count() {
        return Err(format!("{kept} of {} messages were kept", waiting.count()).into());
    }
    Ok(took / f64::from(waiting.messages))
}

/// As the poller does with each answer.
fn receive(waiting: &Waiting, path: &Path) -> Kept {
    let mut store = Store::open(path, &key())?;
    let mut kept = 0;
    for answer in &waiting.answers {
        kept += take_in_page(&mut store, &waiting.me, NodeId([1; 32]), messages(answer)?, NOW)?;
    }
    store.close()?;
    Ok(kept)
}

/// The messages of an answer, which may be large.
fn messages(answer: &[u8]) -> Result<Vec<StoredMessage>, Box<dyn Error>> {
    let answer: BatchAnswer = rpc::answer_from(serde_json::from_slice(answer)?)?;
    let part = answer.results.into_iter().next().ok_or("an empty answer")?;
    Ok(rpc::answer_from::<RetrieveAnswer>(part.body)?.messages)
}

/// An account that knows those who wrote.
fn account(waiting: &Waiting, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut store = Store::create(path, &key())?;
    store.write::<_, tacit_store::Error>(|tx| {
        tx.create_account(&waiting.seed, "Ada", NOW)?;
        for writer in &waiting.writers {
            tx.set_approved(writer, true, NOW)?;
            tx.set_approved_me(writer, true, NOW)?;
            tx.open_conversation(&Peer::person(writer), TimestampMs(1))?;
        }
        Ok(())
    })?;
    Ok(store.close()?)
}

fn key() -> DatabaseKey {
    DatabaseKey::new(&Zeroizing::new(KEY))
}

/// Seconds that this thread was on the processor, where the system says so.
fn thread_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
    // Exact for half a year.
    #[allow(clippy::cast_precision_loss)]
    Some(nanoseconds as f64 / 1e9)
}

/// By how many bytes a fresh process grew at the most while it received so many messages.
fn grown(messages: u32) -> Result<f64, Box<dyn Error>> {
    let run = Command::new(std::env::current_exe()?).args([ALONE, &messages.to_string()]).output()?;
    Ok(String::from_utf8(run.stdout)?.trim().parse::<f64>()?)
}

/// Receives and prints by how many bytes the process grew.
pub fn alone(number: &str) -> ExitCode {
    let measured = || -> Result<u64, Box<dyn Error>> {
        let waiting = Waiting::seal(number.parse()?)?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("account.db");
        account(&waiting, &path)?;
        // From here on the peak counts.
        fs::write("/proc/self/clear_refs", "5")?;
        let before = resident("VmRSS:")?;
        receive(&waiting, &path)?;
        Ok(resident("VmHWM:")?.saturating_sub(before))
    };
    match measured() {
        Ok(bytes) => {
            println!("{bytes}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Bytes of memory that the system says under a name.
fn resident(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("the system does not tell memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
}
