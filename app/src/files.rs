//! Files in the screens' words: pure functions of what the database and a view of pictures know.

use slint::Image;
use tacit_client::{AttachmentId, AttachmentRole, AttachmentState, FileId, OutgoingFile};
use tacit_ui::{Attachment as Row, AttachmentKind as Kind, Transfer, Voice};

use crate::size;

/// Longer side of a picture in a bubble, in pixels, where it is alone and where there are several.
pub(crate) const ALONE: u32 = 512;
pub(crate) const AMONG: u32 = 256;

/// Endings of files that can do something by themselves.
const PROGRAMS: [&str; 38] = [
    "exe", "msi", "msix", "bat", "cmd", "com", "scr", "pif", "ps1", "psm1", "vbs", "vbe", "js", "jse", "wsf", "hta",
    "jar", "apk", "apks", "ipa", "app", "dmg", "pkg", "command", "deb", "rpm", "snap", "flatpak", "appimage", "sh",
    "bash", "run", "desktop", "lnk", "url", "reg", "py", "html",
];
const ARCHIVES: [&str; 11] = ["zip", "tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "iso", "cab"];
const DOCUMENTS: [&str; 19] = [
    "pdf", "txt", "md", "rtf", "doc", "docx", "odt", "xls", "xlsx", "ods", "csv", "ppt", "pptx", "odp", "epub", "ics",
    "vcf", "json", "xml",
];
/// Letters of a type that are shown.
const TYPE_MOST: usize = 5;

/// What is known of files besides their rows.
pub(crate) trait Files {
    /// A file's picture, at most `side` pixels long, once it is decoded.
    fn picture(&self, file: FileId, side: u32) -> Option<Image>;
    /// Bytes moved and of how many, while it is being moved.
    fn progress(&self, attachment: AttachmentId) -> Option<(u64, u64)>;
}

/// Nothing is known.
pub(crate) struct NoFiles;

impl Files for NoFiles {
    fn picture(&self, _file: FileId, _side: u32) -> Option<Image> {
        None
    }

    fn progress(&self, _attachment: AttachmentId) -> Option<(u64, u64)> {
        None
    }
}

/// An attachment's identity on the screen.
pub(crate) fn file_key(id: AttachmentId) -> slint::SharedString {
    slint::format!("a{}", id.0)
}

/// The attachment that a row stands for.
pub(crate) fn attachment_of(key: &str) -> Option<AttachmentId> {
    key.strip_prefix('a').and_then(|number| number.parse().ok()).map(AttachmentId)
}

/// What a file is, by its type and its name's ending.
pub(crate) fn kind(content_type: &str, name: &str) -> Kind {
    let ending = ending(name).to_ascii_lowercase();
    let is = |endings: &[&str]| endings.contains(&ending.as_str());
    match content_type.split('/').next() {
        _ if is(&PROGRAMS) => Kind::Program,
        Some("image") if content_type == "image/gif" => Kind::Animation,
        Some("image") if !content_type.contains("svg") => Kind::Picture,
        Some("video") => Kind::Video,
        Some("audio") => Kind::Audio,
        _ if is(&ARCHIVES) => Kind::Archive,
        Some("text") => Kind::Document,
        _ if is(&DOCUMENTS) || content_type == "application/pdf" => Kind::Document,
        _ => Kind::Other,
    }
}

/// Whether it stands among the pictures.
pub(crate) fn is_visual(kind: Kind) -> bool {
    matches!(kind, Kind::Picture | Kind::Video | Kind::Animation)
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default()
}

/// `PDF`, `JPEG`: by the name, else by the type.
fn type_name(content_type: &str, name: &str) -> String {
    let fits = |text: &&str| (1..=TYPE_MOST).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric());
    let by_type = content_type.rsplit(['/', '+']).next().unwrap_or_default();
    let known = Some(ending(name)).filter(fits).or(Some(by_type).filter(fits));
    known.unwrap_or_default().to_ascii_uppercase()
}

/// `0:18`; empty for nothing.
pub(crate) fn clock_length(ms: u64) -> String {
    if ms == 0 {
        return String::new();
    }
    let seconds = ms.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn pixels(length: u32) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// Where the bytes are, and how far they have come.
pub(crate) fn transfer(file: &tacit_client::Attachment, files: &dyn Files) -> (Transfer, f32) {
    match file.state {
        AttachmentState::Moving => {
            let share = files.progress(file.id).filter(|(_, total)| *total > 0);
            (Transfer::Running, share.map_or(-1., |(done, total)| (done as f64 / total as f64).min(1.) as f32))
        }
        AttachmentState::Failed => (Transfer::Failed, 0.),
        AttachmentState::Gone => (Transfer::Gone, 0.),
        _ if file.file.is_some() => (Transfer::Ready, 1.),
        AttachmentState::Idle | AttachmentState::Done => (Transfer::Waiting, 0.),
    }
}

/// The file that has a picture of it, if there is one here.
fn shown_by(kind: Kind, file: Option<FileId>, thumbnail: Option<FileId>, side: u32) -> Option<FileId> {
    let itself = matches!(kind, Kind::Picture | Kind::Animation).then_some(file).flatten();
    if side > ALONE { itself.or(thumbnail) } else { thumbnail.or(itself) }
}

/// An attachment, its picture at most `side` pixels long.
pub(crate) fn row(file: &tacit_client::Attachment, side: u32, files: &dyn Files) -> Row {
    let kind = kind(&file.content_type, &file.file_name);
    let (transfer, progress) = transfer(file, files);
    let picture = shown_by(kind, file.file, file.thumbnail, side).and_then(|shown| files.picture(shown, side));
    Row {
        id: file_key(file.id),
        kind,
        name: file.file_name.as_str().into(),
        size: size::bytes(file.size).into(),
        type_name: type_name(&file.content_type, &file.file_name).into(),
        width: pixels(file.width),
        height: pixels(file.height),
        has_picture: picture.is_some(),
        picture: picture.unwrap_or_default(),
        duration: clock_length(file.duration_ms.into()).into(),
        transfer,
        progress,
        chosen: false,
    }
}

/// A file that is about to be sent.
pub(crate) fn outgoing(file: &OutgoingFile, id: &str, bytes: u64, side: u32, files: &dyn Files) -> Row {
    let kind = kind(&file.content_type, &file.file_name);
    let picture = shown_by(kind, Some(file.file), file.thumbnail, side).and_then(|shown| files.picture(shown, side));
    Row {
        id: id.into(),
        kind,
        name: file.file_name.as_str().into(),
        size: size::bytes(bytes).into(),
        type_name: type_name(&file.content_type, &file.file_name).into(),
        width: pixels(file.width),
        height: pixels(file.height),
        has_picture: picture.is_some(),
        picture: picture.unwrap_or_default(),
        duration: clock_length(file.duration_ms.into()).into(),
        transfer: Transfer::Ready,
        progress: 1.,
        chosen: false,
    }
}

/// A voice message. `received` ones have a dot until they were heard.
pub(crate) fn voice(file: &tacit_client::Attachment, received: bool, files: &dyn Files) -> Voice {
    let (transfer, progress) = transfer(file, files);
    Voice {
        id: file_key(file.id),
        bars: bars(&file.waveform),
        length: clock_length(file.duration_ms.into()).into(),
        unplayed: received && !file.played,
        transfer,
        progress,
        size: size::bytes(file.size).into(),
    }
}

/// Levels from 0 to 1.
pub(crate) fn bars(waveform: &[u8]) -> slint::ModelRc<f32> {
    crate::model::list(waveform.iter().map(|level| f32::from(*level) / 255.))
}

/// What goes on the screen of a message's files: pictures, other files, the voice, the preview's
/// picture.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) pictures: Vec<Row>,
    pub(crate) files: Vec<Row>,
    pub(crate) voice: Option<Voice>,
    pub(crate) preview: Option<Image>,
}

/// Sorts a message's files by how they are shown.
pub(crate) fn parts(attachments: &[tacit_client::Attachment], received: bool, files: &dyn Files) -> Parts {
    let visual = |file: &&tacit_client::Attachment| {
        file.role == AttachmentRole::File && is_visual(kind(&file.content_type, &file.file_name))
    };
    let side = if attachments.iter().filter(visual).count() > 1 { AMONG } else { ALONE };
    let mut parts = Parts::default();
    for file in attachments {
        match file.role {
            AttachmentRole::Voice => parts.voice = Some(voice(file, received, files)),
            AttachmentRole::Preview => parts.preview = file.file.and_then(|id| files.picture(id, ALONE)),
            AttachmentRole::File if visual(&file) => parts.pictures.push(row(file, side, files)),
            AttachmentRole::File => parts.files.push(row(file, side, files)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_type_and_its_ending_say() {
        for (content_type, name, expected) in [
            ("image/jpeg", "a.jpg", Kind::Picture),
            ("image/gif", "a.gif", Kind::Animation),
            ("image/svg+xml", "a.svg", Kind::Other),
            ("image/jpeg", "holiday.jpg.exe", Kind::Program),
            ("application/octet-stream", "setup.MSI", Kind::Program),
            ("text/html", "page.html", Kind::Program),
            ("video/mp4", "a.mp4", Kind::Video),
            ("audio/mpeg", "a.mp3", Kind::Audio),
            ("application/pdf", "a", Kind::Document),
            ("application/octet-stream", "a.tar.gz", Kind::Archive),
            ("application/octet-stream", "", Kind::Other),
        ] {
            assert_eq!(kind(content_type, name), expected, "{content_type} {name}");
        }
    }

    #[test]
    fn a_type_is_named_shortly() {
        assert_eq!(type_name("image/jpeg", "a.jpg"), "JPG");
        assert_eq!(type_name("application/pdf", "a"), "PDF");
        assert_eq!(type_name("application/vnd.oasis.opendocument.text", "a.very-long"), "");
    }

    #[test]
    fn a_length_is_told_as_on_a_clock() {
        assert_eq!([0, 400, 18_000, 61_001].map(clock_length), ["", "0:01", "0:18", "1:02"]);
        assert_eq!(attachment_of(&file_key(AttachmentId(7))), Some(AttachmentId(7)));
        assert_eq!(attachment_of("draft"), None);
    }
}
