//! JSON as text: where something is in it, and what the server would not keep.

mod check;
mod place;
mod token;

pub(super) use check::{Fault, check};
pub(super) use place::{Step, path, steps};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_that_is_no_json_does_no_harm(text in r#"([\[\]{}":,\\ue0-9\-\. nté]|\PC)*"#) {
            let _ = check(&text);
            prop_assert!(path(&steps(&text)).starts_with('$'));
        }

        #[test]
        fn what_serde_json_writes_passes(numbers: (i64, u64, f32), text: String) {
            prop_assume!(numbers.2.is_finite());
            let json = serde_json::json!({ &text: [numbers, text], "other": { &text: null } });
            prop_assert_eq!(check(&json.to_string()), Ok(()));
        }
    }
}
