//! Work that comes in crowds, such as handshakes, done by a few at a time: the rest waits apart
//! instead of standing in line before everything else.

use std::pin::pin;
use std::task::Poll;

use tokio::sync::Semaphore;

/// How many may compute at once.
pub(crate) struct Turns(Semaphore);

impl Turns {
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Semaphore::new(at_once))
    }

    /// Runs `work` to its end. It takes a turn whenever it goes on, and none while it waits.
    pub(crate) async fn run<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            let turn = self.0.acquire().await;
            let step = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
            drop(turn);
            match step {
                Poll::Ready(output) => return output,
                Poll::Pending => woken().await,
            }
        }
    }
}

/// Ends when the task is woken, by whatever it has waited for.
async fn woken() {
    let mut waited = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn who_waits_for_something_takes_no_turn() {
        let turns = Arc::new(Turns::new(1));
        let (send, receive) = tokio::sync::oneshot::channel();
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.run(receive).await.unwrap() }
        });
        let steps = async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            send.send(5).unwrap();
        };
        turns.run(steps).await;
        assert_eq!(waiting.await.unwrap(), 5);
    }
}
