//! Letting go of old pictures, videos and files; their messages stay.

use tacit_client::{Client, Error, OldFiles, SpaceUse};
use tacit_ui::{FreeKind, FreeOption, SheetKind, ToastKind};
use tacit_wire::TimestampMs;

use super::Storage;
use crate::context::go;
use crate::home::device_now;
use crate::model::list;
use crate::size;

const DAY_MS: u64 = 24 * 3_600_000;

/// What can be chosen, and how many days back it leaves things alone.
const CHOICES: [(FreeKind, u64); 3] =
    [(FreeKind::OlderThanMonth, 30), (FreeKind::OlderThanQuarter, 91), (FreeKind::OlderThanYear, 365)];

/// The files that a choice means; `None` for one that is not offered.
fn meant(kind: FreeKind, now: TimestampMs) -> Option<OldFiles> {
    let (_, days) = CHOICES.into_iter().find(|(choice, _)| *choice == kind)?;
    Some(OldFiles { before: TimestampMs(now.0.saturating_sub(days * DAY_MS)), conversation: None })
}

async fn weigh(client: Client) -> Result<Vec<(FreeKind, SpaceUse)>, Error> {
    let now = device_now();
    let mut weighed = Vec::new();
    for (kind, _) in CHOICES {
        if let Some(old) = meant(kind, now) {
            weighed.push((kind, client.space_in(old).await?));
        }
    }
    Ok(weighed)
}

impl Storage {
    /// Says how much each choice frees.
    pub(super) fn open_free_up(&self) {
        let Some(this) = self.me.upgrade() else { return };
        go(async move {
            match this.context.call(|account| weigh(account.client)).await {
                Ok(weighed) => {
                    let option =
                        |(kind, space): (_, SpaceUse)| FreeOption { kind, size: size::bytes(space.bytes).into() };
                    let options: Vec<_> = weighed.into_iter().map(option).collect();
                    this.with(|state| state.set_options(list(options)));
                    this.context.open_sheet(SheetKind::FreeUp);
                }
                Err(error) => this.context.report(&error),
            }
        });
    }

    pub(super) fn free_up(&self, kind: FreeKind) {
        let (Some(this), Some(old)) = (self.me.upgrade(), meant(kind, device_now())) else { return };
        self.with(|state| state.set_freeing(true));
        go(async move {
            let freed = this.context.call(move |account| async move { account.client.free_up(old).await }).await;
            this.with(|state| state.set_freeing(false));
            match freed {
                Ok(space) => {
                    this.context.close_sheet();
                    this.context.toast_with(ToastKind::Freed, &size::bytes(space.bytes));
                    this.count();
                }
                Err(error) => this.context.report(&error),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_younger_than_was_chosen_is_left_alone() {
        let now = TimestampMs(400 * DAY_MS);
        let before = |kind| meant(kind, now).map(|old| old.before.0 / DAY_MS);
        assert_eq!(before(FreeKind::OlderThanMonth), Some(370));
        assert_eq!(before(FreeKind::OlderThanYear), Some(35));
    }
}
