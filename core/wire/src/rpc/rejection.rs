//! Refusals: a status and a text that clients show or match (protocol: network 5, "Texts of
//! errors").

use std::fmt;

use crate::Namespace;

/// Why a request is not served. The text is the body of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// HTTP status, or `code` of a sub-answer.
    pub status: u16,
    /// Plain text.
    pub text: String,
}

impl Rejection {
    /// Any refusal.
    #[must_use]
    pub fn new(status: u16, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    /// 400: the parameters are malformed.
    #[must_use]
    pub fn malformed(reason: impl fmt::Display) -> Self {
        Self::new(400, format!("invalid request: {reason}"))
    }

    /// 400: a field that must be there is not.
    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::malformed(format_args!("Required field '{field}' missing"))
    }

    /// 400: a field has another type than it should.
    #[must_use]
    pub(crate) fn wrong_type(field: &str, expected: &str) -> Self {
        Self::malformed(format_args!("Invalid value given for '{field}': expected {expected}"))
    }

    /// 400: a number outside of what the field may hold.
    #[must_use]
    pub(crate) fn out_of_range(field: &str) -> Self {
        Self::malformed(format_args!("Invalid value given for '{field}': value out of range"))
    }

    /// 400: no such method.
    #[must_use]
    pub fn unknown_method(method: &str) -> Self {
        Self::new(400, format!("no method {}", excerpt(method)))
    }

    /// 401: the signature of `method` does not hold.
    #[must_use]
    pub fn signature(method: &str) -> Self {
        Self::new(
            401,
            match method {
                "delete" => "delete_msgs signature verification failed".to_owned(),
                "expire" => "expire: signature verification failed".to_owned(),
                _ => format!("{method} signature verification failed"),
            },
        )
    }

    /// 401: an unsigned store into a namespace that needs a signature.
    #[must_use]
    pub fn store_needs_signature(namespace: Namespace) -> Self {
        Self::new(401, format!("store: signature required to store to namespace {namespace}"))
    }

    /// 401: an unsigned retrieve.
    #[must_use]
    pub fn retrieve_needs_signature() -> Self {
        Self::new(401, "retrieve: request signature required")
    }

    /// 403: lifetime or expiry of a store outside the limits.
    #[must_use]
    pub fn lifetime() -> Self {
        Self::new(403, "Provided expiry/TTL is not valid.")
    }

    /// 406: the timestamp of a store lies ahead.
    #[must_use]
    pub fn store_timestamp() -> Self {
        Self::new(406, "Timestamp error: check your clock")
    }

    /// 406: the signed time of `method` is more than a minute off. For `store` its
    /// `sig_timestamp` is meant.
    #[must_use]
    pub fn timestamp_too_far(method: &str) -> Self {
        let text = match method {
            "store" => "store signature timestamp too far from current time".to_owned(),
            _ => format!("{method} timestamp too far from current time"),
        };
        Self::new(406, text)
    }

    /// 401: the expiry of an `expire` lies more than a minute back.
    #[must_use]
    pub fn expire_in_the_past() -> Self {
        Self::new(401, "expire: timestamp should be >= current time")
    }

    /// 401: the time of a `delete_before` lies ahead.
    #[must_use]
    pub fn delete_before_in_the_future() -> Self {
        Self::new(401, "delete_before timestamp too far in the future")
    }

    /// 406: the end of an `expire_all` lies back.
    #[must_use]
    pub fn expire_all_in_the_past() -> Self {
        Self::new(406, "expire_all timestamp should be >= current time")
    }

    /// 413: more bytes than a request may have.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(413, "Request body too large")
    }

    /// 429: the caller's bucket is empty.
    #[must_use]
    pub fn too_many_requests() -> Self {
        Self::new(429, "Too many requests, try again later")
    }

    /// 500: the node could not do it.
    #[must_use]
    pub fn failed() -> Self {
        Self::new(500, "request failed")
    }

    /// 503: the node has too much to do.
    #[must_use]
    pub fn busy() -> Self {
        Self::new(503, "Server busy, try again later")
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.text)
    }
}

impl std::error::Error for Rejection {}

/// What of a caller's own text is echoed back to it.
pub(crate) fn excerpt(text: &str) -> &str {
    let end = text.char_indices().nth(100).map_or(text.len(), |(at, _)| at);
    &text[..end]
}
