//! Fields and what they hold.

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Kind {
    /// The number of the entity or of its revision; the store keeps it.
    Number,
    Uuid,
    Language,
    /// One line of text.
    Line {
        max: usize,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Float,
    Decimal,
    Flag,
    Choice(&'static [&'static str]),
    Link,
    Date,
    DateTime,
    DateRange,
    Telephone,
    Mail,
    /// Formatted text.
    Text,
    TextWithSummary,
    Timestamp,
    Created,
    Changed,
    Path,
    Comments,
    /// The address of a stored file.
    FileUri,
    Password,
    Reference(Target),
    File(FileRule),
    Image(FileRule),
    /// A value of configuration, as it is.
    Plain,
}

/// What a reference leads to.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Target {
    pub(in super::super) entity: &'static str,
    /// Empty: all.
    pub(in super::super) bundles: &'static [&'static str],
}

/// Which files a field takes.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct FileRule {
    pub(in super::super) extensions: &'static [&'static str],
    /// In bytes; 0: no limit.
    pub(in super::super) max_size: usize,
    /// The folder above the month.
    pub(in super::super) folder: &'static str,
}

const FILES: Target = Target { entity: "file", bundles: &["file"] };

/// A field of a type of resources.
#[derive(Clone, Debug)]
pub(in super::super) struct Field {
    pub(in super::super) name: &'static str,
    /// The name in JSON:API.
    pub(in super::super) public: &'static str,
    pub(in super::super) label: &'static str,
    pub(in super::super) kind: Kind,
    /// How many values it holds; 0: any number.
    pub(in super::super) cardinality: usize,
    pub(in super::super) required: bool,
}

impl Field {
    pub(in super::super) fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { name, public: name, label, kind, cardinality: 1, required: false }
    }

    pub(in super::super) fn public(mut self, public: &'static str) -> Self {
        self.public = public;
        self
    }

    pub(in super::super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(in super::super) fn many(mut self, cardinality: usize) -> Self {
        self.cardinality = cardinality;
        self
    }

    pub(in super::super) fn is_multiple(&self) -> bool {
        self.cardinality != 1
    }

    pub(in super::super) fn target(&self) -> Option<Target> {
        match self.kind {
            Kind::Reference(target) => Some(target),
            Kind::File(_) | Kind::Image(_) => Some(FILES),
            _ => None,
        }
    }

    pub(in super::super) fn file_rule(&self) -> Option<FileRule> {
        match self.kind {
            Kind::File(rule) | Kind::Image(rule) => Some(rule),
            _ => None,
        }
    }

    /// The properties of one value. The first is the one that a bare value means.
    pub(in super::super) fn properties(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Link => &["uri", "title", "options"],
            Kind::DateRange => &["value", "end_value"],
            Kind::Text => &["value", "format", "processed"],
            Kind::TextWithSummary => &["value", "format", "processed", "summary"],
            Kind::Path => &["alias", "pid", "langcode"],
            Kind::Comments => {
                &["status", "cid", "last_comment_timestamp", "last_comment_name", "last_comment_uid", "comment_count"]
            }
            Kind::FileUri => &["value", "url"],
            Kind::Reference(_) => &["target_id"],
            Kind::File(_) => &["target_id", "display", "description"],
            Kind::Image(_) => &["target_id", "alt", "title", "width", "height"],
            Kind::Password => &["value", "existing", "pre_hashed"],
            _ => &["value"],
        }
    }

    /// The properties that a client may write.
    pub(in super::super) fn writable(&self) -> Vec<&'static str> {
        self.properties().iter().copied().filter(|name| !["processed", "url"].contains(name)).collect()
    }

    /// The name of the field type, as messages of the server have it.
    pub(in super::super) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Number | Kind::Integer { .. } => "integer",
            Kind::Uuid => "uuid",
            Kind::Language => "language",
            Kind::Line { .. } => "string",
            Kind::Float => "float",
            Kind::Decimal => "decimal",
            Kind::Flag => "boolean",
            Kind::Choice(_) => "list_string",
            Kind::Link => "link",
            Kind::Date | Kind::DateTime => "datetime",
            Kind::DateRange => "daterange",
            Kind::Telephone => "telephone",
            Kind::Mail => "email",
            Kind::Text => "text_long",
            Kind::TextWithSummary => "text_with_summary",
            Kind::Timestamp => "timestamp",
            Kind::Created => "created",
            Kind::Changed => "changed",
            Kind::Path => "path",
            Kind::Comments => "comment",
            Kind::FileUri => "file_uri",
            Kind::Password => "password",
            Kind::Reference(_) => "entity_reference",
            Kind::File(_) => "file",
            Kind::Image(_) => "image",
            Kind::Plain => "map",
        }
    }
}
