//! Configs and keys of a group (protocol: config 9, 10, 13). Only admins, who have the group's
//! key, change the configs; all members read them with the keys in [`keys`].

pub mod info;
pub mod keys;
pub mod members;
pub mod multi_encrypt;
