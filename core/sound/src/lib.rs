//! Microphone and loudspeaker.
