use super::*;
use crate::Kind;
use crate::group::members::{self, Member};
use crate::testing::{hash, keys};

struct Device {
    keys: GroupKeys,
    info: Config,
    members: Config,
}

fn group() -> NodeKeys {
    NodeKeys::from_seed(&[3; 32])
}

fn device(person: u8, admin: bool) -> Device {
    let group = group();
    let id = AccountId::new(Prefix::Group, &group.ed25519_public());
    let signer = admin.then_some(&group);
    Device {
        keys: GroupKeys::new(&id, &keys(person), signer).unwrap(),
        info: Config::new_group(Kind::GroupInfo, &id, signer).unwrap(),
        members: Config::new_group(Kind::GroupMembers, &id, signer).unwrap(),
    }
}

fn id(person: u8) -> AccountId {
    AccountId::from_x25519(&keys(person).x25519_public())
}

impl Device {
    fn rekey(&mut self) -> Vec<u8> {
        self.keys.rekey(&mut self.info, &mut self.members).unwrap()
    }

    fn receive(&mut self, number: u8, message: &[u8], days: i64) -> Result<bool, Error> {
        let at = days * 24 * 3_600_000;
        self.keys.receive(&hash(number), message, at, &mut self.info, &mut self.members)
    }
}

#[test]
fn a_member_reads_what_the_admin_writes_until_he_is_shut_out() {
    let (mut admin, mut member) = (device(1, true), device(2, false));
    members::set(&mut admin.members, &Member::new(id(2))).unwrap();
    let first = admin.rekey();
    assert_eq!(admin.receive(1, &first, 1), Ok(true));
    assert_eq!(member.receive(1, &first, 1), Ok(true));
    let push = admin.members.push(crate::testing::NOW).unwrap();
    let merged = member.members.merge(&[(hash(2), push.messages[0].clone())], crate::testing::NOW);
    assert_eq!(merged.accepted, [hash(2)]);
    assert!(members::erase(&mut admin.members, &id(2)));
    let second = admin.rekey();
    assert_eq!(admin.receive(3, &second, 2), Ok(true));
    assert_eq!(member.receive(3, &second, 2), Ok(false));
    assert_eq!((admin.keys.generation(), member.keys.generation()), (Some(1), Some(0)));
    let push = admin.members.push(crate::testing::NOW).unwrap();
    let merged = member.members.merge(&[(hash(4), push.messages[0].clone())], crate::testing::NOW);
    assert!(merged.accepted.is_empty());
}

#[test]
fn the_size_of_a_keys_message_does_not_tell_how_many_are_in_the_group() {
    let mut admin = device(1, true);
    members::set(&mut admin.members, &Member::new(id(2))).unwrap();
    let small = admin.rekey().len();
    for person in 3..78 {
        members::set(&mut admin.members, &Member::new(id(person))).unwrap();
    }
    assert_eq!(small, 3_992);
    assert!(admin.rekey().len() > small);
}

#[test]
fn a_member_can_neither_make_keys_nor_change_configs() {
    let mut member = device(2, false);
    assert_eq!(member.keys.rekey(&mut member.info, &mut member.members), Err(Error::ReadOnly));
    assert_eq!(member.keys.supplement(&[id(3)]), Err(Error::ReadOnly));
    assert_eq!(members::set(&mut member.members, &Member::new(id(3))), Err(Error::ReadOnly));
    assert!(!members::erase(&mut member.members, &id(3)));
    assert!(member.members.data().is_empty());
    let wrong = member.keys.become_admin(&[4; 32], &mut member.info, &mut member.members);
    assert_eq!(wrong, Err(Error::Id));
    member.keys.become_admin(&[3; 32], &mut member.info, &mut member.members).unwrap();
    assert!(members::set(&mut member.members, &Member::new(id(3))).is_ok());
}

#[test]
fn keys_expire_sixty_days_after_the_next_came() {
    let mut admin = device(1, true);
    for (number, days) in [(1, 0), (2, 10), (3, 69), (4, 71)] {
        let message = admin.rekey();
        assert_eq!(admin.receive(number, &message, days), Ok(true));
        let expected = if days == 71 { 3 } else { usize::from(number) };
        assert_eq!(admin.keys.held().len(), expected, "{days}");
        assert_eq!(admin.keys.active_hashes().len(), expected, "{days}");
    }
}

#[test]
fn a_bad_message_changes_nothing() {
    let mut admin = device(1, true);
    members::set(&mut admin.members, &Member::new(id(2))).unwrap();
    let good = admin.rekey();
    for at in (0..good.len()).step_by(53) {
        let mut member = device(2, false);
        let before = member.keys.dump();
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(member.receive(1, &bad, 1).is_err(), "{at}");
        assert_eq!(member.keys.dump(), before);
    }
    let mut loaded = GroupKeys::load(
        &AccountId::new(Prefix::Group, &group().ed25519_public()),
        &keys(1),
        Some(&group()),
        &admin.keys.dump(),
    )
    .unwrap();
    assert_eq!(loaded.pending_message(), Some(&good[..]));
    assert_eq!(loaded.dump(), admin.keys.dump());
}
