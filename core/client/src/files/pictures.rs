//! Profile pictures: ours is published and kept from lapsing, those of people whom we accepted are
//! fetched; of strangers nothing is (protocol: messages 4.10, 4.11, 6.4).

mod own;
mod people;

use std::sync::Arc;
use std::time::Duration;

use tacit_network::ConnectionState;
use tacit_store::{FileId, Portrait, Store};
use tacit_wire::AccountId;
use tokio::sync::broadcast;

use super::task::{changes, report};
use crate::Error;
use crate::client::{Client, Inner};

/// Between two looks at what may have to be renewed.
const IDLE: Duration = Duration::from_secs(3_600);

/// Runs until it is cancelled.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut status = inner.network.status();
    let mut events = inner.events.listen();
    let mut upload = own::Upload::default();
    report(inner.drop_old_pictures().await);
    loop {
        let connected = status.borrow_and_update().state == ConnectionState::Connected;
        if connected {
            people::fetch_all(&inner).await;
            upload.publish(&inner).await;
        }
        let wait = if connected { wait(&inner, &upload).await } else { IDLE };
        tokio::select! {
            () = inner.files.pictures_wake.notified() => upload.hurry(),
            changed = status.changed() => match changed {
                Ok(()) => upload.hurry(),
                Err(_) => return,
            },
            () = settled(&mut events) => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Profiles come with messages: one look serves all that came at once.
async fn settled(events: &mut broadcast::Receiver<crate::Event>) {
    changes(events).await;
    while tokio::time::timeout(Duration::from_millis(100), changes(events)).await.is_ok() {}
}

async fn wait(inner: &Inner, upload: &own::Upload) -> Duration {
    let now = inner.now();
    let next = report(inner.database.call(move |store| store.next_picture(now)).await).flatten();
    let fetch = next.map_or(IDLE, |next| Duration::from_millis(next.0.saturating_sub(now.0).max(50)));
    fetch.min(upload.next()).min(IDLE)
}

impl Inner {
    async fn drop_old_pictures(&self) -> Result<usize, Error> {
        #[allow(clippy::redundant_closure_for_method_calls, reason = "the method alone is of one lifetime")]
        let forget = |store: &mut Store| store.write(|tx| tx.drop_old_pictures());
        self.database.call(forget).await
    }
}

impl Client {
    /// The profile picture of an account, ours too, if it is here.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn picture(&self, account: &AccountId) -> Result<Option<FileId>, Error> {
        let (ours, who) = (*account == self.inner.me, *account);
        let find = move |store: &mut Store| {
            if ours { store.own_picture().map(|own| own.file) } else { store.picture_of(&who) }
        };
        self.inner.database.call(find).await
    }

    /// The profile pictures that are here of all people whom we accepted, and ours.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn portraits(&self) -> Result<Vec<Portrait>, Error> {
        let me = self.inner.me;
        let find = move |store: &mut Store| {
            let ours = store.own_picture()?.file.map(|file| Portrait { account: me, conversation: None, file });
            Ok::<_, tacit_store::Error>(
                store.portraits()?.into_iter().filter(|portrait| portrait.account != me).chain(ours).collect(),
            )
        };
        self.inner.database.call(find).await
    }

    /// Whether the picture that we chose is not yet where others can see it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn picture_pending(&self) -> Result<bool, Error> {
        self.inner.database.call(|store| store.own_picture().map(|own| own.pending)).await
    }
}
