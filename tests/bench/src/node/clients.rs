//! Clients with as little work of their own as can be: requests made beforehand, answers looked
//! at no further than needed.

use std::error::Error;
use std::sync::Arc;

use rustls::pki_types::{IpAddr, Ipv4Addr, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::journey::tls;

type Failure = Box<dyn Error + Send + Sync>;

/// Connections that stay open.
#[derive(Default)]
pub struct Clients(Vec<Client>);

struct Client(TlsStream<TcpStream>);

impl Clients {
    pub async fn connect(port: u16, count: usize) -> Result<Self, Box<dyn Error>> {
        let connector = TlsConnector::from(Arc::new(tls()?));
        let name = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([127, 0, 0, 1])));
        let mut clients = Vec::new();
        for _ in 0..count {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            clients.push(Client(connector.connect(name.clone(), stream).await?));
        }
        Ok(Self(clients))
    }

    /// All at once, each its own requests one after the other. Every answer must be a good one.
    pub async fn ask(self, requests: Vec<Vec<Vec<u8>>>) -> Result<Self, Box<dyn Error>> {
        let tasks: Vec<_> = self
            .0
            .into_iter()
            .zip(requests)
            .map(|(mut client, requests)| {
                tokio::spawn(async move {
                    for request in requests {
                        client.ask(&request).await?;
                    }
                    Ok::<_, Failure>(client)
                })
            })
            .collect();
        let mut clients = Vec::new();
        for task in tasks {
            clients.push(task.await?.map_err(|error| error.to_string())?);
        }
        Ok(Self(clients))
    }
}

impl Client {
    async fn ask(&mut self, body: &[u8]) -> Result<(), Failure> {
        let head = format!("POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nContent-Length: {}\r\n\r\n", body.len());
        self.0.write_all(&[head.as_bytes(), body].concat()).await?;
        self.0.flush().await?;
        let mut answer = Vec::with_capacity(4096);
        loop {
            if self.0.read_buf(&mut answer).await? == 0 {
                return Err("the node closed the connection".into());
            }
            let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let length: usize =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")).ok_or("no length")?.parse()?;
            if answer.len() >= end + 4 + length {
                if head.starts_with("http/1.1 200") {
                    return Ok(());
                }
                return Err(String::from_utf8_lossy(&answer).into_owned().into());
            }
        }
    }
}
