//! One case of a section: reading a field that is missing or malformed fails the report, so that
//! no case passes by saying nothing.

use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;
use tacit_crypto::{AccountKeys, Seed};

use crate::report::Report;

/// A JSON object with the name it has in the report.
pub(crate) struct Case<'v, 'r> {
    name: String,
    value: &'v Value,
    report: &'r mut Report,
}

impl<'v, 'r> Case<'v, 'r> {
    pub(crate) fn new(name: &str, value: &'v Value, report: &'r mut Report) -> Self {
        Self { name: name.to_owned(), value, report }
    }

    /// Runs every case of a list; an empty list or none at all fails.
    pub(crate) fn each(&mut self, run: impl FnMut(&mut Case<'v, '_>) -> Option<()>) {
        let value = self.value;
        self.list(value, run);
    }

    /// The same for a list in a field.
    pub(crate) fn each_of(&mut self, key: &str, run: impl FnMut(&mut Case<'v, '_>) -> Option<()>) {
        let Some(value) = self.value(key) else { return };
        self.inside(key).list(value, run);
    }

    fn list(&mut self, value: &'v Value, mut run: impl FnMut(&mut Case<'v, '_>) -> Option<()>) {
        match value.as_array() {
            Some(cases) if !cases.is_empty() => {
                for (index, value) in cases.iter().enumerate() {
                    let name = format!("{}[{index}]", self.name);
                    let mut case = Case { name, value, report: self.report };
                    // None: a field was missing, which is in the report already.
                    let _: Option<()> = run(&mut case);
                }
            }
            _ => self.fail("a list with cases is missing"),
        }
    }

    fn inside(&mut self, key: &str) -> Case<'v, '_> {
        Case { name: format!("{}.{key}", self.name), value: self.value, report: self.report }
    }

    /// The object in a field.
    pub(crate) fn object(&mut self, key: &str) -> Option<Case<'v, '_>> {
        let value = self.value(key)?;
        let name = format!("{}.{key}", self.name);
        Some(Case { name, value, report: self.report })
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    /// A field as it stands.
    pub(crate) fn json(&mut self, key: &str) -> Option<&'v Value> {
        self.value(key)
    }

    fn value(&mut self, key: &str) -> Option<&'v Value> {
        let value = self.value.get(key);
        self.or_fail(key, "is missing", value)
    }

    fn or_fail<T>(&mut self, key: &str, what: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.fail(format_args!("the field {key} {what}"));
        }
        value
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<&'v str> {
        let text = self.value(key)?.as_str();
        self.or_fail(key, "is no text", text)
    }

    pub(crate) fn number(&mut self, key: &str) -> Option<usize> {
        let number = self.value(key)?.as_u64().and_then(|number| usize::try_from(number).ok());
        self.or_fail(key, "is no number", number)
    }

    pub(crate) fn integer(&mut self, key: &str) -> Option<i64> {
        let number = self.value(key)?.as_i64();
        self.or_fail(key, "is no whole number", number)
    }

    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        let flag = self.value(key)?.as_bool();
        self.or_fail(key, "is neither true nor false", flag)
    }

    pub(crate) fn texts(&mut self, key: &str) -> Option<Vec<&'v str>> {
        let list = self.value(key)?.as_array();
        let texts = list.and_then(|list| list.iter().map(Value::as_str).collect());
        self.or_fail(key, "is no list of texts", texts)
    }

    /// What stands in a field as text, read as one of our types.
    pub(crate) fn parsed<T: FromStr>(&mut self, key: &str) -> Option<T> {
        let parsed = self.text(key)?.parse().ok();
        self.or_fail(key, "cannot be read", parsed)
    }

    pub(crate) fn bytes(&mut self, key: &str) -> Option<Vec<u8>> {
        let bytes = hex::decode(self.text(key)?).ok();
        self.or_fail(key, "is not hexadecimal", bytes)
    }

    pub(crate) fn base64(&mut self, key: &str) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(self.text(key)?).ok();
        self.or_fail(key, "is not base64", bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self, key: &str) -> Option<[u8; N]> {
        let array = self.bytes(key)?.try_into().ok();
        self.or_fail(key, &format!("does not have {N} bytes"), array)
    }

    /// The keys of the account whose 16-byte seed stands in a field.
    pub(crate) fn account(&mut self, key: &str) -> Option<AccountKeys> {
        self.array(key).map(|seed| AccountKeys::from_seed(&Seed::from_bytes(seed)))
    }

    /// The X25519 key of the account ID in a field.
    pub(crate) fn account_id(&mut self, key: &str) -> Option<[u8; 32]> {
        let id = self.array::<33>(key)?;
        let x25519 = id.strip_prefix(&[5]).and_then(|rest| rest.try_into().ok());
        self.or_fail(key, "is no account ID", x25519)
    }

    pub(crate) fn equal<T: PartialEq + Debug>(&mut self, what: &str, expected: T, got: T) {
        self.report.equal(&format!("{}: {what}", self.name), expected, got);
    }

    /// Compares a field in hexadecimal with bytes of ours.
    pub(crate) fn equal_hex(&mut self, key: &str, got: &[u8]) -> Option<()> {
        let expected = self.text(key)?;
        self.equal(key, expected, &hex::encode(got));
        Some(())
    }

    /// Compares the kind of an error with the field `error`.
    pub(crate) fn equal_error<T>(&mut self, got: Result<T, &'static str>) -> Option<()> {
        let expected = self.text("error")?;
        self.equal("error", expected, got.err().unwrap_or("no error"));
        Some(())
    }

    /// Takes what should have worked.
    pub(crate) fn ok<T, E: Display>(&mut self, what: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.fail(format_args!("{what}: {error}"))).ok()
    }

    pub(crate) fn fail(&mut self, what: impl Display) {
        self.report.fail(&self.name, what);
    }
}

/// Gives the bytes a vector prescribes as random. Their use up, it gives zeros, which shows.
pub(crate) struct Scripted(std::vec::IntoIter<u8>);

impl Scripted {
    pub(crate) fn new(parts: &[&[u8]]) -> Self {
        Self(parts.concat().into_iter())
    }
}

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        dst.fill_with(|| self.0.next().unwrap_or(0));
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}
