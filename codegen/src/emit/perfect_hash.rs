//! Perfect hashes: maps from texts to places, as the crate `phf` reads them.
//!
//! A text belongs to a bucket, and the two displacements of the bucket move its texts to free slots. The largest buckets
//! choose first. A bucket of one text takes any free slot, which is computed: a search for the last free slots would take
//! the longer, the more texts there are.

use super::out::{Out, Write, literal};
use phf_shared::Hashes;

/// How many texts a bucket has on average. A larger number saves memory at run time and takes more time here.
const PER_BUCKET: usize = 2;

/// Writes a map from texts to places in a table. Of equal texts the first counts.
pub(super) fn map(out: &mut Out, name: &str, entries: &[(&str, usize)]) {
    let map = PerfectHash::of(entries);
    // The slots are in no order: what stands in them is written in the order of the table, and copied from one place.
    let (mut written, mut ends) = (String::new(), vec![0]);
    for (text, place) in entries {
        ("(", literal(text), ", ", *place, ")").write(&mut written);
        ends.push(written.len());
    }
    out.open(
        format_args!("static {name}: rt::phf::Map<&'static str, usize> = rt::phf::Map {{"),
        |out| {
            out.line(format_args!("key: {},", map.key));
            out.list("disps: &[", map.displacements.iter().map(|(d1, d2)| ("(", *d1, ", ", *d2, ")")), "],");
            let slots = map.slots.iter().map(|slot| *slot as usize);
            out.list("entries: &[", slots.map(|entry| &written[ends[entry]..ends[entry + 1]]), "],");
        },
        "};",
    );
    out.blank();
}

struct PerfectHash {
    /// The key of the hash function.
    key: u64,
    displacements: Vec<(u32, u32)>,
    /// Which entry is in each slot.
    slots: Vec<u32>,
}

impl PerfectHash {
    /// Finds a perfect hash of texts; of equal ones, of the first.
    fn of(entries: &[(&str, usize)]) -> Self {
        let mut key = 0;
        loop {
            // One of the first keys fits.
            match Self::with_key(entries, key) {
                Some(map) => return map,
                None => key += 1,
            }
        }
    }

    fn with_key(entries: &[(&str, usize)], key: u64) -> Option<Self> {
        let buckets = Buckets::of(entries, key);
        let count = u32::try_from(buckets.texts()).ok()?;
        let mut map = Self { key, displacements: vec![(0, 0); buckets.count()], slots: vec![0; buckets.texts()] };
        let mut free = FreeSlots::new(count);
        let mut chosen = Vec::with_capacity(entries.len().min(64));
        for bucket in buckets.largest_first() {
            let members = buckets.members(bucket);
            chosen.clear();
            map.displacements[bucket] = match *members {
                [Member { f2, .. }] => {
                    let slot = free.first()?;
                    chosen.push(slot);
                    (0, slot.wrapping_sub(f2))
                }
                _ => pairs(count).find(|pair| {
                    chosen.clear();
                    members.iter().all(|member| {
                        let slot = member.slot(*pair, count);
                        let is_free = free.has(slot) && !chosen.contains(&slot);
                        chosen.push(slot);
                        is_free
                    })
                })?,
            };
            for (slot, member) in chosen.iter().zip(members) {
                free.take(*slot);
                map.slots[*slot as usize] = member.entry;
            }
        }
        Some(map)
    }
}

/// Returns all displacements, the small ones first.
fn pairs(count: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..count).flat_map(move |d1| (0..count).map(move |d2| (d1, d2)))
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

/// The entries by their buckets.
struct Buckets {
    /// The entries of the first bucket, then those of the second, and so on.
    members: Vec<Member>,
    /// Where each bucket starts and ends. Behind its end are as many unused members as it had equal texts.
    ranges: Vec<(usize, usize)>,
}

impl Buckets {
    fn of(entries: &[(&str, usize)], key: u64) -> Self {
        let count = entries.len().div_ceil(PER_BUCKET);
        let hashes: Vec<_> = entries.iter().map(|(text, _)| phf_shared::hash(text, &key)).collect();
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
        for (entry, (hashes, (text, _))) in (0..).zip(hashes.iter().zip(entries)) {
            let (start, end) = &mut ranges[bucket(hashes)];
            let (f1, f2) = (hashes.f1, hashes.f2);
            let is_equal =
                |other: &Member| (other.f1, other.f2) == (f1, f2) && entries[other.entry as usize].0 == *text;
            if !members[*start..*end].iter().any(is_equal) {
                members[*end] = Member { entry, f1, f2 };
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
        self.ranges.iter().map(|(start, end)| end - start).sum()
    }

    /// Returns the buckets that have members.
    fn largest_first(&self) -> impl Iterator<Item = usize> {
        let size = |bucket: usize| self.members(bucket).len();
        let sizes = 1..=(0..self.count()).map(size).max().unwrap_or(0);
        sizes.rev().flat_map(move |of| (0..self.count()).filter(move |bucket| size(*bucket) == of))
    }

    fn members(&self, bucket: usize) -> &[Member] {
        let (start, end) = self.ranges[bucket];
        &self.members[start..end]
    }
}

/// The slots that no text has, as bits: they stay in the fast memory of the processor.
struct FreeSlots {
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
        Self { words, first: 0 }
    }

    fn has(&self, slot: u32) -> bool {
        self.words[slot as usize / 64] >> (slot % 64) & 1 == 1
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
    use super::PerfectHash;

    #[test]
    fn of_equal_texts_the_first_counts() {
        let map = PerfectHash::of(&[("Reserved", 0), ("Busy", 1), ("Reserved", 2), ("Reserved", 3)]);
        let mut slots = map.slots;
        slots.sort_unstable();
        assert_eq!(slots, [0, 1]);
    }

    #[test]
    fn every_text_finds_its_place() {
        for count in [0, 1, 2, 3, 63, 64, 65, 5_000] {
            let texts: Vec<_> = (0..count).map(|number| format!("NAME_{number}")).collect();
            let entries: Vec<_> = texts.iter().map(String::as_str).zip(0..).collect();
            let map = PerfectHash::of(&entries);
            for (text, place) in &entries {
                let hashes = phf_shared::hash(text, &map.key);
                let slot = phf_shared::get_index(&hashes, &map.displacements, count);
                assert_eq!(map.slots[slot as usize] as usize, *place, "{text} of {count}");
            }
        }
    }
}
