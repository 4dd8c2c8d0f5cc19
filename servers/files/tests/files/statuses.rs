//! The table of requests and answers, and what is around it.

use serde_json::json;
use tacit_files::FileServer;

use crate::harness::{Server, client, config};

fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64()
}

#[tokio::test]
async fn the_table_of_statuses() {
    let server = Server::start().await;
    let x = server.upload("x").await;
    assert_eq!(x, "8iGz2PYcIy0-VV8sYxH83L1ks8WzYbG3r4hJ_eGI9qym");
    let unknown = "a".repeat(44);
    for (method, path, body, status) in [
        ("POST", "/file", "", 413),
        ("GET", "/file/1", "", 404),
        ("GET", &*format!("/file/{unknown}"), "", 404),
        ("GET", &*format!("/file/{unknown}/info"), "", 404),
        ("POST", &*format!("/file/{unknown}/extend"), "", 404),
        ("GET", "/file/..%2f..%2ffiles.seed", "", 404),
        ("GET", "/file/01", "", 404),
        ("GET", "/file/", "", 404),
        ("GET", "/file", "", 404),
        ("GET", &*format!("/file/{x}/else"), "", 404),
        ("DELETE", &*format!("/file/{x}"), "", 404),
        ("POST", "/files", "{", 400),
        ("POST", "/files", r#"{"file":5}"#, 400),
        ("POST", "/files", r#"{"file":"!"}"#, 400),
        ("POST", "/files", r#"{"file":""}"#, 413),
        ("GET", "/files/1", "", 404),
        ("GET", "/session_version?platform=amiga", "", 404),
        ("GET", "/session_version?platform=android", "", 502),
        ("GET", "/token_info?days=3", "", 502),
        ("GET", "/", "", 404),
    ] {
        let (got, answer) = server.json(method, path, body).await;
        assert_eq!((got, &answer), (status, &json!({ "status_code": status })), "{method} {path}");
    }
}

#[tokio::test]
async fn a_file_is_served_described_and_extended() {
    let server = Server::start().await;
    let (status, answer) = server.json("POST", "/file", "hello").await;
    assert_eq!(status, 200);
    let (id, uploaded, expires) = (&answer["id"], answer["uploaded"].as_f64().unwrap(), &answer["expires"]);
    assert!((uploaded - now()).abs() < 10.0);
    assert!((expires.as_f64().unwrap() - uploaded - 21.0 * 86_400.0).abs() < 1.0);
    let path = format!("/file/{}", id.as_str().unwrap());

    let got = server.ask("GET", &path, &[], vec![]).await;
    assert_eq!(got.status(), 200);
    assert_eq!(got.headers()["content-type"], "application/octet-stream");
    assert_eq!(got.headers()["content-length"], "5");
    assert!(got.headers()["expires"].to_str().unwrap().ends_with(" GMT"));
    assert!(got.headers()["cache-control"].to_str().unwrap().ends_with(", immutable"));
    assert_eq!(got.bytes().await.unwrap(), "hello");
    let head = server.ask("HEAD", &path, &[], vec![]).await;
    assert_eq!((head.status().as_u16(), &head.headers()["content-length"]), (200, &"5".parse().unwrap()));

    let (_, info) = server.json("GET", &format!("{path}/info"), "").await;
    assert_eq!(info, json!({ "size": 5, "uploaded": uploaded, "expires": expires }));
    let (_, extended) = server.json("POST", &format!("{path}/extend"), "").await;
    assert!(extended["expires"].as_f64() >= expires.as_f64());
    // Less time than it has does not shorten it.
    let short = server.ask("POST", &format!("{path}/extend"), &[("X-FS-TTL", "40")], vec![]).await;
    assert_eq!(short.json::<serde_json::Value>().await.unwrap(), extended);
    let short = server.ask("POST", "/file", &[("X-FS-TTL", "40")], b"other".to_vec()).await;
    let short: serde_json::Value = short.json().await.unwrap();
    assert!((short["expires"].as_f64().unwrap() - now() - 40.0).abs() < 10.0);
}

#[tokio::test]
async fn parts_are_served() {
    let server = Server::start().await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| (n / 97) as u8).collect();
    let path = format!("/file/{}", server.upload(body.clone()).await);
    assert_eq!(server.ask("GET", &path, &[], vec![]).await.bytes().await.unwrap(), body);
    let part = server.ask("GET", &path, &[("Range", "bytes=1048576-2097151")], vec![]).await;
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 1048576-2097151/3000000");
    assert_eq!(part.bytes().await.unwrap(), body[1_048_576..2_097_152]);
    let part = server.ask("GET", &path, &[("Range", "bytes=3000000-")], vec![]).await;
    assert_eq!((part.status().as_u16(), &part.headers()["content-range"]), (416, &"bytes */3000000".parse().unwrap()));
}

#[tokio::test]
async fn older_clients_upload_json_under_a_number() {
    let server = Server::start().await;
    let (status, answer) = server.json("POST", "/files", r#"{"file":"aGVsbG8="}"#).await;
    assert_eq!((status, &answer["status_code"]), (200, &json!(200)));
    let number = answer["result"].as_u64().expect("a number");
    let (_, file) = server.json("GET", &format!("/files/{number}"), "").await;
    assert_eq!(file, json!({ "status_code": 200, "result": "aGVsbG8=" }));
    let raw = server.ask("GET", &format!("/file/{number}"), &[], vec![]).await;
    assert_eq!(raw.bytes().await.unwrap(), "hello");
}

#[tokio::test]
async fn numbers_for_all_if_configured() {
    let server = Server::with(&[("ids", "numeric"), ("server_bits", "2"), ("server_number", "3")]).await;
    let number: u64 = server.upload("x").await.parse().unwrap();
    assert_eq!(number >> 51, 3);
    assert_ne!(server.upload("x").await.parse::<u64>().unwrap(), number);
}

#[tokio::test]
async fn what_is_full_says_so_and_loses_nothing() {
    let server = Server::with(&[("max_bytes", "1000"), ("max_file_bytes", "600")]).await;
    let first = server.upload(vec![1; 500]).await;
    // Above nine tenths files live three days.
    let (_, answer) = server.json("POST", "/file", vec![2; 450]).await;
    assert!((answer["expires"].as_f64().unwrap() - now() - 3.0 * 86_400.0).abs() < 10.0);
    assert_eq!(server.json("POST", "/file", vec![3; 30]).await.0, 507);
    assert_eq!(server.ask("GET", &format!("/file/{first}"), &[], vec![]).await.status(), 200);
}

#[tokio::test]
async fn too_many_bytes_a_second_are_put_off() {
    let server = Server::with(&[("limits.upload_rate", "1"), ("limits.upload_burst", "100")]).await;
    server.upload(vec![1; 200]).await;
    let refused = server.ask("POST", "/file", &[], vec![2; 10]).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
}

#[tokio::test]
async fn releases_are_told_as_the_operator_wrote_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("versions.json");
    let text = json!({ "android": {
        "stable": { "result": "1.2.3", "updated": 1_760_000_000, "name": "Tacit 1.2.3" },
        "alpha": { "result": "1.3.0", "updated": 1_760_000_001 },
    }});
    std::fs::write(&path, text.to_string()).unwrap();
    let server = Server::with(&[("versions", path.to_str().unwrap())]).await;
    let (status, answer) = server.json("GET", "/session_version?platform=android", "").await;
    let stable = json!({
        "status_code": 200, "result": "1.2.3", "updated": 1_760_000_000, "name": "Tacit 1.2.3",
    });
    assert_eq!((status, &answer), (200, &stable));
    let (_, answer) = server.json("GET", "/session_version?platform=android&release_channel=alpha", "").await;
    assert_eq!(answer["prerelease"]["result"], "1.3.0");
    assert_eq!(server.json("GET", "/session_version?platform=ios", "").await.0, 502);
}

#[tokio::test]
async fn whoever_signs_a_version_check_is_checked() {
    let server = Server::start().await;
    let target = "/session_version?platform=android";
    let key = "07664dbb056c32ab0027838bf08bbba927229eb9b2848c56a06346e3a0c186faac";
    let old = "LOIM47jf+/xo0H/StSWiMI7w3qRKglo8TsPh4JLifAZhqf8QuCY+7VDzy7amPDNfZ0tduyFx72dSXl0j4bHiBA==";
    let seed = tacit_crypto::blake2b::keyed256(
        b"VersionCheckKey_sig",
        &[&hex::decode("fc8b69144e28f1b98cb5ad7f5f7533bd1c9ca6368d531a6df663561ac721b894").unwrap()],
    );
    let keys = tacit_crypto::NodeKeys::from_seed(&seed.unwrap());
    assert_eq!(key, format!("07{}", hex::encode(keys.ed25519_public())));
    let sign = |text: &str| tacit_wire::base64::encode(keys.sign(text.as_bytes()));
    assert_eq!(sign(&format!("1760000000GET{target}")), old);

    let time = format!("{}", now() as u64);
    let good = sign(&format!("{time}GET{target}"));
    let other = key.replacen("07", "05", 1);
    for (headers, status) in [
        // 502: nothing is known of releases, but the check was passed.
        (vec![("x-fs-pubkey", key), ("x-fs-timestamp", &time), ("x-fs-signature", &good)], 502),
        (vec![("x-fs-pubkey", key), ("x-fs-timestamp", &time)], 400),
        (vec![("x-fs-pubkey", &other), ("x-fs-timestamp", &time), ("x-fs-signature", &good)], 400),
        (vec![("x-fs-pubkey", key), ("x-fs-timestamp", "1760000000"), ("x-fs-signature", old)], 425),
        (vec![("x-fs-pubkey", key), ("x-fs-timestamp", &time), ("x-fs-signature", old)], 401),
    ] {
        assert_eq!(server.ask("GET", target, &headers, vec![]).await.status(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn operators_see_counts_and_nobody_else_does() {
    let server = Server::with(&[("metrics_listen", "127.0.0.1:0")]).await;
    let id = server.upload("hello").await;
    let metrics = server.server.metrics_address().unwrap();
    let get = async |path: &str| {
        let answer = client().get(format!("http://{metrics}{path}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get("/health").await, (200, "ok\n".to_owned()));
    let (_, text) = get("/metrics").await;
    for line in [
        "tacit_files_answers_total{operation=\"upload\",status=\"2xx\"} 1",
        "tacit_files_files 1",
        "tacit_files_stored_bytes 5",
        "tacit_files_received_bytes_total 5",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains(&id));
    assert_eq!(server.ask("GET", "/metrics", &[], vec![]).await.status(), 404);
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_says_why_not_and_files_stay_over_a_restart() {
    let server = Server::start().await;
    let id = server.upload("kept").await;
    let (key, config) = (server.server.ed25519(), config(&server.dir, &[]));
    let error = FileServer::start(config.clone()).await.err().unwrap().to_string();
    assert!(error.contains("another file server uses this folder"), "{error}");
    let Server { server, http, dir } = server;
    server.stop().await;
    let again = Server { server: FileServer::start(config).await.unwrap(), http, dir };
    assert_eq!(again.server.ed25519(), key);
    assert_eq!(again.ask("GET", &format!("/file/{id}"), &[], vec![]).await.bytes().await.unwrap(), "kept");
}
