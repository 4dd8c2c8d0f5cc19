//! Inside onion requests of both versions.

use serde_json::{Value, json};

use crate::harness::{Server, v4};

#[tokio::test]
async fn a_file_goes_up_and_comes_down_in_parts() {
    let server = Server::start().await;
    let body: Vec<u8> = (0..2_000_000_u32).map(|n| (n / 31) as u8).collect();
    let answer = server.v4(&v4("POST", "/file", &[("x-fs-ttl", "3600")], Some(&body))).await;
    assert_eq!(answer.code, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let id = serde_json::from_slice::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned();

    let whole = server.v4(&v4("GET", &format!("/file/{id}"), &[], None)).await;
    assert_eq!((whole.code, whole.body.len()), (200, body.len()));
    assert!(whole.body == body && whole.headers.contains_key("expires"));
    let part = server.v4(&v4("GET", &format!("/file/{id}"), &[("range", "bytes=1048576-2097151")], None)).await;
    assert_eq!((part.code, &*part.headers["content-range"]), (206, "bytes 1048576-1999999/2000000"));
    assert!(part.body == body[1_048_576..]);
    let head = server.v4(&v4("HEAD", &format!("/file/{id}"), &[], None)).await;
    assert_eq!((head.code, &*head.headers["content-length"], head.body.len()), (200, "2000000", 0));
    let info = server.v4(&v4("GET", &format!("/file/{id}/info"), &[], None)).await;
    assert_eq!(serde_json::from_slice::<Value>(&info.body).unwrap()["size"], 2_000_000);
    let missing = server.v4(&v4("GET", "/file/5", &[], None)).await;
    assert_eq!((missing.code, missing.body), (404, br#"{"status_code":404}"#.to_vec()));
}

#[tokio::test]
async fn the_largest_file_fits_into_an_onion_and_one_byte_more_does_not() {
    let server = Server::start().await;
    let largest = vec![5; 10_000_000];
    let answer = server.v4(&v4("POST", "/file", &[], Some(&largest))).await;
    assert_eq!(answer.code, 200);
    let id = serde_json::from_slice::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned();
    let whole = server.v4(&v4("GET", &format!("/file/{id}"), &[], None)).await;
    assert!(whole.body == largest);
    assert_eq!(server.v4(&v4("POST", "/file", &[], Some(&vec![5; 10_000_001]))).await.code, 413);
    assert_eq!(server.v4(&v4("POST", "/file", &[], Some(&[]))).await.code, 413);
    assert_eq!(server.v4(&v4("POST", "/file", &[], None)).await.code, 413);
}

#[tokio::test]
async fn the_old_form_carries_json_and_answers_base64() {
    let server = Server::start().await;
    for path in ["/oxen/v3/lsrpc", "/loki/v3/lsrpc"] {
        let upload = json!({
            "endpoint": "files", "method": "POST", "body": r#"{"file":"aGVsbG8="}"#,
            "headers": { "Content-Type": "application/json", "X-FS-TTL": 3600 },
        });
        let answer: Value = serde_json::from_slice(&server.onion(path, upload.to_string().as_bytes()).await).unwrap();
        let number = answer["result"].as_u64().unwrap();
        let fetch = json!({ "endpoint": format!("/files/{number}"), "method": "GET" });
        let answer: Value = serde_json::from_slice(&server.onion(path, fetch.to_string().as_bytes()).await).unwrap();
        assert_eq!(answer["result"], "aGVsbG8=");
        let fetch = json!({ "endpoint": "files/77", "method": "GET" });
        assert_eq!(server.onion(path, fetch.to_string().as_bytes()).await, br#"{"status_code":404}"#);
    }
}

#[tokio::test]
async fn what_is_not_understood_is_told_inside_and_what_does_not_open_in_clear() {
    let server = Server::start().await;
    for payload in [&b"nonsense"[..], b"le", b"l2:{}e", b"d1:a1:be", b"li1ee", b"l4:nulle", b"l99999999999:"] {
        let answer = server.onion("/oxen/v4/lsrpc", payload).await;
        let answer = tacit_wire::v4::Response::parse(&answer).unwrap();
        assert_eq!((answer.code, &*answer.body), (400, &b"Invalid v4 onion request"[..]));
        assert_eq!(server.onion("/oxen/v3/lsrpc", payload).await, br#"{"status_code":400}"#);
    }
    let (mut body, _) = server.seal(b"le");
    body[10] ^= 1;
    for broken in [body, vec![], b"\xff\xff\xff\xff{}".to_vec(), vec![0; 100]] {
        let answer = server.ask("POST", "/oxen/v4/lsrpc", &[], broken).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.text().await.unwrap(), r#"{"status_code":400}"#);
    }
}

#[tokio::test]
async fn onion_bodies_in_memory_are_bounded() {
    let server = Server::with(&[("limits.onion_bytes", "1500000")]).await;
    let id = server.upload(vec![7; 1_400_000]).await;
    // Request and answer fit, one after the other; a larger upload does not.
    assert_eq!(server.v4(&v4("GET", &format!("/file/{id}"), &[], None)).await.code, 200);
    let (body, _) = server.seal(&v4("POST", "/file", &[], Some(&[1; 1_600_000])).to_bytes());
    assert_eq!(server.ask("POST", "/oxen/v4/lsrpc", &[], body).await.status(), 503);
    assert_eq!(server.v4(&v4("GET", &format!("/file/{id}"), &[], None)).await.code, 200);
}
