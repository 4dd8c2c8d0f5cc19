//! Conversation and message info.

use slint::{ComponentHandle, Model};
use tacit_ui::{
    Access, App, AttachmentKind, ConversationState, FailureReason, FileFacts, ListPhase, Message, MessageInfoState,
    NetworkPhase, NetworkProblem, Receipt, ReceiptResult, Screen, SelectTextState, SendState, SheetKind, ShellState,
};

use super::{OWN_ID, Pose, conversation, list, long_texts, photo, received, right_click, sent, show, states};

fn talk(app: &App, messages: Vec<Message>) {
    let state = app.global::<ConversationState>();
    state.set_id("c1".into());
    state.set_messages(list(messages));
    show(app, Screen::Conversation);
}

fn info(app: &App, message: Message, failure: FailureReason) {
    talk(app, conversation());
    let state = app.global::<MessageInfoState>();
    let row = |node: &str, address: &str, time: &str, result| Receipt {
        node: node.into(),
        address: address.into(),
        time: time.into(),
        result,
    };
    let stored = ReceiptResult::Stored;
    if failure == FailureReason::None {
        state.set_receipts(list(vec![
            row("3f9a…c07e", "95.216.33.14", "09:05:13", stored),
            row("a1d2…90bb", "51.79.240.8", "09:05:13", stored),
            row("77c0…1f4d", "185.107.57.200", "09:05:14", stored),
            row("0c5e…aa31", "144.91.96.2", "09:05:14", stored),
            row("e47b…5d20", "139.162.3.77", "09:05:15", stored),
            row("b8f1…0e66", "82.221.131.4", "09:05:15", stored),
            row("19d4…7ac8", "177.54.144.9", "", ReceiptResult::NoAnswer),
        ]));
        state.set_can_store_again(true);
        state.set_kept_until("8 December".into());
    } else {
        state.set_detail("path: guard 95.216.33.14 timed out after 10 s, 3 tries".into());
    }
    if message.pictures.row_count() > 0 {
        state.set_files(list(vec![FileFacts {
            id: "f".into(),
            kind: AttachmentKind::Picture,
            name: "IMG_2041.jpg".into(),
            type_name: "JPEG".into(),
            size: "2.4 MB".into(),
            resolution: "1,600 × 1,200".into(),
            ..Default::default()
        }]));
        state.set_read("24 Nov 2026, 09:06:01".into());
        state.set_vanishes("in 6 d 3 h".into());
    }
    state.set_message(message);
    state.set_peer_name("Ines".into());
    state.set_sent("24 Nov 2026, 09:05:12".into());
    state.set_sender_id(OWN_ID.into());
    state.set_failure(failure);
    show(app, Screen::MessageInfo);
}

fn composing(app: &App, draft: &str, left: i32) {
    talk(app, conversation());
    let state = app.global::<ConversationState>();
    state.set_draft(draft.into());
    state.set_left(left);
}

fn access(app: &App, access: Access) {
    talk(
        app,
        if access == Access::Waiting {
            vec![Message {
                show_kept: true,
                ..sent("w1", "Hello Ines, this is Mara from the bridge.", "09:40", true, true)
            }]
        } else {
            vec![
                received("q1", "Hello, Jonas gave me your ID.", "09:12", true, false),
                received("q2", "Are you Mara? I have the pictures of the bridge.", "09:12", false, true),
            ]
        },
    );
    app.global::<ConversationState>().set_access(access);
}

pub fn poses() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("conversation", "full", |app| talk(app, conversation())).main(),
        p("conversation", "states", |app| talk(app, states())).main(),
        p("conversation", "long", |app| talk(app, long_texts())),
        p("conversation", "start", |app| talk(app, conversation().into_iter().take(4).collect())),
        p("conversation", "empty", |app| talk(app, vec![])),
        p("conversation", "self", |app| {
            talk(app, vec![sent("n1", "Backup phrase is in the blue folder", "Mon 12:02", true, true)]);
            app.global::<ConversationState>().set_is_self(true);
        }),
        p("conversation", "loading", |app| {
            talk(app, vec![]);
            app.global::<ConversationState>().set_phase(ListPhase::Loading);
        }),
        p("conversation", "failed", |app| {
            talk(app, vec![]);
            app.global::<ConversationState>().set_phase(ListPhase::Failed);
        }),
        p("conversation", "offline", |app| {
            let mut rows = conversation();
            rows.push(Message {
                state: SendState::Queued,
                kept: 0,
                ..sent("o1", "Wait for me at the gate", "09:06", true, true)
            });
            talk(app, rows);
            app.global::<ShellState>().set_network(NetworkPhase::Offline);
            app.global::<ShellState>().set_problem(NetworkProblem::NoConnection);
        }),
        p("conversation", "typing", |app| {
            composing(
                app,
                "Three lines of a message that is being written, so that the field has grown with it and shows where it stops",
                1890,
            );
        }),
        p("conversation", "too-long", |app| composing(app, &"far too long ".repeat(30), -38)),
        p("conversation", "emoji", |app| {
            talk(app, conversation());
            app.invoke_open_emoji(true);
        }),
        p("conversation", "scrolled", |app| {
            let mut rows = conversation();
            rows.extend(long_texts().into_iter().skip(1));
            talk(app, rows);
            let state = app.global::<ConversationState>();
            state.set_target("unread".into());
            state.set_unread_below(3);
        }),
        p("conversation", "request", |app| access(app, Access::Request)).main(),
        p("conversation", "waiting", |app| access(app, Access::Waiting)),
        p("conversation", "blocked", |app| access(app, Access::Blocked)),
        p("conversation", "menu", |app| talk(app, conversation())).then(|app| right_click(app, "Bring a thermos")),
        p("conversation", "menu-failed", |app| talk(app, states())).then(|app| right_click(app, "never left")),
        p("conversation", "options", |app| talk(app, conversation())).then(|app| app.invoke_open_peer_menu(true)),
        p("conversation", "select-text", |app| {
            talk(app, conversation());
            app.global::<SelectTextState>().set_text(conversation()[3].text.clone());
            app.global::<ShellState>().set_sheet(SheetKind::SelectText);
        }),
        p("conversation", "nothing-chosen", |app| show(app, Screen::Home)),
        p("message-info", "kept-6-of-7", |app| {
            info(app, conversation().into_iter().find(|m| m.id == "m8").unwrap(), FailureReason::None);
        })
        .main(),
        p("message-info", "file", |app| {
            let picture = Message {
                pictures: list(vec![photo("info", 280, 196, 0)]),
                read: true,
                ..sent("i1", "North side", "09:05", true, true)
            };
            info(app, picture, FailureReason::None);
            app.global::<MessageInfoState>().set_can_store_again(false);
        }),
        p("message-info", "failed", |app| info(app, states().pop().unwrap(), FailureReason::NoPath)),
    ]
}
