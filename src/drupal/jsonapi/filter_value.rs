//! Values that filters compare with.

use crate::codes::drupal::ErrorCode;
use crate::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// A value to compare with.
///
/// Made from texts, numbers, booleans (which Drupal compares as 1 and 0), UUIDs, and times: a [`SystemTime`] is written in
/// Unix seconds, as the fields `created`, `changed` and timestamps are compared. Date fields are compared with text: see
/// [`date`](Self::date) and [`date_time`](Self::date_time).
#[derive(Clone, Debug, PartialEq)]
pub struct FilterValue(Result<String, String>);

impl FilterValue {
    /// Makes a value for a field that holds a date: `2012-01-31`, in UTC.
    pub fn date(time: SystemTime) -> Self {
        let (year, month, day, _) = civil(seconds(time));
        Self(Ok(format!("{year:04}-{month:02}-{day:02}")))
    }

    /// Makes a value for a field that holds a date and a time: `2012-01-31T09:30:00`, in UTC.
    pub fn date_time(time: SystemTime) -> Self {
        let (year, month, day, second) = civil(seconds(time));
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        Self(Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")))
    }

    pub(super) fn text(&self, path: &str) -> Result<String, Error> {
        self.0.clone().map_err(|number| {
            let what = format!("the filter of {path} compares with {number}; give a finite number");
            Error::invalid_request(what).with_code(ErrorCode::InvalidQuery)
        })
    }
}

/// Returns Unix seconds, rounded down.
fn seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let whole = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
            -whole.saturating_add(i64::from(before.subsec_nanos() > 0))
        }
    }
}

/// Returns year, month, day and second of the day (Howard Hinnant's algorithm).
fn civil(seconds: i64) -> (i64, i64, i64, i64) {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day, second)
}

impl From<&str> for FilterValue {
    fn from(text: &str) -> Self {
        Self(Ok(text.to_owned()))
    }
}

impl From<&String> for FilterValue {
    fn from(text: &String) -> Self {
        Self(Ok(text.clone()))
    }
}

impl From<String> for FilterValue {
    fn from(text: String) -> Self {
        Self(Ok(text))
    }
}

impl From<bool> for FilterValue {
    fn from(value: bool) -> Self {
        Self(Ok(u8::from(value).to_string()))
    }
}

impl From<Uuid> for FilterValue {
    fn from(uuid: Uuid) -> Self {
        Self(Ok(uuid.to_string()))
    }
}

impl From<SystemTime> for FilterValue {
    fn from(time: SystemTime) -> Self {
        Self(Ok(seconds(time).to_string()))
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {
        $(impl From<$integer> for FilterValue {
            fn from(number: $integer) -> Self {
                Self(Ok(number.to_string()))
            }
        })*
    };
}

from_integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl From<f64> for FilterValue {
    fn from(number: f64) -> Self {
        let text = number.to_string();
        Self(if number.is_finite() { Ok(text) } else { Err(text) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn values_are_written_as_drupal_compares_them() {
        let value = |value: FilterValue| value.text("a").unwrap();
        assert_eq!((value(true.into()), value(false.into())), ("1".into(), "0".into()));
        assert_eq!(
            (value((-3_i8).into()), value(2.5.into()), value(1e21.into())),
            ("-3".into(), "2.5".into(), "1000000000000000000000".into())
        );
        assert_eq!(value(Uuid::nil().into()), "00000000-0000-0000-0000-000000000000");
        assert_eq!(value("a,b".into()), "a,b");
        let at = UNIX_EPOCH + Duration::from_millis(1_700_010_000_900);
        assert_eq!(value(at.into()), "1700010000");
        assert_eq!(value(FilterValue::date(at)), "2023-11-15");
        assert_eq!(value(FilterValue::date_time(at)), "2023-11-15T01:00:00");
        let before = UNIX_EPOCH - Duration::from_millis(500);
        assert_eq!(
            (value(before.into()), value(FilterValue::date_time(before))),
            ("-1".into(), "1969-12-31T23:59:59".into())
        );
        let leap = UNIX_EPOCH + Duration::from_secs(951_782_400);
        assert_eq!(value(FilterValue::date(leap)), "2000-02-29");
    }
}
