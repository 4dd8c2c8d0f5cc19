//! Voice messages: one sound in a form that all apps play (protocol: messages 4.5).

use std::io::Cursor;

use tacit_media::audio::{Form, MAX_VOICE, Pcm, Recording, VoiceEncoder, decode};
use tacit_media::video;
use tacit_store::{AttachmentRole, MessageId};

use super::attach::write;
use super::look::look;
use super::{FileError, Source, blocking};
use crate::client::Client;
use crate::sending::{Draft, OutgoingFile};
use crate::{ConversationId, Error};

/// What was said.
#[derive(Debug, Clone)]
pub enum Voice {
    /// Samples, to be encoded here.
    Samples(Pcm),
    /// A recording that was encoded while it was made.
    Recorded(Recording),
    /// AAC in MP4, as the encoders of phones make it.
    M4a(Vec<u8>),
    /// A file with sound, to be encoded again.
    File(Source),
}

impl Client {
    /// Sends a voice message, as [`Client::send`]. What lies after 5 minutes is left out.
    ///
    /// # Errors
    /// [`FileError::Sound`], [`FileError::TooLarge`], and as [`Client::send`].
    pub async fn send_voice(&self, conversation: ConversationId, voice: Voice) -> Result<MessageId, Error> {
        let file = self.attach_voice(voice).await?;
        self.send(conversation, Draft { files: vec![file], ..Draft::default() }).await
    }

    /// Takes a voice message over, to be sent with a draft.
    ///
    /// # Errors
    /// [`FileError::Sound`], [`FileError::TooLarge`], [`FileError::Read`], [`FileError::Write`],
    /// those of the database.
    pub async fn attach_voice(&self, voice: Voice) -> Result<OutgoingFile, Error> {
        let cache = self.inner.files.cache.clone();
        let (new, name, mut look) = blocking(move || {
            let (bytes, ending) = encoded(voice)?;
            let new = write(&cache, Cursor::new(bytes))?;
            let name = format!("voice-message.{ending}");
            let look = look(&cache, &new, &name, AttachmentRole::Voice);
            Ok((new, name, look))
        })
        .await?;
        if look.duration_ms == 0 {
            self.inner.files.cache.remove(&[new.name]);
            return Err(FileError::Sound(tacit_media::Error::Unknown("sound")).into());
        }
        look.thumbnail = None;
        self.inner.outgoing(new, name, look, AttachmentRole::Voice).await
    }
}

fn encoded(voice: Voice) -> Result<(Vec<u8>, &'static str), FileError> {
    match voice {
        Voice::Samples(pcm) => recorded(&pcm),
        Voice::Recorded(recording) => Ok((recording.bytes, recording.extension)),
        Voice::M4a(bytes) => Ok((video::strip(bytes).map_err(FileError::Sound)?, "m4a")),
        Voice::File(source) => {
            let (pcm, _) = decode(source.bytes(super::attach::SOUND_MAX)?).map_err(FileError::Sound)?;
            recorded(&pcm)
        }
    }
}

fn recorded(pcm: &Pcm) -> Result<(Vec<u8>, &'static str), FileError> {
    let channels = usize::from(pcm.channels.max(1));
    let most = (MAX_VOICE.as_secs() as usize).saturating_mul(pcm.rate as usize).saturating_mul(channels);
    let samples = &pcm.samples[..pcm.samples.len().min(most)];
    let mono: Vec<f32> = samples.chunks_exact(channels).map(|all| all.iter().sum::<f32>() / channels as f32).collect();
    let mut encoder = VoiceEncoder::new(pcm.rate, Form::default()).map_err(FileError::Sound)?;
    match encoder.push(&mono) {
        Ok(()) | Err(tacit_media::Error::TooLong) => {}
        Err(error) => return Err(FileError::Sound(error)),
    }
    let recording = encoder.finish().map_err(FileError::Sound)?;
    Ok((recording.bytes, recording.extension))
}
