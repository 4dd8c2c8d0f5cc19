use super::*;

#[test]
fn svg_and_html_named_as_jpeg_are_no_pictures() {
    let drawing = b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>";
    let page = b"\n <!DOCTYPE html><html><script>alert(1)</script></html>";
    assert_eq!(kind(drawing, "holiday.jpg").kind, Kind::OtherPicture);
    assert_eq!(kind(page, "holiday.jpg").kind, Kind::Executable);
    assert_eq!(kind(b"just words", "holiday.jpg"), OTHER);
    assert!(picture::prepare(drawing, picture::Quality::Standard).is_err());
    assert!(picture::thumbnail(page, 200).is_err());
}

#[test]
fn content_goes_before_the_name() {
    assert_eq!(kind(b"\x89PNG\r\n\x1a\n....", "x.txt").content_type, "image/png");
    assert_eq!(kind(b"\0\0\0\x20ftypM4A ", "voice").content_type, "audio/mp4");
    assert_eq!(kind(b"\0\0\0\x20ftypmp42", "voice.m4a").content_type, "audio/mp4");
    assert_eq!(kind(b"PK\x03\x04....", "report.docx").kind, Kind::Document);
    assert_eq!(kind(b"PK\x03\x04....", "folder").kind, Kind::Archive);
}

#[test]
fn executables_are_flagged_by_name_or_by_content() {
    for name in ["a.exe", "A.EXE", "photo.jpg.scr", "a.apk", "a.html", "a.exe.", "a.bat ", "a.docm", "a.jar"] {
        assert_eq!(kind(b"\xff\xd8\xff\xe0 picture", name).kind, Kind::Executable, "{name}");
    }
    for start in [b"MZ\x90\0".as_slice(), b"\x7fELF", b"#!/bin/sh", b"\xca\xfe\xba\xbe"] {
        assert_eq!(kind(start, "photo.jpg").kind, Kind::Executable);
    }
}

#[test]
fn no_name_and_no_content_is_other() {
    assert_eq!(kind(b"", ""), OTHER);
    assert_eq!(kind(b"", "README"), OTHER);
    assert_eq!(kind(b"hello", "notes.txt").content_type, "text/plain");
}
