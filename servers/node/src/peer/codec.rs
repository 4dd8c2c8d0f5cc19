//! What members of a swarm say to each other, as bytes: bencoded lists whose fields have their
//! places. Times are integers; places of the ring, ids and keys are byte strings.

mod fields;
mod records;

use std::borrow::Cow;

use bytes::Bytes;
use tacit_wire::bencode::Value;

use crate::swarm::buckets::{Bucket, Buckets, Sum};
use crate::swarm::ownership::{Interval, Intervals};
use crate::swarm::reconcile::{Claim, Frame, Item, Range};
use crate::swarm::{Message, Reply};

use fields::{Fields, integer, parse, place};
pub(crate) use records::{decode_record, encode_record};
use records::{read_records, records};

/// Its operation, as the last part of the path, and the body.
pub(crate) fn encode_message(message: &Message) -> (&'static str, Bytes) {
    let (operation, value) = match message {
        Message::Apply(all) => ("apply", records(all)),
        Message::Sums { intervals, until } => ("sums", list([places(intervals), integer(*until)])),
        Message::Compare { intervals, hours, until, frame } => {
            let hours = Value::List(hours.iter().map(|hour| integer(*hour)).collect());
            ("reconcile", list([places(intervals), hours, integer(*until), frame_value(frame)]))
        }
        Message::Get { intervals, items } => ("get", list([places(intervals), items_value(items)])),
        Message::Pull { interval, cursor } => {
            let cursor = Value::List(cursor.iter().map(|cursor| Value::bytes(cursor)).collect());
            ("pull", list([place(interval.lo), place(interval.hi), cursor]))
        }
    };
    (operation, value.to_bytes().into())
}

/// Reads a body; none if it is malformed or the operation is another.
pub(crate) fn decode_message(operation: &str, body: &[u8]) -> Option<Message> {
    let value = parse(body)?;
    if operation == "apply" {
        return read_records(&value).map(Message::Apply);
    }
    let mut fields = Fields::of(&value)?;
    let message = match operation {
        "sums" => Message::Sums { intervals: read_places(fields.list()?)?, until: fields.number()? },
        "reconcile" => {
            let intervals = read_places(fields.list()?)?;
            let hours = fields.list()?.iter().map(read_number).collect::<Option<_>>()?;
            Message::Compare { intervals, hours, until: fields.number()?, frame: read_frame(fields.list()?)? }
        }
        "get" => Message::Get { intervals: read_places(fields.list()?)?, items: read_items(fields.list()?)? },
        "pull" => {
            let interval = Interval { lo: fields.place()?, hi: fields.place()? };
            let cursor = fields.list()?.first().and_then(Value::as_bytes).map(Bytes::copy_from_slice);
            Message::Pull { interval, cursor }
        }
        _ => return None,
    };
    fields.end().then_some(message)
}

/// Status and body.
pub(crate) fn encode_reply(reply: &Reply) -> (u16, Bytes) {
    let value = match reply {
        Reply::Applied(receipt) => return (200, receipt.clone()),
        Reply::Sums { buckets, whole } => {
            let hours = buckets.0.iter().map(|(hour, bucket)| list([integer(*hour), bucket_value(bucket)]));
            list([Value::List(hours.collect()), Value::Integer((*whole).into())])
        }
        Reply::Frame(frame) => frame_value(frame),
        Reply::Records { records: all, taken } => list([records(all), integer(*taken as u64)]),
        Reply::Page { records: all, next } => {
            let next = Value::List(next.iter().map(|next| Value::bytes(next)).collect());
            list([records(all), next])
        }
        Reply::NotWhole => return (503, Bytes::new()),
        Reply::Refused => return (421, Bytes::new()),
        Reply::Failed => return (500, Bytes::new()),
    };
    (200, value.to_bytes().into())
}

/// Reads the answer to an operation.
pub(crate) fn decode_reply(operation: &str, status: u16, body: &Bytes) -> Option<Reply> {
    match (status, operation) {
        (200, "apply") => return Some(Reply::Applied(body.clone())),
        (200, _) => (),
        (503, _) => return Some(Reply::NotWhole),
        (421 | 403, _) => return Some(Reply::Refused),
        _ => return Some(Reply::Failed),
    }
    let value = parse(body)?;
    let mut fields = Fields::of(&value)?;
    match operation {
        "sums" => {
            let hours = fields.list()?.iter().map(|hour| {
                let mut fields = Fields::of(hour)?;
                Some((fields.number()?, read_bucket(fields.value()?)?))
            });
            let buckets = Buckets(hours.collect::<Option<_>>()?);
            Some(Reply::Sums { buckets, whole: fields.number()? == 1 })
        }
        "reconcile" => read_frame(value.as_list()?).map(Reply::Frame),
        "get" => {
            let records = read_records(fields.value()?)?;
            Some(Reply::Records { records, taken: usize::try_from(fields.number()?).ok()? })
        }
        "pull" => {
            let records = read_records(fields.value()?)?;
            let next = fields.list()?.first().and_then(Value::as_bytes).map(Bytes::copy_from_slice);
            Some(Reply::Page { records, next })
        }
        _ => None,
    }
}

fn list<'a, const N: usize>(values: [Value<'a>; N]) -> Value<'a> {
    Value::List(values.into())
}

fn read_number(value: &Value<'_>) -> Option<u64> {
    value.as_integer().and_then(|number| u64::try_from(number).ok())
}

fn places(intervals: &Intervals) -> Value<'static> {
    Value::List(intervals.as_slice().iter().map(|i| list([place(i.lo), place(i.hi)])).collect())
}

fn read_places(values: &[Value<'_>]) -> Option<Intervals> {
    let interval = |value| {
        let mut fields = Fields::of(value)?;
        Some(Interval { lo: fields.place()?, hi: fields.place()? })
    };
    values.iter().map(interval).collect::<Option<Vec<_>>>().map(Intervals::from_unsorted)
}

/// Time and id in one byte string: 40 bytes.
fn item_value(item: &Item) -> Value<'static> {
    Value::Bytes(Cow::Owned([&item.time.to_be_bytes()[..], &item.id].concat()))
}

fn read_item(value: &Value<'_>) -> Option<Item> {
    let bytes: &[u8; 40] = value.as_bytes()?.try_into().ok()?;
    let (time, id) = bytes.split_first_chunk::<8>()?;
    Some(Item { time: u64::from_be_bytes(*time), id: id.try_into().ok()? })
}

fn items_value(items: &[Item]) -> Value<'static> {
    Value::List(items.iter().map(item_value).collect())
}

fn read_items(values: &[Value<'_>]) -> Option<Vec<Item>> {
    values.iter().map(read_item).collect()
}

fn bucket_value(bucket: &Bucket) -> Value<'static> {
    let sum: Vec<u8> = bucket.sum.0.iter().flat_map(|word| word.to_be_bytes()).collect();
    list([integer(bucket.count), Value::Bytes(Cow::Owned(sum))])
}

fn read_bucket(value: &Value<'_>) -> Option<Bucket> {
    let mut fields = Fields::of(value)?;
    let count = fields.number()?;
    let bytes: [u8; 32] = fields.array()?;
    let mut sum = [0; 4];
    for (word, bytes) in sum.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = u64::from_be_bytes(bytes.try_into().ok()?);
    }
    Some(Bucket { count, sum: Sum(sum) })
}

/// Each range: its end (empty: none), then nothing, a bucket, or items in a list of their own.
fn frame_value(frame: &Frame) -> Value<'static> {
    let range = |range: &Range| {
        let end = range.end.as_ref().map_or_else(|| Value::bytes(b""), item_value);
        match &range.claim {
            Claim::Done => list([end]),
            Claim::Sum(bucket) => list([end, Value::Integer(1), bucket_value(bucket)]),
            Claim::Items(items) => list([end, Value::Integer(2), items_value(items)]),
        }
    };
    Value::List(frame.iter().map(range).collect())
}

fn read_frame(values: &[Value<'_>]) -> Option<Frame> {
    let range = |value| {
        let mut fields = Fields::of(value)?;
        let end = fields.value()?;
        let end = if end.as_bytes() == Some(b"") { None } else { Some(read_item(end)?) };
        let claim = match fields.number() {
            None => Claim::Done,
            Some(1) => Claim::Sum(read_bucket(fields.value()?)?),
            Some(2) => Claim::Items(read_items(fields.list()?)?),
            Some(_) => return None,
        };
        Some(Range { end, claim })
    };
    values.iter().map(range).collect()
}

#[cfg(test)]
mod tests;
