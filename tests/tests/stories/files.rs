//! Files go up and come down over three hops, and people see how far they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tacit_network::{Config, ConnectionState, Error, Network, NodeCache, PIECE_BYTES};
use tacit_tests::harness::LocalNetwork;
use tacit_wire::file_url::FileUrl;
use tacit_wire::profile::NetworkProfile;

#[derive(Default)]
struct Memory(Mutex<Option<Vec<u8>>>);

impl NodeCache for Memory {
    fn load(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }

    fn save(&self, snapshot: &[u8]) {
        *self.0.lock().unwrap() = Some(snapshot.to_vec());
    }
}

fn profile(local: &LocalNetwork) -> NetworkProfile {
    NetworkProfile::parse(&std::fs::read(local.profile()).unwrap()).unwrap()
}

async fn join(profile: NetworkProfile) -> Network {
    let network = Network::start(profile, Arc::new(Memory::default()), Config::default()).unwrap();
    let mut status = network.status();
    let up = status.wait_for(|s| s.state == ConnectionState::Connected && s.paths.len() == 2);
    tokio::time::timeout(Duration::from_secs(30), up).await.expect("it connects").unwrap();
    network
}

async fn fetch(network: &Network, url: &FileUrl, offset: u64) -> Result<Vec<Vec<u8>>, Error> {
    let mut download = network.download(url, offset)?;
    let mut pieces = Vec::new();
    while let Some(piece) = download.next().await? {
        pieces.push(piece);
    }
    Ok(pieces)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_file_goes_up_and_comes_down_in_pieces_from_any_point() {
    let local = LocalNetwork::start(12, 2);
    let network = join(profile(&local)).await;
    let file: Vec<u8> = (0..10_000_000_u32).map(|n| (n / 251) as u8).collect();
    let far = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&far);
    let progress = Arc::new(move |sent, total| {
        assert!(sent > seen.swap(sent, Ordering::SeqCst) && total > 10_000_000);
    });
    let uploaded = network.upload(file.clone(), true, Some(progress)).await.unwrap();
    assert!(far.load(Ordering::SeqCst) > 10_000_000);
    let text = uploaded.url.to_string();
    assert!(text.ends_with(&format!("#d&p={}", local.file_server().ed25519)), "{text}");
    assert_eq!(FileUrl::parse(&text).unwrap(), uploaded.url);
    let info = network.file_info(&uploaded.url).await.unwrap();
    assert_eq!((info.size, info.expires_ms), (10_000_000, uploaded.expires_ms));
    assert!(network.extend_file(&uploaded.url).await.unwrap().expires_ms >= info.expires_ms);

    let pieces = fetch(&network, &uploaded.url, 0).await.unwrap();
    assert!(pieces.iter().all(|piece| piece.len() as u64 <= PIECE_BYTES));
    assert!(pieces.concat() == file);
    let rest = fetch(&network, &uploaded.url, 9_000_001).await.unwrap();
    assert!(rest.concat() == file[9_000_001..]);
    assert!(fetch(&network, &uploaded.url, 10_000_000).await.unwrap().is_empty());
    // The same again is the same file.
    assert_eq!(network.upload(file, true, None).await.unwrap().url, uploaded.url);

    let unknown = FileUrl { id: "7".to_owned(), ..uploaded.url };
    assert_eq!(fetch(&network, &unknown, 0).await, Err(Error::Gone));
    assert_eq!(network.extend_file(&unknown).await, Err(Error::Gone));
    assert_eq!(network.upload(vec![0; 10_000_001], true, None).await, Err(Error::TooLarge));
    network.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_server_that_is_down_costs_no_path() {
    let local = LocalNetwork::start(12, 2);
    let mut profile = profile(&local);
    let server = profile.file_server.as_mut().unwrap();
    server.url = "http://127.0.0.1:9".to_owned();
    let network = join(profile).await;
    let paths = |network: &Network| {
        network.status().borrow().paths.iter().map(|p| p.hops.iter().map(|n| n.ed25519).collect()).collect()
    };
    let before: Vec<Vec<_>> = paths(&network);
    let error = network.upload(b"hello".to_vec(), false, None).await.unwrap_err();
    assert!(error.is_temporary() && matches!(error, Error::NoAnswer { .. }), "{error}");
    assert_eq!(before, paths(&network));
    network.shutdown().await;
}
