//! Search: what is found, in which order, and that no text is an error.

use proptest::prelude::*;

use super::*;
use crate::{Error, Has, MessageId, Peer, Search};

fn say(home: &mut Home, conversation: ConversationId, author: AccountId, at: u64, text: &str) -> MessageId {
    let message = incoming(conversation, author, after(at), text);
    let insert = |tx: &crate::Tx<'_>| {
        let id = tx.insert_message(&message, after(at))?.id();
        tx.index_text(id, text)?;
        Ok::<_, Error>(id)
    };
    home.store.write(insert).unwrap()
}

fn words(text: &str) -> Search {
    Search { text: text.to_owned(), ..Search::default() }
}

fn found(home: &Home, search: &Search) -> Vec<MessageId> {
    home.store.search(search, None, 100).unwrap().hits.into_iter().map(|hit| hit.message).collect()
}

/// Two conversations with friends.
fn home() -> (Home, ConversationId, ConversationId) {
    let mut home = Home::new();
    let (ines, bo) = (home.conversation(2), home.conversation(3));
    home.store
        .write(|tx| {
            tx.set_approved(&person(2), true, NOW)?;
            tx.set_approved(&person(3), true, NOW)
        })
        .unwrap();
    (home, ines, bo)
}

#[test]
fn words_and_their_beginnings_are_found_newest_first() {
    let (mut home, ines, bo) = home();
    let first = say(&mut home, ines, person(2), 1, "The Café opens at nine");
    let second = say(&mut home, bo, person(3), 2, "no cafeteria here");
    let third = say(&mut home, ines, person(2), 3, "tea\nin the CAFE\u{301}");
    say(&mut home, ines, person(2), 4, "coffee");
    assert_eq!(found(&home, &words("cafe")), [third, second, first]);
    assert_eq!(found(&home, &words("ca")), [third, second, first], "short beginnings too");
    assert_eq!(found(&home, &words("the caf")), [third, first], "all words");
    assert_eq!(found(&home, &words("\"the cafe\"")), [third, first]);
    assert_eq!(found(&home, &words("\"cafe the\"")), []);
    assert_eq!(found(&home, &words("cafez")), []);
    assert_eq!(found(&home, &words("  ")), []);
    let page = home.store.search(&words("cafe"), None, 2).unwrap();
    assert_eq!(page.hits[0].snippet.text, "tea in the CAFE\u{301}");
    assert_eq!((page.hits.len(), page.next), (2, Some(second)));
    let rest = home.store.search(&words("cafe"), page.next, 2).unwrap();
    assert_eq!((rest.hits[0].message, rest.hits.len(), rest.next), (first, 1, None));
}

#[test]
fn scripts_without_spaces_are_searched_inside_of_sentences() {
    let (mut home, ines, _) = home();
    let chinese = say(&mut home, ines, person(2), 1, "我在北京很好");
    let japanese = say(&mut home, ines, person(2), 2, "東京タワーを見た");
    let thai = say(&mut home, ines, person(2), 3, "พรุ่งนี้เจอกันที่ตลาด");
    let burmese = say(&mut home, ines, person(2), 4, "မင်္ဂလာပါ");
    let khmer = say(&mut home, ines, person(2), 5, "សួស្តី");
    for (text, message) in [("北京", chinese), ("タワー", japanese), ("ตลาด", thai), ("မင်္ဂလာ", burmese), ("ស្តី", khmer)]
    {
        assert_eq!(found(&home, &words(text)), [message], "{text}");
    }
    assert_eq!(found(&home, &words("京北")), []);
}

#[test]
fn filters_narrow_what_is_found() {
    let (mut home, ines, bo) = home();
    let own = home.own();
    let from_ines = say(&mut home, ines, person(2), 10, "boat and https://example.org");
    let from_bo = say(&mut home, bo, person(3), 20, "boat");
    let from_us = say(&mut home, ines, own, 30, "boat");
    let narrowed = |search: Search| found(&home, &Search { text: "boat".to_owned(), ..search });
    assert_eq!(narrowed(Search { conversation: Some(ines), ..Search::default() }), [from_us, from_ines]);
    assert_eq!(narrowed(Search { from: Some(person(3)), ..Search::default() }), [from_bo]);
    assert_eq!(narrowed(Search { from: Some(own), ..Search::default() }), [from_us]);
    assert_eq!(narrowed(Search { from: Some(person(77)), ..Search::default() }), []);
    let (since, until) = (Some(after(20)), Some(after(30)));
    assert_eq!(narrowed(Search { since, until, ..Search::default() }), [from_bo]);
    assert_eq!(narrowed(Search { has: Some(Has::Link), ..Search::default() }), [from_ines]);
    for has in [Has::Photo, Has::File, Has::Voice] {
        assert_eq!(narrowed(Search { has: Some(has), ..Search::default() }), []);
    }
    let all_of_ines = Search { from: Some(person(2)), conversation: Some(ines), ..Search::default() };
    assert_eq!(found(&home, &all_of_ines), [from_ines], "no words are needed with a place");
}

#[test]
fn strangers_and_the_blocked_are_found_only_when_asked_for() {
    let (mut home, ines, bo) = home();
    home.store.write(|tx| tx.set_approved_me(&person(9), true, NOW)).unwrap();
    let request = home.conversation(9);
    let stranger = say(&mut home, request, person(9), 1, "boat");
    let from_bo = say(&mut home, bo, person(3), 2, "boat");
    let from_ines = say(&mut home, ines, person(2), 3, "boat");
    home.store.write(|tx| tx.set_blocked(&person(3), true, NOW)).unwrap();
    assert_eq!(found(&home, &words("boat")), [from_ines]);
    let all = Search { strangers: true, ..words("boat") };
    assert_eq!(found(&home, &all), [from_ines, from_bo, stranger]);
}

#[test]
fn what_is_gone_or_taken_back_is_not_found() {
    let (mut home, ines, bo) = home();
    let deleted = say(&mut home, ines, person(2), 1, "boat");
    let taken_back = say(&mut home, ines, person(2), 2, "boat");
    say(&mut home, bo, person(3), 3, "boat");
    let stays = say(&mut home, ines, person(2), 4, "boat");
    home.store
        .write(|tx| {
            tx.delete_message(deleted)?;
            tx.connection.execute("UPDATE message SET deleted = 1, body = '' WHERE id = ?1", [taken_back])?;
            tx.delete_conversation(bo)
        })
        .unwrap();
    assert_eq!(found(&home, &words("boat")), [stays]);
    home.store.write(|tx| tx.index_text(stays, "ship")).unwrap();
    assert_eq!((found(&home, &words("boat")), found(&home, &words("ship"))), (vec![], vec![stays]));
    assert!(matches!(home.store.write(|tx| tx.index_text(deleted, "boat")), Err(Error::Unknown { .. })));
    assert_eq!(home.reopened().store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn messages_from_before_the_index_are_indexed_step_by_step() {
    let (mut home, ines, _) = home();
    home.store
        .write(|tx| {
            for number in 0..25 {
                tx.insert_message(&incoming(ines, person(2), after(number), "boat"), NOW)?;
            }
            tx.set_setting("search_left", "25")?;
            tx.set_setting("search_total", "25")
        })
        .unwrap();
    let mut steps = 0;
    while home.store.write(|tx| tx.index_more(10)).unwrap() > 0 {
        steps += 1;
        let progress = home.store.indexing().unwrap().unwrap();
        assert_eq!((progress.done, progress.total), (steps * 10, 25));
        assert_eq!(found(&home, &words("boat")).len() as u64, steps * 10);
    }
    assert_eq!((steps, home.store.indexing().unwrap()), (2, None));
    assert_eq!(found(&home, &words("boat")).len(), 25);
}

#[test]
fn people_are_found_by_name_nickname_and_id() {
    let (mut home, ines, _) = home();
    home.store
        .write(|tx| {
            let profile = |name| crate::Profile { name, updated_s: 1, ..crate::Profile::default() };
            tx.update_profile(&person(2), &profile("Inês Gonçalves"), NOW)?;
            tx.update_profile(&person(3), &profile("Bo"), NOW)?;
            tx.set_nickname(&person(3), "Captain Inez", NOW)?;
            tx.set_approved(&person(4), true, NOW)?;
            tx.update_profile(&person(4), &profile("山田太郎"), NOW)
        })
        .unwrap();
    let names = |text: &str| -> Vec<String> {
        home.store.search_people(text, false, 10).unwrap().into_iter().map(|found| found.name).collect()
    };
    assert_eq!(names("ine"), ["Inês Gonçalves", "Captain Inez"]);
    assert_eq!(names("goncal ines"), ["Inês Gonçalves"]);
    assert_eq!(names("bo"), ["Captain Inez"], "by the name below the nickname");
    assert_eq!(names("太郎"), ["山田太郎"], "also without a conversation");
    assert_eq!(names("x"), Vec::<String>::new());
    assert_eq!(names(""), Vec::<String>::new());
    let by_id = home.store.search_people(&person(2).to_string()[..12], false, 10).unwrap();
    assert_eq!((by_id[0].conversation, by_id[0].peer), (Some(ines), Peer::person(&person(2))));
}

#[test]
fn an_index_that_has_grown_is_brought_together_and_finds_the_same() {
    let (mut home, ines, _) = home();
    let said: Vec<_> = (0..1_200).map(|at| say(&mut home, ines, person(2), at, &format!("boat number {at}"))).collect();
    home.store.write::<_, Error>(|tx| tx.delete_message(said[7])).unwrap();
    let parts = |home: &Home| -> i64 {
        let connection = &home.store.connection;
        connection.query_row("SELECT count(DISTINCT segid) FROM message_text_idx", [], |row| row.get(0)).unwrap()
    };
    assert!(parts(&home) > 1);
    let condense = |tx: &crate::Tx<'_>| -> Result<bool, Error> { tx.condense_index() };
    while home.store.write(condense).unwrap() {}
    assert_eq!(parts(&home), 1);
    assert_eq!(found(&home, &words("1199")), [said[1_199]]);
    assert!(!found(&home, &words("number 7")).contains(&said[7]));
    // Not again for little.
    let next = say(&mut home, ines, person(2), 2_000, "boat number 1199 again");
    assert!(!home.store.write(condense).unwrap());
    assert_eq!(found(&home, &words("1199")), [next, said[1_199]]);
}

#[test]
fn letters_that_sqlite_does_not_know_are_found_too() {
    let (mut home, ines, _) = home();
    for (at, text) in (0..).zip(["ઓⴭaᦰ", "aᦰbcde", "\u{1E900}\u{1E901}\u{1E902}\u{1E903}"]) {
        let message = say(&mut home, ines, person(2), at, text);
        assert_eq!(found(&home, &words(text)), [message], "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_typed_is_no_error_and_finds_what_contains_it(text in "[\\PC\"*():^{}+\\-0-9a-zé北 ]{0,40}") {
        let (mut home, ines, _) = home();
        let message = say(&mut home, ines, person(2), 1, &text);
        let hits = found(&home, &words(&text));
        let searchable = text.chars().any(|letter| letter.is_ascii_alphanumeric());
        prop_assert!(hits.is_empty() || hits == [message]);
        prop_assert!(!searchable || hits == [message], "{text:?} does not find itself");
    }
}
