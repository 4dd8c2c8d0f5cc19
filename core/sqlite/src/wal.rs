//! Looks at a write-ahead log that was left behind, before SQLite replays it.
//!
//! SQLite replays a log up to the first frame whose checksum fails and silently drops the rest:
//! right after a crash, when only the last, never acknowledged transaction can be torn, but
//! silent loss when a byte in the middle was damaged. If every commit waits for the disk
//! ([`crate::Synchronous::Full`]), a commit frame is written only after all commits before it
//! are safe, so two commit frames behind a bad one prove damage.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number; its lowest bit says that checksum words are big-endian.
const MAGIC: u32 = 0x377f_0682;
const PAGE_MAX: u32 = 65_536;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No log, or none with anything in it: the last stop was a clean one.
    Empty,
    /// All commits in it can be replayed; at most a torn one at the end is dropped.
    Sound {
        /// How many transactions will be replayed.
        commits: u64,
    },
    /// Transactions that were on the disk can't be replayed any more.
    Damaged {
        /// How many transactions come before the damage.
        commits: u64,
    },
}

/// Reads the log at `path` (the database's path with `-wal` added) without changing it.
///
/// # Errors
/// When it can't be read. A missing file is [`Verdict::Empty`].
pub fn inspect(path: &Path) -> io::Result<Verdict> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Verdict::Empty),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut header = [0; HEADER];
    if !fill(&mut reader, &mut header)? {
        return Ok(Verdict::Empty);
    }
    match Log::parse(&header) {
        Some(log) => log.walk(&mut reader),
        // The header is synced by itself before the first frame, and lies within one sector: it
        // is there or it is not.
        None if header == [0; HEADER] && only_zeros(&mut reader)? => Ok(Verdict::Empty),
        None => Ok(Verdict::Damaged { commits: 0 }),
    }
}

struct Log {
    big_endian: bool,
    page: usize,
    salt: [u8; 8],
    sum: (u32, u32),
}

impl Log {
    fn parse(header: &[u8; HEADER]) -> Option<Self> {
        let magic = word(header, 0)?;
        let page = word(header, 8)?;
        if magic & !1 != MAGIC || !page.is_power_of_two() || !(512..=PAGE_MAX).contains(&page) {
            return None;
        }
        let big_endian = magic & 1 == 1;
        let sum = checksum(big_endian, (0, 0), header.get(..24)?);
        if sum != (word(header, 24)?, word(header, 28)?) {
            return None;
        }
        let salt = header.get(16..24)?.try_into().ok()?;
        Some(Self { big_endian, page: usize::try_from(page).ok()?, salt, sum })
    }

    fn walk(mut self, reader: &mut impl Read) -> io::Result<Verdict> {
        let mut frame = vec![0; FRAME_HEADER + self.page];
        let (mut commits, mut after_damage, mut valid) = (0, 0, true);
        while fill(reader, &mut frame)? {
            // Frames of an earlier round of the log have other salts and mean nothing.
            let current = frame.get(8..16) == Some(self.salt.as_slice());
            let commit = current && word(&frame, 4).is_some_and(|pages| pages != 0);
            valid = valid && current && self.continues(&frame);
            match (valid, commit) {
                (true, true) => commits += 1,
                (false, true) => after_damage += 1,
                (_, false) => {}
            }
        }
        Ok(if after_damage >= 2 { Verdict::Damaged { commits } } else { Verdict::Sound { commits } })
    }

    /// Whether the frame's checksum follows from all before it.
    fn continues(&mut self, frame: &[u8]) -> bool {
        let (head, page) = frame.split_at(FRAME_HEADER);
        let sum = checksum(self.big_endian, self.sum, &head[..8]);
        self.sum = checksum(self.big_endian, sum, page);
        word(head, 0) != Some(0) && (word(head, 16), word(head, 20)) == (Some(self.sum.0), Some(self.sum.1))
    }
}

/// SQLite's running checksum over pairs of words.
fn checksum(big_endian: bool, start: (u32, u32), data: &[u8]) -> (u32, u32) {
    let read = |bytes: &[u8; 4]| {
        if big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) }
    };
    let (words, _) = data.as_chunks::<4>();
    let (pairs, _) = words.as_chunks::<2>();
    pairs.iter().fold(start, |(first, second), [a, b]| {
        let first = first.wrapping_add(read(a)).wrapping_add(second);
        (first, second.wrapping_add(read(b)).wrapping_add(first))
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Fills the buffer; `false` when the file ends before.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn only_zeros(reader: &mut impl Read) -> io::Result<bool> {
    let mut block = [0; 4096];
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(true),
            read if block[..read].iter().any(|byte| *byte != 0) => return Ok(false),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    /// A database in WAL mode with `commits` transactions in its log; returns the log's bytes.
    fn log_of(commits: u32) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;
                 CREATE TABLE t(a); PRAGMA wal_checkpoint(TRUNCATE);",
            )
            .unwrap();
        for number in 0..commits {
            connection.execute("INSERT INTO t VALUES(?1)", [number]).unwrap();
        }
        std::fs::read(folder.path().join("a.db-wal")).unwrap()
    }

    fn verdict(log: &[u8]) -> Verdict {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy-wal");
        std::fs::write(&path, log).unwrap();
        inspect(&path).unwrap()
    }

    #[test]
    fn a_missing_or_empty_log_is_a_clean_stop() {
        assert_eq!(inspect(Path::new("/nowhere/a.db-wal")).unwrap(), Verdict::Empty);
        assert_eq!(verdict(&[]), Verdict::Empty);
        assert_eq!(verdict(&[0; 8192]), Verdict::Empty);
    }

    #[test]
    fn an_intact_log_counts_its_commits() {
        assert_eq!(verdict(&log_of(7)), Verdict::Sound { commits: 7 });
    }

    #[test]
    fn a_log_cut_anywhere_is_what_a_crash_leaves() {
        let log = log_of(4);
        for cut in (0..log.len()).step_by(97) {
            assert!(!matches!(verdict(&log[..cut]), Verdict::Damaged { .. }), "cut at {cut}");
        }
    }

    #[test]
    fn a_torn_last_commit_is_no_damage() {
        let mut log = log_of(5);
        let last = log.len() - 100;
        log[last] ^= 1;
        assert_eq!(verdict(&log), Verdict::Sound { commits: 4 });
    }

    #[test]
    fn a_flipped_byte_before_later_commits_is_damage() {
        let log = log_of(6);
        let frame = FRAME_HEADER + 4096;
        for at in [0, 9, 17, 25, HEADER, HEADER + 10, HEADER + 30, HEADER + frame + 2000] {
            let mut damaged = log.clone();
            damaged[at] ^= 0x40;
            assert!(matches!(verdict(&damaged), Verdict::Damaged { .. }), "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(log in prop::collection::vec(any::<u8>(), 0..9000)) {
            verdict(&log);
        }
    }
}
