//! chats: how messages are written, kept and fetched.

use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{AutoDownload as When, KeepMessages as Keep, Settings};
use tacit_ui::{
    App, AutoDownload, ChatsState, KeepMessages, NetworkKind, PictureQuality, Screen, SettingsState, ShellState,
};

use crate::account::Account;
use crate::context::{Context, go};
use crate::part::Part;

/// The screen.
pub(crate) struct Chats {
    me: Weak<Self>,
    context: Rc<Context>,
}

impl Chats {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context) });
        let settings = window.global::<SettingsState>();
        on!(settings, part, on_open_chats, |this| this.context.go(Screen::Chats));
        let state = window.global::<ChatsState>();
        state.set_has_mobile(context.platform.abilities().mobile_network);
        on!(state, part, on_set_enter_sends, |this, on| this.change(move |settings| settings.enter_sends = on));
        on!(state, part, on_set_double_tap, |this, on| this.change(move |settings| settings.double_tap = on));
        on!(state, part, on_set_voice_goes_on, |this, on| this.change(move |settings| settings.voice_autoplay = on));
        on!(state, part, on_set_archive_stays, |this, on| this.change(move |settings| settings.archive_stays = on));
        on!(state, part, on_set_quality, |this, quality| this
            .change(move |settings| settings.original_pictures = quality == PictureQuality::Original));
        on!(state, part, on_set_keep, |this, keep| this.change(move |settings| settings.keep_messages = kept(keep)));
        on!(state, part, on_set_download, |this, network, wanted| this
            .change(move |settings| download(settings, network, &wanted)));
        part
    }

    fn change(&self, change: impl FnOnce(&mut Settings) + Send + 'static) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            match context.change_settings(change).await {
                Ok(settings) => {
                    if let Some(this) = me.upgrade() {
                        this.show(&settings);
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn show(&self, settings: &Settings) {
        self.context.with(|window| {
            window.global::<ShellState>().set_enter_sends(settings.enter_sends);
            let state = window.global::<ChatsState>();
            state.set_enter_sends(settings.enter_sends);
            state.set_double_tap(settings.double_tap);
            state.set_voice_goes_on(settings.voice_autoplay);
            state.set_archive_stays(settings.archive_stays);
            state.set_quality(if settings.original_pictures {
                PictureQuality::Original
            } else {
                PictureQuality::Standard
            });
            state.set_keep(match settings.keep_messages {
                Keep::Forever => KeepMessages::Forever,
                Keep::Year => KeepMessages::Year,
            });
            state.set_wifi(wanted(settings, NetworkKind::Wifi));
            state.set_mobile(wanted(settings, NetworkKind::Mobile));
            state.set_roaming(wanted(settings, NetworkKind::Roaming));
        });
    }
}

fn kept(keep: KeepMessages) -> Keep {
    match keep {
        KeepMessages::Forever => Keep::Forever,
        KeepMessages::Year => Keep::Year,
    }
}

/// What comes by itself over a network. Roaming costs as mobile networks do.
fn wanted(settings: &Settings, network: NetworkKind) -> AutoDownload {
    let comes = |when| match when {
        When::Always => true,
        When::Unmetered => network == NetworkKind::Wifi,
        When::Never => false,
    };
    AutoDownload {
        pictures: comes(settings.auto_download_pictures),
        voice: comes(settings.auto_download_sound),
        video: comes(settings.auto_download_video),
        files: comes(settings.auto_download_files),
    }
}

/// What comes over Wi-Fi only, over all networks, or over none.
fn download(settings: &mut Settings, network: NetworkKind, wanted: &AutoDownload) {
    let choose = |when: &mut When, comes: bool| {
        *when = match (network, comes) {
            (NetworkKind::Wifi, true) if *when == When::Never => When::Unmetered,
            (NetworkKind::Wifi, true) => *when,
            (NetworkKind::Wifi, false) => When::Never,
            (_, true) => When::Always,
            (_, false) if *when == When::Always => When::Unmetered,
            (_, false) => *when,
        }
    };
    choose(&mut settings.auto_download_pictures, wanted.pictures);
    choose(&mut settings.auto_download_sound, wanted.voice);
    choose(&mut settings.auto_download_video, wanted.video);
    choose(&mut settings.auto_download_files, wanted.files);
}

impl Part for Chats {
    fn account_opened(&self, account: &Account) {
        self.show(&account.client.settings().borrow());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_over_one_network_follows_what_was_chosen_for_the_other() {
        let mut settings = Settings { auto_download_files: When::Never, ..Settings::default() };
        let files = |settings: &Settings| {
            [NetworkKind::Wifi, NetworkKind::Mobile].map(|network| wanted(settings, network).files)
        };
        let mut choose = |network, comes| {
            let mut all = wanted(&settings, network);
            all.files = comes;
            download(&mut settings, network, &all);
            files(&settings)
        };
        assert_eq!(choose(NetworkKind::Wifi, true), [true, false]);
        assert_eq!(choose(NetworkKind::Mobile, true), [true, true]);
        assert_eq!(choose(NetworkKind::Roaming, false), [true, false]);
        assert_eq!(choose(NetworkKind::Wifi, false), [false, false]);
    }
}
