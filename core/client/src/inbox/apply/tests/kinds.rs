//! What each kind of content does.

use proptest::prelude::*;
use tacit_store::{MessageRef, ReactionGroup};

use super::*;
use crate::inbox::kinds::Reaction;
use crate::sending::{READ_RECEIPTS, TYPING_INDICATORS};

fn target(author: &AccountId, sent_at: TimestampMs) -> MessageRef {
    MessageRef { author: *author, sent_at }
}

fn reacts(of: MessageRef, emoji: &str, removed: bool) -> What {
    What::Reaction(Reaction { target: of, emoji: emoji.to_owned(), removed })
}

fn timed(expiry: Expiry, message: Result<Incoming, &'static str>) -> Result<Incoming, &'static str> {
    message.map(|message| Incoming { expiry, ..message })
}

impl Home {
    /// Bob is a friend, and settings that are off at first are on.
    fn with_friend() -> (Self, AccountId, ConversationId) {
        let (mut home, (_, bob)) = (Self::new(), account(2));
        let conversation = home.conversation(&bob);
        home.store
            .write::<_, Error>(|tx| {
                tx.set_approved(&bob, true, NOW)?;
                tx.set_approved_me(&bob, true, NOW)?;
                tx.set_setting(READ_RECEIPTS, "1")?;
                tx.set_setting(TYPING_INDICATORS, "1")
            })
            .unwrap();
        (home, bob, conversation)
    }

    fn shown(&self, conversation: ConversationId) -> Vec<tacit_store::Message> {
        self.store.messages(conversation, Page::Newest, 100).unwrap()
    }

    fn reactions(&self, conversation: ConversationId) -> Vec<ReactionGroup> {
        self.shown(conversation).remove(0).reactions
    }
}

#[test]
fn reactions_stand_under_their_message_also_when_they_come_first() {
    let (mut home, bob, conversation) = Home::with_friend();
    let of = target(&bob, after(1));
    let events = home.takes_in(vec![arrived(1, from(&bob, after(2), reacts(of, "👍", false)))]);
    assert!(events.is_empty(), "there is nothing to react to yet");
    home.takes_in(vec![arrived(2, text(&bob, after(1), "lake?"))]);
    let events = home.takes_in(vec![arrived(3, ours(&bob, after(3), reacts(of, "👍", false)))]);
    assert!(matches!(&events[..], [Event::Reaction { removed: false, .. }, Event::Messages { .. }]));
    let both = ReactionGroup { emoji: "👍".to_owned(), senders: vec![bob, home.me] };
    assert_eq!(home.reactions(conversation), [both]);
    let older = home.takes_in(vec![arrived(4, from(&bob, after(1), reacts(of, "👍", true)))]);
    assert!(older.is_empty(), "an older action changes nothing");
    home.takes_in(vec![arrived(5, from(&bob, after(9), reacts(of, "👍", true)))]);
    assert_eq!(home.reactions(conversation)[0].senders, [home.me]);
    // Nobody reacts to what a third wrote, nor where there is no conversation.
    let strange = from(&bob, after(10), reacts(target(&account(3).1, after(1)), "👍", false));
    home.takes_in(vec![arrived(6, strange), arrived(7, from(&account(3).1, after(1), reacts(of, "👍", false)))]);
    assert_eq!(home.skipped(), [("no_conversation".to_owned(), 1), ("reaction".to_owned(), 1)]);
}

#[test]
fn a_quote_shows_nothing_of_another_conversation() {
    let (mut home, bob, conversation) = Home::with_friend();
    let carol = account(3).1;
    let quoting = |author: AccountId, at: u64| {
        let quote = Some(target(&author, after(at)));
        What::Visible(Box::new(Visible { text: "you said".to_owned(), quote, ..Visible::default() }))
    };
    home.takes_in(vec![
        arrived(1, text(&carol, after(1), "between us two")),
        arrived(2, copy(&carol, after(2), "our secret")),
        arrived(3, copy(&bob, after(3), "hello Bob")),
    ]);
    let me = home.me;
    home.takes_in(vec![
        arrived(4, from(&bob, after(4), quoting(carol, 1))),
        arrived(5, from(&bob, after(5), quoting(me, 2))),
        arrived(6, from(&bob, after(6), quoting(me, 3))),
        arrived(7, from(&bob, after(7), quoting(me, 99))),
    ]);
    let originals: Vec<_> = home.shown(conversation).into_iter().filter_map(|message| message.quote).collect();
    let texts: Vec<_> = originals.iter().map(|quote| quote.original.as_ref().map(|of| of.text.as_str())).collect();
    assert_eq!(texts, [None, None, Some("hello Bob"), None]);
}

#[test]
fn what_its_author_takes_back_is_gone_here_and_in_our_swarm() {
    let (mut home, bob, conversation) = Home::with_friend();
    home.takes_in(vec![arrived(1, text(&bob, after(1), "oops")), arrived(2, copy(&bob, after(2), "what?"))]);
    let take_back = |of| from(&bob, after(3), What::Unsend(of));
    let me = home.me;
    home.takes_in(vec![arrived(3, take_back(target(&me, after(2))))]);
    assert_eq!(home.skipped(), [("foreign_unsend".to_owned(), 1)], "nobody takes back what we wrote");
    let events = home.takes_in(vec![arrived(4, take_back(target(&bob, after(1))))]);
    assert!(matches!(&events[..], [Event::Unsent { .. }, Event::Messages { .. }]));
    let page = home.shown(conversation);
    assert_eq!((page[0].deleted, page[0].text.as_str(), page[1].deleted), (true, "", false));
    let changes = home.store.mailbox_changes(NOW, 9).unwrap();
    assert_eq!((changes.len(), &changes[0].hash, changes[0].expires_at), (1, &hash(1), None));
    // Another device of ours removes our own message: its copy goes.
    home.takes_in(vec![arrived(5, ours(&me, after(4), What::Unsend(target(&me, after(2)))))]);
    assert!(home.shown(conversation)[1].deleted);
    assert_eq!(home.store.mailbox_changes(NOW, 9).unwrap().len(), 2);
}

#[test]
fn what_was_taken_back_before_it_came_is_not_shown() {
    let (mut home, bob, conversation) = Home::with_friend();
    let me = home.me;
    let notes = home.conversation(&me);
    home.takes_in(vec![
        arrived(1, from(&bob, after(2), What::Unsend(target(&bob, after(1))))),
        arrived(2, ours(&me, after(4), What::Unsend(target(&me, after(3))))),
    ]);
    let late = vec![arrived(3, text(&bob, after(1), "never said")), arrived(4, copy(&me, after(3), "milk"))];
    assert!(received(&home.takes_in(late)).is_empty());
    assert!(home.shown(conversation)[0].deleted);
    assert!(home.shown(notes).is_empty(), "notes to self go without a trace");
    let row = home.store.conversations(Folder::Inbox, 10).unwrap().remove(0);
    assert_eq!(row.unread, 0);
}

#[test]
fn receipts_mark_our_messages_where_both_want_that() {
    let (mut home, bob, conversation) = Home::with_friend();
    home.takes_in(vec![arrived(1, copy(&bob, after(1), "one")), arrived(2, copy(&bob, after(2), "two"))]);
    let read = |times: &[u64]| from(&bob, after(9), What::Read(times.iter().map(|t| after(*t)).collect()));
    home.store.write::<_, Error>(|tx| tx.set_setting(READ_RECEIPTS, "0")).unwrap();
    home.takes_in(vec![arrived(3, read(&[1]))]);
    assert_eq!(home.shown(conversation)[0].peer_read_at, None);
    home.store.write::<_, Error>(|tx| tx.set_setting(READ_RECEIPTS, "1")).unwrap();
    let events = home.takes_in(vec![arrived(4, read(&[1, 2, 77]))]);
    assert!(matches!(&events[0], Event::ReadByPeer { messages, .. } if messages.len() == 2));
    assert!(home.shown(conversation).iter().all(|message| message.peer_read_at == Some(NOW)));
    assert!(home.takes_in(vec![arrived(5, read(&[1]))]).is_empty(), "no news");
}

#[test]
fn messages_come_with_the_time_at_which_they_disappear() {
    let (mut home, bob, conversation) = Home::with_friend();
    let (sent, read) = (Expiry::AfterSend { seconds: 60 }, Expiry::AfterRead { seconds: 60 });
    let past = TimestampMs(NOW.0 - 60_000);
    home.takes_in(vec![
        arrived(1, timed(sent, text(&bob, past, "too late"))),
        arrived(2, timed(sent, text(&bob, after(1), "a minute"))),
        arrived(3, timed(read, text(&bob, after(2), "once read"))),
        arrived(4, timed(read, copy(&bob, after(3), "ours"))),
        arrived(5, timed(Expiry::AfterSend { seconds: u32::MAX }, text(&bob, after(4), "long"))),
    ]);
    let page = home.shown(conversation);
    let times: Vec<_> = page.iter().map(|message| (message.text.as_str(), message.expires_at)).collect();
    let fortnight = Some(after(14 * 86_400_000));
    assert_eq!(
        times,
        [("a minute", Some(after(60_001))), ("once read", None), ("ours", Some(after(60_003))), ("long", fortnight)]
    );
    // Another device has read everything: what comes now and the swarm keeps for long begins now.
    home.store.write(|tx| tx.apply_read(conversation, after(50), false)).unwrap();
    home.takes_in(vec![arrived(6, timed(read, text(&bob, after(5), "read elsewhere")))]);
    let last = home.shown(conversation).remove(4);
    assert_eq!(last.expires_at, Some(after(60_000)));
    let change = home.store.mailbox_changes(NOW, 9).unwrap().remove(0);
    assert_eq!((change.hash, change.expires_at, change.message), (hash(6), Some(after(60_000)), Some(last.id)));
    assert_eq!(home.store.read_untimed(9).unwrap().len(), 1, "the one that waited");
}

#[test]
fn a_timer_of_theirs_is_told_and_changes_nothing_of_ours() {
    let (mut home, bob, conversation) = Home::with_friend();
    let change = timed(Expiry::AfterRead { seconds: 5 }, from(&bob, after(1), What::TimerChange));
    let saved = from(&bob, after(2), What::Notice(MessageKind::MediaSaved));
    let events = home.takes_in(vec![arrived(1, change), arrived(2, saved)]);
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Notice(_))).count(), 2);
    let page = home.shown(conversation);
    assert_eq!((page[0].kind, page[0].expiry), (MessageKind::TimerChanged, Expiry::AfterRead { seconds: 5 }));
    assert_eq!(page[1].kind, MessageKind::MediaSaved);
    assert_eq!(home.store.conversation(conversation).unwrap().expiry, Expiry::Off);
    let stranger = from(&account(3).1, after(1), What::TimerChange);
    assert!(matches!(home.takes_in(vec![arrived(3, stranger)])[..], [Event::Skipped { count: 1 }]));
}

#[test]
fn a_conversation_that_was_removed_stays_removed_for_what_is_older() {
    let (mut home, bob, conversation) = Home::with_friend();
    home.store
        .write::<_, Error>(|tx| {
            tx.delete_conversation(conversation)?;
            tx.set_removed(Some(&bob), after(10))
        })
        .unwrap();
    home.takes_in(vec![arrived(1, text(&bob, after(9), "old")), arrived(2, copy(&bob, after(8), "older"))]);
    assert_eq!(home.store.counts().unwrap().conversations, 0);
    home.takes_in(vec![arrived(3, text(&bob, after(11), "new"))]);
    assert_eq!(home.store.counts().unwrap().conversations, 1);
}

#[derive(Debug, Clone)]
enum Step {
    Message,
    React(u8, bool, u64),
    Unsend,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Message),
        6 => (0_u8..4, any::<bool>(), 2_u64..40).prop_map(|(who, removed, at)| Step::React(who, removed, at)),
        1 => Just(Step::Unsend),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn reactions_and_unsends_in_any_order_give_equal_state(
        steps in prop::collection::vec(step(), 1..12),
        order in prop::collection::vec(any::<u32>(), 12),
    ) {
        let (_, bob) = account(2);
        // Each action has a T of its own, as with any sender.
        let mut steps: Vec<(u64, Step)> = (0..).zip(steps).collect();
        steps.push((99, Step::Message));
        let opened = |(number, step): &(u64, Step)| {
            let of = target(&bob, after(1));
            let message = match step {
                Step::Message => text(&bob, after(1), "lake?"),
                Step::React(who, removed, at) => {
                    let what = reacts(of, ["👍", "😂"][usize::from(who % 2)], *removed);
                    let sent_at = after(at * 100 + number);
                    if *who < 2 { from(&bob, sent_at, what) } else { ours(&bob, sent_at, what) }
                }
                Step::Unsend => from(&bob, after(50), What::Unsend(of)),
            };
            arrived(u32::try_from(*number).unwrap(), message)
        };
        let state = |steps: &[(u64, Step)]| {
            let (mut home, _, conversation) = Home::with_friend();
            for step in steps {
                home.takes_in(vec![opened(step)]);
            }
            let message = home.shown(conversation).remove(0);
            (message.text, message.deleted, message.reactions)
        };
        let mut shuffled: Vec<_> = steps.iter().cloned().zip(order.into_iter().cycle()).collect();
        shuffled.sort_by_key(|(_, key)| *key);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(step, _)| step).collect();
        prop_assert_eq!(state(&steps), state(&shuffled));
    }
}
