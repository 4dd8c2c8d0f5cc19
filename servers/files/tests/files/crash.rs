//! The program, killed while it works, and the commands of its operator.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::harness::client;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tacit-files");
/// IDs and bytes that the server said it keeps.
type Kept = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

const ROUNDS: usize = 6;
const WRITERS: usize = 8;

async fn start(dir: &Path) -> (Child, String) {
    let mut child = Command::new(PROGRAM)
        .args(["run", "--until-stdin-closes", "--listen=127.0.0.1:0", "--limits.connection_burst=100000", "--data_dir"])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let url = format!("http://127.0.0.1:{}", ready["ready"]["http"]);
    (child, url)
}

/// A command on the folder: whether it ended well, and what it said.
async fn command(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let (name, rest) = arguments.split_first().unwrap();
    let output = Command::new(PROGRAM).arg(name).arg("--data_dir").arg(dir).args(rest).output().await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

/// Uploads different files until the server is gone.
async fn write(url: String, writer: usize, acknowledged: Kept) {
    let http = client();
    for number in 0_u64.. {
        let mut body = vec![writer as u8; 200_000];
        body[..8].copy_from_slice(&(number << 32 | acknowledged.lock().unwrap().len() as u64).to_le_bytes());
        let Ok(answer) = http.post(format!("{url}/file")).body(body.clone()).send().await else { return };
        let Ok(answer) = answer.json::<Value>().await else { return };
        acknowledged.lock().unwrap().push((answer["id"].as_str().unwrap().to_owned(), body));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_uploads_it_keeps_what_it_acknowledged_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let acknowledged: Kept = Arc::default();
    for round in 1..=ROUNDS {
        let (mut child, url) = start(dir.path()).await;
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| tokio::spawn(write(url.clone(), writer, Arc::clone(&acknowledged)))).collect();
        while acknowledged.lock().unwrap().len() < round * 25 {
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        child.kill().await.unwrap();
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let (mut child, url) = start(dir.path()).await;
    let http = client();
    let kept = acknowledged.lock().unwrap().clone();
    for (id, body) in &kept {
        let got = http.get(format!("{url}/file/{id}")).send().await.unwrap();
        assert_eq!(got.status(), 200);
        assert!(got.bytes().await.unwrap() == *body);
    }
    drop(child.stdin.take());
    assert!(child.wait().await.unwrap().success());
    // Whatever was being written then is gone once a server has swept; every row has its bytes.
    assert!(command(dir.path(), &["expire"]).await.0);
    let (sound, text) = command(dir.path(), &["verify", "--content"]).await;
    assert!(sound, "{text}");
    assert_eq!(std::fs::read_dir(dir.path().join("incoming")).unwrap().count(), 0);
    let (_, stats) = command(dir.path(), &["stats"]).await;
    let stats: Value = serde_json::from_str(&stats).unwrap();
    assert_eq!(stats["claims"], 0);
    assert!(stats["files"].as_u64().unwrap() as usize >= kept.len());
}

#[tokio::test]
async fn an_operator_takes_one_file_away_while_the_server_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, url) = start(dir.path()).await;
    let http = client();
    let answer: Value = http.post(format!("{url}/file")).body("bad").send().await.unwrap().json().await.unwrap();
    let id = answer["id"].as_str().unwrap();
    // 44 characters may begin with a dash.
    assert_eq!(command(dir.path(), &["purge", "--", id]).await, (true, "it is gone\n".to_owned()));
    assert_eq!(http.get(format!("{url}/file/{id}")).send().await.unwrap().status(), 404);
    let (gone, text) = command(dir.path(), &["purge", "--", id]).await;
    assert!(!gone && text.contains("there is no such file"), "{text}");
    let (allowed, text) = command(dir.path(), &["verify"]).await;
    assert!(!allowed && text.contains("another file server uses this folder"), "{text}");
    drop(child.stdin.take());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn damage_is_found_and_repaired() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, url) = start(dir.path()).await;
    let http = client();
    let mut ids = Vec::new();
    for body in ["one", "two", "three"] {
        let answer: Value = http.post(format!("{url}/file")).body(body).send().await.unwrap().json().await.unwrap();
        ids.push(answer["id"].as_str().unwrap().to_owned());
    }
    drop(child.stdin.take());
    assert!(child.wait().await.unwrap().success());
    assert_eq!(command(dir.path(), &["verify"]).await, (true, "index and bytes agree\n".to_owned()));

    let place = |id: &str| dir.path().join("blobs").join(tacit_files::FileId::parse(id).unwrap().place());
    std::fs::remove_file(place(&ids[0])).unwrap();
    std::fs::write(place(&ids[1]), "owt").unwrap();
    std::fs::create_dir_all(place("7").parent().unwrap()).unwrap();
    std::fs::write(place("7"), "nobody's").unwrap();
    let (sound, text) = command(dir.path(), &["verify"]).await;
    assert!(!sound && text.contains("1 files are damaged or lost, 1 files of bytes"), "{text}");
    let (sound, text) = command(dir.path(), &["verify", "--content"]).await;
    assert!(!sound && text.contains("2 files are damaged or lost, 1 files of bytes"), "{text}");
    let (_, text) = command(dir.path(), &["verify", "--content", "--repair"]).await;
    assert_eq!(text, "removed 2 rows and 1 files of bytes\n");
    assert!(command(dir.path(), &["verify", "--content"]).await.0);
    assert!(place(&ids[2]).exists());
}
