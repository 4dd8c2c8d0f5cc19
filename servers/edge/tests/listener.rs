//! The listener over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response};
use tacit_edge::{
    Answer, BodyLimits, Listener, ListenerLimits, Rate, client_facing_tls, ensure_certificate, read_body,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

fn answer(body: impl Into<Bytes>) -> Answer {
    Response::new(Full::new(body.into()))
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// Answers `/wait` when told to, everything else by the length of its body.
async fn start(limits: ListenerLimits, go: Arc<Notify>, waiting: Arc<Notify>) -> Listener {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = ensure_certificate(dir.path()).unwrap();
    let tls = client_facing_tls(certificate, key).unwrap();
    let handler = move |request: Request<hyper::body::Incoming>, _| {
        let (go, waiting) = (Arc::clone(&go), Arc::clone(&waiting));
        async move {
            if request.uri().path() == "/wait" {
                waiting.notify_one();
                go.notified().await;
                return answer("waited");
            }
            let limits = BodyLimits { bytes: 1000, patience: Duration::from_secs(5), slowest: 1000 };
            match read_body(request.into_body(), limits, None).await {
                Ok(body) => answer(body.len().to_string()),
                Err(error) => answer(error.to_string()),
            }
        }
    };
    Listener::start(([127, 0, 0, 1], 0).into(), tls, limits, handler).await.unwrap()
}

async fn simple(limits: ListenerLimits) -> Listener {
    start(limits, Arc::default(), Arc::default()).await
}

#[tokio::test]
async fn both_versions_of_http_are_answered() {
    let listener = simple(ListenerLimits::default()).await;
    let url = format!("https://{}/", listener.address());
    let answer = client().post(&url).body("12345").send().await.unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(answer.text().await.unwrap(), "5");
    let old = reqwest::Client::builder().http1_only().tls_danger_accept_invalid_certs(true).no_proxy().build().unwrap();
    assert_eq!(old.post(&url).body("1").send().await.unwrap().text().await.unwrap(), "1");
    let too_long = client().post(&url).body("x".repeat(1001)).send().await.unwrap();
    assert_eq!(too_long.text().await.unwrap(), "body too large");
}

#[tokio::test]
async fn requests_in_flight_end_before_the_listener_does() {
    let (go, waiting) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let listener = start(ListenerLimits::default(), Arc::clone(&go), Arc::clone(&waiting)).await;
    let url = format!("https://{}/wait", listener.address());
    let asked = tokio::spawn({
        let url = url.clone();
        async move { client().post(url).send().await.unwrap().text().await.unwrap() }
    });
    waiting.notified().await;
    let stopping = tokio::spawn(listener.stop(Duration::from_secs(10)));
    go.notify_one();
    assert_eq!(asked.await.unwrap(), "waited");
    stopping.await.unwrap();
    assert!(client().post(url).send().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_after_the_grace() {
    let waiting = Arc::new(Notify::new());
    let listener = start(ListenerLimits::default(), Arc::default(), Arc::clone(&waiting)).await;
    let url = format!("https://{}/wait", listener.address());
    let asked = tokio::spawn(async move { client().post(url).send().await.is_err() });
    waiting.notified().await;
    let start = Instant::now();
    listener.stop(Duration::from_millis(200)).await;
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(asked.await.unwrap());
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_as_they_come() {
    let listener = simple(ListenerLimits { connections: 2, ..ListenerLimits::default() }).await;
    let first = TcpStream::connect(listener.address()).await.unwrap();
    let _second = TcpStream::connect(listener.address()).await.unwrap();
    let mut third = TcpStream::connect(listener.address()).await.unwrap();
    assert!(matches!(third.read(&mut [0]).await, Ok(0) | Err(_)));
    drop(first);
    let url = format!("https://{}/", listener.address());
    let http = client();
    let deadline = Instant::now() + Duration::from_secs(10);
    while http.post(&url).body("1").send().await.is_err() {
        assert!(Instant::now() < deadline, "the place does not become free");
    }
}

#[tokio::test]
async fn an_address_gets_so_many_handshakes() {
    let handshakes = Rate { per_second: 0.001, burst: 3 };
    let listener = simple(ListenerLimits { handshakes, ..ListenerLimits::default() }).await;
    let url = format!("https://{}/", listener.address());
    for _ in 0..3 {
        client().post(&url).send().await.unwrap();
    }
    assert!(client().post(&url).send().await.is_err());
}

#[tokio::test]
async fn idle_connections_and_unfinished_handshakes_are_closed() {
    let short = Duration::from_millis(200);
    let limits = ListenerLimits { handshake_timeout: short, idle_timeout: short, ..ListenerLimits::default() };
    let listener = simple(limits).await;
    let mut silent = TcpStream::connect(listener.address()).await.unwrap();
    silent.write_all(&[0x16]).await.unwrap();
    assert!(matches!(silent.read(&mut [0]).await, Ok(0) | Err(_)));
    // A client whose connection was closed while idle makes another.
    let http = client();
    let url = format!("https://{}/", listener.address());
    http.post(&url).send().await.unwrap();
    tokio::time::sleep(short * 5).await;
    http.post(&url).send().await.unwrap();
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let listener = simple(ListenerLimits::default()).await;
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = ensure_certificate(dir.path()).unwrap();
    let tls = client_facing_tls(certificate, key).unwrap();
    let handler = |_: Request<hyper::body::Incoming>, _| async { answer("") };
    let second = Listener::start(listener.address(), tls, ListenerLimits::default(), handler).await;
    let error = second.err().unwrap().to_string();
    assert!(error.starts_with(&format!("cannot listen on {}", listener.address())), "{error}");
}
