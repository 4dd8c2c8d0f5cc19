//! The JSON that stands behind each layer's ciphertext and says what to do with it
//! (protocol: network 4.2). Written without spaces, keys in the order of the test vectors
//! (protocol: network 10); read in any order.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tacit_crypto::onion::EncType;

use crate::json::{self, Limits};
use crate::{Error, NodeId};

/// What stands in clear in front of the guard, and beside a server's ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outer {
    /// The layer's fresh X25519 public key.
    pub ephemeral_key: [u8; 32],
    /// How the layer is encrypted.
    pub enc_type: EncType,
}

/// How a destination shall answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyOptions {
    /// Embed a JSON body as JSON instead of as a string (default: no).
    pub json: bool,
    /// Answer in base64 (default) or in raw bytes.
    pub base64: bool,
}

impl Default for ReplyOptions {
    fn default() -> Self {
        Self { json: false, base64: true }
    }
}

/// The instruction for the node that opened a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// This node is the destination.
    Destination(ReplyOptions),
    /// Post the whole plaintext to a server.
    Server {
        /// Host name or address.
        host: String,
        /// Path of the request.
        target: String,
        /// HTTP method; always `POST` today.
        method: String,
        /// `http` or `https`; `https` when absent.
        protocol: Option<String>,
        /// 443 when absent.
        port: Option<u16>,
        /// Of the inner layer.
        layer: Outer,
    },
    /// Pass the ciphertext on to another node.
    NextHop {
        /// That node.
        destination: NodeId,
        /// Of the inner layer.
        layer: Outer,
    },
}

#[derive(Serialize, Deserialize)]
struct OuterJson {
    #[serde(with = "crate::base64::serde_hex")]
    ephemeral_key: [u8; 32],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enc_type: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ServerJson {
    host: String,
    target: String,
    #[serde(default = "post")]
    method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(flatten)]
    layer: OuterJson,
}

#[derive(Serialize, Deserialize)]
struct NextHopJson {
    destination: NodeId,
    #[serde(flatten)]
    layer: OuterJson,
}

#[derive(Serialize)]
struct DestinationJson {
    headers: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    json: bool,
    #[serde(skip_serializing_if = "Clone::clone")]
    base64: bool,
}

fn post() -> String {
    "POST".to_owned()
}

impl From<&Outer> for OuterJson {
    fn from(outer: &Outer) -> Self {
        Self { ephemeral_key: outer.ephemeral_key, enc_type: Some(outer.enc_type.name().to_owned()) }
    }
}

impl TryFrom<OuterJson> for Outer {
    type Error = Error;

    fn try_from(json: OuterJson) -> Result<Self, Error> {
        let enc_type = match json.enc_type.as_deref() {
            None => EncType::AesGcm,
            Some(name) => EncType::from_name(name).ok_or(Error::malformed("enc_type"))?,
        };
        Ok(Self { ephemeral_key: json.ephemeral_key, enc_type })
    }
}

impl Outer {
    /// The JSON text.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        write(&OuterJson::from(self))
    }

    /// Reads the JSON text; without `enc_type` the layer is AES-GCM.
    ///
    /// # Errors
    /// When it is no such JSON.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        json::parse_as::<OuterJson>(text, Limits::CONTROL)?.try_into()
    }
}

impl Control {
    /// The JSON text.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        match self {
            Self::Destination(options) => {
                write(&DestinationJson { headers: "", json: options.json, base64: options.base64 })
            }
            Self::Server { host, target, method, protocol, port, layer } => write(&ServerJson {
                host: host.clone(),
                target: target.clone(),
                method: method.clone(),
                protocol: protocol.clone(),
                port: *port,
                layer: layer.into(),
            }),
            Self::NextHop { destination, layer } => {
                write(&NextHopJson { destination: *destination, layer: layer.into() })
            }
        }
    }

    /// Reads the JSON text.
    ///
    /// # Errors
    /// When it is no such JSON.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let value = json::parse(text, Limits::CONTROL)?;
        if value.get("headers").is_some() {
            let flag = |name| value.get(name).and_then(Value::as_bool);
            return Ok(Self::Destination(ReplyOptions {
                json: flag("json").unwrap_or(false),
                base64: flag("base64").unwrap_or(true),
            }));
        }
        if value.get("host").is_some() {
            let json: ServerJson = serde_json::from_value(value).map_err(|_| Error::Json)?;
            return Ok(Self::Server {
                host: json.host,
                target: json.target,
                method: json.method,
                protocol: json.protocol,
                port: json.port,
                layer: json.layer.try_into()?,
            });
        }
        let json: NextHopJson = serde_json::from_value(value).map_err(|_| Error::Json)?;
        Ok(Self::NextHop { destination: json.destination, layer: json.layer.try_into()? })
    }
}

/// JSON of plain structs of strings and numbers; serializing those cannot fail.
fn write(json: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(json).unwrap_or_default()
}
