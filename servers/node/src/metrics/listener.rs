//! `/metrics`, on an address of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Request;
use hyper::body::Incoming;
use tacit_edge::{Listener, ListenerLimits};

use crate::app::App;
use crate::http;

pub(crate) async fn listen(app: &Arc<App>, address: SocketAddr) -> Result<Listener, tacit_edge::Error> {
    let app = Arc::clone(app);
    let limits = ListenerLimits { connections: 100, ..ListenerLimits::default() };
    let handler = move |request: Request<Incoming>, _| {
        let answer = match request.uri().path() {
            "/metrics" => http::text(200, Bytes::copy_from_slice(app.metrics.text().as_bytes())),
            _ => http::text(404, "Not found"),
        };
        async move { answer }
    };
    Listener::start_plain(address, limits, handler).await
}
