//! The words while they are typed: a state machine without a screen.

use tacit_crypto::phrase::{self, List, PhraseError, Repair};
use tacit_ui::PhraseStatus;
use zeroize::{Zeroize as _, Zeroizing};

/// More words than any phrase has are not kept.
const MOST: usize = 32;
const SUGGESTIONS: usize = 5;

/// The finished words, and the one being typed.
#[derive(Default)]
pub(super) struct Words {
    finished: Vec<Zeroizing<String>>,
    entry: Zeroizing<String>,
    /// Where the entry goes; behind all words unless one is edited.
    place: Option<usize>,
    /// What was pasted was an account ID.
    is_account_id: bool,
}

/// What a finished word is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    Known,
    OtherList,
    Bad,
}

/// What the words are together.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) status: PhraseStatus,
    pub(super) wrong_word: String,
    pub(super) offers: Vec<String>,
    /// Counted from 1.
    pub(super) offer_number: usize,
    pub(super) expected: usize,
    /// One for each finished word.
    pub(super) marks: Vec<Mark>,
}

impl Words {
    pub(super) fn finished(&self) -> impl Iterator<Item = &str> {
        self.finished.iter().map(|word| word.as_str())
    }

    pub(super) fn entry(&self) -> &str {
        &self.entry
    }

    pub(super) fn entry_number(&self) -> usize {
        self.place.unwrap_or(self.finished.len()) + 1
    }

    pub(super) fn count(&self) -> usize {
        self.finished.len()
    }

    /// The phrase.
    pub(super) fn joined(&self) -> Zeroizing<String> {
        let mut joined = Zeroizing::new(String::with_capacity(self.finished.len() * 16));
        for word in &self.finished {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(word);
        }
        joined
    }

    /// The field changed: words that are followed by white space are finished.
    pub(super) fn edit(&mut self, text: &str) {
        self.is_account_id = false;
        let pasted = text.split_whitespace().nth(1).is_some();
        if pasted {
            return self.paste(text);
        }
        if text.ends_with(char::is_whitespace) && !text.trim().is_empty() {
            return self.accept(text);
        }
        self.entry = Zeroizing::new(text.trim_start().to_owned());
        // Thirteen known words need no space behind the last one.
        if self.place.is_none() && self.finishes(text.trim()) {
            self.accept(text.trim());
        }
    }

    /// Whether this word as it stands makes the phrase whole, and no longer word begins like it.
    fn finishes(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let longer = phrase::complete(&word, 2);
        if longer != [word.as_str()] {
            return false;
        }
        let mut whole = self.joined();
        whole.push(' ');
        whole.push_str(&word);
        phrase::parse(&whole).is_ok()
    }

    /// Finishes a word.
    pub(super) fn accept(&mut self, word: &str) {
        let read = phrase::review(word);
        self.entry.zeroize();
        let mut place = self.place.take().unwrap_or(self.finished.len());
        for reviewed in read {
            if self.finished.len() < MOST {
                self.finished.insert(place, reviewed.word);
                place += 1;
            }
        }
    }

    /// Takes a whole phrase, or part of one, behind what is there.
    pub(super) fn paste(&mut self, text: &str) {
        self.entry.zeroize();
        match phrase::parse(text) {
            Err(PhraseError::AccountId) => self.is_account_id = true,
            Ok(parsed) if parsed.kind == phrase::Kind::HexSeed => {
                // Shown as the words that it stands for.
                let words = phrase::session13(&parsed.seed);
                self.finished.clear();
                self.place = None;
                self.accept(&words);
            }
            Ok(_) => {
                self.finished.clear();
                self.place = None;
                self.accept(text);
            }
            Err(_) => self.accept(text),
        }
    }

    /// Makes the last word editable again.
    pub(super) fn reopen_last(&mut self) {
        if let Some(last) = self.place.unwrap_or(self.finished.len()).checked_sub(1) {
            self.take_back(last);
        }
    }

    /// Makes a word editable again; what was being typed is finished before.
    pub(super) fn reopen(&mut self, index: i32) {
        let Ok(mut index) = usize::try_from(index) else { return };
        if !self.entry.is_empty() {
            let place = self.place.unwrap_or(self.finished.len());
            let entry = self.entry.clone();
            self.accept(&entry);
            index += usize::from(place <= index);
        }
        self.take_back(index);
    }

    fn take_back(&mut self, index: usize) {
        if index < self.finished.len() {
            self.entry = self.finished.remove(index);
            self.place = Some(index).filter(|place| *place < self.finished.len());
        }
    }

    /// Words that begin as the entry does.
    pub(super) fn suggestions(&self) -> Vec<String> {
        phrase::complete(&self.entry, SUGGESTIONS).into_iter().map(str::to_owned).collect()
    }

    /// Takes what was offered; empty means the two swapped words.
    pub(super) fn take_offer(&mut self, word: &str) {
        let verdict = self.verdict();
        let at = verdict.offer_number.wrapping_sub(1);
        match verdict.status {
            PhraseStatus::SwappedOffer if at + 1 < self.finished.len() => self.finished.swap(at, at + 1),
            _ => {
                if let Some(wrong) = self.finished.get_mut(at) {
                    *wrong = Zeroizing::new(word.to_owned());
                }
            }
        }
    }

    /// Judges all finished words.
    pub(super) fn verdict(&self) -> Verdict {
        let joined = self.joined();
        let reviewed = phrase::review(&joined);
        let marks: Vec<Mark> = reviewed
            .iter()
            .map(|word| match word.mark {
                phrase::Mark::Known => Mark::Known,
                phrase::Mark::OtherList => Mark::OtherList,
                phrase::Mark::Unknown(_) => Mark::Bad,
            })
            .collect();
        let expected = expected(&joined);
        let plain = |status| Verdict {
            status,
            wrong_word: String::new(),
            offers: Vec::new(),
            offer_number: 0,
            expected,
            marks: marks.clone(),
        };
        if self.is_account_id {
            return plain(PhraseStatus::IsAccountId);
        }
        for (index, word) in reviewed.iter().enumerate() {
            let (status, offers) = match &word.mark {
                phrase::Mark::Known => continue,
                phrase::Mark::OtherList => (PhraseStatus::OtherList, Vec::new()),
                phrase::Mark::Unknown(near) => {
                    (PhraseStatus::UnknownWord, near.iter().map(|near| (*near).to_owned()).collect())
                }
            };
            let wrong_word = word.word.to_string();
            return Verdict { wrong_word, offers, offer_number: index + 1, ..plain(status) };
        }
        let whole = self.entry.trim().is_empty();
        match phrase::parse(&joined) {
            Ok(_) if whole => plain(PhraseStatus::Complete),
            Err(PhraseError::TooManyWords { .. }) => plain(PhraseStatus::WrongCount),
            Err(PhraseError::Checksum | PhraseError::InvalidWords) => match phrase::repair(&joined) {
                Some(Repair::Replace { index, word }) => Verdict {
                    offers: vec![word.to_owned()],
                    offer_number: index + 1,
                    ..plain(PhraseStatus::WrongSumOffer)
                },
                Some(Repair::Swap { index }) => Verdict {
                    offers: vec![String::new()],
                    offer_number: index + 1,
                    ..plain(PhraseStatus::SwappedOffer)
                },
                None => plain(PhraseStatus::WrongSum),
            },
            _ => plain(PhraseStatus::Typing),
        }
    }
}

/// How many words a phrase of this list has.
fn expected(joined: &str) -> usize {
    match phrase::list_of(joined) {
        Some(List::Bip39) => 12,
        Some(List::Session) | None => 13,
    }
}

#[cfg(test)]
mod tests;
