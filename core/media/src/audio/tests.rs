use std::f32::consts::TAU;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;

const M4A: &[u8] = include_bytes!("../../tests/samples/tone.m4a");
const ADTS: &[u8] = include_bytes!("../../tests/samples/tone.aac");
const MP3: &[u8] = include_bytes!("../../tests/samples/tone.mp3");
const OPUS: &[u8] = include_bytes!("../../tests/samples/tone.opus.ogg");
const VORBIS: &[u8] = include_bytes!("../../tests/samples/tone.vorbis.ogg");
const FLAC: &[u8] = include_bytes!("../../tests/samples/tone.flac");
const WAV: &[u8] = include_bytes!("../../tests/samples/tone.wav");
const ALL: [&[u8]; 6] = [M4A, ADTS, MP3, OPUS, FLAC, WAV];

fn tone(frequency: f32, rate: u32, seconds: f32) -> Vec<f32> {
    let count = (rate as f32 * seconds) as usize;
    (0..count).map(|i| 0.5 * (TAU * frequency * i as f32 / rate as f32).sin()).collect()
}

/// Upward zero crossings a second, away from both ends.
fn frequency(samples: &[f32], rate: u32) -> f32 {
    let middle = &samples[samples.len() / 10..samples.len() * 9 / 10];
    let rises: Vec<usize> = (1..middle.len()).filter(|&i| middle[i - 1] < 0.0 && middle[i] >= 0.0).collect();
    (rises.len() - 1) as f32 * rate as f32 / (rises[rises.len() - 1] - rises[0]) as f32
}

fn first_channel(pcm: &Pcm) -> Vec<f32> {
    pcm.samples.iter().step_by(usize::from(pcm.channels)).copied().collect()
}

/// Loudness, whose square is the mean of the squares.
fn loudness(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32).sqrt()
}

#[test]
fn every_form_of_voice_that_arrives_is_played() {
    for (file, rate, channels) in
        [(M4A, 44_100, 1), (ADTS, 44_100, 1), (MP3, 16_000, 1), (OPUS, 48_000, 1), (FLAC, 22_050, 2), (WAV, 8000, 2)]
    {
        let (pcm, error) = decode(file.to_vec()).unwrap();
        assert_eq!((pcm.rate, pcm.channels, error), (rate, channels, None));
        assert!((pcm.duration().as_secs_f32() - 1.0).abs() < 0.08, "{rate}: {:?}", pcm.duration());
        assert!((frequency(&first_channel(&pcm), rate) - 440.0).abs() < 2.0, "{rate}");
        let summary = summary(Cursor::new(file)).unwrap();
        assert_eq!((summary.duration, summary.error), (pcm.duration(), None));
        assert!(summary.waveform[5..35].iter().all(|&bar| bar > 150), "{rate}: {:?}", summary.waveform);
    }
}

#[test]
fn what_cannot_be_decoded_says_so() {
    assert_eq!(decode(VORBIS.to_vec()).unwrap_err(), Error::Unsupported("Vorbis"));
    for noise in [b"".as_slice(), b"hello", &[0; 5000], b"\x89PNG\r\n\x1a\n"] {
        assert!(decode(noise.to_vec()).is_err());
    }
}

#[test]
fn a_cut_voice_message_plays_as_far_as_it_goes() {
    for file in [WAV, FLAC, M4A] {
        let half = file.len() / 2 + 200;
        match decode(file[..half].to_vec()) {
            Ok((pcm, _)) => assert!(pcm.duration() < Duration::from_millis(700)),
            // The index of an MP4 may lie at its end.
            Err(error) => assert!(matches!(error, Error::Unknown(_) | Error::Damaged(_))),
        }
    }
}

#[test]
fn seeking_goes_to_the_frame() {
    for file in ALL {
        let (whole, _) = decode(file.to_vec()).unwrap();
        let channels = usize::from(whole.channels);
        let mut decoder = Decoder::new(Cursor::new(file)).unwrap();
        for ms in [500, 0, 900, 250] {
            decoder.seek(Duration::from_millis(ms)).unwrap();
            let mut rest = Vec::new();
            while let Some(block) = decoder.block().unwrap() {
                rest.extend_from_slice(block);
            }
            let skipped = (whole.samples.len() - rest.len()) / channels;
            let expected = frames(Duration::from_millis(ms), whole.rate);
            assert!(skipped.abs_diff(expected as usize) <= 1, "{}: {ms} ms: {skipped} {expected}", whole.rate);
        }
        decoder.seek(Duration::from_secs(50)).unwrap();
        assert_eq!(decoder.block().unwrap(), None);
    }
}

#[test]
fn resampling_keeps_the_tone_and_removes_what_does_not_fit() {
    for (from, to) in [(48_000, 16_000), (44_100, 16_000), (8000, 16_000), (16_000, 48_000), (16_000, 16_000)] {
        let mut resampler = Resampler::new(from, to);
        let mut out = Vec::new();
        for part in tone(1000.0, from, 1.0).chunks(777) {
            resampler.push(part, &mut out);
        }
        resampler.finish(&mut out);
        assert!(out.len().abs_diff(to as usize) <= 1, "{from} {to}: {}", out.len());
        assert!((frequency(&out, to) - 1000.0).abs() < 1.0);
        assert!((loudness(&out[500..out.len() - 500]) - 0.3536).abs() < 0.002);
    }
    let (mut resampler, mut out) = (Resampler::new(48_000, 16_000), Vec::new());
    resampler.push(&tone(9500.0, 48_000, 1.0), &mut out);
    assert!(loudness(&out[500..]) < 0.0005);
}

#[test]
fn faster_speech_keeps_its_pitch() {
    for (speed, channels) in [(1.5, 1), (2.0, 1), (2.0, 2), (1.0, 1), (0.5, 1)] {
        let rate = 16_000;
        let mono = tone(220.0, rate, 2.0);
        let samples: Vec<f32> = mono.iter().flat_map(|&s| std::iter::repeat_n(s, channels)).collect();
        let (mut stretch, mut out) = (Stretch::new(rate, channels as u16, speed), Vec::new());
        for part in samples.chunks(channels * 333) {
            stretch.push(part, &mut out);
        }
        stretch.finish(&mut out);
        let seconds = (out.len() / channels) as f32 / rate as f32;
        assert!((seconds - 2.0 / speed).abs() < 0.06, "{speed}: {seconds}");
        let first: Vec<f32> = out.iter().step_by(channels).copied().collect();
        assert!((frequency(&first, rate) - 220.0).abs() < 3.0, "{speed}: {}", frequency(&first, rate));
        assert!((loudness(&first[2000..first.len() - 2000]) - 0.3536).abs() < 0.02);
    }
}

#[test]
fn playback_tells_where_it_is_at_any_speed() {
    let mut playback = Playback::new(Cursor::new(OPUS)).unwrap();
    playback.set_speed(2.0);
    let mut quarter = vec![0.0; 12_000];
    assert_eq!(playback.fill(&mut quarter), 12_000);
    let position = playback.position().as_secs_f32();
    assert!((position - 0.5).abs() < 0.05, "{position}");
    playback.seek(Duration::from_millis(900)).unwrap();
    assert!((playback.position().as_secs_f32() - 0.9).abs() < 0.01);
    let left = playback.fill(&mut quarter);
    assert!((left as f32 - 2400.0).abs() < 700.0, "{left}");
    assert_eq!((playback.fill(&mut quarter), playback.error()), (0, None));
}

#[test]
fn a_recording_is_what_was_said() {
    let forms = [
        (Form::Wav, "audio/wav"),
        #[cfg(feature = "mp3")]
        (Form::Mp3, "audio/mpeg"),
    ];
    for (form, content_type) in forms {
        let mut encoder = VoiceEncoder::new(44_100, form).unwrap();
        for block in tone(440.0, 44_100, 2.0).chunks(512) {
            encoder.push(block).unwrap();
        }
        let recording = encoder.finish().unwrap();
        assert_eq!(recording.content_type, content_type);
        assert!((recording.duration.as_secs_f32() - 2.0).abs() < 0.01);
        let (heard, error) = decode(recording.bytes).unwrap();
        assert_eq!((heard.rate, heard.channels, error), (16_000, 1, None));
        assert!((heard.duration().as_secs_f32() - 2.0).abs() < 0.15);
        assert!((frequency(&heard.samples, 16_000) - 440.0).abs() < 1.0);
    }
}

#[cfg(feature = "mp3")]
#[test]
fn five_minutes_are_the_most_and_take_little() {
    let mut encoder = VoiceEncoder::new(16_000, Form::Mp3).unwrap();
    let minute = tone(300.0, 16_000, 60.0);
    for _ in 0..5 {
        encoder.push(&minute).unwrap();
    }
    assert_eq!(encoder.push(&minute), Err(Error::TooLong));
    let recording = encoder.finish().unwrap();
    assert_eq!(recording.duration, MAX_VOICE);
    assert!(recording.bytes.len() < 1_250_000);
}

#[test]
fn a_waveform_shows_where_it_is_loud() {
    let mut samples = vec![0.0; 16_000];
    samples.extend(tone(300.0, 16_000, 1.0));
    let bars = waveform(&Pcm { rate: 16_000, channels: 1, samples });
    assert!(bars[..19].iter().all(|&b| b == 0) && bars[21..].iter().all(|&b| b > 240));
    assert_eq!(waveform(&Pcm::default()), [0; BARS]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn cut_and_damaged_sound_never_panics(
        which in 0..ALL.len(), cut: prop::sample::Index, hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut file = ALL[which].to_vec();
        file.truncate(cut.index(file.len() + 1).max(1));
        for (at, byte) in hits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = summary(Cursor::new(file.clone()));
        if let Ok(mut playback) = Playback::new(Cursor::new(file)) {
            let _ = playback.seek(Duration::from_millis(300));
            playback.fill(&mut [0.0; 4000]);
        }
    }
}

#[test]
fn a_header_that_overflows_its_reader_is_only_damaged() {
    let mut file = WAV.to_vec();
    file[22..24].fill(0xff);
    assert!(decode(file).is_err());
}

#[test]
fn a_voice_message_may_be_cut_anywhere() {
    for file in ALL {
        let headers = (0..file.len().min(700))
            .chain((700..file.len()).step_by(97))
            .chain(file.len().saturating_sub(40)..file.len());
        for cut in headers {
            let _ = decode(file[..cut].to_vec());
        }
    }
}
