//! When a server has to end: a signal, or the end of its standard input.

use tokio::signal::unix::{SignalKind, signal};

use crate::Error;

/// Why a server was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// SIGTERM.
    Terminated,
    /// SIGINT (Ctrl-C).
    Interrupted,
    /// Standard input came to its end.
    InputClosed,
}

/// Waits until the program is told to stop.
///
/// With `stdin`, the end of standard input counts too: whoever started the program holds the other
/// end of the pipe, and even if it is killed nothing survives it. A service has no standard input,
/// so never by default.
///
/// # Errors
/// [`Error::Signals`] if handlers cannot be set up.
pub async fn until_stopped(stdin: bool) -> Result<StopReason, Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let (closed, mut input) = tokio::sync::oneshot::channel::<()>();
    let _held = if stdin {
        // A thread of its own, not the runtime's blocking pool: a read that never ends would keep
        // the runtime from being dropped. The process ends with this thread still waiting.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            let _ = closed.send(());
        });
        None
    } else {
        Some(closed)
    };
    Ok(tokio::select! {
        _ = terminate.recv() => StopReason::Terminated,
        _ = interrupt.recv() => StopReason::Interrupted,
        _ = &mut input => StopReason::InputClosed,
    })
}
