//! What a story needs.

mod capture;
mod device;
mod network;
mod person;
mod programs;
mod stranger;

pub use capture::{Capture, Packet};
pub use device::Device;
pub use network::{FileServerInfo, LocalNetwork, NodeInfo};
pub use person::{Event, Person, Refused, Sending, Sent};
pub use programs::program;
pub use stranger::Stranger;

use std::time::{Duration, Instant};

/// Asks again and again until `question` has an answer; panics after `patience`, naming `what`.
///
/// The pause between two questions is no timing assumption: only the condition ends the wait.
pub fn eventually<T>(what: &str, patience: Duration, mut question: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(start.elapsed() < patience, "waited {patience:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
