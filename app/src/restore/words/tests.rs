use super::*;

const WORDS13: &str = "pipeline abyss nouns cobra upgrade august apex venomous lullaby online cease cafe apex";
const WORDS12: &str = "expire gasp topic end captain noise diagram master neutral narrow toss wish";

fn typed(text: &str) -> Words {
    let mut words = Words::default();
    let mut keys = String::new();
    for key in text.chars() {
        keys.push(key);
        words.edit(&keys);
        keys = words.entry().to_owned();
    }
    words
}

#[test]
fn a_phrase_typed_key_by_key_is_complete_without_a_last_space() {
    for (phrase, count) in [(WORDS13, 13), (WORDS12, 12)] {
        let words = typed(phrase);
        assert_eq!((words.verdict().status, words.count()), (PhraseStatus::Complete, count), "{phrase}");
        assert_eq!(*words.joined(), phrase);
    }
}

#[test]
fn capitals_numbers_and_line_ends_do_not_matter() {
    let numbered: String = WORDS13.split(' ').enumerate().map(|(n, w)| format!("{}. {w}\r\n", n + 1)).collect();
    for text in [WORDS13.to_uppercase(), numbered, format!("  {}  ", WORDS13.replace(' ', " \t "))] {
        let mut words = Words::default();
        words.paste(&text);
        assert_eq!(words.verdict().status, PhraseStatus::Complete, "{text}");
    }
}

#[test]
fn a_wrong_word_is_marked_at_once_and_replaced_by_an_offer() {
    let mut words = typed("pipeline qbyss ");
    let verdict = words.verdict();
    assert_eq!((verdict.status, verdict.wrong_word.as_str()), (PhraseStatus::UnknownWord, "qbyss"));
    assert_eq!(verdict.marks, [Mark::Known, Mark::Bad]);
    assert_eq!(verdict.offers.first().map(String::as_str), Some("abyss"));
    words.take_offer("abyss");
    assert_eq!(words.verdict().marks, [Mark::Known, Mark::Known]);
    assert_eq!(words.finished().collect::<Vec<_>>(), ["pipeline", "abyss"]);
}

#[test]
fn words_of_the_other_list_too_many_words_and_wrong_sums_are_told() {
    let verdict = typed("pipeline abyss nouns expire ").verdict();
    assert_eq!((verdict.status, verdict.wrong_word.as_str()), (PhraseStatus::OtherList, "expire"));
    assert_eq!(typed(&format!("{WORDS13} apex ")).verdict().status, PhraseStatus::WrongCount);
    let mut wrong: Vec<&str> = WORDS13.split(' ').collect();
    wrong[12] = "abyss";
    let status = typed(&wrong.join(" ")).verdict().status;
    assert!([PhraseStatus::WrongSum, PhraseStatus::Typing].contains(&status), "{status:?}");
}

#[test]
fn a_swap_that_fits_is_offered_and_taken() {
    let phrases = (0..60).map(|n| phrase::session13(&tacit_crypto::Seed::from_bytes([n; 16])));
    let swapped = phrases.filter_map(|right| {
        let mut words: Vec<&str> = right.split(' ').collect();
        words.swap(4, 5);
        let mut typed = Words::default();
        typed.paste(&words.join(" "));
        (typed.verdict().status == PhraseStatus::SwappedOffer).then_some((typed, right.clone()))
    });
    for (mut words, _) in swapped {
        words.take_offer("");
        assert_eq!(words.verdict().status, PhraseStatus::Complete);
    }
}

#[test]
fn words_are_reopened_and_go_back_to_their_place() {
    let mut words = typed("pipeline abyss nouns ");
    words.reopen(1);
    assert_eq!((words.entry(), words.entry_number(), words.count()), ("abyss", 2, 2));
    words.accept("cobra");
    assert_eq!(words.finished().collect::<Vec<_>>(), ["pipeline", "cobra", "nouns"]);
    words.reopen_last();
    assert_eq!(words.entry(), "nouns");
    words.reopen(9);
    words.reopen(-1);
    assert_eq!(words.finished().count(), 3, "what was being typed is kept: {:?}", words.count());
}

#[test]
fn suggestions_and_the_expected_count_follow_what_is_typed() {
    assert_eq!(typed("pipeline aby").suggestions(), ["abyss"]);
    assert_eq!(typed("expire gasp topic ").verdict().expected, 12);
    assert_eq!(typed("pipeline abyss ").verdict().expected, 13);
}

#[test]
fn a_seed_becomes_words_and_an_account_id_is_refused() {
    let mut words = Words::default();
    words.paste("506c079424c2232b8f3c4594f26396fe");
    assert_eq!(*words.joined(), WORDS13);
    let mut words = Words::default();
    words.paste(&format!("05{}", "ab".repeat(32)));
    assert_eq!(words.verdict().status, PhraseStatus::IsAccountId);
}

#[test]
fn a_book_that_was_pasted_stays_small() {
    let mut words = Words::default();
    words.paste(&"happy ".repeat(100_000));
    assert_eq!((words.count(), words.verdict().status), (MOST, PhraseStatus::WrongCount));
}
