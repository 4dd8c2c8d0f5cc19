//! Those who lie, dawdle or ask for what is not theirs.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::Server;

/// Writes raw bytes and reads until the server closes; the first line of the answer.
async fn raw(server: &Server, pieces: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(server.server.address()).await.unwrap();
    for piece in pieces {
        stream.write_all(piece).await.unwrap();
    }
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_buf(&mut answer)).await.expect("an answer");
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

fn parts(server: &Server) -> usize {
    std::fs::read_dir(server.dir.path().join("incoming")).unwrap().count()
}

#[tokio::test]
async fn what_is_too_large_by_its_own_word_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let head = b"POST /file HTTP/1.1\r\nhost: h\r\ncontent-length: 4000000000\r\n\r\n";
    assert_eq!(raw(&server, &[head]).await, "HTTP/1.1 413 Payload Too Large");
    let head = b"POST /oxen/v4/lsrpc HTTP/1.1\r\nhost: h\r\ncontent-length: 4000000000\r\n\r\n";
    assert_eq!(raw(&server, &[head]).await, "HTTP/1.1 413 Payload Too Large");
    let head = b"POST /files HTTP/1.1\r\nhost: h\r\ncontent-length: 4000000000\r\n\r\n";
    assert_eq!(raw(&server, &[head]).await, "HTTP/1.1 413 Payload Too Large");
    assert_eq!(parts(&server), 0);
}

#[tokio::test]
async fn what_turns_out_too_large_is_refused_on_the_way() {
    let server = Server::with(&[("max_file_bytes", "1000")]).await;
    let chunk = [b"400\r\n".to_vec(), vec![b'x'; 1024], b"\r\n".to_vec()].concat();
    let head = b"POST /file HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(raw(&server, &[head, &chunk]).await, "HTTP/1.1 413 Payload Too Large");
    assert_eq!(parts(&server), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.server.address()).await.unwrap();
    let head = b"POST /file HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nonly this";
    stream.write_all(head).await.unwrap();
    while parts(&server) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    while parts(&server) != 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_body_that_dawdles_is_given_up() {
    let server = Server::with(&[("limits.body_seconds", "1")]).await;
    let head = b"POST /file HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nonly this";
    assert_eq!(raw(&server, &[head]).await, "HTTP/1.1 408 Request Timeout");
    assert_eq!(parts(&server), 0);
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let server = Server::start().await;
    for path in ["/file/../files.seed", "/file/..%2Ffiles.seed", "/file/%2e%2e/files.seed", "//files.seed", "/file//"] {
        let head = format!("GET {path} HTTP/1.1\r\nhost: h\r\n\r\n");
        assert_eq!(raw(&server, &[head.as_bytes()]).await, "HTTP/1.1 404 Not Found", "{path}");
    }
}

#[tokio::test]
async fn requests_beyond_the_limit_are_told_to_come_again() {
    let server = Server::with(&[("limits.transfers", "1")]).await;
    let mut first = TcpStream::connect(server.server.address()).await.unwrap();
    first.write_all(b"POST /file HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\n").await.unwrap();
    while parts(&server) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(server.ask("GET", "/file/1", &[], vec![]).await.status(), 503);
    drop(first);
    while server.ask("GET", "/file/1", &[], vec![]).await.status() != 404 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
