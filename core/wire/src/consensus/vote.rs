//! What one registrar found, for one document (protocol: servers 6.4).

use tacit_crypto::NodeKeys;

use super::certificate::MAX_CERTIFICATE;
use super::document::MAX_URL;
use super::fields::{Fields, insert, integer, number, owned, sign, verify};
use super::{Announcement, Bytes32, Certificate, Flags, MAX_ANNOUNCEMENT, MAX_NODES, MAX_VOTE, Params, rotation};
use crate::bencode::Value;
use crate::{Error, TimestampMs};

const WHAT: &str = "vote";
const DOMAIN: &[u8] = b"tacit-vote-1";
const MAX_VALUES: usize = 6 * MAX_NODES + 10_000;

/// What a registrar says of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// The node's word.
    pub announcement: Announcement,
    /// The same, as the node signed it.
    pub bytes: Vec<u8>,
    /// What is true of it.
    pub flags: Flags,
    /// Share of the probes that it answered, of 1,000.
    pub uptime: u16,
    /// Number of the first document that it could be in.
    pub since: u64,
    /// Who runs it, as far as this registrar knows: a number for each operator.
    pub operator: Option<u64>,
}

/// One registrar's view of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// The network.
    pub network: Bytes32,
    /// Number of the document to be made.
    pub number: u64,
    /// Digest of the document that it starts from; zeros for the first.
    pub previous: Bytes32,
    /// Who votes, with which key.
    pub certificate: Certificate,
    /// Where that registrar answers.
    pub url: String,
    /// Nodes, by key.
    pub ballots: Vec<Ballot>,
    /// Figures of the network as this registrar wants them.
    pub params: Params,
    /// Digest of what it will reveal with the next vote.
    pub commit: Bytes32,
    /// What it committed to with the last.
    pub reveal: Option<Bytes32>,
    /// All changes of the set of registrars that it knows.
    pub rotations: Vec<Vec<u8>>,
}

impl Vote {
    /// When the document to be made begins to count.
    #[must_use]
    pub fn valid_after(&self) -> TimestampMs {
        TimestampMs(self.number.saturating_mul(1000))
    }

    /// The signed form; `signing` is the certificate's key.
    #[must_use]
    pub fn sign(&self, signing: &NodeKeys) -> Vec<u8> {
        let mut value = Value::from([
            ("c", owned(&self.commit)),
            ("k", Value::bytes(&self.certificate.bytes)),
            ("n", Value::bytes(&self.network)),
            ("no", integer(self.number)),
            ("nodes", Value::List(self.ballots.iter().map(Ballot::write).collect())),
            ("params", self.params.write()),
            ("prev", Value::bytes(&self.previous)),
            ("rot", Value::List(self.rotations.iter().map(|rotation| Value::bytes(rotation)).collect())),
            ("u", Value::bytes(self.url.as_bytes())),
        ]);
        if let Some(reveal) = &self.reveal {
            insert(&mut value, "r", owned(reveal));
        }
        sign(value, DOMAIN, signing)
    }

    /// Reads the signed form; checks the signatures of the registrar and of all announcements.
    /// Whether the registrar may vote is for the caller to say.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Malformed`] or [`Error::Crypto`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_VOTE {
            return Err(Error::too_long(WHAT, MAX_VOTE));
        }
        let value = Value::parse_up_to(bytes, MAX_VALUES)?;
        let fields = Fields::of(&value, WHAT)?;
        let certificate = Certificate::parse(fields.bytes("k", MAX_CERTIFICATE)?)?;
        verify(&value, DOMAIN, &certificate.signing.0)?;
        let vote = Self {
            network: fields.array("n")?,
            number: fields.number("no")?,
            previous: fields.array("prev")?,
            url: fields.text("u", MAX_URL)?,
            ballots: fields.list("nodes", MAX_NODES)?.iter().map(Ballot::read).collect::<Result<_, _>>()?,
            params: Params::read(fields.get("params")?)?,
            commit: fields.array("c")?,
            reveal: if fields.has("r") { Some(fields.array("r")?) } else { None },
            rotations: rotation::read_all(&fields, "rot")?,
            certificate,
        };
        let in_order = vote.ballots.windows(2).all(|pair| pair[0].announcement.node < pair[1].announcement.node);
        let of_network = vote.ballots.iter().all(|ballot| ballot.announcement.network == vote.network);
        let in_time = vote.certificate.is_valid_at(vote.valid_after());
        if in_order && of_network && in_time { Ok(vote) } else { Err(fields.wrong()) }
    }
}

impl Ballot {
    fn write(&self) -> Value<'_> {
        let mut fields = vec![
            Value::bytes(&self.bytes),
            Value::Integer(self.flags.0.into()),
            Value::Integer(self.uptime.into()),
            integer(self.since),
        ];
        fields.extend(self.operator.map(integer));
        Value::List(fields)
    }

    fn read(value: &Value<'_>) -> Result<Self, Error> {
        let wrong = || Error::malformed("ballot");
        let (given, operator) = match value.as_list().ok_or_else(wrong)? {
            [given @ .., operator] if given.len() == 4 => (given, Some(number(operator).ok_or_else(wrong)?)),
            given => (given, None),
        };
        let [bytes, flags, uptime, since] = given else { return Err(wrong()) };
        let bytes = bytes.as_bytes().filter(|bytes| bytes.len() <= MAX_ANNOUNCEMENT).ok_or_else(wrong)?;
        Ok(Self {
            announcement: Announcement::parse(bytes)?,
            bytes: bytes.to_vec(),
            flags: Flags(number(flags).ok_or_else(wrong)?),
            uptime: number(uptime).filter(|uptime| *uptime <= 1000).ok_or_else(wrong)?,
            since: number(since).ok_or_else(wrong)?,
            operator,
        })
    }
}
