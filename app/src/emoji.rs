//! The emoji picker's table.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use emojis::Group;
use slint::ComponentHandle as _;
use tacit_ui::{App, ConversationState, Emoji, EmojiState};

use crate::account::Account;
use crate::context::{Context, go};
use crate::model::list;
use crate::part::Part;

/// Setting: what was used last, newest first.
const RECENT: &str = "app.recent_emoji";
const RECENT_MOST: usize = 24;
/// Results of a search.
const FOUND_MOST: usize = 64;
/// What is offered before any was used.
const FIRST: [&str; 12] = ["👍", "❤️", "😂", "😮", "😢", "🙏", "😊", "🎉", "🔥", "👀", "👋", "✅"];

fn row(emoji: &emojis::Emoji) -> Emoji {
    Emoji { text: emoji.as_str().into(), name: emoji.name().into() }
}

/// The emoji of a category; 0 are the recent ones.
fn of_category(category: i32, recent: &[String]) -> Vec<Emoji> {
    if category == 0 {
        let known = recent.iter().map(String::as_str).chain(FIRST);
        let mut rows: Vec<Emoji> = Vec::new();
        for emoji in known.filter_map(emojis::get).map(row) {
            if rows.len() < RECENT_MOST && !rows.contains(&emoji) {
                rows.push(emoji);
            }
        }
        return rows;
    }
    let group = usize::try_from(category - 1).ok().and_then(|nth| Group::iter().nth(nth));
    group.map(|group| group.emojis().map(row).collect()).unwrap_or_default()
}

/// Emoji whose name or short name holds all words.
fn search(words: &str) -> Vec<Emoji> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let fits = |emoji: &&emojis::Emoji| {
        let names = std::iter::once(emoji.name()).chain(emoji.shortcodes());
        let names: Vec<String> = names.map(str::to_lowercase).collect();
        words.iter().all(|word| names.iter().any(|name| name.contains(word)))
    };
    emojis::iter().filter(fits).take(FOUND_MOST).map(row).collect()
}

/// Tones of an emoji, itself first.
fn tones(emoji: &str) -> Vec<Emoji> {
    let tones = emojis::get(emoji).and_then(emojis::Emoji::skin_tones);
    tones.map(|tones| tones.map(row).collect()).unwrap_or_default()
}

/// The picker.
pub(crate) struct EmojiPicker {
    me: Weak<Self>,
    context: Rc<Context>,
    recent: RefCell<Vec<String>>,
}

impl EmojiPicker {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part =
            Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context), recent: RefCell::default() });
        let state = window.global::<EmojiState>();
        on!(state, part, on_choose_category, |this, category| this.choose(category));
        on!(state, part, on_search_edited, |this, words| this.search(&words));
        on!(state, part, on_insert, |this, emoji, at| this.insert(&emoji, at));
        on!(state, part, on_ask_tones, |this, emoji| this.ask_tones(&emoji));
        part.choose(0);
        part
    }

    fn choose(&self, category: i32) {
        let shown = of_category(category, &self.recent.borrow());
        self.context.with(|window| {
            let state = window.global::<EmojiState>();
            state.set_category(category);
            state.set_search("".into());
            state.set_shown(list(shown));
        });
    }

    fn search(&self, words: &str) {
        if words.trim().is_empty() {
            let category = self.context.window().map(|window| window.global::<EmojiState>().get_category());
            return self.choose(category.unwrap_or_default());
        }
        self.context.with(|window| window.global::<EmojiState>().set_shown(list(search(words))));
    }

    /// Puts an emoji into the draft at a byte, and says where the cursor stands then.
    fn insert(&self, emoji: &str, at: i32) -> i32 {
        let Some(window) = self.context.window() else { return at };
        let state = window.global::<ConversationState>();
        let mut draft = state.get_draft().to_string();
        let mut place = usize::try_from(at).unwrap_or_default().min(draft.len());
        while !draft.is_char_boundary(place) {
            place -= 1;
        }
        draft.insert_str(place, emoji);
        state.set_draft(draft.as_str().into());
        state.invoke_draft_edited(draft.into());
        self.remember(emoji);
        i32::try_from(place + emoji.len()).unwrap_or(i32::MAX)
    }

    /// The same in all tones of skin, if it has some.
    fn ask_tones(&self, emoji: &str) {
        self.context.with(|window| window.global::<EmojiState>().set_tones(list(tones(emoji))));
    }

    fn remember(&self, emoji: &str) {
        let mut recent = self.recent.borrow_mut();
        recent.retain(|known| known != emoji);
        recent.insert(0, emoji.to_owned());
        recent.truncate(RECENT_MOST);
        self.context.keep_setting(RECENT, recent.join(" "));
    }
}

impl Part for EmojiPicker {
    fn account_opened(&self, _account: &Account) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let kept = context.call(|account| async move { account.client.setting(RECENT).await }).await;
            if let (Ok(Some(kept)), Some(this)) = (kept, me.upgrade()) {
                let known = kept.split(' ').filter(|text| emojis::get(text).is_some()).take(RECENT_MOST);
                *this.recent.borrow_mut() = known.map(str::to_owned).collect();
                this.choose(0);
            }
        });
    }

    fn account_closing(&self) {
        self.recent.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_holds_emoji_and_recent_ones_come_once() {
        for category in 0..=9 {
            assert!(!of_category(category, &[]).is_empty(), "{category}");
        }
        assert!(of_category(10, &[]).is_empty() && of_category(-1, &[]).is_empty());
        let recent = of_category(0, &["🔥".into(), "👍".into()]);
        assert_eq!((recent[0].text.as_str(), recent[1].text.as_str()), ("🔥", "👍"));
        assert_eq!(recent.len(), FIRST.len());
    }

    #[test]
    fn hands_come_in_several_tones() {
        assert_eq!(tones("👍").len(), 6);
        assert!(tones("👍").iter().any(|emoji| emoji.text == "👍🏽"));
        assert!(tones("🔥").is_empty() && tones("x").is_empty());
    }

    #[test]
    fn a_search_looks_into_all_names() {
        assert!(search("thumbs UP").iter().any(|emoji| emoji.text == "👍"));
        assert!(search("+1").iter().any(|emoji| emoji.text == "👍"));
        assert!(search("zeppelin").is_empty());
        assert!(search("face").len() <= FOUND_MOST);
    }
}
