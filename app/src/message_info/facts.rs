//! Facts about a message in the screens' words.

use slint::ComponentHandle as _;
use tacit_client::{AttachmentRole, Expiry, Message, NodeReceipt, State};
use tacit_ui::{App, FailureReason, FileFacts, MessageInfoState, Receipt, ReceiptResult, Texts};
use tacit_wire::TimestampMs;

use crate::conversation::wording::{length, remaining};
use crate::files::{clock_length, file_key, kind};
use crate::{size, time, words};

/// How long nodes keep a message, in ms.
const KEPT_MS: u64 = 14 * 24 * 60 * 60 * 1_000;

/// Why a message did not go out.
pub(super) fn reason(error: &tacit_network::Error) -> FailureReason {
    use tacit_network::Error;
    match error {
        Error::Offline | Error::TooFewNodes { .. } => FailureReason::NoPath,
        Error::NoAnswer { .. } | Error::NoSwarm => FailureReason::NoAnswer,
        Error::Status { status: 406, .. } => FailureReason::Clock,
        Error::Status { .. } => FailureReason::Refused,
        Error::TooLarge => FailureReason::TooLong,
        Error::Profile(_)
        | Error::Setup
        | Error::Gone
        | Error::FileTooLarge
        | Error::Unreadable
        | Error::NoFileServer
        | Error::Closed => FailureReason::Other,
    }
}

/// Fills in when it was sent, came, was read and goes.
pub(super) fn fill_times(window: &App, message: &Message, now: u64) {
    let (state, texts) = (window.global::<MessageInfoState>(), window.global::<Texts>());
    state.set_sent(words::exact(window, message.sent_at).into());
    let received = if message.outgoing() { String::new() } else { words::exact(window, message.received_at) };
    state.set_received(received.into());
    let read = message.peer_read_at.map(|at| words::exact(window, at)).unwrap_or_default();
    state.set_read(read.into());
    state.set_vanishes(vanishes(&texts, message, now).into());
    let until = TimestampMs(message.sent_at.0.saturating_add(kept_ms(message)));
    let stored = matches!(message.state, State::Received | State::Sent { .. });
    let kept_until = if stored && until.0 > now { words::date(window, until) } else { String::new() };
    state.set_kept_until(kept_until.into());
}

/// Nodes keep what disappears after sending no longer than that.
fn kept_ms(message: &Message) -> u64 {
    match message.expiry {
        Expiry::AfterSend { seconds } => KEPT_MS.min(u64::from(seconds) * 1_000),
        Expiry::AfterRead { .. } | Expiry::Off => KEPT_MS,
    }
}

fn vanishes(texts: &Texts<'_>, message: &Message, now: u64) -> String {
    match (message.expiry, message.expires_at) {
        (Expiry::Off, _) => String::new(),
        (_, Some(at)) => texts.invoke_in_time(remaining(texts, at.0.saturating_sub(now) / 1_000).into()).into(),
        (Expiry::AfterRead { seconds } | Expiry::AfterSend { seconds }, None) => {
            texts.invoke_after_reading(length(texts, seconds.into()).into()).into()
        }
    }
}

/// What is known of its files.
pub(super) fn files(message: &Message) -> Vec<FileFacts> {
    let shown = message.attachments.iter().filter(|file| file.role != AttachmentRole::Preview);
    shown
        .map(|file| FileFacts {
            id: file_key(file.id),
            kind: kind(&file.content_type, &file.file_name),
            name: file.file_name.as_str().into(),
            type_name: file.content_type.as_str().into(),
            size: size::bytes(file.size).into(),
            resolution: match (file.width, file.height) {
                (0, _) | (_, 0) => "".into(),
                (width, height) => slint::format!("{width} × {height}"),
            },
            length: clock_length(file.duration_ms.into()).into(),
        })
        .collect()
}

/// What each node said.
pub(super) fn receipts(said: &[NodeReceipt]) -> Vec<Receipt> {
    let mut rows: Vec<Receipt> = said
        .iter()
        .map(|receipt| {
            let node = hex::encode(receipt.node.0);
            Receipt {
                node: slint::format!("{}…{}", &node[..4], &node[node.len() - 4..]),
                time: time::clock_with_seconds(&time::local(receipt.at)).into(),
                result: result(receipt.failure.as_deref()),
                ..Receipt::default()
            }
        })
        .collect();
    rows.sort_by_key(|row| row.result != ReceiptResult::Stored);
    rows
}

fn result(failure: Option<&str>) -> ReceiptResult {
    match failure {
        None => ReceiptResult::Stored,
        Some("clock differs") => ReceiptResult::ClockDiffers,
        Some(text) if text.starts_with("refused") => ReceiptResult::Refused,
        Some(_) => ReceiptResult::NoAnswer,
    }
}

/// Whether some node lacks it that could be asked again.
pub(super) fn is_missing(message: &Message, said: &[NodeReceipt]) -> bool {
    matches!(message.state, State::Sent { kept, of } if kept < of) && said.iter().any(|one| one.failure.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_said_is_told_in_one_word() {
        for (failure, expected) in [
            (None, ReceiptResult::Stored),
            (Some("no answer"), ReceiptResult::NoAnswer),
            (Some("no usable answer"), ReceiptResult::NoAnswer),
            (Some("clock differs"), ReceiptResult::ClockDiffers),
            (Some("refused (421)"), ReceiptResult::Refused),
        ] {
            assert_eq!(result(failure), expected);
        }
    }
}
