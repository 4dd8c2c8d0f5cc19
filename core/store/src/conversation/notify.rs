//! Which messages of a conversation notify.

/// A choice for one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// As the app does for all.
    #[default]
    Default,
    /// Every message.
    All,
    /// None.
    Off,
    /// Those that name us or answer us.
    Mentions,
}

impl Notify {
    /// As it stands in the column, and in synced configuration (protocol: config 8).
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Default => 0,
            Self::All => 1,
            Self::Off => 2,
            Self::Mentions => 3,
        }
    }

    /// The reverse of [`Notify::number`].
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Default, Self::All, Self::Off, Self::Mentions].into_iter().find(|choice| choice.number() == number)
    }
}
