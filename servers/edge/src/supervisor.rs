//! Telling the system's service manager how the program is: the datagrams of `sd_notify`.

use std::ffi::{OsStr, OsString};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The service manager, if one started the program and wants to know.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    socket: Option<OsString>,
}

impl Supervisor {
    /// The one that the environment names (`NOTIFY_SOCKET`).
    #[must_use]
    pub fn from_environment() -> Self {
        Self { socket: std::env::var_os("NOTIFY_SOCKET") }
    }

    /// The one that listens on this socket; a name that begins with `@` is an abstract one.
    #[must_use]
    pub fn at(socket: impl Into<OsString>) -> Self {
        Self { socket: Some(socket.into()) }
    }

    /// The program answers.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// The program still works; if this stays away, the manager starts it anew.
    pub fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    /// The program ends.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    fn tell(&self, state: &str) {
        let Some(socket) = &self.socket else { return };
        // A manager that does not listen is no reason to stop.
        if let Err(error) = send(socket, state) {
            tracing::debug!(%error, "the service manager does not listen");
        }
    }
}

fn send(socket: &OsStr, state: &str) -> std::io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let sender = UnixDatagram::unbound()?;
    sender.set_nonblocking(true)?;
    sender.send_to_addr(state.as_bytes(), &address).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_manager_hears_of_start_life_and_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let supervisor = Supervisor::at(&path);
        supervisor.ready();
        supervisor.alive();
        supervisor.stopping();
        let mut heard = Vec::new();
        for _ in 0..3 {
            let mut buffer = [0; 64];
            let length = manager.recv(&mut buffer).unwrap();
            heard.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
        }
        assert_eq!(heard, ["READY=1", "WATCHDOG=1", "STOPPING=1"]);
    }

    #[test]
    fn without_one_nothing_happens() {
        Supervisor::default().ready();
        Supervisor::at("/nonexistent/notify").alive();
    }
}
