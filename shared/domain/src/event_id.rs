use std::str::FromStr;

use environment::Random;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Malformed, hex_id::HexId};

/// The id of a fall notice: a `UUIDv7` as 32 lower-case hex digits, so that ids sort by the time they were made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        description = "The id of a fall notice. Ids sort by the time of the fall.",
        extend("examples" = ["019a0b1c2d3e7f4a8b5c6d7e8f901a2b"])
    )
)]
pub struct EventId(HexId);

impl EventId {
    /// A new id for something that happened at `at`.
    #[must_use]
    pub fn new(at: Timestamp, random: &Random) -> Self {
        let milliseconds = u64::try_from(at.as_millisecond()).unwrap_or_default();
        Self(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random.bytes()).into_uuid().into())
    }

    /// The 32 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// When it was made, to the millisecond. 1970 for an id that holds no time.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        let made = self.0.to_uuid().and_then(|uuid| uuid.get_timestamp());
        made.and_then(|timestamp| {
            let (seconds, nanoseconds) = timestamp.to_unix();
            Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
        })
        .unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl FromStr for EventId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_tell_it() {
        let random = Random::os();
        let earlier = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let later = Timestamp::from_millisecond(1_700_000_000_124).unwrap();
        let (first, second) = (EventId::new(earlier, &random), EventId::new(later, &random));
        assert!(first < second);
        assert_eq!(first.at(), earlier);
    }
}
