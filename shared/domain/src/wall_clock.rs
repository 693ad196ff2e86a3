use std::str::FromStr;

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};

use crate::Malformed;

/// How times are written for people: on the wire and in text messages, in the deployment's zone.
///
/// Parses the parameter `UtcOffset`: `+08:00`, `-03:30`, up to 14 hours either way.
#[derive(Clone, Debug)]
pub struct WallClock(TimeZone);

impl WallClock {
    /// `YYYY-MM-DD HH:MM:SS`.
    #[must_use]
    pub fn date_time(&self, at: Timestamp) -> String {
        at.to_zoned(self.0.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `YYYY-MM-DD`, the day that daily budgets are counted by.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        at.to_zoned(self.0.clone()).strftime("%Y-%m-%d").to_string()
    }
}

impl FromStr for WallClock {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse_offset(text).map(|offset| Self(TimeZone::fixed(offset))).ok_or(Malformed("an offset such as +08:00"))
    }
}

fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two_digits = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let minutes_in_all = hours * 60 + minutes;
    if minutes > 59 || minutes_in_all > 14 * 60 {
        return None;
    }
    Offset::from_seconds(sign * minutes_in_all * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_the_deployments_zone() {
        let at = Timestamp::from_second(1_569_932_999).unwrap();
        let at_offset = |offset: &str| offset.parse::<WallClock>().unwrap().date_time(at);
        assert_eq!(at_offset("+08:00"), "2019-10-01 20:29:59");
        assert_eq!(at_offset("-03:30"), "2019-10-01 08:59:59");
        assert_eq!(at_offset("+00:00"), "2019-10-01 12:29:59");
    }

    #[test]
    fn an_offset_that_no_zone_has_is_refused() {
        for bad in ["", "8", "+8:00", "08:00", "+15:00", "+08:60", "+0800", "+aa:bb", "＋08:00"] {
            assert!(bad.parse::<WallClock>().is_err(), "{bad}");
        }
    }
}
