//! The same votes make the same document everywhere, and no single voter decides.

use tacit_wire::consensus::{Announcement, Certificate};

use super::super::testing::{START, announcement, id, identity, keys, params, registrars};
use super::*;

const NUMBER: u64 = START.0 / 1000;

fn ballot(said: &Announcement, signer: u8, flags: u16) -> Ballot {
    Ballot {
        bytes: said.sign(&keys(signer)),
        announcement: said.clone(),
        flags: Flags(flags | Flag::Valid as u16),
        uptime: 500,
        since: NUMBER,
        operator: None,
    }
}

fn vote(number: u8, of: u8, mut ballots: Vec<Ballot>) -> Vote {
    ballots.sort_by_key(|ballot| ballot.announcement.node);
    Vote {
        network: registrars(of).digest(),
        number: NUMBER,
        previous: [0; 32],
        certificate: identity(number).certificate,
        url: format!("https://r{number}.example"),
        ballots,
        params: params(),
        commit: [number; 32],
        reveal: None,
        rotations: Vec::new(),
    }
}

fn result(votes: &[Vote], of: u8) -> Option<Consensus> {
    let first = registrars(of);
    let network = first.digest();
    let votes: Vec<&Vote> = votes.iter().collect();
    compute(&votes, &Before { first: &first, network: &network, last: None }, NUMBER)
}

fn word(number: u8, of: u8, later: u64) -> Announcement {
    announcement(number, registrars(of).digest(), START.plus_ms(later))
}

#[test]
fn a_majority_lists_and_flags() {
    let nodes = |flags: u16| (1..=6).map(|n| ballot(&word(n, 3, 0), n, flags)).collect::<Vec<_>>();
    let running = Flag::Running as u16;
    let mut liar = nodes(0);
    liar.push(ballot(&word(66, 3, 0), 66, running));
    let votes = [vote(0, 3, nodes(running)), vote(1, 3, nodes(running)), vote(2, 3, liar)];
    let document = result(&votes, 3).unwrap();
    assert_eq!(document.nodes.len(), 6, "one registrar cannot bring in a node");
    assert!(document.nodes.iter().all(|node| node.flags.has(Flag::Running)), "nor take one out");
    assert_eq!(document.swarms.len(), 1);
    assert!(document.next_swarms.is_empty());
    assert_eq!(document.registrars.len(), 3);
}

#[test]
fn the_order_of_votes_does_not_matter() {
    let nodes = || (1..=9).map(|n| ballot(&word(n, 3, 0), n, 1)).collect::<Vec<_>>();
    let mut votes = vec![vote(0, 3, nodes()), vote(1, 3, nodes()), vote(2, 3, nodes())];
    let document = result(&votes, 3).unwrap();
    votes.reverse();
    assert_eq!(result(&votes, 3), Some(document.clone()));
    let body = document.to_bytes();
    assert_eq!(Consensus::parse(&body), Ok(document), "what is computed can be read");
}

#[test]
fn too_few_votes_make_nothing() {
    let one = vote(0, 3, Vec::new());
    assert_eq!(result(std::slice::from_ref(&one), 3), None);
    let mut foreign = vote(1, 3, Vec::new());
    foreign.certificate = Certificate::issue(&keys(9), id(9), START, START.plus_ms(1));
    assert_eq!(result(&[one.clone(), foreign], 3), None, "an unknown one");
    let mut behind = vote(1, 3, Vec::new());
    behind.previous = [1; 32];
    assert_eq!(result(&[one.clone(), behind], 3), None, "from another document");
    assert!(result(&[one, vote(1, 3, Vec::new())], 3).is_some());
}

#[test]
fn the_newest_word_that_two_have_counts() {
    let told = |later| vec![ballot(&word(1, 3, later), 1, 1)];
    let ports = |votes: &[Vote]| result(votes, 3).unwrap().nodes[0].clone();
    let mut newest = word(1, 3, 5);
    newest.https_port = 5;
    let alone = vote(2, 3, vec![ballot(&newest, 1, 1)]);
    let document = ports(&[vote(0, 3, told(1)), vote(1, 3, told(1)), alone.clone()]);
    assert_eq!(document.https_port, 22021);
    let document = ports(&[vote(0, 3, told(1)), vote(1, 3, told(2)), alone]);
    assert_eq!(document.https_port, 5, "no two have the same");
}

#[test]
fn numbers_are_low_medians_and_operators_need_a_majority() {
    let with = |number: u8, uptime, operator| {
        let mut ballot = ballot(&word(1, 3, 0), 1, 1);
        (ballot.uptime, ballot.operator) = (uptime, operator);
        vote(number, 3, vec![ballot])
    };
    let votes = [with(0, 10, Some(1)), with(1, 900, Some(1)), with(2, 1000, Some(2))];
    assert_eq!(result(&votes, 3).unwrap().nodes[0].uptime, 900);
    assert_eq!(result(&votes[..2], 3).unwrap().nodes[0].uptime, 10);
    let ballots: Vec<&Ballot> = votes.iter().map(|vote| &vote.ballots[0]).collect();
    assert_eq!((operator(&ballots), operator(&ballots[1..])), (Some(1), None));
}
