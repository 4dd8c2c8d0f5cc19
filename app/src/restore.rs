//! restore: the recovery phrase, word by word, pasted, or from a picture.

mod words;

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::{ComponentHandle as _, SharedString};
use tacit_client::Error;
use tacit_ui::{App, DialogKind, PhraseChip, PhraseSource, PhraseStatus, RestoreState, Screen, ToastKind};

use crate::context::{Context, go};
use crate::model::list;
use crate::part::Part;
use crate::qr::{self, Scanned};
use crate::{opening, trouble};

use words::{Verdict, Words};

/// The screen.
pub(crate) struct Restore {
    me: Weak<Self>,
    context: Rc<Context>,
    words: RefCell<Words>,
}

impl Restore {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part =
            Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context), words: RefCell::default() });
        let state = window.global::<RestoreState>();
        on!(state, part, on_choose_source, |this, source| this.choose_source(source));
        on!(state, part, on_entry_edited, |this, text| this.change(|words| words.edit(&text)));
        on!(state, part, on_entry_accepted, |this, text| this.change(|words| words.accept(&text)));
        on!(state, part, on_entry_backspace, |this| this.change(Words::reopen_last));
        on!(state, part, on_suggestion_chosen, |this, word| this.change(|words| words.accept(&word)));
        on!(state, part, on_chip_chosen, |this, index| this.change(|words| words.reopen(index)));
        on!(state, part, on_offer_chosen, |this, word| this.change(|words| words.take_offer(&word)));
        on!(state, part, on_paste, |this| this.paste());
        on!(state, part, on_clear, |this| this.change(|words| *words = Words::default()));
        on!(state, part, on_from_picture, |this| this.open_picture());
        on!(state, part, on_from_backup, |this| this.context.go(Screen::RestoreBackup));
        on!(state, part, on_go_on, |this| this.go_on());
        part
    }

    fn change(&self, change: impl FnOnce(&mut Words)) {
        change(&mut self.words.borrow_mut());
        self.show();
    }

    fn show(&self) {
        let Some(window) = self.context.window() else { return };
        let (state, words) = (window.global::<RestoreState>(), self.words.borrow());
        let Verdict { status, wrong_word, offers, offer_number, expected, marks } = words.verdict();
        let chips = words.finished().zip(marks).enumerate().map(|(index, (word, mark))| PhraseChip {
            number: number(index + 1),
            word: word.into(),
            bad: mark == words::Mark::Bad,
            other_list: mark == words::Mark::OtherList,
        });
        state.set_chips(list(chips.collect::<Vec<_>>()));
        state.set_entry(words.entry().into());
        state.set_entry_number(number(words.entry_number()));
        let strings = |words: Vec<String>| list(words.into_iter().map(SharedString::from).collect::<Vec<_>>());
        state.set_suggestions(strings(words.suggestions()));
        state.set_wrong_word(wrong_word.into());
        state.set_offers(strings(offers));
        state.set_offer_number(number(offer_number));
        state.set_count(number(words.count()));
        state.set_expected(number(expected));
        state.set_status(status);
    }

    fn choose_source(&self, source: PhraseSource) {
        self.context.with(|window| window.global::<RestoreState>().set_source(source));
        self.show();
    }

    fn paste(&self) {
        match self.context.platform.clipboard().filter(|text| !text.trim().is_empty()) {
            Some(text) => self.change(|words| words.paste(&text)),
            None => self.context.toast(ToastKind::NothingToPaste),
        }
    }

    fn open_picture(&self) {
        let me = Weak::clone(&self.me);
        qr::from_picture(&self.context, move |scanned| {
            let Some(this) = me.upgrade() else { return };
            match scanned {
                Scanned::Account(_) => {
                    this.context.with(|window| window.global::<RestoreState>().set_status(PhraseStatus::IsAccountId));
                }
                Scanned::Phrase(text) => {
                    this.choose_source(PhraseSource::Words);
                    this.change(|words| words.paste(&text));
                }
            }
        });
    }

    fn go_on(&self) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<RestoreState>();
        if state.get_busy() || state.get_status() != PhraseStatus::Complete {
            return;
        }
        state.set_busy(true);
        let Some(this) = self.me.upgrade() else { return };
        let (context, phrase) = (Rc::clone(&self.context), self.words.borrow().joined());
        go(async move {
            let restored = opening::restore(&context, phrase).await;
            context.with(|window| window.global::<RestoreState>().set_busy(false));
            match restored {
                Ok(client) => {
                    opening::use_account(&context, client);
                    // Whoever typed the phrase has it.
                    context.tell(|part| part.phrase_is_known());
                    context.go(Screen::Restoring);
                }
                Err(error @ Error::Phrase(_)) => context.report(&error),
                // The account behind the lock makes room, if that is wanted.
                Err(Error::AccountExists { .. }) => this.ask_for_room(),
                Err(error) => trouble::show(&context, &error),
            }
        });
    }

    fn ask_for_room(&self) {
        let Some(this) = self.me.upgrade() else { return };
        self.context.ask(DialogKind::EraseEverything, "", move || {
            go(async move {
                match opening::erase(&this.context).await {
                    Ok(()) => this.go_on(),
                    Err(error) => trouble::show(&this.context, &error),
                }
            });
        });
    }
}

fn number(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

impl Part for Restore {
    fn arrived(&self, at: Screen) {
        if at == Screen::Restore {
            self.show();
        }
    }

    fn is_unsaved(&self, at: Screen) -> bool {
        at == Screen::Restore && self.words.borrow().count() > 0
    }

    /// The words are in memory no longer than on the screen.
    fn left(&self, from: Screen) {
        if from == Screen::Restore {
            *self.words.borrow_mut() = Words::default();
            self.show();
        }
    }
}
