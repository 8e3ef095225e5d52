use super::*;
use proptest::prelude::*;
use tempfile::TempDir;

const FILE: &[u8] = b"one file, of which not all is there";

fn sum(bytes: &[u8]) -> Sum {
    Sum::of(bytes)
}

fn chunks(bytes: &[u8], size: usize) -> VecDeque<Bytes> {
    bytes.chunks(size).map(Bytes::copy_from_slice).collect()
}

fn fresh(dir: &TempDir) -> Partial {
    let (partial, prefix) = Partial::open(dir.path(), "file").unwrap();
    assert!(prefix.is_none() && partial.length() == 0);
    assert_eq!(fs::metadata(&partial.part).unwrap().len(), 0);
    partial
}

/// A directory with the first bytes of the file in it.
fn interrupted(length: usize) -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut partial = fresh(&dir);
    partial.append(chunks(&FILE[..length], 3)).unwrap();
    partial.note(FILE.len() as u64, sum(&FILE[..length])).unwrap();
    dir
}

fn names(dir: &TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_complete_file_takes_the_targets_place() {
    let dir = interrupted(10);
    fs::write(dir.path().join("file"), "an older one").unwrap();
    let (mut partial, prefix) = Partial::open(dir.path(), "file").unwrap();
    let prefix = prefix.unwrap();
    assert_eq!((prefix.length, prefix.file_size), (10, FILE.len() as u64));
    assert_eq!(Sum::finish(prefix.hash), sum(&FILE[..10]));
    partial.append(chunks(&FILE[10..], 1)).unwrap();
    assert_eq!(partial.length(), FILE.len() as u64);
    let target = partial.complete().unwrap();
    assert_eq!(fs::read(target).unwrap(), FILE);
    assert_eq!(names(&dir), ["file"]);
}

#[test]
fn what_is_longer_than_known_is_cut_off() {
    let dir = interrupted(10);
    fs::write(dir.path().join(".file.part"), [&FILE[..10], b"?????"].concat()).unwrap();
    let (mut partial, prefix) = Partial::open(dir.path(), "file").unwrap();
    assert_eq!(prefix.unwrap().length, 10);
    partial.append(chunks(&FILE[10..], 7)).unwrap();
    assert_eq!(fs::read(partial.complete().unwrap()).unwrap(), FILE);
}

#[test]
fn anything_odd_starts_over() {
    let odd: [fn(&Path, &Path); 8] = [
        |part, _| fs::write(part, "one fiLe, ").unwrap(),
        |part, _| fs::write(part, &FILE[..9]).unwrap(),
        |part, _| fs::remove_file(part).unwrap(),
        |_, state| fs::remove_file(state).unwrap(),
        |_, state| fs::write(state, "{}").unwrap(),
        |_, state| fs::write(state, vec![b' '; 5000]).unwrap(),
        |_, state| {
            fs::write(state, format!(r#"{{"file_size":9,"length":10,"sha256":"{}"}}"#, sum(&FILE[..10]))).unwrap();
        },
        |_, state| {
            fs::remove_file(state).unwrap();
            fs::create_dir(state).unwrap();
            fs::remove_dir(state).unwrap();
        },
    ];
    for (index, spoil) in odd.iter().enumerate() {
        let dir = interrupted(10);
        spoil(&dir.path().join(".file.part"), &dir.path().join(".file.part.json"));
        let partial = fresh(&dir);
        assert_eq!(names(&dir), [".file.part"], "{index}");
        drop(partial);
        assert!(names(&dir).is_empty(), "{index}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let elsewhere = TempDir::new().unwrap();
    let (secret, absent) = (elsewhere.path().join("secret"), elsewhere.path().join("absent"));
    fs::write(&secret, "untouched").unwrap();
    for aim in [&secret, &absent] {
        let dir = TempDir::new().unwrap();
        for name in [".file.part", ".file.part.json", ".file.part.json.new", "file"] {
            symlink(aim, dir.path().join(name)).unwrap();
        }
        let mut partial = fresh(&dir);
        partial.append(chunks(FILE, 5)).unwrap();
        partial.note(FILE.len() as u64, sum(FILE)).unwrap();
        let target = partial.complete().unwrap();
        assert!(fs::symlink_metadata(&target).unwrap().is_file());
        assert_eq!(fs::read(target).unwrap(), FILE);
        assert_eq!(names(&dir), ["file"]);
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "untouched");
    assert!(!absent.exists());
}

#[test]
fn the_second_at_a_time_is_refused() {
    let dir = TempDir::new().unwrap();
    let first = fresh(&dir);
    let error = Partial::open(dir.path(), "file").unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("another transfer"), "{error}");
    drop(first);
    fresh(&dir);
}

#[test]
fn waiting_for_a_file_that_was_completed_does_not_write_to_it() {
    let dir = TempDir::new().unwrap();
    let mut first = fresh(&dir);
    first.append(chunks(FILE, 5)).unwrap();
    // The file that a second one has open before the first gives it away.
    let stale = File::open(&first.part).unwrap();
    let target = first.complete().unwrap();
    fresh(&dir);
    assert_eq!(fs::read(target).unwrap(), FILE);
    drop(stale);
}

#[test]
fn where_there_can_be_no_file_the_error_says_so() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("file")).unwrap();
    let error = Partial::open(dir.path(), "file").unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("is a directory"), "{error}");

    let error = Partial::open(&dir.path().join("absent"), "file").unwrap_err();
    assert!(matches!(error.cause(), crate::Cause::Io(_)), "{error}");
    assert!(error.to_string().contains("absent"), "{error}");
    assert!(!dir.path().join("absent").exists());

    fs::create_dir(dir.path().join(".other.part")).unwrap();
    let error = Partial::open(dir.path(), "other").unwrap_err();
    assert!(error.to_string().contains(".other.part"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_system_without_fsync_completes_the_file() {
    let dir = TempDir::new().unwrap();
    let mut partial = fresh(&dir);
    partial.append(chunks(FILE, 5)).unwrap();
    // Its fsync fails with EINVAL.
    partial.file = File::open("/dev/null").unwrap();
    assert!(partial.file.sync_all().is_err());
    assert_eq!(fs::read(partial.complete().unwrap()).unwrap(), FILE);
    assert_eq!(names(&dir), ["file"]);
}

#[test]
fn what_is_discarded_leaves_nothing() {
    let dir = interrupted(10);
    let (mut partial, _) = Partial::open(dir.path(), "file").unwrap();
    partial.discard().unwrap();
    assert!(names(&dir).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_number_of_interruptions_makes_the_same_file(
        file in proptest::collection::vec(any::<u8>(), 1..500),
        pieces in proptest::collection::vec((1_usize..60, 1_usize..9, any::<bool>()), 0..20),
    ) {
        let dir = TempDir::new().unwrap();
        let mut known = 0;
        for (length, size, tail) in pieces {
            let (mut partial, prefix) = Partial::open(dir.path(), "file").unwrap();
            prop_assert_eq!(prefix.map_or(0, |prefix| prefix.length), known as u64);
            let end = (known + length).min(file.len());
            partial.append(chunks(&file[known..end], size)).unwrap();
            partial.note(file.len() as u64, sum(&file[..end])).unwrap();
            if tail {
                partial.append(chunks(b"lost", 2)).unwrap();
            }
            known = end;
        }
        let (mut partial, _) = Partial::open(dir.path(), "file").unwrap();
        partial.append(chunks(&file[known..], 100)).unwrap();
        prop_assert_eq!(fs::read(partial.complete().unwrap()).unwrap(), file);
    }
}
