//! Payloads between clients and servers outside the network (protocol: network 4.6): a
//! bencoded list of a JSON head and, if there is one, a body.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

use crate::bencode::{Value, write_bytes};
use crate::json::{self, Limits};
use crate::onion::MAX_BODY;
use crate::{Error, json::parse_as};

const HEAD: Limits = Limits { bytes: 64 << 10, depth: 4, elements: 256 };

/// Names in lower case, and values.
pub type Headers = BTreeMap<String, String>;

/// A request to a server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path, with query.
    pub endpoint: String,
    /// Names in lower case.
    pub headers: Headers,
    /// Absent and empty are different.
    pub body: Option<Vec<u8>>,
}

/// The answer of a server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// HTTP status.
    pub code: u16,
    /// Names in lower case.
    pub headers: Headers,
    /// Empty if there was none.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct RequestHead {
    method: String,
    endpoint: String,
    #[serde(default, deserialize_with = "read_headers")]
    headers: Headers,
}

#[derive(Serialize, Deserialize)]
struct ResponseHead {
    code: u16,
    #[serde(default, deserialize_with = "read_headers")]
    headers: Headers,
}

/// Lower-case names; numbers become text, values of other kinds are left out.
fn read_headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Headers, D::Error> {
    let read = Option::<BTreeMap<String, Json>>::deserialize(deserializer)?.unwrap_or_default();
    let entry = |(name, value): (String, Json)| {
        let value = match value {
            Json::String(text) => text,
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((name.to_ascii_lowercase(), value))
    };
    Ok(read.into_iter().filter_map(entry).collect())
}

impl Request {
    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        write(&self.head(), self.body.as_deref())
    }

    /// Appends the payload with a body of `size` bytes that `write` appends, in place of the
    /// request's own: a large one need not stand in memory twice.
    ///
    /// # Errors
    /// Those of `write`; [`Error::Malformed`] when it appends another number of bytes.
    pub fn write_with(
        &self,
        size: usize,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        out.push(b'l');
        write_bytes(&self.head(), out);
        out.extend_from_slice(format!("{size}:").as_bytes());
        let start = out.len();
        write(out)?;
        if out.len() != start + size {
            return Err(Error::malformed("v4 body of another size"));
        }
        out.push(b'e');
        Ok(())
    }

    fn head(&self) -> Vec<u8> {
        let head =
            RequestHead { method: self.method.clone(), endpoint: self.endpoint.clone(), headers: self.headers.clone() };
        // Structs of texts always serialize.
        serde_json::to_vec(&head).unwrap_or_default()
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// [`Error::TooLong`] above [`MAX_BODY`], otherwise [`Error::Malformed`] or [`Error::Json`].
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let (head, body) = split(payload)?;
        let head: RequestHead = parse_as(&head, HEAD)?;
        Ok(Self { method: head.method, endpoint: head.endpoint, headers: head.headers, body })
    }
}

impl Response {
    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = ResponseHead { code: self.code, headers: self.headers.clone() };
        // Structs of texts and numbers always serialize.
        write(&serde_json::to_vec(&head).unwrap_or_default(), Some(&self.body))
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// As [`Request::parse`].
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let (head, body) = split(payload)?;
        let head: ResponseHead = json::parse_as(&head, HEAD)?;
        Ok(Self { code: head.code, headers: head.headers, body: body.unwrap_or_default() })
    }
}

fn write(head: &[u8], body: Option<&[u8]>) -> Vec<u8> {
    let mut list = vec![Value::bytes(head)];
    list.extend(body.map(Value::bytes));
    Value::List(list).to_bytes()
}

fn split(payload: &[u8]) -> Result<(Vec<u8>, Option<Vec<u8>>), Error> {
    if payload.len() > MAX_BODY {
        return Err(Error::too_long("v4 payload", MAX_BODY));
    }
    let malformed = Error::malformed("v4 payload");
    let Value::List(list) = Value::parse(payload)? else { return Err(malformed) };
    match list.as_slice() {
        [Value::Bytes(head)] => Ok((head.to_vec(), None)),
        [Value::Bytes(head), Value::Bytes(body)] => Ok((head.to_vec(), Some(body.to_vec()))),
        _ => Err(malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_body_is_not_one_with_an_empty_body() {
        let without = Request { method: "GET".into(), endpoint: "/file/1".into(), ..Request::default() };
        let empty = Request { body: Some(Vec::new()), ..without.clone() };
        assert_eq!(Request::parse(&without.to_bytes()), Ok(without));
        assert_eq!(Request::parse(&empty.to_bytes()), Ok(empty));
    }

    #[test]
    fn a_body_made_on_the_spot_makes_the_same_payload() {
        let whole = Request { method: "POST".into(), body: Some(b"a file".to_vec()), ..Request::default() };
        let mut written = b"before".to_vec();
        let append = |out: &mut Vec<u8>| {
            out.extend_from_slice(b"a file");
            Ok(())
        };
        let empty = Request { body: None, ..whole.clone() };
        empty.write_with(6, append, &mut written).unwrap();
        assert_eq!(written, [b"before".as_slice(), &whole.to_bytes()].concat());
        assert!(empty.write_with(7, append, &mut written).is_err());
    }

    #[test]
    fn header_names_come_out_in_lower_case_and_numbers_as_text() {
        let head = br#"{"code":200,"headers":{"Content-Length":5,"X":null,"ETag":"a"}}"#;
        let response = Response::parse(&Value::List(vec![Value::bytes(head)]).to_bytes()).unwrap();
        assert_eq!(response.headers["content-length"], "5");
        assert_eq!(response.headers.len(), 2);
    }

    #[test]
    fn lists_of_another_shape_are_refused() {
        for payload in [b"le".as_slice(), b"l2:{}e", b"l2:{}1:a1:be", b"d1:a1:be", b"li1ee", b"4:{}"] {
            assert!(Response::parse(payload).is_err());
            assert!(Request::parse(payload).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(payload: Vec<u8>) {
            let _ = Request::parse(&payload);
            let _ = Response::parse(&payload);
        }

        #[test]
        fn a_response_comes_back_as_it_was(code: u16, body: Vec<u8>, value: String) {
            let headers = Headers::from([("content-type".to_owned(), value)]);
            let response = Response { code, headers, body };
            proptest::prop_assert_eq!(Response::parse(&response.to_bytes()), Ok(response));
        }
    }
}
