//! Onion requests to a server outside the network (protocol: network 4.3, 4.6).

use serde_json::Value;
use tacit_crypto::onion::{EncType, LayerReceiver};
use tacit_wire::onion::{self, Peeled, ServerTarget};
use tacit_wire::v4;

use super::case::{Case, Scripted};
use super::onion::{Node, check_layers, read_nodes};
use crate::report::Report;

/// The server of the vectors (protocol: network 10, `make_network`).
const HOST: &str = "files.example.org";
const TARGET: &str = "/oxen/v4/lsrpc";

/// Builds the packet, lets the last hop post it, opens it at the server, answers.
pub fn onion_to_server(section: &Value, nodes: &Value, report: &mut Report) {
    let Some((path, _)) = read_nodes(nodes, report) else { return };
    let mut case = Case::new("onion_to_server", section, report);
    // None: a field was missing, which is in the report already.
    let _: Option<()> = check(&mut case, &path);
}

fn check(case: &mut Case<'_, '_>, path: &[Node]) -> Option<()> {
    let server = Node::read(&mut case.object("server")?)?;
    server.check(case)?;
    let request = case.bytes("request_plain")?;
    let parsed = case.ok("request_plain", v4::Request::parse(&request))?;
    case.equal_hex("request_plain", &parsed.to_bytes())?;

    let keys: Vec<_> = [&server].into_iter().chain(path.iter().rev()).collect();
    let mut rng = Scripted::new(&[&check_layers(case, EncType::XChaCha20, &keys)?]);
    let hops: Vec<_> = path.iter().map(Node::hop).collect();
    let target =
        ServerTarget { x25519: &server.x25519, host: HOST, target: TARGET, protocol: Some("http"), port: Some(80) };
    let packet = onion::build_to_server(EncType::XChaCha20, &hops, &target, &request, &mut rng);
    let packet = case.ok("build", packet)?;
    case.equal_hex("packet", &packet.body)?;

    let posted = post(case, path, packet.body)?;
    case.equal_hex("posted_to_server", &posted)?;
    let opened = onion::open_at_server(&posted, &LayerReceiver::new(&server.secret));
    let (arrived, key) = case.ok("open at the server", opened)?;
    case.equal("request at the server", &request, &arrived);

    let response = case.bytes("response")?;
    let opened = case.ok("response", onion::open_server_reply(&packet.reply_key, &response))?;
    case.equal_hex("response_plain", &opened)?;
    let parsed = case.ok("response_plain", v4::Response::parse(&opened))?;
    case.equal_hex("response_plain", &parsed.to_bytes())?;
    let nonce = response.get(..24).unwrap_or_default();
    let sealed = onion::seal_server_reply(&key, &opened, &mut Scripted::new(&[nonce]));
    case.equal("response", response, sealed);
    Some(())
}

/// Takes the packet along the path; what the last hop posts.
fn post(case: &mut Case<'_, '_>, path: &[Node], packet: Vec<u8>) -> Option<Vec<u8>> {
    let mut at = packet;
    for (index, hop) in path.iter().enumerate() {
        match case.ok("peel", onion::peel(&at, &hop.secret))? {
            Peeled::Forward { to, body } => {
                case.equal("next hop", path.get(index + 1).map(|node| node.ed25519), Some(to));
                at = body;
            }
            Peeled::Exit { protocol, host, port, target, body } => {
                case.equal("last hop", path.len(), index + 1);
                case.equal("url", ("http", HOST, 80, TARGET), (protocol, &host, port, &target));
                return Some(body);
            }
            Peeled::Destination { .. } => {
                case.fail("a hop took itself for the destination");
                return None;
            }
        }
    }
    case.fail("no hop posted to the server");
    None
}
