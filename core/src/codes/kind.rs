//! The kinds of codes, which every service shares.

use super::words::vocabulary;

vocabulary! {
    /// The canonical set of RPC codes (`google.rpc.Code`), all seventeen: one `match` on it serves every service.
    ///
    /// ```
    /// use statuswire::codes::Kind;
    ///
    /// assert_eq!(Kind::NotFound.to_string(), "NOT_FOUND");
    /// assert_eq!("NOT_FOUND".parse(), Ok(Kind::NotFound));
    /// assert_eq!(Kind::NotFound.number(), 5);
    /// assert_eq!(Kind::NotFound.http_status(), 404);
    /// ```
    Kind, "kind" {
        /// No error: the kind of every success and of progress, and of some warnings.
        Ok = "OK",
        /// The caller gave the request up.
        Cancelled = "CANCELLED",
        /// Nothing more is known; also the kind of every unlisted value.
        Unknown = "UNKNOWN",
        /// The request is wrong, whatever the state of the service.
        InvalidArgument = "INVALID_ARGUMENT",
        /// Time ran out; the request may have been carried out.
        DeadlineExceeded = "DEADLINE_EXCEEDED",
        /// The thing that was asked for does not exist.
        NotFound = "NOT_FOUND",
        /// The thing that should be created exists already.
        AlreadyExists = "ALREADY_EXISTS",
        /// The caller is known and is not allowed to do this.
        PermissionDenied = "PERMISSION_DENIED",
        /// A quota, a rate or a resource is used up.
        ResourceExhausted = "RESOURCE_EXHAUSTED",
        /// The service is not in the state that the request needs.
        FailedPrecondition = "FAILED_PRECONDITION",
        /// The request met another one and lost.
        Aborted = "ABORTED",
        /// The request reaches past the end of something.
        OutOfRange = "OUT_OF_RANGE",
        /// The service does not support this.
        Unimplemented = "UNIMPLEMENTED",
        /// The service broke one of its own promises.
        Internal = "INTERNAL",
        /// The service cannot answer now; later it may.
        Unavailable = "UNAVAILABLE",
        /// Data is lost or damaged for good.
        DataLoss = "DATA_LOSS",
        /// The caller is not known, or no longer.
        Unauthenticated = "UNAUTHENTICATED",
    }
}

impl Kind {
    /// Returns the number that `google.rpc.Code` gives it, 0 to 16.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Cancelled => 1,
            Self::Unknown => 2,
            Self::InvalidArgument => 3,
            Self::DeadlineExceeded => 4,
            Self::NotFound => 5,
            Self::AlreadyExists => 6,
            Self::PermissionDenied => 7,
            Self::ResourceExhausted => 8,
            Self::FailedPrecondition => 9,
            Self::Aborted => 10,
            Self::OutOfRange => 11,
            Self::Unimplemented => 12,
            Self::Internal => 13,
            Self::Unavailable => 14,
            Self::DataLoss => 15,
            Self::Unauthenticated => 16,
        }
    }

    /// Returns the kind of a number of `google.rpc.Code`; `None` above 16.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.number() == number)
    }

    /// Returns the HTTP status that `google.rpc.Code` maps it to.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::ResourceExhausted => 429,
            Self::Cancelled => 499,
            Self::Unknown | Self::Internal | Self::DataLoss => 500,
            Self::Unimplemented => 501,
            Self::Unavailable => 503,
            Self::DeadlineExceeded => 504,
        }
    }
}
