//! The words that a table may use for what its codes mean.

use std::fmt;

/// A set of words.
pub(crate) trait Vocabulary: Copy + fmt::Display + 'static {
    const WORDS: &'static [Self];

    fn from_word(word: &str) -> Option<Self>;
}

/// Returns all words with commas between them.
pub(crate) fn all_words<T: Vocabulary>() -> String {
    T::WORDS.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// All words.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the word as tables write it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Finds a word. Case matters.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }

        impl Vocabulary for $name {
            const WORDS: &'static [Self] = Self::ALL;

            fn from_word(word: &str) -> Option<Self> {
                Self::from_word(word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

vocabulary! {
    /// What a code means in the canonical set of RPC codes (google.rpc.Code).
    Kind {
        /// No error.
        Ok = "OK",
        /// The caller gave up.
        Cancelled = "CANCELLED",
        /// Nothing more is known.
        Unknown = "UNKNOWN",
        /// The request is wrong, whatever the state of the system.
        InvalidArgument = "INVALID_ARGUMENT",
        /// Time ran out.
        DeadlineExceeded = "DEADLINE_EXCEEDED",
        /// The thing that was asked for does not exist.
        NotFound = "NOT_FOUND",
        /// The thing that should be created exists already.
        AlreadyExists = "ALREADY_EXISTS",
        /// The caller is known and is not allowed to do this.
        PermissionDenied = "PERMISSION_DENIED",
        /// A quota or a resource is used up.
        ResourceExhausted = "RESOURCE_EXHAUSTED",
        /// The system is not in the state that the request needs.
        FailedPrecondition = "FAILED_PRECONDITION",
        /// A conflict with another request.
        Aborted = "ABORTED",
        /// Past the valid range.
        OutOfRange = "OUT_OF_RANGE",
        /// Not supported here.
        Unimplemented = "UNIMPLEMENTED",
        /// The service broke one of its own promises.
        Internal = "INTERNAL",
        /// The service cannot answer now.
        Unavailable = "UNAVAILABLE",
        /// Data is lost or damaged.
        DataLoss = "DATA_LOSS",
        /// The caller is not known.
        Unauthenticated = "UNAUTHENTICATED",
    }
}

vocabulary! {
    /// What a status says about its command.
    Outcome {
        /// It was carried out.
        Success = "success",
        /// It runs; another status follows.
        Progress = "progress",
        /// It was carried out, and the caller should know something about it.
        Warning = "warning",
        /// It was not carried out.
        Error = "error",
    }
}

vocabulary! {
    /// What helps.
    Recovery {
        /// Nothing helps, or nothing is needed.
        Nothing = "nothing",
        /// Another request.
        Correct = "correct",
        /// The same request, later.
        Wait = "wait",
        /// A new connection.
        Reconnect = "reconnect",
        /// New credentials or a new session.
        LogIn = "log-in",
        /// The people who run the service.
        AskOperator = "ask-operator",
    }
}

vocabulary! {
    /// Who raises a code.
    Origin {
        /// The service.
        Server = "server",
        /// The client's own library.
        Client = "client",
        /// The service defines it and never sends it.
        Reserved = "reserved",
    }
}

vocabulary! {
    /// What a hole in a template holds.
    Hole {
        /// An unsigned integer of 32 bits.
        U32 = "u32",
        /// An unsigned integer of 64 bits.
        U64 = "u64",
        /// A signed integer of 64 bits.
        I64 = "i64",
        /// Any text that is not empty.
        Text = "text",
    }
}

vocabulary! {
    /// The key of a word: the header of a column, or a key of the front matter.
    Key {
        /// A name of a code, a part or a table.
        Name = "name",
        /// What people call the service.
        Title = "title",
        /// The type on the wire.
        Repr = "repr",
        /// Where the table was read.
        Source = "source",
        /// Which revision or date of the source was read.
        Revision = "revision",
        /// The word that the tables of several generations of one service share.
        Family = "family",
        /// The members of a JSON object that carry the code.
        Members = "members",
        /// The number of digits of a part.
        Digits = "digits",
        /// The heading of a row, in formats without headings.
        Group = "group",
        /// A value, or two with `-` between them for a range.
        Value = "value",
        /// What a code means, in a sentence.
        Meaning = "meaning",
        /// The kind, in the spelling of google.rpc.
        Kind = "kind",
        /// The outcome.
        Outcome = "outcome",
        /// The recovery.
        Recovery = "recovery",
        /// The origin.
        Origin = "origin",
        /// The HTTP status, if it is not the kind's.
        Http = "http",
        /// Other names of a code.
        Aliases = "aliases",
        /// The reasons of a close, as templates.
        Reasons = "reasons",
        /// The commands that answer with a code.
        Commands = "commands",
        /// The version of the service that introduced a code.
        Since = "since",
        /// Why a code should not be used any more.
        Deprecated = "deprecated",
    }
}

impl Key {
    /// The keys of a table's head.
    pub(crate) const HEAD: &'static [Self] =
        &[Self::Name, Self::Title, Self::Repr, Self::Source, Self::Revision, Self::Family, Self::Members];
    /// The keys of a part.
    pub(crate) const PART: &'static [Self] = &[Self::Name, Self::Digits];
    /// The keys of a classification: columns of a row, and keys of the defaults.
    pub(crate) const CLASSIFICATION: &'static [Self] =
        &[Self::Kind, Self::Outcome, Self::Recovery, Self::Origin, Self::Http];

    /// Is this the header of a column?
    pub(crate) fn is_column(self) -> bool {
        matches!(self, Self::Name | Self::Value | Self::Meaning) || self.is_classified()
    }

    /// Is it a column that only tables of codes have?
    pub(crate) fn is_classified(self) -> bool {
        Self::CLASSIFICATION.contains(&self)
            || matches!(self, Self::Aliases | Self::Reasons | Self::Commands | Self::Since | Self::Deprecated)
    }

    /// Are its words written with commas between them? Reasons may have commas of their own.
    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::Members | Self::Aliases | Self::Commands)
    }
}

impl Kind {
    /// Returns the outcome of a code of this kind, unless its table says otherwise.
    #[must_use]
    pub const fn usual_outcome(self) -> Outcome {
        match self {
            Self::Ok => Outcome::Success,
            _ => Outcome::Error,
        }
    }

    /// Returns the recovery for a code of this kind, unless its table says otherwise.
    #[must_use]
    pub const fn usual_recovery(self) -> Recovery {
        match self {
            Self::Ok | Self::Cancelled => Recovery::Nothing,
            Self::InvalidArgument
            | Self::NotFound
            | Self::AlreadyExists
            | Self::FailedPrecondition
            | Self::OutOfRange
            | Self::Unimplemented => Recovery::Correct,
            Self::DeadlineExceeded | Self::ResourceExhausted | Self::Aborted | Self::Unavailable => Recovery::Wait,
            Self::Unauthenticated => Recovery::LogIn,
            Self::PermissionDenied | Self::Unknown | Self::Internal | Self::DataLoss => Recovery::AskOperator,
        }
    }
}
