//! Slint models that follow lists by stable identity, so that only rows that changed are drawn.

use std::rc::Rc;

use slint::{Model as _, ModelRc, VecModel};
use tacit_client::view::{Diff, Item, diff};

/// A model whose rows have identities.
pub(crate) struct Rows<T: Row> {
    model: Rc<VecModel<T>>,
}

/// A row of a screen with an identity.
pub(crate) trait Row: Clone + PartialEq + 'static {
    /// Unique in its list.
    fn key(&self) -> &str;
    /// Whether it looks as another one does. Lists within rows are compared by what they hold.
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[derive(Clone)]
struct Keyed<T>(T);

impl<T: Row> PartialEq for Keyed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(&other.0)
    }
}

impl<T: Row> Item for Keyed<T> {
    type Id = String;
    fn id(&self) -> String {
        self.0.key().to_owned()
    }
}

impl<T: Row> Default for Rows<T> {
    fn default() -> Self {
        Self { model: Rc::default() }
    }
}

impl<T: Row> Rows<T> {
    /// What a screen's property holds.
    pub(crate) fn shared(&self) -> ModelRc<T> {
        ModelRc::from(Rc::clone(&self.model))
    }

    /// The rows as they are.
    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.model.iter().collect()
    }

    /// The row with an identity.
    pub(crate) fn find(&self, key: &str) -> Option<T> {
        self.model.iter().find(|row| row.key() == key)
    }

    /// Turns the rows into others, step by step.
    pub(crate) fn become_rows(&self, rows: Vec<T>) {
        let old: Vec<_> = self.model.iter().map(Keyed).collect();
        let new: Vec<_> = rows.into_iter().map(Keyed).collect();
        for step in diff(&old, &new) {
            match step {
                Diff::Insert { at, item } => self.model.insert(at, item.0),
                Diff::Update { at, item } => self.model.set_row_data(at, item.0),
                Diff::Remove { at } => drop(self.model.remove(at)),
            }
        }
    }

    /// Replaces all rows at once, for another list.
    pub(crate) fn replace(&self, rows: Vec<T>) {
        self.model.set_vec(rows);
    }
}

/// A plain list.
pub(crate) fn list<T: Clone + 'static>(items: impl IntoIterator<Item = T>) -> ModelRc<T> {
    let items: Vec<T> = items.into_iter().collect();
    // All empty lists are the same.
    if items.is_empty() { ModelRc::default() } else { ModelRc::new(VecModel::from(items)) }
}

/// Whether two lists hold the same.
pub(crate) fn same_list<T: PartialEq>(a: &ModelRc<T>, b: &ModelRc<T>) -> bool {
    a == b || a.row_count() == b.row_count() && a.iter().eq(b.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Row for (String, u8) {
        fn key(&self) -> &str {
            &self.0
        }
    }

    #[test]
    fn rows_follow_a_list() {
        let rows = Rows::default();
        let list = |text: &str| text.chars().map(|c| (c.to_string(), 0)).collect::<Vec<_>>();
        for next in ["abc", "bcd", "", "xabc", "cab"] {
            rows.become_rows(list(next));
            assert_eq!(rows.to_vec(), list(next));
        }
        assert_eq!(rows.find("a"), Some(("a".to_owned(), 0)));
    }
}
