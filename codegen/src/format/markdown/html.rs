//! Tags of HTML, and components of documentation sites.

/// The tags that cells and headings of pages have. What else looks like a tag may be text, such as the parameter of a type.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "nobr",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// A tag at the start of a text.
pub(super) struct Tag<'t> {
    pub(super) name: &'t str,
    pub(super) is_closing: bool,
    /// How long it is.
    pub(super) length: usize,
    /// Whether it is markup; otherwise it may be text.
    pub(super) is_markup: bool,
}

/// Reads a tag: `<br/>`, `</a>`, `<Badge type="tip" />`.
pub(super) fn tag(text: &str) -> Option<Tag<'_>> {
    let inner = text.strip_prefix('<')?;
    let is_closing = inner.starts_with('/');
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    let end =
        inner.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':'))).unwrap_or(inner.len());
    let name = &inner[..end];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let rest = &inner[end..];
    let closed = end_of_attributes(rest)?;
    let attributes = rest[..closed].trim();
    let is_known = TAGS.contains(&name.to_ascii_lowercase().as_str());
    let is_markup = is_known || attributes == "/" || attributes.contains('=') || (is_closing && name.len() > 1);
    let length = text.len() - rest.len() + closed + 1;
    Some(Tag { name, is_closing, length, is_markup })
}

/// Returns where the `>` stands. It may stand inside of quotes too.
fn end_of_attributes(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '<' | '|') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}
