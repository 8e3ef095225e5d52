//! What would be published: licences, addresses, links and features.

use crate::sources::{ROOT, sources, text};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const REPOSITORY: &str = "https://github.com/statuswire/statuswire";

/// The packages and their directories.
const PACKAGES: [(&str, &str); 4] = [
    ("statuswire", ""),
    ("statuswire-codegen", "codegen/"),
    ("statuswire-core", "core/"),
    ("statuswire-sandbox", "sandbox/"),
];

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The manifest of a package, with inherited values.
fn manifest(package: &str) -> Value {
    let metadata = cargo(&["metadata", "--offline", "--no-deps", "--format-version", "1"]);
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array_mut().unwrap();
    packages.iter_mut().find(|manifest| manifest["name"] == package).unwrap().take()
}

#[test]
fn packages_carry_their_licences() {
    for (package, dir) in PACKAGES {
        let listed = cargo(&["package", "--list", "--offline", "--allow-dirty", "--package", package]);
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs"] {
            assert!(listed.lines().any(|listed| listed == file), "{package} lacks {file}:\n{listed}");
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            assert!(text(&format!("{dir}{licence}")) == text(licence), "{package}: another {licence}");
        }
    }
}

#[test]
fn packages_tell_where_they_are_from() {
    for (package, _) in PACKAGES {
        let manifest = manifest(package);
        assert_eq!(manifest["repository"], REPOSITORY, "{package}");
        assert_eq!(manifest["documentation"], format!("https://docs.rs/{package}"));
        assert_eq!(manifest["license"], "MIT OR Apache-2.0", "{package}");
    }
}

/// The targets of the links in a Markdown page, without its code blocks.
fn links(page: &str) -> Vec<&str> {
    let prose = page.split("```").step_by(2);
    let lines = prose.flat_map(str::lines);
    lines
        .flat_map(|line| {
            let definition = line.strip_prefix('[').and_then(|line| line.split_once("]: ")).map(|(_, target)| target);
            let inline = line.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
            definition.into_iter().chain(inline)
        })
        .collect()
}

/// A registry shows a README where a relative link leads nowhere.
#[test]
fn links_work_outside_the_repository() {
    for (package, dir) in PACKAGES {
        let page = text(&format!("{dir}README.md"));
        for target in links(&page) {
            let in_repository = ["/blob/main/", "/tree/main/"]
                .iter()
                .find_map(|kind| target.strip_prefix(REPOSITORY).and_then(|path| path.strip_prefix(kind)));
            match in_repository {
                Some(path) => assert!(Path::new(ROOT).join(path).exists(), "{package}: {target} is not there"),
                None => assert!(target.starts_with("https://") || target.starts_with('#'), "{package}: {target}"),
            }
        }
    }
    assert!(links(&text("README.md")).len() > 10);
}

#[test]
fn every_feature_has_an_interface_and_is_explained() {
    let manifest = manifest("statuswire");
    let features = manifest["features"].as_object().unwrap();
    let sources = sources();
    for feature in features.keys().filter(|feature| *feature != "default") {
        for page in ["README.md", "src/lib.rs"] {
            let quoted = format!("`{feature}`");
            let is_explained = text(page).lines().any(|line| {
                line.trim_start_matches("//! ")
                    .strip_prefix("| ")
                    .is_some_and(|row| row.split(" |").next().unwrap().contains(&quoted))
            });
            assert!(is_explained, "{page} does not explain the feature {feature}");
        }
        let mark = format!("feature = \"{feature}\"");
        let of_statuswire = |file: &str| file.starts_with("src/") || file.starts_with("core/src/");
        let is_used = sources.iter().any(|(file, source)| of_statuswire(file) && source.contains(&mark));
        assert!(is_used || feature == "full", "the feature {feature} brings nothing");
    }
}
