use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig, SupportedStreamConfig};

use crate::{Device, Error};

/// Frames converted at once within a device's callback.
const BLOCK: usize = 256;

/// An open device and how its samples lie.
pub(crate) struct Opened {
    pub stream: Stream,
    pub rate: u32,
    pub channels: u16,
}

/// Opens the loudspeaker, at `rate` and `channels` if it can. `fill` and `failed` run in its callback: they must not wait.
pub(crate) fn loudspeaker(
    rate: u32,
    channels: u16,
    fill: impl FnMut(&mut [f32]) + Send + 'static,
    failed: impl FnMut(Error) + Send + 'static,
) -> Result<Opened, Error> {
    let error = |error: cpal::Error| wrap(Device::Loudspeaker, &error);
    let device = cpal::default_host().default_output_device().ok_or(Error::NoDevice(Device::Loudspeaker))?;
    let default = device.default_output_config().map_err(error)?;
    let exact = device.supported_output_configs().ok().and_then(|configs| {
        let fits = configs.filter(|c| c.channels() == channels && is_known(c.sample_format()));
        fits.filter_map(|c| c.try_with_sample_rate(rate)).next()
    });
    let config = exact.unwrap_or(default);
    let stream = match config.sample_format() {
        SampleFormat::F32 => output::<f32>(&device, &config, fill, failed),
        SampleFormat::I16 => output::<i16>(&device, &config, fill, failed),
        SampleFormat::I32 => output::<i32>(&device, &config, fill, failed),
        SampleFormat::U8 => output::<u8>(&device, &config, fill, failed),
        other => return Err(Error::Failed(Device::Loudspeaker, format!("it takes only {other}"))),
    };
    opened(stream.map_err(error)?, &config)
}

/// Opens the microphone. `take` gets interleaved samples in the device's callback: it must not wait.
pub(crate) fn microphone(
    take: impl FnMut(&[f32]) + Send + 'static,
    failed: impl FnMut(Error) + Send + 'static,
) -> Result<Opened, Error> {
    let error = |error: cpal::Error| wrap(Device::Microphone, &error);
    let device = cpal::default_host().default_input_device().ok_or(Error::NoDevice(Device::Microphone))?;
    let config = device.default_input_config().map_err(error)?;
    let stream = match config.sample_format() {
        SampleFormat::F32 => input::<f32>(&device, &config, take, failed),
        SampleFormat::I16 => input::<i16>(&device, &config, take, failed),
        SampleFormat::I32 => input::<i32>(&device, &config, take, failed),
        SampleFormat::U8 => input::<u8>(&device, &config, take, failed),
        other => return Err(Error::Failed(Device::Microphone, format!("it gives only {other}"))),
    };
    opened(stream.map_err(error)?, &config)
}

pub(crate) fn wrap(device: Device, error: &cpal::Error) -> Error {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => Error::NoDevice(device),
        ErrorKind::PermissionDenied => Error::Denied(device),
        ErrorKind::DeviceBusy => Error::Busy(device),
        _ => Error::Failed(device, error.to_string()),
    }
}

fn opened(stream: Stream, config: &SupportedStreamConfig) -> Result<Opened, Error> {
    Ok(Opened { stream, rate: config.sample_rate(), channels: config.channels() })
}

fn is_known(format: SampleFormat) -> bool {
    matches!(format, SampleFormat::F32 | SampleFormat::I16 | SampleFormat::I32 | SampleFormat::U8)
}

/// Faults that leave the stream running.
fn is_passing(error: &cpal::Error) -> bool {
    matches!(error.kind(), ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied)
}

fn output<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: &SupportedStreamConfig,
    mut fill: impl FnMut(&mut [f32]) + Send + 'static,
    mut failed: impl FnMut(Error) + Send + 'static,
) -> Result<Stream, cpal::Error> {
    let config: StreamConfig = config.config();
    let mut block = vec![0.0; BLOCK * usize::from(config.channels.max(1))];
    let fill = move |out: &mut [T], _: &_| {
        for part in out.chunks_mut(block.len()) {
            let samples = &mut block[..part.len()];
            fill(samples);
            part.iter_mut().zip(samples).for_each(|(to, from)| *to = T::from_sample(*from));
        }
    };
    let failed = move |error: cpal::Error| {
        if !is_passing(&error) {
            failed(wrap(Device::Loudspeaker, &error));
        }
    };
    device.build_output_stream(config, fill, failed, None)
}

fn input<T: SizedSample>(
    device: &cpal::Device,
    config: &SupportedStreamConfig,
    mut take: impl FnMut(&[f32]) + Send + 'static,
    mut failed: impl FnMut(Error) + Send + 'static,
) -> Result<Stream, cpal::Error>
where
    f32: FromSample<T>,
{
    let config: StreamConfig = config.config();
    let mut block = vec![0.0; BLOCK * usize::from(config.channels.max(1))];
    let take = move |samples: &[T], _: &_| {
        for part in samples.chunks(block.len()) {
            let converted = &mut block[..part.len()];
            converted.iter_mut().zip(part).for_each(|(to, from)| *to = f32::from_sample_(*from));
            take(converted);
        }
    };
    let failed = move |error: cpal::Error| {
        if !is_passing(&error) {
            failed(wrap(Device::Microphone, &error));
        }
    };
    device.build_input_stream(config, take, failed, None)
}
