//! Onion requests to a node (protocol: network 4).

use serde_json::Value;
use tacit_crypto::onion::{EncType, layer_open, layer_seal};
use tacit_crypto::{ed25519_to_x25519, random_seed32};
use tacit_wire::NodeId;
use tacit_wire::onion::{self, Hop, Peeled, ReplyOptions};

use super::case::{Case, Scripted};
use crate::report::Report;

/// A node of the section `nodes`.
pub(super) struct Node {
    pub(super) ed25519: NodeId,
    pub(super) x25519: [u8; 32],
    pub(super) secret: [u8; 32],
}

impl Node {
    pub(super) fn read(case: &mut Case<'_, '_>) -> Option<Self> {
        Some(Self {
            ed25519: case.parsed("ed25519")?,
            x25519: case.array("x25519")?,
            secret: case.array("x25519_secret")?,
        })
    }

    pub(super) fn hop(&self) -> Hop<'_> {
        Hop { ed25519: &self.ed25519, x25519: &self.x25519 }
    }

    /// Its keys belong together: what is sealed to it opens with its secret.
    pub(super) fn check(&self, case: &mut Case<'_, '_>) -> Option<()> {
        case.equal("ed25519 is a key", true, ed25519_to_x25519(self.ed25519.as_bytes()).is_ok());
        let mut rng = Scripted::new(&[&[7; 32]]);
        let layer = case.ok("x25519", layer_seal(EncType::XChaCha20, b"x", &self.x25519, &mut rng))?;
        let opened = layer_open(EncType::XChaCha20, &layer.ciphertext, &layer.ephemeral_public, &self.secret);
        case.equal("x25519_secret", Ok(b"x".to_vec()), opened.map(|(plain, _)| plain));
        Some(())
    }
}

/// Guard, middle and last hop, and the destination of requests to nodes.
pub(super) fn read_nodes(section: &Value, report: &mut Report) -> Option<(Vec<Node>, Node)> {
    let mut section = Case::new("nodes", section, report);
    let mut path = Vec::new();
    section.each_of("path", |case| {
        path.push(Node::read(case)?);
        Some(())
    });
    let destination = Node::read(&mut section.object("destination")?)?;
    Some((path, destination))
}

/// The keys of the nodes.
pub fn nodes(section: &Value, report: &mut Report) {
    let Some((path, destination)) = read_nodes(section, report) else { return };
    let mut case = Case::new("nodes", section, report);
    for node in path.iter().chain([&destination]) {
        let _: Option<()> = node.check(&mut case);
    }
    case.equal("hops", 3, path.len());
}

/// Builds the packet from the given secrets and nonces, peels it hop by hop, answers.
pub fn onion_to_node(section: &Value, nodes: &Value, report: &mut Report) {
    let Some((path, destination)) = read_nodes(nodes, report) else { return };
    Case::new("onion_to_node", section, report).each(|case| {
        let name = case.text("enc_type")?;
        let enc = case.ok("enc_type", EncType::from_name(name).ok_or("unknown"))?;
        case.equal("enc_type", name, enc.name());
        let body = case.text("body")?.as_bytes();
        let keys: Vec<_> = [&destination].into_iter().chain(path.iter().rev()).collect();
        let mut rng = Scripted::new(&[&check_layers(case, enc, &keys)?]);
        let hops: Vec<_> = path.iter().map(Node::hop).collect();
        let packet = onion::build_to_node(enc, &hops, &destination.hop(), body, &mut rng);
        let packet = case.ok("build", packet)?;
        case.equal_hex("packet", &packet.body)?;

        let mut at = packet.body;
        for (hop, next) in path.iter().zip(path.iter().skip(1).chain([&destination])) {
            match case.ok("peel", onion::peel(&at, &hop.secret))? {
                Peeled::Forward { to, body } => {
                    case.equal("next hop", next.ed25519, to);
                    at = body;
                }
                _ => case.fail("a hop took itself for the destination"),
            }
        }
        let Peeled::Destination { body: arrived, options, key } =
            case.ok("peel", onion::peel(&at, &destination.secret))?
        else {
            case.fail("the destination did not know itself");
            return None;
        };
        case.equal("body at the destination", body, &arrived);
        case.equal("options", ReplyOptions::default(), options);

        let plain = case.text("reply_plain")?;
        let nonce: [u8; 24] = case.array("reply_nonce")?;
        let sealed = key.seal(plain.as_bytes(), &mut Scripted::new(&[&nonce]));
        let reply = case.text("reply_base64")?;
        case.equal("reply_base64", reply, &tacit_wire::base64::encode(sealed));
        let opened = onion::open_reply(&packet.reply_key, reply.as_bytes());
        let (status, body) = case.ok("open reply", opened)?;
        let again = onion::seal_reply(&key, options, status, &body, &mut Scripted::new(&[&nonce]));
        case.equal("reply built from its parts", reply.as_bytes(), &again);
        Some(())
    });
}

/// Checks every layer, the destination's first, and gives the random bytes they were made of.
pub(super) fn check_layers(case: &mut Case<'_, '_>, enc: EncType, to: &[&Node]) -> Option<Vec<u8>> {
    let mut random = Vec::new();
    let mut nodes = to.iter();
    case.each_of("layers", |case| {
        let node = case.ok("layers", nodes.next().ok_or("more layers than nodes"))?;
        case.equal_hex("to_x25519", &node.x25519)?;
        let secret: [u8; 32] = case.array("ephemeral_secret")?;
        let nonce: [u8; 24] = case.array("nonce")?;
        let nonce = match enc {
            EncType::XChaCha20 => &nonce[..],
            EncType::AesGcm => &nonce[..12],
            EncType::AesCbc => &nonce[..16],
        };
        let plaintext = case.bytes("plaintext")?;
        let script = [&secret[..], nonce].concat();
        let made = layer_seal(enc, &plaintext, &node.x25519, &mut Scripted::new(&[&script]));
        let made = case.ok("seal", made)?;
        case.equal_hex("ephemeral_public", &made.ephemeral_public)?;
        case.equal_hex("key", made.key.as_bytes())?;
        case.equal_hex("ciphertext", &made.ciphertext)?;
        let ciphertext = case.bytes("ciphertext")?;
        let opened = layer_open(enc, &ciphertext, &case.array("ephemeral_public")?, &node.secret);
        let (plain, key) = case.ok("open", opened)?;
        case.equal("opened plaintext", plaintext, plain);
        case.equal_hex("key", key.as_bytes())?;
        random.extend(script);
        Some(())
    });
    case.equal("layers", 0, nodes.count());
    // The script must be drawn in the way the library draws secrets.
    let start: Option<&[u8]> = random.get(..32);
    let drawn = random_seed32(&mut Scripted::new(&[&random]));
    case.equal("first secret", start, Some(&drawn[..]));
    Some(random)
}
