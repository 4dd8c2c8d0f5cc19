//! What counts as unread on the app's icon.

use super::*;

#[test]
fn the_icon_counts_what_wants_to_be_read() {
    let mut home = Home::new();
    let ids: Vec<_> = (2..8).map(|number| home.conversation(number)).collect();
    home.store
        .write(|tx| {
            for (number, id) in (2..8).zip(&ids) {
                tx.set_approved(&person(number), true, NOW)?;
                for time in 0..3 {
                    tx.insert_message(&incoming(*id, person(number), after(time), "x"), after(9))?;
                }
            }
            tx.set_blocked(&person(3), true, NOW)?;
            tx.set_approved(&person(4), false, NOW)?;
            tx.set_approved_me(&person(4), true, NOW)?; // a request
            tx.set_muted_until(ids[3], Some(after(100)))?;
            tx.mark_read(ids[4], after(1))?;
            tx.mark_read(ids[5], after(9))?;
            tx.set_marked_unread(ids[5], true)
        })
        .unwrap();
    assert_eq!(home.store.badge(after(99)).unwrap(), 3 + 1 + 1);
    assert_eq!(home.store.badge(after(100)).unwrap(), 3 + 1 + 1 + 3, "the mute is over");
    assert_eq!(home.store.unread(ids[4]).unwrap(), 1);
    home.store.write::<_, crate::Error>(|tx| tx.mark_read(ids[0], after(9))).unwrap();
    assert_eq!(home.store.badge(after(99)).unwrap(), 2);
}

#[test]
fn what_names_us_is_listed_from_where_was_read() {
    let mut home = Home::new();
    let (id, bob) = (home.conversation(2), person(2));
    let named = |time| NewMessage { mention: true, ..incoming(id, bob, after(time), "@you") };
    let ids: Vec<_> = home
        .store
        .write(|tx| {
            tx.insert_message(&incoming(id, bob, after(1), "x"), after(9))?;
            let ids = [named(2), named(3), named(5)].map(|new| tx.insert_message(&new, after(9)));
            tx.insert_message(&incoming(id, bob, after(6), "x"), after(9))?;
            ids.into_iter().collect::<Result<Vec<_>, crate::Error>>()
        })
        .unwrap()
        .into_iter()
        .map(crate::Inserted::id)
        .collect();
    let listed = |from, limit| home.store.mentions_after(id, after(from), limit).unwrap();
    assert_eq!(listed(0, 9).iter().map(|place| place.id).collect::<Vec<_>>(), ids);
    assert_eq!((listed(2, 9).len(), listed(0, 1).len(), listed(5, 9).len()), (2, 1, 0));
}
