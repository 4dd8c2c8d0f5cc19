use std::time::Duration;

use super::ebml::{Element, elements, find};
use super::{Info, blank};
use crate::Error;

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const TRACK_NAME: u32 = 0x536e;
const VIDEO: u32 = 0xe0;
const WIDTH: u32 = 0xb0;
const HEIGHT: u32 = 0xba;
const TAGS: u32 = 0x1254_c367;
const ATTACHMENTS: u32 = 0x1941_a469;
const VOID: u32 = 0xec;
const CHECK_SUM: u32 = 0xbf;
/// Texts that every file must have.
const APPS: [u32; 2] = [0x4d80, 0x5741];

pub(super) fn info(bytes: &[u8]) -> Result<Info, Error> {
    let segment = segment(bytes).ok_or(Error::Unknown("video"))?;
    let video = tracks(bytes, &segment).into_iter().find_map(|track| find(bytes, track.body, VIDEO));
    let video = video.ok_or(Error::Unknown("video"))?;
    let side = |id| {
        let side = find(bytes, video.body.clone(), id).and_then(|element| element.number(bytes));
        side.and_then(|side| u32::try_from(side).ok()).filter(|&side| side > 0)
    };
    let (width, height) = side(WIDTH).zip(side(HEIGHT)).ok_or_else(|| Error::Damaged("video size".to_owned()))?;
    Ok(Info { width, height, rotation: 0, duration: duration(bytes, &segment) })
}

pub(super) fn strip(bytes: &mut [u8]) {
    let Some(segment) = segment(bytes) else {
        return;
    };
    let kept = [TIMESTAMP_SCALE, DURATION, APPS[0], APPS[1]];
    for element in elements(bytes, segment.body) {
        match element.id {
            TAGS | ATTACHMENTS | VOID => element.void(bytes),
            INFO => {
                for part in elements(bytes, element.body) {
                    match part.id {
                        id if APPS.contains(&id) => blank(bytes, part.body),
                        id if kept.contains(&id) => {}
                        _ => part.void(bytes),
                    }
                }
            }
            TRACKS => strip_tracks(bytes, &element),
            _ => {}
        }
    }
}

fn strip_tracks(bytes: &mut [u8], tracks: &Element) {
    for track in elements(bytes, tracks.body.clone()) {
        match track.id {
            CHECK_SUM => track.void(bytes),
            TRACK => {
                let named = |part: &Element| matches!(part.id, TRACK_NAME | CHECK_SUM);
                elements(bytes, track.body).iter().filter(|part| named(part)).for_each(|part| part.void(bytes));
            }
            _ => {}
        }
    }
}

fn segment(bytes: &[u8]) -> Option<Element> {
    find(bytes, 0..bytes.len(), SEGMENT)
}

fn tracks(bytes: &[u8], segment: &Element) -> Vec<Element> {
    let Some(tracks) = find(bytes, segment.body.clone(), TRACKS) else {
        return Vec::new();
    };
    elements(bytes, tracks.body).into_iter().filter(|element| element.id == TRACK).collect()
}

fn duration(bytes: &[u8], segment: &Element) -> Option<Duration> {
    let info = find(bytes, segment.body.clone(), INFO)?;
    let scale = find(bytes, info.body.clone(), TIMESTAMP_SCALE).and_then(|element| element.number(bytes));
    let ticks = find(bytes, info.body, DURATION)?.float(bytes)?;
    // In nanoseconds, a millisecond where nothing is said.
    Duration::try_from_secs_f64(ticks * scale.unwrap_or(1_000_000) as f64 / 1e9).ok()
}
