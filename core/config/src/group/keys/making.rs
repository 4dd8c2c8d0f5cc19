//! Admins make keys (protocol: config 10.1, 10.2).

use tacit_crypto::NodeKeys;
use tacit_crypto::group::keys as cipher;
use tacit_wire::AccountId;
use tacit_wire::bencode::write_bytes;
use zeroize::Zeroizing;

use super::{GroupKeys, Pending, SecretKey};
use crate::group::members;
use crate::value::write_integer;
use crate::{Config, Error};

/// The number of members' keys is rounded up to a multiple of this, so that it tells little.
pub(super) const ENTRIES: usize = 75;

impl GroupKeys {
    /// Makes the next key for all that have a record in `members`: erase first whom it shuts out.
    /// Gives the message to be stored. Both configs are to be pushed after it, under the new key.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] when we are no admin.
    pub fn rekey(&mut self, info: &mut Config, members: &mut Config) -> Result<Vec<u8>, Error> {
        let group = self.signer.as_deref().ok_or(Error::ReadOnly)?;
        let ids: Vec<AccountId> = members::all(members).map(|member| member.id).collect();
        let generation = match self.generation() {
            Some(newest) => newest.checked_add(1).ok_or(Error::Keys("no next generation"))?,
            None => 0,
        };
        let digits: Vec<String> = ids.iter().map(AccountId::to_hex).collect();
        let new = cipher::new_key(group, &digits, generation)?;
        let admins = cipher::seal(&*cipher::admin_key(group)?, &new.nonce, new.key.as_slice())?;
        let mut entries = entries(group, &ids, &new.nonce, new.key.as_slice());
        let missing = entries.len().next_multiple_of(ENTRIES) - entries.len();
        let junk = cipher::junk(group, &new, missing * cipher::SEALED_KEY)?;
        entries.extend(junk.chunks(cipher::SEALED_KEY).map(<[u8]>::to_vec));

        let mut out = b"d".to_vec();
        write_bytes(b"#", &mut out);
        write_bytes(&new.nonce, &mut out);
        write_bytes(b"G", &mut out);
        write_integer(generation, &mut out);
        write_bytes(b"K", &mut out);
        write_bytes(&admins, &mut out);
        write_bytes(b"k", &mut out);
        write_entries(&entries, &mut out);
        sign(group, &mut out);

        self.pending = Some(Pending { generation, key: SecretKey(*new.key), message: out.clone() });
        self.needs_dump = true;
        self.equip(info, members);
        info.touch();
        members.touch();
        Ok(out)
    }

    /// A message that hands all keys held to these accounts, which were not members before.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] when we are no admin, [`Error::NoKeys`] when there is no key yet,
    /// [`Error::Id`] when no account's key is of use.
    pub fn supplement(&self, accounts: &[AccountId]) -> Result<Vec<u8>, Error> {
        let group = self.signer.as_deref().ok_or(Error::ReadOnly)?;
        let generation = self.generation().ok_or(Error::NoKeys)?;
        let mut plain = Zeroizing::new(b"l".to_vec());
        for key in &self.held {
            plain.push(b'd');
            write_bytes(b"g", &mut plain);
            write_integer(key.generation, &mut plain);
            write_bytes(b"k", &mut plain);
            write_bytes(key.key.as_bytes(), &mut plain);
            write_bytes(b"t", &mut plain);
            write_integer(key.stored_ms, &mut plain);
            plain.push(b'e');
        }
        plain.push(b'e');
        let digits: Vec<String> = accounts.iter().map(AccountId::to_hex).collect();
        let nonce = cipher::supplement_nonce(group, &digits, &plain)?;
        let entries = entries(group, accounts, &nonce, &plain);
        if entries.is_empty() {
            return Err(Error::Id);
        }
        let mut out = b"d".to_vec();
        write_bytes(b"#", &mut out);
        write_bytes(&nonce, &mut out);
        write_bytes(b"+", &mut out);
        write_entries(&entries, &mut out);
        write_bytes(b"G", &mut out);
        write_integer(generation, &mut out);
        sign(group, &mut out);
        Ok(out)
    }
}

/// The text for each account; those with useless keys are left out.
fn entries(group: &NodeKeys, accounts: &[AccountId], nonce: &[u8; cipher::NONCE], plain: &[u8]) -> Vec<Vec<u8>> {
    let entry = |id: &AccountId| {
        let key = cipher::key_for_member(group, id.key()).ok()?;
        cipher::seal(&key, nonce, plain).ok()
    };
    accounts.iter().filter_map(entry).collect()
}

fn write_entries(entries: &[Vec<u8>], out: &mut Vec<u8>) {
    out.push(b'l');
    entries.iter().for_each(|entry| write_bytes(entry, out));
    out.push(b'e');
}

fn sign(group: &NodeKeys, out: &mut Vec<u8>) {
    let signature = group.sign(out);
    write_bytes(b"~", out);
    write_bytes(&signature, out);
    out.push(b'e');
}
