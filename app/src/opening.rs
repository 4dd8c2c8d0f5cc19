//! From a folder to an open account, and back.

use std::rc::Rc;

use tacit_client::{Client, ConversationId, Error, KeySource, LockFace, ProfileFolder};
use tacit_ui::Screen;

use crate::account::Account;
use crate::context::{Context, go};
use crate::conversation::PLACE;
use crate::trouble;

/// What stands in the account's folder.
enum Found {
    Account(Client),
    Lock(LockFace),
    Nothing,
}

/// Looks whether there is an account, and opens it.
pub(crate) fn begin(context: &Rc<Context>) {
    let context = Rc::clone(context);
    go(async move {
        match look(&context).await {
            Ok(Found::Account(client)) => enter(&context, client).await,
            Ok(Found::Lock(face)) => {
                context.tell(|part| part.locked(&face));
                context.go(Screen::Lock);
            }
            Ok(Found::Nothing) => context.go(Screen::Welcome),
            Err(error) => trouble::show(&context, &error),
        }
    });
}

/// Uses an account that was opened, and goes where the app was.
pub(crate) async fn enter(context: &Rc<Context>, client: Client) {
    use_account(context, client);
    context.go(Screen::Home);
    reopen(context).await;
}

/// Goes where a notification led meanwhile, else where the app was when it was closed.
pub(crate) async fn reopen(context: &Context) {
    let wanted = context.wanted.take();
    let place = context.call(move |account| async move {
        let place = account.client.setting(PLACE).await?;
        let id = wanted.or(place.and_then(|place| place.parse().ok()).map(ConversationId));
        // It may be gone by now.
        Ok(match id {
            Some(id) => account.client.conversation(id).await.is_ok().then_some(id),
            None => None,
        })
    });
    if let Ok(Some(id)) = place.await {
        context.tell(|part| part.open_conversation(id));
    }
}

async fn look(context: &Context) -> Result<Found, Error> {
    let start = &context.start;
    let (path, key, options) = (start.folder.clone(), start.key(), start.options());
    let opening = async move {
        let folder = ProfileFolder::open(&path)?;
        if !folder.has_account() {
            return Ok(Found::Nothing);
        }
        match folder.lock_face().filter(|_| matches!(key, KeySource::File)) {
            Some(face) => Ok(Found::Lock(face)),
            None => Client::open(folder, key, options).await.map(Found::Account),
        }
    };
    context.bridge.call(opening).await
}

/// Opens an account behind its lock.
pub(crate) async fn unlock(context: &Context, key: KeySource) -> Result<Client, Error> {
    let (path, options) = (context.start.folder.clone(), context.start.options());
    context.bridge.call(async move { Client::open(ProfileFolder::open(&path)?, key, options).await }).await
}

/// What the lock of an account shows that is not open.
pub(crate) async fn lock_face(context: &Context) -> Result<Option<LockFace>, Error> {
    let path = context.start.folder.clone();
    context.bridge.call(async move { Ok(ProfileFolder::open(&path)?.lock_face()) }).await
}

/// Makes an account.
pub(crate) async fn create(context: &Context, name: String) -> Result<Client, Error> {
    let start = &context.start;
    let (path, key, options) = (start.folder.clone(), start.key(), start.options_for_new());
    let making = async move { Client::create(ProfileFolder::open(&path)?, key, &name, options).await };
    context.bridge.call(making).await
}

/// Brings an account back.
pub(crate) async fn restore(context: &Context, words: zeroize::Zeroizing<String>) -> Result<Client, Error> {
    let start = &context.start;
    let (path, key, options) = (start.folder.clone(), start.key(), start.options_for_new());
    let making = async move { Client::restore(ProfileFolder::open(&path)?, key, &words, options).await };
    context.bridge.call(making).await
}

/// From now on this account is the open one.
pub(crate) fn use_account(context: &Rc<Context>, client: Client) {
    let account = Account::new(client, &context.bridge);
    context.set_account(Some(account.clone()));
    context.tell(|part| part.account_opened(&account));
}

/// Closes the account orderly; the window may be gone already.
pub(crate) fn close_account(context: &Context) {
    if let Some(account) = context.account() {
        context.tell(|part| part.account_closing());
        context.set_account(None);
        if context.bridge.wait_for(account.client.shutdown()).is_none() {
            tracing::warn!("the account did not close in time");
        }
    }
}

/// Removes the account's files from its folder, closing it before if it is open.
///
/// # Errors
/// When a file cannot be removed.
pub(crate) async fn erase(context: &Context) -> Result<(), Error> {
    let account = context.account();
    if account.is_some() {
        context.tell(|part| part.account_closing());
        context.set_account(None);
    }
    context.wanted.take();
    let folder = context.start.folder.clone();
    let erasing = async move {
        match account {
            Some(account) => account.client.erase().await,
            None => ProfileFolder::open(&folder)?.erase(),
        }
    };
    context.bridge.call(erasing).await
}
