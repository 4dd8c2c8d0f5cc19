//! The people and conversations of the pictures.

use std::rc::Rc;

use slint::{ComponentHandle, Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel};
use tacit_ui::{
    AboutState, App, ChatItem, ConversationState, Emoji, EmojiState, HomeState, Hop, Message, MessageKind,
    NetworkPhase, NetworkState, NewMessageState, PathState, Person, Portraits, PreviewKind, RecoveryPhraseState,
    SendState, SettingsState, ShellState, WelcomeState,
};

pub const OWN_ID: &str = "05d871fc80ca007eed9b2f4df72853e2a2d5465a92fcb1889fb5c84aa2833b403d";
pub const PEER_ID: &str = "05a1c9f20e7b44d18be04d1877c03f9ac07e0c5eaa31e47b5d20b8f10e6619d47a";
pub const WORDS13: &str =
    "kennel apricot husband nearby pepper azure goggles tomorrow bamboo album dapper atlas pepper";
pub const WORDS12: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

pub fn list<T: Clone + 'static>(items: Vec<T>) -> ModelRc<T> {
    ModelRc::from(Rc::new(VecModel::from(items)))
}

pub fn words(text: &str) -> ModelRc<SharedString> {
    list(text.split(' ').map(SharedString::from).collect())
}

pub fn qr(text: &str) -> Image {
    let code = fast_qr::QRBuilder::new(text).build().unwrap();
    let side = code.size;
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(side as u32, side as u32);
    for (i, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let value = if code[i / side][i % side].value() { 0 } else { 255 };
        *pixel = Rgb8Pixel { r: value, g: value, b: value };
    }
    Image::from_rgb8(buffer)
}

pub fn ines() -> Person {
    Person { id: PEER_ID.into(), name: "Ines Okafor".into(), initials: "IO".into(), tone: 0, ..Default::default() }
}

fn chat(id: &str, name: &str, initials: &str, tone: i32, preview: &str, time: &str) -> ChatItem {
    ChatItem {
        id: id.into(),
        name: name.into(),
        initials: initials.into(),
        tone,
        preview: preview.into(),
        time: time.into(),
        ..Default::default()
    }
}

fn own(item: ChatItem, state: SendState, kept: i32) -> ChatItem {
    ChatItem { out: true, state, kept, of: 7, ..item }
}

pub fn chats() -> Vec<ChatItem> {
    let unread = |item: ChatItem, unread| ChatItem { unread, ..item };
    vec![
        unread(chat("c1", "Ines Okafor", "IO", 0, "Bring a thermos, it is cold on the bridge", "09:41"), 3),
        ChatItem {
            is_self: true,
            pinned: true,
            kind: PreviewKind::File,
            ..chat("me", "", "MW", 4, "phrase-in-the-blue-folder.pdf", "Mon")
        },
        own(
            ChatItem {
                kind: PreviewKind::Photo,
                preview_count: 3,
                vanishing: true,
                ..chat("c2", "Jonas", "J", 1, "", "08:15")
            },
            SendState::Stored,
            7,
        ),
        ChatItem {
            muted: true,
            mention: true,
            ..unread(
                chat("c3", "Rust Berlin", "RB", 5, "has anybody tried the new allocator on ARM yet?", "07:59"),
                128,
            )
        },
        ChatItem {
            is_typing: true, ..chat("c4", "ليلى حدّاد", "لح", 6, "شكراً جزيلاً، أراك غداً في المكتبة", "Sun")
        },
        ChatItem {
            is_draft: true,
            ..chat("c5", "Press desk", "PD", 7, "The documents are attached, please confirm that", "Sun")
        },
        own(chat("c6", "נועה", "נ", 8, "תודה רבה!", "Sat"), SendState::Failed, 0),
        own(
            chat("c7", "Wolfeschlegelsteinhausenbergerdorff Senior", "WS", 9, "Did the parcel arrive?", "12 Nov"),
            SendState::Queued,
            0,
        ),
        ChatItem { kind: PreviewKind::Voice, unread_mark: true, ..chat("c8", "Tomás", "T", 2, "0:24", "11 Nov") },
        own(chat("c9", "Amara Diallo", "AD", 5, "On my way", "10 Nov"), SendState::Stored, 2),
        ChatItem { blocked: true, ..chat("c10", "Anton Weiß", "AW", 8, "Fine.", "3 Nov") },
    ]
}

/// Chats with a message of every kind that isn't a text.
pub fn kinds() -> Vec<ChatItem> {
    let kinds = [
        ("Photo", PreviewKind::Photo, 1, ""),
        ("Photo with words", PreviewKind::Photo, 1, "The bridge at eight"),
        ("Photos", PreviewKind::Photo, 9, ""),
        ("Video", PreviewKind::Video, 1, ""),
        ("Voice", PreviewKind::Voice, 1, "0:24"),
        ("Audio", PreviewKind::Audio, 1, "3:07"),
        ("File", PreviewKind::File, 1, "report-of-the-whole-year-with-appendix.pdf"),
        ("Community", PreviewKind::Invitation, 1, "Rust Berlin"),
        ("Accepted", PreviewKind::Accepted, 1, "Jonas"),
        ("Timer", PreviewKind::TimerChanged, 1, ""),
        ("Saved", PreviewKind::MediaSaved, 1, ""),
        ("Screenshot", PreviewKind::Screenshot, 1, ""),
        ("Deleted", PreviewKind::Deleted, 1, ""),
        ("Damaged", PreviewKind::Damaged, 1, ""),
        ("Newer", PreviewKind::Newer, 1, ""),
        ("Hidden", PreviewKind::Hidden, 1, ""),
    ];
    (0..)
        .zip(kinds)
        .map(|(i, (name, kind, preview_count, preview))| ChatItem {
            kind,
            preview_count,
            unread: i32::from(kind == PreviewKind::Hidden) * 2,
            ..chat(&format!("k{i}"), name, &name[..1], i % 10, preview, "09:41")
        })
        .collect()
}

/// A picture of a sun over hills, of one of several colours.
pub fn sunset(tone: u32) -> Image {
    let (width, height) = (240, 180);
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    let sky = [(94, 106, 176), (62, 128, 196), (74, 150, 140), (196, 92, 140)][tone as usize % 4];
    for (i, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (i as u32 % width, i as u32 / width);
        let fade = |from: i32, to: i32| (from + (to - from) * y as i32 / height as i32) as u8;
        let hill = 110. + 14. * (x as f32 / 23.).sin() + 6. * (x as f32 / 7.).sin();
        let sun = (x as i32 - 170).pow(2) + (y as i32 - 62).pow(2) < 22 * 22;
        *pixel = if sun {
            Rgb8Pixel { r: 255, g: 238, b: 200 }
        } else if y as f32 > hill {
            Rgb8Pixel { r: fade(60, 30), g: fade(58, 34), b: fade(80, 44) }
        } else {
            Rgb8Pixel { r: fade(sky.0, 250), g: fade(sky.1, 190), b: fade(sky.2, 150) }
        };
    }
    Image::from_rgb8(buffer)
}

pub fn requests() -> Vec<ChatItem> {
    vec![
        ChatItem { unread: 1, ..chat("r1", "Pavel", "P", 3, "Hello, Jonas gave me your ID. Are you Mara?", "09:12") },
        ChatItem { unread: 2, ..chat("r2", "05c2…81f0", "", 7, "hi", "Sun") },
    ]
}

fn row(id: &str, kind: MessageKind, text: &str) -> Message {
    Message { id: id.into(), kind, text: text.into(), ..Default::default() }
}

pub fn received(id: &str, text: &str, time: &str, first: bool, last: bool) -> Message {
    Message {
        time: time.into(),
        first,
        last,
        sender: "Ines Okafor".into(),
        sender_id: PEER_ID.into(),
        initials: "IO".into(),
        ..row(id, MessageKind::Text, text)
    }
}

pub fn sent(id: &str, text: &str, time: &str, first: bool, last: bool) -> Message {
    Message {
        time: time.into(),
        out: true,
        first,
        last,
        state: SendState::Stored,
        kept: 7,
        of: 7,
        ..row(id, MessageKind::Text, text)
    }
}

pub fn day(id: &str, text: &str) -> Message {
    row(id, MessageKind::Day, text)
}

pub fn conversation() -> Vec<Message> {
    vec![
        row("start", MessageKind::Start, ""),
        day("d1", "Yesterday"),
        received("m1", "Morning! The light is lovely up here.", "08:51", true, false),
        received(
            "m2",
            "You can see all the way to the coast from the north side, if you get up before the fog does.",
            "08:52",
            false,
            true,
        ),
        sent("m3", "That is unreal. Keep some of it for me?", "08:58", true, false),
        sent("m4", "I can be there at eight tomorrow", "08:59", false, true),
        Message { emoji: 2, ..received("m5", "🙌🌄", "09:00", true, true) },
        day("d2", "Today"),
        row("unread", MessageKind::Unread, "3"),
        received("m6", "Ready when you are", "08:30", true, false),
        received("m7", "Bring a thermos, it is cold on the bridge", "08:31", false, true),
        Message {
            rtl: true, ..received("m7b", "صباح الخير! هل وصلتِ إلى الجسر؟", "08:31", true, true)
        },
        Message { kept: 6, show_kept: true, ..sent("m8", "Deal. Tea at eight, on the bridge", "09:05", true, false) },
        Message { kept: 7, show_kept: true, ..sent("m9", "And the good cups.", "09:05", false, true) },
    ]
}

/// One of each state of an own message.
pub fn states() -> Vec<Message> {
    vec![
        day("d1", "Today"),
        received(
            "s0",
            "Did everything arrive? I was on the train all morning and had no network for most of it.",
            "09:00",
            true,
            true,
        ),
        sent("s1", "Kept by all, a while ago", "09:01", true, false),
        Message { show_kept: true, ..sent("s2", "Kept by all of them just now", "09:02", false, false) },
        Message { kept: 5, show_kept: true, ..sent("s3", "Most of the swarm has it", "09:03", false, false) },
        Message { kept: 2, show_kept: true, ..sent("s4", "Fewer than half", "09:03", false, false) },
        Message { state: SendState::Sending, kept: 0, ..sent("s5", "On its way", "09:04", false, false) },
        Message {
            state: SendState::Queued,
            kept: 0,
            ..sent(
                "s6",
                "Waits for the network, and this one is long enough to take a second line",
                "09:04",
                false,
                true,
            )
        },
        Message { kind: MessageKind::Deleted, ..received("s7", "", "09:05", true, false) },
        Message { kind: MessageKind::Damaged, ..received("s8", "", "09:05", false, true) },
        Message { state: SendState::Failed, kept: 0, ..sent("s9", "This one never left", "09:06", true, true) },
    ]
}

pub fn long_texts() -> Vec<Message> {
    let long = "A message that goes on and on, as some do. ".repeat(46);
    vec![
        day("d1", "Monday"),
        received("l1", long.trim(), "07:00", true, true),
        sent(
            "l2",
            "https://example.org/a/very/long/address/that/has/no/spaces/at/all/and/goes/on/for/a/while?with=query&and=more&until=the-line-is-full-and-then-some",
            "07:01",
            true,
            false,
        ),
        sent(
            "l3",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            "07:01",
            false,
            true,
        ),
        Message { emoji: 1, ..sent("l4", "❤️", "07:02", true, true) },
    ]
}

/// What is the same everywhere: the own account, the network, the lists.
pub fn fill(app: &App) {
    app.global::<Portraits>().on_of(|who, _, _| if who == "c2" { sunset(1) } else { Image::default() });
    let shell = app.global::<ShellState>();
    shell.set_network(NetworkPhase::Connected);
    let settings = app.global::<SettingsState>();
    settings.set_id(OWN_ID.into());
    settings.set_name("Mara Winter".into());
    settings.set_initials("MW".into());
    settings.set_tone(4);
    settings.set_code(qr(OWN_ID));
    settings.set_requests(2);
    settings.set_network_name("Session network".into());
    settings.set_version("0.1.0".into());
    let home = app.global::<HomeState>();
    home.set_own_initials("MW".into());
    home.set_own_tone(4);
    home.set_chats(list(chats()));
    home.set_requests(list(requests()));
    home.set_phase(tacit_ui::ListPhase::Ready);
    app.global::<WelcomeState>().set_version("0.1.0".into());
    let about = app.global::<AboutState>();
    about.set_version("0.1.0".into());
    about.set_commit("1a2b3c4d".into());
    let new = app.global::<NewMessageState>();
    new.set_own_id(OWN_ID.into());
    let talk = app.global::<ConversationState>();
    talk.set_peer(ines());
    talk.set_messages(list(conversation()));
    let phrase = app.global::<RecoveryPhraseState>();
    phrase.set_words13(words(WORDS13));
    phrase.set_words12(words(WORDS12));
    phrase.set_code(qr(WORDS13));
    let path = app.global::<PathState>();
    path.set_phase(NetworkPhase::Connected);
    path.set_hops(list(vec![
        hop("95.216.33.14", "3f9a…c07e"),
        hop("51.79.240.8", "a1d2…90bb"),
        hop("185.107.57.200", "77c0…1f4d"),
    ]));
    path.set_index(1);
    path.set_paths(2);
    path.set_swarm_size(7);
    let network = app.global::<NetworkState>();
    network.set_name("Session network".into());
    network.set_seeds(3);
    network.set_pool(1843);
    network.set_paths(2);
    network.set_fetched("4 min ago".into());
    network.set_clock_offset_ms(-240);
    app.global::<EmojiState>().set_shown(list(emoji()));
    app.global::<EmojiState>().set_category(1);
}

fn hop(address: &str, node: &str) -> Hop {
    Hop { address: address.into(), node: node.into() }
}

fn emoji() -> Vec<Emoji> {
    "😀 😃 😄 😁 😆 😅 🤣 😂 🙂 🙃 🫠 😉 😊 😇 🥰 😍 🤩 😘 😗 ☺️ 😚 😙 🥲 😋 😛 😜 🤪 😝 🤑 🤗 🤭 🫢 🫣 🤫 🤔 🫡 🤐 🤨 😐 😑 😶 🫥 😏 😒 🙄 😬 🤥 😌 😔 😪 🤤 😴"
        .split(' ')
        .enumerate()
        .map(|(i, text)| Emoji { text: text.into(), name: format!("emoji {i}").into() })
        .collect()
}
