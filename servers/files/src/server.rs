//! Starting and stopping.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tacit_crypto::NodeKeys;
use tacit_edge::{Budget, Listener, ListenerLimits};
use tacit_wire::onion::LayerReceiver;
use tokio::task::JoinHandle;

use crate::api::now_ms;
use crate::blobs::{Blobs, Disk, Objects};
use crate::config::{Config, Limits, Storage};
use crate::metrics::Metrics;
use crate::throttle::Throttle;
use crate::{Error, Index, Store, http};

/// What is left to requests in flight when the server stops.
const GRACE: Duration = Duration::from_secs(6);
const SWEEP: Duration = Duration::from_secs(15);

/// A running server, as its handlers see it.
pub(crate) struct App {
    pub store: Store,
    /// Opens onion layers.
    pub layers: LayerReceiver,
    pub limits: Limits,
    /// Onion requests at once.
    pub onions: Budget,
    /// Bytes of bodies that are whole in memory.
    pub memory: Budget,
    /// Requests at once over plain HTTP.
    pub transfers: Budget,
    pub throttle: Throttle,
    pub metrics: Metrics,
    pub versions: Option<PathBuf>,
}

/// A running file server. Dropping it ends it at once; [`FileServer::stop`] in order.
pub struct FileServer {
    listener: Listener,
    metrics: Option<Listener>,
    sweeper: JoinHandle<()>,
    ed25519: [u8; 32],
    x25519: [u8; 32],
    _lock: File,
}

impl FileServer {
    /// Opens index and bytes and listens.
    ///
    /// # Errors
    /// See [`Error`]: each says what to put right.
    pub async fn start(config: Config) -> Result<Self, Error> {
        std::fs::create_dir_all(&config.data_dir).map_err(Error::file(&config.data_dir))?;
        let lock = lock(&config.data_dir)?;
        let keys = keys(&config.data_dir)?;
        let store = open_store(&config)?;
        clear(&config, &store).await?;
        let app = Arc::new(App {
            store,
            layers: LayerReceiver::from(&keys),
            onions: Budget::new(config.limits.onion_requests),
            memory: Budget::new(config.limits.onion_bytes),
            transfers: Budget::new(config.limits.transfers),
            throttle: Throttle::new(config.limits.upload_rate, config.limits.upload_burst),
            metrics: Metrics::default(),
            versions: config.versions,
            limits: config.limits,
        });
        let metrics = match config.metrics_listen {
            Some(address) => Some(listen_metrics(&app, address).await?),
            None => None,
        };
        let handler = {
            let app = Arc::clone(&app);
            move |request, _| http::serve(Arc::clone(&app), request)
        };
        let listener = Listener::start_plain(config.listen, app.limits.listener(), handler).await?;
        let sweeper = tokio::spawn(sweep(app));
        let (ed25519, x25519) = (keys.ed25519_public(), keys.x25519_public());
        Ok(Self { listener, metrics, sweeper, ed25519, x25519, _lock: lock })
    }

    /// Where requests come.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Where `/metrics` and `/health` are, if anywhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Listener::address)
    }

    /// The key that URLs of its files name: `#p=` and this in hex.
    #[must_use]
    pub fn ed25519(&self) -> [u8; 32] {
        self.ed25519
    }

    /// The key of its onion layer.
    #[must_use]
    pub fn x25519(&self) -> [u8; 32] {
        self.x25519
    }

    /// Takes no more requests, ends those in flight. Takes less than ten seconds.
    pub async fn stop(self) {
        self.sweeper.abort();
        let metrics = async {
            if let Some(metrics) = self.metrics {
                metrics.stop(Duration::from_secs(1)).await;
            }
        };
        tokio::join!(self.listener.stop(GRACE), metrics);
        tracing::info!("file server has stopped");
    }
}

/// Index and bytes as the settings say.
///
/// # Errors
/// [`Error::Settings`], [`Error::Store`], [`Error::File`].
pub fn open_store(config: &Config) -> Result<Store, Error> {
    std::fs::create_dir_all(&config.data_dir).map_err(Error::file(&config.data_dir))?;
    if config.server_bits > 32 || config.server_number >> config.server_bits != 0 {
        return Err(Error::Settings(format!("server_number does not fit into {} bits", config.server_bits)));
    }
    let index = Index::open(&config.data_dir.join("files.sqlite"))?;
    Ok(Store::new(index, open_blobs(config, config.storage)?, config.policy()))
}

/// Bytes in the one or the other place.
pub(crate) fn open_blobs(config: &Config, storage: Storage) -> Result<Arc<dyn Blobs>, Error> {
    Ok(match storage {
        Storage::Disk => Arc::new(Disk::open(&config.data_dir).map_err(Error::file(&config.data_dir))?),
        Storage::S3 if config.s3.bucket.is_empty() => {
            return Err(Error::Settings("storage = \"s3\" needs s3.bucket".to_owned()));
        }
        Storage::S3 => Arc::new(Objects::s3(&config.s3).map_err(|why| Error::Settings(format!("s3: {why}")))?),
    })
}

/// The server's key, made at the first start.
pub(crate) fn keys(data_dir: &Path) -> Result<NodeKeys, Error> {
    Ok(NodeKeys::from_seed(&*tacit_edge::read_or_make_seed(&data_dir.join("files.seed"))?))
}

/// Holds the folder for this process alone.
pub(crate) fn lock(data_dir: &Path) -> Result<File, Error> {
    let path = data_dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::InUse(data_dir.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(Error::file(&path)(source)),
    }
}

/// Forgets uploads that an earlier process did not end.
async fn clear(config: &Config, store: &Store) -> Result<(), Error> {
    let disk = Disk::open(&config.data_dir).map_err(Error::file(&config.data_dir))?;
    let parts = disk.clear_incoming().map_err(Error::file(&config.data_dir))?;
    let named = store.index().abandon_uploads().await?;
    if parts + named > 0 {
        tracing::info!(parts, named, "uploads that were broken off are forgotten");
    }
    Ok(())
}

async fn sweep(app: Arc<App>) {
    loop {
        match app.store.sweep(now_ms()).await {
            Ok(expired) => app.metrics.expired(expired as u64),
            Err(error) => {
                app.metrics.store_failed();
                tracing::warn!(%error, "cannot delete what has expired");
            }
        }
        tokio::time::sleep(SWEEP).await;
    }
}

async fn listen_metrics(app: &Arc<App>, address: SocketAddr) -> Result<Listener, Error> {
    let app = Arc::clone(app);
    let limits = ListenerLimits { connections: 100, ..app.limits.listener() };
    let handler = move |request: hyper::Request<hyper::body::Incoming>, _| {
        let app = Arc::clone(&app);
        async move {
            let totals = app.store.totals().await;
            let (status, text) = match (request.uri().path(), totals) {
                ("/metrics", Ok(totals)) => (200, app.metrics.text(&totals, now_ms())),
                ("/health", Ok(_)) => (200, "ok\n".to_owned()),
                ("/metrics" | "/health", Err(_)) => (503, "the index does not answer\n".to_owned()),
                _ => (404, "not found\n".to_owned()),
            };
            let mut response = Response::new(Full::new(Bytes::from(text)));
            *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
            response
        }
    };
    Ok(Listener::start_plain(address, limits, handler).await?)
}
