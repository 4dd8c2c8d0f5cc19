//! Opening a conversation, against the bare query on the same encrypted file.

mod bare;
mod filled;

use std::hint::black_box;
use std::time::Instant;

use bare::Bare;
use filled::Filled;
use tacit_client::view::Window;
use tacit_store::Store;

use crate::Rows;
use crate::measure::{Pair, Samples, in_turns, seconds};
use crate::table::Row;

const LENGTHS: [u32; 3] = [1_000, 10_000, 100_000];
const BOUND: f64 = 2.0;
const GROWTH_BOUND: f64 = 1.2;
const OPENINGS: usize = 60;

pub fn rows() -> Rows {
    let mut rows = Vec::new();
    let files = LENGTHS.iter().map(|length| Filled::new(*length)).collect::<Result<Vec<_>, _>>()?;
    for file in &files {
        let (store, bare) = (file.open()?, Bare::open(file)?);
        if window(&store, file) != bare.rows() {
            return Err("the query gives other rows than the window".into());
        }
        let pair = in_turns(1_500, 4, || window(&store, file), || bare.rows());
        rows.push(Row::bounded(format!("open a conversation of {}", file.length), pair, BOUND));
    }
    let (Some(short), Some(long)) = (files.first(), files.last()) else { return Ok(rows) };
    rows.push(Row::bounded("  of 100000 against one of 1000", growth(short, long)?, GROWTH_BOUND));
    for file in [short, long] {
        let name = format!("  of {}, nothing read before", file.length);
        rows.push(Row::bounded(name, first_page(file)?, BOUND));
    }
    Ok(rows)
}

/// The rows that the client shows first; how many.
fn window(store: &Store, file: &Filled) -> usize {
    Window::new().read(store, file.conversation).map_or(0, |rows| black_box(rows).len())
}

fn growth(short: &Filled, long: &Filled) -> Result<Pair, Box<dyn std::error::Error>> {
    let (of_short, of_long) = (short.open()?, long.open()?);
    Ok(in_turns(1_500, 4, || window(&of_long, long), || window(&of_short, short)))
}

/// The first look after the file was opened, when every page must be read and decrypted.
fn first_page(file: &Filled) -> Result<Pair, Box<dyn std::error::Error>> {
    let mut samples = Samples::default();
    for _ in 0..OPENINGS {
        let store = file.open()?;
        let start = Instant::now();
        black_box(window(&store, file));
        samples.ours.push(seconds(start.elapsed()));
        let bare = Bare::open(file)?;
        let start = Instant::now();
        black_box(bare.rows());
        samples.reference.push(seconds(start.elapsed()));
    }
    Ok(samples.pair())
}
