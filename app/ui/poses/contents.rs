//! Messages of every kind.

use slint::StyledText;
use tacit_ui::{
    Attachment, AttachmentKind as Kind, ContentWord, Invitation, LinkPreview, Message, MessageKind, NoticeKind, Person,
    Quote, QuoteStatus, Reaction, SendState, Transfer, Voice,
};

use super::{OWN_ID, day, file, film, ines, landscape, list, missing, photo, photos, received, sent, voice};

fn linked(message: Message, markdown: &str) -> Message {
    Message { linked: true, styled: StyledText::from_markdown(markdown).unwrap(), ..message }
}

fn quoting(message: Message, quote: Quote) -> Message {
    Message { has_quote: true, quote, ..message }
}

pub fn quote(own: bool, text: &str) -> Quote {
    Quote { own, name: "Ines Okafor".into(), text: text.into(), ..Default::default() }
}

pub fn reaction(emoji: &str, count: i32, own: bool) -> Reaction {
    let names = if own { "Ines Okafor and you" } else { "Ines Okafor" };
    Reaction { emoji: emoji.into(), count, own, names: names.into() }
}

fn reacted(message: Message, reactions: Vec<Reaction>) -> Message {
    Message { reactions: list(reactions), ..message }
}

fn showing(message: Message, pictures: Vec<Attachment>) -> Message {
    Message { pictures: list(pictures), ..message }
}

fn carrying(message: Message, files: Vec<Attachment>) -> Message {
    Message { files: list(files), ..message }
}

fn speaking(message: Message, voice: Voice) -> Message {
    Message { has_voice: true, voice, ..message }
}

fn read(message: Message) -> Message {
    Message { read: true, ..message }
}

/// A day as it is: everything that usually stands in a conversation.
pub fn lively() -> Vec<Message> {
    vec![
        day("d1", "Today"),
        received("c1", "Morning! The light is lovely up here.", "08:51", true, false),
        reacted(
            showing(
                received("c2", "North side, just before nine", "08:52", false, true),
                vec![photo("north", 280, 196, 0)],
            ),
            vec![reaction("😍", 1, true), reaction("👍", 2, false)],
        ),
        read(sent("c3", "That is unreal. Keep some of it for me?", "08:58", true, false)),
        read(sent("c4", "I can be there at eight tomorrow", "08:59", false, true)),
        speaking(received("c5", "", "09:02", true, false), Voice { unplayed: true, ..voice("v5", "0:24") }),
        reacted(
            quoting(
                received("c6", "Bring a thermos, it is cold on the bridge", "09:03", false, true),
                quote(true, "I can be there at eight tomorrow"),
            ),
            vec![reaction("❤️", 1, false)],
        ),
        linked(
            sent("c7", "Will do. The map: https://example.org/bridge", "09:04", true, false),
            "Will do. The map: [https://example.org/bridge](https://example.org/bridge)",
        ),
        Message { kept: 6, show_kept: true, ..sent("c8", "Deal. Tea at eight, on the bridge", "09:05", false, true) },
    ]
}

/// Words: links, quotes of all kinds, previews, cards, reactions, big emoji.
pub fn words() -> Vec<Message> {
    let thumb = Quote { what: ContentWord::Photo, has_thumb: true, thumb: landscape(80, 80, 0), ..quote(false, "") };
    let contact = Person { name: "Jonas".into(), initials: "J".into(), tone: 1, ..ines() };
    vec![
        day("d1", "Today"),
        linked(
            received("w1", "Ask @Jonas, or look at https://example.org/a/b?c=d first", "09:00", true, true),
            "Ask [@Jonas](tacit:account/05ab), or look at [https://example.org/a/b?c=d](https://example.org/a/b?c=d) first",
        ),
        quoting(sent("w2", "Lovely", "09:01", true, false), thumb),
        quoting(
            sent("w3", "And what did it say?", "09:01", false, false),
            Quote { status: QuoteStatus::Lost, ..Default::default() },
        ),
        quoting(sent("w4", "Pity.", "09:02", false, true), Quote { status: QuoteStatus::Deleted, ..quote(false, "") }),
        Message {
            has_preview: true,
            preview: LinkPreview {
                url: "https://example.org/bridge".into(),
                title: "Bridge walk: opening times, tickets and the way there by train".into(),
                host: "example.org".into(),
                picture: landscape(280, 140, 3),
                has_picture: true,
            },
            ..linked(
                received("w5", "https://example.org/bridge", "09:03", true, false),
                "[https://example.org/bridge](https://example.org/bridge)",
            )
        },
        Message {
            has_invitation: true,
            invitation: Invitation {
                name: "Bridge watchers".into(),
                url: "https://rooms.example.org/bridge".into(),
                joined: false,
            },
            ..received("w6", "", "09:03", false, false)
        },
        Message { has_contact: true, contact, ..received("w7", OWN_ID, "09:04", false, true) },
        reacted(
            Message { emoji: 3, ..sent("w8", "🎉🎉🎉", "09:05", true, true) },
            ["👍", "❤️", "😂", "😮", "😢", "🙏", "🔥", "👀"]
                .iter()
                .enumerate()
                .map(|(i, e)| reaction(e, 12 - i as i32, i == 1))
                .collect(),
        ),
    ]
}

/// Pictures: one to nine, as they come and go.
pub fn pictures() -> Vec<Message> {
    let some = |n: usize| Message { pictures: photos(n), ..received(&format!("g{n}"), "", "09:00", true, true) };
    vec![
        day("d1", "Today"),
        some(2),
        some(3),
        Message { text: "The four best of them, and there are more where they came from".into(), ..some(4) },
        some(9),
        read(showing(sent("g10", "", "09:02", true, true), vec![photo("tall", 90, 200, 4)])),
        showing(sent("g11", "", "09:03", true, true), vec![film("film")]),
    ]
}

/// On the way, waiting, failed, gone.
pub fn transfers() -> Vec<Message> {
    let up = |transfer, progress| Attachment { transfer, progress, ..photo("up", 160, 110, 2) };
    vec![
        day("d1", "Today"),
        showing(received("t1", "", "09:00", true, false), vec![missing("t1a", Transfer::Waiting, 0.)]),
        showing(
            received("t2", "", "09:00", false, true),
            vec![
                missing("t2a", Transfer::Running, 0.4),
                missing("t2b", Transfer::Failed, 0.),
                missing("t2c", Transfer::Gone, 0.),
            ],
        ),
        Message {
            state: SendState::Sending,
            kept: 0,
            ..showing(sent("t3", "", "09:01", true, false), vec![up(Transfer::Running, 0.7)])
        },
        carrying(
            sent("t4", "", "09:01", false, true),
            vec![Attachment {
                transfer: Transfer::Running,
                progress: 0.3,
                ..file("f1", "Bridge survey.pdf", Kind::Document, "3.1 MB", "PDF")
            }],
        ),
        speaking(
            received("t5", "", "09:02", true, true),
            Voice { transfer: Transfer::Waiting, size: "96 KB".into(), ..voice("v2", "0:41") },
        ),
    ]
}

/// Files and voice messages that are here.
pub fn files() -> Vec<Message> {
    vec![
        day("d1", "Today"),
        carrying(
            received("f1", "Both versions, the second is the one they signed.", "09:00", true, true),
            vec![
                file("fa", "Minutes of the bridge committee, November.pdf", Kind::Document, "812 KB", "PDF"),
                file("fb", "pictures-of-the-bridge.zip", Kind::Archive, "8.4 MB", "ZIP"),
            ],
        ),
        carrying(
            received("f2", "", "09:01", true, true),
            vec![file("fc", "setup.exe", Kind::Program, "2.2 MB", "EXE")],
        ),
        carrying(
            read(sent("f3", "", "09:02", true, false)),
            vec![file("fd", "song.flac", Kind::Audio, "9.1 MB", "FLAC")],
        ),
        carrying(
            sent("f4", "", "09:02", false, true),
            vec![Attachment { transfer: Transfer::Failed, ..file("fe", "table.ods", Kind::Other, "40 KB", "ODS") }],
        ),
        speaking(received("f5", "", "09:03", true, true), voice("v1", "0:24")),
        speaking(read(sent("f6", "", "09:04", true, true)), voice("v3", "1:07")),
    ]
}

/// What stands between and beside: notices, rings, hits.
pub fn notices() -> Vec<Message> {
    let notice = |id: &str, text: &str, notice| Message {
        id: id.into(),
        kind: MessageKind::Notice,
        text: text.into(),
        notice,
        ..Default::default()
    };
    let vanishing = |share, message| Message { vanishes: true, vanishing: share, ..message };
    vec![
        Message { id: "gap".into(), kind: MessageKind::Gap, ..Default::default() },
        day("d1", "Today"),
        Message {
            can_follow: true,
            ..notice("n1", "Ines Okafor set messages to vanish 1 day after reading.", NoticeKind::Timer)
        },
        vanishing(0.2, received("n2", "Then nobody can look it up later", "09:00", true, true)),
        vanishing(0.7, read(sent("n3", "Fine with me", "09:01", true, false))),
        vanishing(0.9, Message { show_kept: true, ..sent("n4", "Until tomorrow then", "09:01", false, true) }),
        notice("n5", "Ines Okafor saved media.", NoticeKind::Saved),
        notice("n6", "Ines Okafor took a screenshot.", NoticeKind::Screenshot),
        Message { kind: MessageKind::Deleted, ..received("n7", "", "09:05", true, false) },
        Message { kind: MessageKind::Newer, ..received("n8", "", "09:05", false, true) },
    ]
}
