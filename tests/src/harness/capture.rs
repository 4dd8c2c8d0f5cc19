//! A packet capture on loopback.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running capture of all TCP on loopback.
pub struct Capture {
    folder: TempDir,
    process: Child,
}

/// One TCP packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Port it came from.
    pub from: u16,
    /// Port it went to.
    pub to: u16,
    /// Whether it opens a connection (SYN without ACK).
    pub opens: bool,
    /// What it carries.
    pub payload: Vec<u8>,
}

const LINK_LAYER: usize = 14;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

impl Capture {
    /// Starts tcpdump; returns when it listens.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = as_root("tcpdump")
            .args(["-i", "lo", "-s", "0", "-U", "--immediate-mode", "-B", "65536", "-w"])
            .arg(folder.path().join("packets"))
            .arg("tcp")
            .stderr(Stdio::piped())
            .spawn()
            .expect("tcpdump (or sudo) is installed");
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = lines.map_while(Result::ok).any(|line| line.contains("listening on"));
        assert!(listening, "tcpdump may capture on loopback (it needs root)");
        Self { folder, process }
    }

    /// Ends the capture and reads what was seen.
    pub fn finish(mut self) -> Vec<Packet> {
        let status = as_root("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap();
        assert!(status.success());
        self.process.wait().unwrap();
        parse(&std::fs::read(self.file()).unwrap())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("packets")
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A program run as root: by itself when we are, else through sudo without a question.
fn as_root(program: &str) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    if id.starts_with(b"0") {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

/// Reads a pcap file of Ethernet frames with IPv4 and TCP in them.
fn parse(file: &[u8]) -> Vec<Packet> {
    const FILE_HEADER: usize = 24;
    const RECORD_HEADER: usize = 16;
    let mut packets = Vec::new();
    let mut rest = &file[FILE_HEADER..];
    while rest.len() >= RECORD_HEADER {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let frame = &rest[RECORD_HEADER..][..length];
        packets.extend(parse_frame(frame));
        rest = &rest[RECORD_HEADER + length..];
    }
    packets
}

fn parse_frame(frame: &[u8]) -> Option<Packet> {
    let ip = frame.get(LINK_LAYER..)?;
    if ip.first()? >> 4 != 4 {
        return None;
    }
    let total = usize::from(u16::from_be_bytes([*ip.get(2)?, *ip.get(3)?]));
    let tcp = ip.get(usize::from(ip[0] & 15) * 4..total.max(20).min(ip.len()))?;
    let port = |at: usize| Some(u16::from_be_bytes([*tcp.get(at)?, *tcp.get(at + 1)?]));
    let (offset, flags) = (usize::from(tcp.get(12)? >> 4) * 4, *tcp.get(13)?);
    Some(Packet {
        from: port(0)?,
        to: port(2)?,
        opens: flags & (SYN | ACK) == SYN,
        payload: tcp.get(offset..)?.to_vec(),
    })
}
