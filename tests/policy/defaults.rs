//! What the documentation says about defaults is what `Default` gives.

use statuswire::policy::{Backoff, Limits, Reconnecting, Retry, Timeouts};
use std::time::Duration;

/// The fields of the struct in a source file, each with the words after "Default: " in its documentation.
fn documented(source: &str) -> Vec<(String, String)> {
    let body = source.split_once("pub struct").and_then(|(_, rest)| rest.split_once("\n}")).expect("a struct").0;
    let mut default = None;
    let mut fields = Vec::new();
    for line in body.lines().map(str::trim) {
        if let Some((_, text)) = line.split_once("Default: ") {
            default = Some(text.strip_suffix('.').expect("a full stop after the default").to_owned());
        } else if let Some(field) = line.strip_prefix("pub ") {
            let name = field.split_once(':').expect("a field").0;
            fields.push((name.to_owned(), default.take().unwrap_or_else(|| panic!("{name} documents no default"))));
        }
    }
    fields
}

fn pairs(fields: &[(&str, String)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn time(value: Duration) -> String {
    match value.subsec_millis() {
        0 => format!("{} s", value.as_secs()),
        _ => format!("{} ms", value.as_millis()),
    }
}

fn size(bytes: usize) -> String {
    const MIB: usize = 1024 * 1024;
    if bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { count(bytes) }
}

fn count(n: usize) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", n / 1000, n % 1000) }
}

#[test]
fn timeouts() {
    let Timeouts { call, connect, reply, ping, idle, close, .. } = Timeouts::default();
    let actual = [
        ("call", time(call)),
        ("connect", time(connect)),
        ("reply", time(reply)),
        ("ping", time(ping)),
        ("idle", time(idle)),
        ("close", time(close)),
    ];
    assert_eq!(documented(include_str!("../../core/src/policy/timeouts.rs")), pairs(&actual));
}

#[test]
fn limits() {
    let it = Limits::default();
    let actual = [
        ("message_out", size(it.message_out)),
        ("message_in", size(it.message_in)),
        ("calls", count(it.calls)),
        ("write_buffer", size(it.write_buffer)),
        ("replies", count(it.replies)),
        ("reply_bytes", size(it.reply_bytes)),
        ("events", count(it.events)),
        ("event_bytes", size(it.event_bytes)),
        ("one_way", count(it.one_way)),
        ("one_way_failures", count(it.one_way_failures)),
        ("excerpt", count(it.excerpt)),
    ];
    assert_eq!(documented(include_str!("../../core/src/policy/limits.rs")), pairs(&actual));
}

#[test]
fn backoff() {
    let it = Backoff::default();
    let actual = [
        ("base", time(it.base)),
        ("factor", format!("{:.1}", it.factor)),
        ("cap", time(it.cap)),
        ("hint_cap", time(it.hint_cap)),
    ];
    assert_eq!(documented(include_str!("../../core/src/policy/backoff.rs")), pairs(&actual));
}

#[test]
fn reconnecting() {
    let it = Reconnecting::default();
    assert_eq!(it.backoff, Backoff::default());
    let actual = [("backoff", "that of [`Backoff`]".to_owned()), ("healthy_after", time(it.healthy_after))];
    let source = include_str!("../../core/src/policy/reconnecting.rs");
    let source = &source[..source.find("pub struct Attempts").expect("the struct behind it")];
    assert_eq!(documented(source), pairs(&actual));
}

#[test]
fn retry() {
    let it = Retry::default();
    assert_eq!(it.backoff, Backoff::default());
    let actual = [("attempts", it.attempts.to_string()), ("backoff", "that of [`Backoff`]".to_owned())];
    let source = include_str!("../../core/src/policy/retry.rs");
    let source = &source[source.find("pub struct Retry").expect("the struct")..];
    assert_eq!(documented(source), pairs(&actual));
}

#[test]
fn setters_set_their_own_field() {
    let second = Duration::from_secs(1);
    let timeouts = Timeouts::default()
        .with_call(second * 2)
        .with_connect(second * 3)
        .with_reply(second * 4)
        .with_ping(second * 5)
        .with_idle(second * 6)
        .with_close(second * 7);
    let Timeouts { call, connect, reply, ping, idle, close, .. } = timeouts;
    assert_eq!([call, connect, reply, ping, idle, close], [2, 3, 4, 5, 6, 7].map(Duration::from_secs));

    let limits = Limits::default().with_message_out(1).with_message_in(2).with_calls(3).with_write_buffer(4);
    let limits = limits.with_replies(5).with_events(6).with_one_way(7).with_one_way_failures(8).with_excerpt(9);
    let limits = limits.with_reply_bytes(10).with_event_bytes(11);
    let Limits { message_out, message_in, calls, write_buffer, .. } = limits;
    assert_eq!([message_out, message_in, calls, write_buffer], [1, 2, 3, 4]);
    assert_eq!([limits.replies, limits.events, limits.reply_bytes, limits.event_bytes], [5, 6, 10, 11]);
    assert_eq!([limits.one_way, limits.one_way_failures, limits.excerpt], [7, 8, 9]);

    let backoff = Backoff::default().with_base(second).with_factor(3.0).with_cap(second * 9).with_hint_cap(second * 8);
    assert_eq!((backoff.base, backoff.cap, backoff.hint_cap), (second, second * 9, second * 8));
    assert_eq!(backoff.longest(2), second * 9);

    let retry = Retry::default().with_attempts(7).with_backoff(backoff.clone());
    assert_eq!((retry.attempts, &retry.backoff), (7, &backoff));

    let reconnecting = Reconnecting::default().with_backoff(backoff.clone()).with_healthy_after(second * 8);
    assert_eq!((reconnecting.backoff, reconnecting.healthy_after), (backoff, second * 8));
}
