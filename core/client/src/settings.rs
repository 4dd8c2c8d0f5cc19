//! What a person chose, typed. Each stands in the database under a stable key; what was never
//! chosen has a default that gives nothing away.

use tacit_store::Queries;
use tokio::sync::watch;

use crate::Error;
use crate::client::Client;

/// All choices of this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Tell others what we read, and see what they read (protocol: messages 4.7).
    pub read_receipts: bool,
    /// Tell others that we type, and see that they do.
    pub typing_indicators: bool,
    /// Make previews of links that we send: the site then sees our address.
    pub link_previews: bool,
    /// Empty the clipboard a minute after a secret was copied.
    pub clear_clipboard: bool,
    /// Notify at all.
    pub notify: bool,
    /// What notifications show.
    pub notify_level: NotifyLevel,
    /// Notify of messages.
    pub notify_messages: bool,
    /// Notify of people who write for the first time.
    pub notify_requests: bool,
    /// Notify of reactions to what we wrote.
    pub notify_reactions: bool,
    /// Notifications are heard.
    pub notify_sound: bool,
    /// Notifications are felt, where the device can.
    pub notify_vibration: bool,
    /// Sounds while the app is in front.
    pub in_app_sounds: bool,
    /// How much is unread, on the app's icon.
    pub badge: bool,
    /// Pictures that are fetched by themselves.
    pub auto_download_pictures: AutoDownload,
    /// The same for videos.
    pub auto_download_video: AutoDownload,
    /// The same for voice messages and sound.
    pub auto_download_sound: AutoDownload,
    /// The same for all other files.
    pub auto_download_files: AutoDownload,
    /// Play the next voice message after one.
    pub voice_autoplay: bool,
    /// The enter key sends; otherwise it makes a new line.
    pub enter_sends: bool,
    /// Two taps on a message react with a heart.
    pub double_tap: bool,
    /// Pictures are sent as they are, not scaled down.
    pub original_pictures: bool,
    /// A conversation in the archive stays there when a message comes.
    pub archive_stays: bool,
    /// How long messages are kept on this device.
    pub keep_messages: KeepMessages,
    /// No screenshots, and blank among the recent apps.
    pub screen_security: bool,
    /// Ask the keyboard to learn nothing.
    pub incognito_keyboard: bool,
    /// Minutes in the background after which the app locks, if it has a lock: 0, 1, 5 or 15.
    pub lock_after_minutes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            read_receipts: false,
            typing_indicators: false,
            link_previews: false,
            clear_clipboard: true,
            notify: true,
            notify_level: NotifyLevel::Name,
            notify_messages: true,
            notify_requests: true,
            notify_reactions: true,
            notify_sound: true,
            notify_vibration: true,
            in_app_sounds: true,
            badge: true,
            auto_download_pictures: AutoDownload::Always,
            auto_download_video: AutoDownload::Never,
            auto_download_sound: AutoDownload::Always,
            auto_download_files: AutoDownload::Never,
            voice_autoplay: true,
            enter_sends: !cfg!(any(target_os = "android", target_os = "ios")),
            double_tap: true,
            original_pictures: false,
            archive_stays: false,
            keep_messages: KeepMessages::Forever,
            screen_security: true,
            incognito_keyboard: true,
            lock_after_minutes: 0,
        }
    }
}

/// What a notification shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotifyLevel {
    /// Who wrote, and what.
    NameAndText,
    /// Who wrote.
    Name,
    /// That somebody wrote.
    Nothing,
}

/// When files of people whom we trust are fetched without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoDownload {
    /// On every network.
    Always,
    /// Where bytes cost nothing.
    Unmetered,
    /// When they are tapped.
    Never,
}

/// How long messages stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepMessages {
    /// Until they are deleted or disappear.
    Forever,
    /// For 365 days.
    Year,
}

/// How a choice stands in the database.
trait Choice: Copy {
    fn text(self) -> String;
    fn parse(text: &str) -> Option<Self>;
}

impl Choice for bool {
    fn text(self) -> String {
        if self { "1" } else { "0" }.to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }
}

impl Choice for u32 {
    fn text(self) -> String {
        self.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

macro_rules! choice {
    ($type:ident { $($variant:ident = $text:literal),+ }) => {
        impl Choice for $type {
            fn text(self) -> String {
                match self { $(Self::$variant => $text),+ }.to_owned()
            }

            fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

choice!(NotifyLevel { NameAndText = "name_and_text", Name = "name", Nothing = "nothing" });
choice!(AutoDownload { Always = "always", Unmetered = "unmetered", Never = "never" });
choice!(KeepMessages { Forever = "forever", Year = "year" });

macro_rules! keys {
    ($($field:ident),+ $(,)?) => {
        /// Every key with its text, in the order of the fields.
        fn texts(settings: &Settings) -> Vec<(&'static str, String)> {
            vec![$((stringify!($field), Choice::text(settings.$field))),+]
        }

        /// Takes over one text; one that means nothing leaves the default.
        fn take(settings: &mut Settings, key: &str, text: &str) {
            match key {
                $(stringify!($field) => settings.$field = Choice::parse(text).unwrap_or(settings.$field),)+
                _ => {}
            }
        }
    };
}

// A field's name is its key.
keys!(
    read_receipts,
    typing_indicators,
    link_previews,
    clear_clipboard,
    notify,
    notify_level,
    notify_messages,
    notify_requests,
    notify_reactions,
    notify_sound,
    notify_vibration,
    in_app_sounds,
    badge,
    auto_download_pictures,
    auto_download_video,
    auto_download_sound,
    auto_download_files,
    voice_autoplay,
    enter_sends,
    double_tap,
    original_pictures,
    archive_stays,
    keep_messages,
    screen_security,
    incognito_keyboard,
    lock_after_minutes,
);

impl Settings {
    /// Reads them, also within a transaction.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(store: &Queries) -> Result<Self, tacit_store::Error> {
        let mut settings = Self::default();
        for (key, _) in texts(&Self::default()) {
            if let Some(text) = store.setting(key)? {
                take(&mut settings, key, &text);
            }
        }
        Ok(settings)
    }

    /// What differs from another, as it is kept.
    fn changes(&self, from: &Self) -> Vec<(&'static str, String)> {
        texts(self).into_iter().zip(texts(from)).filter(|(new, old)| new != old).map(|(new, _)| new).collect()
    }
}

impl Client {
    /// The choices now and from now on.
    pub fn settings(&self) -> watch::Receiver<Settings> {
        self.inner.settings.subscribe()
    }

    /// Changes some of them; whoever watches sees it once it is kept.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn change_settings(
        &self,
        change: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Result<Settings, Error> {
        let settings = self
            .inner
            .database
            .call(move |store| {
                let old = Settings::load(store)?;
                let mut new = old;
                change(&mut new);
                store.write(|tx| {
                    for (key, text) in new.changes(&old) {
                        tx.set_setting(key, &text)?;
                    }
                    Ok::<_, tacit_store::Error>(new)
                })
            })
            .await?;
        self.inner.settings.send_if_modified(|known| std::mem::replace(known, settings) != settings);
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Home;

    #[test]
    fn what_was_never_chosen_gives_nothing_away() {
        let home = Home::new();
        let settings = Settings::load(&home.store).unwrap();
        assert_eq!(settings, Settings::default());
        assert!(!settings.read_receipts && !settings.typing_indicators && !settings.link_previews);
        assert_eq!(settings.notify_level, NotifyLevel::Name);
    }

    #[test]
    fn every_choice_comes_back() {
        let mut home = Home::new();
        let chosen = Settings {
            read_receipts: true,
            typing_indicators: true,
            link_previews: true,
            clear_clipboard: false,
            notify: false,
            notify_level: NotifyLevel::NameAndText,
            notify_messages: false,
            notify_requests: false,
            notify_reactions: false,
            notify_sound: false,
            notify_vibration: false,
            in_app_sounds: false,
            badge: false,
            auto_download_pictures: AutoDownload::Never,
            auto_download_video: AutoDownload::Always,
            auto_download_sound: AutoDownload::Unmetered,
            auto_download_files: AutoDownload::Always,
            voice_autoplay: false,
            enter_sends: !Settings::default().enter_sends,
            double_tap: false,
            original_pictures: true,
            archive_stays: true,
            keep_messages: KeepMessages::Year,
            screen_security: false,
            incognito_keyboard: false,
            lock_after_minutes: 15,
        };
        let changes = chosen.changes(&Settings::default());
        assert_eq!(changes.len(), texts(&chosen).len());
        let write = |tx: &tacit_store::Tx<'_>| changes.iter().try_for_each(|(key, text)| tx.set_setting(key, text));
        home.store.write::<_, tacit_store::Error>(write).unwrap();
        assert_eq!(Settings::load(&home.store).unwrap(), chosen);
        assert_eq!(home.store.setting("read_receipts").unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn a_text_that_means_nothing_leaves_the_default() {
        let mut home = Home::new();
        let write = |tx: &tacit_store::Tx<'_>| {
            tx.set_setting("read_receipts", "yes please")?;
            tx.set_setting("notify_level", "everything")
        };
        home.store.write::<_, tacit_store::Error>(write).unwrap();
        assert_eq!(Settings::load(&home.store).unwrap(), Settings::default());
    }
}
