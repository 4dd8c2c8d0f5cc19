//! Messages that wait at a node, as it answers with them.

use std::error::Error;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use tacit_crypto::{AccountKeys, Seed};
use tacit_wire::proto::{Content, DataMessage, LokiProfile};
use tacit_wire::rpc::MAX_RETRIEVE;
use tacit_wire::{AccountId, MessageHash, TimestampMs, base64, envelope};

use crate::words;

pub const NOW: TimestampMs = TimestampMs(1_795_510_800_000);
/// Before this they were written, one after the other, in ms.
const APART: u64 = 5_000;
const WRITERS: u8 = 20;
/// Half of what a node gives at the most, as the client asks for.
const PAGE: usize = MAX_RETRIEVE / 2;

pub struct Waiting {
    pub seed: Seed,
    pub me: AccountKeys,
    pub writers: Vec<AccountId>,
    pub messages: u32,
    /// Bodies of a node's answers, one after the other.
    pub answers: Vec<Vec<u8>>,
}

impl Waiting {
    /// As many messages of some people, in turn.
    pub fn seal(messages: u32) -> Result<Self, Box<dyn Error>> {
        let seed = Seed::from_bytes([100; 16]);
        let me = AccountKeys::from_seed(&seed);
        let to = AccountId::from_x25519(&me.x25519_public());
        let keys: Vec<_> = (0..WRITERS).map(|number| AccountKeys::from_seed(&Seed::from_bytes([number; 16]))).collect();
        let writers = keys.iter().map(|keys| AccountId::from_x25519(&keys.x25519_public())).collect();
        let mut rng = StdRng::seed_from_u64(2);
        let (mut answers, mut page, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (number, sender) in (0..messages).zip(keys.iter().cycle()) {
            let at = NOW.0 - APART * u64::from(messages - number);
            let data =
                base64::encode(&envelope::encode_direct(&content(at, words::text(&mut rng)), sender, &to, &mut rng)?);
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&number.to_le_bytes());
            bytes += data.len();
            let (hash, expiration) = (MessageHash::from_bytes(&hash), NOW.0 + 1_000_000_000);
            page.push(json!({"hash": hash, "timestamp": at, "expiration": expiration, "data": data}));
            if bytes >= PAGE || number + 1 == messages {
                let body = json!({"messages": std::mem::take(&mut page), "more": number + 1 < messages, "t": NOW.0});
                answers.push(serde_json::to_vec(&json!({"results": [{"code": 200, "body": body}]}))?);
                bytes = 0;
            }
        }
        Ok(Self { seed, me, writers, messages, answers })
    }

    pub fn count(&self) -> usize {
        usize::try_from(self.messages).unwrap_or_default()
    }
}

fn content(at: u64, text: String) -> Content {
    let profile =
        LokiProfile { display_name: Some("Somebody".to_owned()), profile_picture: None, last_update_seconds: Some(1) };
    let message = DataMessage { body: Some(text), profile: Some(profile), ..DataMessage::default() };
    Content { sig_timestamp: Some(at), data_message: Some(message), ..Content::default() }
}
