//! Whether a terminal shows what is typed.

/// The settings of the terminal at standard input.
#[cfg(unix)]
pub(crate) struct Echo(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Echo {
    pub(crate) fn now() -> Self {
        Self(rustix::termios::tcgetattr(std::io::stdin()).ok())
    }

    /// Sets the terminal to them again.
    pub(crate) fn restore(&self) {
        if let Some(settings) = &self.0 {
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Flush, settings);
        }
    }
}

/// Windows keeps no such settings for a program that reads key by key.
#[cfg(not(unix))]
pub(crate) struct Echo;

#[cfg(not(unix))]
impl Echo {
    pub(crate) fn now() -> Self {
        Self
    }

    pub(crate) fn restore(&self) {}
}
