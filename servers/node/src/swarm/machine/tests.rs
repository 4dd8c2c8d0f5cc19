use bytes::Bytes;
use tacit_wire::{AccountId, Namespace, SwarmId};

use super::*;
use crate::swarm::merge::Expiry;
use crate::swarm::protocol::{Found, Message, Query, Write};
use crate::swarm::record::Fact;

const ME: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);
const THIRD: NodeId = NodeId([3; 32]);
const STRANGER: NodeId = NodeId([9; 32]);

fn at(up: u64) -> Now {
    Now { up, wall: 1_000_000 + up }
}

fn view(no: u64, members: &[NodeId]) -> View {
    View { no, swarms: [(SwarmId(5), members.to_vec())].into(), spare: Vec::new() }
}

fn started(kept: Held) -> Machine {
    let holdings = vec![Holding { interval: Interval { lo: 0, hi: u64::MAX }, state: kept }];
    let recovered = Recovered { holdings, hints: Vec::new(), clean: true };
    let views = (view(1, &[ME, OTHER, THIRD]), View::default());
    Machine::start(at(0), ME, Settings::new(|_| false), 7, views, recovered).0
}

fn message(n: u8) -> Record {
    let expiry = Expiry { set_ms: 0, expires_ms: 9_000_000 };
    let fact = Fact::Message {
        ns: Namespace(0),
        hash: [n; 32],
        stored_ms: 1_000_000,
        expiry,
        proof: None,
        data: Bytes::from_static(b"x"),
    };
    Record { account: AccountId::from_x25519(&[n; 32]), fact }
}

fn shortened(n: u8) -> Record {
    let mut record = message(n);
    if let Fact::Message { expiry, .. } = &mut record.fact {
        *expiry = Expiry { set_ms: 1_000_001, expires_ms: 1_000_500 };
    }
    record
}

/// Tokens of the commits and calls among some actions.
fn tokens(actions: &[Action]) -> (Vec<u64>, BTreeMap<NodeId, u64>) {
    let (mut commits, mut calls) = (Vec::new(), BTreeMap::new());
    for action in actions {
        match action {
            Action::Commit { token, .. } => commits.push(*token),
            Action::Call { token, to, .. } => {
                calls.insert(*to, *token);
            }
            _ => (),
        }
    }
    (commits, calls)
}

fn committed(token: u64) -> Event {
    Event::Committed { token, receipt: Some(Bytes::new()) }
}

#[test]
fn a_store_goes_everywhere_and_what_a_member_misses_is_kept_before_the_answer() {
    let mut machine = started(Held::Whole);
    let actions = machine.handle(at(10), Event::Request { request: 1, records: vec![message(1)] });
    let (commits, calls) = tokens(&actions);
    assert_eq!((commits.len(), calls.len()), (1, 2));
    machine.handle(at(20), committed(commits[0]));
    machine.handle(at(30), Event::Replied { token: calls[&OTHER], reply: Some(Reply::Applied(Bytes::new())) });
    let kept = machine.handle(at(40), Event::Replied { token: calls[&THIRD], reply: None });
    assert!(
        matches!(&kept[..], [Action::Commit { writes, .. }] if matches!(&writes[..], [Write::AddHints(hints)] if hints[0].member == THIRD))
    );
    let answer = machine.handle(at(50), committed(tokens(&kept).0[0]));
    assert!(matches!(&answer[..], [Action::Answer { request: 1, .. }]), "{answer:?}");
    assert_eq!(machine.hints().collect::<Vec<_>>(), [(THIRD, 1)]);
    assert_eq!(machine.load().0, 0);
}

#[test]
fn what_was_kept_is_sent_when_the_member_is_heard() {
    let mut machine = started(Held::Whole);
    let actions = machine.handle(at(10), Event::Request { request: 1, records: vec![message(1)] });
    let (commits, calls) = tokens(&actions);
    machine.handle(at(20), committed(commits[0]));
    machine.handle(at(30), Event::Replied { token: calls[&OTHER], reply: Some(Reply::Applied(Bytes::new())) });
    machine.handle(at(40), Event::Replied { token: calls[&THIRD], reply: None });
    let asked = Event::Asked { from: THIRD, call: 3, message: Message::Apply(Vec::new()) };
    let actions = machine.handle(at(50), asked);
    let read = actions.iter().find_map(|action| match action {
        Action::Read { token, query: Query::Hints { member: THIRD } } => Some(*token),
        _ => None,
    });
    let found = Found::Hints(vec![(4, message(1))]);
    let sent = machine.handle(at(60), Event::Read { token: read.expect("hints are looked up"), found });
    let reply = Event::Replied { token: tokens(&sent).1[&THIRD], reply: Some(Reply::Applied(Bytes::new())) };
    let removed = machine.handle(at(70), reply);
    assert!(
        matches!(&removed[..], [Action::Commit { writes, .. }] if matches!(&writes[..], [Write::RemoveHints(n)] if *n == [4]))
    );
    machine.handle(at(80), committed(tokens(&removed).0[0]));
    assert_eq!(machine.hints().count(), 0);
}

#[test]
fn an_answer_does_not_wait_for_ever() {
    let mut machine = started(Held::Whole);
    machine.handle(at(10), Event::Request { request: 1, records: vec![message(1)] });
    assert_eq!(machine.next_tick(at(10)), 5010);
    let answer = machine.handle(at(5010), Event::Tick);
    assert!(answer.iter().any(|action| matches!(action, Action::Answer { request: 1, .. })));
}

#[test]
fn an_account_of_another_swarm_is_sent_away() {
    let mut machine = started(Held::Whole);
    let elsewhere = View { no: 2, swarms: [(SwarmId(5), vec![OTHER, THIRD])].into(), spare: vec![ME] };
    machine.handle(at(10), Event::View(elsewhere));
    let actions = machine.handle(at(20), Event::Request { request: 1, records: vec![message(1)] });
    assert!(matches!(&actions[..], [Action::WrongSwarm { request: 1 }]));
    assert!(matches!(machine.holdings()[0].state, Held::Lost { whole: true, .. }));
}

#[test]
fn a_stranger_is_refused_and_a_fellows_word_ends_no_message() {
    let mut machine = started(Held::Whole);
    let apply = |from, record| Event::Asked { from, call: 1, message: Message::Apply(vec![record]) };
    let actions = machine.handle(at(10), apply(STRANGER, message(1)));
    assert!(matches!(&actions[..], [Action::Reply { reply: Reply::Refused, .. }]));
    let actions = machine.handle(at(20), apply(OTHER, shortened(1)));
    assert!(tokens(&actions).0.is_empty(), "nothing is written: {actions:?}");
    let actions = machine.handle(at(30), apply(OTHER, message(1)));
    assert_eq!(tokens(&actions).0.len(), 1);
}

#[test]
fn who_is_being_filled_serves_nobody() {
    let mut machine = started(Held::Gaining(None));
    assert!(!machine.serves(7) && machine.owns(7));
    let pull = Message::Pull { interval: Interval { lo: 0, hi: 9 }, cursor: None };
    let actions = machine.handle(at(10), Event::Asked { from: OTHER, call: 1, message: pull });
    assert!(matches!(&actions[..], [Action::Reply { reply: Reply::NotWhole, .. }]));
}

#[test]
fn a_member_that_keeps_lacking_facts_is_named() {
    let mut machine = started(Held::Whole);
    for _ in 0..3 {
        machine.note_lacking(OTHER, 80);
        machine.note_lacking(THIRD, 80);
    }
    machine.note_lacking(THIRD, 10);
    assert_eq!(machine.lagging().collect::<Vec<_>>(), [(OTHER, 80)]);
}
