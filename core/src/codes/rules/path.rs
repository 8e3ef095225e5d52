//! Patterns of paths.

/// Does a path match the pattern? In a pattern, `*` stands for one segment and `**` for any number of them. Empty segments,
/// such as the one behind a `/` at the end, and a query make no difference.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let segments = |text| str::split(text, '/').filter(|segment: &&str| !segment.is_empty());
    let (mut wanted, mut given) = (segments(pattern), segments(&path[..end]));
    // What stands behind the last `**`, and the segments from which it may start.
    let mut behind = None;
    loop {
        let rest = given.clone();
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("**"), _) => {
                behind = Some((wanted.clone(), rest.clone()));
                given = rest;
            }
            (Some(segment), Some(other)) if segment == "*" || segment == other => {}
            _ => {
                let Some((pattern, start)) = &mut behind else { return false };
                // The `**` takes one segment more.
                if start.next().is_none() {
                    return false;
                }
                (wanted, given) = (pattern.clone(), start.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;
    use proptest::prelude::*;

    #[test]
    fn a_star_is_a_segment_and_two_are_any_number() {
        for (pattern, path, expected) in [
            ("/user/login", "/user/login", true),
            ("/user/login", "/user/login/?_format=json", true),
            ("/user/login", "/User/login", false),
            ("/user/login", "/user/login/x", false),
            ("/user/login", "/user", false),
            ("/jsonapi/*/*", "/jsonapi/node/article", true),
            ("/jsonapi/*/*", "/jsonapi/node", false),
            ("/jsonapi/*/*", "/jsonapi/node/article/1", false),
            ("/jsonapi/*/*", "/es/jsonapi/node/article", false),
            ("**/jsonapi/*/*", "/es/jsonapi/node/article", true),
            ("**/jsonapi/*/*", "/jsonapi/node/article?x=/a/b", true),
            ("**/jsonapi/*/*", "/jsonapi/jsonapi/a/b", true),
            ("/files/**", "/files", true),
            ("/files/**", "/files/a/b/c", true),
            ("/files/**/x", "/files/a/x/b/x", true),
            ("/files/**/x", "/files/a/x/b", false),
            ("**", "", true),
            ("**/a/**/b/**", "/x/a/y/b/z", true),
            ("**/a/**/b/**", "/x/b/y/a/z", false),
            ("/*", "/", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    proptest! {
        #[test]
        fn any_path_is_compared(pattern in "[/*a日?]{0,12}", path in "[/*a日?]{0,12}") {
            let segments = |text: &str| -> Vec<String> {
                let path = text.split('?').next().unwrap_or_default();
                path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
            };
            let pattern = pattern.replace('?', "");
            prop_assert_eq!(matches(&pattern, &path), matches_by_all_ways(&segments(&pattern), &segments(&path)));
        }
    }

    /// Tries every number of segments for each `**`.
    fn matches_by_all_ways(pattern: &[String], path: &[String]) -> bool {
        match pattern.split_first() {
            None => path.is_empty(),
            Some((first, rest)) if first == "**" => {
                (0..=path.len()).any(|taken| matches_by_all_ways(rest, &path[taken..]))
            }
            Some((first, rest)) => path.split_first().is_some_and(|(segment, others)| {
                (first == "*" || first == segment) && matches_by_all_ways(rest, others)
            }),
        }
    }
}
