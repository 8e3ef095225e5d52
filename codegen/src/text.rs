//! The texts of tables: short, and many.

use smol_str::SmolStr;
use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt::{self, Debug, Display};
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A text that is not changed, cheap to clone. Up to 23 bytes stand in it, longer ones are shared; a part of a file is shared
/// with the file, whose text it then keeps. A large table has many texts, and a separate allocation for each took a quarter of
/// the time.
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Own(SmolStr),
    Part { whole: Arc<String>, start: u32, length: u32 },
}

/// How many bytes stand in the text itself.
const SHORT: usize = 23;

impl Text {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Own(text) => text,
            Repr::Part { whole, start, length } => &whole[*start as usize..][..*length as usize],
        }
    }

    /// Returns a part of a text. The ends of the range are those of characters.
    pub(crate) fn part(whole: &Arc<String>, range: Range<usize>) -> Self {
        match (u32::try_from(range.start), u32::try_from(range.len())) {
            (Ok(start), Ok(length)) if range.len() > SHORT => Self(Repr::Part { whole: whole.clone(), start, length }),
            _ => whole[range].into(),
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        "".into()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&**self, f)
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&**self, f)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Repr::Own(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Own(text.into()))
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self(Repr::Own(text.into()))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        **self == **other
    }
}

const _: () = assert!(size_of::<Text>() == 24);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Set;

    #[test]
    fn a_part_is_the_same_as_a_copy() {
        let whole = Arc::new("é: The paper tray is empty, and no paper is left in it.".to_owned());
        for range in [0..0, 0..2, 4..4 + SHORT, 4..5 + SHORT, 4..whole.len(), 0..whole.len()] {
            let (part, copy) = (Text::part(&whole, range.clone()), Text::from(&whole[range.clone()]));
            assert_eq!(part, copy, "{range:?}");
            assert_eq!(part.cmp(&copy), Ordering::Equal, "{range:?}");
            assert!(Set::from_iter([copy]).contains(&part), "{range:?}");
            assert_eq!(String::from(part), whole[range]);
        }
    }
}
