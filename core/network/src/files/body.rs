//! What an upload consists of.

use std::fmt;
use std::io;
use std::sync::Arc;

type Write = dyn Fn(&mut Vec<u8>) -> io::Result<()> + Send + Sync;

/// The bytes of an upload, or how they are made. They are made anew for each try, right into the
/// request, so that nothing but the sealed request is held while it is on its way.
#[derive(Clone)]
pub struct UploadBody {
    size: usize,
    write: Arc<Write>,
}

impl UploadBody {
    /// `size` bytes that `write` appends, the same ones each time.
    pub fn made(size: usize, write: impl Fn(&mut Vec<u8>) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self { size, write: Arc::new(write) }
    }

    /// How many bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        (self.write)(out)
    }
}

impl From<Vec<u8>> for UploadBody {
    fn from(bytes: Vec<u8>) -> Self {
        Self::made(bytes.len(), move |out| {
            out.extend_from_slice(&bytes);
            Ok(())
        })
    }
}

impl fmt::Debug for UploadBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadBody").field("size", &self.size).finish_non_exhaustive()
    }
}
