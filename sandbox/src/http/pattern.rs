//! Patterns: which requests are meant.

/// A method, or all of them, and a path with placeholders.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) method: Option<String>,
    /// Without the slash at its beginning.
    path: String,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let (method, path) = match text.trim().split_once(' ') {
            Some((method, path)) => (Some(method.to_ascii_uppercase()), path.trim_start()),
            None => (None, text.trim()),
        };
        Self { method, path: path.strip_prefix('/').unwrap_or(path).to_owned() }
    }

    pub(super) fn fits(&self, method: &str, path: &str) -> bool {
        self.fits_method(method) && self.params(path).is_some()
    }

    pub(super) fn fits_method(&self, method: &str) -> bool {
        self.method.as_deref().is_none_or(|expected| expected == method)
    }

    /// Returns the segments that stand for placeholders, with their names; `None` if the path does not fit.
    pub(super) fn params<'a>(&'a self, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
        let mut params = Vec::new();
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        let mut expected = self.path.split('/').peekable();
        while let Some(pattern) = expected.next() {
            let segment = segments.next()?;
            if pattern == "*" && expected.peek().is_none() {
                return Some(params);
            }
            match pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if !segment.is_empty() => params.push((name, segment)),
                None if pattern == segment => {}
                _ => return None,
            }
        }
        segments.next().is_none().then_some(params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let fits = |pattern, method, path| Pattern::new(pattern).fits(method, path);
        for (pattern, method, path) in [
            ("GET /a", "GET", "/a"),
            ("get a", "GET", "/a"),
            ("/", "GET", "/"),
            ("/a/{b}/c", "PUT", "/a/%2F/c"),
            ("/a/*", "GET", "/a/"),
            ("/a/*", "GET", "/a/b/c"),
            ("*", "OPTIONS", "*"),
            ("/*", "GET", "/"),
            ("/*/b", "GET", "/*/b"),
        ] {
            assert!(fits(pattern, method, path), "{pattern} {method} {path}");
        }
        for (pattern, method, path) in [
            ("GET /a", "HEAD", "/a"),
            ("/a", "GET", "/a/"),
            ("/a", "GET", "/ab"),
            ("/a/{b}", "GET", "/a/"),
            ("/a/{b}", "GET", "/a/b/c"),
            ("/a/*", "GET", "/a"),
            ("/*/b", "GET", "/a/b"),
        ] {
            assert!(!fits(pattern, method, path), "{pattern} {method} {path}");
        }
        assert_eq!(Pattern::new("/{a}/x/{b}/*").params("/1/x/2/3"), Some(vec![("a", "1"), ("b", "2")]));
    }
}
