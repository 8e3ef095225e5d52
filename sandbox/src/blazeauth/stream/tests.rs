#![allow(clippy::indexing_slicing, reason = "a test fails with a panic")]
use serde_json::json;

use super::*;

const TEN: [u8; 10] = [0x61, 0x62, 0x7d, 0x7b, 0x00, 0xff, 0x20, 0x63, 0x64, 0x65];
const TEN_SUM: &str = "61a003b4394ce412b3ab105f4d8335377702e008380067fe998834dc0589aede";
const EMPTY_SUM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn stream(id: u64, bytes: &'static [u8], start: usize, options: TransferOptions) -> FileStream {
    FileStream::new(id, Content::new(bytes), start, options)
}

fn all(mut stream: FileStream) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(step) = stream.next() {
        steps.push(step);
        assert!(steps.len() < 1000, "a stream without end");
    }
    steps
}

fn binary(json: &str, chunk: &[u8]) -> Step {
    Step::Send([json.as_bytes(), chunk].concat().into())
}

fn text(json: &str) -> Step {
    Step::Send(json.into())
}

/// Splits a frame, by a reader of its own.
fn split(step: &Step) -> (serde_json::Value, Vec<u8>) {
    let bytes = match step {
        Step::Send(Message::Text(text)) => text.as_bytes(),
        Step::Send(Message::Binary(bytes)) => bytes,
        other => panic!("no frame: {other:?}"),
    };
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter();
    let json = values.next().unwrap().unwrap();
    (json, bytes[values.byte_offset()..].to_vec())
}

#[test]
fn the_worked_example_to_the_byte() {
    let two = TransferOptions::new().chunk(6);
    let end = format!(r#"{{"id":40,"status":1,"file_checksum":"{TEN_SUM}","range_checksum":"{TEN_SUM}"}}"#);
    let frames = all(stream(40, &TEN, 0, two));
    assert_eq!(frames, [binary(r#"{"id":40,"file_size":10}"#, &TEN[..6]), binary(&end, &TEN[6..])]);
    let Step::Send(Message::Binary(first)) = &frames[0] else { panic!() };
    let bytes = "7b226964223a34302c2266696c655f73697a65223a31307d61627d7b00ff";
    assert_eq!(first.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), bytes);

    let end = format!(
        r#"{{"id":40,"file_size":10,"status":1,"file_checksum":"{TEN_SUM}","range_checksum":"{}"}}"#,
        "18fd1bfa1685be135597700349e94a7e959d005abcc832d75f2240a5f179ce7d"
    );
    assert_eq!(all(stream(40, &TEN, 4, TransferOptions::new())), [binary(&end, &TEN[4..])]);

    let end =
        format!(r#"{{"id":41,"file_size":0,"status":1,"file_checksum":"{EMPTY_SUM}","range_checksum":"{EMPTY_SUM}"}}"#);
    assert_eq!(all(stream(41, b"", 0, TransferOptions::new())), [text(&end)]);
}

#[test]
fn every_chunk_size_gives_the_same_bytes() {
    for start in 0..TEN.len() {
        for size in 1..12 {
            let frames = all(stream(7, &TEN, start, TransferOptions::new().chunk(size)));
            let parts: Vec<_> = frames.iter().map(split).collect();
            assert_eq!(parts.iter().flat_map(|(_, chunk)| chunk.clone()).collect::<Vec<_>>(), TEN[start..]);
            let sizes = parts.iter().filter(|(json, _)| json.get("file_size") == Some(&json!(10))).count();
            assert_eq!((sizes, parts[0].0.get("file_size").is_some()), (1, true));
            assert!(parts.iter().all(|(json, _)| json["id"] == 7));
            let statuses: Vec<_> = parts.iter().map(|(json, _)| json.get("status").is_some()).collect();
            assert_eq!(statuses.iter().position(|&has| has), Some(parts.len() - 1));
            assert_eq!(frames.len(), (TEN.len() - start).div_ceil(size));
        }
    }
}

#[test]
fn the_checksum_of_the_file_can_be_wrong() {
    let frames = all(stream(1, &TEN, 0, TransferOptions::new().wrong_checksum()));
    let last = split(&frames[0]).0;
    assert_eq!(
        (&last["file_checksum"], &last["range_checksum"]),
        (&json!(TEN_SUM.replacen('6', "0", 1)), &json!(TEN_SUM))
    );
}

#[test]
fn packet_8_ends_it_wherever_it_is() {
    for given in 0..10 {
        let mut stream = stream(5, &TEN, 0, TransferOptions::new().chunk(1));
        for _ in 0..given {
            stream.next();
        }
        stream.stop();
        assert!(!stream.is_ended());
        assert_eq!(stream.next(), Some(text(r#"{"id":5,"status":306}"#)));
        assert!(stream.is_ended() && !stream.is_complete());
        assert_eq!(stream.next(), None);
    }
    let mut finished = stream(5, &TEN, 0, TransferOptions::new());
    finished.next();
    finished.stop();
    assert!(finished.is_complete());
    assert_eq!(finished.next(), None);
}

#[test]
fn interruptions_come_at_their_byte() {
    let at = |at, how| TransferOptions::new().chunk(4).interrupt(at, how);
    let sent = |steps: &[Step]| steps.iter().map(|step| split(step).1.len()).sum::<usize>();
    for offset in 1..=10 {
        for status in [304, 306, 6, 0, 1, 4711] {
            let steps = all(stream(5, &TEN, 0, at(offset, Interruption::Status(status))));
            let (last, before) = steps.split_last().unwrap();
            assert_eq!(*last, text(&format!(r#"{{"id":5,"status":{status}}}"#)));
            assert_eq!(sent(before), offset);
        }
        let close = Interruption::Close { code: 4000, reason: "why".into() };
        let cases = [(Interruption::Drop, Step::Drop), (close, Step::Close { code: 4000, reason: "why".into() })];
        for (how, expected) in cases {
            let steps = all(stream(5, &TEN, 0, at(offset, how.clone())));
            assert_eq!(steps.last(), Some(&expected));
            assert_eq!(sent(&steps[..steps.len() - 1]), offset);
            // Resumed there, it comes through.
            if offset < 10 {
                let resumed = all(stream(5, &TEN, offset, at(offset, how)));
                assert_eq!(
                    (sent(&resumed), split(&resumed[resumed.len() - 1]).0["status"].clone()),
                    (10 - offset, json!(1))
                );
            }
        }
    }
    for unreached in [0, 11, usize::MAX] {
        let steps = all(stream(5, &TEN, 0, at(unreached, Interruption::Drop)));
        assert_eq!(sent(&steps), 10);
    }
}

#[test]
fn silence_lasts_until_packet_8() {
    let mut stream = stream(5, &TEN, 0, TransferOptions::new().interrupt(3, Interruption::Silence));
    assert_eq!(split(&stream.next().unwrap()).1, TEN[..3]);
    assert_eq!((stream.next(), stream.next()), (None, None));
    assert!(!stream.is_ended());
    stream.stop();
    assert_eq!(stream.next(), Some(text(r#"{"id":5,"status":306}"#)));
    assert!(stream.is_ended());
}
