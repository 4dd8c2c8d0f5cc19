//! What an account's screens show, at 10⁴, 10⁵ and 10⁶ messages in 1,000 conversations, each
//! against the bare query on a copy of the same encrypted file.

mod bare;
mod filled;
mod views;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use bare::Bare;
use filled::{Filled, Size};
use views::{Ids, View};

use crate::Rows;
use crate::measure::{Pair, Samples, in_turns, seconds};
use crate::table::Row;

const BOUND: f64 = 2.0;
const OPENINGS: usize = 40;
const ROUNDS: usize = 400;
/// So long, in seconds, shall one turn take, or one call if that takes longer.
const TURN: f64 = 5e-4;

pub fn rows() -> Rows {
    let filled = Filled::new()?;
    let mut rows = Vec::new();
    for view in views::ALL {
        for size in &filled.sizes {
            let name = format!("{}, of {}", view.name, size.messages);
            rows.push(row(name, against_bare(view, size)?, view.bound));
        }
        let (Some(short), Some(long), Some(_)) = (filled.sizes.first(), filled.sizes.last(), view.growth) else {
            continue;
        };
        let name = format!("  of {} against of {}", long.messages, short.messages);
        rows.push(row(name, growth(view, long, short)?, view.growth));
    }
    if let Some(long) = filled.sizes.last() {
        let name = format!("{}, nothing read before", views::ALL[0].name);
        rows.push(Row::bounded(name, cold(&views::ALL[0], long)?, BOUND));
    }
    Ok(rows)
}

fn row(name: String, pair: Pair, bound: Option<f64>) -> Row {
    Row::Measured { name, pair, bound }
}

fn against_bare(view: &View, size: &Size) -> Result<Pair, Box<dyn Error>> {
    let (store, bare) = (size.store()?, Bare::open(size)?);
    let (ours, reference) = ((view.ours)(&store, size)?, (view.bare)(&bare, size)?);
    let (found, expected) = (ours()?, reference()?);
    if found != expected || found.is_empty() {
        return Err(format!("{}: {} rows where the query gives {}", view.name, found.len(), expected.len()).into());
    }
    Ok(measured(&ours, &reference))
}

/// How much longer the view takes of the long history than of the short one.
fn growth(view: &View, long: &Size, short: &Size) -> Result<Pair, Box<dyn Error>> {
    let (of_long, of_short) = (long.store()?, short.store()?);
    let (ours, reference) = ((view.ours)(&of_long, long)?, (view.ours)(&of_short, short)?);
    Ok(measured(&ours, &reference))
}

fn measured(ours: &impl Fn() -> Ids, reference: &impl Fn() -> Ids) -> Pair {
    let start = Instant::now();
    let _ = black_box((ours(), reference()));
    let once = seconds(start.elapsed()) / 2.0;
    let calls = (1..64).take_while(|calls| f64::from(*calls) * once <= TURN).last().unwrap_or(1);
    in_turns(ROUNDS, calls, ours, reference)
}

/// The first look after the file was opened, when every page must be read and decrypted.
fn cold(view: &View, size: &Size) -> Result<Pair, Box<dyn Error>> {
    let mut samples = Samples::default();
    for _ in 0..OPENINGS {
        let store = size.store()?;
        let ours = (view.ours)(&store, size)?;
        let start = Instant::now();
        black_box(ours()?);
        samples.ours.push(seconds(start.elapsed()));
        let bare = Bare::open(size)?;
        let reference = (view.bare)(&bare, size)?;
        let start = Instant::now();
        black_box(reference()?);
        samples.reference.push(seconds(start.elapsed()));
    }
    Ok(samples.pair())
}
