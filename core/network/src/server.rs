//! Requests to servers outside the network, through the last hop of a path (protocol: network 4.6).
//!
//! When the last hop gets no answer nobody can tell whether the hop or the server is at fault. So
//! such failures are not counted against the path; the next try takes another one. What only the
//! path explains is counted as ever.

use std::sync::Arc;
use std::time::Duration;

use tacit_crypto::EncType;
use tacit_wire::onion::{self, PathError, SharedKey, open_server_reply};
use tacit_wire::{NodeId, ServiceNode, v4};
use tokio::time::{Instant, sleep};

use crate::error::Error;
use crate::files::UploadBody;
use crate::http::{Answer, HttpError, Sent};
use crate::inner::Inner;
use crate::path::{PathId, Route};
use crate::retry::Backoff;

/// Where onion requests enter a server.
const ENTRY: &str = "/oxen/v4/lsrpc";
/// About how many bytes a request has beside its body.
const HEAD: usize = 1_024;
/// Servers stand on no path: the route to one avoids nobody.
const NOBODY: NodeId = NodeId([0; 32]);

/// A server outside the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTarget {
    /// Host name or IPv4 address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the last hop reaches it over TLS.
    pub https: bool,
    /// The key its layer is encrypted to.
    pub x25519: [u8; 32],
}

/// Told how many bytes of a request have left so far, and how many there are.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// What a server is asked.
pub(crate) struct Question {
    /// The request, with its body if that is small.
    pub request: v4::Request,
    /// A large body, made anew for each try.
    pub body: Option<UploadBody>,
}

impl Question {
    fn size(&self) -> usize {
        let body = self.body.as_ref().map(UploadBody::size).or(self.request.body.as_ref().map(Vec::len));
        body.unwrap_or_default() + HEAD
    }

    fn write(&self, out: &mut Vec<u8>, unreadable: &mut bool) -> Result<(), tacit_wire::Error> {
        let Some(body) = &self.body else {
            out.extend_from_slice(&self.request.to_bytes());
            return Ok(());
        };
        let write = |out: &mut Vec<u8>| {
            *unreadable = body.write(out).is_err();
            Ok(())
        };
        self.request.write_with(body.size(), write, out).inspect_err(|_| *unreadable = true)
    }
}

/// What one exchange ended with.
#[derive(Debug)]
enum Heard {
    /// The server answered.
    Answer(v4::Response),
    /// Nobody knows who is at fault.
    Unclear(&'static str),
    /// A hop of the path is unknown or not ready.
    NodeRefused(NodeId),
    /// The path is at fault.
    PathFailed(&'static str),
    /// The guard did not answer.
    Unreachable(&'static str),
}

impl Inner {
    /// Sends a request until the server answers, whatever its status.
    pub async fn ask_server(
        self: &Arc<Self>,
        target: &ServerTarget,
        question: Question,
        timeout: Duration,
        progress: Option<Progress>,
    ) -> Result<v4::Response, Error> {
        let question = Arc::new(question);
        let mut backoff = Backoff::request();
        let mut avoid = None;
        loop {
            let route = self.to_server(avoid).await?;
            let (body, key) = seal(&route, target, &question).await?;
            let Some(guard) = route.hops.first() else { return Err(Error::Offline) };
            let sent = Sent { bytes: body, progress: progress.clone() };
            let heard = heard(self.guards.onion(guard, sent, timeout).await, &key);
            let why = match self.settle(&route, heard) {
                Ok(answer) => return Ok(answer),
                Err(why) => why,
            };
            avoid = Some(route.path);
            if backoff.done() >= self.config.retries {
                return Err(Error::NoAnswer { tries: backoff.done() + 1, last: why });
            }
            let delay = backoff.next(&mut rand::rng());
            sleep(delay).await;
        }
    }

    async fn to_server(&self, avoid: Option<PathId>) -> Result<Route, Error> {
        let deadline = Instant::now() + self.config.connect_wait;
        let mut seen = self.epoch.subscribe();
        loop {
            {
                seen.mark_unchanged();
                let state = self.state();
                if let Some(route) = state.paths.route(&NOBODY, avoid, &state.pool, &mut rand::rng()) {
                    return Ok(route);
                }
            }
            self.wait_for_change(&mut seen, deadline).await?;
        }
    }

    /// Tells the state how it went.
    fn settle(&self, route: &Route, heard: Heard) -> Result<v4::Response, &'static str> {
        let rng = &mut rand::rng();
        let mut state = self.state();
        let result = match heard {
            Heard::Answer(answer) => {
                state.answered(route, rng);
                Ok(answer)
            }
            Heard::Unclear(why) => Err(why),
            Heard::NodeRefused(node) => {
                state.node_refused(route, &NOBODY, None, &node, rng);
                Err("a node on the way is unknown or not ready")
            }
            Heard::PathFailed(why) => {
                state.path_failed(route, &NOBODY, rng);
                Err(why)
            }
            Heard::Unreachable(why) => {
                state.unreachable(route);
                Err(why)
            }
        };
        drop(state);
        self.publish(result.as_ref().err().copied());
        if result.is_err() {
            self.wake.notify_one();
        }
        result
    }
}

/// Seals a request, apart from the tasks of the network: a large one takes a while.
async fn seal(route: &Route, target: &ServerTarget, question: &Arc<Question>) -> Result<(Vec<u8>, SharedKey), Error> {
    let (hops, target, question) = (route.hops.clone(), target.clone(), Arc::clone(question));
    let sealed = tokio::task::spawn_blocking(move || sealed(&hops, &target, &question)).await;
    sealed.unwrap_or(Err(Error::Closed))
}

fn sealed(hops: &[ServiceNode], target: &ServerTarget, question: &Question) -> Result<(Vec<u8>, SharedKey), Error> {
    let hops: Vec<onion::Hop<'_>> = hops.iter().map(ServiceNode::hop).collect();
    let server = onion::ServerTarget {
        x25519: &target.x25519,
        host: &target.host,
        target: ENTRY,
        protocol: Some(if target.https { "https" } else { "http" }),
        port: Some(target.port),
    };
    let (mut unreadable, rng) = (false, &mut rand::rng());
    let write = |out: &mut Vec<u8>| question.write(out, &mut unreadable);
    match onion::build_to_server_with(EncType::XChaCha20, &hops, &server, question.size(), write, rng) {
        Ok(packet) => Ok((packet.body, packet.reply_key)),
        Err(_) if unreadable => Err(Error::Unreadable),
        Err(tacit_wire::Error::TooLong { .. }) => Err(Error::TooLarge),
        Err(_) => Err(Error::NoAnswer { tries: 1, last: "the server's key is unusable" }),
    }
}

/// Reads what came back from the guard.
fn heard(result: Result<Answer, HttpError>, key: &SharedKey) -> Heard {
    let answer = match result {
        Ok(answer) => answer,
        Err(HttpError::Unreachable) => return Heard::Unreachable("the guard is unreachable"),
        // A large file over a slow line takes as long.
        Err(HttpError::Silent) => return Heard::Unclear("no answer in time"),
        Err(HttpError::Unfinished) => return Heard::PathFailed("the answer broke off"),
        Err(HttpError::TooLarge) => return Heard::Unclear("the answer was too large"),
    };
    if answer.status == 200 {
        let payload = open_server_reply(key, &answer.body);
        drop(answer);
        return match payload.and_then(|payload| v4::Response::parse(&payload)) {
            Ok(response) => Heard::Answer(response),
            Err(_) => Heard::Unclear("the server's answer could not be read"),
        };
    }
    match PathError::from_http(answer.status, &answer.body) {
        PathError::NextNodeNotFound(node) | PathError::NotReady(Some(node)) => Heard::NodeRefused(node),
        PathError::NotReady(None) => Heard::PathFailed("a node on the path was not ready"),
        PathError::InvalidCiphertext => Heard::PathFailed("a layer did not open"),
        PathError::Timeout => Heard::Unclear("the server did not answer"),
        PathError::InvalidResponse | PathError::Other { .. } => Heard::Unclear("the server cannot be reached"),
    }
}

#[cfg(test)]
mod tests {
    use tacit_crypto::{LayerReceiver, NodeKeys, layer_seal};
    use tacit_wire::onion::seal_server_reply;

    use super::*;

    fn key() -> SharedKey {
        let server = NodeKeys::from_seed(&[3; 32]);
        let sealed = layer_seal(EncType::XChaCha20, b"x", &server.x25519_public(), &mut rand::rng()).unwrap();
        let (_, key) = LayerReceiver::from(&server)
            .open(EncType::XChaCha20, &sealed.ciphertext, &sealed.ephemeral_public)
            .unwrap();
        key
    }

    fn answer(status: u16, body: impl Into<Vec<u8>>) -> Result<Answer, HttpError> {
        Ok(Answer { status, content_type: None, body: body.into() })
    }

    #[test]
    fn a_server_that_is_down_is_not_held_against_the_path() {
        for (status, text) in [(504, "Request time out"), (502, ""), (500, "Invalid response from snode"), (599, "")] {
            assert!(matches!(heard(answer(status, text), &key()), Heard::Unclear(_)), "{status}");
        }
        assert!(matches!(heard(answer(200, "garbage"), &key()), Heard::Unclear(_)));
        assert!(matches!(heard(Err(HttpError::TooLarge), &key()), Heard::Unclear(_)));
    }

    #[test]
    fn what_only_the_path_explains_is() {
        let named = format!("Next node not found: {}", NodeId([7; 32]));
        assert!(matches!(heard(answer(502, named), &key()), Heard::NodeRefused(_)));
        assert!(matches!(heard(answer(400, "Invalid ciphertext"), &key()), Heard::PathFailed(_)));
        assert!(matches!(heard(Err(HttpError::Unreachable), &key()), Heard::Unreachable(_)));
    }

    #[test]
    fn any_status_inside_is_an_answer() {
        let key = key();
        let inside = v4::Response { code: 507, ..v4::Response::default() };
        let sealed = seal_server_reply(&key, &inside.to_bytes(), &mut rand::rng());
        assert!(matches!(heard(answer(200, sealed), &key), Heard::Answer(response) if response.code == 507));
    }
}
