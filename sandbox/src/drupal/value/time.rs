//! Dates as text and as Unix time.

/// Days since 1970-01-01 of a day in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month, day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * month_index + 2) / 5 + 1)
}

/// `2024-01-01T00:00:00`, in UTC.
pub(in super::super) fn stored(unix: i64) -> String {
    let (year, month, day) = civil(unix.div_euclid(86_400));
    let second = unix.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// RFC 3339 with an offset from UTC in minutes.
pub(in super::super) fn rfc3339(unix: i64, offset: i32) -> String {
    let local = stored(unix + i64::from(offset) * 60);
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{local}{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
}

/// The date of HTTP headers.
pub(in super::super) fn http_date(unix: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = unix.div_euclid(86_400);
    let (year, month, day) = civil(date);
    let weekday = DAYS[date.rem_euclid(7) as usize];
    let month = MONTHS[(month - 1) as usize];
    format!("{weekday}, {day:02} {month} {year:04} {} GMT", &stored(unix)[11..])
}

/// Year and month, for the folder of uploaded files.
pub(in super::super) fn month(unix: i64) -> String {
    stored(unix)[..7].to_owned()
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Reads `2024-01-31`.
pub(in super::super) fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let date = days(year, month, day);
    (parts.next().is_none() && (1..=12).contains(&month) && civil(date) == (year, month, day)).then_some(date)
}

/// Reads `2024-01-31T10:00:00` as UTC.
pub(in super::super) fn parse_stored(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let mut parts = time.split(':');
    let (hour, minute, second) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let fits = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    fits.then_some(parse_date(date)? * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Reads `2024-01-31T10:00:00+02:00`, also with `+0200` or `Z`.
pub(in super::super) fn parse_rfc3339(text: &str) -> Option<i64> {
    let local = text.get(..19)?;
    let offset = text.get(19..)?;
    let minutes = if offset == "Z" {
        0
    } else {
        let sign = match offset.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        let digits = offset[1..].replacen(':', "", 1);
        sign * (number(digits.get(..2)?, 2)? * 60 + number(digits.get(2..)?, 2)?)
    };
    Some(parse_stored(local)? - minutes * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        assert_eq!(parse_rfc3339("2024-03-01T10:00:00+02:00").map(stored).as_deref(), Some("2024-03-01T08:00:00"));
        assert_eq!(rfc3339(1_700_000_000, 330), "2023-11-15T03:43:20+05:30");
        assert_eq!(http_date(1_795_254_794), "Sat, 21 Nov 2026 09:53:14 GMT");
        for wrong in ["2023-02-29", "29/02/2020", "2024-1-1", "2024-01-01x"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
