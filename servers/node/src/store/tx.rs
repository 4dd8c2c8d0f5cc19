//! One transaction of the writer, and what it changes of the facts that members compare.

use std::cell::RefCell;
use std::ops::Deref;

use tacit_sqlite::rusqlite::Connection;
use tacit_wire::{AccountId, swarm};

use crate::swarm::reconcile::Item;
use crate::swarm::record::Mark;

/// A fact has come or gone.
#[derive(Clone)]
pub(super) struct Change {
    /// Its account's place on the ring.
    pub space: u64,
    /// What it is compared by.
    pub item: Item,
    /// Come, or gone.
    pub came: bool,
}

/// Statements run in it as on a connection.
pub(super) struct Tx<'c> {
    connection: &'c Connection,
    changes: RefCell<Vec<Change>>,
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, changes: RefCell::default() }
    }

    /// A fact is there that was not.
    pub(super) fn came(&self, account: &AccountId, mark: Mark<'_>) {
        self.note(account, mark, true);
    }

    /// A fact is not there any more.
    pub(super) fn went(&self, account: &AccountId, mark: Mark<'_>) {
        self.note(account, mark, false);
    }

    fn note(&self, account: &AccountId, mark: Mark<'_>, came: bool) {
        self.changes.borrow_mut().push(Change { space: swarm::space(account), item: mark.item(account), came });
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes.into_inner()
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}
