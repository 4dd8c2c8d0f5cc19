//! The thread that owns the database, at its end above all.

use std::sync::{Arc, mpsc as blocking};

use super::*;
use crate::testing::{Home, reopen};

fn keep(store: &mut Store, key: &str) -> Result<(), tacit_store::Error> {
    store.write(|tx| tx.set_setting(key, "kept"))
}

#[tokio::test]
async fn jobs_are_done_in_order_and_answer() {
    let (_folder, store) = Home::new().into_parts();
    let database = Database::start(store).unwrap();
    for number in 0..20 {
        database
            .submit(Box::new(move |store| {
                store.write::<_, tacit_store::Error>(|tx| tx.set_setting("last", &number.to_string())).unwrap();
            }))
            .unwrap();
    }
    let last = database.call(|store| store.setting("last")).await.unwrap();
    assert_eq!(last.as_deref(), Some("19"));
    let missing = database.call(|store| store.message(tacit_store::MessageId(1))).await;
    assert!(matches!(missing, Err(Error::Store { .. })));
}

#[tokio::test]
async fn closing_does_the_jobs_that_wait_and_takes_no_more() {
    let (folder, store) = Home::new().into_parts();
    let database = Arc::new(Database::start(store).unwrap());
    // The first job holds the thread until the account is being closed.
    let (go_on, held) = blocking::channel::<()>();
    database.submit(Box::new(move |_| held.recv().unwrap())).unwrap();
    let waiting: Vec<_> = (0..50)
        .map(|number| {
            let database = Arc::clone(&database);
            tokio::spawn(async move { database.call(move |store| keep(store, &format!("job {number}"))).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let closing = {
        let database = Arc::clone(&database);
        tokio::spawn(async move { database.close().await })
    };
    while database.submit(Box::new(|_| ())).is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.send(()).unwrap();
    for job in waiting {
        job.await.unwrap().unwrap();
    }
    closing.await.unwrap();
    assert!(matches!(database.call(|store| keep(store, "too late")).await, Err(Error::Closed)));
    database.close().await; // again, for nothing

    let store = reopen(&folder);
    assert!((0..50).all(|number| store.setting(&format!("job {number}")).unwrap().is_some()));
    assert_eq!(store.setting("too late").unwrap(), None);
}

#[tokio::test]
async fn a_caller_that_went_away_does_not_stop_its_job() {
    let (folder, store) = Home::new().into_parts();
    let database = Database::start(store).unwrap();
    let (go_on, held) = blocking::channel::<()>();
    database.submit(Box::new(move |_| held.recv().unwrap())).unwrap();
    {
        let call = database.call(|store| keep(store, "orphan"));
        tokio::pin!(call);
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context))).await;
        assert!(polled.is_pending());
    }
    go_on.send(()).unwrap();
    database.close().await;
    assert_eq!(reopen(&folder).setting("orphan").unwrap().as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_job_that_panics_is_an_error_and_the_next_ones_have_their_turn() {
    let (folder, store) = Home::new().into_parts();
    let database = Database::start(store).unwrap();
    let broken = database.call(|store| {
        store.write::<(), tacit_store::Error>(|tx| {
            tx.set_setting("half", "kept")?;
            panic!("as wanted")
        })
    });
    assert!(matches!(broken.await, Err(Error::Internal)));
    database.submit(Box::new(|_| panic!("nobody waits for this one"))).unwrap();
    database.call(|store| keep(store, "next")).await.unwrap();
    database.close().await;
    let store = reopen(&folder);
    assert_eq!(store.setting("half").unwrap(), None);
    assert_eq!(store.setting("next").unwrap().as_deref(), Some("kept"));
}

#[tokio::test]
async fn what_found_no_room_is_written_when_there_is_some_and_other_faults_are_told() {
    let (_folder, store) = Home::new().into_parts();
    let database = Database::start(store).unwrap();
    let tries = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let written = database.insist(move |store| match counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Err(tacit_store::Error::DiskFull),
        1 => Err(tacit_store::Error::Io { detail: "as wanted".to_owned() }),
        _ => keep(store, "in the end"),
    });
    written.await.unwrap();
    assert_eq!(tries.load(std::sync::atomic::Ordering::Relaxed), 3);
    assert!(database.call(|store| store.setting("in the end")).await.unwrap().is_some());
    let unknown = database.insist(|store| store.message(tacit_store::MessageId(1))).await;
    assert_eq!(unknown.unwrap_err().code(), "unknown");
}

#[test]
fn dropping_the_handle_closes_the_file_too() {
    let (folder, store) = Home::new().into_parts();
    let database = Database::start(store).unwrap();
    database.submit(Box::new(|store| keep(store, "last").unwrap())).unwrap();
    drop(database);
    assert!(!folder.path().join("account.db-wal").exists(), "no log is left to replay");
    assert!(reopen(&folder).setting("last").unwrap().is_some());
}
