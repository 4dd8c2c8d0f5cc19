use image::{GenericImageView, Rgba, RgbaImage};

/// Scales down to at most `max_side` on the longer side, each new pixel the mean of the area it covers, weighed
/// by opacity. Row by row: beside source and result it needs two rows. Never scales up.
pub(super) fn down<I: GenericImageView<Pixel = Rgba<u8>>>(source: &I, max_side: u32) -> RgbaImage {
    let (width, height) = source.dimensions();
    let (new_width, new_height) = fit(width, height, max_side.max(1));
    let mut result = RgbaImage::new(new_width, new_height);
    if (width, height) == (new_width, new_height) {
        result.enumerate_pixels_mut().for_each(|(x, y, pixel)| *pixel = source.get_pixel(x, y));
        return result;
    }
    let area = (width as f32 / new_width as f32) * (height as f32 / new_height as f32);
    let columns: Vec<Share> = shares(width, new_width).collect();
    let mut sums = vec![[0.0; 4]; new_width as usize];
    let mut row = sums.clone();
    for (y, share) in shares(height, new_height).enumerate() {
        row.fill([0.0; 4]);
        add_row(source, y as u32, &columns, &mut row);
        add(&mut sums, &row, share.here);
        if share.ends {
            finish(&mut result, share.target, &sums, area);
            sums.fill([0.0; 4]);
            add(&mut sums, &row, share.next);
        }
    }
    result
}

fn fit(width: u32, height: u32, max_side: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= max_side {
        return (width, height);
    }
    let side = |s: u32| {
        let scaled = (u64::from(s) * u64::from(max_side) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(max_side).max(1)
    };
    (side(width), side(height))
}

/// How a source row or column is shared out: `here` to `target`, `next` to the one after.
#[derive(Clone, Copy)]
struct Share {
    target: u32,
    here: f32,
    next: f32,
    /// The last source that touches `target`.
    ends: bool,
}

fn shares(from: u32, to: u32) -> impl Iterator<Item = Share> {
    // In units of 1/to of a source pixel, so that all borders are whole numbers.
    (0..u64::from(from)).map(move |index| {
        let (start, end) = (index * u64::from(to), (index + 1) * u64::from(to));
        let target = start / u64::from(from);
        let border = (target + 1) * u64::from(from);
        let next = end.saturating_sub(border) as f32 / to as f32;
        Share { target: target as u32, here: 1.0 - next, next, ends: end >= border }
    })
}

fn add_row<I>(source: &I, y: u32, columns: &[Share], row: &mut [[f32; 4]])
where
    I: GenericImageView<Pixel = Rgba<u8>>,
{
    for (x, share) in columns.iter().enumerate() {
        let [r, g, b, a] = source.get_pixel(x as u32, y).0.map(f32::from);
        let weighed = [r * a, g * a, b * a, a];
        let target = share.target as usize;
        add(&mut row[target..=target], &[weighed], share.here);
        if share.next > 0.0
            && let Some(next) = row.get_mut(target + 1)
        {
            add(std::slice::from_mut(next), &[weighed], share.next);
        }
    }
}

fn add(sums: &mut [[f32; 4]], values: &[[f32; 4]], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        for (s, v) in sum.iter_mut().zip(value) {
            *s += v * weight;
        }
    }
}

/// `area`: source pixels that one new pixel covers.
fn finish(result: &mut RgbaImage, y: u32, sums: &[[f32; 4]], area: f32) {
    for (x, [r, g, b, a]) in sums.iter().enumerate() {
        let colour = |c: f32| if *a > 0.0 { (c / a + 0.5) as u8 } else { 0 };
        let opacity = (a / area + 0.5) as u8;
        result.put_pixel(x as u32, y, Rgba([colour(*r), colour(*g), colour(*b), opacity]));
    }
}
