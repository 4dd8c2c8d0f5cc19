//! Bytes in an object store: one object for a file, put whole, since 10 MB need no parts.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _};

use super::{BlobError, Blobs, Boxed, Incoming, Listed, PIECE};
use crate::FileId;
use crate::config::S3;

/// All objects of ours stand below this.
const TOP: &str = "blobs";

/// An object store.
pub struct Objects {
    store: Arc<dyn ObjectStore>,
}

impl Objects {
    /// Objects of any store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// Objects of a service that speaks S3.
    ///
    /// # Errors
    /// What makes the settings unusable.
    pub fn s3(settings: &S3) -> Result<Self, String> {
        // Only the first call in a process counts, and all ask for the same.
        let _ = Arc::unwrap_or_clone(tacit_edge::ring_provider()).install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(settings.secret_key.as_str())
            .with_allow_http(settings.allow_http);
        if !settings.endpoint.is_empty() {
            builder = builder.with_endpoint(&settings.endpoint);
        }
        let store = builder.build().map_err(|error| error.to_string())?;
        Ok(Self::new(Arc::new(store)))
    }
}

fn place(id: &FileId) -> Path {
    Path::from(format!("{TOP}/{}", id.place()))
}

/// The store's own texts name objects, which logs must not.
fn failure(error: &Error) -> BlobError {
    BlobError::Objects(match error {
        Error::NotFound { .. } => return BlobError::Missing,
        Error::PermissionDenied { .. } => "permission denied",
        Error::Unauthenticated { .. } => "not authenticated",
        Error::Precondition { .. } | Error::AlreadyExists { .. } => "precondition",
        _ => "no good answer",
    })
}

impl Blobs for Objects {
    fn begin(&self) -> Boxed<'_, Box<dyn Incoming>> {
        let part = Part { store: Arc::clone(&self.store), bytes: BytesMut::new() };
        Box::pin(std::future::ready(Ok(Box::new(part) as Box<dyn Incoming>)))
    }

    fn read<'a>(&'a self, id: &'a FileId, range: Range<u64>) -> Boxed<'a, Bytes> {
        let end = range.end.min(range.start.saturating_add(PIECE));
        Box::pin(async move {
            let piece = self.store.get_range(&place(id), range.start..end).await;
            piece.map_err(|error| failure(&error))
        })
    }

    fn size<'a>(&'a self, id: &'a FileId) -> Boxed<'a, u64> {
        Box::pin(async move { self.store.head(&place(id)).await.map(|meta| meta.size).map_err(|e| failure(&e)) })
    }

    fn delete<'a>(&'a self, id: &'a FileId) -> Boxed<'a, ()> {
        Box::pin(async move {
            match self.store.delete(&place(id)).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(failure(&error)),
            }
        })
    }

    fn list<'a>(&'a self, folder: &'a str) -> Boxed<'a, Listed> {
        Box::pin(async move {
            let above = if folder.is_empty() { TOP.to_owned() } else { format!("{TOP}/{folder}") };
            let listed = self.store.list_with_delimiter(Some(&Path::from(above))).await.map_err(|e| failure(&e))?;
            let below = |path: &Path| Some(path.as_ref().strip_prefix(TOP)?.strip_prefix('/')?.to_owned());
            Ok(Listed {
                folders: listed.common_prefixes.iter().filter_map(below).collect(),
                ids: listed.objects.iter().filter_map(|object| FileId::parse(object.location.filename()?)).collect(),
            })
        })
    }
}

/// An object that is being gathered.
struct Part {
    store: Arc<dyn ObjectStore>,
    bytes: BytesMut,
}

impl Incoming for Part {
    fn write(&mut self, piece: Bytes) -> Boxed<'_, ()> {
        self.bytes.extend_from_slice(&piece);
        Box::pin(std::future::ready(Ok(())))
    }

    fn keep(self: Box<Self>, id: FileId) -> Boxed<'static, ()> {
        Box::pin(async move {
            let put = self.store.put(&place(&id), self.bytes.freeze().into()).await;
            put.map(|_| ()).map_err(|error| failure(&error))
        })
    }
}
