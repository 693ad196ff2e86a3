//! The stack's clock, which development can move forward, and its times as people read them.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use environment::Clock;
use jiff::tz::Offset;

/// The farthest that a clock can be ahead: a hundred years.
const FARTHEST: u64 = 100 * 365 * 86_400;

/// The stack's time in the deployment's zone.
#[derive(Clone)]
pub struct LocalTime {
    clock: Clock,
    offset: Offset,
}

impl LocalTime {
    /// `None` when `offset` is not of the form `+08:00`.
    pub(crate) fn new(clock: Clock, offset: &str) -> Option<Self> {
        let (sign, rest) = match offset.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, offset.strip_prefix('+')?),
        };
        let (hours, minutes) = rest.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        Some(Self { clock, offset: Offset::from_seconds(sign * seconds).ok()? })
    }

    /// The present time as `YYYY-MM-DD HH:MM:SS`.
    pub(crate) fn now(&self) -> String {
        self.offset.to_datetime(self.clock.now()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// The stack's clock. How far it is ahead is kept on disk beside the data that was written by it, so that a restart
/// does not find items from the future.
pub(crate) struct AdvancingClock {
    clock: Clock,
    file: Option<PathBuf>,
    /// The same for libfaketime, when there are processes that must follow.
    faketime: Option<PathBuf>,
    /// Whether there are processes that have the system's time and would not follow.
    is_held: bool,
    ahead: Mutex<u64>,
}

impl AdvancingClock {
    /// The clock as `file` left it, or the system's.
    pub(crate) fn open(file: Option<PathBuf>) -> std::io::Result<Self> {
        let ahead = match file.as_deref().map(std::fs::read_to_string) {
            Some(Ok(text)) => text.trim().parse().map_err(std::io::Error::other)?,
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => 0,
        };
        let clock = Clock::system();
        clock.advance(Duration::from_secs(ahead));
        Ok(Self { clock, file, faketime: None, is_held: false, ahead: Mutex::new(ahead) })
    }

    /// Has the file `path` tell libfaketime of this clock from now on.
    pub(crate) fn lead(&mut self, path: PathBuf) -> std::io::Result<()> {
        let ahead = self.ahead.get_mut().unwrap_or_else(PoisonError::into_inner);
        replace(&path, &faketime(*ahead))?;
        self.faketime = Some(path);
        Ok(())
    }

    /// Stays at the system's time from now on. Fails when this clock is ahead of it.
    pub(crate) fn hold(&mut self) -> std::io::Result<()> {
        if *self.ahead.get_mut().unwrap_or_else(PoisonError::into_inner) > 0 {
            return Err(std::io::Error::other(
                "the data is from the future, and without LAMBDA_CLOCK nobody gets there",
            ));
        }
        self.is_held = true;
        Ok(())
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Moves the clock forward. `None`, and no move, when it would be more than a hundred years ahead.
    pub(crate) fn advance(&self, seconds: u64) -> Option<std::io::Result<()>> {
        if self.is_held {
            return Some(Err(std::io::Error::other("without LAMBDA_CLOCK the functions have the system's time")));
        }
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = ahead.checked_add(seconds).filter(|sum| *sum <= FARTHEST)?;
        // On disk first: after a crash the clock may be ahead of the data, never behind it.
        if let Some(file) = &self.file
            && let Err(error) = replace(file, &sum.to_string())
        {
            return Some(Err(error));
        }
        if let Some(path) = &self.faketime
            && let Err(error) = replace(path, &faketime(sum))
        {
            return Some(Err(error));
        }
        self.clock.advance(Duration::from_secs(seconds));
        *ahead = sum;
        Some(Ok(()))
    }
}

/// So many seconds ahead of the system's clock, in libfaketime's words.
fn faketime(ahead: u64) -> String {
    format!("+{ahead}")
}

/// Writes a file so that a crash leaves the old or the new content, never a part.
fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut file = std::fs::File::create(&new)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_as_far_ahead_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let file = Some(directory.path().join("clock"));
        AdvancingClock::open(file.clone()).unwrap().advance(3600).unwrap().unwrap();
        AdvancingClock::open(file.clone()).unwrap().advance(60).unwrap().unwrap();
        let ahead = AdvancingClock::open(file).unwrap();
        let difference = ahead.clock().now_seconds() - Clock::system().now_seconds();
        assert!((3659..=3661).contains(&difference), "{difference}");
    }

    #[test]
    fn the_clock_does_not_leave_the_calendar() {
        let clock = AdvancingClock::open(None).unwrap();
        assert!(clock.advance(u64::MAX).is_none());
        assert!(clock.advance(FARTHEST).is_some());
        assert!(clock.advance(1).is_none());
    }

    #[test]
    fn a_clock_that_is_held_does_not_move() {
        let mut clock = AdvancingClock::open(None).unwrap();
        clock.hold().unwrap();
        let before = clock.clock().now_seconds();
        assert!(clock.advance(3600).unwrap().is_err());
        assert!(clock.clock().now_seconds() - before < 3600);
    }

    #[test]
    fn a_clock_that_is_ahead_cannot_be_held() {
        let mut clock = AdvancingClock::open(None).unwrap();
        clock.advance(60).unwrap().unwrap();
        assert!(clock.hold().is_err());
    }

    #[test]
    fn times_are_shown_in_the_deployment_s_zone() {
        let clock = Clock::system();
        let zone = |offset| LocalTime::new(clock.clone(), offset).map(|time| time.offset.seconds());
        assert_eq!(zone("+08:00"), Some(28_800));
        assert_eq!(zone("-03:30"), Some(-12_600));
        assert_eq!(zone("Asia/Shanghai"), None);
        assert_eq!(LocalTime::new(clock, "+08:00").unwrap().now().len(), "2025-01-02 03:04:05".len());
    }
}
