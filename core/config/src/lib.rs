//! Synced configuration: config messages, their merge, and the records that they hold.
