use std::time::Duration;

use super::atom::{Atom, atoms, find};
use super::{Info, blank};
use crate::Error;

/// Boxes that are needed to play, by the box they lie in; all others become free space.
const TOP: [&[u8; 4]; 9] = [b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"wide"];
const MOVIE: [&[u8; 4]; 5] = [b"mvhd", b"trak", b"mvex", b"iods", b"pssh"];
const TRACK: [&[u8; 4]; 7] = [b"tkhd", b"tref", b"trgr", b"edts", b"mdia", b"tapt", b"clip"];
const MEDIA: [&[u8; 4]; 4] = [b"mdhd", b"hdlr", b"elng", b"minf"];
/// Tracks that are kept: picture, sound, subtitles and transparency.
const HANDLERS: [&[u8; 4]; 7] = [b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"auxv"];

pub(super) fn info(bytes: &[u8]) -> Result<Info, Error> {
    let movie = movie(bytes)?;
    let tracks = tracks(bytes, &movie);
    let shown = tracks.iter().filter(|track| handler(bytes, track).as_ref() == Some(b"vide"));
    let (width, height, rotation) =
        shown.filter_map(|track| shape(bytes, track)).next().ok_or(Error::Unknown("video"))?;
    let duration = find(bytes, movie.body, &[b"mvhd"]).and_then(|header| duration(bytes, &header));
    Ok(Info { width, height, rotation, duration })
}

pub(super) fn strip(bytes: &mut [u8]) -> Result<(), Error> {
    let movie = movie(bytes)?;
    free_others(bytes, 0..bytes.len(), &TOP);
    for track in tracks(bytes, &movie) {
        if handler(bytes, &track).is_some_and(|handler| HANDLERS.contains(&&handler)) {
            strip_track(bytes, &track);
        } else {
            blank_samples(bytes, &track);
            track.free(bytes);
        }
    }
    free_others(bytes, movie.body.clone(), &MOVIE);
    if let Some(header) = find(bytes, movie.body, &[b"mvhd"]) {
        blank_times(bytes, &header);
    }
    Ok(())
}

fn movie(bytes: &[u8]) -> Result<Atom, Error> {
    find(bytes, 0..bytes.len(), &[b"moov"]).ok_or_else(|| Error::Damaged("the video has no header".to_owned()))
}

fn tracks(bytes: &[u8], movie: &Atom) -> Vec<Atom> {
    atoms(bytes, movie.body.clone()).into_iter().filter(|atom| &atom.name == b"trak").collect()
}

fn handler(bytes: &[u8], track: &Atom) -> Option<[u8; 4]> {
    let handler = find(bytes, track.body.clone(), &[b"mdia", b"hdlr"])?;
    bytes.get(handler.body)?.get(8..)?.first_chunk().copied()
}

fn is_long(bytes: &[u8], header: &Atom) -> bool {
    header.number(bytes, 0, 1) == Some(1)
}

/// Of `mvhd`; none where it is unknown, as in fragmented files.
fn duration(bytes: &[u8], header: &Atom) -> Option<Duration> {
    let (scale, length) = if is_long(bytes, header) {
        (header.number(bytes, 20, 4)?, header.number(bytes, 24, 8).filter(|&l| l != u64::MAX)?)
    } else {
        (header.number(bytes, 12, 4)?, header.number(bytes, 16, 4).filter(|&l| l != u64::from(u32::MAX))?)
    };
    let millis = u128::from(length) * 1000 / u128::from(std::num::NonZero::new(scale)?.get());
    Some(Duration::from_millis(u64::try_from(millis).ok().filter(|&ms| ms > 0)?))
}

/// Width, height and rotation of `tkhd`.
fn shape(bytes: &[u8], track: &Atom) -> Option<(u32, u32, u16)> {
    let header = find(bytes, track.body.clone(), &[b"tkhd"])?;
    let matrix = if is_long(bytes, &header) { 52 } else { 40 };
    // Fixed point, 16 bits of them after the point.
    let fixed = |at: usize| header.number(bytes, matrix + at, 4).map(|number| (number as u32 as i32) >> 16);
    let rotation = match (fixed(0)?.signum(), fixed(4)?.signum()) {
        (0, 1) => 90,
        (-1, 0) => 180,
        (0, -1) => 270,
        _ => 0,
    };
    let side = |at: usize| Some(header.number(bytes, matrix + at, 4)? as u32 >> 16).filter(|&side| side > 0);
    let (width, height) = (side(36)?, side(40)?);
    Some(if rotation % 180 == 0 { (width, height, rotation) } else { (height, width, rotation) })
}

fn free_others(bytes: &mut [u8], range: std::ops::Range<usize>, kept: &[&[u8; 4]]) {
    for atom in atoms(bytes, range).into_iter().filter(|atom| !kept.contains(&&atom.name)) {
        atom.free(bytes);
    }
}

fn strip_track(bytes: &mut [u8], track: &Atom) {
    free_others(bytes, track.body.clone(), &TRACK);
    if let Some(header) = find(bytes, track.body.clone(), &[b"tkhd"]) {
        blank_times(bytes, &header);
    }
    let Some(media) = find(bytes, track.body.clone(), &[b"mdia"]) else {
        return;
    };
    free_others(bytes, media.body.clone(), &MEDIA);
    if let Some(header) = find(bytes, media.body.clone(), &[b"mdhd"]) {
        blank_times(bytes, &header);
    }
    // QuickTime names a second one, for the data.
    for path in [[b"hdlr"].as_slice(), &[b"minf", b"hdlr"]] {
        if let Some(handler) = find(bytes, media.body.clone(), path) {
            // The manufacturer, and the name in the maker's words.
            handler.blank(bytes, 12..16);
            handler.blank(bytes, 24..usize::MAX);
        }
    }
    if let Some(entries) = find(bytes, media.body, &[b"minf", b"stbl", b"stsd"])
        && handler(bytes, track).as_ref() == Some(b"vide")
    {
        for entry in atoms(bytes, entries.body.start.saturating_add(8)..entries.body.end) {
            // The encoder's maker and name.
            entry.blank(bytes, 12..16);
            entry.blank(bytes, 42..74);
        }
    }
}

/// Creation and change, of `mvhd`, `tkhd` and `mdhd` alike.
fn blank_times(bytes: &mut [u8], header: &Atom) {
    let length = if is_long(bytes, header) { 16 } else { 8 };
    header.blank(bytes, 4..4 + length);
}

/// Overwrites what a track points to.
fn blank_samples(bytes: &mut [u8], track: &Atom) {
    let table = |name| find(bytes, track.body.clone(), &[b"mdia", b"minf", b"stbl", name]);
    let (Some(sizes), Some(runs)) = (table(b"stsz"), table(b"stsc")) else {
        return;
    };
    let (chunks, width) = match (table(b"stco"), table(b"co64")) {
        (Some(chunks), _) => (chunks, 4),
        (None, Some(chunks)) => (chunks, 8),
        (None, None) => return,
    };
    let mut places = Vec::new();
    let (mut run, mut sample) = (0, 0_u64);
    for index in 0..chunks.number(bytes, 4, 4).unwrap_or(0) as usize {
        let Some(offset) = chunks.number(bytes, index.saturating_mul(width).saturating_add(8), width) else {
            break;
        };
        // Runs say from which chunk on, counted from 1, how many samples a chunk has.
        while runs.number(bytes, 8 + (run + 1) * 12, 4).is_some_and(|first| first <= index as u64 + 1) {
            run += 1;
        }
        let count = runs.number(bytes, 8 + run * 12 + 4, 4).unwrap_or(0);
        let length = length_of(bytes, &sizes, sample, count);
        sample += count;
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        places.push(place(offset)..place(offset.saturating_add(length)));
    }
    places.into_iter().for_each(|place| blank(bytes, place));
}

/// Bytes of `count` samples from `first` on.
fn length_of(bytes: &[u8], sizes: &Atom, first: u64, count: u64) -> u64 {
    match sizes.number(bytes, 4, 4) {
        Some(0) => (first..first.saturating_add(count))
            .map_while(|sample| sizes.number(bytes, usize::try_from(sample).ok()?.checked_mul(4)?.checked_add(12)?, 4))
            .sum(),
        Some(size) => size.saturating_mul(count),
        None => 0,
    }
}
