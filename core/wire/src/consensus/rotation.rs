//! A change of the registrars themselves (protocol: servers 6.6).

use tacit_crypto::NodeKeys;

use super::fields::{Fields, array, integer, owned};
use super::{Bytes32, MAX_REGISTRARS, RegistrarSet};
use crate::bencode::Value;
use crate::{Error, NodeId};

const WHAT: &str = "rotation document";
const DOMAIN: &[u8] = b"tacit-rotation-1";
const MAX_ROTATION: usize = 16 * 1024;
/// Rotations that one document carries.
const MAX_ROTATIONS: usize = 256;

/// From one set of registrars to the next; signed by enough of the old ones and all new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The network.
    pub network: Bytes32,
    /// Number of the consensus from which on the new set counts.
    pub number: u64,
    /// [`RegistrarSet::digest`] of the set before.
    pub previous: Bytes32,
    /// The new set.
    pub set: RegistrarSet,
    signatures: Vec<(NodeId, [u8; 64])>,
}

impl Rotation {
    /// A rotation that nobody has signed yet.
    #[must_use]
    pub fn new(network: Bytes32, number: u64, previous: Bytes32, set: RegistrarSet) -> Self {
        Self { network, number, previous, set, signatures: Vec::new() }
    }

    /// Adds the signature of a registrar, old or new.
    pub fn sign(&mut self, identity: &NodeKeys) {
        let signer = NodeId(identity.ed25519_public());
        self.signatures.retain(|(who, _)| *who != signer);
        self.signatures.push((signer, identity.sign(&self.signed_text())));
        self.signatures.sort_unstable_by_key(|(who, _)| *who);
    }

    fn body(&self) -> Value<'static> {
        Value::from([
            ("k", integer(self.set.threshold() as u64)),
            ("n", owned(&self.network)),
            ("no", integer(self.number)),
            ("prev", owned(&self.previous)),
            ("set", Value::List(self.set.keys().iter().map(|key| owned(&key.0)).collect())),
        ])
    }

    fn signed_text(&self) -> Vec<u8> {
        [DOMAIN, &self.body().to_bytes()].concat()
    }

    /// The signed form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut value = self.body();
        let signatures = self.signatures.iter().map(|(who, sig)| Value::List(vec![owned(&who.0), owned(sig)]));
        super::fields::insert(&mut value, "~", Value::List(signatures.collect()));
        value.to_bytes()
    }

    /// Reads the signed form. Signatures are checked by [`Rotation::apply`].
    ///
    /// # Errors
    /// [`Error::TooLong`] or [`Error::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_ROTATION {
            return Err(Error::too_long(WHAT, MAX_ROTATION));
        }
        let value = Value::parse_up_to(bytes, 1024)?;
        let fields = Fields::of(&value, WHAT)?;
        let keys = fields.list("set", MAX_REGISTRARS)?.iter().map(|key| array(key).map(NodeId));
        let keys: Option<Vec<_>> = keys.collect();
        let signature = |value: &Value<'_>| match value.as_list()? {
            [who, signature] => Some((NodeId(array(who)?), array(signature)?)),
            _ => None,
        };
        let signatures: Option<Vec<_>> = fields.list("~", 2 * MAX_REGISTRARS)?.iter().map(signature).collect();
        Ok(Self {
            network: fields.array("n")?,
            number: fields.number("no")?,
            previous: fields.array("prev")?,
            set: RegistrarSet::new(keys.ok_or_else(|| fields.wrong())?, fields.number("k")?)?,
            signatures: signatures.ok_or_else(|| fields.wrong())?,
        })
    }

    /// Follows rotations from a set on, as far as they are in force with document `number`. Gives
    /// the last set, and those of `known` that led there, in order. Of two that follow one set the
    /// smaller counts, so that all who know both agree.
    #[must_use]
    pub fn follow(
        first: &RegistrarSet,
        network: &Bytes32,
        known: &[Vec<u8>],
        number: u64,
    ) -> (RegistrarSet, Vec<Vec<u8>>) {
        let (mut set, mut way) = (first.clone(), Vec::new());
        while way.len() < MAX_ROTATIONS {
            let next = known.iter().filter_map(|bytes| {
                let rotation = Self::parse(bytes).ok().filter(|rotation| rotation.number <= number)?;
                Some((bytes, rotation.apply(network, &set).ok()?))
            });
            let Some((bytes, next)) = next.min_by_key(|(bytes, _)| *bytes) else { break };
            way.push(bytes.clone());
            set = next;
        }
        (set, way)
    }

    /// The set after this rotation of `old`.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is of another network or follows another set, [`Error::Crypto`]
    /// when too few of the old or not all of the new registrars signed it.
    pub fn apply(&self, network: &Bytes32, old: &RegistrarSet) -> Result<RegistrarSet, Error> {
        if self.network != *network || self.previous != old.digest() {
            return Err(Error::malformed(WHAT));
        }
        let text = self.signed_text();
        let signed = |key: &NodeId| {
            let of_key = self.signatures.iter().find(|(who, _)| who == key);
            of_key.is_some_and(|(_, signature)| tacit_crypto::verify(&key.0, &text, signature).is_ok())
        };
        let old_ones = old.keys().iter().filter(|key| signed(key)).count();
        if old_ones < old.threshold() || !self.set.keys().iter().all(signed) {
            return Err(tacit_crypto::Error::Signature.into());
        }
        Ok(self.set.clone())
    }
}

/// The rotations that a vote or document carries.
pub(super) fn read_all(fields: &Fields<'_, '_>, key: &str) -> Result<Vec<Vec<u8>>, Error> {
    let read = |value: &Value<'_>| value.as_bytes().filter(|bytes| bytes.len() <= MAX_ROTATION).map(<[u8]>::to_vec);
    fields.list(key, MAX_ROTATIONS)?.iter().map(|value| read(value).ok_or_else(|| fields.wrong())).collect()
}
