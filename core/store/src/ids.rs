//! Names of rows. Opaque outside: compare them, keep them, hand them back. Their text has digits
//! alone, also that of the negative ones which restored messages have.

use std::fmt;
use std::str::FromStr;

use tacit_sqlite::rusqlite::ToSql;
use tacit_sqlite::rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl ToSql for $name {
            fn to_sql(&self) -> tacit_sqlite::rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                i64::column_result(value).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.cast_unsigned().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(|number: u64| Self(number.cast_signed()))
            }
        }
    };
}

row_id! {
    /// A conversation. Stays the same for its life and is never given out again.
    ConversationId
}
row_id! {
    /// A message. Stays the same for its life and is never given out again.
    MessageId
}
row_id! {
    /// A row of the outbox.
    OutboxId
}
row_id! {
    /// An attachment of a message.
    AttachmentId
}
row_id! {
    /// A file in the account's folder.
    FileId
}
