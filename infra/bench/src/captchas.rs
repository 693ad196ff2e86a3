//! The captchas' own benchmark, `cargo bench --package captcha-image`, as divan prints it.

use std::path::Path;

use crate::failure::Failure;

/// What is measured, and what it is measured beside.
const REFERENCE: &str = "captcha_crate_medium_png";
const NAMES: [(&str, &str); 4] = [
    (REFERENCE, "`captcha` crate, Medium, PNG"),
    ("ours_png", "ours, PNG"),
    ("ours_jpeg", "ours, JPEG"),
    ("ours_before_encoding", "ours, before encoding"),
];

/// One way to make a captcha.
pub struct Captcha {
    pub name: &'static str,
    pub median_ms: f64,
    /// How many times as fast as the reference.
    pub times: f64,
}

/// Reads the medians out of what divan printed.
pub fn read(printed: &Path) -> Result<Vec<Captcha>, Failure> {
    let printed = std::fs::read_to_string(printed)?;
    let median = |bench| median(&printed, bench).ok_or_else(|| format!("{bench} is not in divan's table"));
    let reference = median(REFERENCE)?;
    NAMES
        .iter()
        .map(|&(bench, name)| Ok(median(bench).map(|ms| Captcha { name, median_ms: ms, times: reference / ms })?))
        .collect()
}

/// The third column: fastest, slowest, median, mean.
fn median(printed: &str, bench: &str) -> Option<f64> {
    let line = printed.lines().find(|line| line.split_whitespace().nth(1) == Some(bench))?;
    let mut cell = line.split('│').nth(2)?.split_whitespace();
    let number: f64 = cell.next()?.parse().ok()?;
    Some(match cell.next()? {
        "ns" => number / 1e6,
        "µs" => number / 1e3,
        "ms" => number,
        "s" => number * 1e3,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
Timer precision: 20 ns
captcha                      fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ captcha_crate_medium_png  3.1 ms        │ 5.2 ms        │ 3.2 ms        │ 3.3 ms        │ 300     │ 300
├─ ours_before_encoding      80.1 µs       │ 202.2 µs      │ 90.5 µs       │ 91.6 µs       │ 3000    │ 3000
├─ ours_jpeg                 300.1 µs      │ 402.2 µs      │ 310.5 µs      │ 311.6 µs      │ 3000    │ 3000
╰─ ours_png                  300.1 µs      │ 402.2 µs      │ 320 µs        │ 311.6 µs      │ 3000    │ 3000
";

    #[test]
    fn the_median_is_read_in_milliseconds() {
        assert_eq!(median(PRINTED, "ours_png"), Some(0.32));
        assert_eq!(median(PRINTED, REFERENCE), Some(3.2));
        assert_eq!(median(PRINTED, "ours"), None);
    }
}
