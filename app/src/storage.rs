//! storage: what takes up room, by kind and by chat; and whether the database is whole.

mod freeing;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::ComponentHandle as _;
use tacit_client::{Client, ConversationId, ConversationKind, Error, ListRow, MediaKind, StorageUse};
use tacit_ui::{
    App, CheckPhase, ListPhase, Screen, SettingsState, StorageChat, StorageKind, StoragePart, StorageState,
};
use tacit_wire::TimestampMs;

use crate::context::{Context, Task, go};
use crate::home::{self, conversation_of, device_now};
use crate::model::list;
use crate::part::Part;
use crate::{person, size, words};

/// Setting: when the database was last found to be whole (ms since 1970).
const CHECKED: &str = "app.checked";
/// Counting that takes longer shows that it goes on.
const UNNOTICED: Duration = Duration::from_millis(150);
/// Chats that are listed.
const LISTED: usize = 50;

/// What was counted.
struct Counted {
    database: u64,
    used: Vec<StorageUse>,
    chats: Vec<ListRow>,
    checked: Option<u64>,
}

async fn count(client: Client) -> Result<Counted, Error> {
    let mut chats = client.conversations(tacit_client::Folder::Inbox).await?;
    chats.extend(client.conversations(tacit_client::Folder::Archive).await?);
    let checked = client.setting(CHECKED).await?.and_then(|text| text.parse().ok());
    Ok(Counted { database: client.database_size().await?, used: client.storage_use().await?, chats, checked })
}

/// Bytes of each kind that has any, the largest first; and of all together.
fn kinds(database: u64, used: &[StorageUse]) -> (Vec<(StorageKind, u64)>, u64) {
    let of = |kind| used.iter().filter(|used| used.kind == kind).map(|used| used.bytes).sum::<u64>();
    let mut kinds = vec![
        (StorageKind::Messages, database),
        (StorageKind::Pictures, of(MediaKind::Media)),
        (StorageKind::Voice, of(MediaKind::Voice)),
        (StorageKind::Files, of(MediaKind::Files)),
    ];
    kinds.retain(|(_, bytes)| *bytes > 0);
    kinds.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let total = kinds.iter().map(|(_, bytes)| bytes).sum();
    (kinds, total)
}

/// Bytes of the files of each chat, the largest first.
fn by_chat(used: &[StorageUse]) -> Vec<(ConversationId, u64)> {
    let mut chats: HashMap<ConversationId, u64> = HashMap::new();
    for used in used {
        if let Some(id) = used.conversation {
            *chats.entry(id).or_default() += used.bytes;
        }
    }
    let mut chats: Vec<_> = chats.into_iter().collect();
    chats.sort_by_key(|(id, bytes)| (std::cmp::Reverse(*bytes), *id));
    chats.truncate(LISTED);
    chats
}

/// The screen.
pub(crate) struct Storage {
    me: Weak<Self>,
    context: Rc<Context>,
    counting: RefCell<Option<Task>>,
}

impl Storage {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            counting: RefCell::default(),
        });
        let settings = window.global::<SettingsState>();
        on!(settings, part, on_open_storage, |this| this.context.go(Screen::Storage));
        let state = window.global::<StorageState>();
        on!(state, part, on_open_chat, |this, id| this.open_chat(&id));
        on!(state, part, on_check_now, |this| this.check());
        on!(state, part, on_open_free_up, |this| this.open_free_up());
        on!(state, part, on_free_up, |this, kind| this.free_up(kind));
        on!(state, part, on_open_backup, |this| this.context.go(Screen::Backup));
        part
    }

    fn with(&self, work: impl FnOnce(&StorageState<'_>)) {
        self.context.with(|window| work(&window.global::<StorageState>()));
    }

    fn count(&self) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        *self.counting.borrow_mut() = Some(Task::run(async move {
            let slow = {
                let context = Rc::clone(&context);
                Task::run(async move {
                    crate::time::pause(UNNOTICED).await;
                    context.with(|window| window.global::<StorageState>().set_phase(ListPhase::Loading));
                })
            };
            let counted = context.call(|account| count(account.client)).await;
            drop(slow);
            let Some(this) = me.upgrade() else { return };
            match counted {
                Ok(counted) => this.show(&counted),
                Err(error) => {
                    tracing::warn!(code = error.code(), "what takes up room could not be counted");
                    this.with(|state| state.set_phase(ListPhase::Failed));
                }
            }
        }));
    }

    fn show(&self, counted: &Counted) {
        let Some(window) = self.context.window() else { return };
        let (kinds, total) = kinds(counted.database, &counted.used);
        let part = |(kind, bytes): (StorageKind, u64)| StoragePart {
            kind,
            size: size::bytes(bytes).into(),
            share: bytes as f32 / total.max(1) as f32,
        };
        let row = |id: ConversationId| counted.chats.iter().find(move |row| row.conversation.id == id);
        let chats = by_chat(&counted.used).into_iter().filter_map(|(id, bytes)| Some(chat(row(id)?, bytes)));
        let state = window.global::<StorageState>();
        state.set_total(size::bytes(total).into());
        state.set_parts(list(kinds.into_iter().map(part).collect::<Vec<_>>()));
        state.set_chats(list(chats.collect::<Vec<_>>()));
        state.set_checked(counted.checked.map(|at| words::when(&window, TimestampMs(at))).unwrap_or_default().into());
        state.set_phase(ListPhase::Ready);
    }

    fn open_chat(&self, id: &str) {
        if let Some(id) = conversation_of(id) {
            self.context.tell(|part| part.open_media(id));
        }
    }

    fn check(&self) {
        let Some(this) = self.me.upgrade() else { return };
        self.with(|state| {
            state.set_check(CheckPhase::Running);
            state.set_check_progress(-1.);
        });
        go(async move {
            let found = this.context.call(|account| async move { account.client.check_database().await }).await;
            let whole = match found {
                Ok(found) => found.is_empty(),
                Err(Error::Closed) => return,
                Err(_) => false,
            };
            if !whole {
                tracing::error!("the database is damaged");
            }
            this.with(|state| state.set_check(if whole { CheckPhase::Fine } else { CheckPhase::Damaged }));
            if whole {
                let now = device_now();
                this.context.keep_setting(CHECKED, now.0.to_string());
                this.context.with(|window| {
                    window.global::<StorageState>().set_checked(words::when(window, now).into());
                });
            }
        });
    }
}

fn chat(row: &ListRow, bytes: u64) -> StorageChat {
    let account = row.conversation.peer.account();
    StorageChat {
        id: home::key(row.conversation.id),
        name: home::rows::name(row).into(),
        initials: person::initials(&row.name, account.as_ref()).into(),
        tone: account.as_ref().map_or(0, person::tone),
        is_self: row.conversation.peer.kind() == ConversationKind::NoteToSelf,
        size: size::bytes(bytes).into(),
    }
}

impl Part for Storage {
    fn arrived(&self, at: Screen) {
        if at == Screen::Storage {
            self.with(|state| state.set_check(CheckPhase::Idle));
            self.count();
        }
    }

    fn account_closing(&self) {
        self.counting.borrow_mut().take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(conversation: i64, kind: MediaKind, bytes: u64) -> StorageUse {
        StorageUse { conversation: Some(ConversationId(conversation)), kind, files: 1, bytes }
    }

    #[test]
    fn the_largest_stands_first() {
        let all = [used(1, MediaKind::Media, 70), used(2, MediaKind::Voice, 90), used(1, MediaKind::Files, 30)];
        let (kinds, total) = kinds(50, &all);
        assert_eq!(total, 240);
        assert_eq!(
            kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            [StorageKind::Voice, StorageKind::Pictures, StorageKind::Messages, StorageKind::Files]
        );
        assert_eq!(by_chat(&all), [(ConversationId(1), 100), (ConversationId(2), 90)]);
    }
}
