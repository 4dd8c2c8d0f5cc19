//! Thousands that send slowly, by halves, or garbage: the others are served as always.
//!
//! `TACIT_SLOW_CONNECTIONS=5000 TACIT_SLOW_SECONDS=60` measures the long one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tacit_node::localnet::Localnet;
use tacit_wire::rpc::{Request, Retrieve};
use tacit_wire::{Namespace, ServiceNode};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::harness::{Person, client, now, post};
use crate::hostile::{connect_to, connector};
use crate::localnet::options;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// What one of them sends: at first, and then again and again.
const KINDS: [(&str, &str); 7] = [
    ("", ""),
    ("POST /storage_rpc/v1 HT", "T"),
    ("POST /storage_rpc/v1 HTTP/1.1\r\nhost: x\r\n", "x: y\r\n"),
    ("POST /storage_rpc/v1 HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n{", " "),
    ("POST /onion_req/v2 HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n\r\n", "x"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "\0"),
    ("\x16\x03 garbage \0\0\0\0", "more garbage"),
];

#[derive(Default)]
struct Crowd {
    over: AtomicBool,
    open: AtomicUsize,
    opened: AtomicUsize,
}

/// Opens a connection whenever it is cut.
async fn pester(crowd: Arc<Crowd>, connector: TlsConnector, node: ServiceNode, turn: usize) {
    while !crowd.over.load(Ordering::Relaxed) {
        // One in eight does not even speak TLS.
        if turn.is_multiple_of(8) {
            if let Ok(stream) = TcpStream::connect((node.ip, node.https_port)).await {
                drip(&crowd, stream, ("\x16\x03", "\x01")).await;
            }
        } else if let Ok(stream) = connect_to(&connector, &node).await {
            drip(&crowd, stream, KINDS[turn % KINDS.len()]).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn drip(crowd: &Crowd, mut stream: impl AsyncRead + AsyncWrite + Unpin, (first, then): (&str, &str)) {
    crowd.open.fetch_add(1, Ordering::Relaxed);
    crowd.opened.fetch_add(1, Ordering::Relaxed);
    let mut sent = stream.write_all(first.as_bytes()).await;
    let mut buffer = [0; 512];
    while sent.is_ok() && !crowd.over.load(Ordering::Relaxed) {
        match tokio::time::timeout(Duration::from_secs(1), stream.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(_)) => (),
            Err(_) => sent = stream.write_all(then.as_bytes()).await,
        }
    }
    crowd.open.fetch_sub(1, Ordering::Relaxed);
}

/// Stores and fetches for a while, forty times a second; how long each took, ascending.
async fn others(node: &ServiceNode, time: Duration, number: u8) -> Vec<Duration> {
    let (http, bob) = (client(), Person::new(number));
    let mut pace = tokio::time::interval(Duration::from_millis(25));
    let (start, mut took) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        let turn = took.len();
        let request = if turn.is_multiple_of(2) {
            Request::Store(bob.message(&turn.to_string()))
        } else {
            let all = Retrieve::signed(&bob.keys, Namespace::MESSAGES, None, None, now());
            Request::Retrieve(Retrieve { max_count: Some(10), ..all })
        };
        pace.tick().await;
        let asked = Instant::now();
        let (status, answer) = post(&http, node, "/storage_rpc/v1", request.to_body().into()).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        took.push(asked.elapsed());
    }
    took.sort_unstable();
    took
}

fn peak_mib(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_sends_slowly_keeps_nobody_from_being_served() {
    let (connections, seconds) = (number("TACIT_SLOW_CONNECTIONS", 300), number("TACIT_SLOW_SECONDS", 3));
    let dir = tempfile::tempdir().unwrap();
    let net = Localnet::start(options(&dir, 1, &[])).await.unwrap();
    let (node, pid) = (net.profile().nodes[0].to_node(), net.profile().nodes[0].pid);
    let time = Duration::from_secs(u64::try_from(seconds).unwrap());
    let usual = others(&node, time.min(Duration::from_secs(10)), 1).await;

    let (crowd, connector) = (Arc::new(Crowd::default()), connector());
    // On threads of their own, so that the others do not wait for them here.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let pesterers: Vec<_> = (0..connections)
        .map(|turn| runtime.spawn(pester(Arc::clone(&crowd), connector.clone(), node.clone(), turn)))
        .collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    while crowd.opened.load(Ordering::Relaxed) < connections {
        assert!(Instant::now() < deadline, "not all were taken");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let meanwhile = others(&node, time, 2).await;
    let (open, opened) = (crowd.open.load(Ordering::Relaxed), crowd.opened.load(Ordering::Relaxed));
    crowd.over.store(true, Ordering::Relaxed);
    for pesterer in pesterers {
        pesterer.await.unwrap();
    }
    runtime.shutdown_background();

    let at = |sorted: &[Duration], percent: usize| sorted[(sorted.len() - 1) * percent / 100];
    let peak = peak_mib(pid);
    for percent in [50, 95, 99] {
        println!("p{percent}: usually {:?}, meanwhile {:?}", at(&usual, percent), at(&meanwhile, percent));
    }
    println!("{connections} connections, {open} open at the end, {opened} opened in all; peak memory {peak} MiB");
    assert!(peak < 500, "{peak} MiB");
    // The short one runs beside other tests, which are slow at times.
    let slack = Duration::from_millis(if seconds < 30 { 500 } else { 0 });
    assert!(at(&meanwhile, 50) <= at(&usual, 50) * 2 + slack, "twice as slow");
    net.stop().await;
}
