//! Changes by path (protocol: config 3.5). What changes nothing leaves the object as it was, and
//! so does any change of a config that this device may not write.

use super::Config;
use crate::value::{Dict, Scalar, Set, Value};

/// Keys from the top of the data to a place in it.
pub type Path<'p> = [&'p [u8]];

impl Config {
    /// The value at a path.
    #[must_use]
    pub fn get(&self, path: &Path<'_>) -> Option<&Value> {
        let (key, above) = path.split_last()?;
        let mut dict = self.data();
        for key in above {
            dict = dict.get(*key)?.as_dict()?;
        }
        dict.get(*key)
    }

    /// Sets a scalar; makes the dictionaries on the way.
    pub fn assign(&mut self, path: &Path<'_>, scalar: impl Into<Scalar>) {
        self.put(path, Value::Scalar(scalar.into()));
    }

    /// Sets a set; an empty one is erased.
    pub fn assign_set(&mut self, path: &Path<'_>, set: Set) {
        if set.is_empty() {
            self.erase(path);
        } else {
            self.put(path, Value::Set(set));
        }
    }

    /// Erases what is at a path, with everything in it. Says whether there was anything.
    pub fn erase(&mut self, path: &Path<'_>) -> bool {
        let Some((key, above)) = path.split_last() else { return false };
        if !self.is_writable() || self.get(path).is_none() {
            return false;
        }
        self.change(|data| {
            edit(data, above, |dict| {
                dict.remove(*key);
            });
        });
        true
    }

    /// Adds to a set; what is no set there is replaced by one.
    pub fn set_add(&mut self, path: &Path<'_>, element: impl Into<Scalar>) {
        let mut set = self.get(path).and_then(Value::as_set).cloned().unwrap_or_default();
        set.insert(element.into());
        self.put(path, Value::Set(set));
    }

    /// Removes from a set.
    pub fn set_remove(&mut self, path: &Path<'_>, element: impl Into<Scalar>) {
        let Some(mut set) = self.get(path).and_then(Value::as_set).cloned() else { return };
        set.remove(&element.into());
        self.assign_set(path, set);
    }

    fn put(&mut self, path: &Path<'_>, value: Value) {
        let Some((key, above)) = path.split_last() else { return };
        if !self.is_writable() || self.get(path) == Some(&value) {
            return;
        }
        self.change(|data| {
            edit(data, above, |dict| {
                dict.insert(key.to_vec(), value);
            });
        });
    }
}

/// Changes the dictionary at a path: makes those on the way, also in place of other values, and
/// takes out those that become empty.
fn edit(data: &mut Dict, path: &Path<'_>, change: impl FnOnce(&mut Dict)) {
    let Some((key, below)) = path.split_first() else { return change(data) };
    let mut inner = match data.remove(*key) {
        Some(Value::Dict(inner)) => inner,
        _ => Dict::new(),
    };
    edit(&mut inner, below, change);
    if !inner.is_empty() {
        data.insert(key.to_vec(), Value::Dict(inner));
    }
}
