//! Sizes as people read them.

/// `48 MB`, `1.2 GB`: in thousands, with one digit more where there is but one before it.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1_000.;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && size < 9.95);
    format!("{size:.digits$} {}", UNITS[unit])
}

/// `48 of 112 MB`.
pub(crate) fn of(done: u64, total: u64) -> String {
    let (done, total) = (bytes(done), bytes(total));
    match (done.split_once(' '), total.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} of {total}"),
        _ => format!("{done} of {total}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let all = [0, 999, 1_000, 9_949, 9_951, 48_000_000, 999_600_000, 1_200_000_000].map(bytes);
        assert_eq!(all, ["0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "48 MB", "1.0 GB", "1.2 GB"]);
        assert_eq!(of(48_000_000, 112_000_000), "48 of 112 MB");
        assert_eq!(of(4_800, 112_000_000), "4.8 kB of 112 MB");
    }
}
