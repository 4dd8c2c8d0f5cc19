//! What opens from a conversation, and what it does besides showing messages.

use slint::ComponentHandle;
use tacit_ui::{
    App, Attachment, AttachmentKind, ChatSearchState, ComposeState, ConversationState, DeleteScope, DeleteState,
    DialogKind, EmojiState, ForwardState, ForwardTarget, LinkPreview, ListPhase, MediaRow, MediaRowKind, MediaState,
    MediaTab, MediaViewerState, Message, Person, PlayerState, ReactionPerson, ReactionsState, RecorderPhase,
    RecorderState, Screen, SelectionState, SendMediaState, SheetKind, ShellState, Transfer, ViewerItem,
};

use super::{Pose, contents, file, film, ines, landscape, list, photo, quote, right_click, show, voice};

fn talk(app: &App, messages: Vec<Message>) {
    let state = app.global::<ConversationState>();
    state.set_id("c1".into());
    state.set_messages(list(messages));
    state.set_vanishing("vanish 1 day after reading".into());
    app.global::<ComposeState>().set_can_record(true);
    show(app, Screen::Conversation);
}

fn lively(app: &App) {
    talk(app, contents::lively());
}

fn composing<'a>(app: &'a App, draft: &str) -> ComposeState<'a> {
    lively(app);
    app.global::<ConversationState>().set_draft(draft.into());
    app.global::<ComposeState>()
}

fn strip() -> Vec<Attachment> {
    vec![
        photo("bridge", 120, 120, 0),
        film("walk"),
        file("paper", "Survey.pdf", AttachmentKind::Document, "3.1 MB", "PDF"),
    ]
}

fn recording(app: &App, phase: RecorderPhase) {
    lively(app);
    let state = app.global::<RecorderState>();
    state.set_elapsed("0:12".into());
    state.set_levels(list((0..40).map(|i| 0.3 + 0.7 * (i as f32 * 0.7).sin().abs()).collect()));
    state.set_result(voice("draft", "0:12"));
    state.set_phase(phase);
}

fn selecting(app: &App) {
    let mut rows = contents::lively();
    rows.iter_mut().filter(|m| ["c2", "c4", "c6"].contains(&m.id.as_str())).for_each(|m| m.chosen = true);
    talk(app, rows);
    let state = app.global::<SelectionState>();
    state.set_active(true);
    state.set_count(3);
    state.set_can_copy(true);
    state.set_can_save(true);
}

fn searching(app: &App, entry: &str, count: i32) {
    let mut rows = contents::lively();
    rows.iter_mut().filter(|m| count > 0 && m.text.contains("bridge")).for_each(|m| m.found = true);
    talk(app, rows);
    let state = app.global::<ChatSearchState>();
    state.set_active(true);
    state.set_entry(entry.into());
    state.set_index(3);
    state.set_count(count);
}

fn send_media(app: &App, pages: Vec<Attachment>) {
    lively(app);
    let state = app.global::<SendMediaState>();
    state.set_can_reduce(pages[0].kind == AttachmentKind::Picture);
    state.set_pages(list(pages));
    state.set_size_standard("1.1 MB".into());
    state.set_size_original("6.4 MB".into());
    state.set_size_limit("10 MB".into());
    show(app, Screen::SendMedia);
}

fn viewer(app: &App, item: ViewerItem) {
    lively(app);
    let state = app.global::<MediaViewerState>();
    let before =
        ViewerItem { id: "v0".into(), picture: landscape(300, 220, 3), has_picture: true, ..Default::default() };
    state.set_items(list(vec![before.clone(), item, ViewerItem { id: "v2".into(), ..before }]));
    state.set_index(1);
    state.set_number(3);
    state.set_count(27);
    state.set_can_share(true);
    show(app, Screen::MediaViewer);
}

fn item(transfer: Transfer) -> ViewerItem {
    ViewerItem {
        id: "v1".into(),
        kind: AttachmentKind::Picture,
        picture: landscape(390, 280, 0),
        has_picture: transfer == Transfer::Ready,
        sender: "Ines Okafor".into(),
        time: "Today, 08:52".into(),
        transfer,
        size: "2.4 MB".into(),
        ..Default::default()
    }
}

fn media(app: &App, tab: MediaTab, rows: Vec<MediaRow>) {
    lively(app);
    let state = app.global::<MediaState>();
    state.set_tab(tab);
    state.set_rows(list(rows));
    state.set_total("27 items, 41 MB".into());
    show(app, Screen::Media);
}

fn line(id: &str, kind: MediaRowKind, title: &str, subtitle: &str) -> MediaRow {
    MediaRow { id: id.into(), kind, title: title.into(), subtitle: subtitle.into(), ..Default::default() }
}

fn months(app: &App, chosen: bool) -> Vec<MediaRow> {
    let columns = app.global::<MediaState>().get_columns().max(3) as usize;
    let cells = |id: &str, count: usize, from: usize| {
        list(
            (0..count)
                .map(|i| Attachment { chosen: chosen && i == 1, ..photo(&format!("{id}{i}"), 120, 120, from + i) })
                .collect(),
        )
    };
    vec![
        line("m1", MediaRowKind::Month, "November 2026", ""),
        MediaRow { cells: cells("a", columns, 0), ..line("r1", MediaRowKind::Pictures, "", "") },
        MediaRow { cells: cells("b", 2, 3), ..line("r2", MediaRowKind::Pictures, "", "") },
        line("m2", MediaRowKind::Month, "October 2026", ""),
        MediaRow { cells: cells("c", columns, 2), ..line("r3", MediaRowKind::Pictures, "", "") },
        MediaRow { cells: cells("d", columns, 1), ..line("r4", MediaRowKind::Pictures, "", "") },
    ]
}

fn sheet(app: &App, sheet: SheetKind) {
    lively(app);
    app.global::<ShellState>().set_sheet(sheet);
}

fn ask(app: &App, kind: DialogKind, subject: &str) {
    lively(app);
    app.global::<ShellState>().set_dialog_subject(subject.into());
    app.global::<ShellState>().set_dialog(kind);
}

fn targets() -> Vec<ForwardTarget> {
    let target = |id: &str, name: &str, initials: &str, tone, chosen| ForwardTarget {
        id: id.into(),
        name: name.into(),
        initials: initials.into(),
        tone,
        chosen,
        ..Default::default()
    };
    vec![
        ForwardTarget { is_self: true, ..target("me", "", "MW", 4, false) },
        target("c1", "Ines Okafor", "IO", 0, true),
        target("c2", "Jonas", "J", 1, true),
        target("c4", "ليلى حدّاد", "لح", 6, false),
        target("c7", "Wolfeschlegelsteinhausenbergerdorff Senior", "WS", 9, false),
        target("c8", "Tomás", "T", 2, false),
    ]
}

pub fn poses() -> Vec<Pose> {
    let mut poses = talking();
    poses.extend(opened());
    poses
}

fn talking() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("conversation", "lively", lively).main(),
        p("conversation", "words", |app| talk(app, contents::words())).main(),
        p("conversation", "pictures", |app| talk(app, contents::pictures())),
        p("conversation", "transfers", |app| talk(app, contents::transfers())).main(),
        p("conversation", "files", |app| talk(app, contents::files())).main(),
        p("conversation", "notices", |app| talk(app, contents::notices())).main(),
        p("conversation", "peer-typing", |app| {
            lively(app);
            app.global::<ConversationState>().set_typing(true);
            app.global::<ConversationState>().set_other_unread(4);
        }),
        p("conversation", "playing", |app| {
            talk(app, contents::files());
            let state = app.global::<PlayerState>();
            state.set_id("v1".into());
            state.set_playing(true);
            state.set_position(0.4);
            state.set_elapsed("0:09".into());
            state.set_speed(1.5);
        }),
        p("conversation", "mini-player", |app| {
            lively(app);
            mini(app);
        }),
        p("home", "mini-player", |app| {
            show(app, Screen::Home);
            mini(app);
        }),
        p("conversation", "selecting", selecting).main(),
        p("conversation", "search", |app| searching(app, "bridge", 27)).main(),
        p("conversation", "search-none", |app| searching(app, "zeppelin", 0)),
        p("conversation", "reply", |app| {
            let state = composing(app, "In the morning");
            state.set_has_quote(true);
            state.set_quote(quote(false, "Bring a thermos, it is cold on the bridge"));
        }),
        p("conversation", "everything-above", |app| {
            let state = composing(app, "https://example.org/bridge");
            state.set_has_quote(true);
            state.set_quote(quote(true, "I can be there at eight tomorrow"));
            state.set_has_preview(true);
            state.set_preview(LinkPreview {
                title: "Bridge walk: opening times".into(),
                host: "example.org".into(),
                ..Default::default()
            });
            state.set_outgoing(list(strip()));
            state.set_outgoing_size("7.2 MB".into());
        })
        .main(),
        p("conversation", "too-large", |app| {
            let state = composing(app, "");
            let mut files = strip();
            files[1].transfer = Transfer::Failed;
            state.set_outgoing(list(files));
            state.set_outgoing_size("19 MB".into());
            state.set_outgoing_too_large(true);
            state.set_size_limit("10 MB".into());
        }),
        p("conversation", "mentions", |app| {
            let state = composing(app, "Ask @");
            let jonas =
                Person { id: "j".into(), name: "Jonas".into(), initials: "J".into(), tone: 1, ..Default::default() };
            state.set_mentions(list(vec![ines(), jonas]));
        }),
        p("conversation", "attach", |app| {
            lively(app);
            app.global::<ComposeState>().set_has_camera(true);
        })
        .then(|app| app.invoke_open_attach(true)),
        p("conversation", "recording", |app| recording(app, RecorderPhase::Held)).main(),
        p("conversation", "recording-locked", |app| {
            recording(app, RecorderPhase::Locked);
            app.global::<RecorderState>().set_seconds_left(8);
        }),
        p("conversation", "recording-preview", |app| recording(app, RecorderPhase::Preview)),
        p("conversation", "drop", lively).then(|app| app.invoke_pose_drop(true)),
        p("conversation", "menu-picture", lively).then(|app| right_click(app, "North side")),
        p("conversation", "menu-own", lively).then(|app| right_click(app, "Tea at eight")),
        p("conversation", "react", lively).then(|app| app.invoke_open_reacting(true)),
        p("conversation", "skin-tones", lively).then(|app| {
            app.invoke_open_reacting(true);
            let tones = ["👍", "👍🏻", "👍🏼", "👍🏽", "👍🏾", "👍🏿"];
            let tones = tones.map(|text| tacit_ui::Emoji { text: text.into(), name: text.into() });
            app.global::<EmojiState>().set_tones(list(tones.to_vec()));
        }),
    ]
}

fn mini(app: &App) {
    let state = app.global::<PlayerState>();
    state.set_id("v9".into());
    state.set_bar(true);
    state.set_playing(true);
    state.set_position(0.6);
    state.set_elapsed("0:31".into());
    state.set_title("Jonas".into());
}

fn opened() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("delete", "choices", |app| {
            ask(app, DialogKind::DeleteMessage, "");
            app.global::<DeleteState>().set_can_everyone(true);
            app.global::<DeleteState>().set_scope(DeleteScope::Everyone);
        })
        .main(),
        p("delete", "several", |app| {
            ask(app, DialogKind::DeleteMessage, "");
            app.global::<DeleteState>().set_count(3);
        }),
        p("dialog", "program", |app| ask(app, DialogKind::OpenProgram, "setup.exe")),
        p("dialog", "link", |app| ask(app, DialogKind::OpenLink, "https://xn--exmple-cua.org/login")),
        p("reactions", "all", |app| {
            sheet(app, SheetKind::Reactions);
            let state = app.global::<ReactionsState>();
            state.set_tabs(list(["4", "👍 2", "❤️ 1", "😮 1"].map(Into::into).to_vec()));
            let person = |name: &str, initials: &str, tone, emoji: &str, own| ReactionPerson {
                name: name.into(),
                initials: initials.into(),
                tone,
                emoji: emoji.into(),
                own,
                ..Default::default()
            };
            state.set_people(list(vec![
                person("", "MW", 4, "👍", true),
                person("Ines Okafor", "IO", 0, "👍", false),
                person("Jonas", "J", 1, "❤️", false),
                person("نועה", "נ", 8, "😮", false),
            ]));
        })
        .main(),
        p("forward", "chosen", |app| {
            sheet(app, SheetKind::Forward);
            let state = app.global::<ForwardState>();
            state.set_targets(list(targets()));
            state.set_chosen(2);
            state.set_what("North side, just before nine".into());
        })
        .main(),
        p("forward", "none", |app| {
            sheet(app, SheetKind::Forward);
            app.global::<ForwardState>().set_search("zeppelin".into());
        }),
        p("send-media", "one", |app| send_media(app, vec![photo("bridge", 390, 280, 0)])).main(),
        p("send-media", "several", |app| {
            let mut pages = vec![photo("bridge", 200, 280, 1), photo("north", 200, 200, 2)];
            pages.extend(strip().into_iter().skip(1));
            send_media(app, pages);
            app.global::<SendMediaState>().set_caption("All of them from this morning".into());
        }),
        p("send-media", "too-large", |app| {
            send_media(
                app,
                vec![file("paper", "Survey of the whole bridge.pdf", AttachmentKind::Document, "14 MB", "PDF")],
            );
            app.global::<SendMediaState>().set_too_large(true);
        }),
        p("media-viewer", "picture", |app| {
            viewer(app, ViewerItem { caption: "North side, just before nine".into(), ..item(Transfer::Ready) })
        })
        .main(),
        p("media-viewer", "video", |app| {
            viewer(app, ViewerItem { kind: AttachmentKind::Video, ..item(Transfer::Ready) })
        }),
        p("media-viewer", "loading", |app| viewer(app, ViewerItem { progress: 0.4, ..item(Transfer::Running) })),
        p("media-viewer", "gone", |app| viewer(app, item(Transfer::Gone))),
        p("media", "pictures", |app| media(app, MediaTab::Media, months(app, false))).main(),
        p("media", "selecting", |app| {
            media(app, MediaTab::Media, months(app, true));
            app.global::<MediaState>().set_selecting(true);
            app.global::<MediaState>().set_selected(4);
        }),
        p("media", "files", |app| {
            let mut rows = vec![line("m", MediaRowKind::Month, "November 2026", "")];
            rows.extend(contents::files().iter().flat_map(|m| slint::Model::iter(&m.files)).map(|f: Attachment| {
                MediaRow {
                    file: f.clone(),
                    ..line(&f.id, MediaRowKind::File, &f.name, &format!("{} · Ines Okafor · 12 Nov", f.size))
                }
            }));
            media(app, MediaTab::Files, rows);
        }),
        p("media", "links", |app| {
            media(
                app,
                MediaTab::Links,
                vec![
                    MediaRow {
                        file: photo("l", 90, 90, 3),
                        ..line("l1", MediaRowKind::Link, "Bridge walk: opening times", "https://example.org/bridge")
                    },
                    line("l2", MediaRowKind::Link, "example.org", "https://example.org/a/b?c=d"),
                ],
            );
        }),
        p("media", "voice", |app| {
            media(
                app,
                MediaTab::Voice,
                vec![MediaRow {
                    voice: voice("v1", "0:24"),
                    ..line("v1", MediaRowKind::Voice, "Ines Okafor", "0:24 · Today, 09:02")
                }],
            );
        }),
        p("media", "empty", |app| media(app, MediaTab::Media, vec![])),
        p("media", "loading", |app| {
            media(app, MediaTab::Media, vec![]);
            app.global::<MediaState>().set_phase(ListPhase::Loading);
        }),
        p("media", "failed", |app| {
            media(app, MediaTab::Media, vec![]);
            app.global::<MediaState>().set_phase(ListPhase::Failed);
        }),
    ]
}
