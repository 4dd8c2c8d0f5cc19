//! Facts as bytes: account, kind, then the fields of that kind, its proof last.

use std::sync::Arc;

use bytes::Bytes;
use tacit_wire::bencode::Value;
use tacit_wire::{AccountId, Namespace, Namespaces};

use super::fields::{Fields, integer, parse};
use crate::store::Proof;
use crate::swarm::merge::{Expiry, Revocation};
use crate::swarm::{Fact, Record};

const ALL_NAMESPACES: i64 = i32::MAX as i64;

/// One fact by itself, as it is kept for a member.
pub(crate) fn encode_record(one: &Record) -> Bytes {
    record(one).to_bytes().into()
}

/// Reads it.
pub(crate) fn decode_record(bytes: &[u8]) -> Option<Record> {
    read_record(&parse(bytes)?)
}

pub(super) fn records(all: &[Record]) -> Value<'_> {
    Value::List(all.iter().map(record).collect())
}

pub(super) fn read_records(value: &Value<'_>) -> Option<Vec<Record>> {
    value.as_list()?.iter().map(read_record).collect()
}

fn record(record: &Record) -> Value<'_> {
    let mut fields = vec![Value::bytes(record.account.as_bytes())];
    let kind = Value::Integer;
    match &record.fact {
        Fact::Message { ns, hash, stored_ms, expiry, proof, data } => {
            fields.extend([kind(1), kind(ns.0.into()), Value::bytes(hash), integer(*stored_ms)]);
            fields.extend([integer(expiry.set_ms), integer(expiry.expires_ms), Value::bytes(data)]);
            fields.extend(proof.as_deref().map(proof_value));
        }
        Fact::Tombstone { ns, hash, deleted_ms, until_ms, proof } => {
            fields.extend([kind(2), kind(ns.0.into()), Value::bytes(hash)]);
            fields.extend([integer(*deleted_ms), integer(*until_ms), proof_value(proof)]);
        }
        Fact::Revocation { token, revocation, proof } => {
            fields.extend([kind(3), Value::bytes(token), integer(revocation.at_ms)]);
            fields.extend([kind(revocation.revoked.into()), proof_value(proof)]);
        }
        Fact::Wiped { ns, before_ms, until_ms, proof } => {
            let ns = match ns {
                Namespaces::One(ns) => ns.0.into(),
                Namespaces::All => ALL_NAMESPACES,
            };
            fields.extend([kind(4), kind(ns), integer(*before_ms), integer(*until_ms), proof_value(proof)]);
        }
        Fact::Expiry { hash, expiry, proof } => {
            fields.extend([kind(5), Value::bytes(hash), integer(expiry.set_ms), integer(expiry.expires_ms)]);
            fields.push(proof_value(proof));
        }
    }
    Value::List(fields)
}

fn read_record(value: &Value<'_>) -> Option<Record> {
    let mut fields = Fields::of(value)?;
    let account = AccountId::from_bytes(fields.array()?).ok()?;
    let fact = match fields.number()? {
        1 => Fact::Message {
            ns: namespace(&mut fields)?,
            hash: fields.array()?,
            stored_ms: fields.number()?,
            expiry: Expiry { set_ms: fields.number()?, expires_ms: fields.number()? },
            data: Bytes::copy_from_slice(fields.bytes()?),
            proof: if fields.end() { None } else { Some(proof(&mut fields)?) },
        },
        2 => Fact::Tombstone {
            ns: namespace(&mut fields)?,
            hash: fields.array()?,
            deleted_ms: fields.number()?,
            until_ms: fields.number()?,
            proof: proof(&mut fields)?,
        },
        3 => Fact::Revocation {
            token: fields.array()?,
            revocation: Revocation { at_ms: fields.number()?, revoked: fields.number()? == 1 },
            proof: proof(&mut fields)?,
        },
        4 => Fact::Wiped {
            ns: match fields.signed()? {
                ALL_NAMESPACES => Namespaces::All,
                ns => Namespaces::One(Namespace(i16::try_from(ns).ok()?)),
            },
            before_ms: fields.number()?,
            until_ms: fields.number()?,
            proof: proof(&mut fields)?,
        },
        5 => Fact::Expiry {
            hash: fields.array()?,
            expiry: Expiry { set_ms: fields.number()?, expires_ms: fields.number()? },
            proof: proof(&mut fields)?,
        },
        _ => return None,
    };
    fields.end().then_some(Record { account, fact })
}

fn namespace(fields: &mut Fields<'_>) -> Option<Namespace> {
    fields.signed().and_then(|ns| i16::try_from(ns).ok()).map(Namespace)
}

fn proof_value(proof: &Proof) -> Value<'_> {
    let mut fields =
        vec![Value::bytes(&proof.signed_text), Value::bytes(&proof.signature), Value::bytes(&proof.signer)];
    fields.extend(proof.subaccount.as_deref().map(Value::bytes));
    Value::List(fields)
}

fn proof(fields: &mut Fields<'_>) -> Option<Arc<Proof>> {
    let mut fields = Fields::of(fields.value()?)?;
    let proof = Proof {
        signed_text: fields.bytes()?.to_vec(),
        signature: fields.array()?,
        signer: fields.array()?,
        subaccount: if fields.end() { None } else { Some(fields.bytes()?.to_vec()) },
    };
    fields.end().then(|| Arc::new(proof))
}
