//! How long a licence lasts.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A number of which the server does not say what it means: the seconds that remain, or the Unix time of the end.
///
/// A login by licence answers with the time of the end if it activated the licence, and with the seconds that remain if
/// the licence was active before (documented); for accounts the documentation contradicts itself. Only
/// [`Client::license`](super::Client::license) always gives the seconds that remain, as an older edition says: ask
/// there when it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLeft {
    raw: i64,
    certain: bool,
}

/// What a [`TimeLeft`] is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reading {
    /// The time that remains; zero if it is over.
    Remaining(Duration),
    /// It ends then.
    ExpiresAt(SystemTime),
}

/// A number not older than that is taken for a point in time.
const DAY: i64 = 24 * 60 * 60;

impl TimeLeft {
    /// Returns the number as the server sent it.
    pub fn raw(&self) -> i64 {
        self.raw
    }

    /// Returns whether [`reading`](Self::reading) is known to be right, not guessed.
    pub fn is_certain(&self) -> bool {
        self.certain
    }

    /// Returns what it probably is: a number of about now or later is a point in time, any other the seconds that
    /// remain. The guess is wrong for licences that last for more than half a century.
    pub fn reading(&self) -> Reading {
        self.reading_at(SystemTime::now())
    }

    /// What probably remains, counted from now.
    pub fn remaining(&self) -> Duration {
        let now = SystemTime::now();
        match self.reading_at(now) {
            Reading::Remaining(time) => time,
            Reading::ExpiresAt(end) => end.duration_since(now).unwrap_or_default(),
        }
    }

    fn reading_at(&self, now: SystemTime) -> Reading {
        let seconds = Duration::from_secs(u64::try_from(self.raw).unwrap_or(0));
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        match UNIX_EPOCH.checked_add(seconds) {
            Some(end) if !self.certain && self.raw >= now.saturating_sub(DAY) => Reading::ExpiresAt(end),
            _ => Reading::Remaining(seconds),
        }
    }

    /// The seconds that remain, for certain.
    pub(super) fn certainly(self) -> Self {
        Self { certain: true, ..self }
    }
}

impl<'de> Deserialize<'de> for TimeLeft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `5400.0` is a whole number, too.
        let whole = |seconds: &f64| seconds.fract() == 0.0 && seconds.abs() < 2_f64.powi(63);
        let number = Number::deserialize(deserializer)?;
        let raw = number.as_i64().or_else(|| number.as_f64().filter(whole).map(|seconds| seconds as i64));
        Ok(Self { raw: raw.ok_or_else(|| D::Error::custom("it is no whole number of seconds"))?, certain: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_now_or_later_are_points_in_time() {
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let reading = |raw| TimeLeft { raw, certain: false }.reading_at(now);
        let seconds = Duration::from_secs;
        assert_eq!(reading(5400), Reading::Remaining(seconds(5400)));
        assert_eq!(reading(0), Reading::Remaining(Duration::ZERO));
        assert_eq!(reading(-7), Reading::Remaining(Duration::ZERO));
        assert_eq!(reading(1_800_000_000 - DAY - 1), Reading::Remaining(seconds(1_799_913_599)));
        assert_eq!(reading(1_800_000_000 - DAY), Reading::ExpiresAt(UNIX_EPOCH + seconds(1_799_913_600)));
        assert_eq!(reading(1_800_003_600), Reading::ExpiresAt(now + seconds(3600)));
        let certain = TimeLeft { raw: 1_900_000_000, certain: false }.certainly();
        assert_eq!(certain.reading_at(now), Reading::Remaining(seconds(1_900_000_000)));
        let read = |text| serde_json::from_str::<TimeLeft>(text).ok().map(|time| time.raw);
        assert_eq!([read("5400.0"), read("-7"), read("1e3")], [Some(5400), Some(-7), Some(1000)]);
        assert_eq!([read("1.5"), read("9223372036854775808"), read("\"7\""), read("1e300")], [None; 4]);
        // Beyond what the clock can hold, or nearly so.
        let _ = reading(i64::MAX);
    }
}
