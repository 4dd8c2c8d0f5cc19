//! Waiting for several things at once, in one task.

use std::pin::Pin;
use std::task::Poll;

enum Part<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}

/// Runs all to their end; their outputs in the same order. Each is first polled in order, so what
/// they do before they have to wait (such as queueing a write) happens in order too.
pub(super) async fn together<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F::Output: Unpin,
{
    let mut parts: Vec<_> = futures.into_iter().map(|f| Part::Running(Box::pin(f))).collect();
    std::future::poll_fn(move |context| {
        let mut waiting = false;
        for part in &mut parts {
            if let Part::Running(future) = part {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *part = Part::Done(output),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            return Poll::Pending;
        }
        let done = std::mem::take(&mut parts).into_iter().filter_map(|part| match part {
            Part::Done(output) => Some(output),
            Part::Running(_) => None,
        });
        Poll::Ready(done.collect())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn outputs_keep_their_order_whoever_is_first() {
        let (send, receive) = tokio::sync::oneshot::channel();
        let slow = async move { receive.await.unwrap() };
        let quick = async move {
            send.send(1).unwrap();
            2
        };
        let both: [Pin<Box<dyn Future<Output = i32>>>; 2] = [Box::pin(slow), Box::pin(quick)];
        assert_eq!(together(both).await, [1, 2]);
        assert!(together(Vec::<std::future::Ready<u8>>::new()).await.is_empty());
    }
}
