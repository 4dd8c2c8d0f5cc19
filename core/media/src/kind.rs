//! What a file is, by its content first and by its name only where content says nothing.

use crate::picture;

/// What sort of file, for its icon and for what is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A picture that [`crate::picture`] can show.
    Picture,
    /// A picture of another form, or a drawing: a file like any other.
    OtherPicture,
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// Text, office documents, books.
    Document,
    /// A packed folder.
    Archive,
    /// Runs code when opened: programs, scripts, installers, web pages, shortcuts, documents with macros.
    Executable,
    /// Anything else.
    Other,
}

/// What [`kind`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// The sort of file.
    pub kind: Kind,
    /// MIME type; `application/octet-stream` where none is known.
    pub content_type: &'static str,
}

/// Recognises a file by its first bytes (the more the better, up to some 4 KiB) and its name. A name never makes
/// a picture, and either alone makes an executable.
pub fn kind(start: &[u8], name: &str) -> Recognised {
    let named = by_name(name);
    let found = by_content(start);
    match (found, named) {
        (Some(found), Some(named)) if named.kind == Kind::Executable && found.kind != Kind::Executable => named,
        // What is inside an archive or a container is told by the name: a document, sound alone.
        (Some(found), Some(named)) if refines(found, named) => named,
        (Some(found), _) => found,
        (None, Some(named)) if named.kind != Kind::Picture => named,
        _ => OTHER,
    }
}

const OTHER: Recognised = Recognised { kind: Kind::Other, content_type: "application/octet-stream" };

fn refines(found: Recognised, named: Recognised) -> bool {
    match found.content_type {
        "application/zip" => matches!(named.kind, Kind::Document | Kind::Archive),
        "video/mp4" => matches!(named.content_type, "audio/mp4" | "video/quicktime" | "video/3gpp"),
        "audio/ogg" => named.content_type == "video/ogg",
        "video/webm" => named.kind == Kind::Video || named.kind == Kind::Audio,
        _ => false,
    }
}

fn by_content(start: &[u8]) -> Option<Recognised> {
    if let Some(content_type) = picture::content_type(start) {
        return Some(Recognised { kind: Kind::Picture, content_type });
    }
    let of = |kind, content_type| Some(Recognised { kind, content_type });
    match start {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => container(*brand.first_chunk()?),
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xfa | 0xf3 | 0xf2 | 0xe3 | 0xe2, ..] => of(Kind::Audio, "audio/mpeg"),
        [0xff, 0xf1 | 0xf9 | 0xf0 | 0xf8, ..] => of(Kind::Audio, "audio/aac"),
        [b'O', b'g', b'g', b'S', ..] => of(Kind::Audio, "audio/ogg"),
        [b'f', b'L', b'a', b'C', ..] => of(Kind::Audio, "audio/flac"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => of(Kind::Audio, "audio/wav"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => of(Kind::Video, "video/x-msvideo"),
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => of(Kind::Audio, "audio/aiff"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => of(Kind::Video, "video/webm"),
        [b'%', b'P', b'D', b'F', ..] => of(Kind::Document, "application/pdf"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => of(Kind::Archive, "application/zip"),
        [0x1f, 0x8b, ..] => of(Kind::Archive, "application/gzip"),
        [b'7', b'z', 0xbc, 0xaf, ..] => of(Kind::Archive, "application/x-7z-compressed"),
        [b'M', b'Z', ..] => of(Kind::Executable, "application/vnd.microsoft.portable-executable"),
        [0x7f, b'E', b'L', b'F', ..] => of(Kind::Executable, "application/x-executable"),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => {
            of(Kind::Executable, "application/x-executable")
        }
        [b'#', b'!', ..] => of(Kind::Executable, "text/x-shellscript"),
        _ => markup(start),
    }
}

/// The brand of an ISO base media file.
fn container(brand: [u8; 4]) -> Option<Recognised> {
    let (kind, content_type) = match &brand {
        b"M4A " | b"M4B " => (Kind::Audio, "audio/mp4"),
        b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" => (Kind::OtherPicture, "image/heic"),
        b"avif" | b"avis" => (Kind::OtherPicture, "image/avif"),
        b"qt  " => (Kind::Video, "video/quicktime"),
        _ => (Kind::Video, "video/mp4"),
    };
    Some(Recognised { kind, content_type })
}

/// Web pages and drawings carry scripts, whatever they are called.
fn markup(start: &[u8]) -> Option<Recognised> {
    let text = String::from_utf8_lossy(&start[..start.len().min(1024)]).to_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let has = |tag: &str| text.contains(tag);
    if !text.starts_with('<') {
        None
    } else if has("<svg") {
        Some(Recognised { kind: Kind::OtherPicture, content_type: "image/svg+xml" })
    } else if has("<html") || has("<!doctype html") || has("<script") || has("<head") || has("<body") {
        Some(Recognised { kind: Kind::Executable, content_type: "text/html" })
    } else {
        None
    }
}

fn by_name(name: &str) -> Option<Recognised> {
    let (_, ending) = name.trim_end_matches(['.', ' ']).rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let named = ENDINGS.iter().find(|(_, _, endings)| endings.split(' ').any(|e| e == ending));
    named.map(|&(kind, content_type, _)| Recognised { kind, content_type })
}

const ENDINGS: &[(Kind, &str, &str)] = &[
    (Kind::Picture, "image/jpeg", "jpg jpeg"),
    (Kind::Picture, "image/png", "png"),
    (Kind::Picture, "image/webp", "webp"),
    (Kind::Picture, "image/gif", "gif"),
    (Kind::OtherPicture, "image/svg+xml", "svg svgz"),
    (Kind::OtherPicture, "image/heic", "heic heif"),
    (Kind::OtherPicture, "image/avif", "avif"),
    (Kind::OtherPicture, "image/bmp", "bmp"),
    (Kind::OtherPicture, "image/tiff", "tif tiff"),
    (Kind::Video, "video/mp4", "mp4 m4v"),
    (Kind::Video, "video/quicktime", "mov"),
    (Kind::Video, "video/webm", "webm"),
    (Kind::Video, "video/x-matroska", "mkv"),
    (Kind::Video, "video/3gpp", "3gp"),
    (Kind::Video, "video/ogg", "ogv"),
    (Kind::Audio, "audio/mpeg", "mp3"),
    (Kind::Audio, "audio/mp4", "m4a m4b"),
    (Kind::Audio, "audio/aac", "aac"),
    (Kind::Audio, "audio/ogg", "ogg oga opus"),
    (Kind::Audio, "audio/flac", "flac"),
    (Kind::Audio, "audio/wav", "wav"),
    (Kind::Document, "application/pdf", "pdf"),
    (Kind::Document, "text/plain", "txt md log csv"),
    (Kind::Document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    (Kind::Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    (Kind::Document, "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    (Kind::Document, "application/vnd.oasis.opendocument.text", "odt"),
    (Kind::Document, "application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (Kind::Document, "application/vnd.oasis.opendocument.presentation", "odp"),
    (Kind::Document, "application/msword", "doc"),
    (Kind::Document, "application/rtf", "rtf"),
    (Kind::Document, "application/epub+zip", "epub"),
    (Kind::Archive, "application/zip", "zip"),
    (Kind::Archive, "application/gzip", "gz tgz"),
    (Kind::Archive, "application/x-tar", "tar"),
    (Kind::Archive, "application/x-7z-compressed", "7z"),
    (Kind::Archive, "application/vnd.rar", "rar"),
    (Kind::Executable, "application/vnd.android.package-archive", "apk aab xapk"),
    (Kind::Executable, "application/vnd.microsoft.portable-executable", "exe dll scr com pif cpl msi msix appx"),
    (Kind::Executable, "application/x-executable", "appimage run bin so dylib elf deb rpm flatpak snap"),
    (Kind::Executable, "application/x-apple-diskimage", "dmg pkg app command"),
    (Kind::Executable, "text/x-shellscript", "sh bash zsh fish bat cmd ps1 psm1 vbs vbe wsf wsh hta py pl rb"),
    (Kind::Executable, "text/javascript", "js mjs jse"),
    (Kind::Executable, "text/html", "html htm xhtml mht mhtml shtml"),
    (Kind::Executable, "application/java-archive", "jar jnlp"),
    (Kind::Executable, "application/x-ms-shortcut", "lnk url desktop scf reg inf iso img vhd one"),
    (Kind::Executable, "application/vnd.ms-office", "docm xlsm pptm dotm xlam xll"),
];

#[cfg(test)]
mod tests;
