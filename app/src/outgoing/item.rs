//! One file of the strip.

use tacit_client::{OutgoingFile, Source};
use tacit_ui::{Attachment, Transfer};

use crate::files::{self, Files};

/// How pictures are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Quality {
    #[default]
    Standard,
    Original,
}

/// A file as it will be sent.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) file: OutgoingFile,
    pub(super) bytes: u64,
}

/// How far it is prepared in one quality.
#[derive(Debug, Clone, Default)]
pub(super) enum State {
    /// Nobody asked for it.
    #[default]
    Untouched,
    Busy,
    Ready(Box<Ready>),
    TooLarge,
}

/// A file of the strip.
pub(super) struct Item {
    pub(super) id: u64,
    pub(super) source: Source,
    pub(super) as_picture: bool,
    standard: State,
    original: State,
}

impl Item {
    pub(super) fn new(id: u64, source: Source, as_picture: bool) -> Self {
        Self { id, source, as_picture, standard: State::default(), original: State::default() }
    }

    pub(super) fn key(&self) -> String {
        format!("o{}", self.id)
    }

    /// What is no picture has one quality only.
    fn quality(&self, quality: Quality) -> Quality {
        if self.is_picture() { quality } else { Quality::Standard }
    }

    pub(super) fn state(&self, quality: Quality) -> &State {
        match self.quality(quality) {
            Quality::Standard => &self.standard,
            Quality::Original => &self.original,
        }
    }

    pub(super) fn set(&mut self, quality: Quality, state: State) {
        match quality {
            Quality::Standard => self.standard = state,
            Quality::Original => self.original = state,
        }
    }

    /// Other bytes take its place.
    pub(super) fn replace(&mut self, source: Source) {
        (self.source, self.standard, self.original) = (source, State::default(), State::default());
    }

    pub(super) fn ready(&self, quality: Quality) -> Option<&Ready> {
        match self.state(quality) {
            State::Ready(ready) => Some(ready),
            _ => None,
        }
    }

    pub(super) fn is_too_large(&self, quality: Quality) -> bool {
        matches!(self.state(quality), State::TooLarge)
    }

    pub(super) fn bytes(&self, quality: Quality) -> Option<u64> {
        self.ready(quality).map(|ready| ready.bytes)
    }

    /// Whether there is something to make smaller.
    pub(super) fn is_picture(&self) -> bool {
        let of = |state: &State| matches!(state, State::Ready(ready) if ready.file.content_type.starts_with("image/"));
        self.as_picture && (of(&self.standard) || of(&self.original))
    }

    fn name(&self) -> String {
        match &self.source {
            Source::Path(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Source::Bytes { name, .. } => name.clone(),
        }
    }

    pub(super) fn row(&self, quality: Quality, side: u32, files: &impl Files) -> Attachment {
        // One quality can be looked at while the other is made.
        let any = self.ready(quality).or_else(|| self.ready(Quality::Standard));
        let row = match any {
            Some(ready) => files::outgoing(&ready.file, &self.key(), ready.bytes, side, files),
            None => Attachment {
                id: self.key().into(),
                name: self.name().into(),
                kind: files::kind("", &self.name()),
                ..Attachment::default()
            },
        };
        let (transfer, progress) = match self.state(quality) {
            State::Ready(_) => (Transfer::Ready, 1.),
            State::TooLarge => (Transfer::Failed, 0.),
            State::Busy | State::Untouched => (Transfer::Running, -1.),
        };
        Attachment { transfer, progress, ..row }
    }
}
