//! Differences between two states of a list whose items have stable identities.

use std::collections::HashSet;
use std::hash::Hash;

/// An item of an observed list.
pub trait Item: Clone + PartialEq {
    /// Its identity, which stays when its content changes.
    type Id: Eq + Hash + Clone;
    /// The identity of this item.
    fn id(&self) -> Self::Id;
}

/// One step from an older list to a newer one; steps are applied in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diff<T> {
    /// A new item stands at `at`.
    Insert {
        /// Its index after the step.
        at: usize,
        /// The item.
        item: T,
    },
    /// The item at `at` has new content.
    Update {
        /// Its index.
        at: usize,
        /// The item as it is now.
        item: T,
    },
    /// The item at `at` is gone.
    Remove {
        /// Its index before the step.
        at: usize,
    },
}

/// The steps that turn `old` into `new`; an item that moved is removed and inserted.
pub fn diff<T: Item>(old: &[T], new: &[T]) -> Vec<Diff<T>> {
    let wanted: HashSet<T::Id> = new.iter().map(Item::id).collect();
    let mut steps = Vec::new();
    let mut list: Vec<&T> = Vec::with_capacity(new.len());
    // From the end, so that the indices of what is left stay true.
    for (at, item) in old.iter().enumerate().rev() {
        if wanted.contains(&item.id()) {
            list.push(item);
        } else {
            steps.push(Diff::Remove { at });
        }
    }
    list.reverse();
    let mut present: HashSet<T::Id> = list.iter().map(|i| i.id()).collect();
    for (at, item) in new.iter().enumerate() {
        let id = item.id();
        if list.get(at).is_some_and(|here| here.id() == id) {
            if list[at] != item {
                steps.push(Diff::Update { at, item: item.clone() });
            }
            continue;
        }
        if present.remove(&id)
            && let Some(from) = (at..list.len()).find(|i| list[*i].id() == id)
        {
            list.remove(from);
            steps.push(Diff::Remove { at: from });
        }
        list.insert(at, item);
        steps.push(Diff::Insert { at, item: item.clone() });
    }
    steps
}

/// Applies steps to a list; steps that do not fit it are left out.
pub fn apply<T>(list: &mut Vec<T>, steps: Vec<Diff<T>>) {
    for step in steps {
        match step {
            Diff::Insert { at, item } if at <= list.len() => list.insert(at, item),
            Diff::Update { at, item } if at < list.len() => list[at] = item,
            Diff::Remove { at } if at < list.len() => {
                list.remove(at);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Item for (u8, u8) {
        type Id = u8;
        fn id(&self) -> u8 {
            self.0
        }
    }

    #[test]
    fn a_changed_row_is_one_update_and_a_new_one_is_one_insert() {
        let old = vec![(1, 0), (2, 0)];
        assert_eq!(diff(&old, &[(1, 0), (2, 9)]), [Diff::Update { at: 1, item: (2, 9) }]);
        assert_eq!(diff(&old, &[(1, 0), (2, 0), (3, 0)]), [Diff::Insert { at: 2, item: (3, 0) }]);
        assert_eq!(diff(&old, &[(2, 0)]), [Diff::Remove { at: 0 }]);
    }

    fn list() -> impl Strategy<Value = Vec<(u8, u8)>> {
        proptest::collection::vec((0_u8..24, 0_u8..3), 0..24).prop_map(|items| {
            let mut seen = HashSet::new();
            items.into_iter().filter(|(id, _)| seen.insert(*id)).collect()
        })
    }

    proptest! {
        #[test]
        fn the_steps_lead_from_the_old_list_to_the_new(old in list(), new in list()) {
            let mut walked = old.clone();
            apply(&mut walked, diff(&old, &new));
            prop_assert_eq!(walked, new);
        }
    }
}
