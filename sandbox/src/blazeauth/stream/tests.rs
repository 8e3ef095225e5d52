#![allow(clippy::indexing_slicing, reason = "a test fails with a panic")]
use serde_json::json;

use super::super::transfer_options::Checksum;
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
    Step::Binary([json.as_bytes(), chunk].concat())
}

fn text(json: &str) -> Step {
    Step::Text(json.to_owned())
}

/// Splits frames of the default layout, by a reader of its own.
fn split(step: &Step) -> (serde_json::Value, Vec<u8>) {
    let bytes = match step {
        Step::Text(text) => text.as_bytes(),
        Step::Binary(bytes) => bytes,
        other => panic!("no frame: {other:?}"),
    };
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter();
    let json = values.next().unwrap().unwrap();
    (json, bytes[values.byte_offset()..].to_vec())
}

#[test]
fn the_worked_example_to_the_byte() {
    let two = TransferOptions::new().chunks([6]);
    let end = format!(r#"{{"id":40,"status":1,"file_checksum":"{TEN_SUM}","range_checksum":"{TEN_SUM}"}}"#);
    let frames = all(stream(40, &TEN, 0, two));
    assert_eq!(frames, [binary(r#"{"id":40,"file_size":10}"#, &TEN[..6]), binary(&end, &TEN[6..])]);
    let Step::Binary(first) = &frames[0] else { panic!() };
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
            for last_frame in [LastFrame::Natural, LastFrame::Text, LastFrame::Binary] {
                let frames = all(stream(7, &TEN, start, TransferOptions::new().chunk(size).last_frame(last_frame)));
                let parts: Vec<_> = frames.iter().map(split).collect();
                assert_eq!(parts.iter().flat_map(|(_, chunk)| chunk.clone()).collect::<Vec<_>>(), TEN[start..]);
                let sizes = parts.iter().filter(|(json, _)| json.get("file_size") == Some(&json!(10))).count();
                assert_eq!((sizes, parts[0].0.get("file_size").is_some()), (1, true));
                assert!(parts.iter().all(|(json, _)| json["id"] == 7));
                let statuses: Vec<_> = parts.iter().map(|(json, _)| json.get("status").is_some()).collect();
                assert_eq!(statuses.iter().position(|&has| has), Some(parts.len() - 1));
                let chunks = (TEN.len() - start).div_ceil(size);
                let ends_in_text = last_frame == LastFrame::Text;
                assert_eq!(frames.len(), chunks + usize::from(ends_in_text));
                assert_eq!(matches!(frames.last(), Some(Step::Text(_))), ends_in_text);
            }
        }
    }
}

#[test]
fn what_frames_say_can_be_changed() {
    let options = TransferOptions::new()
        .chunks([4, 0])
        .status_in_every_frame(true)
        .chunk_size(ChunkSize::Right)
        .file_size(11)
        .file_checksum(Checksum::Wrong)
        .range_checksum(Checksum::Missing)
        .member("note", json!({"a}": [1]}));
    let wrong = TEN_SUM.replacen('6', "0", 1);
    assert_eq!(
        all(stream(u64::MAX - 1, &TEN, 0, options.clone())),
        [
            binary(
                r#"{"id":18446744073709551614,"file_size":11,"status":0,"chunk_size":4,"note":{"a}":[1]}}"#,
                &TEN[..4]
            ),
            binary(r#"{"id":18446744073709551614,"status":0,"chunk_size":0,"note":{"a}":[1]}}"#, b""),
            binary(
                &format!(
                    r#"{{"id":18446744073709551614,"status":1,"file_checksum":"{wrong}","chunk_size":6,"note":{{"a}}":[1]}}}}"#
                ),
                &TEN[4..]
            ),
        ]
    );
    let lying = options.chunk_size(ChunkSize::OffBy(-5)).range_checksum(Checksum::Text("?".into()));
    let frames = all(stream(1, &TEN, 0, lying));
    assert_eq!(split(&frames[0]).0["chunk_size"], -1);
    assert_eq!(split(&frames[2]).0["range_checksum"], "?");
    let empty = all(stream(1, b"", 0, TransferOptions::new().last_frame(LastFrame::Binary)));
    assert!(matches!(&empty[..], [Step::Binary(_)]), "{empty:?}");
}

#[test]
fn layouts() {
    let json = r#"{"id":1,"file_size":2}"#;
    let cases: [(_, &[u8], &[u8]); 4] = [
        (FrameLayout::Adjacent, b"", b""),
        (FrameLayout::LengthBigEndian, &[0, 0, 0, 22], b""),
        (FrameLayout::LengthLittleEndian, &[22, 0, 0, 0], b""),
        (FrameLayout::Delimiter(b'\n'), b"", b"\n"),
    ];
    for (layout, before, between) in cases {
        let mut stream = stream(1, b" {", 0, TransferOptions::new().chunk(1).layout(layout));
        let expected = [before, json.as_bytes(), between, b" "].concat();
        assert_eq!(stream.next(), Some(Step::Binary(expected)));
    }
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
        let cases = [
            (Interruption::Drop, Step::Drop),
            (close, Step::Close { code: 4000, reason: "why".into() }),
            (Interruption::Text("?".into()), text("?")),
            (Interruption::Binary(vec![7]), Step::Binary(vec![7])),
        ];
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
