//! Microphone and loudspeaker. The devices' own callbacks touch ring buffers only; a thread of each player and
//! recorder does the rest.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod device;
mod interpolate;
mod player;
mod recorder;
mod ring;

pub use player::{Notice, Player, Source};
pub use recorder::{MAX_RECORDING, Recorded, Recorder};

/// Why there is no sound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such device, or it went away.
    #[error("there is no {0}")]
    NoDevice(Device),
    /// The system does not let the app use it.
    #[error("access to the {0} was denied")]
    Denied(Device),
    /// Another program has it.
    #[error("the {0} is in use")]
    Busy(Device),
    /// Anything else, in the system's words.
    #[error("the {0} failed: {1}")]
    Failed(Device, String),
}

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// What plays.
    Loudspeaker,
    /// What records.
    Microphone,
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Loudspeaker => "loudspeaker",
            Self::Microphone => "microphone",
        })
    }
}
