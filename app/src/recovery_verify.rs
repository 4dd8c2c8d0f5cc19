//! recovery-verify: three words of the phrase, so that it is known to be written down.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::{ComponentHandle as _, SharedString};
use tacit_crypto::phrase::List;
use tacit_ui::{App, RecoveryPhraseState, RecoveryVerifyState, Screen};
use zeroize::Zeroizing;

use crate::context::{Context, go};
use crate::model::list;
use crate::part::Part;

/// Words that are asked for.
const ROUNDS: usize = 3;
/// Words to choose from.
const CHOICES: usize = 6;

/// What is asked: the places of three words, and what to choose from for each.
#[derive(Default)]
struct Questions {
    list: Option<List>,
    words: Zeroizing<Vec<String>>,
    places: Vec<usize>,
    round: usize,
}

impl Questions {
    /// `random` gives a number below the one that it is given.
    fn new(phrase: &str, list: List, mut random: impl FnMut(usize) -> usize) -> Self {
        let words: Vec<String> = phrase.split_whitespace().map(str::to_owned).collect();
        let mut rest: Vec<usize> = (0..words.len()).collect();
        let mut places = Vec::with_capacity(ROUNDS);
        while places.len() < ROUNDS && !rest.is_empty() {
            places.push(rest.swap_remove(random(rest.len())));
        }
        places.sort_unstable();
        Self { list: Some(list), words: Zeroizing::new(words), places, round: 0 }
    }

    fn right(&self) -> Option<&str> {
        self.words.get(*self.places.get(self.round)?).map(String::as_str)
    }

    /// The right word among others of the list.
    fn choices(&self, mut random: impl FnMut(usize) -> usize) -> Vec<String> {
        let (Some(right), Some(list)) = (self.right(), self.list.map(List::words)) else { return Vec::new() };
        let mut choices = vec![right.to_owned()];
        while choices.len() < CHOICES && list.len() >= CHOICES {
            let other = list[random(list.len())];
            if !choices.iter().any(|choice| choice == other) {
                choices.push(other.to_owned());
            }
        }
        let at = random(choices.len());
        choices.swap(0, at);
        choices
    }
}

/// The screen.
pub(crate) struct RecoveryVerify {
    me: Weak<Self>,
    context: Rc<Context>,
    questions: RefCell<Questions>,
}

impl RecoveryVerify {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            questions: RefCell::default(),
        });
        let phrase = window.global::<RecoveryPhraseState>();
        on!(phrase, part, on_written, |this| this.begin());
        let state = window.global::<RecoveryVerifyState>();
        on!(state, part, on_choose, |this, word| this.choose(&word));
        on!(state, part, on_back_to_words, |this| this.context.back());
        on!(state, part, on_finish, |this| this.finish());
        part
    }

    /// Asks the first question; the screen comes with it.
    fn begin(&self) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let phrases = context.call(|account| async move { account.client.phrases().await }).await;
            let Some(this) = me.upgrade() else { return };
            match phrases {
                Ok(phrases) => {
                    // Those that were shown last.
                    let twelve = context.window().is_some_and(|window| window.get_phrase_tab() == 1);
                    let (words, list) =
                        if twelve { (&phrases.bip39, List::Bip39) } else { (&phrases.session13, List::Session) };
                    *this.questions.borrow_mut() = Questions::new(words, list, random);
                    this.ask();
                    context.go(Screen::RecoveryVerify);
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn ask(&self) {
        let questions = self.questions.borrow();
        let choices = questions.choices(random);
        let choices: Vec<SharedString> = choices.into_iter().map(Into::into).collect();
        let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        self.context.with(|window| {
            let state = window.global::<RecoveryVerifyState>();
            state.set_wrong("".into());
            state.set_round(number(questions.round));
            state.set_number(number(questions.places.get(questions.round).map_or(1, |place| place + 1)));
            state.set_choices(list(choices));
        });
    }

    fn choose(&self, word: &str) {
        if self.questions.borrow().right() != Some(word) {
            return self.context.with(|window| window.global::<RecoveryVerifyState>().set_wrong(word.into()));
        }
        self.questions.borrow_mut().round += 1;
        self.ask();
    }

    fn finish(&self) {
        self.context.tell(|part| part.phrase_is_known());
        self.context.forget(Screen::RecoveryPhrase);
        self.context.back();
    }
}

/// A number below another, evenly enough for a question.
fn random(below: usize) -> usize {
    let mut bytes = [0; 8];
    // Without randomness the first one is asked for: nothing is lost by that.
    let _ = getrandom::fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % (below.max(1) as u64)).unwrap_or_default()
}

impl Part for RecoveryVerify {
    fn left(&self, from: Screen) {
        if from == Screen::RecoveryVerify {
            *self.questions.borrow_mut() = Questions::default();
            self.ask();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_different_words_are_asked_for_in_their_order() {
        let phrase = "pipeline abyss nouns cobra upgrade august apex venomous lullaby online cease cafe apex";
        let mut seed = 7_usize;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..200 {
            let mut questions = Questions::new(phrase, List::Session, &mut random);
            assert!(questions.places.is_sorted_by(|a, b| a < b) && questions.places.len() == ROUNDS);
            for _ in 0..ROUNDS {
                let right = questions.right().unwrap().to_owned();
                let mut choices = questions.choices(&mut random);
                assert_eq!(choices.iter().filter(|choice| **choice == right).count(), 1);
                choices.sort();
                choices.dedup();
                assert_eq!(choices.len(), CHOICES);
                questions.round += 1;
            }
            assert_eq!(questions.right(), None);
        }
    }
}
