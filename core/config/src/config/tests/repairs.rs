//! What merges drop by accident comes back.

use super::*;
use crate::community_url::CommunityUrl;
use crate::groups::{self, Room, Settings};

fn names(config: &Config) -> Vec<tacit_wire::AccountId> {
    contacts::all(config).map(|contact| contact.id).collect()
}

/// Both devices know somebody, then one erases him while the other adds another.
fn erased_and_added(adder: u8) -> (Config, Config) {
    let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
    contacts::set(&mut phone, &Contact::new(somebody(2))).unwrap();
    laptop.merge(&store(&mut phone, 1), NOW);
    contacts::erase(&mut phone, &somebody(2));
    let contact = Contact { name: format!("{adder}"), ..Contact::new(somebody(3)) };
    contacts::set(&mut laptop, &contact).unwrap();
    (phone, laptop)
}

#[test]
fn somebody_added_while_the_last_contact_was_erased_stays() {
    let mut was_needed = false;
    for adder in 0..20 {
        let (mut phone, mut laptop) = erased_and_added(adder);
        let of_phone = store(&mut phone, 2);
        let of_laptop = store(&mut laptop, 3);
        let mut unrepaired = laptop.clone();
        unrepaired.merge_only(&of_phone, NOW);
        was_needed |= names(&unrepaired).is_empty();
        laptop.merge(&of_phone, NOW);
        assert_eq!(names(&laptop), [somebody(3)]);
        // The other device, which only merges, gets him with the next push.
        phone.merge_only(&of_laptop, NOW);
        phone.merge(&store(&mut laptop, 4), NOW);
        assert_eq!(names(&phone), [somebody(3)]);
    }
    assert!(was_needed);
}

fn nickname(config: &mut Config, of: u8, nickname: &str) {
    let contact = Contact { nickname: nickname.to_owned(), ..Contact::new(somebody(of)) };
    contacts::set(config, &contact).unwrap();
}

#[test]
fn a_merge_does_not_outweigh_what_another_device_changes_meanwhile() {
    let mut was_needed = false;
    for number in 0..20 {
        let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
        nickname(&mut phone, 2, "first");
        laptop.merge(&store(&mut phone, 1), NOW);
        nickname(&mut phone, 3, "phone's");
        nickname(&mut laptop, 4, &format!("laptop's {number}"));
        let of_phone = store(&mut phone, 2);
        store(&mut laptop, 3);
        let mut other_program = laptop.clone();
        nickname(&mut phone, 2, "changed");
        let changed = store(&mut phone, 4);

        let nickname_after = |laptop: &mut Config| {
            laptop.merge(&changed, NOW);
            contacts::get(laptop, &somebody(2)).unwrap().nickname
        };
        laptop.merge(&of_phone, NOW);
        assert_eq!(nickname_after(&mut laptop), "changed");
        other_program.merge_only(&of_phone, NOW);
        was_needed |= nickname_after(&mut other_program) == "first";
    }
    assert!(was_needed);
}

#[test]
fn a_device_that_merges_as_other_programs_do_comes_to_rest_with_one_that_does_not() {
    for number in 0..20 {
        let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
        nickname(&mut phone, 2, "phone's");
        nickname(&mut laptop, 3, &format!("laptop's {number}"));
        let mut rounds = 0;
        while phone.needs_push() || laptop.needs_push() {
            let of_phone = if phone.needs_push() { store(&mut phone, 2 + rounds * 2) } else { Vec::new() };
            let of_laptop = if laptop.needs_push() { store(&mut laptop, 3 + rounds * 2) } else { Vec::new() };
            phone.merge(&of_laptop, NOW);
            laptop.merge_only(&of_phone, NOW);
            rounds += 1;
            assert!(rounds < 5, "they answer each other for ever");
        }
        assert_eq!(phone.to_bytes(), laptop.to_bytes());
    }
}

#[test]
fn whoever_was_erased_stays_erased_when_others_changed_him() {
    for number in 0..20 {
        let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
        contacts::set(&mut phone, &Contact::new(somebody(2))).unwrap();
        laptop.merge(&store(&mut phone, 1), NOW);
        contacts::erase(&mut phone, &somebody(2));
        let contact = Contact { nickname: format!("{number}"), ..Contact::new(somebody(2)) };
        contacts::set(&mut laptop, &contact).unwrap();
        let (of_phone, of_laptop) = (store(&mut phone, 2), store(&mut laptop, 3));
        phone.merge(&of_laptop, NOW);
        laptop.merge(&of_phone, NOW);
        assert_eq!(phone.to_bytes(), laptop.to_bytes());
    }
}

#[test]
fn a_room_comes_back_with_the_key_of_its_server() {
    let room = |name: &str| Room {
        url: CommunityUrl::new("http://open.example.org", name, [9; 32]).unwrap(),
        settings: Settings::default(),
    };
    for number in 0..20 {
        let (mut phone, mut laptop) = (config(Kind::Groups), config(Kind::Groups));
        groups::set_room(&mut phone, &room("old"));
        laptop.merge(&store(&mut phone, 1), NOW);
        groups::erase_room(&mut phone, "http://open.example.org", "old");
        let new = room(&format!("new{number}"));
        groups::set_room(&mut laptop, &new);
        let of_phone = store(&mut phone, 2);
        store(&mut laptop, 3);
        laptop.merge(&of_phone, NOW);
        assert_eq!(groups::all_rooms(&laptop).collect::<Vec<_>>(), [new]);
    }
}

#[test]
fn a_change_from_before_a_long_absence_is_kept() {
    let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
    contacts::set(&mut phone, &Contact::new(somebody(2))).unwrap();
    let mut stored = store(&mut phone, 1);
    laptop.merge(&stored, NOW);
    // Tried to push twice, and was never heard.
    contacts::set(&mut laptop, &Contact::new(somebody(100))).unwrap();
    laptop.push(NOW).unwrap();
    contacts::set(&mut laptop, &Contact::new(somebody(101))).unwrap();
    for number in 3..20 {
        contacts::set(&mut phone, &Contact::new(somebody(number))).unwrap();
        stored = store(&mut phone, number);
    }
    let mut unrepaired = laptop.clone();
    unrepaired.merge_only(&stored, NOW);
    assert_eq!(names(&unrepaired).len(), 18);
    assert!(laptop.merge(&stored, NOW).changed);
    assert_eq!(names(&laptop).len(), 20);
    phone.merge(&store(&mut laptop, 50), NOW);
    assert_eq!(names(&phone).len(), 20);
    assert!(!phone.needs_push());
}

#[test]
fn a_change_that_others_took_up_and_undid_does_not_come_back() {
    let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
    contacts::set(&mut phone, &Contact::new(somebody(2))).unwrap();
    laptop.merge(&store(&mut phone, 1), NOW);
    contacts::erase(&mut laptop, &somebody(2));
    phone.merge(&store(&mut laptop, 2), NOW);
    assert!(names(&phone).is_empty() && !phone.needs_push());
}
