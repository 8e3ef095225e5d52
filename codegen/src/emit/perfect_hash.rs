//! Perfect hashes: maps from texts to places, as the crate `phf` reads them.
//!
//! A text belongs to a bucket, and the two displacements of the bucket move its texts to free slots. The largest buckets
//! choose first. A bucket of one text takes any free slot, which is computed: a search for the last free slots would take
//! the longer, the more texts there are.

use super::out::{Out, Write, literal};
use super::texts::Texts;
use phf_shared::Hashes;

/// How many texts a bucket has on average. A larger number saves memory at run time and takes more time here.
const PER_BUCKET: usize = 2;

/// How many neighbouring slots are written at a time: the texts in them fit into the fast memory of the processor.
const PIECE: usize = 4096;

/// Texts and their places in a table.
pub(super) struct Entries {
    texts: Texts,
    places: Vec<usize>,
}

impl Entries {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self { texts: Texts::with_capacity(count), places: Vec::with_capacity(count) }
    }

    pub(super) fn add(&mut self, text: &str, place: usize) {
        self.texts.add(&[text]);
        self.places.push(place);
    }
}

/// Writes a map of entries. Of equal texts the first counts.
pub(super) fn map(out: &mut Out, name: &str, entries: &Entries) {
    let map = PerfectHash::of(&entries.texts);
    let pieces = map.pieces(entries);
    out.open(
        format_args!("static {name}: rt::phf::Map<&'static str, usize> = rt::phf::Map {{"),
        |out| {
            out.line(format_args!("key: {},", map.key));
            out.list("disps: &[", map.displacements.iter().map(|(d1, d2)| ("(", *d1, ", ", *d2, ")")), "],");
            out.list("entries: &[", pieces.iter().flat_map(Piece::entries), "],");
        },
        "};",
    );
    out.blank();
}

/// The entries of neighbouring slots as they are written. The slots are in no order: reading a text for each slot from all
/// the texts of a large table would wait for the memory each time.
struct Piece {
    /// The entries in the order of the table.
    written: String,
    /// Where the entry of each slot stands.
    ranges: Vec<(u32, u32)>,
}

impl Piece {
    fn new(slots: usize) -> Self {
        // Most entries take less than 32 bytes.
        Self { written: String::with_capacity(32 * slots), ranges: vec![(0, 0); slots] }
    }

    fn entries(&self) -> impl Iterator<Item = &str> {
        self.ranges.iter().map(|(start, end)| &self.written[*start as usize..*end as usize])
    }
}

struct PerfectHash {
    /// The key of the hash function.
    key: u64,
    displacements: Vec<(u32, u32)>,
    /// The slot of each entry; [`NO_SLOT`] for one that repeats the text of another one.
    slots: Vec<u32>,
    /// How many slots there are.
    count: u32,
}

const NO_SLOT: u32 = u32::MAX;

impl PerfectHash {
    /// Finds a perfect hash of texts; of equal ones, of the first.
    fn of(texts: &Texts) -> Self {
        let mut key = 0;
        loop {
            // One of the first keys fits.
            match Self::with_key(texts, key) {
                Some(map) => return map,
                None => key += 1,
            }
        }
    }

    fn with_key(texts: &Texts, key: u64) -> Option<Self> {
        let buckets = Buckets::of(texts, key);
        let count = u32::try_from(buckets.texts()).ok()?;
        let mut map =
            Self { key, displacements: vec![(0, 0); buckets.count()], slots: vec![NO_SLOT; texts.len()], count };
        let mut free = FreeSlots::new(count);
        let mut chosen = Vec::with_capacity(texts.len().min(64));
        for bucket in buckets.largest_first() {
            let members = buckets.members(bucket);
            chosen.clear();
            map.displacements[bucket] = match *members {
                [Member { f2, .. }] => {
                    let slot = free.first()?;
                    chosen.push(slot);
                    (0, slot.wrapping_sub(f2))
                }
                _ => pairs(&free, members).find(|pair| {
                    chosen.clear();
                    members.iter().all(|member| {
                        let slot = member.slot(*pair, count);
                        let is_new = !chosen.contains(&slot);
                        chosen.push(slot);
                        is_new
                    })
                })?,
            };
            for (slot, member) in chosen.iter().zip(members) {
                free.take(*slot);
                map.slots[member.entry as usize] = *slot;
            }
        }
        Some(map)
    }

    /// Writes the entries by their slots.
    fn pieces(&self, entries: &Entries) -> Vec<Piece> {
        let count = self.count as usize;
        let piece = |start| Piece::new(PIECE.min(count - start));
        let mut pieces: Vec<_> = (0..count).step_by(PIECE).map(piece).collect();
        let entries = entries.texts.iter().zip(&entries.places).zip(&self.slots);
        for ((text, place), slot) in entries.filter(|(_, slot)| **slot != NO_SLOT) {
            let Piece { written, ranges } = &mut pieces[*slot as usize / PIECE];
            let start = written.len() as u32;
            ("(", literal(text), ", ", *place, ")").write(written);
            ranges[*slot as usize % PIECE] = (start, written.len() as u32);
        }
        pieces
    }
}

/// Returns the displacements that move each member to a free slot, the small ones first. The second displacement moves all
/// members alike, so that 64 of them are tried at once: the last ones are found after thousands.
fn pairs(free: &FreeSlots, members: &[Member]) -> impl Iterator<Item = (u32, u32)> {
    let fits = move |d1, d2| {
        members
            .iter()
            .fold(u64::MAX, |fits, member| fits & free.from(phf_shared::displace(member.f1, member.f2, d1, d2)))
    };
    (0..free.count).flat_map(move |d1| {
        let starts = (0..free.count).step_by(64);
        starts
            .flat_map(move |start| ones(fits(d1, start)).map(move |at| (d1, start + at)))
            .filter(|(_, d2)| *d2 < free.count)
    })
}

/// Returns the places of the bits that are set.
fn ones(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let first = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (first < 64).then_some(first)
    })
}

/// An entry of a bucket, and what of its hash decides its slot.
#[derive(Clone, Copy, Default)]
struct Member {
    entry: u32,
    f1: u32,
    f2: u32,
}

impl Member {
    fn slot(self, (d1, d2): (u32, u32), count: u32) -> u32 {
        phf_shared::displace(self.f1, self.f2, d1, d2) % count
    }
}

/// The entries by their buckets. All numbers are small: the buckets are found in no order, and so are the members, so that
/// these must fit into the fast memory of the processor.
struct Buckets {
    /// The entries of the first bucket, then those of the second, and so on.
    members: Vec<Member>,
    /// Where each bucket starts and ends. Behind its end are as many unused members as it had equal texts.
    ranges: Vec<(u32, u32)>,
}

impl Buckets {
    fn of(texts: &Texts, key: u64) -> Self {
        let count = texts.len().div_ceil(PER_BUCKET);
        let hashes: Vec<_> = texts.iter().map(|text| phf_shared::hash(text, &key)).collect();
        let bucket = |hashes: &Hashes| hashes.g as usize % count;
        let mut ranges = vec![(0, 0); count];
        hashes.iter().for_each(|hashes| ranges[bucket(hashes)].1 += 1);
        let mut start = 0;
        for range in &mut ranges {
            let end = start + range.1;
            *range = (start, start);
            start = end;
        }
        let mut members = vec![Member::default(); hashes.len()];
        for (entry, (hashes, text)) in (0..).zip(hashes.iter().zip(texts.iter())) {
            let (start, end) = &mut ranges[bucket(hashes)];
            let (f1, f2) = (hashes.f1, hashes.f2);
            let is_equal = |other: &Member| (other.f1, other.f2) == (f1, f2) && texts.get(other.entry as usize) == text;
            if !members[*start as usize..*end as usize].iter().any(is_equal) {
                members[*end as usize] = Member { entry, f1, f2 };
                *end += 1;
            }
        }
        Self { members, ranges }
    }

    fn count(&self) -> usize {
        self.ranges.len()
    }

    /// Returns the number of different texts.
    fn texts(&self) -> usize {
        self.ranges.iter().map(|(start, end)| (end - start) as usize).sum()
    }

    /// Returns the buckets that have members.
    fn largest_first(&self) -> impl Iterator<Item = usize> {
        let mut by_size = Vec::<Vec<usize>>::new();
        for bucket in 0..self.count() {
            let size = self.members(bucket).len();
            if by_size.len() <= size {
                by_size.resize(size + 1, Vec::new());
            }
            by_size[size].push(bucket);
        }
        by_size.into_iter().skip(1).rev().flatten()
    }

    fn members(&self, bucket: usize) -> &[Member] {
        let (start, end) = self.ranges[bucket];
        &self.members[start as usize..end as usize]
    }
}

/// The slots that no text has, as bits: they stay in the fast memory of the processor.
struct FreeSlots {
    count: u32,
    words: Vec<u64>,
    /// Words before this one have no free slot.
    first: usize,
}

impl FreeSlots {
    fn new(count: u32) -> Self {
        let mut words = vec![u64::MAX; (count as usize).div_ceil(64)];
        if let Some(last) = words.last_mut().filter(|_| !count.is_multiple_of(64)) {
            *last = (1 << (count % 64)) - 1;
        }
        Self { count, words, first: 0 }
    }

    /// Returns which of 64 numbers in sequence lead to a free slot.
    fn from(&self, number: u32) -> u64 {
        let slot = number % self.count;
        if slot.saturating_add(128) > self.count || number > u32::MAX - 64 {
            let has = |slot: u32| self.words[slot as usize / 64] >> (slot % 64) & 1;
            return (0..64).fold(0, |bits, at| bits | has(number.wrapping_add(at) % self.count) << at);
        }
        let (word, bit) = (slot as usize / 64, slot % 64);
        // Two shifts: one by 64 bits would overflow.
        self.words[word] >> bit | self.words[word + 1] << 1 << (63 - bit)
    }

    fn take(&mut self, slot: u32) {
        self.words[slot as usize / 64] &= !(1 << (slot % 64));
    }

    fn first(&mut self) -> Option<u32> {
        while *self.words.get(self.first)? == 0 {
            self.first += 1;
        }
        u32::try_from(self.first * 64).ok().map(|start| start + self.words[self.first].trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(texts: &[&str]) -> Entries {
        let mut entries = Entries::with_capacity(texts.len());
        texts.iter().zip(0..).for_each(|(text, place)| entries.add(text, place));
        entries
    }

    /// Returns what is written for each slot.
    fn slots(map: &PerfectHash, entries: &Entries) -> Vec<String> {
        map.pieces(entries).iter().flat_map(Piece::entries).map(str::to_owned).collect()
    }

    #[test]
    fn of_equal_texts_the_first_counts() {
        let entries = entries(&["Reserved", "Busy", "Reserved", "Reserved"]);
        let mut slots = slots(&PerfectHash::of(&entries.texts), &entries);
        slots.sort_unstable();
        assert_eq!(slots, ["(\"Busy\", 1)", "(\"Reserved\", 0)"]);
    }

    #[test]
    fn every_text_finds_its_place() {
        for count in [0, 1, 2, 3, 63, 64, 65, 5_000] {
            let texts: Vec<_> = (0..count).map(|number| format!("NAME_{number}")).collect();
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            let entries = entries(&texts);
            let map = PerfectHash::of(&entries.texts);
            let slots = slots(&map, &entries);
            for (place, text) in texts.into_iter().enumerate() {
                let hashes = phf_shared::hash(text, &map.key);
                let slot = phf_shared::get_index(&hashes, &map.displacements, slots.len());
                assert_eq!(slots[slot as usize], format!("({text:?}, {place})"));
            }
        }
    }

    #[test]
    fn slots_are_tried_64_at_once() {
        for count in [1, 2, 63, 64, 65, 127, 128, 129, 1_000] {
            let mut free = FreeSlots::new(count);
            (0..count).step_by(3).for_each(|slot| free.take(slot));
            for number in (0..2 * count).chain(u32::MAX - 200..=u32::MAX) {
                let is_free = |at: &u32| number.wrapping_add(*at) % count % 3 != 0;
                assert!(ones(free.from(number)).eq((0..64).filter(is_free)), "{number} of {count}");
            }
        }
    }
}
